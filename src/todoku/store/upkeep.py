"""Keeping a store in order: making small files few, forgetting what is old, and looking whether all is there."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from types import MappingProxyType

import msgspec
import pyarrow as pa
from sqlalchemy import Connection, delete, exists, select, update

from todoku.feedback.rows import SCHEMA
from todoku.store import state
from todoku.store.arrivals import enter
from todoku.store.away import Away
from todoku.store.database import CHUNK
from todoku.store.lease import Lease
from todoku.store.raw import DAY, Kept, microseconds
from todoku.store.rows import AGGREGATE, Rows, in_order, other_columns, written
from todoku.store.state import Published
from todoku.store.store import Store
from todoku.store.tables import batches, manifest, raw, reports
from todoku.words.verdict import Text

SMALL = 64 * 2**20  # octets; a file of rows that is larger is left alone
MAX_ROWS = 2_000_000  # in one file
MANY = 16  # files of one size: then they become one of the next
REPLACED_STAYS = 86_400 * 1_000_000  # microseconds: a reader that began before is done by then
HALF_WRITTEN_STAYS = 86_400 * 1_000_000

_STEM = re.compile(r"[0-9]+-([0-9]+)\.parquet")

Clock = Callable[[], datetime]


def adopt(store: Store, source: str) -> int:
    """How many octets were in the spool and unknown to the state; they are to be read now. Raises ``Away``."""
    number = 0
    for kept in state.chunks(store.spool.all()):
        number += enter(store, kept, source, put=False)
    return number


def compact(store: Store, lease: Lease, clock: Clock) -> int:
    """How many files of rows were made into fewer. The old ones are removed a day later.

    Raises ``Away``, ``LeaseLost``.
    """
    with store.database.read() as connection:
        listed = connection.execute(
            select(manifest.c.kind, manifest.c.month, manifest.c.file, manifest.c.rows)
            .where(manifest.c.replaced.is_(None), manifest.c.size < SMALL)
            .order_by(manifest.c.kind, manifest.c.month, manifest.c.file)
        ).all()
    groups: dict[tuple[str, str], list[list[tuple[str, int]]]] = {}
    for one in listed:
        some = groups.setdefault((one.kind, one.month), [[]])
        if some[-1] and sum(rows for _, rows in some[-1]) + one.rows > MAX_ROWS:
            some.append([])
        some[-1].append((one.file, one.rows))
    number = 0
    for (kind, month), divided in groups.items():
        for files in divided:
            if len(files) > 1:
                _merge(store, lease, clock, kind, month, [file for file, _ in files])
                number += len(files)
    return number


def keep_few(store: Store, lease: Lease, clock: Clock) -> int:
    """How many files of rows were made into fewer, because there were many of one size; each question opens each file.

    Sizes go by powers of ``MANY`` rows, so that a row is written again a few times and no more, however small the files are
    in which rows come. What cannot be read or written stays as it is. Raises ``Away`` of the database, ``LeaseLost``.
    """
    now = microseconds(clock())
    remove_replaced(store, lease, now)
    with store.database.read() as connection:
        listed = connection.execute(
            select(manifest.c.kind, manifest.c.month, manifest.c.rows, manifest.c.file)
            .where(manifest.c.replaced.is_(None), manifest.c.size < SMALL, manifest.c.rows < MAX_ROWS // MANY)
            .order_by(manifest.c.file)
        ).all()
    alike: dict[tuple[str, str, int], list[str]] = {}
    for kind, month, rows, file in listed:
        alike.setdefault((kind, month, len(f"{rows:x}")), []).append(file)
    number = 0
    for (kind, month, _), files in alike.items():
        for start in range(0, len(files) - MANY + 1, MANY):
            with suppress(Away):
                _merge(store, lease, clock, kind, month, files[start : start + MANY])
                number += MANY
    return number


def _merge(store: Store, lease: Lease, clock: Clock, kind: str, month: str, files: list[str]) -> None:
    digests: dict[str, str] = {}
    with store.database.read() as connection:
        for some in state.chunks(files):
            listed = connection.execute(select(manifest.c.file, manifest.c.digest).where(manifest.c.file.in_(some)))
            digests |= {row.file: row.digest for row in listed}
    read = [store.files.read(file, digests[file]) for file in files]
    for file, some in zip(files, read, strict=True):
        if not some.schema.equals(read[0].schema):
            raise other_columns(file)
    table = pa.concat_tables(read)
    with store.database.write() as connection:
        now = microseconds(clock())
        lease.confirm(connection, now)
        batch = connection.execute(batches.insert().values(opened=now).returning(batches.c.id)).scalar_one()
    made = written(store.files, f"{batch}-{lease.epoch}", [Rows(kind, month, in_order(kind, table))])
    with store.database.write() as connection:
        now = microseconds(clock())
        lease.confirm(connection, now)
        state.enter(connection, made, now)
        for some in state.chunks(files):
            connection.execute(update(manifest).where(manifest.c.file.in_(some)).values(replaced=now))
        connection.execute(update(batches).where(batches.c.id == batch).values(published=now))


def expire(store: Store, lease: Lease, clock: Clock, months: int, stops: Callable[[], bool] = lambda: False) -> int:
    """How many raw items were forgotten because all that they tell is older than so many whole months; 0 keeps all.

    Raw octets live as long as the rows that come from them: so reading everything again always gives the same totals.
    ``stops``: whether to end early; what is left is forgotten the next time. Raises ``Away``, ``LeaseLost``.
    """
    if not months:
        return 0
    now = clock().astimezone(UTC)
    passed = now.year * 12 + now.month - 1 - months
    first = datetime(passed // 12, passed % 12 + 1, 1, tzinfo=UTC)
    with store.database.write() as connection:
        lease.confirm(connection, microseconds(now))
        connection.execute(delete(reports).where(reports.c.begin < int(first.timestamp())))
        older = (manifest.c.month < f"{first:%Y-%m}") & manifest.c.replaced.is_(None)
        connection.execute(update(manifest).where(older).values(replaced=microseconds(now)))
        old = _nothing_left(connection, microseconds(first))
    number = 0
    for some in state.chunks(old):  # a portion at a time: who is killed leaves no more than one to a rebuild
        if stops():
            break
        with store.database.write() as connection:
            lease.confirm(connection, microseconds(clock()))
            connection.execute(delete(raw).where(raw.c.hash.in_([one.hash for one in some])))
        for one in some:
            store.spool.drop(one)
        number += len(some)
    if number:
        _forget_proofs(store, first)
    return number


def _forget_proofs(store: Store, before: datetime) -> None:
    """Remove what was proven on the days of which no raw octets are left."""
    with store.database.read() as connection:
        days = connection.execute(select(raw.c.received // DAY).where(raw.c.received < microseconds(before)).distinct())
        left = {Kept("", 0, number * DAY).day for number in days.scalars()}
    store.proofs.forget([day for day in store.proofs.days() if day < f"{before:%Y-%m-%d}" and day not in left])


def _nothing_left(connection: Connection, before: int) -> list[Kept]:
    told = exists().where(reports.c.raw == raw.c.hash)
    found = connection.execute(
        select(raw.c.hash, raw.c.size, raw.c.received).where(
            raw.c.state.not_in(("unparsed", "held")), raw.c.received < before, ~told
        )
    )
    return [Kept(*row) for row in found]


def sweep(store: Store, lease: Lease, clock: Clock) -> int:
    """How many files that count for nothing were removed: replaced a day ago, or left by a writer that was killed.

    A file of rows bears its writer's epoch: one of an older epoch that is not in the manifest will never be.
    Raises ``Away``, ``LeaseLost``.
    """
    now = microseconds(clock())
    number = store.spool.sweep(now - HALF_WRITTEN_STAYS) + remove_replaced(store, lease, now)
    with store.database.write() as connection:
        lease.confirm(connection, now)
        listed = set(connection.execute(select(manifest.c.file)).scalars())
    for name, _ in list(store.files.names()):
        if name not in listed and _epoch(name) < lease.epoch:
            store.files.remove(name)
            number += 1
    return number


def replaced_long_ago(store: Store, now: int) -> list[str]:
    """The files of rows that were replaced a day ago, so that nobody reads them any more. Raises ``Away``."""
    with store.database.read() as connection:
        past = select(manifest.c.file).where(manifest.c.replaced < now - REPLACED_STAYS)
        return list(connection.execute(past).scalars())


def remove_replaced(store: Store, lease: Lease, now: int) -> int:
    """How many files that were replaced a day ago were removed. Raises ``Away``, ``LeaseLost``."""
    past = replaced_long_ago(store, now)
    for some in state.chunks(past):
        for name in some:
            store.files.remove(name)
        with store.database.write() as connection:
            lease.confirm(connection, now)
            connection.execute(delete(manifest).where(manifest.c.file.in_(some)))
    return len(past)


def _epoch(name: str) -> int:
    """Of which writer a file is; what bears no such name is of none of ours, and stays."""
    last = name.rpartition("/")[2]
    half_written = last.removeprefix(".").removesuffix(".new")
    stem = _STEM.fullmatch(half_written)
    return int(stem[1]) if stem else 2**62


class Fault(msgspec.Struct, frozen=True):
    """Something that is not as the state says: a tag that never changes, and what it is about."""

    tag: str
    about: str


FAULTS = {
    "raw-missing": Text(
        "the original of a report is gone: give the report to todoku ingest again",
        "データベースに記録された元データがありません(同じレポートを todoku ingest に渡すと、取り込み直します)",
    ),
    "raw-changed": Text(
        "the original of a report is no longer what it was: give the report to todoku ingest again",
        "元データの内容が変わっています(同じレポートを todoku ingest に渡すと、取り込み直します)",
    ),
    "raw-unknown": Text(
        "an original that the database does not know: todoku store rebuild takes it in",
        "データベースに記録のない元データがあります(todoku store rebuild で取り込めます)",
    ),
    "rows-missing": Text(
        "a file of rows is gone: todoku store rebuild makes it anew",
        "レポートの行のファイルがありません(todoku store rebuild で作り直せます)",
    ),
    "rows-changed": Text(
        "a file of rows is no longer what it was: todoku store rebuild makes it anew",
        "レポートの行のファイルの内容が変わっています(todoku store rebuild で作り直せます)",
    ),
    "rows-other-columns": Text(
        "a file of rows of another version, with other columns: todoku store rebuild makes the rows anew",
        "別のバージョンで書かれた、列の異なる行のファイルがあります(todoku store rebuild で作り直せます)",
    ),
    "rows-differ": Text(
        "the rows are not those of the reports that the database knows: todoku store rebuild makes them anew",
        "レポートの行が、データベースに記録されたレポートと一致しません(todoku store rebuild で作り直せます)",
    ),
}
"""What each fault is."""


def check(store: Store, columns: Mapping[str, pa.Schema] = MappingProxyType({AGGREGATE: SCHEMA})) -> Iterator[Fault]:
    """Everything that is not as the state says. All raw octets and all rows are read. ``columns``: those that rows of each kind
    must have. Raises ``Away``.
    """
    yield from _raw_faults(store)
    with store.database.read() as connection:
        listed = [
            Published(*row)
            for row in connection.execute(
                select(*(manifest.c[name] for name in Published.__struct_fields__))
                .where(manifest.c.replaced.is_(None))
                .order_by(manifest.c.file)
            )
        ]
        known = set(connection.execute(select(reports.c.version)).scalars())
    there = dict(store.files.names())
    found: set[str] = set()
    for file in listed:
        if file.file not in there:
            yield Fault("rows-missing", file.file)
            continue
        try:
            table = store.files.read(file.file)
        except Away:
            yield Fault("rows-changed", file.file)
            continue
        is_same = not file.digest or store.files.digest(file.file) == file.digest
        if there[file.file] != file.size or table.num_rows != file.rows or not is_same:
            yield Fault("rows-changed", file.file)
        if file.kind in columns and not table.schema.equals(columns[file.kind]):
            yield Fault("rows-other-columns", file.file)
        found.update(table.column("report_key").unique().to_pylist())
    if found != known:
        yield Fault("rows-differ", f"{len(known - found)} - / {len(found - known)} +")


def _raw_faults(store: Store) -> Iterator[Fault]:
    after = ""
    while True:
        with store.database.read() as connection:
            some = connection.execute(
                select(raw.c.hash, raw.c.size, raw.c.received)
                .where(raw.c.hash > after)
                .order_by(raw.c.hash)
                .limit(CHUNK)
            ).all()
        if not some:
            break
        after = some[-1].hash
        for row in some:
            kept = Kept(*row)
            if store.spool.read(kept) is None:
                tag = "raw-changed" if store.spool.path(kept).exists() else "raw-missing"
                yield Fault(tag, f"{kept.day}/{kept.hash}")
    for kept_some in state.chunks(store.spool.all()):
        with store.database.read() as connection:
            hashes = [one.hash for one in kept_some]
            found = connection.execute(select(raw.c.hash, raw.c.received).where(raw.c.hash.in_(hashes)))
            known = {row.hash: row.received for row in found}
        for one in kept_some:
            if one.hash not in known or Kept(one.hash, 0, known[one.hash]).day != one.day:
                yield Fault("raw-unknown", f"{one.day}/{one.hash}")
