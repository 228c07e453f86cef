"""``todoku apply`` and ``todoku undo`` as a user meets them: shown, done, stopped, killed, refused in one line."""

from __future__ import annotations

import io
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import dns.tsig
import msgspec
import pytest

from apply.conftest import SECRET, credentials
from apply.rig import ACCOUNT, DOMAIN, REGION, fast, without_times
from todoku.account.read import Wanted
from todoku.apply.journal import Journal, begun, entries_in
from todoku.auth.ask import Answer
from todoku.cli.main import main
from todoku.cli.plan_file import digests
from todoku.demo.nameserver import NameServer
from todoku.demo.ses_server import SesServer
from todoku.demo.ses_world import World
from todoku.net.aws.ses import SesApi
from todoku.net.dns.resolver import Resolver
from todoku.net.drivers import run_look
from todoku.net.suffix_list import bundled_suffixes
from todoku.plan.document import read_document, written
from todoku.plan.make import make
from todoku.plan.step import Step
from todoku.plan.survey import Aims, survey
from todoku.words.change import Output, RecordSet, RecordSetChange, SesCall
from todoku.words.verdict import Text

KEY = "Y2FuYXJ5LWNhbmFyeS1jYW5hcnktY2FuYXJ5LWNhbmFyeQ=="

KILLED = """
import os, signal
from todoku.apply import journal
write, left = journal.Journal._write, [{at}]
def killed(self, octets):
    left[0] -= 1
    if left[0] < 0:
        os.write(self._file, octets[: {part}])
        os.kill(os.getpid(), signal.SIGKILL)
    write(self, octets)
journal.Journal._write = killed
"""


class Outcome(NamedTuple):
    code: int
    out: str
    err: str


class Forgetful:
    """The demo's name server, asked anew each time."""

    address = ""

    def answers(self, questions, *, seconds=None) -> list[Answer]:
        return Resolver(self.address).answers(questions, seconds=seconds)


class Stage:
    """The demo's whole world, and the commands that work on it."""

    def __init__(self, folder: Path, world: World, server: SesServer, names: NameServer) -> None:
        self.folder, self.world, self.server, self.names = folder, world, server, names
        self.plan_path = folder / "plan.json"
        self.journal_path = folder / "plan.journal"
        key = folder / "update.key"
        key.write_text(f'key "demo" {{ algorithm hmac-sha256; secret "{KEY}"; }};\n')
        key.chmod(0o600)
        self.ways = ("--dns", names.address, "--via", f"rfc2136://{names.address}", "--tsig", str(key))

    def plan(self, domain: str = DOMAIN, **aims: object) -> None:
        engine = survey(Wanted(profile="", region=REGION), domain, Aims(**aims), bundled_suffixes())
        plan = make(run_look(engine, Resolver(self.names.address), SesApi(timing=fast())), datetime.now(UTC))
        self.plan_path.write_bytes(written(plan, "0"))

    def state(self) -> object:
        """The zone without its SOA, and the account, times aside."""
        lines = [line for line in self.names.zone_text(DOMAIN).splitlines() if " SOA " not in line]
        found = self.world.region(ACCOUNT, REGION).identities
        identities = {
            name: without_times(self.world.call(ACCOUNT, REGION, "GetEmailIdentity", {"EmailIdentity": name}))
            for name in found
        }
        return sorted(lines), identities

    def run(self, *arguments: str, **environment: str) -> Outcome:
        """The command in this process: exit code and both streams."""
        out, err = io.TextIOWrapper(io.BytesIO()), io.TextIOWrapper(io.BytesIO())
        with pytest.MonkeyPatch.context() as patch, redirect_stdout(out), redirect_stderr(err):
            patch.setattr(sys, "argv", ["todoku", *arguments])
            for name, value in {"LANG": "C.UTF-8", **environment}.items():
                patch.setenv(name, value)
            with pytest.raises(SystemExit) as stop:
                main()
        assert isinstance(stop.value.code, int)
        return Outcome(stop.value.code, *(stream.buffer.getvalue().decode() for stream in (out, err)))

    def killed(self, command: str, *arguments: str, at: int, part: int) -> int:
        """The exit code of the command in a process of its own, which ends at some line of the journal."""
        code = f"{KILLED.format(at=at, part=part)}\nfrom todoku.cli.main import main\nmain()"
        words = (command, str(self.plan_path), "--yes", *self.ways, *arguments)
        environment = {**os.environ, "LANG": "C.UTF-8"}
        return subprocess.run([sys.executable, "-c", code, *words], check=False, env=environment).returncode

    def apply(self, *arguments: str, **more: str) -> Outcome:
        return self.run("apply", str(self.plan_path), "--yes", *self.ways, *arguments, **more)

    def undo(self, *arguments: str, **more: str) -> Outcome:
        return self.run("undo", str(self.plan_path), "--yes", "--delete-identity", *self.ways, *arguments, **more)


