"""The questions of ``todoku reports``: ninety days through the real ingest, and each answer equals the ledger exactly."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from collections.abc import Iterator
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path

import pytest

import ledger as truth
from ledger import DAYS, FIRST, SILENT, SILENT_RECEIVER, STREAMS, Entry, Ledger, day, ledger
from pasted import not_said, pasted
from store_bench import Bench
from todoku.cli import reports_run
from todoku.feedback.answers import Scope, Stream
from todoku.intake.parse import SCHEMAS
from todoku.store.questions.complaints import complaints
from todoku.store.questions.domains import domains
from todoku.store.questions.extent import extent
from todoku.store.questions.passing import passing
from todoku.store.questions.reporters import reporters
from todoku.store.questions.sources import sources
from todoku.store.questions.tls import tls
from todoku.store.questions.unaligned import unaligned
from todoku.store.questions.whatif import whatif
from todoku.store.read import Reader
from todoku.store.store import Places, Store

ROOT = Path(__file__).parent.parent.parent
SCOPES = {
    "everything": Scope(),
    "one domain": Scope("example.com"),
    "a subdomain": Scope("news.example.com"),
    "some weeks": Scope("", day(20), day(70)),
    "a day of a domain": Scope("example.org", day(31), day(31)),
}
MAKE_STREAMS = {stream.name: stream for stream in STREAMS}


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a store of ninety days, filled by the command."""
    folder = tmp_path_factory.mktemp("ninety")
    arrived = folder / "reports"
    arrived.mkdir()
    for number, octets in enumerate(ledger().octets):
        (arrived / f"{number}").write_bytes(octets)
    done = subprocess.run(
        [sys.executable, "-m", "todoku", "ingest", "reports", "--offline"],
        check=False,
        cwd=folder,
        capture_output=True,
        env={"PATH": os.defpath, "LANG": "C.UTF-8", "HOME": str(folder)},
    )
    assert (done.returncode, done.stderr) == (0, b"")
    return folder


@pytest.fixture
def reader(place: Path) -> Iterator[Reader]:
    with Store(Places(folder=place / "todoku-store")) as store, Reader(store, SCHEMAS) as reader:
        yield reader


def inside(scope: Scope):
    """Whether an entry is in the scope."""

    def keep(one: Entry) -> bool:
        about = (one.domain, one.header_from)
        ours = not scope.domain or any(name == scope.domain or name.endswith(f".{scope.domain}") for name in about)
        return ours and (scope.since or FIRST) <= day(one.day) <= (scope.until or date.max)

    return keep


def named(one: Entry) -> tuple[str, str, str]:
    """The stream of an entry as an answer names it."""
    stream = MAKE_STREAMS[one.stream]
    own = [name for name in stream.dkim if name == stream.header_from]
    signer = next(iter(own or stream.dkim), "")
    vouched = stream.spf_result == "pass" or (signer != "" and "dkim" in stream.aligned)
    return stream.spf, signer, "" if vouched else network(one.source_ip)


def network(address: str) -> str:
    if ":" in address:
        return ":".join(address.split(":")[:3]) + "::/48"
    return address.rpartition(".")[0] + ".0/24"


