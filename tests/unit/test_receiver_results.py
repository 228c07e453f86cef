"""The receiver's results in the place of ours: what they decide, and that nobody but the receiver can write them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import product

import pytest

import todoku
from todoku.auth.ask import Answer, Question

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
CLIENT = "198.51.100.66"
DATE = "Mon, 23 Nov 2026 17:00:02 -0800"
RESTS_ON_RESULTS = {
    "spf", "dkim", "spf-or-dkim", "spf-and-dkim", "dmarc-alignment", "dmarc-policy", "dmarc-record", "postmaster-registration",
}  # fmt: skip


class Silent:
    """A DNS that answers nothing."""

    def answers(self, questions: Sequence[Question], *, seconds: float | None = None) -> list[Answer]:
        return [Answer(question, status="timeout") for question in questions]


# What each receiver's server writes on top, the hop into it last, and what it writes below that by itself.
OUTLOOK_HOP = (
    f"Received: from mail.evil.example ({CLIENT}) by TY2JPN01FT001.mail.protection.outlook.com (10.152.84.1) with "
    f"Microsoft SMTP Server (version=TLS1_2, cipher=X) id 15.20.9158.13; {DATE}"
)
GMAIL_HOP = (
    f"Received: from mail.evil.example (mail.evil.example. [{CLIENT}]) by mx.google.com with ESMTPS id d2e1a72fcca58 for "
    f"<reader@gmail.com>; {DATE}"
)
YAHOO_HOP = f"Received: from {CLIENT} (EHLO mail.evil.example) by 10.217.151.74 with SMTPs; {DATE}"
ICLOUD_HOP = f"Received: from mail.evil.example (mail.evil.example [{CLIENT}]) by mx1.icloud.com (Postfix) with ESMTPS id 1; {DATE}"
FAILS = "spf=fail smtp.mailfrom=evil.example; dkim=fail header.d=victim.example; dmarc=fail header.from=victim.example"
RECEIVERS = {
    "Outlook.com": ([f"Authentication-Results: {FAILS}", OUTLOOK_HOP], []),
    "Gmail": (
        [GMAIL_HOP],
        [
            f"Received-SPF: fail (google.com: domain of evil.example) client-ip={CLIENT};",
            f"Authentication-Results: mx.google.com; {FAILS}",
        ],
    ),
    "Yahoo": (
        ["X-Apparently-To: reader@yahoo.com", f"Authentication-Results: atlas1.free.mail.bf1.yahoo.com; {FAILS}", YAHOO_HOP],
        [],
    ),
    "iCloud": (
        [ICLOUD_HOP],
        [
            *(f"Authentication-Results: {name}.icloud.com; {one}" for name, one in zip(("spf", "dkim-verifier", "dmarc"), FAILS.split("; "), strict=True)),
            f"Received-SPF: fail (spf.icloud.com: domain of evil.example) client-ip={CLIENT};",
        ],
    ),
}  # fmt: skip

PASSES = "spf=pass smtp.mailfrom=victim.example; dkim=pass header.d=victim.example header.i=@victim.example; dmarc=pass (p=REJECT) header.from=victim.example"  # fmt: skip
FORGED_RESULTS = (
    *(
        f"Authentication-Results: {authserv_id}{PASSES}"
        for authserv_id in (
            "", "mx.google.com; ", "mx.microsoft.com 1; ", "atlas1.free.mail.bf1.yahoo.com; ", "spf.icloud.com; ", "dmarc.icloud.com; ",
            "dkim-verifier.icloud.com; ", "mx1.icloud.com; ", "(mx.google.com) ", '"mx.google.com"; ',
        )
    ),
    f"ARC-Authentication-Results: i=1; mx.google.com; {PASSES}",
    f"Authentication-Results-Original: {PASSES}",
    f"X-Authentication-Results: mx.google.com; {PASSES}",
)  # fmt: skip
FORGED_AROUND = (
    [],
    [OUTLOOK_HOP.replace(CLIENT, "203.0.113.10").replace("mail.evil", "mail.victim")],
    [GMAIL_HOP.replace(CLIENT, "203.0.113.10").replace("mail.evil", "mail.victim")],
    [f"Received-SPF: pass (google.com: domain of victim.example designates {CLIENT}) client-ip={CLIENT};"],
    [f"Received-SPF: pass (spf.icloud.com: domain of victim.example designates {CLIENT}) client-ip={CLIENT};"],
    [f"Received: by 2002:a05:6a00:1234:b0:1 with SMTP id x; {DATE}", "ARC-Seal: i=1; a=rsa-sha256; cv=none; d=google.com; s=arc-20240605; t=1; b=AAAA"],
)  # fmt: skip


def looked_at(*lines: str, trust: str | None = None) -> todoku.Report:
    """A header alone, and no DNS: the most that can be made of a receiver's word."""
    rest = ["From: ceo@victim.example", "Subject: hello", f"Date: {DATE}", "Message-ID: <1@victim.example>"]
    raw = "\r\n".join([*lines, *rest, ""]).encode()
    return todoku.check(raw, resolver=Silent(), settings=todoku.Settings(now=NOW, trust=trust))


