"""What AWS counts, read day by day: CloudWatch behind moto, Virtual Deliverability Manager behind the demo's SES, over HTTP."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

import boto3
import pytest
from moto.cloudwatch.models import cloudwatch_backends

from store_bench import Bench
from todoku.auth.ask import Call, Reply
from todoku.demo.ses_server import SesServer
from todoku.demo.ses_world import World
from todoku.feedback.traffic import Day, Series
from todoku.net.aws.metrics import MAX_DAYS, MAX_IDENTITIES, Polled, Watched, poll
from todoku.net.aws.rate_limit import Timing
from todoku.net.aws.ses import SesApi
from todoku.net.aws.store_rates import poll_into
from todoku.net.dns.zone import Zone
from todoku.store import days

ACCOUNT, TOKYO = "123456789012", "ap-northeast-1"
ABOUT = f"{ACCOUNT}:{TOKYO}"
NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)
DAYS = [date(2026, 11, day) for day in (20, 21, 22, 23)]
VDM = {"VdmEnabled": "ENABLED"}


class Aws(NamedTuple):
    """The account's region as the demo's SES has it, and the server before it."""

    world: World
    server: SesServer

    def turn_on(self, counts: Mapping[tuple[str, str], Mapping[date, int]]) -> None:
        """Virtual Deliverability Manager, with what it counts: ``{("SEND", "Gmail"): {day: 7}}``."""
        region = self.world.region(ACCOUNT, TOKYO)
        region.vdm = VDM

        def metrics(query: Mapping[str, Any]) -> Mapping[datetime, int]:
            found = counts.get((query["Metric"], query["Dimensions"].get("ISP", "")), {})
            times = {datetime(day.year, day.month, day.day, tzinfo=UTC): value for day, value in found.items()}
            return {when: value for when, value in times.items() if query["StartDate"] <= when < query["EndDate"]}

        region.metrics = metrics

    def publish(self, name: str, when: datetime, value: float, region: str = TOKYO) -> None:
        """A datapoint of CloudWatch's."""
        data = [{"MetricName": name, "Timestamp": when, "Value": value}]
        boto3.Session().client("cloudwatch", region_name=region).put_metric_data(Namespace="AWS/SES", MetricData=data)


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Aws]:
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    world = World(clock=lambda: NOW, answers=Zone.from_dict({}))
    for backend in cloudwatch_backends[ACCOUNT].values():  # moto keeps datapoints for the whole process
        backend.reset()
    with SesServer(world) as server:
        monkeypatch.setenv("AWS_ENDPOINT_URL", server.url)
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", ACCOUNT)
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", server.secret)
        monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
        monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
        yield Aws(world, server)


def unhurried() -> SesApi:
    return SesApi(timing=Timing(rate=1e6, burst=10**6, sleep=lambda _: None, chance=Random(7)))


def look(*identities: str, asked: list[date] = DAYS, region: str = TOKYO) -> Polled:
    return poll(unhurried(), Watched(account="", region=region, identities=identities), lambda _source, _about: asked)


def of(polled: Polled, source: str, metric: str, part: str = "", about: str = ABOUT) -> tuple[Day, ...]:
    (found,) = [
        one for one in polled.series if (one.source, one.about, one.metric, one.part) == (source, about, metric, part)
    ]
    return found.days


def numbers(told: tuple[Day, ...]) -> dict[int, float | None]:
    return {day.day.day: day.value for day in told if day.state == "number"}


def states(polled: Polled, source: str) -> set[str]:
    return {day.state for one in polled.series if one.source == source for day in one.days}


def test_the_rates_of_the_account_are_averages_and_its_counts_are_sums(aws):
    for hour, rate, sent in ((1, 0.02, 100.0), (23, 0.04, 50.0)):
        aws.publish("Reputation.BounceRate", datetime(2026, 11, 21, hour, tzinfo=UTC), rate)
        aws.publish("Send", datetime(2026, 11, 21, hour, tzinfo=UTC), sent)
    aws.publish("Reputation.ComplaintRate", datetime(2026, 11, 23, 23, 59, tzinfo=UTC), 0.0)
    aws.publish("Send", datetime(2026, 11, 24, tzinfo=UTC), 9.0)  # after the last day that is asked for
    polled = look()
    assert polled.about == ABOUT
    assert of(polled, "cloudwatch", "bounce-rate")[1].value == pytest.approx(0.03)
    assert numbers(of(polled, "cloudwatch", "send-count")) == {21: 150.0}
    assert numbers(of(polled, "cloudwatch", "complaint-rate")) == {23: 0.0}
    assert [day.state for day in of(polled, "cloudwatch", "bounce-rate")] == ["no-data", "number", "no-data", "no-data"]
    assert [day.day for day in of(polled, "cloudwatch", "reject-count")] == DAYS
    assert polled.failures == ()


