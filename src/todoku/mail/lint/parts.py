"""What the MIME structure of a message does wrong: RFC 2045 and 2046."""

from __future__ import annotations

import re
from collections.abc import Iterator

from todoku.mail.lint.defect import Defect, before, defect
from todoku.mail.message import Message
from todoku.mail.mime import Mime, Part

_EIGHT_BIT = re.compile(rb"[\x80-\xff]")


def part_defects(message: Message, mime: Mime) -> Iterator[Defect]:
    """The defects that the walk over the parts met, its limits, and 8-bit octets in their bodies."""
    raw = message.raw
    for tag, offset in mime.defects:
        if tag == "boundary-unused" and message.limits:  # it may come beyond the limit
            continue
        yield defect(tag, raw, offset)
    for limit in mime.limits:
        yield defect("mime-limit", raw, mime.parts[-1].header, {"limit": limit})
    # RFC 2045 section 4: it says that the message is MIME at all.
    if message.first("mime-version") is None:
        field = message.first("content-type") or message.first("content-transfer-encoding")
        if field is not None:
            yield defect("mime-version-missing", raw, field.offset)
    if not raw.isascii():
        for part in mime.parts:
            if not (part.is_multipart or part.is_message):
                yield from _eight_bit(raw, part)


def _eight_bit(raw: bytes, part: Part) -> Iterator[Defect]:
    """RFC 2045 section 6.2: only ``8bit`` and ``binary`` admit octets above 0x7F."""
    if raw[part.start : part.end].isascii():
        return
    match = _EIGHT_BIT.search(raw, part.start, part.end)
    offset = match.start() if match else part.start
    tag = "encoding-8bit-body" if part.encoding in ("8bit", "binary") else "encoding-undeclared-8bit"
    yield defect(tag, raw, offset, {"encoding": part.encoding}, shown_from=before(raw, offset))
