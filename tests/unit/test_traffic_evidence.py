"""What a store holds, as evidence: whose figures stand in for whose, what a bad record does, and who is a bulk sender."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import pytest

import todoku
from test_cases import CASES, Calls, base_zone, calls_of
from todoku.account.read import Wanted
from todoku.api import checking_accounts, checking_stored_domain
from todoku.feedback.traffic import Day, Series
from todoku.judging.judge import catalogue
from todoku.net.drivers import run_look
from todoku.words.verdict import Missing

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


def looked(*entries: dict[str, Any], domain: str = "news.example.com") -> todoku.Report:
    settings = todoku.Settings(now=NOW, stored=True)
    return run_look(checking_stored_domain(domain, settings), base_zone(), Calls(entries))


def figures(domain: str, *days: dict[str, Any]) -> dict[str, Any]:
    parameters = {"Source": "postmaster", "About": domain, "Since": "2026-10-25", "Until": "2026-11-24"}
    series = {"source": "postmaster", "about": domain, "metric": "spam-rate", "days": days}
    return {"operation": "Days", "parameters": parameters, "value": {"Series": [series]}}


def number(value: float) -> dict[str, Any]:
    return {"day": "2026-11-20", "state": "number", "value": value}


NO_DATA = {"day": "2026-11-20", "state": "no-data"}


@pytest.mark.parametrize(
    ("entries", "domain", "value"),
    [
        ([figures("news.example.com", number(0.1)), figures("example.com", number(0.2))], "news.example.com", 0.1),
        ([figures("news.example.com", NO_DATA), figures("example.com", number(0.2))], "example.com", 0.2),
        ([figures("example.com", number(0.2))], "example.com", 0.2),
        ([figures("news.example.com", NO_DATA), figures("example.com", NO_DATA)], "news.example.com", None),
        ([figures("example.com", NO_DATA)], "example.com", None),
    ],
    ids=["both", "no data of its own", "none of its own", "no data of both", "no data above"],
)
def test_whose_figures_count(entries: Sequence[dict[str, Any]], domain: str, value: float | None) -> None:
    traffic = looked(*entries).evidence.traffic
    assert not isinstance(traffic, Missing)
    series = traffic.of("postmaster", "spam-rate")
    assert traffic.domain == domain
    assert isinstance(series, Series)
    assert series.days[0].value == value


@pytest.mark.parametrize(
    "entry",
    [
        {"operation": "Days", "status": "not-recorded", "detail": "not in the record"},
        {"operation": "Days", "value": {"Series": [{"source": 7}]}},
        {"operation": "Days", "value": {"Series": "a"}},
        figures("news.example.com", {"day": "soon", "state": "number"}),
        figures("news.example.com", {"day": "2026-11-20", "state": "fine"}),
    ],
    ids=["not recorded", "another type", "no list", "no day", "no state"],
)
def test_what_is_no_answer_of_a_store_is_not_known(entry: dict[str, Any]) -> None:
    traffic = looked(entry).evidence.traffic
    assert isinstance(traffic, Missing)
    assert (traffic.kind, traffic.reason.tag) == ("could-not-look", "store-not-read")


def test_without_a_clock_nothing_is_asked() -> None:
    settings = todoku.Settings(now=None, stored=True)
    report = run_look(checking_stored_domain("example.com", settings), base_zone(), Calls([figures("example.com")]))
    assert report.replies == ()


@pytest.mark.parametrize(("most", "volume"), [(None, "small"), (3999.0, "small"), (4000.0, "bulk"), (90000.0, "bulk")])
def test_who_was_a_bulk_sender_once_is_one(most: float | None, volume: str) -> None:
    """The sandbox's quota allows no bulk mail; what was counted says otherwise."""
    sandbox = {
        "operation": "GetAccount",
        "value": {"ProductionAccessEnabled": False, "SendQuota": {"Max24HourSend": 200.0, "SentLast24Hours": 0.0}},
    }
    counted = {"operation": "Most", "parameters": {"Organization": "example.com"}, "value": {"Most": most}}
    api = Calls([counted, sandbox, *calls_of(CASES / "none")])
    engine = checking_accounts((Wanted(profile="", region="ap-northeast-1"),), todoku.Settings(now=NOW, stored=True))
    (report,) = run_look(engine, base_zone(), api)
    assert report.terms.volume == volume
    assert any(reply.call.service == "store" for reply in report.replies)  # so that it can be judged again


@pytest.mark.parametrize(
    ("day", "limit", "reached"),
    [
        (Day(day=NOW.date(), state="number", value=0.003), 0.003, True),
        (Day(day=NOW.date(), state="number", value=0.002999), 0.003, False),
        (Day(day=NOW.date(), state="number", value=0.0), 0.001, False),
        (Day(day=NOW.date(), state="no-data"), 0.001, False),
        (Day(day=NOW.date(), state="not-known"), 0.001, False),
        (Day(day=NOW.date(), state="number", value=0.02, of=50), 0.001, True),  # the interval is 0.35 % to 10.5 %
        (Day(day=NOW.date(), state="number", value=0.02, of=50), 0.003, True),
        (Day(day=NOW.date(), state="number", value=0.02, of=50), 0.005, False),
        (Day(day=NOW.date(), state="number", value=0.02, of=50_000), 0.01, True),
    ],
)
def test_a_rate_reaches_a_limit_only_for_sure(day: Day, limit: float, reached: bool) -> None:
    assert day.reaches(limit) is reached


def test_google_is_heard_on_every_requirement_that_is_a_row_of_its_page() -> None:
    asked = {one.google_row: one.id for one in catalogue() if one.google_row}
    rows = [{"row": row, "state": "NEEDS_WORK"} for row in asked]
    said = {"operation": "Standings", "value": {"Compliance": {"domain": "example.com", "rows": rows}}}
    report = looked(said, domain="example.com")
    heard = {
        verdict.requirement
        for verdict in report.verdicts
        for witness in verdict.witnesses
        if witness.finding.reason.tag == "google-needs-work" and verdict.receiver == "gmail"
    }
    assert len(asked) == 11
    assert heard == set(asked.values())
    others = [one for one in report.verdicts if one.receiver != "gmail"]
    assert not any(each.finding.reason.tag.startswith("google-") for one in others for each in one.witnesses)
