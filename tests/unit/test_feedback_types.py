"""The words of reports about one message: each that the types name has a text, and nothing else has one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import get_args

import pytest

from todoku.feedback.feedback_types import (
    AUTH_FAILURES,
    COMPLAINTS,
    DELIVERIES,
    FEEDBACK_TYPES,
    AuthFailure,
    Delivery,
    FeedbackType,
)


@pytest.mark.parametrize(
    ("kind", "words"),
    [(FeedbackType, FEEDBACK_TYPES), (AuthFailure, AUTH_FAILURES), (Delivery, DELIVERIES)],
    ids=["type", "failure", "delivery"],
)
def test_each_word_has_a_text(kind: object, words: Mapping[str, object]) -> None:
    assert sorted(get_args(kind)) == sorted(words)


def test_praise_and_failures_are_no_complaints() -> None:
    assert set(COMPLAINTS) == {"abuse", "fraud", "virus", "other"}
