r"""From signals to alarms: a cause that is new is told once, once more when it gets worse, and when it is over.

signal ──> fired ──> escalated (warn became fail) ──> resolved
              \──> joined (the same cause, further subjects)
A signal that does not last is ``noted``. What could not be looked at changes nothing. The order of signals does not matter.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from hashlib import sha256
from typing import Literal

import msgspec

from todoku.judge import ReadyFix
from todoku.verdict import Exhibit, Text, Values
from todoku.watching.signal import Looked, Signal, SignalLevel

StepName = Literal["noted", "fired", "escalated", "joined", "resolved"]
MAX_EXHIBITS = 20  # of one notice: enough to see what it is; the report has them all


class Member(msgspec.Struct, frozen=True, kw_only=True):
    """One subject of an alarm. ``quiet``: since when its signal is away, where it must stay away for a while."""

    about: str
    scope: str
    level: SignalLevel
    since: datetime
    holds: int = 0
    quiet: datetime | None = None


class Alarm(msgspec.Struct, frozen=True, kw_only=True):
    """A cause that is there, with everybody whom it concerns, in the order of their names.

    ``text`` and ``values`` tell it as it was first seen. ``told``: the highest level that somebody was told of; ``named``: the
    subjects that somebody was told of.
    """

    cause: str
    requirement: str
    tag: str
    since: datetime
    text: Text
    values: Values
    told: SignalLevel
    named: tuple[str, ...]
    members: tuple[Member, ...]

    @property
    def level(self) -> SignalLevel:
        """The highest of its members now."""
        return "fail" if any(one.level == "fail" for one in self.members) else "warn"


class Notice(msgspec.Struct, frozen=True, kw_only=True):
    """One thing to tell. ``key`` is the same however often it is worked out: who received it knows it again.

    ``abouts``: whom this step concerns; of ``joined`` those who are new.
    """

    key: str
    step: StepName
    cause: str
    requirement: str
    tag: str
    level: SignalLevel
    since: datetime
    at: datetime
    abouts: tuple[str, ...]
    text: Text
    values: Values
    exhibits: tuple[Exhibit, ...] = ()
    fixes: tuple[ReadyFix, ...] = ()


class Advanced(msgspec.Struct, frozen=True, kw_only=True):
    """The alarms as they are now, and what is to be told."""

    alarms: tuple[Alarm, ...] = ()
    notices: tuple[Notice, ...] = ()


def advance(alarms: Sequence[Alarm], signals: Sequence[Signal], looked: Looked, now: datetime) -> Advanced:
    """The alarms after this look, in the order of their causes, and a notice for each step, each step once."""
    before = {one.cause: one for one in alarms}
    lasting = _by_cause(one for one in signals if not one.event and not one.accepted)
    silenced = {(one.cause, one.about) for one in signals if one.accepted}
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
    """The signals of each cause, one for each subject: the worst, in an order that does not depend on theirs."""
    found: dict[str, dict[str, Signal]] = {}
    for one in sorted(signals, key=_rank):
        found.setdefault(one.cause, {}).setdefault(one.about, one)
    return {cause: [some[about] for about in sorted(some)] for cause, some in sorted(found.items())}


def _rank(one: Signal) -> tuple[bool, str, str, str]:
    return one.level != "fail", one.reason.tag, one.scope, repr(sorted(one.values.items()))


def _next(
    old: Alarm | None, signals: list[Signal], looked: Looked, now: datetime, silenced: set[tuple[str, str]]
) -> tuple[Alarm | None, list[Notice]]:
    """The alarm of one cause after this look, None where there is none (any more), and what is to be told of it."""
    if old is None:
        alarm = _new(signals, now)
        return alarm, [_notice("fired", alarm, alarm.named, now, signals)]
    given = {one.about: one for one in signals}
    absent = [one for one in old.members if one.about not in given and (old.cause, one.about) not in silenced]
    staying = [kept for one in absent if (kept := _stays(one, looked, now))]
    since = {one.about: one.since for one in old.members}
    members = staying + [_member(one, since.get(one.about, now)) for one in signals]
    if not members:
        spoken = any(one.about not in looked.left and (old.cause, one.about) not in silenced for one in old.members)
        return None, [_notice("resolved", old, old.named, now, ())] if spoken else []
    alarm = msgspec.structs.replace(old, members=tuple(sorted(members, key=lambda one: one.about)))
    return _told(alarm, signals, now)


def _told(alarm: Alarm, signals: list[Signal], now: datetime) -> tuple[Alarm, list[Notice]]:
    """The alarm with what is told of it now: that it got worse, whom else it concerns."""
    notices = []
    fresh = [one for one in signals if one.about not in alarm.named]
    alarm = msgspec.structs.replace(alarm, named=tuple(sorted({*alarm.named, *(one.about for one in fresh)})))
    if alarm.level == "fail" and alarm.told == "warn":
        worse = [one for one in signals if one.level == "fail"]
        alarm = msgspec.structs.replace(
            alarm, told="fail", text=worse[0].reason.text, values=worse[0].values, tag=worse[0].reason.tag
        )
        notices.append(_notice("escalated", alarm, tuple(one.about for one in worse), now, worse))
        fresh = [one for one in fresh if one.level != "fail"]
    if fresh:
        notices.append(_notice("joined", alarm, tuple(one.about for one in fresh), now, fresh))
    return alarm, notices


def _stays(member: Member, looked: Looked, now: datetime) -> Member | None:
    """A member whose signal is not there: as it was where nobody could look, else gone, at once or after a while."""
    if member.about in looked.left:
        return None
    if (member.scope, member.about) not in looked.scopes:
        return member
    quiet = member.quiet or now
    if (now - quiet).total_seconds() >= member.holds:
        return None
    return msgspec.structs.replace(member, quiet=quiet)


def _member(one: Signal, since: datetime) -> Member:
    return Member(about=one.about, scope=one.scope, level=one.level, since=since, holds=one.holds)


def _new(signals: list[Signal], now: datetime) -> Alarm:
    first = next((one for one in signals if one.level == "fail"), signals[0])
    return Alarm(
        cause=first.cause,
        requirement=first.requirement,
        tag=first.reason.tag,
        since=now,
        text=first.reason.text,
        values=first.values,
        told=first.level,
        named=tuple(one.about for one in signals),
        members=tuple(_member(one, now) for one in signals),
    )


def _noted(signals: list[Signal], now: datetime) -> Notice:
    alarm = _new(signals, now)
    return _notice("noted", alarm, alarm.named, now, signals)


def _notice(step: StepName, alarm: Alarm, abouts: tuple[str, ...], now: datetime, signals: Sequence[Signal]) -> Notice:
    about = "" if step in ("fired", "escalated", "resolved") else "\0".join(abouts)
    written = f"{alarm.cause}\x00{alarm.since.isoformat()}\x00{step}\x00{about}"
    return Notice(
        key=sha256(written.encode("utf-8", "surrogateescape")).hexdigest()[:32],
        step=step,
        cause=alarm.cause,
        requirement=alarm.requirement,
        tag=alarm.tag,
        level=alarm.told,
        since=alarm.since,
        at=now,
        abouts=abouts,
        text=alarm.text,
        values=alarm.values,
        exhibits=tuple(dict.fromkeys(_exhibits(signals))),
        fixes=tuple(_distinct_fixes(signals).values()),
    )


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
