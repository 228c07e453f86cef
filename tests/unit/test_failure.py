"""Complaints and failure reports: RFC 5965, RFC 6591, RFC 9991. What they quote of a message is not kept whole."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from todoku.feedback.failure import (
    MAX_INCIDENTS,
    MAX_QUOTED,
    MAX_REPEATED,
    MAX_REPORT,
    FeedbackReport,
    QuotedMessage,
    parse,
)

REPORT = """Feedback-Type: abuse
User-Agent: Yahoo!-Mail-Feedback/2.0
Version: 0.1
Original-Mail-From: <0101-user=yahoo.example@bounce.example.com>
Original-Rcpt-To: user@yahoo.example
Received-Date: Tue, 24 Nov 2026 01:00:02 +0000
Reported-Domain: example.com
Source-IP: 192.0.2.1
Authentication-Results: mx.yahoo.example; dkim=pass header.d=example.com;
 spf=pass smtp.mailfrom=0101-user=yahoo.example@bounce.example.com (sent to user@yahoo.example)
"""
QUOTED = """DKIM-Signature: v=1; a=rsa-sha256; d=Example.com; s=S1; h=from; bh=x; b=y
DKIM-Signature: v=1; a=rsa-sha256; d=amazonses.com; s=ses; h=from; bh=x; b=y
From: Shop <shop@example.com>
To: A User <user@yahoo.example>, other@Yahoo.example
Date: Tue, 24 Nov 2026 01:00:00 +0000
Message-ID: <1@eu-west-1.amazonses.com>
Feedback-ID: ::1.eu-west-1.x:AmazonSES
List-Id: <news.example.com>
Subject: secret words

