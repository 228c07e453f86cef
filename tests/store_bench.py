"""What the tests of the store and the intake share: a store of its own for each, and the steps of an ingest as functions."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

import pytest

from todoku.intake.parse import SCHEMAS
from todoku.intake.process import Processed, process
from todoku.intake.receive import Taken, take
from todoku.intake.senders import NO_VERIFICATION
from todoku.intake.source import Item
from todoku.intake.worker import Worker
from todoku.store.lease import Lease
from todoku.store.raw import microseconds
from todoku.store.read import Reader
from todoku.store.status import Status, status
from todoku.store.store import Places, Store


class Totals(NamedTuple):
    rows: int
    messages: int
    reports: int


class Given:
    """A source that gives what it was given, and remembers what was acknowledged."""

    def __init__(self, octets: Sequence[bytes], name: str = "given", *, authentic: bool = False) -> None:
        self.authentic = authentic
        self.waiting = {str(number): each for number, each in enumerate(octets)}
        self.name = name
        self.acknowledged: list[str] = []

    def items(self) -> Iterator[Item]:
        yield from (Item(name, octets, authentic=self.authentic) for name, octets in list(self.waiting.items()))

    def acknowledge(self, ids: Sequence[str]) -> None:
        self.acknowledged += ids
        for name in ids:
            del self.waiting[name]

    def skipped(self) -> Sequence[str]:
        return ()


class Bench:
    """A store with a clock that goes on by a second whenever it is asked."""

    def __init__(self, places: Places, worker: Worker) -> None:
        self.places = places
        self.worker = worker
        self.store = Store(places).prepare()
        self.now = datetime(2026, 11, 24, tzinfo=UTC)
        self.verification = NO_VERIFICATION

    def clock(self) -> datetime:
        self.now += timedelta(seconds=1)
        return self.now

    def take(self, *octets: bytes) -> Taken:
        return sum(take(self.store, Given(octets), self.clock), Taken())

    def lease(self) -> Lease:
        lease = Lease.acquire(self.store.database, microseconds(self.clock()))
        assert lease is not None
        return lease

    def process(self) -> Processed:
        lease = self.lease()
        done = sum(process(self.store, lease, self.worker, self.clock, self.verification), Processed())
        lease.release(self.store.database)
        return done

    def ingest_events(self, *octets: bytes) -> Processed:
        """What a source gives that has proof that SES wrote it."""
        sum(take(self.store, Given(octets, authentic=True), self.clock), Taken())
        return self.process()

    def ingest(self, *octets: bytes) -> Processed:
        self.take(*octets)
        return self.process()

    def totals(self, *, everything: bool = False) -> Totals:
        with Reader(self.store, SCHEMAS, everything=everything) as reader:
            found = reader.connection.execute(
                "SELECT count(*), coalesce(sum(count), 0), count(DISTINCT report_key) FROM aggregate"
            ).fetchone()
        assert found is not None
        return Totals(*(int(one) for one in found))

    def every_row(self) -> list[tuple[object, ...]]:
        """All rows that count, in an order that depends on nothing but them."""
        with Reader(self.store, SCHEMAS) as reader:
            return reader.connection.execute("SELECT * FROM aggregate ORDER BY ALL").fetchall()

    def status(self) -> Status:
        return status(self.store, self.now)


@pytest.fixture(scope="session")
def worker() -> Iterator[Worker]:
    """One child for all tests: it keeps nothing of what it has read."""
    with Worker() as worker:
        yield worker


@pytest.fixture
def bench(tmp_path: Path, worker: Worker) -> Iterator[Bench]:
    bench = Bench(Places(folder=tmp_path / "store"), worker)
    with bench.store:
        yield bench


@pytest.fixture
def another(tmp_path: Path, worker: Worker) -> Iterator[Callable[..., Bench]]:
    """Makes further stores, each by its name."""
    made: list[Bench] = []

    def make(name: str, **settings: object) -> Bench:
        made.append(Bench(Places(folder=tmp_path / name, **settings), worker))
        return made[-1]

    yield make
    for each in made:
        each.store.database.close()
