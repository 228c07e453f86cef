"""How much mail passes, against what it used to be: a key that no longer verifies shows here before anybody complains.

The last days are held against the four weeks before them. A fall counts if it is large enough to matter and too large for
chance.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from typing import NamedTuple

from todoku.causes.over_time import PASSES_LESS
from todoku.feedback.answers import Passing
from todoku.feedback.traffic import Proportion
from todoku.verdict import Exhibit
from todoku.watching.signal import Looked, Seen, Signal, SignalLevel

LAST_DAYS = 2  # compared with those before; reports of a day come during the next
BEFORE_DAYS = 28
FALL = 0.05  # of all mail: less is not worth a word
GRAVE = 0.20
ENOUGH = 50  # messages, on both sides


class _Method(NamedTuple):
    """One method: its name to people, the requirement that it is about, and the field of ``Passing`` that counts it."""

    name: str
    requirement: str
    field: str


METHODS = (
    _Method("DKIM", "dkim", "dkim"),
    _Method("SPF", "spf", "spf"),
    _Method("DMARC", "dmarc-alignment", "passing"),
)


def look_at(days: Iterable[Passing], today: date) -> Seen:
    """What the daily counts of domains say today."""
    by_domain: dict[str, list[Passing]] = {}
    for day in days:
        by_domain.setdefault(day.domain, []).append(day)
    signals: list[Signal] = []
    seen: set[tuple[str, str]] = set()
    for domain, some in sorted(by_domain.items()):
        last, before = _divided(some, today)
        if min(_messages(last), _messages(before)) >= ENOUGH:
            seen |= {(_scope(method), domain) for method in METHODS}
            signals += _falls(domain, last, before)
    return Seen(signals=tuple(signals), looked=Looked(scopes=frozenset(seen)))


def _divided(days: Sequence[Passing], today: date) -> tuple[list[Passing], list[Passing]]:
    """The last days that are complete, and the four weeks before."""
    start = today - timedelta(days=LAST_DAYS)
    first = start - timedelta(days=BEFORE_DAYS)
    return [day for day in days if start <= day.start < today], [day for day in days if first <= day.start < start]


def _falls(domain: str, last: Sequence[Passing], before: Sequence[Passing]) -> Iterator[Signal]:
    for method in METHODS:
        now, then = _proportion(last, method), _proportion(before, method)
        fall = (then.rate or 0.0) - (now.rate or 0.0)
        if fall < FALL or now.interval[1] >= then.interval[0]:
            continue
        level: SignalLevel = "fail" if fall >= GRAVE else "warn"
        yield Signal(
            scope=_scope(method),
            cause=f"{PASSES_LESS.tag}/{method.name}",
            about=domain,
            requirement=method.requirement,
            reason=PASSES_LESS,
            level=level,
            values={
                "method": method.name,
                "rate": percent(now.rate or 0.0),
                "before": percent(then.rate or 0.0),
                "messages": now.of,
                "since": min(day.start for day in last).isoformat(),
                "until": max(day.start for day in last).isoformat(),
            },
            exhibits=(Exhibit("report", f"{domain} {method.name}", f"{now.hits}/{now.of}; {then.hits}/{then.of}"),),
        )


def _scope(method: _Method) -> str:
    return f"passing/{method.name}"


def percent(rate: float) -> str:
    """A rate as people and receivers write it: 0.003 is ``0.30 %``."""
    return f"{rate * 100:.2f} %"


def _messages(days: Iterable[Passing]) -> int:
    return sum(day.messages for day in days)


def _proportion(days: Sequence[Passing], method: _Method) -> Proportion:
    return Proportion(sum(getattr(day, method.field) for day in days), _messages(days))
