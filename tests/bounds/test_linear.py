"""Twice the input, twice the time: shapes that made other programs take quadratic or exponential time.

Compared are the best of several measurements of CPU time, and there are as many of them as it takes: noise makes this test
slower, never red. What is quadratic takes four times as long, however often it is measured.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from time import process_time

import pytest

import todoku
from hostile import P, signed
from todoku.auth.dkim.canonical import relaxed_body, relaxed_field, simple_body
from todoku.auth.dkim.key import read_key
from todoku.auth.dkim.signature import read_signature
from todoku.auth.dmarc.record import read_record
from todoku.auth.spf.record import parse as parse_spf
from todoku.mail.address import parse_mailboxes
from todoku.mail.authres import parse_authentication_results, parse_received_spf
from todoku.mail.content_type import parse_content_type
from todoku.mail.encoded_word import decode_words
from todoku.mail.received import parse_received
from todoku.mail.saved import read_saved
from todoku.mail.tags import parse_tags
from todoku.words.errors import NotAMessage

pytestmark = pytest.mark.linear

RATIO = 2.3
LEAST, MOST = 3, 60  # measurements

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
ZONE = todoku.Zone.from_dict({"rsa._domainkey.example.com": [("TXT", f"v=DKIM1; p={P}")]})
HEADER = b"From: a@example.com\r\nDate: Mon, 23 Nov 2026 00:00:00 +0000\r\nMessage-ID: <1@example.com>\r\nMIME-Version: 1.0\r\n"
KIB, MIB = 1024, 2**20


@pytest.fixture(autouse=True)
def no_collector() -> Iterator[None]:
    """The garbage collector comes when it likes, and what it then walks over is not only ours."""
    gc.disable()
    yield
    gc.enable()


def is_linear(make: Callable[[int], bytes | str], use: Callable[[bytes | str], object], size: int) -> bool:
    """Whether ``use`` takes twice the time for twice the input, at ``size``, at half or at twice of it.

    Some may lie where the working set outgrows a cache of the machine, which costs once; what is quadratic takes four times
    as long at each.
    """
    return any(_doubles(make, use, part) for part in (size, size // 2, size * 2))


def _doubles(make: Callable[[int], bytes | str], use: Callable[[bytes | str], object], size: int) -> bool:
    small, large = make(size // 2), make(size)
    best = [float("inf"), float("inf")]
    gc.collect()
    for turn in range(MOST):
        for index, given in enumerate((small, large)):
            began = process_time()
            use(given)
            best[index] = min(best[index], process_time() - began)
        if turn + 1 >= LEAST and best[1] <= RATIO * best[0]:
            return True
    return False


def look(raw: bytes) -> None:
    """The whole of ``todoku check`` but for the drawing."""
    todoku.check(raw, resolver=ZONE, now=NOW)


def header(unit: bytes, before: bytes = b"Subject: ") -> Callable[[int], bytes]:
    return lambda size: HEADER + before + unit * (size // len(unit)) + b"\r\n\r\nx\r\n"


def body(unit: bytes, content_type: bytes = b"text/plain") -> Callable[[int], bytes]:
    return lambda size: HEADER + b"Content-Type: " + content_type + b"\r\n\r\n" + unit * (size // len(unit)) + b"\r\n"


def many_fields(size: int) -> bytes:
    return b"".join(b"X-%d: y\r\n" % number for number in range(size // 256)) + HEADER + b"\r\nx\r\n"


def many_signatures(size: int) -> bytes:
    field = b"DKIM-Signature: v=1; a=rsa-sha256; d=d.example; s=s; h=from; bh=AAAA; b=AAAA\r\n"
    return field * (size // 512) + HEADER + b"\r\nx\r\n"


def nested(size: int) -> bytes:
    level = b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n"
    return HEADER + b"".join(level % (number, number) for number in range(size // 60)) + b"\r\nx\r\n"


def damaged(size: int) -> bytes:
    """A message whose every line was changed after it was signed three times."""
    raw = HEADER + b"Content-Type: text/plain\r\n\r\n" + b"The quick brown fox jumps over the dog.\r\n" * (size // 41)
    for _ in range(3):
        raw = signed(raw, h="from:date:message-id")
    return raw.replace(b"quick", b"slow ")


MESSAGES: dict[str, tuple[Callable[[int], bytes], int]] = {
    "comments that nest": (header(b"(", b"From: "), 240 * KIB),
    "comments side by side": (header(b"()", b"From: "), 60 * KIB),
    "angles": (header(b"<", b"From: "), 30 * KIB),
    "quotes and backslashes": (header(b'"\\', b"From: "), 120 * KIB),
    "encoded words": (header(b"=?utf-8?q?a?= ", b"From: "), 240 * KIB),
    "folds": (header(b"\r\n x"), 240 * KIB),
    "blank folds": (header(b"\r\n "), 240 * KIB),
    "parameters": (header(b"; a*0*=x", b"Content-Type: text/plain"), 240 * KIB),
    "results": (header(b'("', b"Authentication-Results: mx.example; dkim=pass "), 240 * KIB),
    "properties": (header(b" a", b"Authentication-Results: mx.example; dkim=pass x="), 120 * KIB),
    "tags": (header(b";", b"DKIM-Signature: "), 240 * KIB),
    "signed names": (header(b"from:", b"DKIM-Signature: v=1; a=rsa-sha256; d=a.example; s=s; bh=AAAA; b=AAAA; h="), 240 * KIB),
    "fields": (many_fields, 240 * KIB),
    "signatures": (many_signatures, 240 * KIB),
    "clauses of Received": (header(b"with ", b"Received: from a (b [192.0.2.1]) by c "), 240 * KIB),
    "empty lines": (body(b"\r\n"), 4 * MIB),
    "CR alone": (body(b"\r"), 4 * MIB),
    "CR CR LF": (body(b"\r\r\n"), 4 * MIB),
    "blanks": (body(b" "), 8 * MIB),
    "blanks at line ends": (body(b" \t\r\n"), 4 * MIB),
    "NUL": (body(b"\0"), 8 * MIB),
    "nearly delimiters": (body(b"--bx\r\n", b"multipart/mixed; boundary=b"), 2 * MIB),
    "parts": (body(b"--b\r\n\r\nx\r\n", b"multipart/mixed; boundary=b"), 8 * MIB),
    "fields of a part": (body(b"Content-Type: a/b\r\n", b"multipart/mixed; boundary=b\r\n\r\n--b"), 2 * MIB),
    "nested parts": (nested, 2 * MIB),
    "links": (body(b'<a href="', b"text/html"), 4 * MIB),
    "a damaged body": (damaged, 4 * MIB),
}  # fmt: skip


@pytest.mark.parametrize("shape", MESSAGES)
def test_messages(shape):
    make, size = MESSAGES[shape]
    assert is_linear(make, look, size)


def read(data: bytes) -> None:
    try:
        read_saved(data)
    except NotAMessage:
        """It is none: that is an answer too."""


LF_HEADER = HEADER.replace(b"\r\n", b"\n")
FILES: dict[str, Callable[[int], bytes]] = {
    "quote marks": lambda size: b"> " * (size // 2) + b"From: a@example.com\n\nx\n",
    "quote marks and no field": lambda size: b"> " * (size // 2) + b"!\n\nx\n",
    "a quoted page": lambda size: b"> From: a@example.com\n" + b"> X: y\n" * (size // 7) + b"\nx\n",
    "mailboxes": lambda size: b"From a@b Mon Nov 23 00:00:00 2026\n" + LF_HEADER + b"\n" + b"\nFrom x\n" * (size // 8),
    "both line ends": lambda size: LF_HEADER + b"\n" + b"a\r\nb\n" * (size // 5),
    "times in the line of a mailbox": lambda size: b"From x " + b"11:11 " * (size // 6),
    "times in a further line of a mailbox": lambda size: (
        b"From a@b Mon Nov 23 00:00:00 2026\n" + LF_HEADER + b"\nFrom x " + b"11:11 " * (size // 6) + b"\n"
    ),
    "tables of pages": lambda size: b"Original Message\n" + b"From: a@example.com\nSPF: x\n" * (size // 27) + HEADER,
    "lone line ends": lambda size: b"From: a@example.com\r\nX: " + b"y\nFrom" * (size // 6) + b"\r\n\r\nx\r\n",
    "words of a page": lambda size: b"Original Message\nSPF: \n" * (size // 23) + HEADER,
    "a header that lost its folds": lambda size: b"Received: x\r\n" + b"a\r\n" * (size // 3),
    "UTF-16": lambda size: (HEADER + b"\r\n" + b"x" * (size // 2)).decode().encode("utf-16"),
}  # fmt: skip


@pytest.mark.parametrize("shape", FILES)
def test_files(shape):
    assert is_linear(FILES[shape], read, 2 * MIB)


def test_quote_marks_before_a_field_that_is_none():
    """54 octets of them took minutes."""
    for count in range(1, 200):
        read(b"> " * count + b"!\r\nFrom: a@example.com\r\n\r\nx\r\n")


PARSERS: dict[str, Callable[[str], object]] = {
    "Authentication-Results": parse_authentication_results,
    "Received-SPF": parse_received_spf,
    "Received": parse_received,
    "tags": parse_tags,
    "SPF": lambda text: parse_spf(f"v=spf1 {text}"),
    "DMARC": lambda text: read_record(f"v=DMARC1;{text}", "example.com"),
    "DKIM key": read_key,
    "DKIM signature": read_signature,
    "addresses": lambda text: parse_mailboxes(text.encode()),
    "Content-Type": lambda text: parse_content_type(text.encode()),
    "encoded words": decode_words,
    "relaxed field": lambda text: relaxed_field(b"X:" + text.encode(), 1),
    "relaxed body": lambda text: relaxed_body(text.encode()),
    "simple body": lambda text: simple_body(text.encode()),
}
UNITS = ["(", ")", '"', "\\", '("', " ", "\t ", "\r\n ", "<", "a@b.c,", "[", "%{", "%{d}", "a.", "=?", "=?utf-8?q?a?=", "a=b;", ";", "a:", "1"]  # fmt: skip


@pytest.mark.parametrize("name", PARSERS)
def test_parsers(name):
    """What one hardly sees in a whole message: each parser with each of the marks that it knows."""
    parse = PARSERS[name]
    for unit in UNITS:
        assert is_linear(lambda size, unit=unit: unit * (size // len(unit)), parse, 32 * KIB), unit


def test_dmarc_tags_that_are_repeated_in_another_case():
    def record(size: int) -> str:
        return "v=DMARC1;" + "".join(f"a{number}=;A{number}=;" for number in range(size // 12))

    assert is_linear(record, lambda text: read_record(text, "example.com"), 256 * KIB)


def test_what_is_quadratic_is_found():
    def quadratic(text: str) -> None:
        for start in range(0, len(text), 64):
            text.find("y", start)

    assert not is_linear(lambda size: "x" * size, quadratic, 256 * KIB)
    assert is_linear(lambda size: "x" * size, lambda text: [text.find("y")] * len(text), 64 * KIB)
