"""Who sent what arrived, in the state: what is due to be looked at, what came of it, and how many of one sender's are read on a day.

Each function is a part of one transaction of its caller.
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
    """Octets whose sender is to be looked at, and how often the DNS was asked in vain."""

    kept: Kept
    looks: int
    is_new: bool


class Looked(msgspec.Struct, frozen=True):
    """What a look gave, how often there was one, and when there is to be another: microseconds of UTC, None for never.

    ``sender``: the organizational domain of the signer, since names below one's own domain cost nothing.
    """

    proof: Proof
    sender: str
    looks: int
    next_look: int | None
    is_new: bool


def due(connection: Connection, now: int, limit: int, *, only_new: bool) -> list[Due]:
    """What is to be looked at by now, the oldest first."""
    found = connection.execute(
        select(raw.c.hash, raw.c.size, raw.c.received, raw.c.looks, raw.c.proof)
        .where(raw.c.next_look <= (0 if only_new else now))
        .order_by(raw.c.next_look)
        .limit(limit)
    )
    return [Due(Kept(row.hash, row.size, row.received), row.looks, not row.proof) for row in found]


def enter(connection: Connection, looked: Sequence[Looked], now: int, most: int) -> None:
    """Note what looks gave. Of what is new, at most ``most`` items of a sender are admitted on a day and the rest held; 0: all are."""
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
    for name, some in _by_sender([one for one in looked if one.is_new]).items():
        _admit(connection, name, some, now // DAY, most)


def _by_sender(looked: Sequence[Looked]) -> Mapping[str, list[str]]:
    """The octets of each sender. What is no mail was laid there by whoever runs this, and is of none."""
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
    """Which of the day's each is; those that were held may be read."""
    if hashes:
        turns = [{"of": one, "turn": number} for number, one in enumerate(hashes, before + 1)]
        connection.execute(update(raw).where(raw.c.hash == bindparam("of")), turns)
        for some in chunks(hashes):
            connection.execute(update(raw).where(raw.c.hash.in_(some), raw.c.state == "held").values(state="unparsed"))


def release(connection: Connection, now: int, most: int) -> None:
    """Admit what was held, the oldest of each sender first, as far as there is room on this day."""
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
    """How many items wait for another day."""
    return int(connection.execute(select(func.sum(senders.c.held))).scalar() or 0)


def proofs(connection: Connection, hashes: Sequence[str]) -> dict[str, Proof]:
    """What is known of who sent these octets."""
    found: dict[str, Proof] = {}
    for some in chunks(hashes):
        rows = connection.execute(select(raw.c.hash, raw.c.proof, raw.c.signer).where(raw.c.hash.in_(some)))
        found.update((row.hash, Proof(row.hash, row.proof or "unknown", row.signer)) for row in rows)
    return found


def restore(connection: Connection, known: Sequence[Proof]) -> None:
    """Take over proofs from the files beside the octets; nothing that has one is looked at again."""
    rows = [{"of": one.hash, "proof": one.result, "signer": one.signer, "next_look": None} for one in known]
    if rows:
        connection.execute(update(raw).where(raw.c.hash == bindparam("of")), rows)


class Told(msgspec.Struct, frozen=True):
    """A report as far as it says who reports, by its version, with who vouches for it so far."""

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
    """These reports."""
    found: list[Told] = []
    columns = [getattr(reports.c, name) for name in Told.__struct_fields__]
    for some in chunks(versions):
        found += [Told(*row) for row in connection.execute(select(*columns).where(reports.c.version.in_(some)))]
    return found


def amend(connection: Connection, changed: Mapping[str, str | None], keys: Collection[str]) -> None:
    """Who vouches for reports whose rows are written: ``changed`` by their versions, and all their ``keys``."""
    if not changed:
        return
    rows = [{"of": version, "vouched_by": domain, "amended": True} for version, domain in changed.items()]
    connection.execute(update(reports).where(reports.c.version == bindparam("of")), rows)
    settle_versions(connection, keys)