def test_regions_are_apart(aws):
    aws.publish("Send", datetime(2026, 11, 22, 1, tzinfo=UTC), 3.0, region="eu-west-1")
    here, there = look(), look(region="eu-west-1")
    assert states(here, "cloudwatch") == {"no-data"}
    assert numbers(of(there, "cloudwatch", "send-count", about=f"{ACCOUNT}:eu-west-1")) == {22: 3.0}


def test_without_virtual_deliverability_manager_nothing_is_asked_there(aws):
    polled = look("example.com")
    assert (polled.vdm, polled.failures) == (False, ())
    assert {one.source for one in polled.series} == {"cloudwatch"}
    assert "BatchGetMetricData" not in [call.operation for call in aws.server.calls]


COUNTS = {
    ("SEND", ""): {DAYS[0]: 1000, DAYS[1]: 10},
    ("PERMANENT_BOUNCE", ""): {DAYS[0]: 50, DAYS[1]: 0},
    ("DELIVERY_COMPLAINT", ""): {DAYS[0]: 400, DAYS[1]: 2, DAYS[2]: 0},
    ("COMPLAINT", ""): {DAYS[0]: 2, DAYS[1]: 5, DAYS[2]: 1},
    ("SEND", "Gmail"): {DAYS[3]: 7},
}


def test_the_counts_of_an_identity_by_receiver(aws):
    aws.turn_on(COUNTS)
    polled = look("example.com")
    about = f"{ABOUT}:example.com"
    assert polled.vdm is True
    assert numbers(of(polled, "ses", "send-count", about=about)) == {20: 1000.0, 21: 10.0}
    assert numbers(of(polled, "ses", "send-count", "Gmail", about)) == {23: 7.0}
    assert states(polled, "ses") == {"number", "no-data"}
    batches = [call for call in aws.server.calls if call.operation == "BatchGetMetricData"]
    assert len(batches) == 2  # 18 queries, of which ten go into one


def test_a_ratio_tells_over_how_many_it_was_counted(aws):
    aws.turn_on(COUNTS)
    about = f"{ABOUT}:example.com"
    polled = look("example.com")
    bounces, complaints = (
        of(polled, "ses", "bounce-rate", about=about),
        of(polled, "ses", "complaint-rate", about=about),
    )
    assert bounces[0] == Day(day=DAYS[0], state="number", value=0.05, of=1000)
    assert bounces[1] == Day(day=DAYS[1], state="number", value=0.0, of=10)
    assert complaints[0] == Day(day=DAYS[0], state="number", value=0.005, of=400)
    # more complaints than mail that could be complained about; none of it at all; nothing counted
    assert [day.state for day in complaints[1:]] == ["no-data"] * 3


def test_identities_with_the_same_name_in_two_regions_are_two(aws):
    aws.turn_on(COUNTS)
    aws.world.region(ACCOUNT, "eu-west-1").vdm = VDM
    here, there = look("example.com"), look("example.com", region="eu-west-1")
    assert not {one.about for one in here.series} & {one.about for one in there.series}


@pytest.mark.parametrize(
    "fault", ["AccessDeniedException", "TooManyRequestsException", "InternalFailure", "html", "half", "cut"]
)
def test_a_batch_that_fails_leaves_its_days_unknown(aws, fault):
    aws.turn_on(COUNTS)
    aws.server.inject("BatchGetMetricData", fault, times=None)
    polled = look("example.com")
    assert states(polled, "ses") == {"not-known"}
    assert states(polled, "cloudwatch") == {"no-data"}
    details = {day.detail for one in polled.series if one.source == "ses" for day in one.days}
    assert all(details)
    assert len(polled.failures) == 1
    if fault == "AccessDeniedException":
        assert "missing permission: ses:BatchGetMetricData" in polled.failures[0].detail


