"""From raw octets to rows, a batch at a time: assigned in SQL, read in the child, written to files, published at once.

Killed at any moment, it begins again where SQL says that it was: a batch that was assigned and not published is read once
more, its files are overwritten, and it counts once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

import msgspec
import pyarrow as pa
import pyarrow.compute as pc

from todoku.auth.suffixes import Suffixes
from todoku.intake.gathered import table_in
from todoku.intake.parse import Found, Parsed, Request
from todoku.intake.portions import portions
from todoku.intake.senders import NO_VERIFICATION, Verification, amend, verify_senders
from todoku.intake.vouching import is_late, named_by, vouched_by
from todoku.intake.worker import TOGETHER, TOGETHER_OCTETS, Died, Worker
from todoku.store import senders, state
from todoku.store.lease import Lease
from todoku.store.proofs import Proof
from todoku.store.raw import Kept, is_authentic, microseconds
from todoku.store.rows import Rows, month_of, written
from todoku.store.state import Published, Settled
from todoku.store.store import Places, Store
from todoku.store.upkeep import keep_few

BATCH = 400
BATCH_OCTETS = 64 * 2**20
ROWS_OCTETS = 128 * 2**20  # of rows that wait to be published: a mail of 100 KB can hold as many

KEY, VOUCHED_BY = "report_key", "vouched_by"


class Processed(msgspec.Struct, frozen=True):
    """What became of some raw items; ``known`` are reports that the store had already."""

    reports: int = 0
    known: int = 0
    rows: int = 0
    quarantined: int = 0

    def __add__(self, other: Processed) -> Processed:
        """Both together."""
        return Processed(*(getattr(self, name) + getattr(other, name) for name in self.__struct_fields__))


class Fresh(msgspec.Struct, frozen=True):
    """A report that the store has not, the raw octets that it came in, and who vouches for it."""

    found: Found
    raw: Kept
    vouched_by: str | None

    def row(self, places: Places) -> dict[str, Any]:
        """As the table of reports has it."""
        row = msgspec.structs.asdict(self.found)
        of_raw = {"raw": self.raw.hash, "received": self.raw.received, "vouched_by": self.vouched_by}
        return {**row, **of_raw, "claimed": places.claims(self.found.domain)}


def process(
    store: Store,
    lease: Lease,
    worker: Worker,
    clock: Callable[[], datetime],
    verification: Verification = NO_VERIFICATION,
) -> Iterator[Processed]:
    """Read everything that is unread, and say after each batch what came of it. Then small files of rows are made few.

    Before that, ``verify_senders`` finds out who sent what, and in which order senders take turns. Raises ``LeaseLost`` where another
    process has become the writer, ``Away`` and ``NoWorker``: it may then be done again.
    """
    verify_senders(store, lease, worker, verification, clock)
    has_published = False
    while True:
        now = microseconds(clock())
        with store.database.write() as connection:
            lease.confirm(connection, now)
            batch, assigned = state.assign(connection, now, BATCH, BATCH_OCTETS)
        if not assigned:
            if has_published:  # else they are as few as they were
                keep_few(store, lease, clock)
            return
        has_published = True
        read = _enough(_read(store, lease, worker, assigned, clock))
        yield _Batch(store, lease, batch, verification.suffixes).published(read, clock)


class _Read(msgspec.Struct, frozen=True):
    """What was asked at once: what became of each item, and the rows of all."""

    items: tuple[tuple[Kept, Parsed | Settled], ...]
    rows: dict[str, bytes] = {}


def _enough(read: Iterable[_Read]) -> list[_Read]:
    """What was read until its rows are many; what is left of the batch is read with another."""
    found: list[_Read] = []
    octets = 0
    for one in read:
        found.append(one)
        octets += sum(map(len, one.rows.values()))
        if octets >= ROWS_OCTETS:
            break
    return found


def _read(
    store: Store, lease: Lease, worker: Worker, assigned: list[Kept], clock: Callable[[], datetime]
) -> Iterator[_Read]:
    """What the child reads, some items at once."""
    for some in portions(((kept, kept.size) for kept in assigned), TOGETHER, TOGETHER_OCTETS):
        there: list[tuple[Kept, Request]] = []
        for kept in some:
            octets = store.spool.read(kept)
            if octets is None:
                yield _Read(((kept, Settled(kept.hash, state.GONE)),))
            else:
                there.append((kept, Request(kept.received, octets, is_authentic(kept.hash, octets))))
        yield from _asked(store, lease, worker, there, clock)


def _asked(
    store: Store,
    lease: Lease,
    worker: Worker,
    there: list[tuple[Kept, Request]],
    clock: Callable[[], datetime],
) -> Iterator[_Read]:
    """What the child reads of these. If it dies it is asked for each alone; who kills it then has failed once more."""
    try:
        reading = worker.read([request for _, request in there])
    except Died:
        if len(there) > 1:
            for one in there:
                yield from _asked(store, lease, worker, [one], clock)
            return
        kept_one = there[0][0]
        with store.database.write() as connection:
            lease.confirm(connection, microseconds(clock()))
            last = state.attempted(connection, kept_one.hash)
        if last is not None:
            yield _Read(((kept_one, last),))
        return
    kept = (kept for kept, _ in there)
    yield _Read(tuple(zip(kept, reading.parsed, strict=True)), reading.rows)


class _Batch:
    """A batch that was read, on its way into the state."""

    def __init__(self, store: Store, lease: Lease, number: int, suffixes: Suffixes) -> None:
        self.store = store
        self.lease = lease
        self.number = number
        self.suffixes = suffixes

    def published(self, read: list[_Read], clock: Callable[[], datetime]) -> Processed:
        """What it came to, once it counts."""
        items = [item for one in read for item in one.items]
        settled = [_settled(kept, one) for kept, one in items]
        with self.store.database.read() as connection:
            proofs = senders.proofs(connection, [kept.hash for kept, _ in items])
            candidates = self._candidates(items, proofs)
            known = state.known_versions(connection, {one.found.version for one in candidates})
        fresh = {one.found.version: one for one in reversed(candidates) if one.found.version not in known}
        again = [one for one in candidates if fresh.get(one.found.version) is not one]
        files = _files(
            self.store, list(fresh.values()), [one.rows for one in read], f"{self.number}-{self.lease.epoch}"
        )
        with self.store.database.write() as connection:
            now = microseconds(clock())
            self.lease.confirm(connection, now)
            rows = [one.row(self.store.places) for one in fresh.values()]
            state.publish(connection, self.number, now, rows, files, settled)
            told = {one.version: one for one in senders.told_of(connection, [one.found.version for one in again])}
            amend(connection, [(told[one.found.version], proofs[one.raw.hash]) for one in again], self.suffixes)
        return Processed(
            reports=len(fresh),
            known=len(again),
            rows=sum(file.rows for file in files),
            quarantined=sum(1 for one in settled if one.reason),
        )

    def _candidates(self, items: Iterable[tuple[Kept, Parsed | Settled]], proofs: Mapping[str, Proof]) -> list[Fresh]:
        """Every report in the items, also those that the store has already."""
        return [
            Fresh(found, kept, self._vouched_by(found, kept, proofs[kept.hash]))
            for kept, one in items
            if isinstance(one, Parsed)
            for found in one.found
        ]

    def _vouched_by(self, found: Found, kept: Kept, proof: Proof) -> str | None:
        return vouched_by(
            proof,
            org=named_by(found.kind, found.org),
            contact=found.contact,
            late=is_late(found.end, kept.received),
            suffixes=self.suffixes,
        )


def _settled(kept: Kept, one: Parsed | Settled) -> Settled:
    """What becomes of the raw octets: the first trouble in them is the reason why somebody should look."""
    if isinstance(one, Settled):
        return one
    if one.troubles:
        return Settled(kept.hash, one.troubles[0].reason, one.troubles[0].values)
    return Settled(kept.hash)


def _files(store: Store, fresh: list[Fresh], rows: list[dict[str, bytes]], stem: str) -> list[Published]:
    """The rows of the batch, one file for each kind and month."""
    months: dict[tuple[str, str], set[str]] = {}
    for one in fresh:
        months.setdefault((one.found.kind, month_of(one.found.begin)), set()).add(one.found.version)
    tables = {kind: _of(kind, rows, {one.found.version for one in fresh}) for kind in {kind for kind, _ in months}}
    known = {one.found.version: one.vouched_by for one in fresh}
    tables = {kind: _with_vouchers(table, known) for kind, table in tables.items()}
    rows_of = [Rows(kind, month, _only(tables[kind], versions)) for (kind, month), versions in sorted(months.items())]
    return written(store.files, stem, rows_of)


def _of(kind: str, rows: list[dict[str, bytes]], wanted: set[str]) -> pa.Table:
    """The rows of the wanted reports; of one that was read in two places, those of the first."""
    left = set(wanted)
    parts = []
    for each in rows:
        if kind in each:
            table = table_in(each[kind])
            here = left.intersection(_versions(table))
            parts.append(_only(table, here))
            left -= here
    return pa.concat_tables(parts)


def _with_vouchers(table: pa.Table, known: Mapping[str, str | None]) -> pa.Table:
    """The rows with who vouches for the report of each."""
    place = table.schema.get_field_index(VOUCHED_BY)
    if place < 0:  # an event: SNS has signed it
        return table
    of_row = pc.index_in(table.column(KEY), value_set=pa.array(list(known), pa.string()))
    return table.set_column(place, table.schema.field(place), pa.array(list(known.values()), pa.string()).take(of_row))


def _versions(table: pa.Table) -> set[str]:
    return set(table.column(KEY).unique().to_pylist())


def _only(table: pa.Table, versions: set[str]) -> pa.Table:
    """The rows of these reports; nearly always it is all of them."""
    if versions == _versions(table):
        return table
    return table.filter(pc.is_in(table.column(KEY), value_set=pa.array(sorted(versions), pa.string())))
