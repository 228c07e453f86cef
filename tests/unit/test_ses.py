"""What SES leaves on a message, and messages that only say so."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from todoku.mail.envelope import Envelope
from todoku.mail.message import scan
from todoku.mail.ses import is_ses_host, ses_stamp

EASY = "zh4gjftm6etwoq6afzugpky45synznly"
PATH = "0106018d7c6bc3e2-0f5e4a3b-6a1d-4c7b-9b1f-1a2b3c4d5e6f-000000"


def dkim(domain, selector="suwteswkahkjx5z3rgaujjw4zqymtlt2"):
    return f"DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/simple; s={selector}; d={domain}; h=From; bh=a; b=b\n"


def received(host, ip, reverse=None):
    return f"Received: from {host} ({reverse or host}. [{ip}]) by mx.google.com with ESMTPS id x; Mon, 05 Feb 2024 17:00:12 -0800\n"


def stamp(text, envelope=None):
    return ses_stamp(scan((text + "From: info@example.com\n\nbody\n").replace("\n", "\r\n").encode()), envelope)


def sent(host, ip, mail_from):
    return Envelope(ip=ip, helo=host, mail_from=mail_from, source="received")


def whole(host, ip, mail_from, signatures, message_id, feedback_id):
    text = (
        f"Return-Path: <{mail_from}>\n" + received(host, ip) + signatures + f"Message-ID: <{message_id}>\n"
        f"Feedback-ID: {feedback_id}\nX-SES-Outgoing: 2024.02.06-{ip}\n"
    )
    return stamp(text, sent(host, ip, mail_from))


def test_the_default():
    found = whole(
        "e234-4.smtp-out.ap-northeast-1.amazonses.com",
        "23.251.234.4",
        f"{PATH}@ap-northeast-1.amazonses.com",
        dkim("amazonses.com"),
        f"{PATH}@ap-northeast-1.amazonses.com",
        "1.ap-northeast-1.abc/+def=:AmazonSES",
    )
    assert found.sent_by_ses
    assert (found.region, found.mail_from) == ("ap-northeast-1", "default")
    assert (found.own_signature, found.own_selector, found.easy_dkim) == ("", "", False)
    assert found.feedback_id == "1.ap-northeast-1.abc/+def=:AmazonSES"
    assert [name for name, _, _ in found.signs] == [
        "Return-Path",
        "Received",
        "DKIM-Signature",
        "Message-ID",
        "Feedback-ID",
        "X-SES-Outgoing",
    ]


def test_easy_dkim_and_a_custom_mail_from_domain():
    found = whole(
        "e240-7.smtp-out.eu-north-1.amazonses.com",
        "23.251.240.7",
        f"{PATH}@bounce.example.com",
        dkim("Example.com", EASY) + dkim("amazonses.com"),
        f"{PATH}@eu-north-1.amazonses.com",
        "::1.eu-north-1.abc=:AmazonSES",
    )
    assert (found.region, found.mail_from) == ("eu-north-1", "custom")
    assert (found.own_signature, found.own_selector, found.easy_dkim) == ("example.com", EASY, True)
    assert "Return-Path" not in [name for name, _, _ in found.signs]


def test_us_east_1_has_no_region_in_its_names():
    found = whole(
        "a8-50.smtp-out.amazonses.com",
        "54.240.8.50",
        f"{PATH}@amazonses.com",
        dkim("amazonses.com"),
        f"{PATH}@email.amazonses.com",
        "1.us-east-1.abc=:AmazonSES",
    )
    assert (found.region, found.mail_from) == ("us-east-1", "default")


@pytest.mark.parametrize(
    "region", ["us-gov-west-1", "eusc-de-east-1", "ap-southeast-2", "us-gov-east-1", "mx-central-1"]
)
def test_other_partitions(region):
    found = whole(
        f"e1-2.smtp-out.{region}.amazonses.com",
        "192.0.2.1",
        f"{PATH}@{region}.amazonses.com",
        dkim("amazonses.com"),
        f"{PATH}@{region}.amazonses.com",
        f"::1.{region}.abc=:AmazonSES",
    )
    assert (found.region, found.mail_from) == (region, "default")


@pytest.mark.parametrize(
    ("feedback_id", "kept"),
    [
        ("1.us-west-2.abc=:AmazonSES", True),
        ("::1.us-west-2.abc=:AmazonSES", True),
        ("campaign:mail:1.us-west-2.abc=:AmazonSES", True),
        ("1.us-west-2.abc=:SomeoneElse", False),
        ("a:b:c:d", False),
    ],
)
def test_feedback_ids(feedback_id, kept):
    found = whole(
        "a27-1.smtp-out.us-west-2.amazonses.com",
        "54.240.27.1",
        f"{PATH}@us-west-2.amazonses.com",
        dkim("amazonses.com"),
        "x@example.com",
        feedback_id,
    )
    assert found.feedback_id == (feedback_id if kept else "")


def test_the_region_without_a_host_that_tells_it():
    text = dkim("amazonses.com") + "Feedback-ID: ::1.eu-west-1.abc=:AmazonSES\n"
    assert stamp(text).region == "eu-west-1"
    assert stamp(dkim("amazonses.com") + f"Message-ID: <{PATH}@email.amazonses.com>\n").region == "us-east-1"
    assert stamp(dkim("amazonses.com") + "X-SES-Outgoing: 2024.02.06-192.0.2.1\n").sent_by_ses is False


@pytest.mark.parametrize(
    ("selector", "easy"),
    [(EASY, True), ("s1", False), (EASY.upper(), False), (EASY + "a", False), (EASY[:-1] + "1", False)],
)
def test_easy_dkim_selectors(selector, easy):
    found = stamp(
        received("a8-50.smtp-out.amazonses.com", "192.0.2.1") + dkim("example.com", selector) + dkim("amazonses.com"),
        sent("a8-50.smtp-out.amazonses.com", "192.0.2.1", "a@example.com"),
    )
    assert (found.own_selector, found.easy_dkim) == (selector, easy)


def test_the_signature_of_ses_goes_before_one_that_an_application_made():
    found = stamp(
        received("a8-50.smtp-out.amazonses.com", "192.0.2.1")
        + dkim("example.com", "own")
        + dkim("example.com", EASY)
        + dkim("amazonses.com"),
        sent("a8-50.smtp-out.amazonses.com", "192.0.2.1", "a@example.com"),
    )
    assert found.own_selector == EASY


STAMPS = (
    f"Message-ID: <{PATH}@ap-northeast-1.amazonses.com>\nFeedback-ID: 1.ap-northeast-1.abc=:AmazonSES\n"
    "X-SES-Outgoing: 2024.02.06-192.0.2.66\n"
)
HOST = "e234-4.smtp-out.ap-northeast-1.amazonses.com"


@pytest.mark.parametrize(
    ("text", "envelope"),
    [
        ("", None),
        (dkim("example.com"), None),
        (STAMPS, None),
        # header fields that say so, from a host that is not SES's
        (
            received("mail.evil.example", "192.0.2.66") + STAMPS,
            sent("mail.evil.example", "192.0.2.66", "a@evil.example"),
        ),
        (
            received("mail.evil.example", "192.0.2.66") + dkim("amazonses.com") + STAMPS,
            sent("mail.evil.example", "192.0.2.66", "a@evil.example"),
        ),
        # MAIL FROM alone, HELO alone
        (
            received("mail.evil.example", "192.0.2.66") + STAMPS,
            sent("mail.evil.example", "192.0.2.66", "a@amazonses.com"),
        ),
        (received(HOST, "192.0.2.66"), sent(HOST, "192.0.2.66", "a@evil.example")),
        # HELO of SES, reverse name of somebody else
        (received(HOST, "192.0.2.66", "mail.evil.example") + STAMPS, sent(HOST, "192.0.2.66", "a@evil.example")),
        # names that only look like it
        (
            received("e1-2.smtp-out.amazonses.com.evil.example", "192.0.2.66")
            + dkim("amazonses.com.evil.example")
            + STAMPS,
            sent("e1-2.smtp-out.amazonses.com.evil.example", "192.0.2.66", "a@amazonses.com.evil.example"),
        ),
    ],
)
def test_not_sent_by_ses(text, envelope):
    found = stamp(text, envelope)
    assert found.sent_by_ses is False
    assert (found.region, found.mail_from, found.own_signature, found.feedback_id, found.signs) == ("", "", "", "", ())


def test_sent_by_ses_and_forwarded():
    text = received("out.forwarder.example", "192.0.2.8") + received(HOST, "23.251.234.4") + dkim("amazonses.com")
    found = stamp(text, sent("out.forwarder.example", "192.0.2.8", "SRS0=x@forwarder.example"))
    assert found.sent_by_ses
    assert (found.region, found.mail_from) == ("ap-northeast-1", "")  # a forwarder's MAIL FROM is not the customer's


def test_a_forwarder_s_signature_is_not_the_customer_s():
    text = (
        dkim("forwarder.example", EASY)
        + received("out.forwarder.example", "192.0.2.8")
        + received(HOST, "23.251.234.4")
        + dkim("example.com", "s1")
        + dkim("amazonses.com")
    )
    found = stamp(text, sent("out.forwarder.example", "192.0.2.8", "a@bounce.example.com"))
    assert (found.own_signature, found.easy_dkim) == ("example.com", False)
    assert found.mail_from == "custom"  # he left MAIL FROM as it was


def test_an_envelope_given_by_the_user():
    found = stamp(dkim("amazonses.com"), Envelope(ip="23.251.234.4", helo=HOST, mail_from=""))
    assert found.sent_by_ses
    assert found.mail_from == ""


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("a8-50.smtp-out.amazonses.com", True),
        ("E240-7.SMTP-OUT.EU-NORTH-1.AMAZONSES.COM", True),
        ("smtp-out.amazonses.com", False),
        ("a8-50.smtp-out.amazonses.com.example", False),
        ("a8-50.smtp-out.evil-amazonses.com", False),
        ("", False),
    ],
)
def test_hosts(host, expected):
    assert is_ses_host(host) is expected


LINES = st.sampled_from(
    [
        received(HOST, "192.0.2.1"),
        dkim("amazonses.com"),
        dkim("", ""),
        dkim("example.com", EASY),
        *STAMPS.splitlines(keepends=True),
    ]
)


@given(
    st.lists(LINES, max_size=12).map("".join),
    st.sampled_from([None, Envelope(), sent(HOST, "192.0.2.1", "a@amazonses.com")]),
)
def test_never_raises(text, envelope):
    found = stamp(text, envelope)
    assert found.sent_by_ses or found.signs == ()
