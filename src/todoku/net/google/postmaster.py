"""What Postmaster Tools' API v2 does, as functions: each gives values, or the ``Refusal`` that says why there are none.

Names are those of Google's discovery document (``gmailpostmastertools.v2``); a test holds them against it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from itertools import groupby, islice
from math import nan
from typing import Any, Literal, NamedTuple
from urllib.parse import quote

import msgspec

from todoku.feedback.compliance import DELIVERABILITY, Compliance, Standing
from todoku.net.google.api import Api, Refusal, of_code

PAGE = 200  # the most of a page, of domains and of statistics
MAX_PAGES = 100
BATCH = 20  # queries at a time, of 100 that Google allows: a reply of full pages stays within its bound
Method = Literal["TXT", "CNAME"]


class Registered(msgspec.Struct, frozen=True, rename="camel"):
    """A domain in the user's Postmaster Tools. ``verification_state``: ``VERIFIED`` or ``UNVERIFIED``."""

    name: str
    verification_state: str = ""
    permission: str = ""

    @property
    def domain(self) -> str:
        """Its name without what stands before it."""
        return self.name.removeprefix("domains/")


class Metric(NamedTuple):
    """A series of ours, and how Google is asked for it."""

    metric: str
    part: str
    standard: str
    filter: str = ""


class Query(NamedTuple):
    """Some metrics of a domain on some days, which are in order."""

    domain: str
    metrics: tuple[Metric, ...]
    days: tuple[date, ...]


class Stat(NamedTuple):
    """One value of one day: a number, or the identifiers of feedback loops. NaN: there is something, and it is no number."""

    metric: Metric
    day: date
    value: float | tuple[str, ...]


class Stats(NamedTuple):
    """What a query gave, and why it did not give all; a day of which nothing is here has no data where ``refusal`` is None."""

    found: tuple[Stat, ...]
    refusal: Refusal | None


class _Domains(msgspec.Struct, rename="camel"):
    domains: list[Registered] = []
    next_page_token: str = ""


class _Token(msgspec.Struct):
    token: str = ""


class _Status(msgspec.Struct):
    status: str = ""


class _Verdict(msgspec.Struct):
    status: _Status | None = None
    state: _Status | None = None
    reason: str = ""


class _Row(msgspec.Struct):
    requirement: str = ""
    status: _Status | None = None


class _Data(msgspec.Struct, rename="camel"):
    domain_id: str = ""
    row_data: list[_Row] = []
    one_click_unsubscribe_verdict: _Verdict | None = None
    honor_unsubscribe_verdict: _Verdict | None = None
    deliverability_status_verdict: _Verdict | None = None


class _Compliance(msgspec.Struct, rename="camel"):
    compliance_data: _Data | None = None
    subdomain_compliance_data: _Data | None = None


class _Date(msgspec.Struct):
    year: int = 0
    month: int = 0
    day: int = 0


class _Strings(msgspec.Struct):
    values: list[str] = []


class _Value(msgspec.Struct, rename="camel"):
    double_value: float | str | None = None  # a number that JSON cannot write comes as a string
    float_value: float | str | None = None
    int_value: int | str | None = None
    string_list: _Strings | None = None


class _Stat(msgspec.Struct):
    metric: str = ""
    date: _Date | None = None
    value: _Value | None = None


class _Response(msgspec.Struct, rename="camel"):
    domain_stats: list[_Stat] = []
    next_page_token: str = ""


class _Error(msgspec.Struct):
    code: int = 0


class _Result(msgspec.Struct):
    response: _Response | None = None
    error: _Error | None = None


class _Batch(msgspec.Struct):
    results: list[_Result] = []


def domains(api: Api) -> tuple[Registered, ...] | Refusal:
    """The domains that the user has in Postmaster Tools."""
    found: list[Registered] = []
    token = ""
    for _ in range(MAX_PAGES):
        page = api.get("v2/domains", _Domains, pageSize=PAGE, pageToken=token)
        if isinstance(page, Refusal):
            return page
        found += page.domains
        if not page.next_page_token:
            return tuple(found)
        token = page.next_page_token
    return Refusal("limit", f"more than {MAX_PAGES} pages of domains")


