"""Counts by day out of AWS's replies: calls as botocore's models have them, and replies of any shape, which never raise."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import botocore.session
import pytest
from botocore.validate import ParamValidator
from hypothesis import given
from hypothesis import strategies as st

from todoku.account.metric_data import (
    MAX_QUERIES,
    MAX_SAID,
    Query,
    Statistic,
    counted_queries,
    counted_statistics,
    queries_call,
    statistics_call,
)
from todoku.account.reputation import BOUNCE_RATE, COMPLAINT_RATE, Rate, Reputation, reputation
from todoku.auth.ask import Call, Reply
from todoku.net.aws.metrics import COUNTS, ISPS, STATISTICS
from todoku.net.aws.ses import _parameters
from todoku.net.dns.zone import Zone
from todoku.net.drivers import run_look

SINCE, UNTIL = date(2026, 11, 20), date(2026, 11, 23)
QUERIES = [Query(metric, "example.com", isp) for isp in ISPS for metric in COUNTS][:MAX_QUERIES]
CALLS = [
    statistics_call("", "eu-west-1", STATISTICS, SINCE, UNTIL),
    queries_call("", "eu-west-1", QUERIES, SINCE, UNTIL),
]


@pytest.mark.parametrize("call", CALLS, ids=lambda call: call.operation)
def test_a_call_is_what_the_model_of_the_api_has(call: Call) -> None:
    session = botocore.session.get_session()
    client = session.create_client(call.service, "eu-west-1", aws_access_key_id="a", aws_secret_access_key="b")
    operation = client.meta.service_model.operation_model(call.operation)
    report = ParamValidator().validate(_parameters(client, call), operation.input_shape)
    assert not report.has_errors(), report.generate_report()
    assert set(call.fields) <= set(operation.output_shape.members)
    assert call.paged == ("NextToken" in operation.output_shape.members)
    metric = session.get_service_model("sesv2").shape_for("BatchGetMetricDataQuery").members["Metric"]
    assert {query.metric for query in QUERIES} <= set(metric.enum)


def test_a_call_asks_for_whole_days_of_utc() -> None:
    asked = dict(CALLS[0].parameters)
    assert asked["StartTime"] == "2026-11-20T00:00:00+00:00"
    assert asked["EndTime"] == "2026-11-24T00:00:00+00:00"
    first = dict(dict(CALLS[1].parameters)["Queries"][0])
    assert (first["StartDate"], first["EndDate"]) == (asked["StartTime"], asked["EndTime"])
    assert hash(CALLS[0]) != hash(CALLS[1])  # a look that is recorded finds its replies by their calls


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(["Id", "Values", "Timestamps"]), inner),
    max_leaves=12,
)
ENTRY = st.fixed_dictionaries(
    {},
    optional={
        "Id": st.sampled_from(["0", "send_count"]) | ANYTHING,
        "Timestamps": st.lists(st.sampled_from(["2026-11-20T00:00:00+00:00", "2026-11-21"]) | ANYTHING, max_size=4),
        "Values": st.lists(st.integers(0, 9) | ANYTHING, max_size=4) | ANYTHING,
        "StatusCode": st.sampled_from(["Complete", "PartialData"]) | ANYTHING,
        "Code": ANYTHING,
        "Message": st.text() | ANYTHING,
    },
)
REPLY = st.fixed_dictionaries(
    {},
    optional=dict.fromkeys(
        ("MetricDataResults", "Results", "Errors"), st.lists(ENTRY | ANYTHING, max_size=4) | ANYTHING
    ),
)


@given(REPLY)
def test_a_reply_of_any_shape_gives_numbers_or_why_there_are_none(value: dict[str, Any]) -> None:
    send = [Statistic("send-count", "Send", "Sum")]
    counted = (
        *counted_statistics(Reply(CALLS[0], value), send),
        *counted_queries(Reply(CALLS[1], value), QUERIES),
    )
    assert len(counted) == len(send) + len(QUERIES)
    for one in counted:
        assert len(one.failure) <= MAX_SAID
        assert len(one.failure.splitlines()) <= 1
        assert all(isinstance(number, float) and number >= 0 for number in one.by_day.values())


class Said:
    """CloudWatch, which says one thing."""

    def __init__(self, results: Any, **more: Any) -> None:
        self.results, self.more = results, more

    def replies(self, calls: Any) -> list[Reply]:
        return [Reply(call, {"MetricDataResults": self.results}, **self.more) for call in calls]


def rated(results: Any, **more: Any) -> Reputation | Reply:
    return run_look(reputation("", "eu-west-1", UNTIL), Zone.from_dict({}), Said(results, **more))


def published(statistic: Statistic, *rates: tuple[int, float]) -> dict[str, Any]:
    times = [datetime(2026, 11, day, tzinfo=UTC).isoformat() for day, _ in rates]
    return {"Id": statistic.id, "StatusCode": "Complete", "Timestamps": times, "Values": [rate for _, rate in rates]}


def test_the_newest_rate_counts_in_whatever_order_they_come() -> None:
    bounces = published(BOUNCE_RATE, (20, 0.09), (22, 0.01), (21, 0.07))
    assert rated([bounces]) == Reputation(bounces=Rate(0.01, date(2026, 11, 22)))


def test_what_is_above_all_mail_is_no_rate() -> None:
    bounces = published(BOUNCE_RATE, (21, 0.07), (22, 1.5))
    reply = rated([bounces])
    assert isinstance(reply, Reply)
    assert (reply.failed, reply.detail) == (True, "garbled: Reputation.BounceRate of 2026-11-22 is 1.5")
    older = published(BOUNCE_RATE, (21, 1.5), (22, 0.07))
    assert rated([older]) == Reputation(bounces=Rate(0.07, date(2026, 11, 22)))


def test_a_word_for_yes_is_no_number() -> None:
    reply = Reply(CALLS[0], {"MetricDataResults": [published(BOUNCE_RATE, (21, True))]})
    (counted,) = counted_statistics(reply, [BOUNCE_RATE])
    assert (counted.by_day, counted.failure) == ({}, "garbled")


def test_an_account_that_sends_nothing_has_no_rate() -> None:
    assert rated([published(BOUNCE_RATE), published(COMPLAINT_RATE)]) == Reputation()
    assert rated([]) == Reputation()


@pytest.mark.parametrize("status", ["denied", "throttled", "unreachable", "not-recorded"])
def test_what_could_not_be_read_is_no_rate(status: Any) -> None:
    found = rated([published(BOUNCE_RATE, (22, 0.01))], status=status, detail="no")
    assert isinstance(found, Reply)
    assert (found.status, found.detail) == (status, "no")


def test_a_rate_that_was_cut_short_is_no_rate() -> None:
    found = rated([published(BOUNCE_RATE, (22, 0.01)), {"Id": COMPLAINT_RATE.id, "StatusCode": "InternalError"}])
    assert isinstance(found, Reply)
    assert (found.failed, found.detail) == (True, "InternalError")