@pytest.mark.parametrize("receiver", RECEIVERS)
def test_what_a_sender_writes_below_the_border_decides_nothing(receiver: str) -> None:
    above, own = RECEIVERS[receiver]
    honest = looked_at(*above, *own)
    expected = [(one.requirement, one.receiver, one.result, one.reason.tag) for one in honest.verdicts]
    assert {one.reported_by for one in honest.verdicts if one.result == "fail"} == {receiver}
    for forged, around in product(FORGED_RESULTS, FORGED_AROUND):
        for lines in ([forged, *around], [*around, forged]):
            report = looked_at(*above, *own, *lines)
            assert {one.reported_by for one in report.verdicts} <= {"", receiver}
            for one, (*_, result, _tag) in zip(report.verdicts, expected, strict=True):
                if one.requirement in RESTS_ON_RESULTS:
                    # A sign of forwarding, which anyone can write, may take a verdict away; it never turns one into a pass.
                    assert one.result in (result, "notapplicable", "unknown"), (lines, one.requirement)
                    assert not [shown for shown in one.exhibits if "=pass" in shown.value], lines


@pytest.mark.parametrize("receiver", ["Outlook.com", "Yahoo"])
def test_where_the_receiver_wrote_nothing_a_senders_word_does_not_stand_in(receiver: str) -> None:
    above = [line for line in RECEIVERS[receiver][0] if not line.startswith("Authentication-Results")]
    for forged, around in product(FORGED_RESULTS, FORGED_AROUND):
        report = looked_at(*above, forged, *around)
        assert not [one for one in report.verdicts if one.reported_by], (forged, around)


@pytest.mark.parametrize(
    "hidden",
    [
        f"spf=fail (domain of x; {PASSES}) smtp.mailfrom=evil.example; dkim=none; dmarc=fail header.from=victim.example",
        f'spf=fail smtp.mailfrom="x; {PASSES}"@evil.example; dkim=none; dmarc=fail header.from=victim.example',
    ],
)
def test_what_stands_in_a_comment_or_a_quoted_string_decides_nothing(hidden: str) -> None:
    report = looked_at(f"Authentication-Results: {hidden}", OUTLOOK_HOP)
    found = {one.requirement: one.result for one in report.verdicts if one.receiver == "gmail"}
    assert (found["spf"], found["dkim"], found["dmarc-alignment"]) == ("fail", "fail", "fail")


@pytest.mark.parametrize("word", ["fail", "temperror", "pass"])
@pytest.mark.parametrize("name", ["smtp.mailfrom", "smtp.mail"])
def test_what_passes_for_helo_is_no_pass_for_the_mail_from_beside_it(name: str, word: str) -> None:
    both = (
        f"spf=pass smtp.helo=victim.example; spf={word} {name}=evil.example",
        f"spf={word} {name}=evil.example; spf=pass smtp.helo=victim.example",
    )
    for spf in both:
        report = looked_at(f"Authentication-Results: {spf}; dkim=none", OUTLOOK_HOP)
        found = {one.result for one in report.verdicts if one.requirement == "dmarc-alignment"}
        assert found <= {"fail", "unknown"}, spf


