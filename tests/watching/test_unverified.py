"""Unverified reports: `todoku reports` counts them and says so; watching does not believe them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from mint_reports import DAY
from senders import Dns, from_, signed, told
from store_bench import Bench
from todoku.cli.watch_checks.round import Found, Turn
from todoku.cli.watch_checks.rows import ask_rows
from todoku.feedback.answers import Scope
from todoku.intake.parse import SCHEMAS
from todoku.intake.senders import Verification
from todoku.intake.worker import Worker
from todoku.net.suffix_list import bundled_suffixes
from todoku.settings.config import Config, StoreSection
from todoku.store.questions.extent import extent
from todoku.store.questions.reporters import reporters
from todoku.store.questions.unaligned import unaligned
from todoku.store.questions.whatif import whatif
from todoku.store.read import Reader
from todoku.watching.signal import Signal

TODAY = datetime(2026, 11, 24, tzinfo=UTC)
TRUE, OTHER = "receiver.example", "other.example"


@pytest.fixture(autouse=True)
def _asks_anew(worker: Worker) -> None:
    worker.stop()


def begin(days_ago: int) -> int:
    return int(TODAY.timestamp()) - days_ago * DAY


def true(days_ago: int, reporter: str = TRUE, **about: Any) -> bytes:
    """A report of a day of good mail, or of what a test says, that its reporter signed."""
    made = told(days_ago, reporter, begin=begin(days_ago), **{"count": 1_000, "passing": True, **about})
    return signed(from_(reporter, made, days_ago), reporter)


def forged(days_ago: int, reporter: str = TRUE, count: int = 100_000) -> bytes:
    """A report of mail that fails, from who only calls himself so."""
    return from_(
        reporter, told(10_000 + days_ago, reporter, begin=begin(days_ago), count=count, spf="bulk.example"), days_ago
    )


def signals(bench: Bench, *octets: bytes) -> list[Signal]:
    """What a look at all these says on the day."""
    bench.now = TODAY - timedelta(minutes=10)
    bench.verification = Verification(Dns(TRUE, OTHER), bundled_suffixes())
    bench.ingest(*octets)
    found = Found()
    settings = Config(store=StoreSection(domains=("example.com",)))
    ask_rows(
        Turn(
            store=bench.store,
            lease=bench.lease(),
            config=settings,
            dns=Dns(),  # type: ignore[arg-type]
            verification=bench.verification,
            clock=lambda: TODAY,
        ),
        whole=True,
        found=found,
    )
    return [signal for seen in found.seen for signal in seen.signals]


def tags(found: list[Signal]) -> list[str]:
    return sorted(one.reason.tag for one in found)


QUIET = [true(day) for day in range(1, 60)]


def test_a_quiet_time_is_quiet(bench: Bench) -> None:
    assert signals(bench, *QUIET) == []


def test_forged_reports_raise_no_alarm_and_count_with_a_word(bench: Bench) -> None:
    assert signals(bench, *QUIET, *(forged(day) for day in range(1, 8))) == []
    with Reader(bench.store, SCHEMAS) as reader:
        reach = extent(reader, Scope("example.com"))
        (stream,) = unaligned(reader, Scope("example.com"))
    assert reach is not None
    assert (reach.messages, reach.verified, reach.unverified) == (759_000, 59_000, 700_000)
    assert (stream.messages, stream.unverified) == (700_000, 700_000)
    with Reader(bench.store, SCHEMAS, of="verified") as reader:
        assert unaligned(reader, Scope("example.com")) == []
        thought = whatif(reader, Scope("example.com"), "reject", "reject")
    assert thought is not None
    assert (thought.messages, thought.refused) == (59_000, 0)


def test_the_same_that_a_verified_reporter_tells_of_does(bench: Bench) -> None:
    bad = [true(day, OTHER, passing=False, spf="bulk.example", count=5_000) for day in range(1, 4)]
    before = [true(day, OTHER, count=1) for day in range(8, 15)]
    assert tags(signals(bench, *QUIET, *bad, *before)) == ["pass-rate-fell"] * 3 + ["stream-unaligned"]


@pytest.mark.parametrize("days", [range(1, 3), range(1, 14)], ids=["new", "six-days-before"])
def test_who_has_just_begun_to_report_hides_no_fall(bench: Bench, days: range) -> None:
    """A forger can sign as a domain of his own: that he names himself the reporter is true."""
    fall = [true(day, passing=False) for day in range(1, 3)]
    hides = [true(day, OTHER, count=1_000_000) for day in days]
    assert tags(signals(bench, *QUIET[2:], *fall, *hides)).count("pass-rate-fell") == 3


def test_a_dark_domain_of_a_forgers_own_hides_no_fall(bench: Bench) -> None:
    """Of it nothing is known, so it may be the reporter that it names: nobody has heard of that one."""
    fall = [true(day, passing=False) for day in range(1, 3)]
    hides = [told(20_000 + day, "dark.example", begin=begin(day), count=1_000_000, passing=True) for day in range(1, 3)]
    assert tags(signals(bench, *QUIET[2:], *fall, *hides)).count("pass-rate-fell") == 3


@pytest.mark.parametrize("count", [1_000, 1_000_000])
def test_who_has_just_begun_to_report_makes_no_fall(bench: Bench, count: int) -> None:
    bad = [true(day, OTHER, passing=False, spf="example.com", count=count) for day in range(1, 14)]
    assert "pass-rate-fell" not in tags(signals(bench, *QUIET, *bad))


def test_a_forger_and_a_verified_reporter_together_are_believed_as_far_as_the_second_goes(bench: Bench) -> None:
    bad = [true(day, OTHER, passing=False, spf="bulk.example", count=10) for day in range(1, 4)]
    (one,) = signals(bench, *QUIET, *bad, *(forged(day) for day in range(1, 8)))
    assert (one.reason.tag, one.values["messages"]) == ("stream-unaligned", 30)


def test_a_forger_does_not_make_the_silent_look_alive(bench: Bench) -> None:
    before = [true(day) for day in range(10, 60)]
    others = [true(day, OTHER) for day in range(1, 60)]
    silent = signals(bench, *before, *others, *(forged(day, count=1) for day in range(1, 30)))
    assert [(one.reason.tag, one.values["reporter"]) for one in silent] == [("reporter-silent", TRUE)]


def test_a_forger_who_stops_is_no_news(bench: Bench) -> None:
    strangers = [forged(day, "nobody.example", count=1) for day in range(10, 60)]
    assert signals(bench, *QUIET, *strangers) == []


def test_where_nobody_is_verified_silence_is_told_all_the_same(bench: Bench) -> None:
    some = [forged(day, count=1) for day in range(10, 60)]
    some += [forged(100 + day, OTHER, count=1) for day in range(10, 60)]
    assert "reports-silent" in tags(signals(bench, *some))


def test_reporters_of_one_name_are_told_apart(bench: Bench) -> None:
    signals(bench, *QUIET, *(forged(day, count=1) for day in range(1, 8)))
    with Reader(bench.store, SCHEMAS) as reader:
        found = reporters(reader, Scope())
    assert [(one.org_name, one.verification, one.vouched_by, one.days) for one in found] == [
        (TRUE, "verified", TRUE, 59),
        (TRUE, "unverified", "", 7),
    ]


def test_what_is_unknown_of_a_reporter_is_put_to_what_is_known_of_that_name(bench: Bench) -> None:
    """A DNS that was dark for a while makes no second reporter of the first."""
    plain = [told(day, TRUE, begin=begin(day), passing=True) for day in range(1, 8)]
    signals(bench, *QUIET[7:], *plain)
    with Reader(bench.store, SCHEMAS) as reader:
        (one,) = reporters(reader, Scope())
    assert (one.verification, one.vouched_by, one.days) == ("verified", TRUE, 59)


def test_a_name_alone_is_not_enough_for_that(bench: Bench) -> None:
    """Who calls himself like a reporter, and of whom nothing is known, does not make it look alive."""
    silent = [true(day, org="Receiver") for day in range(10, 60)]
    stranger = [told(100 + day, "dark.example", org="Receiver", begin=begin(day), passing=True) for day in range(1, 10)]
    signals(bench, *silent, *stranger)
    with Reader(bench.store, SCHEMAS) as reader:
        found = reporters(reader, Scope())
    assert [(one.verification, one.vouched_by, one.days, one.silent) for one in found] == [
        ("verified", TRUE, 50, 9),
        ("unknown", "", 9, 0),
    ]
