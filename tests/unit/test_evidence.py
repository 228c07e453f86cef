"""What is gathered of a message: what could not be looked at leaves DMARC open, and what a message may cost in questions."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import pytest
from msgspec.structs import replace

import todoku
from hostile import P, signed
from todoku.auth.ask import Answer, Question
from todoku.auth.dkim.verify import MAX_SIGNATURES
from todoku.evidence.authentication import DMARC_SPARE, MAX_QUESTIONS
from todoku.mail.envelope import Envelope
from todoku.words.verdict import Missing

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
BODY = b"From: Joe <joe@example.com>\r\nTo: suzie@example.net\r\nSubject: Hi\r\n\r\nHi.\r\n"
FORGED = signed(BODY).replace(b"Subject: Hi", b"Subject: Ho")
HEADER = b"Return-Path: <b@bounce.example.com>\r\n" + BODY.partition(b"\r\n\r\n")[0] + b"\r\n"
ENVELOPE = Envelope(ip="192.0.2.1", helo="mail.example.com", mail_from="b@bounce.example.com")
ZONE = f"""
example.com.                 A   192.0.2.80
_dmarc.example.com.          TXT "v=DMARC1; p=reject"
rsa._domainkey.example.com.  TXT "v=DKIM1; p={P[:200]}" "{P[200:]}"
bounce.example.com.          TXT "v=spf1 ip4:192.0.2.1 -all"
1.2.0.192.in-addr.arpa.      PTR mail.example.com.
mail.example.com.            A   192.0.2.1
"""
STRANGER = Envelope(ip="198.51.100.1", helo="mail.example.com", mail_from="b@bounce.example.com")


def authenticated(raw: bytes, envelope: Envelope | None, zone: str = ZONE) -> todoku.api.Authentication:
    return todoku.authenticate(raw, envelope, resolver=todoku.Zone.from_text(zone), now=NOW)


@pytest.mark.parametrize(
    ("raw", "envelope", "result"),
    [
        (signed(BODY), STRANGER, "pass"),
        (FORGED, ENVELOPE, "pass"),
        (BODY, STRANGER, "fail"),
        (FORGED, STRANGER, "fail"),
        (FORGED, None, "temperror"),  # SPF was not looked at
        (HEADER, replace(STRANGER, source="options"), "temperror"),  # no signature was
        (HEADER, replace(ENVELOPE, source="options"), "pass"),
        (HEADER + b"\r\n", STRANGER, "fail"),  # a server has the whole message
        (signed(BODY), None, "pass"),
    ],
    ids=["dkim", "spf", "unsigned", "neither", "no-envelope", "no-body", "spf-no-body", "empty", "dkim-no-envelope"],
)
def test_dmarc_fails_only_where_both_methods_were_looked_at(raw: bytes, envelope: Envelope | None, result: str) -> None:
    found = authenticated(raw, envelope)
    assert isinstance(found.spf, Missing) == (envelope is None)
    assert isinstance(found.dkim, Missing) == (raw == HEADER)
    assert not isinstance(found.dmarc, Missing)
    assert found.dmarc.result == result


@pytest.mark.parametrize(
    ("dark", "raw", "envelope"),
    [
        ("; !timeout rsa._domainkey.example.com TXT", FORGED, STRANGER),
        ("; !servfail bounce.example.com TXT", BODY, ENVELOPE),
        ("; !timeout _dmarc.example.com TXT", signed(BODY), ENVELOPE),
    ],
)
def test_a_silent_dns_leaves_dmarc_open(dark: str, raw: bytes, envelope: Envelope) -> None:
    found = authenticated(raw, envelope, f"{ZONE}{dark}\n").dmarc
    assert not isinstance(found, Missing)
    assert found.result == "temperror"


def test_a_name_of_the_client_that_could_not_be_looked_up_leaves_dmarc_open() -> None:
    zone = ZONE.replace("ip4:192.0.2.1", "ptr") + "; !timeout 1.2.0.192.in-addr.arpa PTR\n"
    found = authenticated(BODY, ENVELOPE, zone)
    assert not isinstance(found.spf, Missing)
    assert not isinstance(found.dmarc, Missing)
    assert (found.spf.result, found.dmarc.result) == ("fail", "temperror")


class Counting:
    """A world in which every name has what is asked for, so that nothing ends a search early."""

    def __init__(self) -> None:
        self.asked: list[Question] = []

    def answers(self, questions: Sequence[Question], *, seconds: float | None = None) -> Sequence[Answer]:
        self.asked += questions
        return [self.answer(question) for question in questions]

    def answer(self, question: Question) -> Answer:
        name, rdtype = question
        if rdtype == "PTR":
            return Answer(question, tuple(f"host{number}.example.org" for number in range(10)))
        if rdtype == "TXT" and name == "bounce.example.com":
            return Answer(question, ("v=spf1 ip4:198.51.100.1 -all",))
        return Answer(question, status="nodata")


def test_what_a_message_may_cost_in_questions() -> None:
    signatures = b"".join(
        b"DKIM-Signature: v=1; a=rsa-sha256; d=s%d.example.org; s=s%d; h=from; bh=%s; b=AAAA\r\n"
        % (number, number, b"47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=")
        for number in range(MAX_SIGNATURES + 5)
    )
    seals = b"".join(
        b"ARC-Seal: i=%d; a=rsa-sha256; cv=%s; d=a%d.example.org; s=s; b=AAAA\r\n"
        b"ARC-Message-Signature: i=%d; a=rsa-sha256; d=b%d.example.org; s=s; h=from; bh=%s; b=AAAA\r\n"
        b"ARC-Authentication-Results: i=%d; lists.example.org; spf=pass\r\n"
        % (
            *(number, b"none" if number == 1 else b"pass", number, number, number),
            *(b"47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=", number),
        )
        for number in range(25, 0, -1)
    )
    author = b"From: a@" + b".".join(b"abcdefgh"[at : at + 1] for at in range(8)) + b".example.com\r\n"
    reply = b"Reply-To: r@elsewhere.example.net\r\n"
    source = Counting()
    report = todoku.check(
        seals + signatures + author + reply + b"Subject: Hi\r\n\r\nHi.\r\n", ENVELOPE, resolver=source, now=NOW
    )
    by_dmarc = [question.name for question in source.asked if question.name.startswith("_dmarc.")]
    others = [question for question in source.asked if question.rdtype != "TXT" or question.name[:7] != "_dmarc."]
    of_spf = {
        Question("bounce.example.com", "TXT"),
        Question("a.b.c.d.e.f.g.h.example.com", "TXT"),
    }  # bounds of their own
    assert len(source.asked) == len(set(source.asked))
    assert len(set(others) - of_spf) == MAX_QUESTIONS - DMARC_SPARE
    assert "_dmarc.a.b.c.d.e.f.g.h.example.com" in by_dmarc  # it has its share, though it asks last
    assert Question("elsewhere.example.net", "MX") in others
    assert report.evidence.iprev.result == "temperror"  # for its last names nothing was left


ARRIVED = b"Received: from a ([192.0.2.1]) by mx.google.com with ESMTPS id b; %s\r\n"


@pytest.mark.parametrize(
    ("fields", "days"),
    [
        (ARRIVED % b"Tue, 24 Nov 2026 00:00:00 +0000", 0.5),
        (ARRIVED % b"Mon, 23 Nov 2026 21:00:00 +0900", 1.0),
        (b"Date: Tue, 24 Nov 2026 00:00:00 +0000\r\n", None),  # the sender's word
        (b"", None),
    ],
)
def test_how_old_a_message_is(fields: bytes, days: float | None) -> None:
    evidence = todoku.check(fields + BODY, resolver=todoku.Zone.from_text(""), now=NOW).evidence
    assert (None if isinstance(evidence.age_days, Missing) else evidence.age_days) == days


@pytest.mark.parametrize("source", ["session", "options"])
def test_in_a_session_no_field_of_the_message_dates_it(source: str) -> None:
    raw = ARRIVED % b"Tue, 24 Nov 2026 00:00:00 +0000" + BODY
    settings = todoku.Settings(envelope=replace(ENVELOPE, source=source), now=NOW)
    evidence = todoku.check(raw, resolver=todoku.Zone.from_text(""), settings=settings).evidence
    assert isinstance(evidence.age_days, Missing) == (source == "session")


def test_a_message_that_does_not_show_by_whom_it_was_handed_in_was_sent_all_the_same() -> None:
    raw = b"Received: from x with IMAP ([192.0.2.1]) by mx.google.com with ESMTPS id b\r\n" + BODY
    evidence = todoku.check(raw, resolver=todoku.Zone.from_text(ZONE), now=NOW).evidence
    assert isinstance(evidence.envelope, Missing)
    assert (evidence.envelope.kind, evidence.envelope.reason.tag) == ("could-not-look", "no-envelope")
    assert authenticated(raw, ENVELOPE).spf.result == "pass"
