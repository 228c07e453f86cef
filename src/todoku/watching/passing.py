"""How much mail passes, against what it used to be: a key that no longer verifies shows here before anybody complains.

The last days are held against the four weeks before them, and there against the lowest day: how much mail passes goes up and
down with what is sent, and a newsletter that another service signs is no fault of its day. A day that was a fall itself is
no measure for those after it. A fall counts if it is large enough to matter and too large for chance.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from typing import NamedTuple

from todoku.causes.witnesses.over_time import PASSES_LESS
from todoku.feedback.answers import Passing
from todoku.feedback.traffic import Proportion, percent
from todoku.watching.signal import Looked, Seen, Signal, SignalLevel
from todoku.words.verdict import Exhibit

LAST_DAYS = 2  # compared with those before; reports of a day come during the next
BEFORE_DAYS = 28
LEARNT_DAYS = 14  # as many show what is usual; with less nothing is a fall
FALL = 0.05  # of all mail: less is not worth a word
GRAVE = 0.20
HOLDS = 7 * 86_400  # seconds: what is sent has a weekly rhythm, in which a fall shows on some days only
ENOUGH = 50  # messages, on both sides
PLACES = 2  # of the rates that are told


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
    """What the daily counts of domains say today. With those of eight weeks a fall that lasts is seen for four."""
    by_domain: dict[str, list[Passing]] = {}
    for day in sorted(days, key=lambda one: one.start):
        if day.start < today:
            by_domain.setdefault(day.domain, []).append(day)
    signals: list[Signal] = []
    seen: set[tuple[str, str]] = set()
    for domain, some in sorted(by_domain.items()):
        start = today - timedelta(days=LAST_DAYS)
        before = [day for day in some if day.start < start and day.messages >= ENOUGH]
        last = [day for day in some if day.start >= start]
        if len(before) >= LEARNT_DAYS and _messages(last) >= ENOUGH:
            seen |= {(_scope(method), domain) for method in METHODS}
            signals += _falls(domain, last, before)
    return Seen(signals=tuple(signals), looked=Looked(scopes=frozenset(seen)))


def _falls(domain: str, last: Sequence[Passing], before: Sequence[Passing]) -> Iterator[Signal]:
    for method in METHODS:
        now = _proportion(last, method)
        lowest = _lowest(_usual(before, method), last[0].start, method)
        if lowest is None or not _is_fall(now, lowest):
            continue
        level: SignalLevel = "fail" if _rate(lowest) - _rate(now) >= GRAVE else "warn"
        yield Signal(
            scope=_scope(method),
            cause=f"{PASSES_LESS.tag}/{method.name}",
            about=domain,
            requirement=method.requirement,
            reason=PASSES_LESS,
            level=level,
            holds=HOLDS,
            values={
                "method": method.name,
                "rate": percent(_rate(now), PLACES),
                "before": percent(_rate(lowest), PLACES),
                "messages": now.of,
                "since": last[0].start.isoformat(),
                "until": last[-1].start.isoformat(),
            },
            exhibits=(Exhibit("report", f"{domain} {method.name}", f"{now.hits}/{now.of}; {lowest.hits}/{lowest.of}"),),
        )


def _usual(before: Sequence[Passing], method: _Method) -> list[Passing]:
    """The days that were no falls themselves, each held against those before it."""
    usual = list(before[:LEARNT_DAYS])
    for day in before[LEARNT_DAYS:]:
        lowest = _lowest(usual, day.start, method)
        if lowest is None or not _is_fall(_proportion([day], method), lowest):
            usual.append(day)
    return usual


def _lowest(usual: Sequence[Passing], day: date, method: _Method) -> Proportion | None:
    """The lowest of the four weeks before a day; None where none of them was usual, so that a level is learnt anew."""
    first = day - timedelta(days=BEFORE_DAYS)
    found = [_proportion([one], method) for one in usual if first <= one.start < day]
    return min(found, key=_rate, default=None)


def _is_fall(now: Proportion, lowest: Proportion) -> bool:
    return _rate(lowest) - _rate(now) >= FALL and now.interval[1] < _rate(lowest)


def _rate(of: Proportion) -> float:
    return of.rate or 0.0


def _scope(method: _Method) -> str:
    return f"passing/{method.name}"


def _messages(days: Iterable[Passing]) -> int:
    return sum(day.messages for day in days)


def _proportion(days: Sequence[Passing], method: _Method) -> Proportion:
    return Proportion(sum(getattr(day, method.field) for day in days), _messages(days))
