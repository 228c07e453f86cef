"""What AWS counts by day: CloudWatch's ``GetMetricData`` and SES's own ``BatchGetMetricData``, as calls and what their replies say.

A day that is not in a whole reply has no data. Of a reply that failed, or is only a part, a day that is not in it is not known.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from math import isfinite
from typing import Any, NamedTuple

import msgspec

from todoku.auth.ask import Call, Reply

DAY_SECONDS = 86_400
MAX_SAID = 300  # characters of what AWS says
MAX_QUERIES = 10
"""Queries in one batch: ses/latest/APIReference-V2/API_BatchGetMetricData.html."""


class Statistic(NamedTuple):
    """What CloudWatch is asked for of a metric of ``AWS/SES``, without a dimension: of the account in its region.

    ``metric``: our word; ``name``: CloudWatch's; ``stat``: how a day's datapoints become one, ``Average`` or ``Sum``.
    """

    metric: str
    name: str
    stat: str

    @property
    def id(self) -> str:
        """By what name the reply speaks of it."""
        return self.metric.replace("-", "_")


class Query(NamedTuple):
    """What Virtual Deliverability Manager is asked for: ``SEND``, ``DELIVERY`` ... of an identity. ``isp`` "": of all receivers."""

    metric: str
    identity: str
    isp: str = ""


class Counted(msgspec.Struct, frozen=True):
    """A number for each day of UTC that has one. ``failure``: why other days are not known; "" where these have no data."""

    by_day: Mapping[date, float] = {}
    failure: str = ""


def statistics_call(account: str, region: str, statistics: Sequence[Statistic], since: date, until: date) -> Call:
    """The call for every day from ``since`` to ``until``, both included."""
    queries = tuple(_metric_query(one) for one in statistics)
    parameters = (
        ("EndTime", _midnight(until + timedelta(days=1))),
        ("MetricDataQueries", queries),
        ("StartTime", _midnight(since)),
    )
    return Call("cloudwatch", account, region, "GetMetricData", parameters, ("MetricDataResults",), paged=True)


def _metric_query(one: Statistic) -> tuple[tuple[str, Any], ...]:
    metric = (("MetricName", one.name), ("Namespace", "AWS/SES"))
    return (("Id", one.id), ("MetricStat", (("Metric", metric), ("Period", DAY_SECONDS), ("Stat", one.stat))))


def counted_statistics(reply: Reply, statistics: Sequence[Statistic]) -> tuple[Counted, ...]:
    """What the reply says of each statistic. A listing of several pages names one more than once."""
    if reply.status != "ok":
        return (Counted(failure=reply.detail or reply.status),) * len(statistics)
    results = _entries(reply, "MetricDataResults")
    return tuple(_joined([one for one in results if one.get("Id") == each.id]) for each in statistics)


def _joined(pages: Sequence[Mapping[str, Any]]) -> Counted:
    status = _line(str(pages[-1].get("StatusCode") or "Complete")) if pages else "Complete"
    read = [_counted(page) for page in pages]
    by_day = {day: value for one in read for day, value in one.by_day.items()}
    garbled = next((one.failure for one in read if one.failure), "")
    return Counted(by_day, garbled if status == "Complete" else status)


def queries_call(account: str, region: str, queries: Sequence[Query], since: date, until: date) -> Call:
    """The call for up to ten queries, for every day from ``since`` to ``until``, both included."""
    start, end = _midnight(since), _midnight(until + timedelta(days=1))
    asked = tuple(
        (
            ("Dimensions", (("EMAIL_IDENTITY", one.identity), *((("ISP", one.isp),) if one.isp else ()))),
            ("EndDate", end),
            ("Id", str(index)),
            ("Metric", one.metric),
            ("Namespace", "VDM"),
            ("StartDate", start),
        )
        for index, one in enumerate(queries)
    )
    return Call("sesv2", account, region, "BatchGetMetricData", (("Queries", asked),), ("Errors", "Results"))


def counted_queries(reply: Reply, queries: Sequence[Query]) -> tuple[Counted, ...]:
    """What the reply says of each query: some of a batch may fail."""
    if reply.status != "ok":
        return (Counted(failure=reply.detail or reply.status),) * len(queries)
    found = {_name(one): _counted(one) for one in _entries(reply, "Results")}
    for one in _entries(reply, "Errors"):
        found[_name(one)] = Counted(failure=_line(f"{one.get('Code', '')}: {one.get('Message', '')}".strip(": ")))
    return tuple(found.get(str(index), Counted(failure="left out of the reply")) for index in range(len(queries)))


def _entries(reply: Reply, field: str) -> list[Mapping[str, Any]]:
    found = reply.value.get(field)
    return [one for one in found if isinstance(one, Mapping)] if isinstance(found, list) else []


def _name(entry: Mapping[str, Any]) -> str:
    return str(entry.get("Id"))


def _line(text: str) -> str:
    """What AWS says, in one short line."""
    return " ".join(text.split())[:MAX_SAID] or "refused"


def _counted(result: Mapping[str, Any]) -> Counted:
    """The values by day. What is no time or no number leaves days unknown."""
    times, values = result.get("Timestamps") or [], result.get("Values") or []
    if not (isinstance(times, list) and isinstance(values, list) and len(times) == len(values)):
        return Counted(failure="garbled")
    pairs = [(_day(when), value) for when, value in zip(times, values, strict=True)]
    by_day = {day: float(value) for day, value in pairs if day is not None and _is_number(value)}
    return Counted(by_day, "" if len(by_day) == len(pairs) else "garbled")


def _day(when: object) -> date | None:
    try:
        return datetime.fromisoformat(when).date() if isinstance(when, str) else None
    except ValueError:
        return None


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and isfinite(value) and value >= 0


def _midnight(day: date) -> str:
    return datetime.combine(day, time(), UTC).isoformat()