@contextmanager
def staged(folder: Path, *, verify_after: float = 0) -> Iterator[Stage]:
    source = Forgetful()
    world = World(clock=lambda: datetime.now(UTC), answers=source, verify_after=verify_after)
    keys = {DOMAIN: dns.tsig.Key("demo", KEY, "hmac-sha256")}
    with (
        pytest.MonkeyPatch.context() as environment,
        NameServer(keys=keys, published=world.published) as names,
        SesServer(world, secret=SECRET) as server,
    ):
        source.address = names.address
        for zone in (".", "com"):
            names.add_zone(zone)
        names.add_zone(DOMAIN, "@ MX 10 mx\nmx A 192.0.2.1\n@ A 192.0.2.1\n")
        names.add_amazon()
        credentials(environment, folder)
        environment.setenv("AWS_ENDPOINT_URL", server.url)
        yield Stage(folder, world, server, names)


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    with staged(tmp_path) as made:
        yield made


def test_all_of_it(stage: Stage) -> None:
    before = stage.state()
    stage.plan()
    shown = stage.run("apply", str(stage.plan_path))
    assert (shown.code, shown.err) == (0, "")
    assert "create-email-identity" in shown.out
    assert "Nothing was changed: --yes does it." in shown.out
    assert stage.state() == before
    assert not stage.journal_path.exists()

    done = stage.apply()
    assert (done.code, done.err) == (0, "")
    assert len(re.findall(r"^ *[0-9]+/10  done ", done.out, re.MULTILINE)) == 10
    proof = done.out.partition("The proof:")[2]
    assert re.search(r"^DMARC record +FAIL +pass$", proof, re.MULTILINE)
    assert re.search(r"^DKIM +unknown +pass$", proof, re.MULTILINE)
    in_doubt = re.findall("^.*(?:FAIL|warn)$", proof, re.MULTILINE)
    assert [line.split("  ")[0] for line in in_doubt] == [
        "Forward and reverse DNS"
    ]  # iCloud's wish, for any shared address

    after = stage.state()
    again = stage.apply("--lang", "ja")
    assert (again.code, stage.state()) == (0, after)
    assert "設定済み" in again.out
    assert re.search(r"^DMARCレコード +不適合 +適合$", again.out, re.MULTILINE)  # before the plan, not before this run

    shown = stage.run("undo", str(stage.plan_path))
    assert "stays; --delete-identity takes it back too" in shown.out
    assert stage.state() == after
    undone = stage.undo()
    assert (undone.code, undone.err) == (0, "")
    assert undone.out.endswith("Undone.\n")
    assert stage.state() == before
    assert stage.undo().out.startswith("Nothing is there to be undone")


def test_not_there_yet(tmp_path: Path) -> None:
    with staged(tmp_path, verify_after=600) as stage:
        stage.plan()
        first = stage.apply("--timeout", "0")
        assert first.code == 3
        assert "Not there yet: dkim-verified. Run the same command again to go on." in first.out
        second = stage.apply("--timeout", "8")  # enough for a busy machine to look at least twice
        assert second.code == 3
        lines = second.err.splitlines()
        assert lines
        assert all(
            re.match("waiting 0:0[0-9]: dkim-verified: PENDING now; usually a few minutes", line) for line in lines
        )


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_stops_it_cleanly(tmp_path: Path, number: int) -> None:
    with staged(tmp_path, verify_after=600) as stage:
        before = stage.state()
        stage.plan()
        command = [sys.executable, "-m", "todoku", "apply", str(stage.plan_path), "--yes", *stage.ways]
        environment = {**os.environ, "LANG": "C.UTF-8"}
        with subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment, encoding="utf-8"
        ) as process:
            assert process.stderr is not None
            assert process.stderr.readline().startswith("waiting")
            process.send_signal(number)
            out, err = process.communicate(timeout=30)
        assert (process.returncode, err) == (130, "")
        assert "run it again to go on" in out
        lines = stage.journal_path.read_text().splitlines()
        assert json.loads(lines[-1])["state"] == "done"
        assert stage.undo().code == 0
        assert stage.state() == before


