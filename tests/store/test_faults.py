"""What breaks around the store: the disk, the database, another writer. Nothing is acknowledged that is not safe."""

from __future__ import annotations

import errno
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import event
from sqlalchemy.exc import OperationalError

from mint_reports import aggregate, mailed
from senders import Dns, signed
from store_bench import Bench, Given
from todoku.intake.parse import Reading, Request
from todoku.intake.process import process
from todoku.intake.rebuild import rebuild
from todoku.intake.receive import take
from todoku.intake.senders import Verification
from todoku.net.suffix_list import bundled_suffixes
from todoku.store import upkeep
from todoku.store.away import Away, LeaseLost
from todoku.store.lease import SECONDS, Lease
from todoku.store.raw import microseconds
from todoku.store.status import Vouched
from todoku.store.store import Places, Store
from todoku.store.upkeep import check, compact, expire, sweep
from todoku.words.errors import UsageError

REPORTS = [aggregate(number, count=number + 1) for number in range(30)]
LONGER_THAN_A_LEASE = timedelta(seconds=SECONDS + 1)


class Failing:
    """Lets the n-th fallible call fail, and, where it is meant for good, every one after it too."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.patch = monkeypatch
        self.calls = 0
        self.fails_at = 0
        self.for_good = False
        for place, name in (
            (os, "open"),
            (os, "write"),
            (os, "fsync"),
            (os, "utime"),
            (os, "rename"),  # a Path's rename is this one
            (Path, "open"),
        ):
            self._watch(place, name)

    def _watch(self, place: object, name: str) -> None:
        real = getattr(place, name)

        def called(*arguments: object, **named: object) -> object:
            self.count()
            return real(*arguments, **named)

        self.patch.setattr(place, name, called)

    def count(self) -> None:
        self.calls += 1
        if self.fails_at and (self.calls == self.fails_at or (self.for_good and self.calls > self.fails_at)):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    def set(self, fails_at: int, *, for_good: bool) -> None:
        self.calls, self.fails_at, self.for_good = 0, fails_at, for_good


@pytest.mark.parametrize("for_good", [False, True], ids=["once", "for-good"])
def test_each_call_of_the_disk_failing_loses_nothing(
    another: Callable[..., Bench], monkeypatch: pytest.MonkeyPatch, *, for_good: bool
) -> None:
    """L3, L21: the n-th call fails, for each n; then the disk works again and all is as if nothing had been."""
    failing = Failing(monkeypatch)
    reports = [REPORTS[0], signed(mailed(REPORTS[1]), "receiver.example"), REPORTS[2]]
    verification = Verification(Dns("receiver.example"), bundled_suffixes())
    number = 0
    while True:
        number += 1
        bench = another(f"store-{number}")
        bench.verification = verification
        source = Given(reports)
        failing.set(number, for_good=for_good)
        failed = _once(bench, source)
        calls = failing.calls
        failing.set(0, for_good=False)
        assert set(source.acknowledged) <= {"0", "1", "2"}
        for name in source.acknowledged:  # what was acknowledged is safe already
            assert any(bench.store.spool.read(kept) == reports[int(name)] for kept in bench.store.spool.all())
        assert _once(bench, source) is None
        assert bench.totals() == (6, 12, 3)
        assert [one.result for one in bench.store.proofs.all()][-1:] == ["proven"]
        assert bench.status().vouched == Vouched(verified=1, unverified=0, unknown=2)
        assert [fault.tag for fault in check(bench.store)] == []
        if failed is None:
            assert calls < number
            break
    assert number > 15


def _once(bench: Bench, source: Given) -> Away | None:
    lease = None
    try:
        for _ in take(bench.store, source, bench.clock):
            pass
        lease = bench.lease()
        for _ in process(bench.store, lease, bench.worker, bench.clock, bench.verification):
            pass
    except Away as away:
        return away
    finally:
        if lease is not None:
            lease.release(bench.store.database)
    return None


@pytest.mark.parametrize("for_good", [False, True], ids=["once", "for-good"])
def test_each_statement_failing_loses_nothing(another: Callable[..., Bench], *, for_good: bool) -> None:
    """L4, L21: the n-th statement of SQL fails, for each n."""
    reports = [REPORTS[0], signed(mailed(REPORTS[1]), "receiver.example"), REPORTS[2]]
    verification = Verification(Dns("receiver.example"), bundled_suffixes())
    number = 0
    while True:
        number += 1
        bench = another(f"store-{number}")
        bench.verification = verification
        source = Given(reports)
        with StatementFails(bench, number, for_good=for_good) as seen:
            try:
                failed = _once(bench, source)
            except Away as away:  # even giving the lease back failed
                failed = away
        bench.now += LONGER_THAN_A_LEASE
        assert _once(bench, source) is None
        assert bench.totals() == (6, 12, 3)
        assert [one.result for one in bench.store.proofs.all()][-1:] == ["proven"]
        assert bench.status().vouched == Vouched(verified=1, unverified=0, unknown=2)
        assert [fault.tag for fault in check(bench.store)] == []
        if failed is None:
            assert seen[0] < number
            break
    assert number > 15


class StatementFails:
    def __init__(self, bench: Bench, number: int, *, for_good: bool) -> None:
        self.engine = bench.store.database._engine
        self.seen = [0]

        def count(_connection, _cursor, statement, *_rest):
            self.seen[0] += 1
            if self.seen[0] == number or (for_good and self.seen[0] > number):
                raise OperationalError(statement, {}, sqlite3.OperationalError("disk I/O error"))

        self.count = count

    def __enter__(self) -> list[int]:
        event.listen(self.engine, "before_cursor_execute", self.count)
        return self.seen

    def __exit__(self, *_error: object) -> None:
        event.remove(self.engine, "before_cursor_execute", self.count)


def test_two_watchers_count_once(bench: Bench, another: Callable[..., Bench]) -> None:
    """L19: both may take, one reads."""
    other = another("store")
    bench.take(*REPORTS[:20])
    other.take(*REPORTS[10:])
    lease = bench.lease()
    assert Lease.acquire(other.store.database, microseconds(other.clock())) is None
    done = list(process(bench.store, lease, bench.worker, bench.clock))
    assert sum(one.reports for one in done) == 30
    lease.release(bench.store.database)
    assert other.process().reports == 0
    assert other.totals().reports == 30


def test_writer_that_slept_longer_than_its_lease_publishes_nothing(bench: Bench, another: Callable[..., Bench]) -> None:
    other = another("store")
    bench.take(*REPORTS)
    asleep = bench.lease()
    reading = process(bench.store, asleep, _Sleeper(bench, other), bench.clock)
    with pytest.raises(LeaseLost):
        next(reading)
    assert other.totals().reports == 30
    assert [fault.tag for fault in check(bench.store)] == []


class _Sleeper:
    """Reads one, and then another process takes over, reads all and publishes."""

    def __init__(self, bench: Bench, other: Bench) -> None:
        self.bench = bench
        self.other = other
        self.calls = 0

    def read(self, requests: Sequence[Request]) -> Reading:
        self.calls += 1
        if self.calls == 1:
            self.other.now = self.bench.now + LONGER_THAN_A_LEASE
            assert self.other.process().reports == 30
        return self.bench.worker.read(requests)


def test_lost_database_is_made_anew_from_the_octets(bench: Bench, another: Callable[..., Bench]) -> None:
    """L5: the same rows, to the octet."""
    bench.ingest(*REPORTS, aggregate(3, count=1_000), b"no report", aggregate(4)[:-40])
    before, status = bench.every_row(), bench.status()
    bench.store.database.close()
    for path in bench.places.folder.glob("state.sqlite*"):
        path.unlink()
    shutil.rmtree(bench.places.folder / "rows")
    anew = another("store")
    _rebuild(anew)
    assert anew.every_row() == before
    after = anew.status()
    assert (after.parsed, after.quarantined, after.conflicts, after.messages) == (
        status.parsed,
        status.quarantined,
        status.conflicts,
        status.messages,
    )
    assert [fault.tag for fault in check(anew.store)] == []


def _rebuild(bench: Bench) -> None:
    lease = bench.lease()
    for _ in rebuild(bench.store, lease, bench.worker, bench.clock):
        pass
    lease.release(bench.store.database)


def test_rebuilding_and_compacting_change_no_row(bench: Bench) -> None:
    for start in range(0, 30, 3):
        bench.ingest(*REPORTS[start : start + 3])
    before = bench.every_row()
    files = bench.status().files
    lease = bench.lease()
    assert compact(bench.store, lease, bench.clock) == files
    assert bench.status().files < files
    assert bench.every_row() == before
    assert sweep(bench.store, lease, bench.clock) == 0
    bench.now += timedelta(days=1, minutes=1)
    assert sweep(bench.store, lease, bench.clock) == files
    assert sorted(name for name, _ in bench.store.files.names()) == sorted(_listed(bench))
    lease.release(bench.store.database)
    _rebuild(bench)
    assert bench.every_row() == before
    assert [fault.tag for fault in check(bench.store)] == []


def _listed(bench: Bench) -> Iterator[str]:
    with bench.store.database.read() as connection:
        yield from connection.execute(upkeep.manifest.select()).scalars()


def test_files_of_a_killed_writer_are_swept_and_those_of_others_stay(bench: Bench) -> None:
    bench.ingest(*REPORTS[:3])
    folder = bench.places.folder / "rows" / "aggregate" / "month=2023-11"
    for name in ("9-0.parquet", ".9-0.parquet.new", "9-99.parquet", "notes.txt"):
        (folder / name).write_bytes(b"")
    lease = bench.lease()
    assert sweep(bench.store, lease, bench.clock) == 2
    assert {path.name for path in folder.iterdir()} >= {"9-99.parquet", "notes.txt"}
    assert bench.totals().reports == 3


def test_what_is_older_than_it_is_kept_is_forgotten_with_its_octets(bench: Bench) -> None:
    old, new = aggregate(1, begin=1_600_000_000), aggregate(2, begin=int(bench.now.timestamp()) - 86_400)
    bench.ingest(old, new)
    bench.now += timedelta(days=3 * 366)
    fresh = aggregate(3, begin=int(bench.now.timestamp()) - 86_400)
    bench.ingest(fresh)
    lease = bench.lease()
    assert expire(bench.store, lease, bench.clock, 0) == 0
    assert expire(bench.store, lease, bench.clock, 24) == 2
    lease.release(bench.store.database)
    assert [bench.store.spool.read(kept) for kept in bench.store.spool.all()] == [fresh]
    assert bench.totals().reports == 1
    _rebuild(bench)
    assert bench.totals().reports == 1
    assert [fault.tag for fault in check(bench.store)] == []


@pytest.mark.parametrize(
    ("damage", "tag"),
    [
        (lambda bench: next(iter(_raw(bench))).unlink(), "raw-missing"),
        (lambda bench: next(iter(_raw(bench))).write_bytes(b"x"), "raw-changed"),
        (lambda bench: bench.store.spool.put([b"stray"], 0), "raw-unknown"),
        (lambda bench: next(iter(_row_files(bench))).unlink(), "rows-missing"),
        (lambda bench: next(iter(_row_files(bench))).write_bytes(b"PAR1"), "rows-changed"),
    ],
)
def test_damage_is_named(bench: Bench, damage: Callable[[Bench], object], tag: str) -> None:
    bench.ingest(*REPORTS[:3])
    assert list(check(bench.store)) == []
    damage(bench)
    assert tag in [fault.tag for fault in check(bench.store)]


def _raw(bench: Bench) -> Iterator[Path]:
    return (bench.store.spool.path(kept) for kept in bench.store.spool.all())


def _row_files(bench: Bench) -> Iterator[Path]:
    return (bench.places.folder / "rows").rglob("*.parquet")


def test_store_of_a_newer_version_is_left_alone(bench: Bench) -> None:
    with bench.store.database.write() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(UsageError, match="newer"):
        bench.store.prepare()


def test_migration_that_is_killed_has_done_nothing(tmp_path: Path) -> None:
    """L5: the tables appear together or not at all."""
    script = (
        "import os, sys\nfrom pathlib import Path\nfrom sqlalchemy import event\n"
        "from todoku.store.store import Places, Store\n"
        "store = Store(Places(folder=Path(sys.argv[1])))\nseen = [0]\n"
        "@event.listens_for(store.database._engine, 'after_cursor_execute')\n"
        "def count(*arguments):\n    seen[0] += 1\n    if seen[0] == int(sys.argv[2]): os.kill(os.getpid(), 9)\n"
        "store.prepare()\n"
    )
    for number in (8, 12, 16):
        folder = tmp_path / str(number)
        killed = subprocess.run([sys.executable, "-c", script, str(folder), str(number)], check=False)
        assert killed.returncode == -9
        with sqlite3.connect(folder / "state.sqlite") as database:
            assert database.execute("SELECT count(*) FROM sqlite_master").fetchone() == (0,)
        database.close()


def test_state_is_its_owners_alone_in_a_folder_that_others_may_read(tmp_path: Path) -> None:
    folder = tmp_path / "store"
    folder.mkdir(mode=0o755)
    with Store(Places(folder=folder)).prepare() as store, store.database.write() as connection:
        connection.exec_driver_sql("DELETE FROM raw")
        files = [path for path in folder.iterdir() if path.name.startswith("state.sqlite")]
        assert len(files) > 1  # with what SQLite writes ahead
        assert {path.stat().st_mode & 0o077 for path in files} == {0}
