"""A record at a public suffix makes all names below it one organization by the tree walk; the suffix list knows better."""

from __future__ import annotations

import pytest

import todoku

ZONE = todoku.Zone.from_dict(
    {
        "amazonses.com": [("TXT", "v=spf1 -all")],
        "_dmarc.co.jp": [("TXT", "v=DMARC1; p=none")],
        "victim.co.jp": [("MX", (10, "mx.example.com"))],
        "attacker.co.jp": [("TXT", "v=spf1 ip4:192.0.2.1 -all")],
        "mail.victim.co.jp": [("TXT", "v=spf1 ip4:192.0.2.1 -all")],
    }
)
MESSAGE = b"From: news@victim.co.jp\r\nSubject: x\r\nDate: Tue, 24 Nov 2026 01:00:00 +0000\r\n\r\nHello\r\n"


@pytest.mark.parametrize(
    ("mail_from", "found"),
    [
        ("a@attacker.co.jp", ("warn", "dmarc-methods-differ")),
        ("a@mail.victim.co.jp", ("pass", "aligned")),
    ],
)
def test_alignment_that_the_suffix_list_denies_is_a_warning(mail_from: str, found: tuple[str, str]) -> None:
    envelope = todoku.Envelope(ip="192.0.2.1", helo="mx.example.com", mail_from=mail_from)
    report = todoku.check(MESSAGE, envelope, resolver=ZONE)
    verdict = next(one for one in report.verdicts if (one.requirement, one.receiver) == ("dmarc-alignment", "yahoo"))
    assert (verdict.result, verdict.reason.tag) == found
    assert report.evidence.dmarc.treewalk.organizational_domain == "co.jp"