def test_what_passes_for_helo_is_no_pass_where_the_mail_from_is_known() -> None:
    results = "Authentication-Results: mx.isp.example; spf=pass smtp.helo=victim.example; dkim=none"
    hop = f"Received: from mail.evil.example (mail.evil.example [{CLIENT}]) by mx.isp.example (Postfix) with ESMTPS id 1; {DATE}"
    for mail_from, result in (("<a@evil.example>", {"fail"}), ("<>", {"warn", "pass"})):
        report = looked_at(f"Return-Path: {mail_from}", results, hop)
        assert {one.result for one in report.verdicts if one.requirement == "dmarc-alignment"} == result, mail_from


@pytest.mark.parametrize("named", ["header.d={}", "header.i=@{}", "header.i=@{} header.s=s"])
def test_a_signature_that_repeats_the_beginning_of_another_does_not_pass_with_it(named: str) -> None:
    domains = ("evil.example", "victim.example")
    signatures = [
        f"DKIM-Signature: v=1; a=rsa-sha256; d={domain}; s=s; h=from:date; bh={'A' * 43}=; b={'QWxhZGRp' * 4}{number}AAA"
        for number, domain in enumerate(domains)
    ]
    words = "; ".join(
        f"dkim={word} {named.format(domain)} header.b=QWxhZGRp"
        for word, domain in zip(("pass", "fail"), domains, strict=True)
    )
    lines = [*signatures, "From: ceo@victim.example", f"Date: {DATE}", "", "body", ""]
    for results in (words, words.partition("; ")[0]):
        header = [f"Authentication-Results: {results}; spf=fail smtp.mailfrom=evil.example", OUTLOOK_HOP]
        report = todoku.check("\r\n".join([*header, *lines]).encode(), resolver=Silent(), now=NOW)
        aligned = {one.result for one in report.verdicts if one.requirement == "dmarc-alignment"}
        assert aligned <= {"fail", "unknown"}, results


@pytest.mark.parametrize(("mode", "result"), [("s", "fail"), ("r", "warn")])
def test_a_signer_is_the_domain_of_the_signature_where_the_receiver_names_its_identity(mode: str, result: str) -> None:
    """RFC 6376 section 3.5: i= may lie below d=. Gmail names i= alone."""
    zone = todoku.Zone.from_dict({"_dmarc.news.victim.example": [("TXT", f"v=DMARC1; p=reject; adkim={mode}")]})
    spf = f"Received-SPF: fail (google.com: domain of evil.example) client-ip={CLIENT};"
    results = "Authentication-Results: mx.google.com; dkim=pass header.i=@news.victim.example header.s=s; spf=fail smtp.mailfrom=evil.example"
    signature = (
        "DKIM-Signature: v=1; a=rsa-sha256; d=victim.example; i=@news.victim.example; s=s; h=from; bh=AAAA; b=AAAA"
    )
    lines = [GMAIL_HOP, spf, results, signature, "From: news@news.victim.example", f"Date: {DATE}", ""]
    report = todoku.check("\r\n".join(lines).encode(), resolver=zone, now=NOW)
    found = {one.result for one in report.verdicts if (one.requirement, one.receiver) == ("dmarc-alignment", "gmail")}
    assert found == {result}


@pytest.mark.parametrize("blank", "\x0b\x0c\x1c\x1f\x85\xa0")
@pytest.mark.parametrize("name", ["smtp.mailfrom", "smtp.mail", "smtp.helo"])
def test_a_local_part_ends_at_no_white_space_of_unicode(blank: str, name: str) -> None:
    """Such a local part needs no quotes: RFC 6532 section 3.2."""
    spf = f"spf=pass {name}=victim.example{blank}a=b@evil.example"
    lines = [f"Authentication-Results: {spf}; dkim=none", OUTLOOK_HOP, "From: ceo@victim.example", f"Date: {DATE}", ""]
    report = todoku.check("\r\n".join(lines).encode("latin-1"), resolver=Silent(), now=NOW)
    assert {one.result for one in report.verdicts if one.requirement == "dmarc-alignment"} == {"fail"}


