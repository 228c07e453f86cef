"""One look at Postmaster Tools: every rate that Google counts, day by day, and what it says of each domain.

A day that is not in a complete reply has no data; a day that could not be asked for is not known, and says why. No number
is made up of either.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from itertools import chain
from math import isnan

import msgspec

from todoku.feedback.compliance import NOT_REGISTERED, REGISTRATION, Compliance, Standing
from todoku.feedback.traffic import Day, Series
from todoku.net.google import postmaster
from todoku.net.google.api import Api, Refusal
from todoku.net.google.postmaster import Metric, Query, Registered, Stats

SOURCE = "postmaster"
MAX_LOOPS = 50  # feedback loops of one domain that are followed
LOOPS_AT_ONCE = 10

REASONS = {
    "reject": (
        *("bad_attachment", "bad_or_missing_ptr_record", "ip_in_rbls", "low_domain_reputation", "low_ip_reputation"),
        *("spammy_content", "stamp_policy_error", "other"),
    ),
    "temp_fail": ("anomalous_traffic_pattern", "other"),
}
"""Google's reasons of delivery errors, by type."""


def _errors() -> Iterator[Metric]:
    yield Metric("delivery-error-rate", "", "DELIVERY_ERROR_RATE")
    for kind, reasons in REASONS.items():
        of_kind = f'error_type = "{kind}"'
        yield Metric("delivery-error-rate", kind, "DELIVERY_ERROR_RATE", of_kind)
        for reason in reasons:
            narrowed = f'{of_kind} AND error_reason = "{reason}"'
            yield Metric("delivery-error-rate", f"{kind}/{reason}", "DELIVERY_ERROR_RATE", narrowed)


LOOP_IDS = Metric("feedback-loops", "", "FEEDBACK_LOOP_ID")

GROUPS: tuple[tuple[Metric, ...], ...] = (
    (Metric("spam-rate", "", "SPAM_RATE"),),
    tuple(Metric(f"{one}-rate", "", "AUTH_SUCCESS_RATE", f'auth_type = "{one}"') for one in ("spf", "dkim", "dmarc")),
    tuple(
        Metric(metric, way, standard, f'traffic_direction = "{way}"')
        for metric, standard in (("tls-rate", "TLS_ENCRYPTION_RATE"), ("tls-count", "TLS_ENCRYPTION_MESSAGE_COUNT"))
        for way in ("inbound", "outbound")
    ),
    tuple(_errors()),
    (LOOP_IDS,),
)
"""What is asked together: where Google refuses one group, the others are still had."""

COUNTS = frozenset(("tls-count",))
_LOOP = re.compile(r"[\x21\x23-\x5b\x5d-\x7e]{1,200}")  # neither a quote nor a backslash: it stands in a filter


class Polled(msgspec.Struct, frozen=True, kw_only=True):
    """What one look gave. ``refusals``: each cause once, of whatever could not be had."""

    domains: tuple[Registered, ...] = ()
    series: tuple[Series, ...] = ()
    compliance: tuple[Compliance, ...] = ()
    refusals: tuple[Refusal, ...] = ()


def poll(api: Api, expected: Sequence[str], days_of: Callable[[str], Sequence[date]]) -> Polled:
    """Everything of every verified domain. ``expected``: domains of ours, also where they are not registered; ``days_of``:
    the days to ask for. Never raises for what Google does.
    """
    listed = postmaster.domains(api)
    if isinstance(listed, Refusal):
        blank = [Query(name, group, tuple(days_of(name))) for name in expected for group in GROUPS]
        return Polled(
            series=tuple(chain.from_iterable(map(_unknown, blank, [listed] * len(blank)))), refusals=(listed,)
        )
    ready = [one.domain for one in listed if one.verification_state == "VERIFIED" and one.permission != "NONE"]
    queries = [Query(name, group, tuple(days_of(name))) for name in ready for group in GROUPS]
    counted = dict(zip(queries, postmaster.stats(api, queries), strict=True))
    loops = [query for query in queries if query.metrics == (LOOP_IDS,)]
    by_loop = [each for query in loops for each in _loop_queries(query, counted[query])]
    counted.update(zip(by_loop, postmaster.stats(api, by_loop), strict=True))
    said = {name: postmaster.compliance(api, name) for name in ready}
    refused = [one.refusal for one in counted.values()] + [one for one in said.values() if isinstance(one, Refusal)]
    return Polled(
        domains=listed,
        series=tuple(one for query, stats in counted.items() for one in _series(query, stats)),
        compliance=_compliance(listed, expected, said),
        refusals=tuple({(one.cause, one.detail): one for one in refused if one}.values()),
    )