@pytest.mark.parametrize("name", SCOPES)
class TestEqualsTheLedger:
    def test_extent(self, reader: Reader, name: str) -> None:
        entries = [one for one in ledger().entries if inside(SCOPES[name])(one)]
        found = extent(reader, SCOPES[name])
        assert found is not None
        assert (found.first, found.last) == (day(min(e.day for e in entries)), day(max(e.day for e in entries)))
        assert found.messages == sum(one.count for one in entries)

    def test_sources(self, reader: Reader, name: str) -> None:
        self.equal(sources(reader, SCOPES[name]), [one for one in ledger().entries if inside(SCOPES[name])(one)])

    def test_unaligned(self, reader: Reader, name: str) -> None:
        keep = inside(SCOPES[name])
        failing = [one for one in ledger().entries if keep(one) and not one.passes]
        self.equal(unaligned(reader, SCOPES[name]), failing)

    @staticmethod
    def equal(found: list[Stream], entries: list[Entry]) -> None:
        by_stream: dict[tuple[str, str, str], list[Entry]] = {}
        for one in entries:
            by_stream.setdefault(named(one), []).append(one)
        assert {one.key: told(one) for one in found} == {key: expected(some) for key, some in by_stream.items()}
        assert [one.messages for one in found] == sorted((one.messages for one in found), reverse=True)

    @pytest.mark.parametrize("by", ["day", "week", "month"])
    def test_passing(self, reader: Reader, name: str, by: str) -> None:
        keep = inside(SCOPES[name])

        def start(one: Entry) -> date:
            at = day(one.day)
            return {"day": at, "week": at - timedelta(days=at.weekday()), "month": at.replace(day=1)}[by]

        made = ledger()
        found = passing(reader, SCOPES[name], by)
        assert {(one.start, one.domain): one.messages for one in found} == made.by(lambda e: (start(e), e.domain), keep)
        for field, true in FIELDS.items():
            counted = made.by(lambda e: (start(e), e.domain), lambda e, true=true: keep(e) and true(e))
            assert {(one.start, one.domain): n for one in found if (n := getattr(one, field))} == counted, field

    def test_reporters(self, reader: Reader, name: str) -> None:
        keep = inside(SCOPES[name])
        entries = [one for one in ledger().entries if keep(one)]
        found = {one.org_name: one for one in reporters(reader, SCOPES[name])}
        assert {org: one.messages for org, one in found.items()} == ledger().by(lambda one: one.org, keep)
        newest = max(one.day for one in entries)
        for org, one in found.items():
            days = sorted({entry.day for entry in entries if entry.org == org})
            gaps = [after - before - 1 for before, after in pairwise(days)]
            assert (one.first, one.last, one.days) == (day(days[0]), day(days[-1]), len(days))
            assert (one.longest_gap, one.silent) == (max(gaps, default=0), newest - days[-1])
            assert one.reports == len({(entry.day, entry.domain) for entry in entries if entry.org == org})

    @pytest.mark.parametrize(("policy", "below"), [("reject", "reject"), ("quarantine", "none"), ("none", "reject")])
    def test_whatif(self, reader: Reader, name: str, policy: str, below: str) -> None:
        keep = inside(SCOPES[name])
        found = whatif(reader, SCOPES[name], policy, below)
        assert found is not None
        counted: dict[tuple[str, tuple[str, str, str]], int] = {}
        for one in ledger().entries:
            fate = fate_of(one, policy if one.header_from == one.domain else below)
            if keep(one) and fate:
                counted[fate, named(one)] = counted.get((fate, named(one)), 0) + one.count
        assert {
            (one.fate, (one.spf_domain, one.dkim_domain, one.network)): one.messages for one in found.streams
        } == counted
        for fate in ("refused", "already", "exempt"):
            assert getattr(found, fate) == sum(n for (what, _), n in counted.items() if what == fate)
        assert found.messages == ledger().messages(keep)

    def test_domains(self, reader: Reader, name: str) -> None:
        keep = inside(SCOPES[name])
        last = {one.domain: one.day for one in ledger().entries if keep(one)}
        for one in domains(reader, SCOPES[name]):
            assert (one.policy, one.subdomain_policy) == truth.published(one.domain, last.pop(one.domain))
            assert one.passing == ledger().messages(lambda e, one=one: keep(e) and e.passes and e.domain == one.domain)
        assert last == {}


FIELDS = {
    "passing": lambda one: one.passes,
    "dkim": lambda one: one.dkim,
    "spf": lambda one: one.spf,
    "quarantined": lambda one: one.disposition == "quarantine",
    "rejected": lambda one: one.disposition == "reject",
}


def told(one: Stream) -> dict[str, object]:
    fields = ("messages", *FIELDS, "overridden", "addresses", "first", "last", "authors")
    return {name: getattr(one, name) for name in fields}


def expected(entries: list[Entry]) -> dict[str, object]:
    return {
        "messages": sum(one.count for one in entries),
        **{name: sum(one.count for one in entries if true(one)) for name, true in FIELDS.items()},
        "overridden": sum(one.count for one in entries if one.override),
        "addresses": len({one.source_ip for one in entries}),
        "first": day(min(one.day for one in entries)),
        "last": day(max(one.day for one in entries)),
        "authors": tuple(sorted({one.header_from for one in entries})),
    }


def fate_of(one: Entry, policy: str) -> str:
    """What becomes of it under a policy; "" where nothing does."""
    severity = ("none", "quarantine", "reject").index
    if one.passes or policy == "none":
        return ""
    if severity(one.disposition) >= severity(policy):
        return "already"
    return "exempt" if one.override else "refused"


def test_tls_equals_the_ledger(reader: Reader) -> None:
    found = {(one.result_type, one.mx): one.sessions for one in tls(reader, Scope())}
    counted = {("", ""): sum(one.successful for one in ledger().tls)}
    for one in ledger().tls:
        if one.failed:
            counted[one.result_type, one.mx] = counted.get((one.result_type, one.mx), 0) + one.failed
    assert found == counted
    assert tls(reader, Scope("other.example")) == []