@pytest.mark.parametrize("fault", ["AccessDeniedException", "html"])
def test_whether_vdm_is_on_may_be_unknown(aws, fault):
    aws.server.inject("GetAccount", fault, times=None)
    polled = look("example.com")
    assert polled.vdm is None
    assert states(polled, "ses") == {"not-known"}
    assert "BatchGetMetricData" not in [call.operation for call in aws.server.calls]


def test_a_query_that_is_refused_alone(aws):
    """The demo's SES refuses each query where VDM was switched off since it was asked about."""
    aws.turn_on(COUNTS)
    account = aws.world.region(ACCOUNT, TOKYO)
    polled = poll(_Switching(account), Watched(account="", region=TOKYO, identities=("example.com",)), lambda *_: DAYS)
    assert states(polled, "ses") == {"not-known"}
    assert "ACCESS_DENIED" in of(polled, "ses", "send-count", about=f"{ABOUT}:example.com")[0].detail


class _Switching(SesApi):
    """Switches VDM off once it was read to be on."""

    def __init__(self, region: Any) -> None:
        super().__init__(timing=Timing(rate=1e6, burst=10**6, sleep=lambda _: None))
        self.region = region

    def replies(self, calls: Any) -> Any:
        found = super().replies(calls)
        self.region.vdm = {"VdmEnabled": "DISABLED"}
        return found


def test_a_gap_is_filled_by_the_next_look(aws):
    aws.turn_on(COUNTS)
    aws.server.inject("BatchGetMetricData", "AccessDeniedException", times=None)
    look("example.com")
    aws.server.clear()
    assert numbers(of(look("example.com"), "ses", "send-count", about=f"{ABOUT}:example.com")) == {20: 1000.0, 21: 10.0}


def stored(bench: Bench, source: str, about: str, metric: str) -> tuple[Day, ...]:
    asked = Series(source=source, about=about, metric=metric)
    with bench.store.database.read() as connection:
        return days.series(connection, asked, NOW.date() - timedelta(days=90), NOW.date()).days


def keep(bench: Bench) -> Polled:
    lease = bench.lease()
    try:
        watched = Watched(account="", region=TOKYO, identities=("example.com",))
        return poll_into(bench.store, lease, unhurried(), watched, bench.clock)
    finally:
        lease.release(bench.store.database)


def test_the_store_has_every_day_once_a_gap_is_filled(aws, bench):
    """Ninety days, of which a fortnight is asked for again each time, and the rest until it is known."""
    truth = {NOW.date() - timedelta(days=ago): 10 * ago for ago in range(1, 60)}
    aws.turn_on({("SEND", ""): truth})
    aws.publish("Reputation.BounceRate", NOW, 0.02)
    about = f"{ABOUT}:example.com"
    aws.server.inject("BatchGetMetricData", "AccessDeniedException", times=None)
    keep(bench)
    assert {day.state for day in stored(bench, "ses", about, "send-count")} == {"not-known"}
    aws.server.clear()
    keep(bench)
    told = stored(bench, "ses", about, "send-count")
    assert {day.day: day.value for day in told if day.state == "number"} == truth
    assert [day.state for day in told].count("no-data") == len(told) - len(truth) == 31
    aws.server.inject("BatchGetMetricData", "AccessDeniedException", times=None)
    keep(bench)
    assert stored(bench, "ses", about, "send-count") == told
    assert stored(bench, "cloudwatch", ABOUT, "bounce-rate")[-1] == Day(day=NOW.date(), state="number", value=0.02)


def test_a_region_that_gives_no_answer_is_not_asked_for_each_identity(aws):
    aws.turn_on({})
    aws.server.inject("BatchGetMetricData", "cut", times=None)
    polled = look(*(f"{number}.example" for number in range(20)))
    assert states(polled, "ses") == {"not-known"}
    assert len(polled.failures) == 1
    assert [call.operation for call in aws.server.calls].count("BatchGetMetricData") == 3 * 3


def test_nobody_there(monkeypatch, aws):
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    polled = look("example.com")
    assert (polled.about, polled.series) == ("", ())
    assert [reply.status for reply in polled.failures] == ["unreachable"]