@pytest.mark.parametrize(("at", "part"), [(0, 5), (1, 0), (2, 0), (2, 20), (5, 300), (12, 0)])
def test_killed(stage: Stage, at: int, part: int) -> None:
    """By the system, at some line of the journal, with half of the line on the disk."""
    before = stage.state()
    stage.plan()
    assert stage.killed("apply", at=at, part=part) == -signal.SIGKILL
    assert stage.apply().code == 0
    assert stage.killed("undo", "--delete-identity", at=at, part=part) == -signal.SIGKILL
    undone = stage.undo()
    assert undone.code == 0
    (lines, identities), (lines_before, identities_before) = stage.state(), before
    assert identities == identities_before
    assert lines == lines_before


def test_prove_by_mail(stage: Stage) -> None:
    stage.plan()
    done = stage.apply("--prove-by-mail", "user@gmail.com", "--from", f"news@{DOMAIN}")
    assert done.code == 0
    (sent,) = stage.world.sent
    assert sent.recipients == ("user@gmail.com",)
    assert sent.message_id in done.out
    message = stage.folder / "message.eml"
    message.write_bytes(sent.raw)
    envelope = (
        "--ip",
        str(sent.envelope.ip),
        "--helo",
        str(sent.envelope.helo),
        "--mail-from",
        str(sent.envelope.mail_from),
    )
    dns_option = ("--dns", stage.names.address)
    checked = stage.run("check", str(message), "--mail", "transactional", "--json", *dns_option, *envelope)
    results = {(one["requirement"], one["result"]) for one in json.loads(checked.out)["verdicts"]}
    assert ("dmarc-alignment", "pass") in results
    assert not [name for name, result in results if result == "fail"]

    stage.server.inject("SendEmail", "AccessDeniedException")
    refused = stage.apply("--prove-by-mail", "user@gmail.com", "--from", f"news@{DOMAIN}")
    assert refused.code == 3
    assert "ses:SendEmail" in refused.out


# What is wrong, in one line, and nothing half done


def refused(stage: Stage, outcome: Outcome, code: int, says: str, before: object) -> None:
    assert outcome.code == code, outcome
    told = outcome.out + outcome.err
    assert says in told
    assert "Traceback" not in told
    assert len(outcome.err.splitlines()) <= 1
    assert stage.state() == before
    assert SECRET not in told
    assert KEY not in told


@pytest.mark.parametrize("command", ["apply", "undo"])
@pytest.mark.parametrize(
    ("edit", "says"),
    [
        (lambda text: "not JSON", "it is not JSON"),
        (lambda text: "{}", "it is not a plan of todoku"),
        (lambda text: text.replace('"plan": 1', '"plan": 2', 1), "it is a plan of version 2"),
        (lambda text: text.replace("mail.example.com", "post.example.com"), "it was changed by hand"),
        (lambda text: text.replace('"domain"', '"domains"'), "it was changed by hand"),
    ],
)
def test_a_plan_that_is_none(stage: Stage, command: str, edit, says: str) -> None:
    stage.plan()
    stage.plan_path.write_text(edit(stage.plan_path.read_text()))
    outcome = stage.run(command, str(stage.plan_path), "--yes", *stage.ways)
    refused(stage, outcome, 2, says, stage.state())


def test_a_plan_that_is_not_there(stage: Stage) -> None:
    refused(stage, stage.apply(), 2, "there is no file", stage.state())


@pytest.mark.parametrize(
    ("given", "says"),
    [
        (("--only", "dkim"), "the plan has no such step. It has create-identity, dkim-1"),
        (("--via", "carrier-pigeon"), "not a way to write DNS"),
        (("--via", "rfc2136://127.0.0.1:1"), "--tsig"),
        (("--tsig", "none.key"), "--tsig goes with rfc2136"),
        (("--timeout", "-1"), "--timeout '-1' is not a number of seconds"),
        (("--timeout", "soon"), "--timeout 'soon' is not a number of seconds"),
        (("--timeout", "inf"), "--timeout 'inf' is not a number of seconds"),
        (("--via", "carrier-pigeon", "--tsig", "none.key"), "not a way to write DNS"),
        (("--prove-by-mail", "user@gmail.com"), "go together"),
        (("--prove-by-mail", "user@gmail.com", "--from", "news@example.net"), "has to be of that domain"),
        (("--prove-by-mail", "nobody", "--from", "news@example.com"), "'nobody' is not an address"),
        (("--prove-by-mail", "a@gmail.com", "--from", "x@notexample.com"), "has to be of that domain"),
    ],
)
def test_options_that_make_no_sense(stage: Stage, given: tuple[str, ...], says: str) -> None:
    stage.plan()
    before = stage.state()
    outcome = stage.run("apply", str(stage.plan_path), "--yes", "--dns", stage.names.address, *given)
    refused(stage, outcome, 2, says, before)


