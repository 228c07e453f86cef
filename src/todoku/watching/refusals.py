"""Sources that will not answer: a consent that was taken back, a permission that is missing. Silence would look like peace."""

from __future__ import annotations

from collections.abc import Iterable

from todoku.causes.over_time import SOURCE_AWAY
from todoku.watching.signal import Looked, Seen, Signal

KIND = "refusals"


def look_at(source: str, causes: Iterable[str], *, requirement: str) -> Seen:
    """What asking a source gave: why it would not answer, or nothing where it did. Causes hold nothing secret."""
    looked = Looked(scopes=frozenset({(KIND, source)}))
    told = "; ".join(dict.fromkeys(causes))
    if not told:
        return Seen(looked=looked)
    values = {"source": source, "cause": told}
    signal = Signal(
        requirement=requirement,
        reason=SOURCE_AWAY,
        level="fail",
        scope=KIND,
        cause=f"{SOURCE_AWAY.tag}/{source}",
        about=source,
        values=values,
    )
    return Seen(signals=(signal,), looked=looked)
