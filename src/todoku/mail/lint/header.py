"""The header: which fields there must be and how often, and how each is written. RFC 5322 sections 2.2 and 3.6."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from todoku.mail.content_type import without_comments
from todoku.mail.lint.defect import Defect, before, defect, shown
from todoku.mail.message import MAX_FIELDS, MAX_HEADER, MAX_MESSAGE, Field, Message

MAX_FIELD = (
    32 * 1024
)  # octets of one field; no receiver publishes its own bound, Sendmail gives a whole header this much

# RFC 5322 section 3.6: at most once. The MIME fields describe one body, RFC 2045 section 3.
_SINGLE = (
    "date", "from", "sender", "reply-to", "to", "cc", "bcc", "message-id", "in-reply-to", "references", "subject",
    "mime-version", "content-transfer-encoding", "content-type",
)  # fmt: skip
_RECIPIENT_FIELDS = ("sender", "reply-to", "to", "cc", "bcc")
ADDRESS_FIELDS = frozenset({"from", *_RECIPIENT_FIELDS})
_REQUIRED = ("date", "from", "message-id")  # Message-ID is a SHOULD of RFC 5322 section 3.6.4 and a must of Gmail

_MESSAGE_ID = re.compile(rb"\s*+<[^<>\s@]++@[^<>\s]++>\s*+")
# RFC 5322 section 4.2: once legal; some receivers take the blank line for the end of the header.
_BLANK_FOLD = re.compile(rb"\n[ \t]++\r?(?:\n|\Z)")
_BOM = b"\xef\xbb\xbf"
_LIMITS = {
    "header-size": ("header-too-large", MAX_HEADER),
    "field-count": ("too-many-fields", MAX_FIELDS),
    "message-size": ("message-too-large", MAX_MESSAGE),
}


def header_defects(message: Message) -> Iterator[Defect]:
    """The defects of the header as a whole, of its lines and of its fields."""
    yield from _shape(message)
    yield from _counts(message)
    yield from _fields(message)
    for name in _RECIPIENT_FIELDS:
        for field in message.all(name):
            yield from _recipients(message, field)
    for field in message.all("message-id"):
        if not _MESSAGE_ID.fullmatch(without_comments(field.body)):
            yield _of("message-id-syntax", message, field, value=shown(field.body.strip()))


def _of(tag: str, message: Message, field: Field, **values: str | int) -> Defect:
    return defect(tag, message.raw, field.offset, {"name": field.name, **values})


def _shape(message: Message) -> Iterator[Defect]:
    raw = message.raw
    for limit in message.limits:
        tag, bound = _LIMITS[limit]
        yield defect(tag, raw, min(_header_end(message), len(raw)), {"limit": bound})
    blank = _is_blank(raw)
    if blank:
        yield defect("leading-blank", raw, 0)
    if message.body_start is None and not message.headers_only:
        yield defect("no-body-separator", raw, len(raw))
    for stray in message.strays:
        if stray.offset or not blank:
            yield defect("field-syntax", raw, stray.offset)


def _fields(message: Message) -> Iterator[Defect]:
    """What is wrong with a field whatever its name."""
    raw = message.raw
    header = raw[: _header_end(message) + 2]
    may_have_blank_folds = _BLANK_FOLD.search(header) is not None
    if not may_have_blank_folds and len(header) <= MAX_FIELD and _are_plain(message):  # nearly always
        return
    for field in message.fields:
        line = field.raw
        if line[field.colon - 1] in b" \t":  # RFC 5322 section 4.5: once legal, never now
            yield _of("space-before-colon", message, field)
        if len(line) > MAX_FIELD:
            yield _of("field-too-long", message, field, length=len(line), limit=MAX_FIELD)
        if not _is_name(field.name) and (field.offset or not _is_blank(raw)):  # the first one's blanks: leading-blank
            yield defect("field-syntax", raw, field.offset)
        if may_have_blank_folds:
            for fold in _BLANK_FOLD.finditer(line):
                offset = field.offset + fold.start() + 1
                yield defect("blank-fold", raw, offset, {"name": field.name}, shown_from=before(raw, offset - 2))


def _are_plain(message: Message) -> bool:
    """Whether each field's name is one, and the colon follows it at once."""
    if not all(map(_is_name, message.by_name)):
        return False
    return all(field.colon == len(field.name) for field in message.fields)


@lru_cache(maxsize=2_048)
def _is_name(name: str) -> bool:
    """RFC 5322 section 3.6.8: a field name is printable ASCII without blanks."""
    return name.isascii() and name.isprintable() and " " not in name


def _is_blank(raw: bytes) -> bool:
    return raw.startswith((_BOM, b"\r\n", b"\n", b" ", b"\t"))


def _header_end(message: Message) -> int:
    """The octet after the last field that was read."""
    if message.fields:
        last = message.fields[-1]
        return last.offset + len(last.raw)
    return 0


def _counts(message: Message) -> Iterator[Defect]:
    fields = message.by_name
    for name in _SINGLE:
        for field in fields.get(name, ())[1:]:
            count = len(fields[name])
            if name == "content-type":
                yield defect("content-type-duplicate", message.raw, field.offset, {"count": count})
            else:
                yield _of("duplicate-field", message, field, count=count)
    if message.limits:  # what is missing may stand beyond the limit
        return
    for name in _REQUIRED:
        if name not in fields:
            yield defect(f"missing-{name}", message.raw, _header_end(message))


def _recipients(message: Message, field: Field) -> Iterator[Defect]:
    body = field.body
    if not body.strip(b" \t\r\n"):
        yield _of("field-empty", message, field)
    elif b".." in body or b".@" in body:
        yield from dotted(message, field)


def dotted(message: Message, field: Field) -> Iterator[Defect]:
    """Local parts with two dots in a row or one before the ``@``: Japanese carriers gave out such addresses until 2009."""
    position = field.colon + 1
    for piece in field.raw[position:].split(b"@")[:-1]:
        at = position + len(piece)
        local = re.split(rb"[\s<>,;:()]", piece[-64:])[-1]  # RFC 5321 section 4.5.3.1.1: 64 octets at most
        if (b".." in local or local.endswith(b".")) and not local.endswith(b'"'):
            start = field.offset + at - len(local)
            address = re.split(rb"[\s<>,;]", field.raw[at - len(local) : at + 64], maxsplit=1)[0]
            yield defect("address-dots", message.raw, start, {"name": field.name, "address": shown(address)})
        position = at + 1
