"""The ledger is what it says: its reports are read as its entries tell, in each shape and wrapping, and alike each time."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime

import pytest

import todoku
from ledger import (
    DKIM_BROKEN,
    NEW_SOURCE,
    REJECT,
    SILENT,
    SILENT_RECEIVER,
    day,
    ledger,
)


def test_reports_tell_what_the_entries_say():
    made = ledger()
    told: Counter[object] = Counter()
    for one in made.made:
        for report in todoku.parse_aggregate(one.octets) if one.kind == "aggregate" else ():
            on = datetime.fromtimestamp(report.metadata.begin, UTC).date()
            for record in report.records:
                about = (on, report.metadata.org_name, record.source_ip, record.dkim == "pass", record.spf == "pass")
                told[about] += record.count
    assert told == made.by(lambda one: (day(one.day), one.org, one.source_ip, one.dkim, one.spf))


def test_what_is_planted_is_there():
    made = ledger()
    assert min(one.day for one in made.entries if one.stream == "crm") == NEW_SOURCE
    assert {one.day for one in made.entries if one.stream == "ses-net" and not one.passes} == set(DKIM_BROKEN)
    assert max(one.day for one in made.entries if one.org == SILENT_RECEIVER) == SILENT - 1
    assert min(one.day for one in made.entries if one.disposition == "reject") == REJECT
    assert all(one.disposition == "none" for one in made.entries if one.override)


@pytest.mark.parametrize("days", [1, 12])
def test_fewer_days_are_the_beginning_of_more(days):
    assert ledger().made[: len(ledger(days).made)] == ledger(days).made


def test_another_seed_tells_something_else():
    assert ledger(2, "other").entries != ledger(2).entries
