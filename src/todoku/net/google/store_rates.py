"""A look at Postmaster Tools put into the store: which days to ask for, and what came of it, in one transaction."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from functools import cache

from todoku.net.google.api import Api
from todoku.net.google.poll import SOURCE, Polled, poll
from todoku.store import days, standings, state
from todoku.store.lease import Lease
from todoku.store.raw import microseconds
from todoku.store.store import Store


def poll_into(store: Store, lease: Lease, api: Api, now: Callable[[], datetime]) -> Polled:
    """What the look gave; it is in the store. Raises ``Away``, ``LeaseLost``.

    Days end in UTC here; Google's are those of its own zone, so that yesterday may still be without data.
    """
    last = now().date() - timedelta(days=1)
    with store.database.read() as connection:
        expected = sorted({*store.places.domains, *days.abouts(connection, SOURCE)})

    @cache
    def days_of(domain: str) -> tuple[date, ...]:
        with store.database.read() as connection:
            return days.to_ask(connection, SOURCE, domain, last)

    polled = poll(api, expected, days_of)
    moment = now()
    read_at = microseconds(moment)
    with store.database.write() as connection:
        lease.confirm(connection, read_at)
        new = sum(days.put(connection, one, read_at) for one in polled.series)
        if not polled.refusals:  # `todoku status` tells since when a source has not been read to its end
            state.succeeded(connection, SOURCE, read_at, new, sum(len(one.days) for one in polled.series) - new)
        for said in polled.compliance:
            standings.put(connection, said, moment)
    return polled