def test_no_more_than_the_bounds(aws):
    aws.turn_on({})
    names = tuple(f"{number}.example" for number in range(MAX_IDENTITIES + 1))
    polled = look(*names, asked=[DAYS[0] + timedelta(days=number) for number in range(MAX_DAYS + 5)])
    assert polled.left_out == names[MAX_IDENTITIES:]
    assert {len(one.days) for one in polled.series} == {MAX_DAYS}


def test_where_no_day_is_wanted_nothing_is_asked(aws):
    aws.turn_on(COUNTS)
    assert look("example.com", asked=[]).series == ()


class Said:
    """A source of replies with one reply of CloudWatch's."""

    def __init__(self, value: Mapping[str, Any], status: Any = "ok", detail: str = "") -> None:
        self.value, self.status, self.detail = value, status, detail

    def replies(self, calls: Any) -> list[Reply]:
        return [self.reply(call) for call in calls]

    def reply(self, call: Call) -> Reply:
        if call.operation == "GetMetricData":
            return Reply(call, self.value, self.status, self.detail)
        return Reply(call, {"Account": ACCOUNT})


def sends(value: Mapping[str, Any], **more: Any) -> tuple[Day, ...]:
    polled = poll(Said(value, **more), Watched(account="", region=TOKYO), lambda *_: DAYS)
    return of(polled, "cloudwatch", "send-count")


def result(status: str, values: Any, times: Any = ("2026-11-20T00:00:00+00:00",)) -> dict[str, Any]:
    return {"Id": "send_count", "StatusCode": status, "Timestamps": list(times), "Values": values}


@pytest.mark.parametrize(
    ("results", "detail"),
    [
        ([result("Forbidden", [1.0])], "Forbidden"),
        ([result("InternalError", [1.0])], "InternalError"),
        ([result("PartialData", [1.0])], "PartialData"),
        ([result("Complete", [1.0, "x"], ("2026-11-20T00:00:00+00:00", "2026-11-21T00:00:00+00:00"))], "garbled"),
        ([result("Complete", [1.0, -1.0], ("2026-11-20T00:00:00+00:00", "2026-11-21T00:00:00+00:00"))], "garbled"),
        ([result("Complete", [1.0]), result("Complete", [float("nan")])], "garbled"),
        ([result("Complete", [1.0]), result("Complete", [1.0], ("yesterday",))], "garbled"),
        ([result("Complete", [1.0]), result("Complete", None)], "garbled"),
    ],
    ids=["forbidden", "error", "part", "word", "negative", "nan", "no-time", "uneven"],
)
def test_a_part_of_a_reply_keeps_its_numbers_and_invents_none(results, detail):
    told = sends({"MetricDataResults": results})
    assert numbers(told) == {20: 1.0}
    assert {(day.state, day.detail) for day in told[1:]} == {("not-known", detail)}


def test_pages_of_one_listing_are_one():
    later = result("Complete", [2.0], ("2026-11-21T00:00:00+00:00",))
    told = sends({"MetricDataResults": [result("PartialData", [1.0]), later]})
    assert numbers(told) == {20: 1.0, 21: 2.0}
    assert {day.state for day in told[2:]} == {"no-data"}


def test_a_rate_above_one_is_none():
    value = {"MetricDataResults": [{**result("Complete", [3.0]), "Id": "bounce_rate"}]}
    polled = poll(Said(value), Watched(account="", region=TOKYO), lambda *_: DAYS)
    assert of(polled, "cloudwatch", "bounce-rate")[0].state == "not-known"


def test_what_is_denied_names_the_permission():
    told = sends({}, status="denied", detail="AccessDenied: no; missing permission: cloudwatch:GetMetricData")
    assert {(day.state, day.detail.rpartition(": ")[2]) for day in told} == {("not-known", "cloudwatch:GetMetricData")}


def test_every_series_has_each_day_once_in_order(aws):
    aws.turn_on(COUNTS)
    series: tuple[Series, ...] = look("example.com", "example.net").series
    assert {tuple(day.day for day in one.days) for one in series} == {tuple(DAYS)}
    names = [(one.source, one.about, one.metric, one.part) for one in series]
    assert len(names) == len(set(names)) == 7 + 2 * 3 * 8
