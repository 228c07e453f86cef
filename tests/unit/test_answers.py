"""Answers of the store as values."""

from __future__ import annotations

import pytest

from todoku.feedback.answers import WhatIf


@pytest.mark.parametrize(
    ("refused", "days", "a_day"),
    [(0, 30, 0), (1, 30, 1), (29, 30, 1), (30, 30, 1), (31, 30, 2), (60, 30, 2), (7, 1, 7), (0, 0, 0)],
)
def test_refused_messages_a_day_are_rounded_up(refused, days, a_day):
    """A single one in a month is not none."""
    known = {"policy": "reject", "subdomain_policy": "reject", "already": 5, "exempt": 7, "streams": ()}
    assert WhatIf(messages=1_000, days=days, refused=refused, **known).refused_a_day == a_day
