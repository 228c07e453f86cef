"""Through however many mailboxes a message went: address, HELO and MAIL FROM are of one session, the one its receiver judged."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import todoku
from hostile import RSA, P
from todoku.mail.message import scan
from todoku.mail.route import trace
from todoku.words.verdict import Missing

CASES = Path(__file__).parent.parent / "cases"

DATE = "Mon, 23 Nov 2026 17:00:02 -0800"
TLS = "(version=TLS1_3, cipher=TLS_AES_256_GCM_SHA384)"


class Session(NamedTuple):
    """One SMTP session: who speaks, and what it says."""

    ip: str
    helo: str
    mail_from: str

    @property
    def domain(self) -> str:
        return self.mail_from.rpartition("@")[2]


# How each kind of server speaks to the next one, the number telling one server of a kind from another.
SENDS = {
    "ses": lambda n: Session(
        f"23.251.234.{n}", f"e234-{n}.smtp-out.ap-northeast-1.amazonses.com", "0106-1@ap-northeast-1.amazonses.com"
    ),
    "gmail": lambda n: Session(f"209.85.220.{40 + n}", f"mail-sor-f{40 + n}.google.com", f"u+caf_=v=w@g{n}.example"),
    "outlook": lambda n: Session(
        f"40.107.215.{90 + n}",
        f"APC01-SG{n}-obe.outbound.protection.outlook.com",
        f"bounces+SRS=abc=de@o{n}.example",
    ),
    "yahoo": lambda n: Session(f"77.238.178.{n}", f"sonic{n}.consmr.mail.ir2.yahoo.com", f"u@y{n}.example"),
    "icloud": lambda n: Session(f"17.58.38.{n}", f"mr85p00im-ztdg06{n}.me.com", f"u@i{n}.example"),
    "postfix": lambda n: Session(f"203.0.113.{n}", f"out.p{n - 1}.example", f"SRS0=ab=cd=x=u@p{n - 1}.example"),
}


def gmail(session, n, inner):
    results = f"mx.google.com; spf=pass (google.com: domain of {session.mail_from} designates {session.ip} as permitted sender) smtp.mailfrom={session.mail_from}"
    return [
        f"Received: by 2002:a05:7110:{n}:b0:2f4:9a3c:71de with SMTP id o4csp{n}; {DATE}",
        *[f"X-Received: by 2002:a05:6a20:{n}::1 with SMTP id x; {DATE}"] * inner,
        f"ARC-Seal: i={n}; a=rsa-sha256; t=1; cv=none; d=google.com; s=arc; b=x",
        f"ARC-Authentication-Results: i={n}; {results}",
        f"Return-Path: <{session.mail_from}>",
        f"Received: from {session.helo} ({session.helo}. [{session.ip}]) by mx.google.com with ESMTPS id {n} for <u@g{n}.example>; {DATE}",
        f"Received-SPF: pass (google.com: domain of {session.mail_from} designates {session.ip} as permitted sender) client-ip={session.ip};",
        f"Authentication-Results: {results}",
        f"Delivered-To: u@g{n}.example",
    ]


def outlook(session, n, inner):
    host = ("namprd01.prod.outlook.com", "prod.exchangelabs.com")[inner % 2]
    results = f"spf=pass (sender IP is {session.ip}) smtp.mailfrom={session.domain}; dkim=none (message not signed) header.d=none"
    again = (
        [f"Received: with MailboxResubmission by A.{host}; {DATE}", "Return-Path: <>"],
        [f"Received: from B.{host} with MailboxResubmission by B.{host} id 15.20.1.2; {DATE}"],
        [],
    )[inner % 3]
    return [
        *again,
        f"Received: from A.{host} (::1) by B.{host} with HTTPS; {DATE}",
        f"Received: from C.{host} (2603:10b6:208:23f::{n}) by A.{host} (2603:10b6:208:485::18) with Microsoft SMTP Server {TLS} id 15.20; {DATE}",
        f"Received: from F.eop-nam11.prod.protection.outlook.com (2603:10b6:208:23f:cafe::8c) by C.outlook.office365.com (2603:10b6:208:23f::12) with Microsoft SMTP Server {TLS} id 15.20 via Frontend Transport; {DATE}",
        f"ARC-Seal: i={n}; a=rsa-sha256; s=arcselector; d=microsoft.com; cv={'pass' if n > 1 else 'none'}; b=x",
        f"ARC-Authentication-Results: i={n}; mx.microsoft.com 1; spf=pass (sender ip is {session.ip}) smtp.rcpttodomain=o{n}.example smtp.mailfrom={session.domain}; arc=none (0)",
        f"Authentication-Results: {results}",
        f"Received-SPF: Pass (protection.outlook.com: domain of {session.domain} designates {session.ip} as permitted sender) receiver=protection.outlook.com; client-ip={session.ip}; helo={session.helo}; pr=C",
        f"Received: from {session.helo} ({session.ip}) by F.mail.protection.outlook.com (10.118.152.173) with Microsoft SMTP Server {TLS} id 15.20 via Frontend Transport; {DATE}",
    ]


def yahoo(session, n, inner):
    return [
        f"Received: from 10.197.40.{n} by atlas{n}.free.mail.bf1.yahoo.com pod-id NONE with HTTPS; {DATE}",
        f"Return-Path: <{session.mail_from}>",
        f"X-Originating-Ip: [{session.ip}]",
        f"Received-SPF: pass (domain of {session.domain} designates {session.ip} as permitted sender)",
        f"Authentication-Results: atlas{n}.free.mail.bf1.yahoo.com; spf=pass smtp.mailfrom={session.domain}",
        f"Received: from {session.ip} (EHLO {session.helo}) by 10.217.151.{inner} with SMTPs {TLS}; {DATE}",
    ]


def icloud(session, n, inner):
    spf = f"(spf.icloud.com: domain of {session.mail_from} designates {session.ip} as permitted sender)"
    return [
        f"Return-Path: <{session.mail_from}>",
        *[
            f"Received: from p00-icloudmta-smtpin-us-{n} by p140-mailgateway-smtp-abc (mailgateway 2422B27) with SMTP id 1; {DATE}"
        ]
        * (inner % 2),
        f"Received: from {session.helo} ({session.helo} [{session.ip}]) by p00-icloudmta-smtpin-us-{n} (Postfix) with ESMTPS id 8B1 for <u@i{n}.example>; {DATE}",
        f"Authentication-Results: spf.icloud.com; spf=pass {spf} smtp.mailfrom={session.mail_from}",
        f"Received-SPF: pass {spf} receiver=spf.icloud.com; client-ip={session.ip}; helo={session.helo}; envelope-from={session.mail_from}",
    ]


def postfix(session, n, inner):
    last = f"Received: from mx.p{n}.example by mx.p{n}.example with LMTP id 1 for <u@p{n}.example>; {DATE}"
    return [
        f"Return-Path: <{session.mail_from}>",
        *[last] * (inner % 2),
        f"Received-SPF: Pass (mailfrom) identity=mailfrom; client-ip={session.ip}; helo={session.helo}; envelope-from={session.mail_from}; receiver=<UNKNOWN>",
        f"Received: from {session.helo} ({session.helo} [{session.ip}]) by mx.p{n}.example (Postfix) with ESMTPS id 1 for <u@p{n}.example>; {DATE}",
        f"Delivered-To: u@p{n}.example",
    ]


MAILBOXES = {"gmail": gmail, "outlook": outlook, "yahoo": yahoo, "icloud": icloud, "postfix": postfix}
KINDS = st.sampled_from(sorted(MAILBOXES))


def header_of(way, inner):
    """The header as it stands in the last mailbox, and the sessions, the first of which was the sender's."""
    lines, sessions, sender = [], [], "ses"
    for n, kind in enumerate(way, 1):
        sessions.append(SENDS[sender](n))
        lines = MAILBOXES[kind](sessions[-1], n, inner[n % len(inner)]) + [
            line for line in lines if not line.startswith("Return-Path") or sender == "gmail"
        ]
        sender = kind
    end = []
    if way[-1] == "outlook":
        end = [f"Return-Path: {sessions[-1].mail_from}", "X-MS-Exchange-Organization-SCL: 1"]
    return "\r\n".join(
        [*lines, "From: news@example.com", "X-SES-Outgoing: 2026.11.24-23.251.234.1", *end, "", ""]
    ), sessions


