"""What the overview of reports says of a policy, and what it asks somebody to find out."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from todoku.feedback.answers import Affected, Extent, WhatIf
from todoku.report.answers.document import Answers, Tool
from todoku.report.answers.pages import overview, senders

DAY = date(2026, 11, 1)
EXTENT = Extent(first=DAY, last=date(2026, 11, 30), messages=40)


def stream(network: str, *authors: str, dkim: str = "") -> Affected:
    """One that a policy would keep out."""
    sender = {"spf_domain": "", "dkim_domain": dkim, "network": network, "authors": authors}
    return Affected(fate="refused", reason="", messages=4, first=DAY, last=DAY, **sender)


def answers(*streams: Affected, refused: int = 12, **known: Any) -> Answers:
    thought = WhatIf(
        policy="reject",
        subdomain_policy="reject",
        messages=40,
        days=30,
        refused=refused,
        already=0,
        exempt=0,
        streams=streams,
    )
    asked = {"question": "overview", "domain": "", "since": None, "until": None, "extent": EXTENT} | known
    return Answers(todoku=Tool(version="0", reports=1), domains=(), reporters=(), whatif=thought, **asked)


def test_networks_that_claim_the_same_domain_are_one_step() -> None:
    two = (stream("192.0.2.0/24", "example.com"), stream("198.51.100.0/24", "example.com"))
    first, *rest = overview.page(answers(*two, stream("203.0.113.0/24", "example.net")), 0).steps
    assert first.en.startswith(
        "Find out whether servers of yours in 192.0.2.0/24 and 198.51.100.0/24 send as example.com."
    )
    assert first.ja.startswith("192.0.2.0/24、198.51.100.0/24 から example.com を名乗って")
    assert rest[0].en.startswith("Find out whether a server of yours in 203.0.113.0/24 sends as example.net.")


def test_a_network_whose_signature_failed_is_no_claim() -> None:
    (first, _) = overview.page(answers(stream("192.0.2.0/24", "example.com", dkim="example.com")), 0).steps
    assert "DKIM signature of example.com failed" in first.en


@pytest.mark.parametrize(
    ("refused", "en", "ja"),
    [
        (29, "29 more messages from 1 source would have been refused in 30 days.", "30日間で29通、"),
        (30, "1 more message a day from 1 source would have been refused: 30 in 30 days.", "1日平均1通、"),
    ],
)
def test_less_than_one_message_a_day_is_told_as_a_sum(refused: int, en: str, ja: str) -> None:
    (said,) = (
        one for one in overview.page(answers(stream("", "example.com"), refused=refused), 0).said if "p=" in one.en
    )
    assert en in said.en
    assert ja in said.ja


@pytest.mark.parametrize(
    ("verified", "unverified", "en"),
    [
        (
            39,
            1,
            "Of 40 messages, 39 rest on verified reports, 1 on unverified ones (mail not signed by the reporter that it names).",
        ),
        (0, 30, "None of 40 messages rests on a verified report: 30 rest on unverified ones"),
    ],
)
def test_what_the_answers_rest_on(verified: int, unverified: int, en: str) -> None:
    extent = Extent(first=DAY, last=DAY, messages=40, verified=verified, unverified=unverified)
    (note,) = senders.notes(answers(extent=extent))
    assert note.en.startswith(en)
    assert ("--verified" in note.en, "--verified" in note.ja) == (verified > 0, verified > 0)
