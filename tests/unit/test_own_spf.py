"""What is proposed for a domain's own SPF record loses no sender."""

from __future__ import annotations

import pytest

import todoku
from todoku.judging.judge import ReadyFix
from todoku.words.change import DnsRecord, Instruction

REACHED = [
    ("a.example.net", [("TXT", "v=spf1 ip4:192.0.2.1 -all")]),
    ("b.example.net", [("TXT", "v=spf1 ip4:192.0.2.2 -all")]),
]


def mending(*records: str) -> ReadyFix:
    zone = todoku.Zone.from_dict({"example.com": [("TXT", record) for record in records], **dict(REACHED)})
    base = {"amazonses.com": [("TXT", "v=spf1 ip4:54.240.0.0/18 -all")]}
    report = todoku.check_domain("example.com", resolver=todoku.Layers((todoku.Zone.from_dict(base), zone)))
    return next(fix for fix in report.fixes if fix.fix.id == "mend-own-spf")


@pytest.mark.parametrize(
    ("records", "merged"),
    [
        (
            ("v=spf1 ip4:192.0.2.1 -all", "v=spf1 include:b.example.net -all"),
            "v=spf1 ip4:192.0.2.1 include:b.example.net -all",
        ),
        (("v=spf1 ip4:192.0.2.1 -all", "v=spf1 mx ~all"), "v=spf1 ip4:192.0.2.1 mx ~all"),
        (("v=spf1 mx exp=why.all -all", "v=spf1 a -all"), "v=spf1 mx exp=why.all a -all"),
    ],
)
def test_two_records_become_one_with_the_terms_of_both(records: tuple[str, ...], merged: str) -> None:
    first = mending(*records).changes[0]
    assert isinstance(first, DnsRecord)
    assert first.value == merged


def test_a_redirect_is_merged_by_no_machine() -> None:
    records = ("v=spf1 redirect=a.example.net", "v=spf1 include:b.example.net ~all")
    (change,) = mending(*records).changes
    assert isinstance(change, Instruction)
    assert change.lines == records
