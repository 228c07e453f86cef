"""What a store needs once a day, however long it runs: what is older than it is to be kept is forgotten, and so is what counts for nothing.

It waits while something is unread: a rebuild that was killed has not yet found out what the octets tell, and nothing is
forgotten before that is known.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime, timedelta

import msgspec
from sqlalchemy import exists, select

from todoku.store import snapshots
from todoku.store.lease import Lease
from todoku.store.raw import microseconds
from todoku.store.store import Store
from todoku.store.tables import raw
from todoku.store.upkeep import Clock, expire, remove_replaced, replaced_long_ago, sweep

TIDIED = "tidied"
"""The name of the snapshot of when it was done last."""
EVERY = timedelta(days=1)


class Tidied(msgspec.Struct, frozen=True):
    """When it was done: items that were older than they are kept, and files that counted for nothing."""

    at: datetime
    forgotten: int
    removed: int


def tidy(store: Store, lease: Lease, clock: Clock, months: int, stops: Callable[[], bool]) -> Tidied | None:
    """What was done; None where it is not due, something is unread, or ``stops`` said to end. Raises ``Away``, ``LeaseLost``."""
    now = clock()
    with store.database.read() as connection:
        last = snapshots.last(connection, TIDIED, Tidied)
        unread = connection.execute(select(exists().where(raw.c.state == "unparsed"))).scalar()
    if unread or stops() or (last is not None and timedelta() <= now - last.at < EVERY):
        return None
    forgotten = expire(store, lease, clock, months, stops)
    if stops():
        return None
    done = Tidied(now, forgotten, sweep(store, lease, clock))
    with store.database.write() as connection:
        lease.confirm(connection, microseconds(clock()))
        snapshots.keep(connection, TIDIED, done, microseconds(now))
    return done


def clear_away(store: Store, leased: Callable[[], AbstractContextManager[Lease | None]], clock: Clock) -> int:
    """How many files of rows were removed that were replaced a day ago: the lease is asked for only where there are some, and another
    writer leaves them to the next time. Raises ``Away``, ``LeaseLost``.
    """
    if not replaced_long_ago(store, microseconds(clock())):
        return 0
    with leased() as lease:
        return 0 if lease is None else remove_replaced(store, lease, microseconds(clock()))
