"""Senders in the database: whose mail is still to be verified, what was found, and how many items of each are read on a day.

Each function runs inside a transaction of its caller. ``proofs.py`` keeps what was found on disk as well.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import msgspec
from sqlalchemy import Connection, bindparam, func, select, update

from todoku.store.database import insert_new
from todoku.store.proofs import Proof
from todoku.store.raw import DAY, Kept
from todoku.store.state import chunks, settle_versions
from todoku.store.tables import raw, reports, senders


class Due(msgspec.Struct, frozen=True):
    """Octets whose sender is to be looked at. ``looks``: how often that was done before; ``is_new``: this is the first time."""

    kept: Kept
    looks: int
    is_new: bool


class Looked(msgspec.Struct, frozen=True):
    """What was found. ``looks``: how often it was looked for; ``next_look``: when to look again, microseconds of UTC, None for never.

    ``sender``: whose daily allowance it counts in: the signer's organizational domain, because subdomains cost nothing; "" where unproven.
    """

    proof: Proof
    sender: str
    looks: int
    next_look: int | None
    is_new: bool


def due(connection: Connection, now: int, limit: int, *, only_new: bool) -> list[Due]:
    """What is to be looked at by ``now``, the longest due first, at most ``limit``. ``only_new``: nothing is looked at a second time."""
    found = connection.execute(
        select(raw.c.hash, raw.c.size, raw.c.received, raw.c.looks, raw.c.proof)
        .where(raw.c.next_look <= (0 if only_new else now))
        .order_by(raw.c.next_look)
        .limit(limit)
    )
    return [Due(Kept(row.hash, row.size, row.received), row.looks, not row.proof) for row in found]


def enter(connection: Connection, looked: Sequence[Looked], now: int, most: int) -> None:
    """Write down what was found. Of each sender's items at most ``most`` are admitted on a day and the rest held; 0: all are admitted.

    These are new, or were held among those that prove nothing: whoever could not be asked for a key waits no longer behind forgers.
    """
    rows = [
        {
            "of": one.proof.hash,
            "proof": one.proof.result,
            "signer": one.proof.signer,
            "looks": one.looks,
            "next_look": one.next_look,
        }
        for one in looked
    ]
    connection.execute(update(raw).where(raw.c.hash == bindparam("of")), rows)
    known = _let_go(connection, [one.proof.hash for one in looked if one.sender and not one.is_new])
    for name, some in _by_sender([one for one in looked if one.is_new or one.proof.hash in known]).items():
        _admit(connection, name, some, now // DAY, most)


def _let_go(connection: Connection, hashes: Sequence[str]) -> set[str]:
    """Those of these that are held as nobody's; they are so no more."""
    found: set[str] = set()
    for some in chunks(hashes):
        nobodys = (raw.c.hash.in_(some), raw.c.state == "held", raw.c.sender == "")
        found.update(connection.execute(select(raw.c.hash).where(*nobodys)).scalars())
        connection.execute(update(raw).where(*nobodys).values(state="unparsed"))
    if found:
        connection.execute(update(senders).where(senders.c.name == "").values(held=senders.c.held - len(found)))
    return found


def _by_sender(looked: Sequence[Looked]) -> Mapping[str, list[str]]:
    """The hashes of each sender's items. A file that is no mail was put there by the operator, and belongs to no sender."""
    found: dict[str, list[str]] = {}
    for one in looked:
        if one.proof.result != "absent":
            found.setdefault(one.sender, []).append(one.proof.hash)
    return found


def _admit(connection: Connection, name: str, hashes: Sequence[str], day: int, most: int) -> None:
    insert_new(connection, senders, [{"name": name, "day": day, "admitted": 0, "held": 0}])
    known = connection.execute(select(senders).where(senders.c.name == name).with_for_update()).one()
    before = known.admitted if known.day == day else 0
    room = max(0, most - before) if most else len(hashes)
    _take_turns(connection, hashes[:room], before)
    held = known.held
    for some in chunks(hashes[room:]):
        unread = update(raw).where(raw.c.hash.in_(some), raw.c.state == "unparsed")
        held += connection.execute(unread.values(state="held", sender=name)).rowcount
    counted = {"day": day, "admitted": before + len(hashes[:room]), "held": held}
    connection.execute(update(senders).where(senders.c.name == name).values(**counted))


