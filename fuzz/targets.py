"""What is attacked: one function for each parser of what strangers write, from any octets to nothing.

A target raises where a promise is broken: an exception of the parser's own is one, and what is asserted here is the rest.
"""

from __future__ import annotations

import base64
from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache
from itertools import pairwise
from pathlib import Path

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key

from todoku.auth.ask import Question
from todoku.auth.dkim.canonical import relaxed_body, relaxed_field, simple_body, without_b
from todoku.auth.dkim.damage import diagnose
from todoku.auth.dkim.key import read_key
from todoku.auth.dkim.sign import sign
from todoku.auth.dkim.signature import read_signature
from todoku.auth.dkim.verify import verify
from todoku.auth.dmarc.record import read_record
from todoku.auth.spf.check import check_host
from todoku.auth.spf.record import parse as parse_spf
from todoku.errors import NotAMessage, UsageError
from todoku.mail.address import parse_author, parse_mailboxes
from todoku.mail.authres import format_authentication_results, parse_authentication_results, parse_received_spf
from todoku.mail.content_type import parse_content_type
from todoku.mail.dates import parse_date
from todoku.mail.encoded_word import decode_words
from todoku.mail.links import body_links
from todoku.mail.lint import lint
from todoku.mail.message import MAX_FIELDS, scan
from todoku.mail.mime import MAX_DEPTH, MAX_PARTS, decoded, mime_tree
from todoku.mail.received import parse_received
from todoku.mail.route import trace
from todoku.mail.saved import read_saved
from todoku.mail.tags import parse_tags
from todoku.mail.unsubscribe import unsubscribe
from todoku.net.dns_wire import Query, query, read_answer
from todoku.net.drive import run
from todoku.net.zone import Zone
from todoku.report.words import CONTROL, harmless

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


def message(data: bytes) -> None:
    """The scanner: no octet is lost, offsets rise, and fields stay within their bounds."""
    found = scan(data)
    places = sorted((one.offset, one.offset + len(one.raw)) for one in (*found.fields, *found.strays))
    assert all(end <= start for (_, end), (start, _) in pairwise(places))
    assert all(data[one.offset : one.offset + len(one.raw)] == one.raw for one in (*found.fields, *found.strays))
    assert len(found.fields) <= MAX_FIELDS
    if not found.limits and found.body_start is not None:
        assert found.raw.endswith(found.body)


def saved(data: bytes) -> None:
    """Every shape in which a person saves a message."""
    try:
        read = read_saved(data)
    except NotAMessage as refused:
        assert refused.text.en
        assert refused.text.ja
        return
    trace(read.message)


def mime(data: bytes) -> None:
    """The tree of parts: within its bounds, and every part within the message."""
    found = scan(b"MIME-Version: 1.0\r\n" + data)
    tree = mime_tree(found)
    assert len(tree.parts) <= MAX_PARTS
    for part in tree.parts:
        assert part.depth <= MAX_DEPTH
        assert 0 <= part.start <= part.end <= len(found.raw)
        assert len(decoded(found, part, 1_000)) <= 1_000
    body_links(found, tree)
    parse_content_type(data)


def address(data: bytes) -> None:
    """The author: one domain only where there is exactly one, and nothing in it that is no domain name."""
    parse_mailboxes(data)
    author = parse_author(scan(b"From: " + data + b"\r\n\r\n"))
    if author.domain:
        assert set(author.domains) == {author.domain}
        assert author.domain == author.domain.lower()
        assert author.domain.isascii()
    decode_words(data.decode("latin-1"))


def authres(data: bytes) -> None:
    """Results of receivers; what is written again reads the same."""
    text = data.decode("latin-1")
    parse_received_spf(text)
    found = parse_authentication_results(text)
    for result in found.results:
        assert result.method == result.method.lower()
        assert not set(result.result) & set(' \t";()=')
    again = parse_authentication_results(format_authentication_results("mx.example.com", found.results))
    assert [(one.method, one.result) for one in again.results] == [(one.method, one.result) for one in found.results]


def received(data: bytes) -> None:
    """One Received field, and a stack of them."""
    text = data.decode("latin-1")
    parse_received(text)
    parse_date(text)
    trace(scan(b"Received: " + data + b"\r\nFrom: a@example.com\r\n\r\n"))


def tags(data: bytes) -> None:
    """Tag lists: no name twice, nothing lost without a word."""
    found = parse_tags(data.decode("latin-1"))
    assert all(name.strip() == name and value.strip(" \t\r\n") == value for name, value in found.values.items())
    assert not found.problem or found.repeated or found.malformed or not found.values


