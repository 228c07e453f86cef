"""From raw octets to rows, a batch at a time: assigned in SQL, read in the child, written to files, published at once.

Killed at any moment, it begins again where SQL says that it was: a batch that was assigned and not published is read once
more, its files are overwritten, and it counts once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import msgspec
import pyarrow as pa

from todoku.intake.parse import SCHEMAS, Found, Parsed, batches_in
from todoku.intake.worker import Died, Worker
from todoku.store import state
from todoku.store.lease import Lease
from todoku.store.raw import Kept, is_authentic, microseconds
from todoku.store.rows import month_of, written
from todoku.store.state import Published, Settled
from todoku.store.store import Places, Store

BATCH = 400
BATCH_OCTETS = 64 * 2**20


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
    """A report that the store has not, and the raw octets that it came in."""

    found: Found
    raw: Kept

    def row(self, places: Places) -> dict[str, Any]:
        """As the table of reports has it."""
        row = msgspec.structs.asdict(self.found)
        del row["rows"]
        return {**row, "raw": self.raw.hash, "received": self.raw.received, "claimed": places.claims(self.found.domain)}


def process(store: Store, lease: Lease, worker: Worker, clock: Callable[[], datetime]) -> Iterator[Processed]:
    """Read everything that is unread, and say after each batch what came of it.

    Raises ``LeaseLost`` where another process has become the writer, ``Away`` and ``NoWorker``: it may then be done again.
    """
    while True:
        now = microseconds(clock())
        with store.database.write() as connection:
            lease.confirm(connection, now)
            batch, assigned = state.assign(connection, now, BATCH, BATCH_OCTETS)
        if not assigned:
            return
        yield _one_batch(store, lease, batch, list(_read(store, lease, worker, assigned, clock)), clock)


def _read(
    store: Store, lease: Lease, worker: Worker, assigned: list[Kept], clock: Callable[[], datetime]
) -> Iterator[tuple[Kept, Parsed | Settled]]:
    """What the child reads of each; nothing of one of which it dies: that is counted, and the others go on."""
    for kept in assigned:
        octets = store.spool.read(kept)
        if octets is None:
            yield kept, Settled(kept.hash, state.GONE)
            continue
        try:
            yield kept, worker.parse(octets, kept.received, authentic=is_authentic(kept.hash, octets))
        except Died:
            with store.database.write() as connection:
                lease.confirm(connection, microseconds(clock()))
                state.attempted(connection, kept.hash)


def _one_batch(
    store: Store,
    lease: Lease,
    batch: int,
    read: list[tuple[Kept, Parsed | Settled]],
    clock: Callable[[], datetime],
) -> Processed:
    settled = [_settled(kept, one) for kept, one in read]
    candidates = [Fresh(found, kept) for kept, one in read if isinstance(one, Parsed) for found in one.found]
    with store.database.read() as connection:
        known = state.known_versions(connection, {one.found.version for one in candidates})
    fresh = {one.found.version: one for one in reversed(candidates) if one.found.version not in known}
    files = _files(store, list(fresh.values()), f"{batch}-{lease.epoch}")
    with store.database.write() as connection:
        now = microseconds(clock())
        lease.confirm(connection, now)
        state.publish(connection, batch, now, [one.row(store.places) for one in fresh.values()], files, settled)
    return Processed(
        reports=len(fresh),
        known=len(candidates) - len(fresh),
        rows=sum(file.rows for file in files),
        quarantined=sum(1 for one in settled if one.reason),
    )


def _settled(kept: Kept, one: Parsed | Settled) -> Settled:
    """What becomes of the raw octets: the first trouble in them is the reason why somebody should look."""
    if isinstance(one, Settled):
        return one
    if one.troubles:
        return Settled(kept.hash, one.troubles[0].reason, one.troubles[0].values)
    return Settled(kept.hash)


def _files(store: Store, fresh: list[Fresh], stem: str) -> list[Published]:
    """The rows of the batch, one file for each kind and month."""
    parts: dict[tuple[str, str], list[pa.RecordBatch]] = {}
    for one in fresh:
        place = (one.found.kind, month_of(one.found.begin))
        parts.setdefault(place, []).extend(batches_in(one.found.rows))
    return [
        written(store.files, kind, month, stem, pa.Table.from_batches(some, SCHEMAS[kind]))
        for (kind, month), some in sorted(parts.items())
    ]