def _take_turns(connection: Connection, hashes: Sequence[str], before: int) -> None:
    """Number the items after the ``before`` that the sender had today; those that were held may be read."""
    if hashes:
        turns = [{"of": one, "turn": number} for number, one in enumerate(hashes, before + 1)]
        connection.execute(update(raw).where(raw.c.hash == bindparam("of")), turns)
        for some in chunks(hashes):
            connection.execute(update(raw).where(raw.c.hash.in_(some), raw.c.state == "held").values(state="unparsed"))


def release(connection: Connection, now: int, most: int) -> None:
    """Admit what was held, each sender's oldest first, as far as today's allowance goes."""
    day = now // DAY
    waiting = connection.execute(select(senders).where(senders.c.held > 0)).all()
    for known in waiting:
        before = known.admitted if known.day == day else 0
        room = max(0, most - before) if most else known.held
        if not room:
            continue
        hashes = list(
            connection.execute(
                select(raw.c.hash)
                .where(raw.c.state == "held", raw.c.sender == known.name)
                .order_by(raw.c.received, raw.c.hash)
                .limit(room)
            ).scalars()
        )
        _take_turns(connection, hashes, before)
        held = known.held - len(hashes) if len(hashes) == room else 0
        counted = {"day": day, "admitted": before + len(hashes), "held": held}
        connection.execute(update(senders).where(senders.c.name == known.name).values(**counted))


def held(connection: Connection) -> int:
    """How many items are held for another day."""
    return int(connection.execute(select(func.sum(senders.c.held))).scalar() or 0)


def proofs(connection: Connection, hashes: Sequence[str]) -> dict[str, Proof]:
    """Who is proven to have sent these octets, by hash."""
    found: dict[str, Proof] = {}
    for some in chunks(hashes):
        rows = connection.execute(select(raw.c.hash, raw.c.proof, raw.c.signer).where(raw.c.hash.in_(some)))
        found.update((row.hash, Proof(row.hash, row.proof or "unknown", row.signer)) for row in rows)
    return found


def restore(connection: Connection, known: Sequence[Proof]) -> None:
    """Enter proofs that were read from ``proofs.py``'s files; their octets are not looked at again."""
    rows = [{"of": one.hash, "proof": one.result, "signer": one.signer, "next_look": None} for one in known]
    if rows:
        connection.execute(update(raw).where(raw.c.hash == bindparam("of")), rows)


class Told(msgspec.Struct, frozen=True):
    """What a stored report tells of its reporter, and who vouches for it so far. Times as in ``tables.py``."""

    version: str
    key: str
    raw: str
    kind: str
    org: str
    contact: str
    end: int
    received: int
    vouched_by: str | None


def told_in(connection: Connection, hashes: Sequence[str]) -> list[Told]:
    """The reports that came in these octets."""
    found: list[Told] = []
    columns = [getattr(reports.c, name) for name in Told.__struct_fields__]
    for some in chunks(hashes):
        found += [Told(*row) for row in connection.execute(select(*columns).where(reports.c.raw.in_(some)))]
    return found


def told_of(connection: Connection, versions: Sequence[str]) -> list[Told]:
    """The reports of these versions."""
    found: list[Told] = []
    columns = [getattr(reports.c, name) for name in Told.__struct_fields__]
    for some in chunks(versions):
        found += [Told(*row) for row in connection.execute(select(*columns).where(reports.c.version.in_(some)))]
    return found


def amend(connection: Connection, changed: Mapping[str, str | None], keys: Collection[str]) -> None:
    """Change who vouches for stored reports, by version; ``keys`` are theirs. Their rows are amended when they are asked."""
    if not changed:
        return
    rows = [{"of": version, "vouched_by": domain, "amended": True} for version, domain in changed.items()]
    connection.execute(update(reports).where(reports.c.version == bindparam("of")), rows)
    settle_versions(connection, keys)
