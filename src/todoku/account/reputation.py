"""How SES itself rates an account in a region: the rates of bounces and complaints by which it reviews or pauses it.

SES takes them over what it deems a representative volume of the account's mail, not over a fixed time, so that a quiet day
cannot change them much (ses/latest/dg/reputation-dashboard-dg.html). It publishes them to CloudWatch as ratios; bounces are hard
bounces, complaints those of receivers that pass them on to SES: Gmail is none of these.
"""

from __future__ import annotations

from datetime import date, timedelta

import msgspec

from todoku.account.metric_data import Counted, Statistic, counted_statistics, statistics_call
from todoku.auth.ask import Look, Reply

BOUNCE_RATE = Statistic("bounce-rate", "Reputation.BounceRate", "Average")
COMPLAINT_RATE = Statistic("complaint-rate", "Reputation.ComplaintRate", "Average")
BACK = timedelta(days=14)
"""How far back a newest rate is looked for: SES publishes none while nothing is sent."""


class Limits(msgspec.Struct, frozen=True):
    """The rates from which SES reviews an account, and from which it may pause it."""

    review: float
    pause: float


# ses/latest/dg/reputationdashboardmessages.html
BOUNCE_LIMITS = Limits(0.05, 0.10)
COMPLAINT_LIMITS = Limits(0.001, 0.005)


class Rate(msgspec.Struct, frozen=True):
    """A ratio (0.003 is 0.3%): the average of what SES published on that day of UTC."""

    value: float
    day: date


class Reputation(msgspec.Struct, frozen=True):
    """The newest of each rate; None where SES has published none of late."""

    bounces: Rate | None = None
    complaints: Rate | None = None


def reputation(account: str, region: str, today: date) -> Look[Reputation | Reply]:
    """SES's rates of the account in the region, or the reply that says why they cannot be had."""
    asked = (BOUNCE_RATE, COMPLAINT_RATE)
    (reply,) = yield (statistics_call(account, region, asked, today - BACK, today),)
    assert isinstance(reply, Reply)  # noqa: S101 -- a driver answers a call with a reply
    if reply.failed:
        return reply
    bounces, complaints = counted_statistics(reply, asked)
    if failure := bounces.failure or complaints.failure:
        return Reply(reply.call, status="unreachable", detail=failure)
    newest = {one.name: _newest(counted) for one, counted in ((BOUNCE_RATE, bounces), (COMPLAINT_RATE, complaints))}
    for name, rate in newest.items():
        if rate is not None and rate.value > 1:
            return Reply(reply.call, status="unreachable", detail=f"garbled: {name} of {rate.day} is {rate.value:g}")
    return Reputation(newest[BOUNCE_RATE.name], newest[COMPLAINT_RATE.name])


def _newest(counted: Counted) -> Rate | None:
    return max((Rate(value, day) for day, value in counted.by_day.items()), key=lambda one: one.day, default=None)
