"""One look at what AWS counts of an account in a region: SES's own rates, what was sent each day, and the same by identity.

CloudWatch has the account's rates and counts for everybody. The counts of each identity and receiver are those of Virtual
Deliverability Manager, which an account pays for: where it is off nothing is asked there, and ``Polled.vdm`` says so.

A day that is not in a whole reply has no data; a day that could not be asked for is not known, and says why.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from typing import NamedTuple

import msgspec

from todoku.account.metric_data import (
    MAX_QUERIES,
    Counted,
    Query,
    Statistic,
    counted_queries,
    counted_statistics,
    queries_call,
    statistics_call,
)
from todoku.account.reputation import BOUNCE_RATE, COMPLAINT_RATE
from todoku.auth.ask import Call, Reply
from todoku.feedback.traffic import Day, Series
from todoku.net.drivers import CallSource

CLOUDWATCH, SES = "cloudwatch", "ses"
MAX_IDENTITIES = 200  # of one region
MAX_DAYS = 90  # in one look

STATISTICS = (
    BOUNCE_RATE,
    COMPLAINT_RATE,
    *(
        Statistic(f"{name.lower()}-count", name, "Sum")
        for name in ("Send", "Delivery", "Bounce", "Complaint", "Reject")
    ),
)
"""ses/latest/dg/event-publishing-retrieving-cloudwatch.html; the first two are ratios."""
_RATES = frozenset((BOUNCE_RATE.metric, COMPLAINT_RATE.metric))

ISPS = ("", "Gmail", "Yahoo")
"""All receivers together, then those whose name in ``ISP`` AWS writes: ses/latest/APIReference-V2/API_BatchGetMetricDataQuery.html."""
COUNTS = {
    "SEND": "send-count",
    "DELIVERY": "delivery-count",
    "DELIVERY_COMPLAINT": "delivery-with-feedback-count",  # to receivers that pass complaints on to SES
    "COMPLAINT": "complaint-count",
    "PERMANENT_BOUNCE": "permanent-bounce-count",
    "TRANSIENT_BOUNCE": "transient-bounce-count",
}
RATIOS = {
    "complaint-rate": ("complaint-count", "delivery-with-feedback-count"),
    "bounce-rate": ("permanent-bounce-count", "send-count"),
}


class Watched(msgspec.Struct, frozen=True, kw_only=True):
    """Whose figures: ``account`` gives the credentials (a profile, a role's ARN, or ""), ``identities`` are names."""

    account: str
    region: str
    identities: tuple[str, ...] = ()


class Polled(msgspec.Struct, frozen=True, kw_only=True):
    """What one look gave.

    ``about``: ``123456789012:ap-northeast-1``, or "" where AWS does not say whose credentials these are; there are no series then.
    ``vdm``: whether Virtual Deliverability Manager is on; None where that could not be read. ``failures``: the replies that tell
    nothing, of each operation and status the first. ``left_out``: identities beyond our bound.
    """

    about: str = ""
    series: tuple[Series, ...] = ()
    vdm: bool | None = None
    failures: tuple[Reply, ...] = ()
    left_out: tuple[str, ...] = ()


def poll(source: CallSource, watched: Watched, days_of: Callable[[str, str], Sequence[date]]) -> Polled:
    """Everything that AWS counts of the account in the region. ``days_of(source, about)``: the days to ask for, oldest first;
    none where nothing is to be asked. Never raises for what AWS does.
    """
    caller, account = source.replies(
        [
            Call("sts", watched.account, watched.region, "GetCallerIdentity", fields=("Account",)),
            Call("sesv2", watched.account, watched.region, "GetAccount", fields=("VdmAttributes",)),
        ]
    )
    number = str(caller.value.get("Account") or "")
    if caller.failed or not number:
        return Polled(failures=(caller,))
    about = f"{number}:{watched.region}"
    vdm = None if account.failed else _is_on(account)
    own = days_of(CLOUDWATCH, about)[-MAX_DAYS:]
    names = watched.identities[:MAX_IDENTITIES] if vdm is not False else ()
    by_name = {name: days_of(SES, f"{about}:{name}")[-MAX_DAYS:] for name in names}
    batches = [one for name, days in by_name.items() if vdm and days for one in _batches(watched, name, days)]
    calls = [statistics_call(watched.account, watched.region, STATISTICS, own[0], own[-1])] if own else []
    # all at once: a region that gives no answer is asked no more (``ses.GIVE_UP``)
    replies = source.replies([*calls, *(one.call for one in batches)])
    series = _account(replies[0], about, own) if own else ()
    counted = _counted(batches, replies[len(calls) :])
    for name, days in by_name.items():
        series += _identity(f"{about}:{name}", name, days, counted, account)
    failures = [one for one in (account, *replies) if one.failed]
    return Polled(
        about=about,
        series=series,
        vdm=vdm,
        failures=tuple({(one.call.operation, one.status): one for one in reversed(failures)}.values())[::-1],
        left_out=watched.identities[MAX_IDENTITIES:],
    )


def _is_on(account: Reply) -> bool:
    attributes = account.value.get("VdmAttributes")
    return isinstance(attributes, dict) and attributes.get("VdmEnabled") == "ENABLED"


def _account(reply: Reply, about: str, days: Sequence[date]) -> tuple[Series, ...]:
    """What CloudWatch says of the account."""
    counted = counted_statistics(reply, STATISTICS)
    return tuple(
        Series(source=CLOUDWATCH, about=about, metric=one.metric, days=_days(days, each, ratio=one.metric in _RATES))
        for one, each in zip(STATISTICS, counted, strict=True)
    )


class _Batch(NamedTuple):
    """Up to ten queries about one identity, and the call that asks them."""

    queries: tuple[Query, ...]
    call: Call


def _batches(watched: Watched, name: str, days: Sequence[date]) -> Iterator[_Batch]:
    queries = _queries(name)
    for start in range(0, len(queries), MAX_QUERIES):
        some = queries[start : start + MAX_QUERIES]
        yield _Batch(some, queries_call(watched.account, watched.region, some, days[0], days[-1]))


def _queries(name: str) -> tuple[Query, ...]:
    return tuple(Query(metric, name, isp) for isp in ISPS for metric in COUNTS)


def _counted(batches: Sequence[_Batch], replies: Sequence[Reply]) -> dict[Query, Counted]:
    return {
        query: counted
        for batch, reply in zip(batches, replies, strict=True)
        for query, counted in zip(batch.queries, counted_queries(reply, batch.queries), strict=True)
    }


def _identity(
    about: str, name: str, days: Sequence[date], counted: Mapping[Query, Counted], account: Reply
) -> tuple[Series, ...]:
    """What Virtual Deliverability Manager says of an identity; why not, where ``account`` does not say whether it is on."""
    if not days:
        return ()
    unasked = Counted(failure=account.detail or account.status)
    counts = tuple(
        Series(
            source=SES,
            about=about,
            metric=COUNTS[query.metric],
            part=query.isp,
            days=_days(days, counted.get(query, unasked)),
        )
        for query in _queries(name)
    )
    return (*counts, *_ratios(about, counts))


def _ratios(about: str, counts: Sequence[Series]) -> Iterator[Series]:
    by_name = {(one.metric, one.part): one for one in counts}
    for isp in ISPS:
        for metric, (hits, of) in RATIOS.items():
            pairs = zip(by_name[hits, isp].days, by_name[of, isp].days, strict=True)
            yield Series(source=SES, about=about, metric=metric, part=isp, days=tuple(_ratio(*pair) for pair in pairs))


def _ratio(hits: Day, of: Day) -> Day:
    """A day's rate over what it was counted over. Complaints come days after the mail: of more than were sent there is no rate."""
    unknown = next((one for one in (hits, of) if one.state == "not-known"), None)
    if unknown is not None:
        return unknown
    if not of.value or hits.value is None or hits.value > of.value:
        return Day(day=of.day, state="no-data")
    return Day(day=of.day, state="number", value=hits.value / of.value, of=int(of.value))


def _days(days: Sequence[date], counted: Counted, *, ratio: bool = False) -> tuple[Day, ...]:
    return tuple(_day(day, counted, ratio=ratio) for day in days)


def _day(day: date, counted: Counted, *, ratio: bool) -> Day:
    value = counted.by_day.get(day)
    if value is not None and not (ratio and value > 1):
        return Day(day=day, state="number", value=value)
    if value is not None:
        return Day(day=day, state="not-known", detail=f"garbled: {value} is no rate")
    if counted.failure:
        return Day(day=day, state="not-known", detail=counted.failure)
    return Day(day=day, state="no-data")
