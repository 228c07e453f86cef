"""Rates: how much a small number of messages can tell."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from todoku.feedback.traffic import Day, Proportion, percent


@pytest.mark.parametrize(
    ("hits", "of", "low", "high"),
    [  # Newcombe 1998, Statistics in Medicine 17:857, table I, method 3
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0000, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_the_published_intervals(hits: int, of: int, low: float, high: float) -> None:
    assert Proportion(hits, of).interval == pytest.approx((low, high), abs=5e-5)


def test_nothing_counted_is_no_rate() -> None:
    assert Proportion(0, 0).rate is None
    assert Proportion(0, 0).interval == (0.0, 1.0)


def test_one_complaint_in_fifty_is_not_known_to_reach_a_limit() -> None:
    low, high = Proportion(1, 50).interval
    assert low < 0.005
    assert high > 0.1


@given(st.integers(0, 10**7), st.integers(0, 10**7))
def test_the_rate_is_within_its_interval(first: int, second: int) -> None:
    one = Proportion(min(first, second), max(first, second))
    low, high = one.interval
    assert 0.0 <= low <= high <= 1.0
    if one.rate is not None:
        assert low - 1e-12 <= one.rate <= high + 1e-12


@pytest.mark.parametrize(
    ("ratio", "places", "said"),
    [
        (0.003, 4, "0.3%"),
        (0.00299999, 4, "0.2999%"),
        (0.0, 4, "0%"),
        (1.0, 2, "100%"),
        (0.999999, 2, "99.99%"),
        (0.29, 2, "29%"),
        (0.1, 0, "10%"),
    ],
)
def test_a_ratio_for_people_is_cut_and_not_rounded(ratio: float, places: int, said: str) -> None:
    assert percent(ratio, places) == said


@pytest.mark.parametrize(
    "day", [{"state": "number"}, {"state": "no-data", "value": 0.0}, {"state": "not-known", "value": 0.0}]
)
def test_a_day_without_a_number_never_reads_as_zero(day: dict[str, object]) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({"day": "2026-11-24", **day}, Day)
