"""How many reports a second come into the store: octets durable first, then read, rows and state published.

    python bench/intake.py [--reports 4000] [--rounds 3] [--unsigned]
    python bench/intake.py --soak 1000000

The reports are e-mail with a gzip attachment of two records each, in memory before the clock starts, that its reporter signed with a
key of 2,048 bit, which is known; ``--unsigned`` looks at no signature. The store is in a
folder of its own below ``--folder``, on a disk that ``fsync`` has to reach. Each round has a new store; the best counts. The
floor writes the same files and synchronizes each with the disk by itself, and does nothing else. ``--soak`` sends so many
reports through one process and one store of four batches' retention, and tells how its memory grows.
"""

from __future__ import annotations

import argparse
import os
import resource
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from hashlib import sha256
from pathlib import Path

from todoku.cli.stored import clock, leased
from todoku.intake import process as processing
from todoku.intake import receive as taking
from todoku.intake.background_reader import reading
from todoku.intake.senders import NO_VERIFICATION, Verification
from todoku.intake.source import Item
from todoku.intake.verify import Request
from todoku.intake.worker import Worker
from todoku.net.suffix_list import bundled_suffixes
from todoku.store.lease import Lease
from todoku.store.raw import microseconds
from todoku.store.status import status
from todoku.store.store import Places, Store
from todoku.store.upkeep import compact, expire, sweep

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

from mint_reports import aggregate, mailed
from senders import signed, zone

BATCHES = (50, 400)
DAY = timedelta(days=1)
REPORTER = "receiver.example"
EACH = 4_000  # reports of ten days, of a soak


class Given:
    """A source that has everything in memory."""

    name = "bench"

    def __init__(self, octets: Sequence[bytes]) -> None:
        self.octets = octets

    def items(self) -> Iterator[Item]:
        yield from (Item(str(number), each) for number, each in enumerate(self.octets))

    def acknowledge(self, _ids: Sequence[str]) -> None:
        return

    def skipped(self) -> Sequence[str]:
        return ()

    def close(self) -> None:
        return


def reports(first: int, number: int, begin: int | None = None, signer: str = "") -> list[bytes]:
    mails = (mailed(aggregate(one, begin=begin), one) for one in range(first, first + number))
    return [signed(mail, signer) for mail in mails] if signer else list(mails)


def floor(folder: Path, octets: Sequence[bytes]) -> float:
    """Seconds to write each to a file and to synchronize it."""
    start = time.perf_counter()
    for each in octets:
        file = os.open(folder / sha256(each).hexdigest(), os.O_WRONLY | os.O_CREAT, 0o600)
        os.write(file, each)
        os.fsync(file)
        os.close(file)
    return time.perf_counter() - start