@pytest.mark.parametrize(
    ("spf", "result"),
    [
        ("spf=pass smtp.mailfrom=victim.example", "pass"),
        ("spf=pass smtp.mailfrom=a@mail.victim.example", "pass"),
        ("spf=pass smtp.helo=victim.example", "pass"),
        ("spf=neutral smtp.mailfrom=victim.example", "fail"),
        ("spf=hardfail smtp.mailfrom=victim.example", "fail"),
        (
            "spf=pass (google.com: best guess record for domain of a@victim.example) smtp.mailfrom=a@victim.example",
            "fail",
        ),
        ("spf=temperror smtp.mailfrom=victim.example", "unknown"),
        ("spf=unknown smtp.mailfrom=victim.example", "unknown"),
        ("spf=pass", "unknown"),  # for which domain it does not say
    ],
)
def test_which_words_on_spf_stand_in_for_ours(spf: str, result: str) -> None:
    report = looked_at(f"Authentication-Results: {spf}; dkim=temperror header.d=victim.example", OUTLOOK_HOP)
    (verdict,) = [one for one in report.verdicts if (one.requirement, one.receiver) == ("spf", "yahoo")]
    assert (verdict.result, bool(verdict.reported_by)) == (result, result != "unknown")


@pytest.mark.parametrize(
    ("results", "aligned"),
    [
        ("spf=pass smtp.mailfrom=victim.example; dkim=none", "pass"),
        ("spf=none smtp.mailfrom=other.example; dkim=pass header.i=@victim.example", "pass"),
        ("spf=pass smtp.mailfrom=other.example; dkim=pass header.d=another.example; dmarc=pass header.from=victim.example", "fail"),
        ("spf=pass smtp.mailfrom=other.example; dkim=pass header.d=evilvictim.example", "fail"),
        ("spf=pass smtp.mailfrom=other.example", "unknown"),  # nothing of DKIM
        ("spf=pass smtp.mailfrom=other.example; dkim=temperror header.d=victim.example", "unknown"),
        ("spf=pass smtp.mailfrom=other.example; dkim=pass header.d=sub.victim.example", "unknown"),  # turns on the record
    ],
)  # fmt: skip
def test_alignment_is_worked_out_from_the_domains_that_the_receiver_names(results: str, aligned: str) -> None:
    report = looked_at(f"Authentication-Results: {results}", OUTLOOK_HOP)
    found = {one.result for one in report.verdicts if one.requirement == "dmarc-alignment" and one.receiver == "yahoo"}
    assert found == {aligned}


@pytest.mark.parametrize(("before", "result"), [(37, "pass"), (38, "pass"), (39, "unknown")])
def test_of_a_receivers_results_so_many_are_looked_at(before: int, result: str) -> None:
    """The first of them is SPF's; DKIM's deciding one stands behind ``before`` that decide nothing."""
    results = ["spf=none smtp.mailfrom=a.example", *["dkim=temperror header.d=victim.example"] * before]
    report = looked_at(
        f"Authentication-Results: {'; '.join([*results, 'dkim=pass header.d=victim.example'])}", OUTLOOK_HOP
    )
    found = [one.result for one in report.verdicts if (one.requirement, one.receiver) == ("dkim", "yahoo")]
    assert found == [result]


def test_where_the_received_fields_were_cut_off_nothing_shows_whose_word_it_is() -> None:
    line = f"Authentication-Results: {FAILS}"
    report = looked_at(line)
    assert not [one for one in report.verdicts if one.reported_by]
    found = [one for one in report.verdicts if one.requirement == "spf" and one.receiver == "gmail"]
    assert [(one.result, one.reason.tag, one.missing) for one in found] == [
        ("unknown", "received-cut-off", "could-not-look")
    ]
    named = looked_at(line, "Authentication-Results: below.example; spf=pass", trust="outlook.com")
    assert {one.reported_by for one in named.verdicts if one.requirement == "spf"} == {"Outlook.com"}
    assert {one.result for one in named.verdicts if one.requirement in ("spf", "dkim")} == {"fail"}


def test_results_of_a_server_that_the_user_names_are_told_as_its_word() -> None:
    lines = [f"Authentication-Results: filter.example.net; {PASSES}", OUTLOOK_HOP.replace("protection.outlook.com", "example.org")]  # fmt: skip
    report = looked_at(*lines, trust="filter.example.net")
    assert {one.reported_by for one in report.verdicts if one.requirement == "dkim"} == {"filter.example.net"}
    assert not [one for one in looked_at(*lines, trust="none").verdicts if one.reported_by]
