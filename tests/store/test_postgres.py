"""The same store with its state in PostgreSQL: a real server, which goes away and comes back."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from itertools import count

import msgspec
import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext

from mint_reports import aggregate, five_times, wrapped
from postgres_server import Postgres
from senders import Dns, from_, signed, told
from store_bench import Bench, Given
from todoku.feedback.answers import Scope
from todoku.feedback.traffic import Day, Series
from todoku.intake.parse import SCHEMAS
from todoku.intake.receive import take
from todoku.intake.senders import Verification
from todoku.net.suffix_list import bundled_suffixes
from todoku.store import days
from todoku.store.away import Away
from todoku.store.lease import Lease
from todoku.store.questions.extent import extent
from todoku.store.raw import microseconds
from todoku.store.read import Reader
from todoku.store.tables import metadata
from todoku.store.upkeep import check, compact, expire, sweep

Make = Callable[[str], Bench]


@pytest.fixture(scope="module")
def server() -> Iterator[Postgres]:
    server = Postgres()
    try:
        server.start()
        yield server
    finally:
        server.close()


@pytest.fixture
def make(server: Postgres, another: Callable[..., Bench]) -> Make:
    """A store with a database of its own."""
    numbers = count()

    def new(name: str) -> Bench:
        database = f"{name}_{next(numbers)}_{id(numbers)}"
        return another(name, state=server.make(database))

    return new


def test_both_databases_come_to_the_same(make: Make, bench: Bench) -> None:
    raw = [wrapped(number, aggregate(number, count=number + 1)) for number in range(40)]
    raw += [aggregate(3, count=99), b"no report", aggregate(4)[:-50]]
    postgres = make("same")
    for octets in (raw[:17], raw[17:], five_times(raw, seed=3)):
        for each in (bench, postgres):
            each.ingest(*octets)
    assert postgres.every_row() == bench.every_row()
    assert postgres.status().aside == bench.status().aside
    assert postgres.status().reports == bench.status().reports
    assert list(check(postgres.store)) == []


def test_senders(make: Make, bench: Bench) -> None:
    """Who sent what, what is held and what is learnt later come to the same."""
    day = 1_795_392_000
    given = [
        signed(from_("receiver.example", told(one, "receiver.example", begin=day), one), "receiver.example")
        for one in range(5)
    ]
    given += [from_("forger.example", told(one, "receiver.example", begin=day, count=9), one) for one in range(3, 9)]
    dns = Dns("receiver.example")
    for each in (bench, make("senders")):
        each.worker.stop()
        dns.is_dark = True
        each.verification = Verification(dns, bundled_suffixes(), 4)
        assert each.ingest(*given).reports == 4
        dns.is_dark = False
        for _ in range(4):
            each.worker.stop()
            each.now += timedelta(days=1)
            each.process()
        found = each.status()
        assert (found.held, found.conflicts, found.vouched.verified, found.vouched.unverified) == (0, 2, 5, 4)
        with Reader(each.store, SCHEMAS) as reader:
            reach = extent(reader, Scope())
        assert reach is not None
        assert (reach.messages, reach.verified, reach.unverified, reach.conflicts) == (41, 5, 36, 2)
    assert bench.every_row() == each.every_row()


def test_upkeep(make: Make) -> None:
    bench = make("upkeep")
    for number in range(6):
        bench.ingest(aggregate(number))
    before = bench.every_row()
    lease = bench.lease()
    assert compact(bench.store, lease, bench.clock) == 6
    assert bench.every_row() == before
    assert expire(bench.store, lease, bench.clock, 12) == 0  # received today: the octets stay until that is old, too
    assert sweep(bench.store, lease, bench.clock) == 0
    assert bench.totals().reports == 0


def test_database_that_is_away_takes_nothing_and_loses_nothing(server: Postgres, make: Make) -> None:
    """L4: what arrives while it is away stays in the source; when it is back, all of it is there."""
    bench = make("away")
    bench.ingest(*(aggregate(number) for number in range(5)))
    source = Given([aggregate(number) for number in range(5, 20)])
    server.stop()
    for _ in range(3):
        with pytest.raises(Away):
            list(take(bench.store, source, bench.clock))
    assert source.acknowledged == []
    server.start()
    list(take(bench.store, source, bench.clock))
    assert len(source.acknowledged) == 15
    bench.process()
    assert bench.totals().reports == 20
    assert list(check(bench.store)) == []


def test_days_of_rates(make: Make, bench: Bench) -> None:
    day = Day(day=date(2026, 11, 23), state="number", value=0.0031, of=2**40)
    asked = Series(source="postmaster", about="例え.test", metric="spam-rate", days=(day,))
    for each in (make("days"), bench):
        for read_at, days_read in enumerate([(msgspec.structs.replace(day, value=0.002),), (day,), (day,)]):
            with each.store.database.write() as connection:
                days.put(connection, msgspec.structs.replace(asked, days=days_read), read_at)
        with each.store.database.read() as connection:
            assert days.series(connection, asked, day.day, day.day) == asked
            assert [one.day.value for one in days.history(connection, asked, day.day)] == [0.002, 0.0031]
            assert days.highest(connection, "postmaster", ["例え.test"], "spam-rate", "") == 0.0031
            assert len(days.to_ask(connection, "postmaster", "例え.test", day.day)) == days.REACH_DAYS


def test_an_hour_without_the_database_under_load(server: Postgres, make: Make, bench: Bench) -> None:
    """L4: each minute more arrives; all of it is on the disk at once, and nothing is acknowledged that SQL does not know."""
    away = make("hour")
    source = Given([])
    server.stop()
    for minute in range(60):
        source.waiting |= {str(number): aggregate(number) for number in range(minute * 5, minute * 5 + 5)}
        with pytest.raises(Away):
            list(take(away.store, source, away.clock))
        away.now += timedelta(minutes=1)
    assert source.acknowledged == []
    assert len({kept.hash for kept in away.store.spool.all()}) == 300
    server.start()
    list(take(away.store, source, away.clock))
    assert len(source.acknowledged) == 300
    away.process()
    bench.ingest(*(aggregate(number) for number in range(300)))
    assert away.every_row() == bench.every_row()
    assert list(check(away.store)) == []


def test_one_writer(make: Make) -> None:
    bench = make("lease")
    lease = bench.lease()
    assert Lease.acquire(bench.store.database, microseconds(bench.clock())) is None
    lease.release(bench.store.database)
    assert bench.lease().epoch == lease.epoch + 1


def test_tables_are_those_of_the_migrations(make: Make, bench: Bench) -> None:
    for each in (make("tables"), bench):
        with each.store.database.write() as connection:
            context = MigrationContext.configure(connection, opts={"compare_type": True})
            assert compare_metadata(context, metadata) == []
