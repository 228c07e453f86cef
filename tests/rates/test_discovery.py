"""The names that we use of Google's API are those of Google's own discovery document."""

from __future__ import annotations

import re

import pytest

from postmaster_server import DISCOVERY, UnlikeError, check, operation
from todoku.net.google.api import ENDPOINT
from todoku.net.google.credentials import SCOPES
from todoku.net.google.poll import GROUPS, REASONS

METRICS = DISCOVERY["schemas"]["BaseMetric"]["properties"]["standardMetric"]
DESCRIPTIONS = dict(zip(METRICS["enum"], METRICS["enumDescriptions"], strict=True))


def test_address_and_scopes() -> None:
    assert DISCOVERY["baseUrl"] == f"{ENDPOINT}/"
    assert set(SCOPES) <= DISCOVERY["auth"]["oauth2"]["scopes"].keys()


@pytest.mark.parametrize("group", GROUPS, ids=lambda group: group[0].metric)
def test_metrics_and_filters(group) -> None:
    for one in group:
        description = DESCRIPTIONS[one.standard]
        for name, value in re.findall(r'(\w+) = "(\w+)"', one.filter):
            assert name in description
            assert value in description


def test_every_reason_of_delivery_errors_is_asked_for() -> None:
    listed = re.findall(r"'(\w+)': \[([\w, ]+)\]", DESCRIPTIONS["DELIVERY_ERROR_RATE"])
    assert {kind: tuple(reasons.split(", ")) for kind, reasons in listed} == REASONS


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "v1/domains"), ("POST", "v2/domains/example.com"), ("GET", "v2/domains/a/b"), ("GET", "v2/domainStats")],
)
def test_fake_refuses_what_is_not_there(method: str, path: str) -> None:
    with pytest.raises(UnlikeError):
        operation(method, path)


@pytest.mark.parametrize(
    "value",
    [{"strange": 1}, {"parent": 1}, {"aggregationGranularity": "HOURLY"}, {"metricDefinitions": [{"names": "a"}]}, []],
    ids=["a field", "a type", "a word", "a field inside", "no object"],
)
def test_fake_refuses_what_the_schema_does_not_have(value) -> None:
    with pytest.raises(UnlikeError):
        check("QueryDomainStatsRequest", value)
