"""Bounces that are new: a meaning that a receiver did not give before, and a share at one receiver that rose too far for chance."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta

from todoku.causes.witnesses.over_time import BOUNCE_DIAGNOSES_MANY, BOUNCE_DIAGNOSIS_NEW, BOUNCES_ROSE
from todoku.feedback.answers import Diagnosed, ReceiverDay
from todoku.feedback.replies.rule import REPLIERS
from todoku.feedback.traffic import Proportion, percent
from todoku.watching import flood_cap
from todoku.watching.signal import Looked, Seen, Signal, SignalLevel, all_seen
from todoku.words.verdict import Exhibit

LAST_DAYS = 2  # compared with those before
BEFORE_DAYS = 28
LEARNT = timedelta(days=14)  # what is seen in the first two weeks of events was there before
NEW = timedelta(days=28)  # for so long a meaning is new
GONE = timedelta(days=7)  # without a bounce for so long, it is over
FEW = 5  # recipients: less is somebody's slip
ENOUGH = 50  # recipients of a receiver, on both sides
RISE = 0.05  # of all recipients there
GRAVE = 0.20
HOLDS = 7 * 86_400  # seconds: what is sent has a weekly rhythm
PLACES = 2
KIND = "bounces/diagnosis"
SHARE = "bounces/share"
REQUIREMENT = "bounce-handling"
OTHERS = "other domains"

_NAMES = {str(name): shown for name, shown in REPLIERS.items()}


def look_at(days: Iterable[ReceiverDay], diagnosed: Iterable[Diagnosed], today: date) -> Seen:
    """What the events of all sending domains say. Of a domain with less than two weeks of them nothing can be called new."""
    by_domain: dict[str, list[ReceiverDay]] = {}
    for one in days:
        by_domain.setdefault(one.domain, []).append(one)
    meanings: dict[str, list[Diagnosed]] = {}
    for each in diagnosed:
        meanings.setdefault(each.domain, []).append(each)
    return all_seen(
        part
        for domain, some in sorted(by_domain.items())
        for part in (_new(domain, some, meanings.get(domain, ()), today), _shares(domain, some, today))
    )


def _new(domain: str, days: Sequence[ReceiverDay], meanings: Iterable[Diagnosed], today: date) -> Seen:
    since = min(one.day for one in days)
    if today - since < LEARNT:
        return Seen()
    fresh = [
        one
        for one in meanings
        if one.first >= since + LEARNT
        and today - one.first <= NEW
        and today - one.last <= GONE
        and one.recipients >= FEW
    ]
    signals = [_of_meaning(domain, one) for one in fresh]
    return flood_cap.told(KIND, domain, signals, requirement=REQUIREMENT, reason=BOUNCE_DIAGNOSES_MANY)


def _of_meaning(domain: str, one: Diagnosed) -> Signal:
    receiver = _NAMES.get(one.receiver, OTHERS)
    return Signal(
        scope=KIND,
        about=domain,
        requirement=REQUIREMENT,
        reason=BOUNCE_DIAGNOSIS_NEW,
        level="warn",
        cause=f"{BOUNCE_DIAGNOSIS_NEW.tag}/{receiver}/{one.diagnosis}",
        values={
            "domain": domain,
            "receiver": receiver,
            "diagnosis": one.diagnosis,
            "recipients": one.recipients,
            "first": one.first.isoformat(),
            "last": one.last.isoformat(),
        },
        exhibits=(Exhibit("report", f"{receiver} {one.diagnosis}", f"{one.recipients} ({one.first}, {one.last})"),),
    )


def _shares(domain: str, days: Sequence[ReceiverDay], today: date) -> Seen:
    signals: list[Signal] = []
    looked: set[tuple[str, str]] = set()
    by_receiver: dict[str, list[ReceiverDay]] = {}
    for one in days:
        if one.day < today and one.delivered:  # without deliveries there is no share
            by_receiver.setdefault(one.receiver, []).append(one)
    start = today - timedelta(days=LAST_DAYS)
    for receiver, some in sorted(by_receiver.items()):
        first = start - timedelta(days=BEFORE_DAYS)
        before = [_proportion([one]) for one in some if first <= one.day < start]
        usual = [one for one in before if one.of >= ENOUGH]
        now = _proportion([one for one in some if one.day >= start])
        if len(usual) >= LEARNT.days and now.of >= ENOUGH:
            scope = f"{SHARE}/{receiver}"
            looked.add((scope, domain))
            signals += _rise(domain, receiver, scope, now, max(usual, key=_rate), start)
    return Seen(signals=tuple(signals), looked=Looked(scopes=frozenset(looked)))


def _rise(
    domain: str, receiver: str, scope: str, now: Proportion, highest: Proportion, start: date
) -> Iterator[Signal]:
    if _rate(now) - _rate(highest) < RISE or now.interval[0] <= _rate(highest):
        return
    level: SignalLevel = "fail" if _rate(now) - _rate(highest) >= GRAVE else "warn"
    name = _NAMES.get(receiver, OTHERS)
    yield Signal(
        scope=scope,
        about=domain,
        requirement=REQUIREMENT,
        reason=BOUNCES_ROSE,
        level=level,
        cause=f"{BOUNCES_ROSE.tag}/{name}",
        holds=HOLDS,
        values={
            "domain": domain,
            "receiver": name,
            "rate": percent(_rate(now), PLACES),
            "before": percent(_rate(highest), PLACES),
            "recipients": now.of,
            "since": start.isoformat(),
        },
        exhibits=(Exhibit("report", f"{domain} {name}", f"{now.hits}/{now.of}; {highest.hits}/{highest.of}"),),
    )


def _proportion(days: Sequence[ReceiverDay]) -> Proportion:
    bounced = sum(one.bounced for one in days)
    return Proportion(bounced, bounced + sum(one.delivered for one in days))


def _rate(of: Proportion) -> float:
    return of.rate or 0.0
