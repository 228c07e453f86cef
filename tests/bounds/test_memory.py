"""What hostile input may cost in memory: so many times its own size, whatever it is made of.

A list of small pieces takes 40 octets and more for each; a message of nothing but line ends has 25 million of them.
"""

from __future__ import annotations

import gc
import tracemalloc
from collections.abc import Callable
from datetime import UTC, datetime

import pytest

import todoku
from hostile import P, signed
from todoku.mail.saved import read_saved
from todoku.words.errors import NotAMessage

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
ZONE = todoku.Zone.from_dict({"rsa._domainkey.example.com": [("TXT", f"v=DKIM1; p={P}")]})
HEADER = b"From: a@example.com\r\nDate: Mon, 23 Nov 2026 00:00:00 +0000\r\nMessage-ID: <1@example.com>\r\nMIME-Version: 1.0\r\n"
SIZE = 2 * 2**20
TIMES = 12
"""A body is held as it came, canonical, and as a few guesses."""


def peak(use: Callable[[bytes], object], given: bytes) -> float:
    """How many times its size was held at once, beyond itself."""
    gc.collect()
    tracemalloc.start()
    try:
        use(given)
        return tracemalloc.get_traced_memory()[1] / len(given)
    finally:
        tracemalloc.stop()


def look(raw: bytes) -> None:
    todoku.check(raw, resolver=ZONE, now=NOW)


def part(field: bytes, unit: bytes) -> bytes:
    """A message whose part has one field of so many units."""
    top = HEADER + b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n"
    return top + field + unit * (SIZE // len(unit)) + b"\r\n\r\nx\r\n--b--\r\n"


def damaged(unit: bytes, fields: bytes = b"", form: str = "simple") -> bytes:
    """A message of so many units, whose body was another when it was signed."""
    raw = signed(HEADER + fields + b"\r\nhello\r\n", h="from:date:message-id", c=f"simple/{form}")
    return raw.replace(b"\r\nhello\r\n", b"\r\n" + unit * (SIZE // len(unit)))


BASE64 = b"Content-Type: text/plain\r\nContent-Transfer-Encoding: base64\r\n"
MESSAGES = {
    "bare LF": damaged(b"a\n"),
    "bare CR": damaged(b"a\r"),
    "escaped From": damaged(b">From \r\n"),
    "dots": damaged(b".\r\n"),
    "broken base64": damaged(b"=41=\r\n", BASE64),
    "base64": damaged(b"QUFB\r\n", BASE64),
    "blanks": damaged(b" \t\r\n"),
    "short lines": damaged(b"ab\r\n"),
    "comments of a disposition": part(b"Content-Disposition: ", b"()"),
    "comments of an encoding": part(b"Content-Transfer-Encoding: ", b"()"),
    "parameters": part(b"Content-Type: a/b", b"; a*1=b"),
}  # fmt: skip


@pytest.mark.parametrize("shape", MESSAGES)
def test_messages(shape):
    assert peak(look, MESSAGES[shape]) < TIMES


def read(data: bytes) -> None:
    try:
        read_saved(data)
    except NotAMessage:
        """It is none: that is an answer too."""


FILES = {
    "LF and CRLF": b"From: a@example.com\nTo: b@example.com\r\n\n" + b"a\n" * (SIZE // 2),
    "quoted lines": b"> From: a@example.com\n> To: b@example.com\n\n" + b"> \n" * (SIZE // 3),
    "lines of mailboxes": b"From a@b Mon Nov 23 00:00:00 2026\nFrom: a@example.com\n\n" + b"\nFrom x\n" * (SIZE // 8),
}  # fmt: skip


@pytest.mark.parametrize("shape", FILES)
def test_files(shape):
    assert peak(read, FILES[shape]) < TIMES


def test_pieces_are_found():
    assert peak(lambda given: given.split(b"\n"), b"ab\n" * (SIZE // 3)) > TIMES
