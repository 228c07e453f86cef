"""What a store holds of a domain: the rates that Gmail counts, what Google says of it, and how much was ever sent to Gmail.

The store is asked as an API is, by calls: so what it answered is in the record of a look, and the look can be judged again.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, TypeVar

import msgspec

from todoku.auth.ask import Look, Reply, call
from todoku.auth.suffixes import Suffixes
from todoku.causes import missing_reasons
from todoku.causes.missing_reasons import STORE_CLOSED, STORE_EMPTY
from todoku.evidence.facts import Evidence
from todoku.feedback.compliance import NOT_REGISTERED, REGISTRATION, Compliance
from todoku.feedback.traffic import Series, Traffic
from todoku.words.verdict import Missing

SERVICE = "store"
REACH = timedelta(days=30)
"""How far back a look goes."""

T = TypeVar("T")


def with_traffic(evidence: Evidence, suffixes: Suffixes) -> Look[Evidence]:
    """The evidence with what the store holds of its domain, else of the organizational domain above it."""
    author = evidence.author
    if evidence.at is None or isinstance(author, Missing) or not author.domain:
        return evidence
    domain = author.domain
    names = tuple(dict.fromkeys((domain, suffixes.organizational_domain(domain) or domain)))
    traffic = yield from _traffic(names, evidence.at)
    compliance = yield from _compliance(names)
    return msgspec.structs.replace(evidence, traffic=traffic, compliance=compliance)


def _traffic(names: Sequence[str], at: datetime) -> Look[Traffic | Missing]:
    """The series of the first of these domains that has any number."""
    found: list[Traffic] = []
    for name in names:
        series = yield from _series(name, at)
        if isinstance(series, Missing):
            return series
        found.append(Traffic(domain=name, series=series))
    most = yield from _most(names[-1])
    best = max(found, key=lambda one: (_has_numbers(one), bool(one.series)))  # of equals the first
    if not best.series and most is None:
        return missing_reasons.not_asked(STORE_EMPTY, domain=names[0])
    return msgspec.structs.replace(best, most=most)


def _series(domain: str, at: datetime) -> Look[tuple[Series, ...] | Missing]:
    span = {"Since": (at - REACH).date().isoformat(), "Until": at.date().isoformat()}
    reply = yield from call(SERVICE, "", "", "Days", ("Series",), Source="postmaster", About=domain, **span)
    return _read(reply, "Series", tuple[Series, ...], ())


def _most(organization: str) -> Look[float | None]:
    """The most that was ever counted to Gmail on one day, of all names in an organizational domain; None where it cannot be had."""
    reply = yield from call(SERVICE, "", "", "Most", ("Most",), Organization=organization)
    most = _read(reply, "Most", float, 0.0)
    return None if isinstance(most, Missing) or not most else most


def _compliance(names: Sequence[str]) -> Look[Compliance | Missing]:
    """Google's rows of the first of these domains of which it says more than that it is not registered."""
    first: Compliance | None = None
    for name in names:
        reply = yield from call(SERVICE, "", "", "Standings", ("Compliance",), Domain=name)
        found = _read(reply, "Compliance", Compliance, Compliance(domain=name))
        if isinstance(found, Missing):
            return found
        if any((one.row, one.state) != (REGISTRATION, NOT_REGISTERED) for one in found.rows):
            return found
        first = first or (found if found.rows else None)
    return first or missing_reasons.not_asked(STORE_EMPTY, domain=names[0])


def _read(reply: Reply, field: str, kind: type[T], empty: T) -> T | Missing:
    """A field of a reply as our own type; a record may hold anything."""
    if reply.failed:
        return store_closed(reply)
    value: Any = reply.value.get(field)
    try:
        return empty if value is None else msgspec.convert(value, kind)
    except msgspec.ValidationError:
        return missing_reasons.could_not_look(STORE_CLOSED, detail="not what a store answers")


def store_closed(reply: Reply) -> Missing:
    """Why the store could not be read."""
    return missing_reasons.could_not_look(STORE_CLOSED, detail=reply.detail or reply.status)


def _has_numbers(traffic: Traffic) -> bool:
    return any(day.state == "number" for one in traffic.series for day in one.days)
