"""What does not fit is found where it stands, and only where something does not fit."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from todoku.settings.config import Config
from todoku.settings.settings_errors import Misfit, misfit

NAMES = [
    "store",
    "ingest",
    "watch",
    "alerts",
    "accept",
    "routes",
    "urls",
    "folder",
    "keep_months",
    "minutes",
    "language",
]
NAMES += ["level", "requirement", "reason", "until", "dns", "foo"]
LEAVES = st.sampled_from(
    ["", "en", "warn", 0, 60, -1, 10**12, True, 1.5, date(2027, 3, 31), datetime(2027, 3, 31), "2027-03-31"]  # noqa: DTZ001
)
TABLES = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=4),
    max_leaves=12,
)


@given(st.dictionaries(st.sampled_from(NAMES), TABLES, max_size=3))
def test_what_is_mended_is_refused_for_something_else_or_not_at_all(settings: dict[str, object]) -> None:
    """Each part that is named is taken out, until msgspec takes the rest: so it was wrong, and nothing fine is named."""
    for _ in range(100):
        try:
            msgspec.convert(settings, Config)
        except msgspec.ValidationError:
            mend(settings, misfit(settings, Config))
        else:
            return
    pytest.fail("what is named is not what is wrong")


def mend(settings: Any, wrong: Misfit) -> None:
    """Take out what does not fit, or what holds or lacks a setting."""
    *above, last = wrong.path or (wrong.said.en.removeprefix(": there is no setting "),)
    for name in above:
        settings = settings[name]
    if ": there is no setting " in wrong.said.en and wrong.path:
        settings, last = settings[last], wrong.said.en.removeprefix(": there is no setting ")
    assert isinstance(settings, list) or last in settings
    del settings[last]


@pytest.mark.parametrize(
    ("settings", "path", "said"),
    [
        ({"watch": {"minutes": 4}}, ("watch", "minutes"), " must be from 5 to 10080"),
        ({"watch": {"minutes": 10**30}}, ("watch", "minutes"), " must be from 5 to 10080"),
        ({"watch": {"minutes": True}}, ("watch", "minutes"), " must be a whole number"),
        ({"watch": {"minutes": 60.5}}, ("watch", "minutes"), " must be a whole number"),
        ({"watch": {"dns": ["a", 1]}}, ("watch", "dns", 1), " must be text in quotation marks"),
        ({"watch": []}, ("watch",), " must be a table"),
        ({"alerts": {"routes": [{}, {"level": "low"}]}}, ("alerts", "routes", 1, "level"), ' must be "fail" or "warn"'),
        ({"alerts": {"routes": {}}}, ("alerts", "routes"), ' must be a list, such as ["..."]'),
        ({"accept": [{}]}, ("accept", 0), " lacks requirement"),
        ({"accept": [1]}, ("accept", 0), " must be a table"),
        ({"more": {}}, (), ": there is no setting more"),
    ],
)
def test_where_and_what(settings: dict[str, object], path: tuple[str | int, ...], said: str) -> None:
    found = misfit(settings, Config)
    assert (found.path, found.said.en) == (path, said)