def dkim(data: bytes) -> None:
    """Signatures, keys and canonical forms: once relaxed is relaxed for good, where no bare CR and LF meet in the end."""
    text = data.decode("latin-1")
    signature = read_signature(text)
    assert signature.defect or (signature.domain and signature.selector and "from" in signature.signed)
    key = read_key(text)
    assert (key.check is None) == (key.defect is not None)
    if key.check is not None:
        key.check(data, bytes(32))
    assert relaxed_body(relaxed_body(data)) == relaxed_body(data)
    assert simple_body(simple_body(data)) == simple_body(data)
    once = relaxed_field(b"X:" + data, 1)
    assert b"\r\n" in once or relaxed_field(once, 1) == once
    without_b(b"X:" + data, 1)


def spf(data: bytes) -> None:
    """A record, alone and evaluated: one of RFC 7208's results, within its limits."""
    text = "v=spf1 " + data.decode("latin-1")
    parse_spf(text)
    zone = Zone.from_dict(
        {"example.com": [("TXT", text.encode("latin-1"))], "a.example": [("TXT", "v=spf1 ip4:192.0.2.0/24 -all")]}
    )
    result = run(check_host("192.0.2.1", "example.com", "joe@example.com", helo="mx.example.com"), zone)
    assert result.result != "none"
    assert result.lookups <= 11
    assert result.explanation.isascii()


def dmarc(data: bytes) -> None:
    """A policy record: usable only where the whole list is valid."""
    record = read_record("v=DMARC1;" + data.decode("latin-1"), "example.com")
    assert record is not None
    assert record.policy in ("none", "quarantine", "reject")


def unsubscribing(data: bytes) -> None:
    """List-Unsubscribe and List-Unsubscribe-Post."""
    first, _, second = data.partition(b"\0")
    unsubscribe(scan(b"List-Unsubscribe: " + first + b"\r\nList-Unsubscribe-Post: " + second + b"\r\n\r\n"))


def linting(data: bytes) -> None:
    """Every defect: it stands within the message, and what it shows is harmless."""
    found = scan(data)
    for one in lint(found, mime_tree(found), parse_author(found), now=NOW):
        assert 0 <= one.offset <= len(found.raw)
        assert one.extract.isprintable()
    shown = harmless(data.decode("utf-8", "surrogateescape"))
    assert not CONTROL.search(shown)


def master_file(data: bytes) -> None:
    """A zone file: a zone, or the line that is wrong."""
    try:
        zone = Zone.from_text(data.decode("utf-8", "replace"))
    except UsageError:
        return
    zone.answers([Question("example.com", kind) for kind in ("TXT", "MX", "A", "CNAME")])


@cache
def _asked() -> Query:
    asked = query(Question("example.com", "TXT"))
    assert asked is not None
    return asked


def wire(data: bytes) -> None:
    """A DNS reply behind a right id and a right question: an answer, whatever it holds."""
    asked = _asked()
    header = b"\0\0\x81\x80\0\1" + (data[:6] + bytes(6))[:6]
    answer = read_answer(asked, header + asked.section + data[6:], "192.0.2.53")
    assert answer.question == asked.question
    assert answer.status == "ok" or not answer.records


@cache
def _signed() -> tuple[bytes, Zone]:
    """A signed message, and the zone with its key."""
    pem = (Path(__file__).parent.parent / "tests" / "keys" / "customer.pem").read_bytes()
    raw = b"From: Joe <joe@example.com>\r\nSubject: Hi there\r\nTo: b@example.net\r\n\r\nThe quick brown fox.\r\n\r\nJoe\r\n"
    public = load_pem_private_key(pem, None).public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    record = f"v=DKIM1; p={base64.b64encode(public).decode()}"
    field = sign(raw, domain="example.com", selector="s", private_key=pem)
    return field + raw, Zone.from_dict({"s._domainkey.example.com": [("TXT", record)]})


def damage(data: bytes) -> None:
    """A signed message, some of it replaced by the input: what is said of the damage costs no more than its bounds."""
    raw, zone = _signed()
    at, cut = (int.from_bytes(data[:2]) % len(raw), data[2] % 64) if len(data) > 2 else (0, 0)
    found = scan(raw[:at] + data[3:] + raw[at + cut :])
    for result in run(verify(found, now=NOW), zone):
        if result.result == "pass":
            assert result.header_intact
            assert result.body_intact
        else:
            diagnose(found, result)


TARGETS: dict[str, Callable[[bytes], None]] = {
    "message": message,
    "saved": saved,
    "mime": mime,
    "address": address,
    "authres": authres,
    "received": received,
    "tags": tags,
    "dkim": dkim,
    "damage": damage,
    "spf": spf,
    "dmarc": dmarc,
    "unsubscribe": unsubscribing,
    "lint": linting,
    "master_file": master_file,
    "wire": wire,
}


def planted(data: bytes) -> None:
    """A fault of ours for ``--self-test``: only who learns from coverage finds its way, one octet after the other."""
    text = data.decode("latin-1")
    if text[0:1] == "t":
        if text[1:2] == "o":
            if text[2:3] == "d":
                if text[3:4] == "o":
                    raise AssertionError("the planted fault")
