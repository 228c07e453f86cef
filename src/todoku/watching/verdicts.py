"""Verdicts against those of when all was well: what fails is a signal, and what has got worse.

A warning that was always there is no news; one where there was a pass is, be it that a receiver or AWS itself now says
something else. Rates near a limit are, whatever was before.

A requirement of which something could not be looked at, for whichever receiver, shows nothing: its failures are sure, all else is
as it was. A verdict that nothing can decide is another matter: what we look at ourselves was looked at, and is not what it was, so
that an alarm about it ends. What others count and no longer show ends nothing, and where the figures were bad it is a signal of
its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date

from todoku.causes.witnesses.over_time import BOUNCES_OVER, COMPLAINTS_OVER, SPAM_RATE_ELEVATED
from todoku.causes.witnesses.spam_rate import SPAM_RATE_ENDED
from todoku.watching.signal import Looked, Seen, Signal, SignalLevel
from todoku.words.accept import Accept, holding
from todoku.words.verdict import Result, Verdict

ORDER: dict[Result, int] = {"pass": 0, "warn": 1, "fail": 2}
NEWS = frozenset(one.tag for one in (SPAM_RATE_ELEVATED, COMPLAINTS_OVER, BOUNCES_OVER))
"""Warnings that are told though there was no pass before."""
ENDED = frozenset((SPAM_RATE_ENDED.tag,))
"""Reasons of an unknown verdict that are signals all the same: what was bad is no longer shown."""

Best = Mapping[str, Result]
"""The best that was ever seen of each requirement: ``pass``, ``warn`` or ``fail``."""


def look_at(about: str, verdicts: Iterable[Verdict], best: Best, accepts: Sequence[Accept], day: date) -> Seen:
    """What the verdicts on one domain or identity say. A signal is accepted where each of its receivers' verdicts is."""
    signals: dict[tuple[str, str], Signal] = {}
    seen: set[tuple[str, str]] = set()
    every = tuple(verdicts)
    unlooked = unseen(every)
    for verdict in every:
        if verdict.requirement not in unlooked:
            seen.update((scope, about) for scope in _scopes(verdict))
        level = _level(verdict, best)
        if level is None:
            continue
        here = (verdict.requirement, verdict.reason.tag)
        accepted = holding(accepts, verdict.requirement, about, day, verdict.receiver) is not None
        signals[here] = _signal(about, verdict, level, signals.get(here), accepted=accepted)
    return Seen(signals=tuple(signals.values()), looked=Looked(scopes=frozenset(seen)))


def _level(verdict: Verdict, best: Best) -> SignalLevel | None:
    if verdict.result == "fail":
        return "fail"
    if verdict.reason.tag in ENDED:
        return "warn"
    is_news = best.get(verdict.requirement) == "pass" or verdict.reason.tag in NEWS
    return "warn" if verdict.result == "warn" and is_news else None


def _signal(about: str, verdict: Verdict, level: SignalLevel, before: Signal | None, *, accepted: bool) -> Signal:
    """A signal for one reason, whichever receivers it concerns."""
    worse: SignalLevel = "fail" if before and before.level == "fail" else level
    return Signal(
        scope=_scope(verdict),
        cause=verdict.reason.tag,
        about=about,
        requirement=verdict.requirement,
        reason=verdict.reason,
        level=worse,
        values=verdict.values,
        exhibits=verdict.exhibits,
        accepted=accepted and (before is None or before.accepted),
    )


def unseen(verdicts: Iterable[Verdict]) -> frozenset[str]:
    """The requirements of which something could not be looked at."""
    return frozenset(one.requirement for one in verdicts if one.missing == "could-not-look")


def _scopes(verdict: Verdict) -> tuple[str, ...]:
    """What was looked at to come to a verdict."""
    if verdict.result in ORDER or verdict.result == "notapplicable":  # there are figures, or none are asked for
        return f"verdicts/{verdict.requirement}", _ended_scope(verdict)
    if verdict.reason.tag in ENDED:
        return (_ended_scope(verdict),)
    own = any(one.kind == "setup" for one in verdict.witnesses)
    return (f"verdicts/{verdict.requirement}",) if own else ()


def _scope(verdict: Verdict) -> str:
    return f"verdicts/{verdict.requirement}" if verdict.result in ORDER else _ended_scope(verdict)


def _ended_scope(verdict: Verdict) -> str:
    return f"verdicts/{verdict.requirement}/ended"


def results(verdicts: Iterable[Verdict]) -> dict[str, Result]:
    """The worst result of each requirement that could be judged for every receiver; a fail is the worst whatever else is not known."""
    found: dict[str, Result] = {}
    every = tuple(verdicts)
    unlooked = unseen(every)
    for verdict in every:
        if verdict.result == "fail" or (verdict.result in ORDER and verdict.requirement not in unlooked):
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