@pytest.mark.parametrize("command", ["apply", "undo"])
def test_a_way_that_is_none_is_said_before_anything_is_to_be_done(stage: Stage, command: str) -> None:
    stage.plan()
    stage.apply("--only", "dmarc")
    before = stage.state()
    refused(stage, stage.run(command, str(stage.plan_path), "--via", "nonsense"), 2, "not a way to write DNS", before)


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ((), "DNS: by Route 53 where a hosted zone of the account holds the name, else by hand"),
        (("--via", "hand"), "DNS: by hand: todoku says what to enter, and looks."),
        (("--via", "route53:Z123"), "DNS: by Route 53 (route53:Z123)."),
        (("--via", "rfc2136://192.0.2.53/example.com"), "DNS: by signed updates to 192.0.2.53/example.com (RFC 2136)."),
    ],
)
def test_how_dns_would_be_written_is_told(stage: Stage, given: tuple[str, ...], says: str) -> None:
    stage.plan()
    key = ("--tsig", str(stage.folder / "update.key")) if given and given[1].startswith("rfc2136") else ()
    shown = stage.run("apply", str(stage.plan_path), *given, *key)
    assert (shown.code, shown.err) == (0, "")
    assert says in " ".join(shown.out.split())


def edited(stage: Stage, **fields: object) -> None:
    """The plan as it would have been made for something else."""
    plan = read_document(stage.plan_path.read_bytes())
    stage.plan_path.write_bytes(written(msgspec.structs.replace(plan, **fields), "0"))


@pytest.mark.parametrize(
    ("fields", "code", "says"),
    [
        ({"region": "us-east-1"}, 2, "no plan holds what stands at 'create-identity'"),
        ({"region": "ap-nowhere-1", "steps": ()}, 2, "there is no SES in a region 'ap-nowhere-1'"),
        ({"profile": "nobody"}, 2, "there is no AWS profile 'nobody'"),
        ({"account": "999999999999"}, 2, "for the AWS account 999999999999, and these credentials are of 123456789012"),
        ({"account": ""}, 2, "nothing was done"),
    ],
)
def test_a_plan_for_somewhere_else(stage: Stage, fields: dict, code: int, says: str) -> None:
    stage.plan()
    edited(stage, **fields)
    refused(stage, stage.apply(), code, says, stage.state())


@pytest.mark.parametrize("command", ["apply", "undo"])
@pytest.mark.parametrize(
    ("domain", "name", "says"),
    [
        ("example.co.jp", "co.jp", "it changes co.jp, which is not in example.co.jp"),
        ("example.jp", "_dmarc.jp", "it changes _dmarc.jp, which is not in example.jp"),
        ("www.example.com", "_dmarc.notexample.com", "which is not in example.com"),
        ("example.com", "{0}.{0}", "it changes ., which is not in example.com"),
        ("co.jp", "_dmarc.co.jp", "co.jp is a public suffix"),
    ],
)
def test_a_plan_for_what_is_nobodys_own(stage: Stage, command: str, domain: str, name: str, says: str) -> None:
    change = RecordSetChange(RecordSet(name, "TXT"), ("v=DMARC1; p=none",), outputs=(Output(1, "IdentityType"),))
    step = Step(id="dmarc", action=change, why=Text("why", "理由"))
    create = SesCall("CreateEmailIdentity", {"EmailIdentity": domain, "Tags": []}, REGION)
    stage.plan()
    edited(stage, domain=domain, steps=(Step(id="create", action=create, why=Text("why", "理由")), step))
    if command == "undo":
        plan = read_document(stage.plan_path.read_bytes())
        with Journal(stage.journal_path, plan.id, digests(plan)) as journal:
            journal.begin(())
            journal.append(begun(step, change, "2026-11-24T09:00:00+00:00"))
    with NameServer() as names:
        outcome = stage.run(command, str(stage.plan_path), "--yes", "--via", "hand", "--dns", names.address)
    if command == "apply":
        assert stage.run(command, str(stage.plan_path)) == outcome  # it is not shown as if it could be carried out
    refused(
        stage, outcome, 2, says if command == "apply" else says.replace("changes .", "changes {0}.{0}"), stage.state()
    )


def test_no_credentials(stage: Stage) -> None:
    stage.plan()
    outcome = stage.apply(AWS_ACCESS_KEY_ID="", AWS_SECRET_ACCESS_KEY="", AWS_EC2_METADATA_DISABLED="true")
    refused(stage, outcome, 2, "no AWS credentials were found", stage.state())


