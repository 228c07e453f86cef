"""Whole messages: in the shapes in which people save them, their header, their parts, the way they took."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Literal

from targets.registry import inflated, lowered, target
from todoku.mail import message as scanner
from todoku.mail.address import parse_author
from todoku.mail.envelope import Envelope
from todoku.mail.links import body_links
from todoku.mail.lint import lint as defects_of
from todoku.mail.message import MAX_FIELDS, Message, scan
from todoku.mail.mime import MAX_DEPTH, MAX_PARTS, decoded, mime_tree
from todoku.mail.msg import transport_headers
from todoku.mail.route import trace
from todoku.mail.saved import NOTE_TEXTS, read_message, read_saved
from todoku.mail.ses import ses_stamp
from todoku.report.words import CONTROL, harmless
from todoku.words.errors import NotAMessage

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
MSG = Path(__file__).parents[2] / "tests" / "cases" / "dkim" / "saved-outlook-msg" / "message.msg"

LINES = rb"(?<=\n)"
_FIELDS = b"From: To: Subject: Date: Message-ID: MIME-Version: Content-Type: Received: Return-Path: \r\n\r\n"
MIME = (
    b"Content-Type: Content-Transfer-Encoding: Content-Disposition: multipart/mixed multipart/digest text/plain "
    b"text/html message/rfc822 message/global boundary= boundary*0= boundary*1*= charset= --b --b-- base64 7bit "
    b"quoted-printable attachment x-none"
)


@target(
    "mail.message",
    words=_FIELDS,
    phrases=(b"{{1001*a:b\r\n}}", b"\r\n ", b"{{1000*", b"}}"),
    cut=LINES,
    seeds="message",
)
def message(data: bytes) -> None:
    """The scanner: no octet is lost, offsets rise, and fields stay within their bounds."""
    found = scan(inflated(data, 280_000))
    pieces = sorted((*found.fields, *found.strays), key=lambda one: one.offset)
    assert all(one.offset + len(one.raw) <= other.offset for one, other in pairwise(pieces))
    assert all(found.raw[one.offset : one.offset + len(one.raw)] == one.raw for one in pieces)
    assert len(found.fields) <= MAX_FIELDS
    for field in found.fields[:20]:
        assert found.first(field.name) == found.all(field.name)[0]
        assert field.raw == field.written_name.encode("latin-1") + b":" + field.body
        assert not field.value or field.value[0] not in " \t\r\n"
    if not found.limits:
        end = len(found.raw) if found.body_start is None else found.body_start - 2
        covered = sum(len(one.raw) for one in pieces)
        assert end - 2 * len(pieces) - 2 <= covered <= end
    assert found.raw.endswith(found.body)
    plain = Message(found.raw, found.fields, found.body_start)  # whose properties nobody has filled in
    assert (plain.by_name, plain.body) == (found.by_name, found.body)
    with lowered(scanner, MAX_MESSAGE=1_000):
        assert len(scan(data).raw) <= 1_000
    assert found.has_bare_lf == (b"\n" in found.raw.replace(b"\r\n", b""))


@target(
    "mail.saved", "mail.refused",
    words=_FIELDS + b" ARC-Seal: Authentication-Results: bh= X-Received: Delivered-To: \xef\xbb\xbf \xff\xfe \xfe\xff F\0r\0o\0 { [",
    phrases=(
        b"From a@b Mon Nov 23 00:00:00 2026\n", b">From - ", b"> ", b"\n\n", b"\r\n", b"Original Message\n",
        b"Created on:\t", b"Download Original", b"<!DOCTYPE html", b"%PDF-", b"PK\3\4", b"<?xml", b"{\\rtf",
        "元のメッセージ".encode(), b"Snapshot-Content-Location: x\r\n", b"From: <Saved by Blink>\r\n", b"DKIM-Signature: bh=frcCV1k9oG9oKj3dpUqdJg1PxRT2RSN/XKdLCPjaYaY=\r\n", b"\n\nFrom x ",
    ),
    cut=LINES, seeds="message",
)  # fmt: skip
def saved(data: bytes) -> None:
    """Every shape in which a person saves a message: the message, or what it is instead."""
    data = inflated(data)
    _in_a_session(data)
    try:
        read = read_saved(data)
    except NotAMessage as refused:
        assert refused.text.en
        assert refused.text.ja
        return
    assert all(note in NOTE_TEXTS for note in read.notes)
    assert read.message.headers_only == (read.shape in ("headers-only", "msg"))


def _in_a_session(data: bytes) -> None:
    """The octets of a session, or of a header whose envelope is known: nothing is mended but line ends that were all LF."""
    sources: tuple[Literal["session", "options"], ...] = ("session", "options")
    for envelope in (None, *(Envelope(ip="192.0.2.1", source=source) for source in sources)):
        try:
            read = read_message(data, envelope)
        except NotAMessage:
            continue
        if envelope is not None:
            assert read.message.raw in (data, data.replace(b"\n", b"\r\n"))
            assert not read.message.headers_only or envelope.source == "options"


@cache
def _compound_file() -> bytes:
    return MSG.read_bytes()


@target("mail.msg", cut=rb"\0+")
def outlook(data: bytes) -> None:
    """Outlook's compound file, some of it replaced by the input: a header, or why there is none."""
    whole = bytearray(_compound_file())
    while len(data) > 3:  # place, length, octets
        at, length = int.from_bytes(data[:2]) % len(whole), data[2] % 32 + 1
        whole[at : at + length] = data[3 : 3 + length]
        data = data[3 + length :]
    try:
        header = transport_headers(bytes(whole))
    except NotAMessage as refused:
        assert refused.text.ja
        return
    assert header.endswith(b"\r\n")


