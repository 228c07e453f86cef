"""Complaints and failure reports in a form of their own: Outlook.com's and Exim's."""

from __future__ import annotations

import base64

import pytest

from todoku.feedback.failure import parse
from todoku.feedback.wrapping import unwrap

JUNK = """X-HmXmrOriginalRecipient: <user@hotmail.example>
X-Reporter-IP: 198.51.100.9
Authentication-Results: hotmail.example; spf=pass (sender IP is 192.0.2.1) smtp.mailfrom=bounce.example.com
DKIM-Signature: v=1; a=rsa-sha256; d=example.com; s=s1; h=from; bh=x; b=y
From: Shop <shop@example.com>
To: user@hotmail.example
Date: Tue, 24 Nov 2026 01:00:00 +0000
Message-ID: <1@eu-west-1.amazonses.com>
Feedback-ID: ::1.eu-west-1.x:AmazonSES
Subject: secret words

secret words
"""


def complaint(encoding: str = "8bit", subject: str = "complaint about message from 192.0.2.1") -> bytes:
    junk = JUNK if encoding != "base64" else base64.encodebytes(JUNK.replace("\n", "\r\n").encode()).decode()
    text = (
        f"From: staff@hotmail.example\nTo: fbl@example.com\nSubject: {subject}\nMIME-Version: 1.0\n"
        f'Content-Type: multipart/mixed; boundary="b"\n\n--b\nContent-Type: message/rfc822\n'
        f"Content-Transfer-Encoding: {encoding}\n\n{junk}\n--b--\n"
    )
    return text.replace("\n", "\r\n").encode()


EXIM = """From: no-reply@mx.receiver.example
To: dmarc@example.com
Subject: DMARC Forensic Report for example.com from IP 192.0.2.68
MIME-Version: 1.0
Content-Type: multipart/report; boundary="b"

--b
Content-Type: text/plain; charset="us-ascii"

A message claiming to be from you has failed the published DMARC policy for your domain.

  Sender Domain: example.com
  Sender IP Address: 192.0.2.68
  Received Date: Tue, 24 Nov 2026 02:00:00 +0100
  SPF Alignment: no
  DKIM Alignment: yes
  DMARC Results: Reject, Reject

------ This is a copy of the headers that were received before the error was detected.

Received: from [192.0.2.68] (helo=smtpclient.example)
	by mx.receiver.example with esmtp (Exim 4.92)
From: <user@example.com>
Date: Tue, 24 Nov 2026 01:00:00 +0000
Subject: secret words
Message-Id: <2@example.com>
To: <someone@receiver.example>

--b--
""".replace("\n", "\r\n").encode()


@pytest.mark.parametrize("encoding", ["8bit", "base64"])
def test_complaint_of_outlook(encoding: str) -> None:
    assert [getattr(one, "kind", one) for one in unwrap(complaint(encoding))] == ["mail"]
    report = parse(complaint(encoding))
    assert report.refused is None
    assert (report.feedback_type, report.user_agent, report.source_ip) == ("abuse", "Outlook.com JMRP", "192.0.2.1")
    assert report.original_rcpt_to == ("hotmail.example",)
    assert report.quoted is not None
    assert (report.quoted.from_domain, report.quoted.message_id) == ("example.com", "<1@eu-west-1.amazonses.com>")
    assert report.quoted.feedback_id == "::1.eu-west-1.x:AmazonSES"
    assert report.quoted.dkim == (("example.com", "s1"),)
    assert "user@" not in repr(report)
    assert "secret" not in repr(report)
    assert parse(complaint(encoding), addresses=True).original_rcpt_to == ("user@hotmail.example",)


def test_complaint_whose_subject_names_no_address() -> None:
    assert parse(complaint(subject="complaint")).source_ip == ""


def test_failure_report_of_exim() -> None:
    assert [getattr(one, "kind", one) for one in unwrap(EXIM)] == ["mail"]
    report = parse(EXIM)
    assert report.refused is None
    assert (report.feedback_type, report.auth_failure, report.delivery_result) == ("auth-failure", "dmarc", "reject")
    assert (report.reported_domain, report.source_ip, report.user_agent) == (("example.com",), "192.0.2.68", "Exim")
    assert (report.arrival_date, report.identity_alignment) == (1795482000, ("dkim",))
    assert report.quoted is not None
    assert (report.quoted.from_domain, report.quoted.message_id) == ("example.com", "<2@example.com>")
    assert report.quoted.recipients == ("receiver.example",)
    assert "secret" not in repr(report)


@pytest.mark.parametrize(
    "raw",
    [
        complaint().replace(b"X-HmXmrOriginalRecipient", b"X-Other"),
        complaint().replace(b"X-HmXmrOriginalRecipient: ", b"Subject: a\r\n\r\nX-HmXmrOriginalRecipient: "),
        EXIM.replace(b"A message claiming", b"Yesterday a message claiming"),
        EXIM.replace(b"------ This is a copy", b"This is a copy"),
        EXIM.replace(b"text/plain", b"text/html"),
    ],
)
def test_what_is_no_report(raw: bytes) -> None:
    assert [getattr(one, "tag", one) for one in unwrap(raw)] == ["report-none"]
    assert parse(raw).refused is not None
