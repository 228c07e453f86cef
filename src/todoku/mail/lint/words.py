"""Encoded words: ``=?charset?B?...?=``, where they may stand and what they must hold. RFC 2047 sections 2 and 5."""

from __future__ import annotations

import binascii
import re
from collections.abc import Iterator

import msgspec

from todoku.mail.charset import codec
from todoku.mail.encoded_word import MAX_WORD
from todoku.mail.lint.defect import Defect, defect
from todoku.mail.lint.header import ADDRESS_FIELDS
from todoku.mail.message import Field, Message

# Fields whose values are made of tokens, identifiers, routes or addresses only: RFC 2047 section 5 allows none there.
_NO_WORDS = frozenset({
    "message-id", "in-reply-to", "references", "date", "received", "return-path", "mime-version",
    "content-transfer-encoding", "dkim-signature", "list-unsubscribe-post",
})  # fmt: skip

_WORD = re.compile(rb"=\?([A-Za-z0-9_.:+*'-]++)\?([bBqQ])\?([^?]*+)(\?=)?")
_NOT_Q = re.compile(rb"=(?![0-9A-Fa-f]{2})|[^\x21-\x7e]")
_NOT_B = re.compile(rb"[^A-Za-z0-9+/=]|=[^=]|={3}")
_QUOTE = re.compile(rb'\\.|"', re.DOTALL)
_ASCII_SHIFTS = (b"\x1b(B", b"\x1b(J")  # RFC 1468: where a text of ISO-2022-JP must end


class _Word(msgspec.Struct, frozen=True):
    """One encoded word: where it stands in its field, and what it holds (None: it cannot be decoded)."""

    start: int
    end: int
    charset: str
    octets: bytes | None


def word_defects(message: Message) -> Iterator[Defect]:
    """The defects of every encoded word in the header."""
    end = len(message.raw) if message.body_start is None else message.body_start
    if message.raw.find(b"=?", 0, end) < 0:
        return
    for field in message.fields:
        if b"=?" in field.raw:
            yield from _of(message, field)


def _of(message: Message, field: Field) -> Iterator[Defect]:
    quoted = _quoted(field.raw) if field.name in ADDRESS_FIELDS and b'"' in field.raw else []
    whole_address = field.name in ADDRESS_FIELDS and b"@" not in field.raw
    torn = False  # the word before ends amid a character
    for match in _WORD.finditer(field.raw, field.colon + 1):
        word = _word(match)
        offset = field.offset + word.start
        length = word.end - word.start
        named = {"name": field.name, "charset": word.charset}
        if length > MAX_WORD:
            yield defect("encoded-word-too-long", message.raw, offset, {"name": field.name, "length": length})
        if field.name in _NO_WORDS or whole_address or _in_address(field, word):
            yield defect("encoded-word-misplaced", message.raw, offset, {"name": field.name})
        elif any(start < word.start < end for start, end in quoted):
            yield defect("encoded-word-quoted", message.raw, offset, {"name": field.name})
        state = _state(word, after_torn=torn)
        torn = state == "torn"
        if state == "invalid":
            yield defect("encoded-word-invalid", message.raw, offset, named)
        elif torn:
            yield defect("encoded-word-split-character", message.raw, offset, named)


def _word(match: re.Match[bytes]) -> _Word:
    # RFC 2231 section 5: a language may follow the charset after "*".
    charset = match[1].decode("ascii").partition("*")[0].lower()
    octets = None
    if match[4] and codec(charset):
        octets = _from_q(match[3]) if match[2] in b"qQ" else _from_b(match[3])
    return _Word(match.start(), match.end(), charset, octets)


def _from_q(text: bytes) -> bytes | None:
    """RFC 2047 section 4.2; None where the text is not of that encoding."""
    if _NOT_Q.search(text):
        return None
    return binascii.a2b_qp(text, header=True)


def _from_b(text: bytes) -> bytes | None:
    """RFC 2047 section 4.1; None where the text is no base64."""
    if len(text) % 4 or _NOT_B.search(text):
        return None
    try:
        return binascii.a2b_base64(text)
    except binascii.Error:
        return None


def _state(word: _Word, *, after_torn: bool) -> str:
    """How a word's octets stand in its charset: "whole", "torn" amid a character (RFC 2047 section 5), or "invalid"."""
    if word.octets is None:
        return "invalid"
    if word.charset.startswith("iso-2022-jp"):
        # What vendors added to its character sets is not for us to judge; the way it must end is.
        shift = word.octets.rfind(b"\x1b")
        return "whole" if shift < 0 or word.octets[shift : shift + 3] in _ASCII_SHIFTS else "torn"
    try:
        word.octets.decode(codec(word.charset) or "utf-8")
    except UnicodeDecodeError as error:
        if error.end == len(word.octets) and len(word.octets) - error.start < 4:
            return "torn"
        return "torn" if after_torn and error.start == 0 else "invalid"
    return "whole"


def _in_address(field: Field, word: _Word) -> bool:
    """Whether a word is part of an addr-spec: RFC 2047 section 5 (3)."""
    if field.name not in ADDRESS_FIELDS:
        return False
    raw = field.raw
    before, after = raw[word.start - 1 : word.start], raw[word.end : word.end + 1]
    return before in (b"<", b"@", b".") or after in (b"@", b">")


def _quoted(raw: bytes) -> list[tuple[int, int]]:
    """Where the quoted strings of a field begin and end."""
    marks = [mark.start() for mark in _QUOTE.finditer(raw) if mark[0] == b'"']
    return list(zip(marks[::2], marks[1::2], strict=False))
