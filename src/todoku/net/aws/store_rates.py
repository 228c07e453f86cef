"""A look at what AWS counts put into the store: which days to ask for, and what came of it, in one transaction."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta

from todoku.net.aws.metrics import CLOUDWATCH, Polled, Watched, poll
from todoku.net.drivers import CallSource
from todoku.store import days
from todoku.store.lease import Lease
from todoku.store.raw import microseconds
from todoku.store.store import Store


def poll_into(store: Store, lease: Lease, source: CallSource, watched: Watched, now: Callable[[], datetime]) -> Polled:
    """What the look gave; it is in the store. Raises ``Away``, ``LeaseLost``, and ``UsageError`` where there are no credentials.

    Days are those of UTC. CloudWatch is asked for today as well: by its newest rate SES may pause the account before the day is over.
    """
    today = now().date()

    def days_of(name: str, about: str) -> tuple[date, ...]:
        last = today if name == CLOUDWATCH else today - timedelta(days=1)
        with store.database.read() as connection:
            return days.to_ask(connection, name, about, last)

    polled = poll(source, watched, days_of)
    read_at = microseconds(now())
    with store.database.write() as connection:
        lease.confirm(connection, read_at)
        for one in polled.series:
            days.put(connection, one, read_at)
    return polled
