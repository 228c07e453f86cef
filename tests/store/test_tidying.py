"""What is too old is forgotten once a day, as far as there is time for it, and not before it is known what it tells."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest

from mint_reports import aggregate
from store_bench import Bench
from todoku.cli.ingest import command
from todoku.store import state
from todoku.store.lease import Lease
from todoku.store.raw import microseconds
from todoku.store.tidying import Tidied, clear_away, tidy
from todoku.store.upkeep import MANY, check

DAY = timedelta(days=1)
OLD = [aggregate(number, begin=1_600_000_000) for number in range(5)]


def tidied(bench: Bench, months: int = 24, stops: Callable[[], bool] = lambda: False) -> Tidied | None:
    lease = bench.lease()
    try:
        return tidy(bench.store, lease, bench.clock, months, stops)
    finally:
        lease.release(bench.store.database)


def aged(bench: Bench) -> None:
    bench.ingest(*OLD)
    bench.now += timedelta(days=3 * 366)
    bench.ingest(aggregate(9, begin=int(bench.now.timestamp()) - 86_400))


def test_once_a_day(bench: Bench) -> None:
    aged(bench)
    done = tidied(bench)
    assert done is not None
    assert done.forgotten == len(OLD)
    assert tidied(bench) is None
    bench.now += DAY
    again = tidied(bench)
    assert again is not None
    assert again.forgotten == 0
    assert again.removed == 1  # the file of rows that was replaced a day ago
    assert bench.status().tidied == again
    assert bench.totals().reports == 1
    assert list(check(bench.store)) == []


def test_a_clock_that_was_set_back_puts_nothing_off(bench: Bench) -> None:
    aged(bench)
    assert tidied(bench) is not None
    bench.now -= timedelta(days=300)
    assert tidied(bench) is not None


def test_who_is_asked_to_end_goes_on_the_next_time(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(state, "CHUNK", 2)
    aged(bench)
    asked = iter([False, False, True, True])
    assert tidied(bench, stops=lambda: next(asked)) is None
    assert len(list(bench.store.spool.all())) == len(OLD) - 2 + 1
    assert list(check(bench.store)) == []
    done = tidied(bench)
    assert done is not None
    assert done.forgotten == len(OLD) - 2


def test_nothing_is_forgotten_while_a_rebuild_is_not_at_its_end(bench: Bench) -> None:
    aged(bench)
    with bench.store.database.write() as connection:  # killed just after it had begun
        state.forget_reading(connection, microseconds(bench.clock()))
    assert tidied(bench) is None
    assert len(list(bench.store.spool.all())) == len(OLD) + 1
    bench.process()
    assert tidied(bench) is not None


def test_without_a_limit_everything_is_kept(bench: Bench) -> None:
    aged(bench)
    done = tidied(bench, months=0)
    assert done is not None
    assert done.forgotten == 0
    assert bench.totals().reports == len(OLD) + 1


class TestReplacedFiles:
    """Small files that became one stay for a day, for those who read them still; then whoever ingests clears them away."""

    @pytest.fixture(autouse=True)
    def merged(self, bench: Bench) -> None:
        for number in range(MANY):
            bench.ingest(aggregate(number))
        assert files(bench) == MANY + 1

    def test_they_go_after_a_day_unless_another_process_writes(self, bench: Bench) -> None:
        asked: list[Lease | None] = []

        @contextmanager
        def leased() -> Iterator[Lease | None]:
            asked.append(Lease.acquire(bench.store.database, microseconds(bench.clock())))
            yield asked[-1]

        assert clear_away(bench.store, leased, bench.clock) == 0
        assert asked == []
        bench.now += DAY
        other = bench.lease()
        assert clear_away(bench.store, leased, bench.clock) == 0
        assert asked == [None]
        other.release(bench.store.database)
        assert clear_away(bench.store, leased, bench.clock) == MANY
        assert files(bench) == 1
        assert list(check(bench.store)) == []
        assert bench.totals().reports == MANY

    def test_an_ingest_that_finds_nothing_new_clears_them_away(
        self, bench: Bench, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        report = bench.places.folder.parent / "report.xml"
        report.write_bytes(aggregate(0))
        words = [str(report), "--offline", "--store", str(bench.places.folder), "--lang", "en"]
        monkeypatch.setattr("todoku.cli.ingest_run.clock", bench.clock)
        monkeypatch.setattr("todoku.cli.stored.clock", bench.clock)
        assert command.main(words, "ingest", standalone_mode=False) == 0
        assert files(bench) == MANY + 1
        bench.now += DAY
        assert command.main(words, "ingest", standalone_mode=False) == 0
        assert files(bench) == 1
        assert bench.totals().reports == MANY


def files(bench: Bench) -> int:
    return len(list(bench.places.folder.glob("rows/aggregate/*/*.parquet")))
