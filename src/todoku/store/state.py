r"""What has become of everything that arrived: each function is a part of one transaction of its caller.

unparsed --> parsed           every report in it is in the tables and in a published file of rows
   | \----> quarantined        something in it could not be read: the reason is a tag; the octets are kept
   v
  held                        more than a day's allowance came from its sender (``senders.py``); unparsed again on another day
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, TypeVar

import msgspec
from sqlalchemy import Connection, case, delete, func, select, update

from todoku.store.database import CHUNK, insert_new
from todoku.store.raw import Kept
from todoku.store.tables import batches, manifest, raw, reports, senders, sources
from todoku.words.verdict import Values

MAX_ATTEMPTS = 3
POISON = "report-poison"
GONE = "report-gone"

FIRST_LOOK = -(2**60)
"""What is new is looked at in the order of arrival, and at once whatever the clock says."""

T = TypeVar("T")


class Settled(msgspec.Struct, frozen=True):
    """What became of some raw octets: no reason means that all of it was read."""

    hash: str
    reason: str = ""
    values: Values = {}


class Published(msgspec.Struct, frozen=True):
    """A file of rows."""

    file: str
    kind: str
    month: str
    rows: int
    size: int
    digest: str = ""  # SHA-256


class Known(msgspec.Struct, frozen=True):
    """Octets that the state knew before they came again; ``is_gone``: they were to be read, and were not there."""

    kept: Kept
    is_gone: bool


def record(
    connection: Connection, kept: Sequence[Kept], source: str, names: Mapping[str, str]
) -> tuple[int, dict[str, Known]]:
    """Enter what was put into the spool: how many were new, and what the state says of the others, by hash.

    ``names``: what they are called in their source, by hash, where that is known.
    """
    known: dict[str, Known] = {}
    for some in chunks([one.hash for one in kept]):
        found = connection.execute(
            select(raw.c.hash, raw.c.size, raw.c.received, raw.c.reason).where(raw.c.hash.in_(some))
        )
        known.update((row.hash, Known(Kept(row.hash, row.size, row.received), row.reason == GONE)) for row in found)
    fresh = {one.hash: one for one in kept if one.hash not in known}
    insert_new(connection, raw, [_unparsed(one, source, names.get(one.hash, "")) for one in fresh.values()])
    return len(fresh), known


def had_again(connection: Connection, hashes: Sequence[str]) -> None:
    """Have these read: their octets were gone, and are there again."""
    for some in chunks(hashes):
        gone = update(raw).where(raw.c.hash.in_(some), raw.c.state == "quarantined", raw.c.reason == GONE)
        connection.execute(gone.values(state="unparsed", reason="", values="{}", attempts=0, batch=None))


def _unparsed(kept: Kept, source: str, name: str) -> dict[str, Any]:
    return {
        "hash": kept.hash,
        "size": kept.size,
        "received": kept.received,
        "source": source,
        "name": name,
        "state": "unparsed",
        "reason": "",
        "values": "{}",
        "attempts": 0,
        "batch": None,
        "proof": "",
        "signer": "",
        "sender": "",
        "looks": 0,
        "next_look": FIRST_LOOK + kept.received,
        "turn": 0,
    }


def succeeded(connection: Connection, source: str, now: int, taken: int, known: int) -> None:
    """Note that a source was looked at to its end."""
    insert_new(connection, sources, [{"name": source, "succeeded": now, "taken": 0, "known": 0}])
    connection.execute(
        update(sources)
        .where(sources.c.name == source)
        .values(succeeded=now, taken=sources.c.taken + taken, known=sources.c.known + known)
    )


def assign(connection: Connection, now: int, limit: int, octets: int) -> tuple[int, list[Kept]]:
    """A batch with raw octets to read: one that was begun and not published, else a new one; none where all is read.

    Whatever is the first of its sender's comes before all that is the second: nobody waits for another's flood.
    """
    unfinished = connection.execute(
        select(func.min(raw.c.batch)).where(raw.c.state == "unparsed", raw.c.batch.is_not(None))
    ).scalar()
    if unfinished is not None:
        return unfinished, _of_batch(connection, unfinished)
    found = connection.execute(
        select(raw.c.hash, raw.c.size)
        .where(raw.c.state == "unparsed", raw.c.proof != "")
        .order_by(raw.c.attempts, raw.c.turn, raw.c.received, raw.c.hash)
        .limit(limit)
    ).all()
    if not found:
        return 0, []
    chosen: list[str] = []
    size = 0
    for one in found:
        size += one.size
        if chosen and size > octets:
            break
        chosen.append(one.hash)
    batch = connection.execute(batches.insert().values(opened=now).returning(batches.c.id)).scalar_one()
    for some in chunks(chosen):
        connection.execute(update(raw).where(raw.c.hash.in_(some)).values(batch=batch))
    return batch, _of_batch(connection, batch)


def _of_batch(connection: Connection, batch: int) -> list[Kept]:
    found = connection.execute(
        select(raw.c.hash, raw.c.size, raw.c.received)
        .where(raw.c.batch == batch, raw.c.state == "unparsed")
        .order_by(raw.c.received, raw.c.hash)
    )
    return [Kept(*row) for row in found]


def attempted(connection: Connection, hash_: str) -> Settled | None:
    """Count that the parser was killed by these octets; what becomes of them at last, so that the others go on."""
    counted = update(raw).where(raw.c.hash == hash_).values(attempts=raw.c.attempts + 1, batch=None)
    attempts = connection.execute(counted.returning(raw.c.attempts)).scalar()
    if attempts is None or attempts < MAX_ATTEMPTS:
        return None
    return Settled(hash_, POISON, {"attempts": MAX_ATTEMPTS})


def known_versions(connection: Connection, versions: Collection[str]) -> set[str]:
    """Those of these reports that are in the store."""
    known: set[str] = set()
    for some in chunks(versions):
        known.update(connection.execute(select(reports.c.version).where(reports.c.version.in_(some))).scalars())
    return known


def publish(
    connection: Connection,
    batch: int,
    now: int,
    found: Sequence[Mapping[str, Any]],
    files: Sequence[Published],
    settled: Sequence[Settled],
) -> None:
    """Make a batch count, all of it at once: its reports, its files, and what became of its raw octets.

    What was not read of it is left for another batch: the files of this one bear its number.
    """
    own = {"batch": batch, "shown": True, "conflict": False, "amended": False}
    insert_new(connection, reports, [{**one, **own} for one in found])
    settle_versions(connection, {str(one["key"]) for one in found})
    enter(connection, files, now)
    parsed = [one.hash for one in settled if not one.reason]
    for some in chunks(parsed):
        connection.execute(
            update(raw).where(raw.c.hash.in_(some)).values(state="parsed", reason="", values="{}", batch=None)
        )
    for one in settled:
        if one.reason:
            told = {"state": "quarantined", "reason": one.reason, "values": _json(one.values), "batch": None}
            connection.execute(update(raw).where(raw.c.hash == one.hash).values(**told))
    connection.execute(update(raw).where(raw.c.batch == batch).values(batch=None))
    connection.execute(update(batches).where(batches.c.id == batch).values(published=now))


def enter(connection: Connection, files: Iterable[Published], now: int) -> None:
    """Put files of rows into the manifest; one of that name that is there already is the same."""
    insert_new(
        connection, manifest, [{**msgspec.structs.asdict(one), "published": now, "replaced": None} for one in files]
    )


def settle_versions(connection: Connection, keys: Collection[str]) -> None:
    """Of each key the version that arrived last is shown, and where there are several each is marked.

    One that is vouched for is not superseded by one that is not, and one of which this is not known by none that nobody vouches for.
    """
    proven = case((reports.c.vouched_by.is_(None), 1), (reports.c.vouched_by == "", 0), else_=2)
    for some in chunks(keys):
        many = select(reports.c.key).where(reports.c.key.in_(some)).group_by(reports.c.key).having(func.count() > 1)
        rows = connection.execute(
            select(reports.c.key, reports.c.version)
            .where(reports.c.key.in_(many))
            .order_by(reports.c.key, proven, reports.c.received, reports.c.version)
        ).all()
        newest = {row.key: row.version for row in rows}
        connection.execute(update(reports).where(reports.c.key.in_(newest)).values(conflict=True, shown=False))
        connection.execute(update(reports).where(reports.c.version.in_(newest.values())).values(shown=True))


def retry(connection: Connection) -> int:
    """How many items that were set aside, or held, are to be read now."""
    connection.execute(update(senders).values(held=0))
    done = connection.execute(
        update(raw)
        .where(raw.c.state.in_(("quarantined", "held")))
        .values(state="unparsed", reason="", values="{}", attempts=0, batch=None, turn=0)
    )
    return done.rowcount


def forget_reading(connection: Connection, now: int) -> None:
    """Undo all reading: every raw item is unparsed, no report is known, no file of rows counts."""
    connection.execute(delete(reports))
    connection.execute(update(manifest).where(manifest.c.replaced.is_(None)).values(replaced=now))
    connection.execute(update(senders).values(held=0))
    connection.execute(update(raw).values(state="unparsed", reason="", values="{}", attempts=0, batch=None, turn=0))


def _json(values: Values) -> str:
    return msgspec.json.encode(values).decode()


def chunks(values: Iterable[T]) -> Iterator[list[T]]:
    """The values, as many at a time as one statement takes."""
    rest = iter(values)
    while some := list(islice(rest, CHUNK)):
        yield some
