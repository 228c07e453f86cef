"""A stricter policy is advised one step at a time, and not before enough has been seen that nobody made up."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from msgspec.structs import replace

from todoku.feedback.answers import DomainNow, Extent
from todoku.feedback.next_policy import MIN_DAYS, MIN_MESSAGES, MIN_REPORTERS, next_policy
from todoku.report.answers.document import Answers, Tool
from todoku.report.answers.pages import overview

ENOUGH = DomainNow(
    domain="example.com",
    policy="none",
    subdomain_policy="",
    messages=5_000,
    passing=5_000,
    verified=MIN_MESSAGES,
    verified_days=MIN_DAYS,
    verified_reporters=("google.com", "mail.example.net"),
)


def steps(domain: DomainNow) -> list[str]:
    answers = Answers(
        todoku=Tool("0"),
        question="overview",
        domain="",
        since=date(2026, 11, 1),
        until=None,
        extent=Extent(first=date(2026, 10, 1), last=date(2026, 11, 23), messages=5_000),
        domains=(domain,),
    )
    return [one.en for one in overview.page(answers, 0).steps]


def test_enough_gives_the_next_step_and_not_two() -> None:
    (step,) = steps(ENOUGH)
    assert "to quarantine" in step
    assert "reject" not in step
    (step,) = steps(replace(ENOUGH, policy="quarantine"))
    assert "to reject" in step
    assert not steps(replace(ENOUGH, policy="reject"))


@pytest.mark.parametrize(
    ("less", "said"),
    [
        ({"verified_days": MIN_DAYS - 1}, f"{MIN_DAYS - 1} of {MIN_DAYS} days"),
        ({"verified": MIN_MESSAGES - 1}, f"{MIN_MESSAGES - 1} of {MIN_MESSAGES} messages"),
        ({"verified_reporters": ("google.com",)}, f"1 of {MIN_REPORTERS} verified reporters."),
        ({"verified_reporters": ("a.example", "notgoogle.com")}, "none of them Google"),
        ({"verified": 0, "verified_days": 0, "verified_reporters": ()}, f"0 of {MIN_MESSAGES} messages"),
    ],
)
def test_each_floor_is_told_with_how_much_is_there(less: dict[str, Any], said: str) -> None:
    (step,) = steps(replace(ENOUGH, **less))
    assert "not enough has been seen yet" in step
    assert said in step


def test_where_mail_fails_no_step_is_thought_of() -> None:
    assert next_policy(replace(ENOUGH, passing=4_999)) is None


def test_a_signer_below_a_large_reporter_is_one() -> None:
    found = next_policy(replace(ENOUGH, verified_reporters=("dmarc.yahoo.com", "a.example")))
    assert found is not None
    assert found.has_large_reporter
