"""Replies as senders meet them, and the requirement that each names."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from todoku.feedback.bounce import diagnose
from todoku.feedback.bounce_causes import BY_REPLY, BY_REQUIREMENT
from todoku.feedback.bounce_codes import RULES, UNKNOWN
from todoku.judging.judge import catalogue, reasons

GMAIL_HARDFAIL = """\
550-5.7.26 The MAIL FROM domain [bounce.example.com] has an SPF record with a hard
550-5.7.26 fail policy (-all) but it fails to pass SPF checks with the ip:
550-5.7.26 [192.0.2.1]. To best protect our users from spam and phishing, the message
550 5.7.26 has been blocked. d2e1a72fcca58-6ddf01gsi - gsmtp"""

LINES = [
    # Gmail: 5.7.26 has three meanings, which only its words tell apart.
    (
        (
            "550-5.7.26 Unauthenticated email from example.com is not accepted due to domain's 550-5.7.26 DMARC policy. Please "
            "contact the administrator of example.com domain 550 5.7.26 if this was a legitimate mail. - gsmtp"
        ),
        ("gmail", "550", "5.7.26", "gmail-dmarc-policy", ("dmarc-policy",), False),
    ),
    (GMAIL_HARDFAIL, ("gmail", "550", "5.7.26", "gmail-spf-hardfail", ("dmarc-policy", "spf"), False)),
    (
        (
            "smtp; 550-5.7.26 Your email has been blocked because the sender is unauthenticated. Gmail requires all senders to "
            "authenticate with either SPF or DKIM. Authentication results: DKIM = did not pass SPF [example.com] with ip: "
            "[192.0.2.1] = did not pass"
        ),
        ("gmail", "550", "5.7.26", "gmail-unauthenticated", ("spf-or-dkim",), False),
    ),
    (
        "421-4.7.26 This mail is unauthenticated",
        ("gmail", "421", "4.7.26", "gmail-unauthenticated", ("spf-or-dkim",), False),
    ),
    (
        (
            "451-4.7.26 Unauthenticated email from example.com is not accepted due to domain's DMARC policy, but temporary DNS "
            "failures prevent authentication"
        ),
        ("gmail", "451", "4.7.26", "gmail-dmarc-policy", ("dmarc-policy",), False),
    ),
    ("550 5.7.26", ("gmail", "550", "5.7.26", "gmail-5.7.26", ("spf-or-dkim", "dmarc-policy"), True)),
    # Gmail: one code, one meaning.
    ("550-5.7.27 SPF did not pass", ("gmail", "550", "5.7.27", "gmail-spf", ("spf",), False)),
    ("421-4.7.27 rate limited: SPF", ("gmail", "421", "4.7.27", "gmail-spf", ("spf",), False)),
    ("451 4.7.24 suspicious SPF entries", ("gmail", "451", "4.7.24", "gmail-spf-suspicious", ("spf",), False)),
    ("550-5.7.30 DKIM did not pass - gsmtp", ("gmail", "550", "5.7.30", "gmail-dkim", ("dkim",), False)),
    (
        "421-4.7.32 no alignment - gsmtp",
        ("gmail", "421", "4.7.32", "gmail-dmarc-alignment", ("dmarc-alignment",), False),
    ),
    ("421 5.7.32 no alignment", ("gmail", "421", "5.7.32", "gmail-dmarc-alignment", ("dmarc-alignment",), False)),
    ("550-5.7.25 [192.0.2.1] no PTR record", (None, "550", "5.7.25", "reverse-dns", ("reverse-dns",), False)),
    (
        "550-5.7.25 [192.0.2.1] no PTR record - gsmtp",
        ("gmail", "550", "5.7.25", "gmail-reverse-dns", ("reverse-dns",), False),
    ),
    ("451-4.7.23 no PTR record", ("gmail", "451", "4.7.23", "gmail-reverse-dns", ("reverse-dns",), False)),
    ("550-5.7.29 TLS is required", ("gmail", "550", "5.7.29", "gmail-tls", ("tls",), False)),
    # Gmail: a missing DMARC record has two codes, and one of them has another meaning.
    ("421-4.7.31 no DMARC record", ("gmail", "421", "4.7.31", "gmail-dmarc-record", ("dmarc-record",), False)),
    ("550-5.7.40 no DMARC policy", ("gmail", "550", "5.7.40", "gmail-dmarc-record", ("dmarc-record",), False)),
    ("421-4.7.40 rate limited", ("gmail", "421", "4.7.40", "gmail-4.7.31", ("dmarc-record",), True)),
    # Gmail: rate limits are no requirement, one text of the same code is.
    (
        "421-4.7.28 Gmail has detected an unusual rate of unsolicited mail originating from your IP address",
        ("gmail", "421", "4.7.28", "gmail-unsolicited-rate", ("spam-rate",), False),
    ),
    (
        "421-4.7.28 Gmail has detected an unusual rate of email originating from your IP address",
        ("gmail", "421", "4.7.28", "gmail-rate-limit", (), False),
    ),
    (
        "550 5.7.28 - gsmtp",
        ("gmail", "550", "5.7.28", "gmail-4.7.28", ("spam-rate", "message-format"), True),
    ),
    (
        "421-4.7.28 too many messages with the same Message-ID",
        ("gmail", "421", "4.7.28", "gmail-message-id-repeated", ("message-format",), False),
    ),
    # Gmail: the old codes, by their words.
    (
        (
            "550-5.7.1 [192.0.2.1] Our system has detected that this message is not RFC 5322 compliant: duplicate headers. "
            "550 5.7.1 To reduce the amount of spam sent to Gmail, this message has been blocked. gsmtp"
        ),
        ("gmail", "550", "5.7.1", "message-format", ("message-format",), False),
    ),
    (
        "550-5.7.1 [192.0.2.1] Our system has detected that this message is likely unsolicited mail. - gsmtp",
        ("gmail", "550", "5.7.1", "reputation", ("spam-rate",), False),
    ),
    (
        (
            "550-5.7.1 [2001:db8::1] Our system has detected that this message does not meet IPv6 sending guidelines regarding "
            "PTR records and authentication. - gsmtp"
        ),
        ("gmail", "550", "5.7.1", "reverse-dns", ("reverse-dns",), False),
    ),
    ("550 5.7.1 refused", (None, "550", "5.7.1", "refused-5.7.1", ("spam-rate", "message-format"), True)),
    ("421-4.7.0 no TLS on this connection - gsmtp", ("gmail", "421", "4.7.0", "tls", ("tls",), False)),
    ("421-4.7.0 no PTR record - gsmtp", ("gmail", "421", "4.7.0", "reverse-dns", ("reverse-dns",), False)),
    (
        "421-4.7.0 Try again later, closing connection. - gsmtp",
        ("gmail", "421", "4.7.0", "gmail-4.7.0", ("reverse-dns", "tls", "spam-rate"), True),
    ),
    ("554 5.6.0 malformed - gsmtp", ("gmail", "554", "5.6.0", "gmail-message-format", ("message-format",), False)),
    (
        "552 5.3.4 header too large - gsmtp",
        ("gmail", "552", "5.3.4", "gmail-header-size", ("message-format",), False),
    ),
    # Yahoo
    (
        "host mta7.am0.yahoodns.net said: 421 4.7.0 [TSS04] Messages from 192.0.2.1 temporarily deferred",
        ("yahoo", "421", "4.7.0", "yahoo-deferred", ("spam-rate",), False),
    ),
    (
        "553 5.7.2 [TSS09] all messages refused",
        ("yahoo", "553", "5.7.2", "yahoo-refused-sender", ("spam-rate",), False),
    ),
    ("553 5.7.1 [BL21] connections refused", ("yahoo", "553", "5.7.1", "yahoo-block-list", (), False)),
    ("554 Message not allowed - [PH01] Email not accepted", ("yahoo", "554", "", "yahoo-content", (), False)),
    (
        "550 5.7.9 Message not accepted for policy reasons. See https://senders.yahooinc.com/smtp-error-codes",
        ("yahoo", "550", "5.7.9", "yahoo-unauthenticated", ("spf-or-dkim",), False),
    ),
    (
        "554 5.7.9 Message not accepted for policy reasons. See https://senders.yahooinc.com/smtp-error-codes",
        ("yahoo", "554", "5.7.9", "yahoo-dmarc-policy", ("dmarc-policy",), False),
    ),
    (
        "451 Sender domain does not exist (yahoo)",
        ("yahoo", "451", "", "sender-domain", ("sender-domain",), False),
    ),
    # Outlook.com
    (
        (
            "550 5.7.509 Access denied, sending domain example.com does not pass DMARC verification and has a DMARC policy of "
            "reject. [X.prod.outlook.com]"
        ),
        ("outlook", "550", "5.7.509", "outlook-dmarc-policy", ("dmarc-policy",), False),
    ),
    ("550 5.7.512 no From", ("outlook", "550", "5.7.512", "outlook-message-format", ("message-format",), False)),
    ("550 5.7.23 SPF violated", (None, "550", "5.7.23", "spf", ("spf",), False)),
    (
        "550 5.6.11 SMTPSEND.BareLinefeedsAreIllegal; message contains bare linefeeds",
        ("outlook", "550", "5.6.11", "outlook-bare-linefeed", ("message-format",), False),
    ),
    (
        "550 5.7.1 Unfortunately, messages from [192.0.2.1] weren't sent (S3150). [X.outlook.com]",
        ("outlook", "550", "5.7.1", "outlook-blocked", (), False),
    ),
    ("421 RP-001 (SNT004-MC1F1) rate limit exceeded", ("outlook", "421", "", "outlook-reputation", (), False)),
    # iCloud
    (
        "554 5.7.1 [HME1] message rejected",
        ("icloud", "554", "5.7.1", "icloud-unauthenticated", ("spf-or-dkim",), False),
    ),
    ("550 5.7.1 [CS01] message rejected", ("icloud", "550", "5.7.1", "icloud-reputation", (), False)),
    (
        "554 5.7.1 Your message was rejected due to example.com's DMARC policy. See https://support.apple.com/HT204137",
        ("icloud", "554", "5.7.1", "dmarc-policy", ("dmarc-policy",), False),
    ),
    ("450 4.1.8 sender address rejected", (None, "450", "4.1.8", "sender-domain", ("sender-domain",), False)),
    ("421 4.7.1 too many messages; mx01.mail.icloud.com", ("icloud", "421", "4.7.1", "icloud-rate-limit", (), False)),
    ("421 4.7.1 greylisted", (None, "421", "4.7.1", "greylisted", (), False)),
    # Anyone, and SES itself
    (
        "smtp; 550 5.1.1 <nobody@example.net>: Recipient address rejected: User unknown",
        (None, "550", "5.1.1", "recipient-unknown", ("bounce-handling",), False),
    ),
    ("550 mailbox not found", (None, "550", "", "recipient-unknown", ("bounce-handling",), False)),
    ("452 4.2.2 over quota", (None, "452", "4.2.2", "mailbox-full", (), False)),
    (
        "554 Transaction failed: Duplicate header 'DKIM-Signature'.",
        ("ses", "554", "", "ses-duplicate-header", ("message-format",), False),
    ),
    (
        (
            "554 Message rejected: Email address is not verified. The following identities failed the check in region "
            "US-EAST-1: info@example.com"
        ),
        ("ses", "554", "", "ses-not-verified", (), False),
    ),
    (
        "Amazon SES did not send the message to this address because it is on the suppression list for your account.",
        ("ses", "", "", "ses-suppressed", ("bounce-handling",), False),
    ),
    ("250 2.0.0 OK", (None, "250", "2.0.0", "unknown", (), False)),
    ("", (None, "", "", "unknown", (), False)),
]


@pytest.mark.parametrize(("line", "expected"), LINES, ids=[line[:40] or "empty" for line, _ in LINES])
def test_what_a_reply_names(line, expected):
    found = diagnose(line)
    assert (
        found.receiver,
        found.basic,
        found.enhanced,
        found.tag,
        found.requirements,
        found.ambiguous,
    ) == expected
    assert found.text.en
    assert found.text.ja


def test_outlook_tells_three_results():
    found = diagnose(
        "550 5.7.515 Access denied, sending domain EXAMPLE.COM does not meet the required authentication level. Spf= Pass , "
        "Dkim= Fail , DMARC= Pass"
    )
    assert (found.receiver, found.tag) == ("outlook", "outlook-authentication")
    assert found.requirements == ("spf-and-dkim", "dkim")
    assert found.values == {"spf": "pass", "dkim": "fail", "dmarc": "pass"}
    assert "SPF=pass, DKIM=fail, DMARC=pass" in found.text.en
    assert "DKIM=fail" in found.text.ja


def test_outlook_without_its_results():
    found = diagnose("550 5.7.515 Access denied")
    assert found.requirements == ("spf-and-dkim",)
    assert found.values == {}


def test_every_failed_result_of_outlook_is_named():
    found = diagnose("550 5.7.515 x Spf=Fail, Dkim=None, DMARC=Fail")
    assert found.requirements == ("spf-and-dkim", "spf", "dkim", "dmarc-alignment")


@pytest.mark.parametrize(
    "wrapped",
    [
        "550 5.7.30 DKIM",
        "550-5.7.30 DKIM",
        "smtp; 550 5.7.30 DKIM",
        "smtp;550-5.7.30 DKIM",
        "host gmail-smtp-in.l.google.com[192.0.2.5] said: 550-5.7.30 DKIM (in reply to end of DATA command)",
        "SMTP error from remote mail server after end of data: 550-5.7.30 DKIM",
        "550 #5.7.30 DKIM",
        '"550 5.7.30 DKIM"',
        "  550\t5.7.30 DKIM\r\n",
    ],
)
def test_whatever_stands_around_the_reply(wrapped):
    found = diagnose(wrapped)
    assert (found.basic, found.enhanced, found.tag) == ("550", "5.7.30", "gmail-dkim")


def test_an_address_is_no_code():
    found = diagnose("550 5.7.26.1 is listed")
    assert found.enhanced == ""


def test_the_enhanced_code_alone():
    found = diagnose("5.7.25")
    assert (found.basic, found.enhanced, found.requirements) == ("", "5.7.25", ("reverse-dns",))


def test_a_code_of_gmail_from_another_receiver_is_not_gmails():
    found = diagnose("550 5.7.30 rejected by outlook.com")
    assert (found.receiver, found.tag) == ("outlook", "refused")


def test_only_the_beginning_of_a_long_reply_is_read():
    assert diagnose("x" * 8_192 + " 550 5.7.30").tag == "unknown"
    assert diagnose("x" * 8_000 + " 550 5.7.30").tag == "gmail-dkim"


def test_one_tag_one_text():
    texts = {}
    for rule in (*RULES, UNKNOWN):
        assert texts.setdefault(rule.tag, rule.text) == rule.text


@given(st.text(alphabet=st.sampled_from("45.71 -;:[]\n\x00abSDPFMtls=,"), max_size=200) | st.text(max_size=200))
def test_never_raises(line):
    assert diagnose(line).tag


def test_every_requirement_that_a_reply_names_has_likely_causes_that_are_known() -> None:
    named = {requirement for rule in RULES for requirement in rule.requirements}
    assert named == BY_REQUIREMENT.keys()
    assert named <= {requirement.id for requirement in catalogue()}
    assert BY_REPLY.keys() <= {rule.tag for rule in RULES}
    assert {tag for tags in (*BY_REQUIREMENT.values(), *BY_REPLY.values()) for tag in tags} <= reasons().keys()


@pytest.mark.parametrize(
    "reply", ["550-5.7.26 This mail is unauthenticated", "550 5.7.1 [HME1]", "550 5.7.9 yahoo.com: not accepted"]
)
def test_no_cause_is_named_that_leaves_the_signature_of_ses_intact(reply: str) -> None:
    innocent = {"ses-default", "mail-from-without-spf", "spf-fail", "dkim-key-missing", "unsigned"}
    causes = diagnose(reply).causes
    assert causes[0] == "not-through-ses"
    assert not innocent & set(causes)


def test_the_causes_are_those_of_what_failed() -> None:
    assert diagnose("550 5.7.26 This mail is unauthenticated").causes == BY_REQUIREMENT["spf-or-dkim"]
    assert diagnose(GMAIL_HARDFAIL).causes[0] == "mail-from-hard-fail"
    assert diagnose("550 5.7.515 x Spf=Pass, Dkim=Fail, DMARC=Pass").causes == BY_REQUIREMENT["dkim"]
    assert diagnose("421 4.7.28 an unusual rate of email").causes == ()