@target(
    "mail.mime", "mail.content_type", words=MIME,
    phrases=(b"\r\n--b\r\n", b"\r\n--b--\r\n", b"\r\n\r\n", b"; boundary=b", b"{{1001*--b\r\n\r\n}}", b"}}", b"{{70*",
             b"{{70*Content-Type: message/rfc822\r\n\r\n}}", b"{{9000*--b1\n}}"),
    cut=rb"(?<=\n)|;", seeds="message",
)  # fmt: skip
def mime(data: bytes) -> None:
    """The tree of parts: within its bounds, and every part within the message and within the part that holds it."""
    begin = b"Content-Type: multipart/mixed; boundary=b\r\n" if data.startswith(b"{{") else b"MIME-Version: 1.0\r\n"
    found = scan(begin + inflated(data, 500_000, 3_000))
    tree = mime_tree(found)
    assert 0 < len(tree.parts) <= MAX_PARTS
    holders: dict[int, tuple[int, int]] = {}
    for part in tree.parts:
        assert part.depth <= MAX_DEPTH
        assert 0 <= part.start <= part.end <= len(found.raw)
        assert len(decoded(found, part, 1_000)) <= 1_000
        if part.depth:
            start, end = holders[part.depth - 1]
            assert start <= part.header <= part.start <= part.end <= end
        holders[part.depth] = (part.start, part.end)
    alone = mime_tree(scan(found.raw, headers_only=True))
    assert len(alone.parts) == 1
    assert all(0 <= offset <= len(found.raw) for _, offset in tree.defects)


@target(
    "mail.links",
    words=b"unsubscribe opt-out <a </a> href= href=' href=\" > https:// http:// mailto: {{ }} &amp; abmelden = \x1b$B \x1b(B "
    b"[[x]] %x ${x} utf-8 iso-2022-jp shift_jis euc-jp utf-16 utf-7 windows-1252 x-unknown iso-8859-8-i",
    phrases=("配信停止".encode(), "退会".encode(), "解除はこちら".encode(), b"email preferences", b"{{600*x}}",
             b"{{9000*x}}", b'<a href="https://example.com/u?a=b&amp;c">here</a>', "配信停止".encode("iso-2022-jp"),
             b"D\xc3\xa9sabonnez", "配信停止".encode("cp932"), "退会".encode("euc-jp"), b"8bit\n", b"base64\n"),
    cut=rb"[<>\s]", seeds="body",
)  # fmt: skip
def links(data: bytes) -> None:
    """The link to unsubscribe in a body: the first line says the charset, the second the encoding; h makes it HTML."""
    charset, _, rest = data.partition(b"\n")
    encoding, _, text = rest.partition(b"\n")
    kind = b"html" if charset[:1] == b"h" else b"plain"
    header = b"Content-Type: text/%b; charset=%b\r\nContent-Transfer-Encoding: %b\r\n\r\n" % (
        kind, charset.removeprefix(b"h").strip(), encoding.strip(),
    )  # fmt: skip
    found = scan(header + inflated(text, 40_000))
    shown = body_links(found, mime_tree(found))
    assert shown.searched or not shown.unsubscribe
    assert len(shown.words) <= 120
    assert shown.offset is None or found.body_start is not None


