"""What watching remembers from look to look: documents by name, and the alarms that are open.

Each function is a part of its caller's transaction, the same in which what is to be told goes into the outbox.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeVar

import msgspec
from sqlalchemy import Connection, delete, select, update

from todoku.store.database import insert_new
from todoku.store.raw import microseconds
from todoku.store.state import chunks
from todoku.store.tables import alarms, snapshots
from todoku.watching.alarm import Alarm

T = TypeVar("T")

ROUND = "round"
"""The name of what the last round of watching was."""


def keep(connection: Connection, name: str, document: object, at: int) -> None:
    """Put a document in the place of the one of that name. It holds nothing secret."""
    row = {"name": name, "at": at, "document": _json(document)}
    insert_new(connection, snapshots, [row])
    connection.execute(update(snapshots).where(snapshots.c.name == name).values(**row))


def last(connection: Connection, name: str, kind: type[T]) -> T | None:
    """The document of a name; None where there is none, or one of another version's shape, which is as good as none."""
    found = connection.execute(select(snapshots.c.document).where(snapshots.c.name == name)).scalar()
    return None if found is None else _decoded(found, kind)


def _decoded(document: str, kind: type[T]) -> T | None:
    try:
        return msgspec.json.decode(document, type=kind)
    except msgspec.MsgspecError:
        return None


def open_alarms(connection: Connection) -> tuple[Alarm, ...]:
    """The alarms that are open, in the order of their causes: that of octets, which not every database sorts by.

    One of another version's shape is as good as none: what it is about is told anew.
    """
    found = connection.execute(select(alarms.c.document)).scalars()
    known = (alarm for one in found if (alarm := _decoded(one, Alarm)) is not None)
    return tuple(sorted(known, key=lambda alarm: alarm.cause))


def keep_alarms(connection: Connection, now: Sequence[Alarm]) -> None:
    """Make these the open alarms. Those that are as they were are not written again."""
    before = {row.cause: row.document for row in connection.execute(select(alarms))}
    rows = {one.cause: _row(one) for one in now}
    fresh = [row for cause, row in rows.items() if before.get(cause) != row["document"]]
    over = [cause for cause in before if cause not in rows] + [row["cause"] for row in fresh if row["cause"] in before]
    for some in chunks(over):
        connection.execute(delete(alarms).where(alarms.c.cause.in_(some)))
    insert_new(connection, alarms, fresh)


def _row(alarm: Alarm) -> dict[str, Any]:
    return {
        "cause": alarm.cause,
        "since": microseconds(alarm.since),
        "document": _json(alarm),
    }


def _json(document: object) -> str:
    return msgspec.json.encode(document).decode()
