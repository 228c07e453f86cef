"""L10: the clock jumps, forth and back, anywhere and in any time zone; nothing is skipped and nothing counts twice."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest

from mint_reports import aggregate, wrapped
from store_bench import Bench, Given
from todoku.intake.process import process
from todoku.intake.receive import take
from todoku.store.away import LeaseLost
from todoku.store.lease import LONGEST, Lease
from todoku.store.raw import microseconds
from todoku.store.upkeep import check, compact, sweep

REPORTS = [wrapped(number, aggregate(number, count=number + 1)) for number in range(24)]
DAY, HOUR, LEAP = timedelta(days=1), timedelta(hours=1), timedelta(seconds=1)
JUMPS = {
    "day-forth": (DAY, timedelta(0)),
    "day-back": (-DAY, timedelta(0)),
    "day-forth-and-back": (DAY, -DAY),
    "day-back-and-forth": (-DAY, DAY),
    "hour-forth-and-back": (HOUR, -HOUR),
    "hour-back": (-HOUR, timedelta(0)),
    "leap-second": (-LEAP, timedelta(0)),
    "year-forth-and-back": (365 * DAY, -365 * DAY),
    "a-little-back-each-time": (-3 * LEAP, -3 * LEAP),
    "half-a-day-forth-each-time": (DAY / 2, DAY / 2),
}
ZONES = ("UTC", "Asia/Tokyo", "America/St_Johns", "Pacific/Apia")


@pytest.fixture
def zone(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TZ", request.param)
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.mark.parametrize("jump", JUMPS)
def test_clock_that_jumps_between_any_two_steps(bench: Bench, another: Callable[..., Bench], jump: str) -> None:
    still = another("still")
    still.ingest(*REPORTS)
    for start in range(0, 24, 4):
        source = Given(REPORTS[start : start + 4])
        for part in JUMPS[jump]:
            bench.now += part
            list(take(bench.store, source, bench.clock))
            bench.now += part
            lease = bench.lease()
            bench.now += part / 2
            for _ in process(bench.store, lease, bench.worker, bench.clock):
                bench.now += part
            lease.release(bench.store.database)
            source = Given(REPORTS[: start + 4])  # all of it is given again, and may come into another day's folder
    assert bench.every_row() == still.every_row()
    assert list(check(bench.store)) == []
    assert len(list(bench.store.spool.all())) == 24
    lease = bench.lease()
    compact(bench.store, lease, bench.clock)
    for part in JUMPS[jump]:
        bench.now += part
        sweep(bench.store, lease, bench.clock)
    assert bench.every_row() == still.every_row()
    assert list(check(bench.store)) == []


@pytest.mark.parametrize("zone", ZONES, indirect=True)
def test_time_zone_of_the_machine_changes_nothing(bench: Bench, zone: None) -> None:
    midnight = 1_790_035_200  # 2026-09-22
    bench.ingest(*(aggregate(number, begin=midnight - 1 + number) for number in range(2)))
    assert sorted(path.parent.name for path in (bench.places.folder / "rows").rglob("*.parquet")) == ["month=2026-09"]
    assert {path.name for path in (bench.places.folder / "raw").iterdir()} == {"2026-11-24"}
    assert bench.totals().reports == 2


def test_lease_of_a_clock_that_was_far_ahead_holds_nobody_up(bench: Bench) -> None:
    """Its holder is on another machine and may be gone: nobody would ingest until that day came."""
    bench.now += DAY
    early = bench.lease()
    bench.now -= DAY
    bench.take(*REPORTS)
    assert bench.process().reports == 24
    with pytest.raises(LeaseLost), bench.store.database.write() as connection:
        early.confirm(connection, microseconds(bench.clock()))


def test_lease_of_a_clock_that_is_a_little_ahead_holds(bench: Bench) -> None:
    bench.now += timedelta(seconds=LONGEST / 2)
    bench.lease()
    bench.now -= timedelta(seconds=LONGEST / 2)
    assert Lease.acquire(bench.store.database, microseconds(bench.clock())) is None
