"""Signals out of reports where there are too many to be told one by one.

Anybody can send a report about any domain and invent ten thousand senders in it. As many letters would hide the one that matters, so
that beyond a number a single signal stands for them, and those that were told before stay as they are.
"""

from __future__ import annotations

from collections.abc import Sequence

from todoku.watching.signal import Looked, Seen, Signal
from todoku.words.verdict import Reason

MOST = 20  # of one kind about one domain


def told(kind: str, domain: str, signals: Sequence[Signal], *, requirement: str, reason: Reason) -> Seen:
    """What a look of a kind at a domain gave: its signals, or one with ``reason`` in the place of too many."""
    together = f"{kind}/many"
    if len(signals) <= MOST:
        scopes = frozenset({(kind, domain), (together, domain)})
        return Seen(signals=tuple(signals), looked=Looked(scopes=scopes))
    one = Signal(
        scope=together,
        about=domain,
        requirement=requirement,
        reason=reason,
        level="warn",
        cause=f"{reason.tag}/{domain}",
        values={"domain": domain, "number": len(signals)},
    )
    return Seen(signals=(one,), looked=Looked(scopes=frozenset({(together, domain)})))
