"""SES's own rates of an account: by them AWS puts it under review, and may pause it.

That they are low shows nothing of what a receiver counts: they speak only where they are at a limit.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from todoku.account.metric_data import Statistic
from todoku.account.reputation import (
    BOUNCE_LIMITS,
    BOUNCE_RATE,
    COMPLAINT_LIMITS,
    COMPLAINT_RATE,
    Limits,
    Rate,
    Reputation,
)
from todoku.causes.circumstances import unseen
from todoku.causes.witnesses.over_time import BOUNCES_OVER, COMPLAINTS_OVER
from todoku.feedback.traffic import percent
from todoku.words.verdict import Clause, Exhibit, Finding, Missing, Reason, Witness


class _Kind(msgspec.Struct, frozen=True):
    statistic: Statistic
    limits: Limits
    reason: Reason
    at_review: Literal["warn", "fail"]


_COMPLAINTS = _Kind(COMPLAINT_RATE, COMPLAINT_LIMITS, COMPLAINTS_OVER, "warn")
_BOUNCES = _Kind(BOUNCE_RATE, BOUNCE_LIMITS, BOUNCES_OVER, "fail")


def decide_complaints(_clause: Clause, reputation: Reputation | Missing) -> Finding | None:
    """SES's complaint rate. Where it could not be read that is said: it might hide that the account is about to be paused."""
    return _unread(reputation) if isinstance(reputation, Missing) else _at_limit(_COMPLAINTS, reputation.complaints)


def decide_bounces(_clause: Clause, reputation: Reputation | Missing) -> Finding | None:
    """SES's bounce rate: at five per cent addresses that bounce are written to again, whatever SES is set to."""
    return _unread(reputation) if isinstance(reputation, Missing) else _at_limit(_BOUNCES, reputation.bounces)


def _unread(reputation: Missing) -> Finding | None:
    return unseen(reputation) if reputation.kind == "could-not-look" else None


COMPLAINTS = Witness("provider", decide_complaints)
BOUNCES = Witness("provider", decide_bounces)


def _at_limit(kind: _Kind, rate: Rate | None) -> Finding | None:
    if rate is None or rate.value < kind.limits.review:
        return None
    values = {
        "rate": percent(rate.value),
        "day": rate.day.isoformat(),
        "review": percent(kind.limits.review),
        "pause": percent(kind.limits.pause),
    }
    exhibit = Exhibit("api", f"GetMetricData AWS/SES {kind.statistic.name}", f"{rate.day}: {rate.value:g}")
    return Finding("fail" if rate.value >= kind.limits.pause else kind.at_review, kind.reason, values, (exhibit,))