secret words
"""


def arf(
    report: str = REPORT, quoted: str = QUOTED, kind: str = "message/rfc822", top: str = "multipart/report"
) -> bytes:
    text = (
        f"From: feedback@arf.mail.yahoo.example\nTo: fbl@example.com\nSubject: complaint\nMIME-Version: 1.0\n"
        f'Content-Type: {top}; report-type=feedback-report; boundary="b"\n\n--b\n\nA complaint.\n'
        f"--b\nContent-Type: message/feedback-report\n\n{report}\n--b\nContent-Type: {kind}\n\n{quoted}\n--b--\n"
    )
    return text.replace("\n", "\r\n").encode()


def test_complaint():
    report = parse(arf())
    assert report.refused is None
    assert (report.feedback_type, report.user_agent, report.version) == ("abuse", "Yahoo!-Mail-Feedback/2.0", "0.1")
    assert (report.original_mail_from, report.original_rcpt_to) == ("bounce.example.com", ("yahoo.example",))
    assert (report.arrival_date, report.source_ip, report.reported_domain) == (
        1795482002,
        "192.0.2.1",
        ("example.com",),
    )
    assert report.quoted == QuotedMessage(
        from_domain="example.com",
        message_id="<1@eu-west-1.amazonses.com>",
        feedback_id="::1.eu-west-1.x:AmazonSES",
        list_id="<news.example.com>",
        date=1795482000,
        dkim=(("example.com", "s1"), ("amazonses.com", "ses")),
        recipients=("yahoo.example",),
    )


def test_no_whole_address_and_no_word_of_the_message_is_kept():
    kept = msgspec.json.encode(parse(arf())).decode()
    for word in ("user@", "-user", "shop@", "other", "secret"):
        assert word not in kept


def test_addresses_where_they_were_asked_for():
    report = parse(arf(), addresses=True)
    assert report.original_rcpt_to == ("user@yahoo.example",)
    assert report.original_mail_from == "0101-user=yahoo.example@bounce.example.com"
    assert report.quoted.recipients == ("user@yahoo.example", "other@yahoo.example")
    assert report.authentication_results[0].results[1].comment


@pytest.mark.parametrize("kind", ["message/rfc822", "text/rfc822-headers", "message/global", "message/rfc822-headers"])
def test_however_the_message_is_quoted(kind):
    assert parse(arf(kind=kind)).quoted.from_domain == "example.com"


def test_nothing_quoted():
    assert parse(arf(kind="text/plain")).quoted is None


@pytest.mark.parametrize(
    ("line", "field", "value"),
    [
        ("Feedback-Type: auth-failure", "feedback_type", "auth-failure"),
        ("Feedback-Type: Not-Spam", "feedback_type", "not-spam"),
        ("Feedback-Type: miscategorized", "feedback_type", "other"),
        ("Auth-Failure: dmarc", "auth_failure", "dmarc"),
        ("Auth-Failure: bodyhash", "auth_failure", "bodyhash"),
        ("Auth-Failure: bad luck", "auth_failure", ""),
        ("Delivery-Result: policy", "delivery_result", "policy"),
        ("Delivery-Result: smg-policy-action", "delivery_result", ""),
        ("Identity-Alignment: SPF, dkim", "identity_alignment", ("spf", "dkim")),
        ("Identity-Alignment: none", "identity_alignment", ("none",)),
        ("DKIM-Domain: Example.com", "dkim_domain", "example.com"),
        ("DKIM-Identity: a@example.com", "dkim_identity", "example.com"),
        ("DKIM-Selector: s1", "dkim_selector", "s1"),
        ("Reporting-MTA: dns; mail.example.com", "reporting_mta", "mail.example.com"),
        ("Original-Envelope-Id: abc", "original_envelope_id", "abc"),
        ("Source-IP: 192.0.2.1 (mail.example.com)", "source_ip", "192.0.2.1"),
        ("Source-IP: [2001:DB8::1]", "source_ip", "2001:db8::1"),
        ("Source-IP: mail.example.com", "source_ip", ""),
        ("Arrival-Date: 24 Nov 2026 01:00:02 +0000", "arrival_date", 1795482002),
        ("Arrival-Date: yesterday", "arrival_date", None),
        ("Incidents: 7", "incidents", 7),
        ("Incidents: -7", "incidents", 1),
        ("Incidents: 99999999999999999999", "incidents", MAX_INCIDENTS),
        (f"Incidents: {'9' * 5_000}", "incidents", 1),
        ("Original-Rcpt-To: <>", "original_rcpt_to", ()),
        ("Original-Mail-From: <>", "original_mail_from", ""),
    ],
)
def test_fields(line, field, value):
    first = "" if line.startswith("Feedback-Type") else "Feedback-Type: auth-failure\n"
    assert getattr(parse(arf(f"{first}{line}\n")), field) == value


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        (b"From: a@b.example\r\n\r\nhello", "report-not-feedback"),
        (arf(report="User-Agent: x\n"), "report-not-feedback"),
        (arf(report=""), "report-not-feedback"),
        (b"", "report-not-xml"),
        (b"GIF89a", "report-not-xml"),
    ],
)
def test_refused_with_its_reason(raw, why):
    report = parse(raw)
    assert report == FeedbackReport(refused=report.refused)
    assert report.refused.tag == why


def test_repeated_fields_are_bounded():
    many = "".join(f"Reported-Domain: d{number}.example\n" for number in range(MAX_REPEATED + 1))
    assert len(parse(arf(REPORT + many)).reported_domain) == MAX_REPEATED


@pytest.mark.parametrize(("beyond", "read"), [(-1, "s1"), (0, "s1"), (1, "s")])  # cut in the value
def test_longest_report(beyond, read):
    last = "DKIM-Selector: s1"
    filler = "X: " + "x" * (MAX_REPORT - len("Feedback-Type: abuse\r\nX: \r\n") - len(last) + beyond)
    report = parse(arf(f"Feedback-Type: abuse\n{filler}\n{last}"))
    assert report.dkim_selector == read
    assert report.refused is None


@pytest.mark.parametrize(("beyond", "read"), [(-1, "s1"), (0, "s1"), (1, "s")])
def test_longest_quoted_header(beyond, read):
    last = "DKIM-Signature: d=example.com; s=s1"
    filler = "X: " + "x" * (MAX_QUOTED - len("X: \r\n") - len(last) + beyond)
    assert parse(arf(quoted=f"{filler}\n{last}")).quoted.dkim == (("example.com", read),)


@given(st.binary(max_size=300))
@settings(max_examples=150, deadline=None)
def test_any_octets(octets):
    for raw in (octets, arf("Feedback-Type: abuse\n@").replace(b"@", octets), arf(quoted="@").replace(b"@", octets)):
        msgspec.json.encode(parse(raw))
        parse(raw, addresses=True)
