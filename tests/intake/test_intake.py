"""What arrives is kept, counted once, and nothing of it is counted in part."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from datetime import timedelta
from itertools import permutations
from pathlib import Path

import pytest

from mint_reports import aggregate, five_times, mailed, wrapped, zipped
from store_bench import Bench, Given, Totals
from todoku.intake import process as intake
from todoku.intake.process import Processed
from todoku.intake.rebuild import rebuild
from todoku.intake.receive import Taken, take
from todoku.intake.worker import TOGETHER
from todoku.store import state
from todoku.store.upkeep import check


def test_every_wrapping_of_a_report_counts_once(bench: Bench) -> None:
    report = aggregate(1, count=7)
    done = bench.ingest(report, gzip.compress(report), zipped(report), mailed(report), report)
    assert (done.reports, done.known, done.quarantined) == (1, 3, 0)
    assert bench.totals() == Totals(rows=2, messages=14, reports=1)


def test_each_five_times_in_random_order_counts_once(bench: Bench) -> None:
    """L11: a mailbox read again, a queue that delivers at least once."""
    raw = [wrapped(number, aggregate(number, count=number + 1)) for number in range(40)]
    many = five_times(raw, seed=11)
    for start in range(0, len(many), 33):
        bench.ingest(*many[start : start + 33])
    assert bench.totals() == Totals(rows=80, messages=2 * sum(range(1, 41)), reports=40)
    assert list(check(bench.store)) == []


@pytest.mark.parametrize("wrap", [lambda octets: octets, gzip.compress, zipped, mailed])
def test_cut_at_every_hundredth_nothing_counts(bench: Bench, wrap: Callable[[bytes], bytes]) -> None:
    """L12: a truncated report is set aside whole, and its octets are kept."""
    whole = wrap(aggregate(1, records=30))
    cuts = {whole[: len(whole) * part // 100] for part in range(100)}
    done = bench.ingest(*cuts)
    assert (done.reports, done.quarantined) == (0, len(cuts))
    assert bench.totals() == Totals(0, 0, 0)
    assert all(bench.store.spool.read(kept) in cuts for kept in bench.store.spool.all())
    assert bench.ingest(whole).reports == 1


@pytest.mark.parametrize("order", list(permutations((3, 4, 5))))
def test_same_report_with_other_contents_is_kept_and_told(bench: Bench, order: tuple[int, ...]) -> None:
    """L13: both are kept, what came last counts, and the conflict is told."""
    for count in order:
        bench.ingest(aggregate(1, count=count))
    assert bench.totals() == Totals(rows=2, messages=2 * order[-1], reports=1)
    assert bench.totals(everything=True).messages == 2 * order[-1]
    assert (bench.status().conflicts, bench.status().parsed) == (1, 3)


def test_reports_of_one_archive_stand_by_themselves(bench: Bench) -> None:
    """One that is broken does not take another with it, and is not forgotten for the sake of the other."""
    done = bench.ingest(zipped(aggregate(1), aggregate(2)[:-30], aggregate(3)))
    assert (done.reports, done.quarantined) == (2, 1)
    with bench.store.database.write() as connection:
        assert state.retry(connection) == 1
    again = bench.process()
    assert (again.reports, again.known, again.quarantined) == (0, 2, 1)
    assert bench.totals().reports == 2


def test_report_about_a_strangers_domain_is_kept_and_does_not_count(another: Callable[..., Bench]) -> None:
    bench = another("mine", domains=("example.com",))
    bench.ingest(
        aggregate(1), aggregate(2, domain="mail.example.com"), aggregate(3, domain="notexample.com", count=1_000)
    )
    assert bench.totals() == Totals(rows=4, messages=4, reports=2)
    assert bench.totals(everything=True).messages == 2_004
    assert (bench.status().unclaimed, bench.status().messages) == (1, 4)


def test_rows_that_are_many_are_published_before_more_is_read(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """A batch of small mails can hold more rows than any memory: what is read is published, and the rest goes on."""
    monkeypatch.setattr(intake, "ROWS_OCTETS", 1)
    number = 2 * TOGETHER + 1
    bench.take(*(aggregate(one) for one in range(number)))
    lease = bench.lease()
    done = [one.reports for one in intake.process(bench.store, lease, bench.worker, bench.clock)]
    assert done == [TOGETHER, TOGETHER, 1]
    assert bench.totals() == Totals(rows=2 * number, messages=2 * number, reports=number)
    assert list(check(bench.store)) == []


def test_source_is_told_only_after_the_octets_are_safe(bench: Bench) -> None:
    source = Given([aggregate(number) for number in range(3)])
    taking = take(bench.store, source, bench.clock)
    assert source.acknowledged == []
    next(taking)
    assert source.acknowledged == ["0", "1", "2"]
    assert [bench.store.spool.read(kept) is None for kept in bench.store.spool.all()] == [False] * 3


def test_status_shows_the_oldest_that_waits(bench: Bench) -> None:
    assert bench.status().oldest is None
    bench.take(aggregate(1))
    bench.take(aggregate(2))
    waiting = bench.status().oldest
    assert waiting is not None
    assert waiting.source == "given"
    assert waiting.seconds == 3
    bench.process()
    assert bench.status().oldest is None


@pytest.mark.parametrize("days", [0, 3], ids=["same-day", "days-later"])
@pytest.mark.parametrize("is_read", [False, True], ids=["not-yet-read", "read"])
@pytest.mark.parametrize("damage", [Path.unlink, lambda path: path.write_bytes(b"other")], ids=["deleted", "damaged"])
def test_what_was_lost_on_the_disk_is_taken_again(
    bench: Bench, damage: Callable[[Path], object], days: int, *, is_read: bool
) -> None:
    """It is known, and yet it is not there: given again it must not be dropped as known."""
    (bench.ingest if is_read else bench.take)(aggregate(1), aggregate(2))
    first = next(bench.store.spool.all())
    damage(bench.store.spool.path(first))
    assert [fault.about for fault in check(bench.store)] == [f"{first.day}/{first.hash}"]
    if not is_read:
        assert bench.process().quarantined == 1
    bench.now += timedelta(days=days)
    assert bench.take(aggregate(1), aggregate(2)) == (Taken(0, 2) if is_read else Taken(1, 1))
    assert list(check(bench.store)) == []
    assert bench.process().reports == (0 if is_read else 1)
    assert [one.hash for one in bench.store.spool.all()].count(first.hash) == 1
    assert bench.totals().reports == 2
    assert bench.status().aside == ()


def test_a_damaged_copy_of_what_is_lost_holds_no_rebuild_up(bench: Bench) -> None:
    """It lies in another day's folder than the state says, as a backup may bring it."""
    bench.ingest(aggregate(1), aggregate(2))
    first = next(bench.store.spool.all())
    path = bench.store.spool.path(first)
    other = path.parent.with_name("2026-11-20")
    other.mkdir()
    path.rename(other / path.name).write_bytes(b"other")
    lease = bench.lease()
    done = sum(rebuild(bench.store, lease, bench.worker, bench.clock), Processed())
    assert (done.reports, done.quarantined) == (1, 1)


def test_octets_that_were_changed_on_the_disk_are_not_read(bench: Bench) -> None:
    bench.take(aggregate(1), aggregate(2))
    first = next(bench.store.spool.all())
    bench.store.spool.path(first).write_bytes(b"other")
    assert bench.process().quarantined == 1
    assert [aside.reason for aside in bench.status().aside] == [state.GONE]
    assert [fault.tag for fault in check(bench.store)] == ["raw-changed"]
