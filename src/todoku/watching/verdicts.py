"""Verdicts against those of when all was well: what fails is a signal, and what has got worse.

A warning that was always there is no news; one where there was a pass is, be it that a receiver or AWS itself now says
something else. Rates near a limit are, whatever was before. A verdict that is unknown shows nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from todoku.causes.over_time import BOUNCES_OVER, COMPLAINTS_OVER, SPAM_RATE_ELEVATED
from todoku.verdict import Result, Verdict
from todoku.watching.signal import Level, Look, Scope, Signal

ORDER: dict[Result, int] = {"pass": 0, "warn": 1, "fail": 2}
NEWS = frozenset(one.tag for one in (SPAM_RATE_ELEVATED, COMPLAINTS_OVER, BOUNCES_OVER))
"""Warnings that are told though there was no pass before."""

Best = Mapping[str, Result]
"""The best that was ever seen of each requirement: ``pass``, ``warn`` or ``fail``."""


def look_at(about: str, verdicts: Iterable[Verdict], best: Best) -> Look:
    """What the verdicts on one domain or identity say."""
    signals: dict[tuple[str, str], Signal] = {}
    seen: set[Scope] = set()
    for verdict in verdicts:
        if verdict.result not in ORDER:
            continue
        scope = Scope(f"verdicts {verdict.requirement}", about)
        seen.add(scope)
        level = _level(verdict, best)
        if level is None:
            continue
        here = (verdict.requirement, verdict.reason.tag)
        before = signals.get(here)
        signals[here] = _signal(scope, verdict, level, before)
    return Look(tuple(signals.values()), frozenset(seen))


def _level(verdict: Verdict, best: Best) -> Level | None:
    if verdict.result == "fail":
        return "fail"
    is_news = best.get(verdict.requirement) == "pass" or verdict.reason.tag in NEWS
    return "warn" if verdict.result == "warn" and is_news else None


def _signal(scope: Scope, verdict: Verdict, level: Level, before: Signal | None) -> Signal:
    """A signal for one reason, whichever receivers it concerns."""
    earlier = before.receivers if before else ()
    worse = "fail" if before and before.level == "fail" else level
    return Signal(
        scope=scope,
        requirement=verdict.requirement,
        reason=verdict.reason,
        level=worse,
        receivers=(*earlier, verdict.receiver),
        values=verdict.values,
        exhibits=verdict.exhibits[:MAX_EXHIBITS],
    )


MAX_EXHIBITS = 5


def results(verdicts: Iterable[Verdict]) -> dict[str, Result]:
    """The worst result of each requirement, of those that could be judged."""
    found: dict[str, Result] = {}
    for verdict in verdicts:
        if verdict.result in ORDER:
            found[verdict.requirement] = max(
                found.get(verdict.requirement, "pass"), verdict.result, key=ORDER.__getitem__
            )
    return found


def improved(best: Best, now: Mapping[str, Result]) -> dict[str, Result]:
    """The best of each requirement, after a look."""
    return {name: min(_each(name, best, now), key=ORDER.__getitem__) for name in {*best, *now}}


def _each(name: str, *sides: Mapping[str, Result]) -> Iterator[Result]:
    return (side[name] for side in sides if name in side)


def worsened(best: Best, now: Mapping[str, Result]) -> frozenset[str]:
    """The requirements that are worse off than they have been."""
    return frozenset(name for name, result in now.items() if ORDER[result] > ORDER[best.get(name, result)])