def said(envelope):
    return envelope.ip, envelope.helo, (envelope.mail_from or "").rpartition("@")[2]


@settings(max_examples=600)
@given(st.lists(KINDS, min_size=1, max_size=5), st.lists(st.integers(0, 5), min_size=1, max_size=5))
def test_the_envelope_is_of_the_session_that_the_receiver_judged(way, inner):
    header, sessions = header_of(way, inner)
    found = trace(scan(header.encode()))
    known = [(one.ip, one.helo, one.domain) for one in sessions]
    assert found.envelope is not None, header
    assert said(found.envelope) == known[-1], header
    company = way[-1]
    within = len(way)
    while within > 1 and way[within - 2] == company and company in ("gmail", "outlook", "icloud"):
        within -= 1
    if within == len(way):  # the client at the border was another company's
        assert found.original is None
    else:
        assert found.original is not None, header
        assert found.original.ip == sessions[within - 1].ip, header
        if found.original.mail_from is not None:
            assert said(found.original) == known[within - 1], header
    assert found.forwarded is (len(way) > 1), header


@pytest.mark.parametrize("company", ["gmail", "outlook"])
def test_the_sender_s_own_session_is_known_where_the_company_kept_its_record(company):
    header, sessions = header_of([company, company], [0])
    found = trace(scan(header.encode()))
    assert found.original is not None
    assert said(found.original) == (sessions[0].ip, sessions[0].helo, sessions[0].domain)
    assert found.by_forwarder is False


