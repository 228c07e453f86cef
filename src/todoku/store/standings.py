"""What Google says of domains: each row as it was read, with the times of its first and its last reading; the latest is shown."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, select, update

from todoku.feedback.compliance import Compliance, Standing
from todoku.store.raw import microseconds, moment
from todoku.store.tables import standings


def put(connection: Connection, compliance: Compliance, read: datetime) -> int:
    """How many rows say something new. Those that say the same as before are confirmed."""
    read_at = microseconds(read)
    before = {one.row: one for one in of_domain(connection, compliance.domain).rows}
    fresh = 0
    for one in compliance.rows:
        old = before.get(one.row)
        this = (standings.c.about == compliance.domain) & (standings.c.row == one.row) & standings.c.latest.is_(True)
        if old and (old.state, old.reason) == (one.state, one.reason):
            connection.execute(update(standings).where(this).values(confirmed_at=read_at))
            continue
        connection.execute(update(standings).where(this).values(latest=False))
        told = {"about": compliance.domain, "row": one.row, "state": one.state, "reason": one.reason}
        connection.execute(standings.insert(), [{**told, "read_at": read_at, "confirmed_at": read_at, "latest": True}])
        fresh += 1
    return fresh


def of_domain(connection: Connection, domain: str) -> Compliance:
    """What was last read of a domain; without rows where nothing was."""
    found = connection.execute(
        select(standings).where(standings.c.about == domain, standings.c.latest.is_(True)).order_by(standings.c.row)
    )
    rows = (
        Standing(
            row=one.row,
            state=one.state,
            reason=one.reason,
            since=moment(one.read_at),
            read=moment(one.confirmed_at),
        )
        for one in found
    )
    return Compliance(domain=domain, rows=tuple(rows))
