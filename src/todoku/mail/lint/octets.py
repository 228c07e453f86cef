"""Octets that a header must not hold: 8-bit text, raw ISO-2022-JP, control characters. RFC 5322 section 2.2, RFC 6532."""

from __future__ import annotations

import re
from collections.abc import Iterator

from todoku.mail.charset import guessed
from todoku.mail.lint.defect import Defect, before, defect
from todoku.mail.message import Field, Message

# Line ends and NUL have tags of their own, tab is white space.
_CONTROL = bytes(sorted({*range(1, 0x20), 0x7F} - {0x09, 0x0A, 0x0D}))
_ANY_CONTROL = re.compile(b"[" + re.escape(_CONTROL) + b"]")
_HIGH = re.compile(rb"[\x80-\xff]")
_ISO_2022_JP = re.compile(rb"\x1b[$(][@BJI(]")  # RFC 1468


def octet_defects(message: Message) -> Iterator[Defect]:
    """The first octet of each kind in each field that a header must not hold."""
    end = len(message.raw) if message.body_start is None else message.body_start
    header = message.raw[:end]
    if header.isascii() and len(header.translate(None, _CONTROL)) == len(header):
        return
    smtputf8 = any(b"UTF8SMTP" in field.raw for field in message.all("received"))  # RFC 6531 section 4.3
    for field in message.fields:
        yield from _of(message, field, smtputf8=smtputf8)


def _of(message: Message, line: Field, *, smtputf8: bool) -> Iterator[Defect]:
    raw = line.raw
    name = line.name
    if not raw.isascii():
        charset = guessed(raw)
        if charset == "utf-8" and smtputf8:
            yield _at("header-utf8", message, line, _HIGH, name=name)
        else:
            yield _at("header-8bit", message, line, _HIGH, name=name, charset=charset)
    if _ISO_2022_JP.search(raw):
        yield _at("iso-2022-jp-raw", message, line, _ISO_2022_JP, name=name)
    elif len(raw.translate(None, _CONTROL)) != len(raw):
        yield _at("control-character", message, line, _ANY_CONTROL, name=name)


def _at(tag: str, message: Message, line: Field, pattern: re.Pattern[bytes], **values: str) -> Defect:
    match = pattern.search(line.raw)
    offset = line.offset + (match.start() if match else 0)
    return defect(tag, message.raw, offset, values, shown_from=max(before(message.raw, offset), line.offset))