def test_complaints_equal_the_ledger(reader: Reader) -> None:
    counted: dict[str, int] = {}
    for one in ledger().complaints:
        counted[one.feedback_id] = counted.get(one.feedback_id, 0) + 1
    assert {one.feedback_id: one.incidents for one in complaints(reader, Scope())} == counted
    assert complaints(reader, Scope("example.net")) == []


def test_what_was_planted_is_seen(reader: Reader) -> None:
    crm = next(one for one in unaligned(reader, Scope("example.com")) if one.spf_domain == "crm.example")
    assert crm.first == day(truth.NEW_SOURCE)
    broken = next(one for one in unaligned(reader, Scope("example.net")) if one.dkim_domain == "example.net")
    assert (broken.first, broken.last) == (day(truth.DKIM_BROKEN[0]), day(truth.DKIM_BROKEN[-1]))
    silent = next(one for one in reporters(reader, Scope()) if one.org_name == SILENT_RECEIVER)
    assert silent.silent == DAYS - SILENT


def answers(reader: Reader) -> list[object]:
    """Everything that can be asked."""
    return [
        *sources(reader, Scope()),
        *unaligned(reader, Scope()),
        *passing(reader, Scope(), "day"),
        *reporters(reader, Scope()),
        whatif(reader, Scope(), "reject", "reject"),
        *tls(reader, Scope()),
        *complaints(reader, Scope()),
    ]


class TestTotalsDoNotDepend:
    MADE: Ledger = ledger(12)

    def given(self, bench: Bench, octets: list[bytes]) -> list[object]:
        bench.ingest(*octets)
        with Reader(bench.store, SCHEMAS) as reader:
            return answers(reader)

    def test_on_order_or_on_what_comes_again(self, bench: Bench, another) -> None:
        shuffled = self.MADE.octets * 2
        random.Random(7).shuffle(shuffled)
        assert self.given(bench, self.MADE.octets) == self.given(another("shuffled"), shuffled)


def test_rebuild_gives_equal_answers(place: Path) -> None:
    def everything() -> list[object]:
        with Store(Places(folder=place / "todoku-store")) as store, Reader(store, SCHEMAS) as reader:
            return answers(reader)

    before = everything()
    done = subprocess.run(
        [sys.executable, "-m", "todoku", "store", "rebuild"],
        check=False,
        cwd=place,
        capture_output=True,
        env={"PATH": os.defpath, "LANG": "C.UTF-8", "HOME": str(place)},
    )
    assert done.returncode == 0
    assert everything() == before


@pytest.mark.parametrize(
    ("page", "readme", "language"),
    [("docs/manual.md", "README.md", "en"), ("docs/manual.ja.md", "README.ja.md", "ja")],
)
def test_the_manual_shows_what_the_command_says(place: Path, capfd, page: str, readme: str, language: str) -> None:
    nothing = dict.fromkeys(("since", "until", "by", "policy", "subdomain_policy", "output", "config"))
    asked = reports_run.Wanted(
        **nothing,
        question="overview",
        domain="example.com",
        limit=30,
        form="text",
        place=str(place / "todoku-store"),
        language=language,
    )
    assert reports_run.run(asked, date(2026, 11, 24)) == 0
    shown = capfd.readouterr().out
    assert f"```\n{shown}```" in (ROOT / page).read_text("utf-8")
    assert not_said(pasted(readme, "$ todoku reports "), shown) == []


def test_what_does_not_fit_into_memory_stays_in_the_store(reader: Reader, place: Path) -> None:
    found = reader.connection.execute("SELECT current_setting('temp_directory')").fetchone()
    assert found is not None
    assert Path(found[0]).parent == place / "todoku-store"


def test_nothing_in_scope(reader: Reader) -> None:
    for scope in (Scope("other.example"), Scope("", None, date(2001, 1, 1)), Scope("", date(2100, 1, 1), None)):
        assert extent(reader, scope) is None
        assert whatif(reader, scope, "reject", "reject") is None
        assert (sources(reader, scope), passing(reader, scope, "week"), reporters(reader, scope)) == ([], [], [])


@pytest.mark.parametrize("domain", ["' OR 1=1 --", "%", "example.com'; DROP VIEW aggregate; --", "_xample.com"])
def test_a_domain_is_never_sql(reader: Reader, domain: str) -> None:
    assert sources(reader, Scope(domain)) == []
    assert extent(reader, Scope()) is not None