def test_the_client_that_the_receiver_judged_in_place_of_a_gateway():
    header, sessions = header_of(["postfix", "outlook"], [2])
    ses, gateway = sessions
    header = header.replace(f"client-ip={gateway.ip}; helo={gateway.helo}", f"client-ip={ses.ip}; helo={ses.helo}")
    header = header.replace(f"smtp.mailfrom={gateway.domain}", f"smtp.mailfrom={ses.domain}")
    found = trace(scan(header.encode()))
    assert found.envelope is not None
    assert said(found.envelope) == (ses.ip, ses.helo, ses.domain)


def test_what_a_tenant_forwarded_is_judged_by_what_ses_handed_over():
    folder = CASES / "spf" / "forwarded-by-a-tenant"
    report = todoku.check(
        (folder / "message.eml").read_bytes(),
        resolver=todoku.Zone.from_text((CASES / "base.zone").read_text()),
        now=datetime(2026, 11, 24, 12, tzinfo=UTC),
    )
    failed = {one.requirement for one in report.verdicts if one.result == "fail"}
    assert failed <= {"arc"}  # its seals are the forwarder's
    assert "tenant" not in str(report.fixes)
    stamp, envelope = report.evidence.ses, report.evidence.envelope
    assert not isinstance(stamp, Missing)
    assert (stamp.mail_from, stamp.own_signature) == ("custom", "example.com")
    assert not isinstance(envelope, Missing)
    assert (envelope.ip, envelope.mail_from) == ("23.251.234.4", "@mail.example.com")
    assert envelope.tls is not None
    assert envelope.tls.version == "1.3"


@pytest.mark.parametrize(
    "received",
    [
        "from laptop (192.0.2.66) by A.prod.exchangelabs.com (2603:10b6::1) with mapi id 15.20",
        "from app ([192.0.2.9]) by email-smtp.ap-northeast-1.amazonaws.com with ESMTPSA id x",
        "from localhost (localhost [127.0.0.1]) by mx.example.net (Postfix) with ESMTP id 1",
        "by mx.example.net (Postfix, from userid 1000) id 1",
        "from mail.example.net ([192.0.2.9]) by smtp.gmail.com with ESMTPSA id 1",
        "whatever",
        "",
    ],
)
def test_a_message_with_a_received_field_was_sent(received):
    raw = f"Received: {received}; {DATE}\r\nFrom: a@example.com\r\nSubject: x\r\n\r\nx\r\n".encode()
    report = todoku.check(raw, resolver=todoku.Zone.from_dict({}), now=datetime(2026, 11, 24, 12, tzinfo=UTC))
    assert "not-sent" not in {one.reason.tag for one in report.verdicts}
    assert "not-sent" not in {note.reason.tag for one in report.verdicts for note in one.notes}