def spent(worker: Worker) -> float:
    """Seconds of the processor that this process and its child have used so far."""
    own = resource.getrusage(resource.RUSAGE_SELF)
    fields = Path(f"/proc/{worker.pid}/stat").read_text().rpartition(")")[2].split()
    return own.ru_utime + own.ru_stime + (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def in_turn(store: Store, octets: Sequence[bytes], worker: Worker, verification: Verification) -> tuple[float, float]:
    """Seconds to take all, and then to read all."""
    start = time.perf_counter()
    for _ in taking.take(store, Given(octets), clock):
        pass
    taken = time.perf_counter()
    with leased(store) as lease:
        assert lease is not None
        done = sum(one.reports for one in processing.process(store, lease, worker, clock, verification))
    assert done == len(octets)
    return taken - start, time.perf_counter() - taken


def both(store: Store, octets: Sequence[bytes], worker: Worker, verification: Verification) -> tuple[float, float]:
    """Seconds to take all and to read it meanwhile, as ``todoku ingest`` does; and of the processors."""
    used, start = spent(worker), time.perf_counter()
    with reading(store, partial(leased, store), worker, clock, verification) as beside:
        for _ in taking.take(store, Given(octets), clock):
            beside.more()
    assert sum(one.reports for one in beside.results if one is not None) == len(octets)
    return time.perf_counter() - start, spent(worker) - used


def measure(place: Path, number: int, rounds: int, *, unsigned: bool) -> None:
    """No round's files are removed before the end: ext4 takes longer to make files for half a minute after many were removed."""
    octets = reports(0, number, signer="" if unsigned else REPORTER)
    verification = NO_VERIFICATION if unsigned else Verification(zone(REPORTER), bundled_suffixes(), 0)
    print(
        f"{number} reports, {sum(map(len, octets)) / len(octets):,.0f} octets each; reports a second, best of {rounds}\n"
    )
    print(f"{'batch':>6} {'taken':>8} {'read':>8} {'both':>8} {'us CPU of one':>14}")
    with Worker() as worker, tempfile.TemporaryDirectory(dir=place, prefix="bench-") as folder:
        worker.read([Request(0, octets[0])])
        for batch in BATCHES:
            taking.BATCH = batch
            found = []
            for one in range(rounds):
                with new_store(folder, f"{batch}-{one}-turn") as store:
                    times = in_turn(store, octets, worker, verification)
                with new_store(folder, f"{batch}-{one}-both") as store:
                    found.append((*times, *both(store, octets, worker, verification)))
            taken, read, together, used = (min(times) for times in zip(*found, strict=True))
            rates = [len(octets) / seconds for seconds in (taken, read, together)]
            print(
                f"{batch:>6} {rates[0]:>8,.0f} {rates[1]:>8,.0f} {rates[2]:>8,.0f} {used / len(octets) * 1e6:>14,.0f}"
            )
        Path(folder, "floor").mkdir()
        print(f"\nfloor, a synchronized file each: {number / floor(Path(folder, 'floor'), octets):,.0f}")


def new_store(folder: str, name: str) -> Store:
    return Store(Places(folder=Path(folder, name))).prepare()


def resident() -> float:
    """MiB that this process holds now."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize() / 2**20


def ten_days(store: Store, worker: Worker, octets: Sequence[bytes], now: datetime) -> None:
    """Everything that a watcher does: take, read, forget what is old, make small files few, sweep."""

    def still() -> datetime:
        return now

    lease = Lease.acquire(store.database, microseconds(now))
    assert lease is not None
    for _ in taking.take(store, Given(octets), still):
        pass
    for _ in processing.process(store, lease, worker, still):
        pass
    expire(store, lease, still, 1)
    compact(store, lease, still)
    sweep(store, lease, still)
    lease.release(store.database)


def soak(place: Path, number: int) -> None:
    """Ten days' reports at a time go through; what is older than a month is forgotten, as a store with retention does."""
    now = datetime(2024, 1, 1, tzinfo=UTC)
    marks: list[float] = []
    start = time.monotonic()
    with (
        tempfile.TemporaryDirectory(dir=place, prefix="bench-") as name,
        Store(Places(folder=Path(name) / "store")).prepare() as store,
        Worker() as worker,
    ):
        for first in range(0, number, EACH):
            now += 10 * DAY
            ten_days(store, worker, reports(first, EACH, int(now.timestamp()) - 86_400), now)
            marks.append(resident())
            size = sum(path.stat().st_size for path in Path(name).rglob("*") if path.is_file()) / 2**20
            print(
                f"{first + EACH:>9,} reports {time.monotonic() - start:>7.0f} s {marks[-1]:>7.1f} MiB; "
                f"store: {status(store, now).parsed:>6} items, {size:>6.1f} MiB",
                flush=True,
            )
    quarter = max(1, len(marks) // 4)
    least = [min(marks[first : first + quarter]) for first in range(0, 4 * quarter, quarter)]
    print("least memory of each quarter, MiB:", *(f"{one:.1f}" for one in least))


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--reports", type=int, default=4_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--folder", type=Path, default=Path.cwd(), help="on which disk")
    parser.add_argument("--unsigned", action="store_true")
    parser.add_argument("--soak", type=int, metavar="REPORTS")
    wanted = parser.parse_args()
    if wanted.soak:
        soak(wanted.folder, wanted.soak)
    else:
        measure(wanted.folder, wanted.reports, wanted.rounds, unsigned=wanted.unsigned)


if __name__ == "__main__":
    main()
