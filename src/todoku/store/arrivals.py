"""Entering what was put into the spool: once each, and whole where the state says that it is.

Octets are put into the folder of the day on which they come. What was known before lies in another day's folder, or should:
where it was lost there or damaged, it is made good with what came again before that is dropped.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from todoku.store import state
from todoku.store.raw import Kept, Spool, is_authentic
from todoku.store.store import Store

NO_NAMES: Mapping[str, str] = MappingProxyType({})


def enter(
    store: Store, kept: Sequence[Kept], source: str, names: Mapping[str, str] = NO_NAMES, *, put: bool = True
) -> int:
    """How many of these are to be read: they are new, or were gone when they were to be read.

    ``names``: what they are called in their source, by hash. ``put``: they were put into the spool just now, and not found there.

    Raises ``Away``, also where they are no longer in the place in which they were put: the source is not told then.
    """
    with store.database.write() as connection:
        new, known = state.record(connection, kept, source, names)
    for here in kept:
        if here.hash in known:
            _keep_one(store.spool, here, known[here.hash].kept)
    if put:
        store.spool.confirm(known[one.hash].kept if one.hash in known else one for one in kept)
    gone = [name for name, one in known.items() if one.is_gone and store.spool.read(one.kept) is not None]
    if gone:
        with store.database.write() as connection:
            state.had_again(connection, gone)
    return new + len(gone)


def _keep_one(spool: Spool, here: Kept, there: Kept) -> None:
    """Of octets that came again only those where the state says that they are."""
    if here.day == there.day:
        return
    if spool.read(there) is None:
        octets = spool.read(here)
        if octets is None:  # neither is whole
            return
        spool.put([octets], there.received, authentic=is_authentic(there.hash, octets))
    spool.drop(here)