def checked(raw, *zones):
    base = todoku.Zone.from_text((CASES / "base.zone").read_text())
    return todoku.check(raw, resolver=todoku.Layers((base, *zones)), now=datetime(2026, 11, 24, 12, tzinfo=UTC))


def sealed(lines, raw):
    """The message as Gmail hands it on: its fields on top, and its seal above them."""
    stamped = "".join(f"{line}\r\n" for line in lines if not line.startswith("ARC-")).encode() + raw
    return (
        todoku.seal_arc(
            stamped,
            authserv_id="mx.google.com",
            domain="google.com",
            selector="arc",
            private_key=RSA,
            resolver=GOOGLE,
            now=datetime(2026, 11, 24, 1, 5, tzinfo=UTC),
        )
        + stamped
    )


GOOGLE = todoku.Zone.from_dict({"arc._domainkey.google.com": [("TXT", f"v=DKIM1; p={P}")]})


def test_the_seal_of_the_mailbox_that_forwards_within_gmail_is_a_forwarder_s():
    raw = (CASES / "spf" / "forwarded" / "message.eml").read_bytes()
    raw = raw[raw.index(b"DKIM-Signature") :]
    first = Session("23.251.234.4", "e234-4.smtp-out.ap-northeast-1.amazonses.com", "0106-1@mail.example.com")
    raw = sealed(gmail(first, 1, 0), raw)
    report = checked(sealed(gmail(SENDS["gmail"](2), 2, 0), raw), GOOGLE)
    route = report.evidence.route
    assert not isinstance(route, Missing)
    assert route.own_arc_instances == (2,)
    (said,) = [one for one in report.verdicts if one.requirement == "arc" and one.receiver == "icloud"]
    assert (said.result, said.reason.tag, said.values.get("sealers")) == ("pass", "arc-sealed", "google.com")
    assert {one.result for one in report.verdicts if one.requirement == "spf"} == {"pass"}


@pytest.mark.parametrize("name", ["arc/sealed-list", "arc/unsealed-list", "dmarc-alignment/list-broke-it"])
def test_the_fields_of_a_mailing_list_do_not_make_it_marketing(name):
    raw = (CASES / name / "message.eml").read_bytes()
    assert checked(raw).terms.purpose == "unstated"
    raw = (CASES / "spf" / "forwarded" / "message.eml").read_bytes()
    assert checked(raw).terms.purpose == "marketing"
    listed = raw.replace(b"Delivered-To: reader@gmail.com", b"List-Post: <mailto:l@lists.example.net>", 1)
    assert checked(listed).terms.purpose == "marketing"  # the sender signed List-Unsubscribe


def test_the_word_of_the_receiver_is_not_taken_from_a_forwarder_s_spf():
    raw = (CASES / "spf" / "forwarded-by-a-tenant" / "message.eml").read_bytes()
    dark = todoku.Zone.from_text("; !timeout mail.example.com TXT\n")
    spf = {one.receiver: one for one in checked(raw, dark).verdicts if one.requirement == "spf"}
    assert {one.result for one in spf.values()} == {"unknown"}


SES_ENVELOPE = {
    "ip": "23.251.234.4",
    "helo": "e234-4.smtp-out.ap-northeast-1.amazonses.com",
    "mail_from": "a@mail.example.com",
}


@pytest.mark.parametrize(
    ("envelope", "tag"),
    [
        (todoku.Envelope(**SES_ENVELOPE), "not-sent"),  # SES would have signed it
        (todoku.Envelope(**SES_ENVELOPE, source="options"), "not-sent"),
        (todoku.Envelope(ip="192.0.2.9", mail_from="a@mail.example.com", source="options"), "not-sent"),
        (todoku.Envelope(ip="192.0.2.9", helo="app.example.com", mail_from="a@mail.example.com"), "unsigned"),
    ],
)
def test_what_is_not_signed_yet_does_not_fail(envelope, tag):
    raw = b"From: a@example.com\r\nSubject: x\r\n\r\nx\r\n"
    base = todoku.Zone.from_text((CASES / "base.zone").read_text())
    report = todoku.check(raw, envelope, resolver=base, now=datetime(2026, 11, 24, 12, tzinfo=UTC))
    said = {(one.result, one.reason.tag) for one in report.verdicts if one.requirement == "dkim"}
    assert said == {("fail" if tag == "unsigned" else "unknown", tag)}
