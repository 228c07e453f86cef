"""A corpus of replies with what each means: known to at least 95 in 100, none told to do harm, and each cause able to give its reply."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import NamedTuple

import pytest

from todoku.feedback.bounce import diagnose
from todoku.feedback.bounce_codes import RULES
from todoku.feedback.recipients import receiver_of
from todoku.feedback.replies.rule import HANDLING, REPLIERS

CORPUS = Path(__file__).parent / "replies.tsv"
PAGE = Path(__file__).parents[2] / "docs" / "bounces.md"
SOURCES = ("page", "bounce", "told")


class Reply(NamedTuple):
    """A line of the corpus."""

    receiver: str
    tag: str
    handling: str
    source: str
    text: str


REPLIES = [
    Reply(*line.split("\t"))
    for line in CORPUS.read_text(encoding="utf-8").splitlines()
    if line and not line.startswith("#")
]


def test_the_corpus_is_large_and_says_where_each_line_is_from() -> None:
    assert len(REPLIES) >= 300
    assert len({one.text for one in REPLIES}) == len(REPLIES)
    assert {one.source for one in REPLIES} == set(SOURCES)


@pytest.mark.parametrize("reply", REPLIES, ids=[one.text[:60] for one in REPLIES])
def test_what_each_reply_means(reply: Reply) -> None:
    found = diagnose(reply.text)
    assert (found.receiver or "", found.tag, found.handling) == (reply.receiver, reply.tag, reply.handling)


def test_at_least_95_in_100_are_known_at_each_receiver() -> None:
    lines = Counter(one.receiver for one in REPLIES)
    known = Counter(one.receiver for one in REPLIES if diagnose(one.text).tag != "unknown")
    assert {name: known[name] / number for name, number in lines.items() if known[name] / number < 0.95} == {}


def test_every_meaning_is_shown_by_a_reply() -> None:
    """A rule that nobody shows is dropped."""
    assert {rule.tag for rule in RULES} - {one.tag for one in REPLIES} == set()


HARMLESS = [
    "550-5.2.1 The user you are trying to contact is receiving email at a rate that prevents additional messages - gsmtp",
    "450-4.2.1 The user you are trying to contact is receiving email too quickly.",
    "552 5.3.4 Your message exceeded Google's message size limits. - gsmtp",
    "552-5.7.0 This message was blocked because its content presents a potential security issue. - gsmtp",
    "550 5.2.1",
    "550 Unknown user taro@docomo.ne.jp",
    "550 : User unknown",
    "host msmx.au.com said: 550 : User unknown",
    "550 <hanako@ezweb.ne.jp>: User unknown",
    "552 Too much mail data taro@docomo.ne.jp",
    "452 4.2.2 over quota",
    "454 Throttling failure: Daily message quota exceeded.",
    "550 5.4.1 [user@example.net]: Recipient address rejected: Access denied [x.outlook.com]",
    "450 Requested mail action not taken: mailbox unavailable",
    "552 5.1.1 <user@example.net> recipient rejected - extended quota violation",
    "552 5.1.1 <user@example.net> Mailbox delivery failure policy error",
    "550 Mailbox unavailable or access denied",
    "550 no such address here (MX do not point to us)",
    "550 <user@example.net>: Invalid DNS MX or A/AAAA resource record",
    "550-Requested action not taken: mailbox unavailable 550-Reject due to policy restrictions. 550 https://postmaster.gmx.net/",
    "550 5.7.1 <recipient.unknown@example.net>: refused",
    "451 Invalid Recipient - https://community.mimecast.com/docs/DOC-1369#451",
    "421 4.1.1 <user@example.net>: Recipient address rejected: unverified address: Address verification in progress",
    "smtp; 550 4.4.7 Message expired: unable to deliver in 840 minutes.<421 4.4.0 Unable to lookup DNS for example.net>",
    "Amazon SES did not send the message to this address because it is on the suppression list for your account.",
]
"""Replies from which an address may be a good one."""


@pytest.mark.parametrize("line", HARMLESS)
def test_a_good_address_is_not_given_up(line: str) -> None:
    assert diagnose(line).handling != "stop"


def test_what_to_do_is_said_in_both_languages_and_only_one_way_gives_the_address_up() -> None:
    assert {rule.handling for rule in RULES} == HANDLING.keys()
    kept = [text for name, text in HANDLING.items() if name not in ("stop", "account")]
    assert all("Keep the address" in text.en and "宛先" in text.ja for text in kept)


@pytest.mark.parametrize(
    ("line", "receiver"),
    [
        ("host mx2.mail.yahoo.co.jp said: 554 refused", "yahoo-japan"),
        ("554 x. Please visit http://www.yahoo-help.jp/", "yahoo-japan"),
        ("554 x. Please visit https://support.yahoo-net.jp/", "yahoo-japan"),
        ("host mta5.am0.yahoodns.net said: 554 refused", "yahoo"),
        ("554 5.7.9 refused by yahoo.co.jp", "yahoo-japan"),
    ],
)
def test_yahoo_japan_is_not_yahoo(line: str, receiver: str) -> None:
    found = diagnose(line)
    assert found.receiver == receiver
    assert not (receiver == "yahoo-japan" and found.tag.startswith("yahoo-") and found.tag != "yahoo-japan-dmarc")


def test_the_recipients_domain_tells_who_replied() -> None:
    assert diagnose("550 : User unknown", "ezweb.ne.jp").tag == "au-filtered"
    assert diagnose("550 : User unknown", "example.net").tag == "unknown-or-filtered"
    assert diagnose("550 Unknown user", "docomo.ne.jp").handling == "find-out"
    assert diagnose("550 5.1.1 no such user", "gmail.com").receiver == "gmail"


@pytest.mark.parametrize(
    ("domain", "receiver"),
    [
        ("docomo.ne.jp", "docomo"),
        ("t.vodafone.ne.jp", "softbank"),
        ("EZWEB.ne.jp", "au"),
        ("yahoo.co.jp", "yahoo-japan"),
        ("yahoo.com", "yahoo"),
        ("notdocomo.ne.jp", None),
        ("example.com", None),
        ("", None),
    ],
)
def test_whose_a_domain_is(domain: str, receiver: str | None) -> None:
    assert receiver_of(domain) == receiver


# What must be so of the mail for a reply to be given, and what a cause makes of mail that SES signs as amazonses.com.
NEEDS: dict[str, set[str]] = {
    "gmail-unauthenticated": {"spf and dkim fail"},
    "yahoo-unauthenticated": {"spf and dkim fail"},
    "icloud-unauthenticated": {"spf and dkim fail"},
    "unauthenticated": {"spf and dkim fail"},
    "gmail-5.7.26": {"spf and dkim fail", "not aligned", "spf fails by -all"},
    "5.7.9": {"spf and dkim fail", "not aligned"},
    "gmail-dmarc-policy": {"not aligned"},
    "yahoo-dmarc-policy": {"not aligned"},
    "yahoo-japan-dmarc": {"not aligned"},
    "outlook-dmarc-policy": {"not aligned"},
    "dmarc-policy": {"not aligned"},
    "gmail-dmarc-alignment": {"not aligned"},
    "gmail-spf-hardfail": {"spf fails by -all"},
    "gmail-spf": {"spf fails"},
    "spf": {"spf fails"},
    "gmail-spf-suspicious": {"the spf record is odd"},
    "gmail-message-id-repeated": {"many with one message-id"},
    "gmail-4.7.28": {"users complain", "many with one message-id"},
    "gmail-attachments": {"too many attachments"},
    "gmail-header-size": {"large header"},
    "5.3.4": {"large message", "large header"},
    "line-too-long": {"long line"},
    "ses-address-dots": {"dots in an address"},
    "mail-from-no-dns": {"no record of the domain"},
    "yahoo-domain-unresolved": {"no record of the domain", "null mx"},
    "sender-domain": {"no record of the domain", "null mx"},
    "outlook-bare-linefeed": {"bare linefeed"},
    "outlook-message-format": {"malformed from"},
    "message-format": {"malformed header"},
    "gmail-message-format": {"malformed header"},
    "gmail-dkim": {"dkim fails"},
    "dkim": {"dkim fails"},
}
GIVES: dict[str, set[str]] = {
    "not-through-ses": {"spf and dkim fail", "spf fails", "dkim fails", "not aligned"},
    "altered-after-ses": {"spf and dkim fail", "dkim fails", "not aligned"},
    "dkim-body-changed": {"dkim fails", "not aligned"},
    "dkim-header-changed": {"dkim fails", "not aligned"},
    "dkim-key-missing": {"not aligned"},  # amazonses.com's signature still passes
    "ses-default": {"not aligned"},
    "from-consumer-domain": {"not aligned"},
    "from-other-domain": {"not aligned"},
    "strict-dkim": {"not aligned"},
    "strict-spf": {"not aligned"},
    "mail-from-without-spf": {"spf fails"},
    "spf-fail": {"spf fails", "spf fails by -all"},
    "spf-several-records": {"spf fails"},
    "spf-too-many-lookups": {"spf fails"},
    "mail-from-hard-fail": {"spf fails by -all"},
    "spf-broken-by-forwarding": {"spf fails", "spf fails by -all"},
    "spf-open": {"the spf record is odd"},
    "spf-syntax": {"the spf record is odd", "spf fails"},
    "spam-rate-elsewhere": {"users complain"},
    "header-too-large": {"large header"},
    "field-too-long": {"large header"},
    "message-too-large": {"large message"},
    "line-too-long": {"long line", "malformed header"},
    "address-dots": {"dots in an address"},
    "sender-domain-missing": {"no record of the domain"},
    "sender-domain-null-mx": {"null mx"},
    "bare-lf": {"bare linefeed", "malformed header"},
    "bare-cr": {"bare linefeed"},
    "from-syntax": {"malformed from"},
    "missing-from": {"malformed from"},
    "from-several-addresses": {"malformed from", "malformed header"},
    "duplicate-field": {"malformed header"},
    "header-8bit": {"malformed header"},
}


SAID_ALONE = {"gmail-message-id-repeated", "gmail-attachments"}
"""Nothing that todoku looks at gives these."""


@pytest.mark.parametrize("tag", NEEDS)
def test_each_cause_that_is_named_can_give_the_reply(tag: str) -> None:
    """A cause that leaves the mail as the reply says it is not would send people to mend what is well."""
    replies = [one.text for one in REPLIES if one.tag == tag]
    assert replies
    for text in replies:
        causes = diagnose(text).causes
        assert causes or tag in SAID_ALONE
        assert [cause for cause in causes if not NEEDS[tag] & GIVES[cause]] == []


def test_a_reply_that_names_no_requirement_names_no_cause() -> None:
    named = {
        rule.tag
        for rule in RULES
        if {"spf", "dkim", "spf-or-dkim", "dmarc-policy", "dmarc-alignment"} & {*rule.requirements}
    }
    assert named <= NEEDS.keys() | {"yahoo-policy", "ses-mail-from", "outlook-authentication"}
    assert all(diagnose(one.text).causes == () for one in REPLIES if not diagnose(one.text).requirements)


def coverage() -> str:
    """The table of ``docs/bounces.md``."""
    rows = [
        "| who replies | replies | known | of them one meaning only | from its own pages |",
        "|---|--:|--:|--:|--:|",
    ]
    for name in (*REPLIERS, ""):
        lines = [one for one in REPLIES if one.receiver == name]
        if not lines:
            continue
        found = [diagnose(one.text) for one in lines]
        known = sum(one.tag != "unknown" for one in found)
        clear = sum(one.tag != "unknown" and not one.ambiguous for one in found)
        own = sum(one.source == "page" for one in lines)
        shown = REPLIERS.get(name, "not shown by the reply")
        rows.append(f"| {shown} | {len(lines)} | {known} | {clear} | {own} |")
    known = sum(diagnose(one.text).tag != "unknown" for one in REPLIES)
    rows.append(f"| all | {len(REPLIES)} | {known} ({100 * known / len(REPLIES):.1f} %) | | |")
    return "\n".join(rows)


def test_the_page_tells_the_coverage_of_today() -> None:
    assert coverage() in PAGE.read_text(encoding="utf-8"), coverage()
