"""How it stands with the store: counts, the oldest item that waits, what was set aside."""

from __future__ import annotations

from datetime import datetime

import msgspec
from sqlalchemy import Connection, func, select

from todoku.store.outbox import Waiting as LettersWaiting
from todoku.store.outbox import waiting
from todoku.store.raw import moment
from todoku.store.snapshots import ROUND, last, open_alarms
from todoku.store.store import Store
from todoku.store.tables import manifest, raw, reports, senders, snapshots, sources
from todoku.store.tidying import TIDIED, Tidied
from todoku.watching.signal import SignalLevel
from todoku.words.verdict import Value, Values


class Waiting(msgspec.Struct, frozen=True):
    """The oldest item that is not read."""

    hash: str
    source: str
    received: datetime
    seconds: int


class Held(msgspec.Struct, frozen=True):
    """Items of one sender that wait for another day: a domain that signed them, or "" for all who prove none."""

    sender: str
    items: int


class Vouched(msgspec.Struct, frozen=True):
    """Of how many reports it is known that their reporter sent them, that nothing shows it, and neither."""

    verified: int = 0
    unverified: int = 0
    unknown: int = 0


class Aside(msgspec.Struct, frozen=True):
    """Items that were set aside for the same reason, with the values and the file of the newest of them.

    ``name``: what that is called in its source; "" where it is not known.
    """

    reason: str
    items: int
    values: Values
    newest: str
    name: str = ""


class SourceStatus(msgspec.Struct, frozen=True):
    """A source: when it was last looked at to its end, and what came from it in all."""

    name: str
    succeeded: datetime
    new: int
    known: int


class OpenAlarm(msgspec.Struct, frozen=True, kw_only=True):
    """An alarm of ``todoku watch`` that is open, and whom it concerns."""

    requirement: str
    tag: str
    level: SignalLevel
    since: datetime
    abouts: tuple[str, ...]


class Status(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that ``todoku status`` shows. ``watched``: when the last round of ``todoku watch`` was written down; ``tidied``: what it
    forgot when it last looked for what is too old.
    """

    at: datetime
    unparsed: int
    held: int
    parsed: int
    quarantined: int
    octets: int
    oldest: Waiting | None
    aside: tuple[Aside, ...]
    held_of: tuple[Held, ...]
    sources: tuple[SourceStatus, ...]
    reports: dict[str, int]
    messages: int
    conflicts: int
    unclaimed: int
    vouched: Vouched
    rows: int
    files: int
    watched: datetime | None = None
    tidied: Tidied | None = None
    alarms: tuple[OpenAlarm, ...] = ()
    letters: tuple[LettersWaiting, ...] = ()


def status(store: Store, now: datetime) -> Status:
    """How it stands, all at one moment. Raises ``Away``."""
    with store.database.read() as connection:
        states = {row.state: row for row in connection.execute(_COUNTS)}
        number = {
            name: states[name].items if name in states else 0 for name in ("unparsed", "held", "parsed", "quarantined")
        }
        totals = connection.execute(_TOTALS).one()
        rows, files = connection.execute(_ROWS).one()
        return Status(
            at=now,
            **number,
            octets=sum(int(row.octets) for row in states.values()),
            oldest=_oldest(connection, now),
            aside=tuple(_aside(connection)),
            held_of=tuple(Held(*row) for row in connection.execute(_HELD)),
            sources=tuple(
                SourceStatus(row.name, moment(row.succeeded), row.taken, row.known)
                for row in connection.execute(select(sources).order_by(sources.c.name))
            ),
            reports={row.kind: row.reports for row in connection.execute(_KINDS)},
            messages=int(totals.messages or 0),
            conflicts=totals.conflicts,
            unclaimed=totals.unclaimed,
            vouched=Vouched(totals.verified, totals.unverified, totals.unknown),
            rows=int(rows or 0),
            files=files,
            watched=_watched(connection),
            tidied=last(connection, TIDIED, Tidied),
            alarms=tuple(
                OpenAlarm(
                    requirement=one.requirement,
                    tag=one.tag,
                    level=one.level,
                    since=one.since,
                    abouts=tuple(dict.fromkeys(member.which.about for member in one.members)),
                )
                for one in open_alarms(connection)
            ),
            letters=waiting(connection),
        )


def _watched(connection: Connection) -> datetime | None:
    at = connection.execute(select(snapshots.c.at).where(snapshots.c.name == ROUND)).scalar()
    return None if at is None else moment(at)


_COUNTS = select(raw.c.state, func.count().label("items"), func.sum(raw.c.size).label("octets")).group_by(raw.c.state)
_KINDS = (
    select(reports.c.kind, func.count().label("reports"))
    .where(reports.c.shown)
    .group_by(reports.c.kind)
    .order_by(reports.c.kind)
)
_COUNTS_BY_SENDER = reports.c.shown & reports.c.claimed & (reports.c.kind != "event")
_TOTALS = select(
    func.sum(reports.c.messages).filter(reports.c.shown, reports.c.claimed).label("messages"),
    func.count().filter(reports.c.conflict, reports.c.shown).label("conflicts"),
    func.count().filter(reports.c.claimed.is_(False)).label("unclaimed"),
    func.count().filter(_COUNTS_BY_SENDER, reports.c.vouched_by != "").label("verified"),
    func.count().filter(_COUNTS_BY_SENDER, reports.c.vouched_by == "").label("unverified"),
    func.count().filter(_COUNTS_BY_SENDER, reports.c.vouched_by.is_(None)).label("unknown"),
)
_HELD = select(senders.c.name, senders.c.held).where(senders.c.held > 0).order_by(senders.c.held.desc(), senders.c.name)
_ROWS = select(func.sum(manifest.c.rows), func.count()).where(manifest.c.replaced.is_(None))


def _oldest(connection: Connection, now: datetime) -> Waiting | None:
    found = connection.execute(
        select(raw.c.hash, raw.c.source, raw.c.received)
        .where(raw.c.state == "unparsed")
        .order_by(raw.c.received, raw.c.hash)
        .limit(1)
    ).first()
    if found is None:
        return None
    received = moment(found.received)
    return Waiting(found.hash, found.source, received, max(0, int((now - received).total_seconds())))


def _aside(connection: Connection) -> list[Aside]:
    counted = connection.execute(
        select(raw.c.reason, func.count().label("items"))
        .where(raw.c.state == "quarantined")
        .group_by(raw.c.reason)
        .order_by(func.count().desc(), raw.c.reason)
    ).all()
    return [_newest(connection, row.reason, row.items) for row in counted]


def _newest(connection: Connection, reason: str, items: int) -> Aside:
    found = connection.execute(
        select(raw.c.hash, raw.c.received, raw.c["values"], raw.c.name)
        .where(raw.c.state == "quarantined", raw.c.reason == reason)
        .order_by(raw.c.received.desc(), raw.c.hash)
        .limit(1)
    ).one()
    values = msgspec.json.decode(found.values, type=dict[str, Value])
    return Aside(reason, items, values, f"raw/{moment(found.received):%Y-%m-%d}/{found.hash}", found.name)