def create(api: Api, domain: str) -> Registered | Refusal:
    """Add a domain; ``exists`` where it is there."""
    return api.post("v2/domains", Registered, {"domainId": domain})


def verification_token(api: Api, domain: str, method: Method) -> str | Refusal:
    """What is to stand in the DNS."""
    found = api.get(f"{_resource(domain)}/verificationToken", _Token, verificationMethod=method)
    if isinstance(found, Refusal):
        return found
    return found.token or Refusal("garbled", "no token in the reply")


def verify(api: Api, domain: str, method: Method) -> Refusal | None:
    """Have Google look at the DNS; None where it saw what it looked for."""
    done = api.post(f"{_resource(domain)}:verify", dict[str, Any], {"verificationMethod": method})
    return done if isinstance(done, Refusal) else None


def domain(api: Api, name: str) -> Registered | Refusal:
    """One domain as it stands."""
    return api.get(_resource(name), Registered)


def compliance(api: Api, name: str) -> tuple[Compliance, ...] | Refusal:
    """The rows of the compliance page: those of the registrable domain, and the subdomain's own where it is one."""
    found = api.get(f"{_resource(name)}/complianceStatus", _Compliance)
    if isinstance(found, Refusal):
        return found
    both = (found.compliance_data, found.subdomain_compliance_data)
    return tuple(Compliance(domain=(one.domain_id or name).lower(), rows=_rows(one)) for one in both if one)


def _rows(data: _Data) -> tuple[Standing, ...]:
    """Google's rows with their verdicts' reasons; a state that Google leaves open is no row."""
    reasons = {
        "ONE_CLICK_UNSUBSCRIBE": data.one_click_unsubscribe_verdict,
        "HONOR_UNSUBSCRIBE": data.honor_unsubscribe_verdict,
    }
    states = {row.requirement: row.status.status for row in data.row_data if row.status}
    for name, verdict in reasons.items():
        if verdict and verdict.status:
            states[name] = verdict.status.status
    reasons[DELIVERABILITY] = data.deliverability_status_verdict
    if data.deliverability_status_verdict and data.deliverability_status_verdict.state:
        states[DELIVERABILITY] = data.deliverability_status_verdict.state.status
    return tuple(
        Standing(row=row[:60], state=state[:60], reason=_reason(reasons.get(row)))
        for row, state in sorted(states.items())
        if row and state and not state.endswith("UNSPECIFIED")
    )


def _reason(verdict: _Verdict | None) -> str:
    return verdict.reason[:100] if verdict and not verdict.reason.endswith("UNSPECIFIED") else ""


def stats(api: Api, queries: Sequence[Query]) -> tuple[Stats, ...]:
    """What Google counted, query by query in their order, every page of each."""
    found: list[list[Stat]] = [[] for _ in queries]
    refusals: list[Refusal | None] = [None] * len(queries)
    waiting = [(index, "") for index in range(len(queries))]
    for _ in range(MAX_PAGES):
        if not waiting:
            break
        waiting = [
            (index, token) for some in _portions(waiting) for index, token in _page(api, queries, some, found, refusals)
        ]
    for index, _ in waiting:
        refusals[index] = Refusal("limit", f"more than {MAX_PAGES} pages of statistics")
    return tuple(Stats(tuple(some), refusal) for some, refusal in zip(found, refusals, strict=True))


def _page(
    api: Api,
    queries: Sequence[Query],
    asked: Sequence[tuple[int, str]],
    found: list[list[Stat]],
    refusals: list[Refusal | None],
) -> Iterator[tuple[int, str]]:
    """Take one page of some queries; those that go on, with the tokens of their next pages."""
    results = _results(api, [_body(queries[index], token) for index, token in asked])
    for (index, token), result in zip(asked, results, strict=True):
        if isinstance(result, Refusal):
            refusals[index] = result
            continue
        found[index] += _values(queries[index], result)
        if result.next_page_token == token != "":
            refusals[index] = Refusal("garbled", "a page that leads to itself")
        elif result.next_page_token:
            yield index, result.next_page_token


