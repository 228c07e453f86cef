r"""From signals to alarms: a cause that is new is told once, once more when it gets worse, and when it is over.

signal ──> fired ──> escalated (warn became fail) ──> resolved
              \──> joined (the same cause, further subjects or parts)
              \──> left (over for some of them; who comes again has joined again)
A signal that does not last is ``noted``. What could not be looked at changes nothing. The order of signals does not matter.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from hashlib import sha256
from typing import Literal, NamedTuple

import msgspec

from todoku.judging.judge import ReadyFix
from todoku.watching.signal import Looked, Signal, SignalLevel
from todoku.words.verdict import Exhibit, Text, Values

StepName = Literal["noted", "fired", "escalated", "joined", "left", "resolved"]
MAX_EXHIBITS = 20  # of one notice: enough to see what it is; the report has them all


class Which(NamedTuple):
    """A subject, and which part of a cause it has: by these an alarm knows its signals again."""

    about: str
    part: str


class Said(msgspec.Struct, frozen=True, kw_only=True):
    """What is wrong with one part of a cause, as it was first seen."""

    part: str
    requirement: str
    tag: str
    text: Text
    values: Values


class Member(msgspec.Struct, frozen=True, kw_only=True):
    """One subject of an alarm. ``quiet``: since when its signal is away, where it must stay away for a while."""

    which: Which
    scope: str
    level: SignalLevel
    since: datetime
    holds: int = 0
    quiet: datetime | None = None


class Alarm(msgspec.Struct, frozen=True, kw_only=True):
    """A cause that is there, with everybody whom it concerns, in the order of their names.

    ``said`` tells of each part of it, what made it an alarm first. ``told``: the highest level that somebody was told of;
    ``named``: whom and which parts somebody was told of.
    """

    cause: str
    since: datetime
    said: tuple[Said, ...]
    told: SignalLevel
    named: tuple[Which, ...]
    members: tuple[Member, ...]

    @property
    def requirement(self) -> str:
        """The requirement of what is said first."""
        return self.said[0].requirement

    @property
    def tag(self) -> str:
        """The tag of what is said first."""
        return self.said[0].tag

    @property
    def abouts(self) -> tuple[str, ...]:
        """The subjects that somebody was told of, in the order of their names."""
        return _abouts(self.named)

    @property
    def level(self) -> SignalLevel:
        """The highest of its members now."""
        return "fail" if any(one.level == "fail" for one in self.members) else "warn"


class Notice(msgspec.Struct, frozen=True, kw_only=True):
    """One thing to tell. ``key`` is the same however often it is worked out: who received it knows it again.

    ``abouts``: whom this step concerns, and ``said``: which parts of its cause; of ``joined`` what is new, of ``left`` what is over.
    The first that is said gives the whole its name.
    """

    key: str
    step: StepName
    cause: str
    level: SignalLevel
    since: datetime
    at: datetime
    abouts: tuple[str, ...]
    said: tuple[Said, ...]
    exhibits: tuple[Exhibit, ...] = ()
    fixes: tuple[ReadyFix, ...] = ()

    @property
    def requirement(self) -> str:
        """The requirement of what is said first."""
        return self.said[0].requirement

    @property
    def tag(self) -> str:
        """The tag of what is said first."""
        return self.said[0].tag


class Advanced(msgspec.Struct, frozen=True, kw_only=True):
    """The alarms as they are now, and what is to be told."""

    alarms: tuple[Alarm, ...] = ()
    notices: tuple[Notice, ...] = ()


def advance(alarms: Sequence[Alarm], signals: Sequence[Signal], looked: Looked, now: datetime) -> Advanced:
    """The alarms after this look, in the order of their causes, and a notice for each step, each step once."""
    before = {one.cause: one for one in alarms}
    lasting = _by_cause(one for one in signals if not one.event and not one.accepted)
    silenced = {(one.cause, _which(one)) for one in signals if one.accepted}
    kept: list[Alarm] = []
    notices = [
        _noted(some, now) for some in _by_cause(one for one in signals if one.event and not one.accepted).values()
    ]
    for cause in sorted({*before, *lasting}):
        old, some = before.get(cause), lasting.get(cause, [])
        alarm, told = _next(old, some, looked, now, silenced)
        kept += [alarm] if alarm else []
        notices += told
    return Advanced(alarms=tuple(kept), notices=tuple(notices))


def _by_cause(signals: Iterable[Signal]) -> dict[str, list[Signal]]:
    """The signals of each cause, one for each subject and part: the worst, in an order that does not depend on theirs."""
    found: dict[str, dict[Which, Signal]] = {}
    for one in sorted(signals, key=_rank):
        found.setdefault(one.cause, {}).setdefault(_which(one), one)
    return {cause: [some[which] for which in sorted(some)] for cause, some in sorted(found.items())}


def _which(one: Signal) -> Which:
    return Which(one.about, one.part)


def _abouts(named: Iterable[Which]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(one.about for one in named))


def _rank(one: Signal) -> tuple[bool, str, str, str]:
    return one.level != "fail", one.reason.tag, one.scope, repr(sorted(one.values.items()))


def _next(
    old: Alarm | None, signals: list[Signal], looked: Looked, now: datetime, silenced: set[tuple[str, Which]]
) -> tuple[Alarm | None, list[Notice]]:
    """The alarm of one cause after this look, None where there is none (any more), and what is to be told of it."""
    if old is None:
        alarm = _new(signals, now)
        return alarm, [_notice("fired", alarm, now, signals)]
    given = {_which(one) for one in signals}
    absent = [one for one in old.members if one.which not in given and (old.cause, one.which) not in silenced]
    staying = [kept for one in absent if (kept := _stays(one, looked, now))]
    stayed = {one.which for one in staying}
    over = [one.which for one in absent if one.which not in stayed and one.which.about not in looked.left]
    since = {one.which: one.since for one in old.members}
    members = staying + [_member(one, since.get(_which(one), now)) for one in signals]
    if not members:
        return None, [_notice("resolved", old, now, (), over)] if over else []
    named = tuple(sorted(set(old.named) & set(since) & {one.which for one in members}))
    alarm = msgspec.structs.replace(old, members=tuple(sorted(members, key=lambda one: one.which)), named=named)
    left = [_notice("left", old, now, (), over)] if over else []
    alarm, told = _told(alarm, signals, now)
    return alarm, [*left, *told]


def _told(alarm: Alarm, signals: list[Signal], now: datetime) -> tuple[Alarm, list[Notice]]:
    """The alarm with what is told of it now: that it got worse, whom or what else it concerns."""
    notices = []
    named = set(alarm.named)
    fresh = [one for one in signals if _which(one) not in named]
    alarm = msgspec.structs.replace(
        alarm,
        named=tuple(sorted(named.union(map(_which, fresh)))),
        said=_first_said((*alarm.said, *_said(fresh))),
    )
    if alarm.level == "fail" and alarm.told == "warn":
        worse = [one for one in signals if one.level == "fail"]
        alarm = msgspec.structs.replace(alarm, told="fail", said=_first_said((*_said(worse), *alarm.said)))
        notices.append(_notice("escalated", alarm, now, worse))
        fresh = [one for one in fresh if one.level != "fail"]
    if fresh:
        notices.append(_notice("joined", alarm, now, fresh))
    return alarm, notices


def _stays(member: Member, looked: Looked, now: datetime) -> Member | None:
    """A member whose signal is not there: as it was where nobody could look, else gone, at once or after a while."""
    if member.which.about in looked.left:
        return None
    if (member.scope, member.which.about) not in looked.scopes:
        return member
    quiet = member.quiet or now
    if (now - quiet).total_seconds() >= member.holds:
        return None
    return msgspec.structs.replace(member, quiet=quiet)


def _member(one: Signal, since: datetime) -> Member:
    return Member(which=_which(one), scope=one.scope, level=one.level, since=since, holds=one.holds)


def _new(signals: list[Signal], now: datetime) -> Alarm:
    fails = any(one.level == "fail" for one in signals)
    return Alarm(
        cause=signals[0].cause,
        since=now,
        said=_said(signals),
        told="fail" if fails else "warn",
        named=tuple(map(_which, signals)),
        members=tuple(_member(one, now) for one in signals),
    )


def _said(signals: Iterable[Signal]) -> tuple[Said, ...]:
    """What is wrong with each part, failures first."""
    return _first_said(
        Said(part=one.part, requirement=one.requirement, tag=one.reason.tag, text=one.reason.text, values=one.values)
        for one in sorted(signals, key=lambda one: one.level != "fail")
    )


def _first_said(said: Iterable[Said]) -> tuple[Said, ...]:
    found: dict[str, Said] = {}
    for one in said:
        found.setdefault(one.part, one)
    return tuple(found.values())


def _noted(signals: list[Signal], now: datetime) -> Notice:
    return _notice("noted", _new(signals, now), now, signals)


def _notice(
    step: StepName, alarm: Alarm, now: datetime, signals: Sequence[Signal], over: Sequence[Which] = ()
) -> Notice:
    """A step of an alarm. ``signals``: those that make it; none where it is over, for all or for some: for whom says ``over``."""
    named = tuple(map(_which, signals)) or tuple(sorted(over))
    once = step in ("fired", "escalated", "resolved")
    which = "" if once else "\0".join(f"{one.about}\x01{one.part}" for one in named)
    again = now.isoformat() if step in ("joined", "left") else ""  # who comes again joins again
    written = f"{alarm.cause}\x00{alarm.since.isoformat()}\x00{step}\x00{which}{again}"
    return Notice(
        key=sha256(written.encode("utf-8", "surrogateescape")).hexdigest()[:32],
        step=step,
        cause=alarm.cause,
        level=alarm.told,
        since=alarm.since,
        at=now,
        abouts=_abouts(named),
        said=_said(signals) or _of_parts(alarm, named),
        exhibits=tuple(dict.fromkeys(_exhibits(signals))),
        fixes=tuple(_distinct_fixes(signals).values()),
    )


def _of_parts(alarm: Alarm, named: Iterable[Which]) -> tuple[Said, ...]:
    """What was said of the parts that are over; of all where these have no words of their own."""
    parts = {one.part for one in named}
    return tuple(one for one in alarm.said if one.part in parts) or alarm.said


def _exhibits(signals: Iterable[Signal]) -> Iterator[Exhibit]:
    """The first of each subject's evidence, then the second ..., so that every subject is seen."""
    rows = [one.exhibits for one in signals]
    ordered = [row[place] for place in range(max(map(len, rows), default=0)) for row in rows if place < len(row)]
    yield from ordered[:MAX_EXHIBITS]


def _distinct_fixes(signals: Iterable[Signal]) -> Mapping[str, ReadyFix]:
    found: dict[str, ReadyFix] = {}
    for one in signals:
        for ready in one.fixes:
            found.setdefault(ready.fix.id, ready)
    return found