@target(
    "mail.lint",
    words=_FIELDS + b" " + MIME + b" Reply-To: Sender: Cc: Bcc: In-Reply-To: References: List-Id: =?utf-8?q?a?= "
    b"=?utf-8?b?w6k=?= \x1b$B \x1b(B <a@b> @ \xd0\xb0",
    phrases=(b"Date: Mon, 23 Nov 2026 00:00:00 +0000\r\n", b"{{1000*x}}", b"{{40*", b"}}", b"\r", b"\n", b"\r\n\r\n",
             b"\0", b"Subject: \xe3\x81\x82\r\n", "あ".encode("cp932"), b"Message-ID: <1@example.com>\r\n",
             b"Content-Type: text/plain; charset=us-ascii\r\n", b"MIME-Version: 1.0\r\n", b"\xe2\x80\xae", b"\xc2\xa0"),
    cut=LINES, seeds="message",
)  # fmt: skip
def lint(data: bytes) -> None:
    """Every defect: it stands within the message, and what it shows is harmless."""
    found = scan(inflated(data, 280_000))
    for one in defects_of(found, mime_tree(found), parse_author(found), now=NOW):
        assert 0 <= one.offset <= len(found.raw)
        assert one.extract.isprintable()
    shown = harmless(data.decode("utf-8", "surrogateescape"))
    assert not CONTROL.search(shown)


_HOPS = (
    b"from by with id for ESMTPS ESMTPSA SMTP HTTP IMAP mx.google.com mx.icloud.com p00-icloudmta-asmtp a.example.com [192.0.2.1] "
    b"[209.85.220.41] [40.92.0.1] [10.0.0.1] [IPv6:2001:db8::1] [17.58.1.1] .prod.outlook.com mail.protection.outlook.com "
    b"Received-SPF: Authentication-Results: ARC-Seal: ARC-Authentication-Results: X-Forwarded-To: Delivered-To: "
    b"Return-Path: Resent-From: List-Id: SRS0= +caf_= d=google.com i=1; i=2; spf=pass dkim=pass dmarc=pass smtp.mailfrom="
)


@target(
    "mail.route", "mail.border", "mail.forwarding", "mail.ses", "mail.envelope", "mail.host_address",
    words=_HOPS + b" a8-50.smtp-out.amazonses.com e1-2.smtp-out.us-west-2.amazonses.com amazonses.com Feedback-ID: "
    b"X-SES-Outgoing: DKIM-Signature: d=amazonses.com s=abcdefghijklmnopqrstuvwxyz234567 :AmazonSES 2026.11.23-54.240.8.50 "
    b"Message-ID: List-Post: Mailing-List: X-BeenThere: X-Apparently-To: X-YMail-OSG: yahoo.com version=TLS1_3",
    phrases=(
        b"Received: from a8-50.smtp-out.amazonses.com (a8-50.smtp-out.amazonses.com. [54.240.8.50])\r\n by mx.google.com with ESMTPS id x\r\n for <a@gmail.com>; Mon, 23 Nov 2026 00:00:00 +0000\r\n",
        b"Received: by 2002:a05:6402:1:: with SMTP id x; Mon, 23 Nov 2026 00:00:00 +0000\r\n",
        b"Received: from A (1.2.3.4) by B.prod.outlook.com (2603:1096::1) with Microsoft SMTP Server (version=TLS1_2) id 15.20; x\r\n",
        b"Received: from 127.0.0.1 (EHLO a.example) (54.240.8.50) by 10.197.33.71 with SMTPs\r\n (version=TLS1_3 cipher=x); x\r\n",
        b"Received-SPF: pass (google.com: domain of a@b designates 54.240.8.50 as permitted sender) client-ip=54.240.8.50;\r\n",
        b"Authentication-Results: mx.google.com; spf=pass smtp.mailfrom=a@example.com\r\n",
        b"Received-SPF: pass (spf.icloud.com: domain of a@b designates 54.240.8.50) receiver=spf.icloud.com; client-ip=54.240.8.50;\r\n",
        b"Authentication-Results: spf.icloud.com; spf=pass\r\n", b"Return-Path: <a@us-west-2.amazonses.com>\r\n",
        b"Feedback-ID: ::1.us-west-2.abc=:AmazonSES\r\n", b"ARC-Seal: i=1; d=google.com; s=x; b=x\r\n",
    ),
    cut=rb"(?<=\n)|[;()]", seeds="message",
)  # fmt: skip
def route(data: bytes) -> None:
    """The way of a message as its header tells it, whom that is believed, and what SES left: all of it from the header."""
    first, _, rest = data.partition(b"\0")
    trust = first.decode("latin-1") if rest else None
    found = scan(inflated(rest or data))
    way = trace(found, trust=trust)
    stamp = ses_stamp(found, way.envelope)
    assert stamp.sent_by_ses or not (stamp.region or stamp.mail_from or stamp.signs)
    assert all(0 <= offset < len(found.raw) for _, _, offset in (*stamp.signs, *way.forward_signs))
