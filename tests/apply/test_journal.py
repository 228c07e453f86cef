"""The journal on the disk: whole lines count, half a line does not, and nobody else's file is touched."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from todoku.apply.journal import Before, Journal, Line, beside, entries_in
from todoku.words.change import Irreversible, RecordSet, RecordSetChange, SesCall
from todoku.words.errors import UsageError
from todoku.words.verdict import Text

AT = "2026-11-24T09:00:00+00:00"
CHANGE = RecordSetChange(RecordSet("_dmarc.example.com", "TXT"), ("v=DMARC1; p=none",))
CALL = SesCall("CreateEmailIdentity", {"EmailIdentity": "example.com"}, "eu-west-1")
BEFORE = (Before("spf", "gmail", "unknown", "spf-elsewhere", "not-asked"), Before("dkim", "yahoo", "fail", "dkim-none"))


def written(path: Path, *lines: Line, plan: str = "plan") -> None:
    with Journal(path, plan) as journal:
        if journal.is_new:
            journal.begin(BEFORE)
        for line in lines:
            journal.append(line)


def line(step: str, state: str, what: RecordSetChange | SesCall | None = None, **more: object) -> Line:
    return Line(step=step, state=state, at=AT, what=what, **more)


def states(path: Path) -> dict[str, str]:
    return {entry.step: entry.state for entry in entries_in(path, "plan")}


def test_it_is_beside_the_plan():
    assert beside(Path("a/plan.json")) == Path("a/plan.journal")
    assert beside(Path("a/plan.journal")) == Path("a/plan.journal.journal")
    assert beside(Path("a/plan")) == Path("a/plan.journal")


def test_it_is_beside_the_plan_that_a_link_leads_to(tmp_path):
    """Or else what was done by the one name could not be undone by the other, and two could be at it at once."""
    (tmp_path / "real").mkdir()
    plan, link = tmp_path / "real" / "plan.json", tmp_path / "link.json"
    plan.touch()
    link.symlink_to(plan)
    assert beside(link) == beside(plan) == tmp_path / "real" / "plan.journal"


def test_what_was_written_is_read(tmp_path):
    path = tmp_path / "plan.journal"
    why = Irreversible(Text("because", "理由"))
    written(path, line("a", "doing", CHANGE), line("a", "done"), line("b", "doing", CALL, undo=why, undo_with="--x"))
    with Journal(path, "plan") as journal:
        assert journal.head.before == BEFORE
        assert not journal.is_new
        first, second = journal.entries
    assert (first.what, first.state) == (CHANGE, "done")
    assert (second.what, second.undo, second.undo_with, second.state) == (CALL, why, "--x", "doing")
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_step_done_anew_is_the_last_one_and_what_is_undone_is_gone(tmp_path):
    path = tmp_path / "plan.journal"
    written(path, line("a", "doing", CHANGE), line("a", "done"), line("b", "doing", CALL), line("b", "done"))
    assert list(states(path)) == ["a", "b"]
    written(path, line("a", "doing", CHANGE), line("b", "undoing"))
    assert states(path) == {"b": "undoing", "a": "doing"}
    written(path, line("b", "undone"), line("a", "undone"))
    assert states(path) == {}


@pytest.mark.parametrize("cut", range(1, 60, 7))
def test_half_a_line_is_cut_off(tmp_path, cut):
    path = tmp_path / "plan.journal"
    written(path, line("a", "doing", CHANGE), line("a", "done"))
    path.write_bytes(path.read_bytes()[:-cut])
    assert states(path) == {"a": "doing"}
    written(path, line("a", "done"))
    assert states(path) == {"a": "done"}


def test_half_a_first_line_is_no_line(tmp_path):
    path = tmp_path / "plan.journal"
    path.write_bytes(b'{"journal":1,"pl')
    assert entries_in(path, "plan") == ()
    written(path, line("a", "doing", CHANGE))
    assert states(path) == {"a": "doing"}


def test_two_at_once(tmp_path):
    path = tmp_path / "plan.journal"
    with Journal(path, "plan"), pytest.raises(UsageError, match="another todoku is carrying out this plan"):
        Journal(path, "plan")
    Journal(path, "plan").__exit__(None, None, None)


def test_another_plans(tmp_path):
    path = tmp_path / "plan.journal"
    written(path, line("a", "doing", CHANGE))
    before = path.read_bytes()
    for opened in (Journal, entries_in):
        with pytest.raises(UsageError, match=r"journal of another plan \(plan\)"):
            opened(path, "other")
    assert path.read_bytes() == before


def test_of_another_plan_that_was_undone_nothing_is_needed(tmp_path):
    path = tmp_path / "plan.journal"
    written(path, line("a", "doing", CHANGE), line("a", "done"), line("a", "undoing"), line("a", "undone"))
    assert entries_in(path, "other") == ()
    with Journal(path, "other") as journal:
        assert (journal.is_new, journal.entries, journal.head.plan) == (True, (), "other")
        journal.begin(())
        journal.append(line("b", "doing", CALL))
    with pytest.raises(UsageError, match=r"journal of another plan \(other\)"):
        Journal(path, "plan")
    with Journal(path, "other") as journal:
        assert [entry.step for entry in journal.entries] == ["b"]


@pytest.mark.parametrize(
    "octets",
    [
        b"not a journal\n",
        b"{}\n",
        b"\n",
        b'{"journal":2,"plan":"plan"}\n',
        b'{"journal":1,"plan":"plan"}\n{"step":"a","state":"done","at":""}\n',
        b'{"journal":1,"plan":"plan"}\n{"step":"a","state":"doing","at":""}\n',
        b'{"journal":1,"plan":"plan"}\n{"step":"a","state":"gone","at":""}\n',
        b'{"journal":1,"plan":"plan","before":' + b"[" * 5000 + b"\n",
        "{“journal”:1}\n".encode(),
    ],
)
def test_what_is_no_journal_is_left_as_it_is(tmp_path, octets):
    path = tmp_path / "plan.journal"
    path.write_bytes(octets)
    for opened in (Journal, entries_in):
        with pytest.raises(UsageError, match="is not a journal"):
            opened(path, "plan")
    assert path.read_bytes() == octets


@given(octets=st.binary(max_size=200), head=st.booleans())
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_whatever_the_file_holds(tmp_path, octets, head):
    path = tmp_path / "plan.journal"
    path.write_bytes((b'{"journal":1,"plan":"plan"}\n' if head else b"") + octets)
    with suppress(UsageError):
        assert isinstance(entries_in(path, "plan"), tuple)


def test_a_folder_that_cannot_be_written(tmp_path):
    with pytest.raises(UsageError, match="cannot be kept: No such file"):
        Journal(tmp_path / "none" / "plan.journal", "plan")
    with pytest.raises(UsageError, match="cannot be kept: Is a directory"):
        Journal(tmp_path, "plan")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
def test_a_full_disk(tmp_path):
    path = tmp_path / "plan.journal"
    with Journal(path, "plan") as journal:
        os.dup2(os.open("/dev/full", os.O_WRONLY), journal._file)
        with pytest.raises(UsageError, match="No space left on device; nothing is done without it"):
            journal.append(line("a", "doing", CHANGE))


@pytest.mark.parametrize("octets", [b"no line end", b"[", b'{"journey":1}'])
def test_what_is_no_journal_and_has_no_whole_line_is_left_as_it_is_too(tmp_path, octets):
    path = tmp_path / "plan.journal"
    path.write_bytes(octets)
    for opened in (Journal, entries_in):
        with pytest.raises(UsageError, match="is not a journal"):
            opened(path, "plan")
    assert path.read_bytes() == octets


def test_of_another_file_not_even_its_last_line_is_cut_off(tmp_path):
    path = tmp_path / "plan.journal"
    path.write_bytes(b"first\nsecond")
    with pytest.raises(UsageError, match="is not a journal"):
        Journal(path, "plan")
    assert path.read_bytes() == b"first\nsecond"


def test_a_link_is_not_followed(tmp_path):
    path, target = tmp_path / "plan.journal", tmp_path / "precious"
    path.symlink_to(target)
    for octets in (None, b"precious"):
        if octets is not None:
            target.write_bytes(octets)
        with pytest.raises(UsageError, match="cannot be kept"):
            Journal(path, "plan")
        assert (target.read_bytes() if target.exists() else None) == octets
    with pytest.raises(UsageError, match="cannot be kept"):
        entries_in(path, "plan")


def test_a_pipe_is_not_waited_for(tmp_path):
    path = tmp_path / "plan.journal"
    os.mkfifo(path)
    for opened in (Journal, entries_in):
        with pytest.raises(UsageError, match="it is no ordinary file"):
            opened(path, "plan")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file away")
def test_another_users_file_is_not_taken(tmp_path, monkeypatch):
    path = tmp_path / "plan.journal"
    written(path, line("a", "doing", CHANGE))
    os.chown(path, 1, -1)
    for user in (0, 2):  # root would take back what anybody lays beside its plan
        monkeypatch.setattr(os, "geteuid", lambda user=user: user)
        for opened in (Journal, entries_in):
            with pytest.raises(UsageError, match="it is another user's"):
                opened(path, "plan")


def test_a_journal_of_a_plan_with_the_same_id_is_not_taken(tmp_path):
    path = tmp_path / "plan.journal"
    with Journal(path, "plan", ("forged",)) as journal:
        journal.begin(())
        journal.append(line("a", "doing", CHANGE))
    for opened in (Journal, entries_in):
        with pytest.raises(UsageError, match="is the journal of another plan"):
            opened(path, "plan", ("own", "earlier"))
    assert len(entries_in(path, "plan", ("own", "forged"))) == 1  # the plan was made anew since


@pytest.mark.skipif(shutil.which("strace") is None, reason="strace not found: apt-get install strace")
def test_each_line_is_on_the_disk_before_anything_else_happens(tmp_path):
    """A power cut takes what was not synchronized; a kill does not prove this."""
    path, trace = tmp_path / "plan.journal", tmp_path / "trace"
    code = (
        "import os, sys; from pathlib import Path; from todoku.apply.journal import Journal, Line\n"
        "from todoku.words.change import SesCall\n"
        "with Journal(Path(sys.argv[1]), 'plan') as journal:\n"
        "    journal.begin(()); os.access('/after', 0)\n"
        "    journal.append(Line(step='a', state='doing', at='', what=SesCall('X', {}, ''))); os.access('/after', 0)\n"
        "    journal.append(Line(step='a', state='done', at='')); os.access('/after', 0)\n"
    )
    calls = "trace=write,fsync,access,faccessat,faccessat2"
    subprocess.run(["strace", "-y", "-o", trace, "-e", calls, sys.executable, "-c", code, str(path)], check=True)
    seen = []
    for told in trace.read_text().splitlines():
        if '"/after"' in told:
            seen.append("after")
        elif match := re.match(rf"(write|fsync)\(\d+<{re.escape(str(tmp_path))}(/plan\.journal)?>", told):
            seen.append(match[1] if match[2] else f"{match[1]} folder")
    assert seen == [
        *("write", "fsync", "fsync folder", "after"),
        *("write", "fsync", "after"),
        *("write", "fsync", "after"),
    ]


def test_a_disk_that_takes_half_of_a_line_is_full(tmp_path):
    """A write that is cut short says nothing; the next one would be joined to its half line, and the journal lost."""
    path = tmp_path / "plan.journal"
    code = (
        "import resource, signal, sys; from pathlib import Path; from todoku.apply.journal import Journal, Line\n"
        "from todoku.words.errors import UsageError\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "with Journal(Path(sys.argv[1]), 'plan') as journal:\n"
        "    journal.begin(())\n"
        "    resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))\n"
        "    from todoku.words.change import SesCall\n"
        "    try: journal.append(Line(step='a', state='doing', at='', what=SesCall('X' * 200, {}, '')))\n"
        "    except UsageError as error: print(error)\n"
    )
    said = subprocess.run([sys.executable, "-c", code, str(path)], capture_output=True, text=True, check=False)
    assert "nothing is done without it" in said.stdout, said.stderr
    assert entries_in(path, "plan") == ()
