r"""What people are to be told and where: entered with the decision in one transaction, sent afterwards, at least once.

waiting ──> claimed ──> sent
    \         \──> waiting, after the try failed, or once the claim is old: who had it was killed
    \──> given up   after a week of tries; ``todoku status`` shows it
A letter has the same key however often it is sent: who receives it twice can tell.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

import msgspec
from sqlalchemy import Connection, and_, delete, func, select, update

from todoku.store.database import insert_new
from todoku.store.raw import moment
from todoku.store.tables import outbox

MINUTE = 60_000_000
LONGEST_WAIT = 60 * MINUTE
GIVEN_UP = 7 * 24 * 60 * MINUTE
KEPT = 30 * 24 * 60 * MINUTE  # so long a letter that was sent is known, and not sent again
AT_ONCE = 100  # letters of one turn
CLAIM = 5 * MINUTE  # so long whoever is sending a letter has it for himself: far longer than any service is waited for


class Post(msgspec.Struct, frozen=True, kw_only=True):
    """A letter to one address. ``route`` tells addresses apart and holds none; ``shown`` is what people may see of it. ``tone``:
    ``failure``, ``warning`` or ``success``.
    """

    key: str
    route: str
    shown: str
    title: str
    body: str
    tone: str
    attempts: int = 0


class Waiting(msgspec.Struct, frozen=True, kw_only=True):
    """The letters to one address that wait or were given up. ``oldest``: when the first of those that wait was written."""

    shown: str
    waiting: int
    given_up: int
    attempts: int
    oldest: datetime | None


def enter(connection: Connection, posts: Sequence[Post], now: int) -> None:
    """Letters to be sent. One that was entered before is not entered again."""
    rows = [
        {**msgspec.structs.asdict(one), "created": now, "next_try": now, "sent": None, "given_up": False}
        for one in posts
    ]
    insert_new(connection, outbox, rows)


def due(connection: Connection, routes: Collection[str], now: int) -> tuple[Post, ...]:
    """The letters to send now: those that were tried the least, and of these the oldest, first, so that one which its service never
    takes holds up no other. Those to an address that is not in the settings wait for it.
    """
    found = connection.execute(
        select(outbox)
        .where(_WAITING, outbox.c.next_try <= now, outbox.c.route.in_(list(routes)))
        .order_by(outbox.c.attempts, outbox.c.created, outbox.c.key, outbox.c.route)
        .limit(AT_ONCE)
    )
    return tuple(Post(**{name: getattr(row, name) for name in Post.__struct_fields__}) for row in found)


def claim(connection: Connection, post: Post, now: int) -> bool:
    """Whether the letter is the caller's to send; not where another one has sent it or is at it."""
    this = and_(outbox.c.key == post.key, outbox.c.route == post.route, _WAITING, outbox.c.next_try <= now)
    return connection.execute(update(outbox).where(this).values(next_try=now + CLAIM)).rowcount == 1


def settle(connection: Connection, post: Post, now: int, *, sent: bool) -> None:
    """Note how a try went: sent, or to be tried again after 1, 2, 4 ... 60 minutes."""
    this = and_(outbox.c.key == post.key, outbox.c.route == post.route)
    if sent:
        connection.execute(update(outbox).where(this).values(sent=now, attempts=post.attempts + 1))
        return
    wait = min(LONGEST_WAIT, MINUTE * 2 ** min(post.attempts, 10))
    connection.execute(update(outbox).where(this).values(attempts=post.attempts + 1, next_try=now + wait))


def tidy(connection: Connection, now: int) -> None:
    """Give up what could not be sent for a week, and forget what was done with a month ago."""
    connection.execute(update(outbox).where(_WAITING, outbox.c.created < now - GIVEN_UP).values(given_up=True))
    connection.execute(delete(outbox).where(outbox.c.sent < now - KEPT))
    connection.execute(delete(outbox).where(outbox.c.given_up.is_(True), outbox.c.created < now - GIVEN_UP - KEPT))


def waiting(connection: Connection) -> tuple[Waiting, ...]:
    """What has not been sent, by address."""
    found = connection.execute(
        select(
            outbox.c.shown,
            func.count().filter(outbox.c.given_up.is_(False)).label("waiting"),
            func.count().filter(outbox.c.given_up.is_(True)).label("given_up"),
            func.max(outbox.c.attempts).label("attempts"),
            func.min(outbox.c.created).filter(outbox.c.given_up.is_(False)).label("oldest"),
        )
        .where(outbox.c.sent.is_(None))
        .group_by(outbox.c.route, outbox.c.shown)
        .order_by(outbox.c.shown, outbox.c.route)
    )
    return tuple(
        Waiting(
            shown=row.shown,
            waiting=row.waiting,
            given_up=row.given_up,
            attempts=row.attempts,
            oldest=None if row.oldest is None else moment(row.oldest),
        )
        for row in found
    )


_WAITING = and_(outbox.c.sent.is_(None), outbox.c.given_up.is_(False))