def _loop_queries(query: Query, stats: Stats) -> Iterator[Query]:
    """The queries for the spam rates of a domain's feedback loops, of those that Google names."""
    named = sorted({name for one in stats.found if isinstance(one.value, tuple) for name in one.value})
    metrics = [
        Metric("feedback-loop-spam-rate", name, "FEEDBACK_LOOP_SPAM_RATE", f'feedback_loop_id = "{name}"')
        for name in named
        if _LOOP.fullmatch(name)
    ][:MAX_LOOPS]
    for start in range(0, len(metrics), LOOPS_AT_ONCE):
        yield Query(query.domain, tuple(metrics[start : start + LOOPS_AT_ONCE]), query.days)


def _series(query: Query, stats: Stats) -> Iterator[Series]:
    values = {(one.metric, one.day): one.value for one in stats.found}
    for metric in query.metrics:
        days = tuple(_day(metric, day, values.get((metric, day)), stats.refusal) for day in query.days)
        yield _named(query.domain, metric, days)


def _day(metric: Metric, day: date, value: float | tuple[str, ...] | None, refusal: Refusal | None) -> Day:
    if isinstance(value, tuple):
        return Day(day=day, state="number", value=float(len(value)))
    if value is not None:
        if isnan(value):
            return Day(day=day, state="not-known", detail="garbled: what Google shows is no number")
        if value < 0 or (value > 1 and metric.metric not in COUNTS):
            return Day(day=day, state="not-known", detail=f"garbled: {value} is no rate")
        return Day(day=day, state="number", value=value)
    if refusal is not None:
        return Day(day=day, state="not-known", detail=_why(refusal))
    return Day(day=day, state="no-data")


def _unknown(query: Query, refusal: Refusal) -> Iterator[Series]:
    return _series(query, Stats((), refusal))


def _why(refusal: Refusal) -> str:
    return f"{refusal.cause}: {refusal.detail}"


def _named(domain: str, metric: Metric, days: tuple[Day, ...]) -> Series:
    return Series(source=SOURCE, about=domain, metric=metric.metric, part=metric.part, days=days)


def _compliance(
    listed: Sequence[Registered], expected: Sequence[str], said: Mapping[str, tuple[Compliance, ...] | Refusal]
) -> tuple[Compliance, ...]:
    """What Google says of each domain, and whether it is registered. Where two speak of one domain they say the same."""
    rows: dict[str, dict[str, Standing]] = {name: {} for name in expected}
    for name in expected:
        rows[name][REGISTRATION] = Standing(row=REGISTRATION, state=NOT_REGISTERED)
    for one in listed:
        if one.verification_state in ("VERIFIED", "UNVERIFIED"):
            state = Standing(row=REGISTRATION, state=one.verification_state, reason=one.permission[:40])
            rows.setdefault(one.domain, {})[REGISTRATION] = state
    for answer in said.values():
        for each in answer if not isinstance(answer, Refusal) else ():
            rows.setdefault(each.domain, {}).update({row.row: row for row in each.rows})
    return tuple(Compliance(domain=name, rows=tuple(known.values())) for name, known in rows.items())
