"""Taking from a source: octets durable first, then known to the state, and only then acknowledged."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime

import msgspec

from todoku.intake.several import messages_in
from todoku.intake.source import Forgetful, Item, Source, SourceAway
from todoku.store import state
from todoku.store.arrivals import enter
from todoku.store.raw import Kept, microseconds
from todoku.store.seen import Seen
from todoku.store.store import Store

BATCH = 400  # items that share their synchronizing with the disk
BATCH_OCTETS = 64 * 2**20


class Taken(msgspec.Struct, frozen=True):
    """How many items were new, and how many were known already. Each message of a mailbox file is one."""

    new: int = 0
    known: int = 0

    def __add__(self, other: Taken) -> Taken:
        """Both together."""
        return Taken(self.new + other.new, self.known + other.known)


def take(store: Store, source: Source, clock: Callable[[], datetime]) -> Iterator[Taken]:
    """Take everything that is in the source, a batch at a time. Raises ``Away``: what was not acknowledged stays there."""
    if isinstance(source, Forgetful):
        source.remember_in(Seen(store.database, source.name))
    total = Taken()
    for items in batched(source.items()):
        now = microseconds(clock())
        taken = keep(store, items, source.name, now)
        source.acknowledge([item.id for item in items])
        total += taken
        yield taken
    with store.database.write() as connection:
        state.succeeded(connection, source.name, microseconds(clock()), total.new, total.known)


def keep(store: Store, items: Iterable[Item], source: str, now: int) -> Taken:
    """Make items durable and known, once each. Raises ``Away``; then it may be done again at any time."""
    given = list(items)
    kept: list[Kept] = []
    names: list[str] = []
    for authentic in (False, True):
        some = [each for item in given if item.authentic is authentic for each in _each(item)]
        kept += store.spool.put([octets for octets, _ in some], now, authentic=authentic)
        names += [name for _, name in some]
    new = enter(store, kept, source, {one.hash: name for one, name in zip(kept, names, strict=True)})
    return Taken(new, len(kept) - new)


def _each(item: Item) -> list[tuple[bytes, str]]:
    """What is kept of an item, and its name. What its source vouches for is an event, and never a mailbox."""
    if item.authentic:
        return [(item.octets, item.name)]
    messages = list(messages_in(item.octets))
    return [(one, f"{item.name} ({number})" if messages[1:] else item.name) for number, one in enumerate(messages, 1)]


def batched(items: Iterable[Item]) -> Iterator[list[Item]]:
    """The items in batches of a bounded number and size. What was given before the source went away comes first."""
    batch: list[Item] = []
    size = 0
    try:
        for item in items:
            batch.append(item)
            size += len(item.octets)
            if len(batch) == BATCH or size >= BATCH_OCTETS:
                yield batch
                batch, size = [], 0
    except SourceAway:
        if batch:
            yield batch
        raise
    if batch:
        yield batch