def _results(api: Api, bodies: Sequence[dict[str, Any]]) -> list[_Response | Refusal]:
    """The result of each query of a batch; what passes is asked again."""
    results: list[_Response | Refusal] = [Refusal("unreachable", "not asked")] * len(bodies)
    open_ones = list(range(len(bodies)))
    for attempt in range(api.tries):
        reply = api.post("v2/domainStats:batchQuery", _Batch, {"requests": [bodies[index] for index in open_ones]})
        for index, result in zip(open_ones, _each(reply, len(open_ones)), strict=True):
            results[index] = result
        if isinstance(reply, Refusal):
            break  # the call was tried again as often as it may be
        open_ones = [index for index in open_ones if isinstance(one := results[index], Refusal) and one.passing]
        if not open_ones or not api.pause(attempt):
            break
    return results


def _each(reply: _Batch | Refusal, count: int) -> list[_Response | Refusal]:
    if isinstance(reply, Refusal):
        return [reply] * count
    if len(reply.results) != count:
        return [Refusal("garbled", "a batch with another number of results")] * count
    return [of_code(one.error.code) if one.error else one.response or _Response() for one in reply.results]


def _body(query: Query, token: str) -> dict[str, Any]:
    """A QueryDomainStatsRequest."""
    return {
        "parent": _resource(query.domain).removeprefix("v2/"),
        "metricDefinitions": [_definition(number, metric) for number, metric in enumerate(query.metrics)],
        "timeQuery": {"dateRanges": {"dateRanges": [_range(first, last) for first, last in runs(query.days)]}},
        "aggregationGranularity": "DAILY",
        "pageSize": PAGE,
        **({"pageToken": token} if token else {}),
    }


def _definition(number: int, metric: Metric) -> dict[str, Any]:
    wanted = {"name": f"m{number}", "baseMetric": {"standardMetric": metric.standard}}
    return {**wanted, "filter": metric.filter} if metric.filter else wanted


def _range(first: date, last: date) -> dict[str, Any]:
    return {
        name: {"year": day.year, "month": day.month, "day": day.day} for name, day in (("start", first), ("end", last))
    }


def runs(days: Sequence[date]) -> Iterator[tuple[date, date]]:
    """The first and the last of each run of days that follow each other."""
    for _, some in groupby(enumerate(days), key=lambda each: each[1] - timedelta(days=each[0])):
        run = [day for _, day in some]
        yield run[0], run[-1]


def _values(query: Query, response: _Response) -> Iterator[Stat]:
    """The values that belong to the query; others are passed over."""
    by_name = {f"m{number}": metric for number, metric in enumerate(query.metrics)}
    days = frozenset(query.days)
    for one in response.domain_stats:
        metric, day, value = by_name.get(one.metric), _day(one.date), _told(one.value)
        if metric and day in days and value is not None:
            yield Stat(metric, day, value)


def _day(told: _Date | None) -> date | None:
    try:
        return date(told.year, told.month, told.day) if told else None
    except (ValueError, OverflowError):
        return None


def _told(value: _Value | None) -> float | tuple[str, ...] | None:
    if value is None:
        return None
    if value.string_list is not None:
        return tuple(value.string_list.values)
    if value.int_value is not None:
        return _count(str(value.int_value))
    given = value.float_value if value.double_value is None else value.double_value
    return given if isinstance(given, float) else nan


def _count(text: str) -> float:
    return float(text) if text.isascii() and text.isdigit() and len(text) < 19 else nan


def _resource(name: str) -> str:
    return f"v2/domains/{quote(name, safe='')}"


def _portions(waiting: Sequence[tuple[int, str]]) -> Iterator[list[tuple[int, str]]]:
    rest = iter(waiting)
    while some := list(islice(rest, BATCH)):
        yield some
