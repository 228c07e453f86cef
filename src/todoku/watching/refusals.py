"""Sources that will not answer: a consent that was taken back, a permission that is missing. Silence would look like peace."""

from __future__ import annotations

from collections.abc import Iterable

from todoku.causes.over_time import SOURCE_AWAY
from todoku.watching.signal import Look, Scope, Signal


def look_at(source: str, causes: Iterable[str], *, requirement: str) -> Look:
    """What asking a source gave: why it would not answer, or nothing where it did. Causes hold nothing secret."""
    scope = Scope("refusals", source)
    told = "; ".join(dict.fromkeys(causes))
    if not told:
        return Look((), frozenset({scope}))
    values = {"source": source, "cause": told}
    signal = Signal(scope=scope, requirement=requirement, reason=SOURCE_AWAY, level="fail", cause=source, values=values)
    return Look((signal,), frozenset({scope}))
