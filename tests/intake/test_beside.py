"""What was taken is read beside the taking; whatever ends first or badly, nothing is lost by it."""

from __future__ import annotations

import time
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from threading import Event

import pytest
from sqlalchemy import func, select

from mint_reports import aggregate
from store_bench import Bench, Given
from todoku.intake import receive as taking
from todoku.intake.background_reader import Beside, reading
from todoku.intake.parse import Reading, Request
from todoku.intake.process import Processed
from todoku.intake.receive import take
from todoku.intake.source import Item
from todoku.intake.worker import NOT_STARTED, NoWorker, Worker
from todoku.store.lease import Lease
from todoku.store.raw import microseconds
from todoku.store.tables import raw

REPORTS = [aggregate(number) for number in range(12)]
LONGEST = 60.0  # seconds that a test waits for what must come


@pytest.fixture(autouse=True)
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(taking, "BATCH", 4)


def unread(bench: Bench) -> int:
    with bench.store.database.read() as connection:
        return connection.execute(select(func.count()).where(raw.c.state == "unparsed")).scalar_one()


def beside(bench: Bench, worker: Worker | None = None) -> Beside[Processed | None]:
    @contextmanager
    def leased() -> Iterator[Lease | None]:
        lease = Lease.acquire(bench.store.database, microseconds(bench.clock()))
        try:
            yield lease
        finally:
            if lease is not None:
                lease.release(bench.store.database)

    return reading(bench.store, leased, worker or bench.worker, bench.clock)


def ingest(bench: Bench, source: Given, worker: Worker | None = None) -> Beside[Processed | None]:
    """Take and read, as the command does."""
    with beside(bench, worker) as read:
        for _ in take(bench.store, source, bench.clock):
            read.more()
    return read


class Waiting(Given):
    """A source that gives its second half when the first half was read."""

    def __init__(self, octets: Sequence[bytes], bench: Bench) -> None:
        super().__init__(octets)
        self.bench = bench

    def items(self) -> Iterator[Item]:
        for number, item in enumerate(super().items()):
            end = time.monotonic() + LONGEST
            while number == 8 and unread(self.bench):
                assert time.monotonic() < end, "nothing is read before all is taken"
                time.sleep(0.01)
            yield item


def test_what_was_taken_is_read_before_the_rest_is_taken(bench: Bench) -> None:
    source = Waiting(REPORTS, bench)
    read = ingest(bench, source)
    assert source.waiting == {}
    assert sum(one.reports for one in read.results if one) == 12
    assert unread(bench) == 0


def test_source_that_fails_leaves_nothing_half_done(bench: Bench) -> None:
    class Failing(Given):
        def items(self) -> Iterator[Item]:
            yield from list(super().items())[:6]
            raise KeyboardInterrupt

    source = Failing(REPORTS)
    with pytest.raises(KeyboardInterrupt):
        ingest(bench, source)
    assert len(source.waiting) == 8  # the half batch was not acknowledged
    bench.take(*REPORTS)
    bench.process()
    assert bench.totals().reports == 12


def test_taking_goes_on_where_nothing_can_be_read(bench: Bench) -> None:
    class Unable(Worker):
        def read(self, requests: Sequence[Request]) -> Reading:
            raise NoWorker(NOT_STARTED)

    source = Given(REPORTS)
    with Unable() as unable, pytest.raises(NoWorker):
        ingest(bench, source, unable)
    assert source.waiting == {}
    assert unread(bench) == 12
    bench.process()
    assert bench.totals().reports == 12


def test_another_writer_is_told(bench: Bench) -> None:
    other = Lease.acquire(bench.store.database, microseconds(bench.clock()))
    assert other is not None
    assert ingest(bench, Given(REPORTS)).results[-1] is None
    other.release(bench.store.database)
    assert ingest(bench, Given([])).results[-1] == Processed()
    assert bench.totals().reports == 12


def test_lease_is_free_while_a_source_is_waited_for(bench: Bench) -> None:
    with beside(bench) as read:
        read.more()
        end = time.monotonic() + LONGEST
        while not read.results:
            assert time.monotonic() < end
            time.sleep(0.01)
        other = Lease.acquire(bench.store.database, microseconds(bench.clock()))
        assert other is not None
        other.release(bench.store.database)


def test_calls_that_come_meanwhile_are_one() -> None:
    begun, go = Event(), Event()

    def work(calls: Iterator[None]) -> Generator[int, None, None]:
        for number, _ in enumerate(calls):
            begun.set()
            assert go.wait(LONGEST)
            yield number

    with Beside(work) as beside:
        beside.more()
        assert begun.wait(LONGEST)
        for _ in range(5):
            beside.more()
        go.set()
    assert beside.results in ([0, 1], [0, 1, 2])  # the five calls, and that for the end, unless they were one


def test_work_is_closed_in_its_own_thread_where_the_block_fails() -> None:
    closed = Event()

    def work(calls: Iterator[None]) -> Generator[int, None, None]:
        try:
            for _ in calls:
                yield from range(1_000_000_000)
        finally:
            closed.set()

    def block() -> None:
        with Beside(work) as beside:
            beside.more()
            raise ValueError("block")

    with pytest.raises(ValueError, match="block"):
        block()
    assert closed.is_set()