def test_nobody_answers(stage: Stage) -> None:
    stage.plan()
    outcome = stage.apply(AWS_ENDPOINT_URL="http://127.0.0.1:1")
    refused(stage, outcome, 3, "NO ANSWER", stage.state())


@pytest.mark.parametrize("way", [("--via", "hand"), ()])
def test_a_zone_that_is_not_delegated(stage: Stage, way: tuple[str, ...]) -> None:
    stage.plan()
    with NameServer() as elsewhere:
        for zone in (".", "com"):
            elsewhere.add_zone(zone)
        outcome = stage.run("apply", str(stage.plan_path), "--yes", "--dns", elsewhere.address, *way)
    refused(stage, outcome, 1, "example.com is not delegated: com knows no such name", stage.state())
    assert not entries_in(stage.journal_path, read_document(stage.plan_path.read_bytes()).id)


def test_a_name_server_that_has_another_zone(stage: Stage) -> None:
    stage.plan()
    via = f"rfc2136://{stage.names.address}/example.net"
    outcome = stage.apply("--via", via)
    refused(stage, outcome, 2, "no zone that --via can write holds", stage.state())


def test_a_key_that_may_not(stage: Stage) -> None:
    stage.plan()
    key = stage.folder / "update.key"
    key.write_text(key.read_text().replace("demo", "other"))
    before = stage.state()
    outcome = stage.apply()
    assert outcome.code == 3
    assert "DENIED" in outcome.out
    assert KEY not in outcome.out + outcome.err
    assert stage.undo().code == 0 or stage.state() == before


def test_conflicts_of_the_plan_are_shown_and_nothing_is_done(stage: Stage) -> None:
    stage.names.add_zone(DOMAIN, "_dmarc CNAME elsewhere.example.net.\n")
    stage.plan()
    before = stage.state()
    refused(stage, stage.apply(), 1, "dmarc-cname", before)
    refused(stage, stage.run("apply", str(stage.plan_path)), 1, "dmarc-cname", before)


def test_a_plan_that_could_not_be_made(stage: Stage) -> None:
    stage.plan()
    edited(stage, unread=(Text("DNS gave no answer", "DNSの応答なし"),), steps=())
    refused(stage, stage.apply(), 3, "DNS gave no answer", stage.state())


def test_where_nobody_says_how_it_is_by_hand(stage: Stage) -> None:
    stage.plan()
    arguments = ("apply", str(stage.plan_path), "--yes", "--dns", stage.names.address, "--timeout", "0", "--lang")
    outcome = stage.run(*arguments, "en")
    assert outcome.code == 3
    assert outcome.out.count("Not by Route 53: no public hosted zone of the account is that of example.com.") == 1
    assert re.search(r"^ +host: _dmarc  \(_dmarc.example.com\)$", outcome.out, re.MULTILINE)
    assert "ホスト名: _dmarc  (_dmarc.example.com)" in stage.run(*arguments, "ja").out
    assert not [line for line in stage.names.zone_text(DOMAIN).splitlines() if "_d" in line]


def test_two_at_once(tmp_path: Path) -> None:
    """Started in the same moment: one carries the plan out, the other is told of it, and nothing is made twice."""
    with staged(tmp_path, verify_after=600) as stage:
        stage.plan()
        command = [sys.executable, "-m", "todoku", "apply", str(stage.plan_path), "--yes", *stage.ways]
        environment = {**os.environ, "LANG": "C.UTF-8"}
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "encoding": "utf-8"}
        both = [subprocess.Popen(command, env=environment, **pipes) for _ in range(2)]
        while not (over := [one for one in both if one.poll() is not None]):
            time.sleep(0.05)
        (refused_one,) = over
        (other,) = (one for one in both if one is not refused_one)
        out, err = refused_one.communicate()
        assert (refused_one.returncode, out) == (2, "")
        assert "another todoku is carrying out this plan" in err
        assert other.stderr is not None
        assert other.stderr.readline().startswith("waiting")
        other.send_signal(signal.SIGTERM)
        other.communicate()
        assert other.returncode == 130
        made = [call for call in stage.server.calls if call.operation == "CreateEmailIdentity"]
        assert len(made) == 1


def test_another_todoku_is_at_it(stage: Stage) -> None:
    stage.plan()
    with Journal(stage.journal_path, read_document(stage.plan_path.read_bytes()).id):
        refused(stage, stage.apply(), 2, "another todoku is carrying out this plan", stage.state())
