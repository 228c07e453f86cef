"""One defect of a message, and the list of every tag that one can bear.

A tag never changes and is never reused: ``requirements/message_format.py`` says each in words, tests and machines match
it. ``error`` means that a receiver may refuse the message for it, ``advice`` that it is legal or widely tolerated, yet
known to hurt. A limit of ours that was hit is a tag too, so that nothing is passed over in silence.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

import msgspec

from todoku.words.verdict import Values

Severity = Literal["error", "advice"]
MAX_LISTED = 20  # defects of one tag
MAX_EXTRACT = 120  # characters
_BEFORE = 24  # octets shown before a stray one
_NONE: Values = {}

TAGS: dict[str, Severity] = {
    # The header as a whole.
    "leading-blank": "error",  # a byte order mark or white space before the first field
    "no-body-separator": "error",  # no empty line ends the header
    "header-too-large": "error",  # limit: more than message.MAX_HEADER
    "too-many-fields": "error",  # limit: more than message.MAX_FIELDS
    "message-too-large": "error",  # limit: more than message.MAX_MESSAGE
    # Fields.
    "field-syntax": "error",  # a line that is no field
    "space-before-colon": "error",  # name
    "field-too-long": "error",  # name, length, limit
    "field-empty": "advice",  # name: an address field with nothing in it
    "blank-fold": "advice",  # name: a folded line of white space alone
    "duplicate-field": "error",  # name, count
    "content-type-duplicate": "error",  # count
    "missing-date": "error",
    "missing-from": "error",
    "missing-message-id": "error",
    "message-id-syntax": "error",  # value
    "date-syntax": "error",  # value: no date, or one that there is not (31 Feb)
    "date-range": "error",  # value, days: from the arrival to the date, below 0 in the past
    # Octets of the header.
    "header-8bit": "error",  # name, charset: "utf-8", "shift_jis", "euc-jp", or "" where it is none of these
    "header-utf8": "advice",  # name: UTF-8 that went by SMTPUTF8
    "iso-2022-jp-raw": "error",  # name
    "control-character": "error",  # name
    # Encoded words.
    "encoded-word-misplaced": "error",  # name: in an address, a domain or an identifier
    "encoded-word-quoted": "advice",  # name: inside "..."
    "encoded-word-too-long": "advice",  # name, length
    "encoded-word-invalid": "error",  # name, charset
    "encoded-word-split-character": "advice",  # name, charset
    # Authors and other addresses.
    "from-several-addresses": "error",
    "from-syntax": "error",
    "from-empty": "error",
    "from-route": "error",
    "from-control-character": "error",
    "group-from": "error",
    "utf8-address": "error",  # a local part that is not ASCII
    "address-exotic": "error",  # address: characters that no mailbox of a receiver has
    "address-dots": "advice",  # name, address: a local part with ".." or a dot before "@"
    "domain-invalid": "error",  # domain
    "domain-mixed-script": "advice",  # domain
    # Lines and octets anywhere.
    "bare-lf": "error",  # count
    "bare-cr": "error",  # count
    "nul": "error",  # count
    "line-too-long": "error",  # length, limit
    # MIME.
    "mime-version-missing": "advice",
    "content-type-syntax": "advice",  # not type/subtype: read as text/plain
    "content-encoding-invalid": "error",  # an unknown transfer encoding, or one that a multipart must not have
    "boundary-missing": "error",
    "boundary-unused": "error",  # the declared delimiter never comes
    "boundary-unclosed": "advice",
    "encoding-8bit-body": "advice",  # encoding: said to be 8-bit; some relays re-code it and break signatures
    "encoding-undeclared-8bit": "error",  # encoding: 8-bit octets in a body that says it is 7bit
    "mime-limit": "advice",  # limit: deeper or in more parts than we look
}


class Defect(msgspec.Struct, frozen=True, kw_only=True):
    """One finding: its tag, the octet of ``Message.raw`` where it stands, and what a person needs to see.

    ``values`` hold what the comment beside the tag in ``TAGS`` names. ``more`` in the last listed one of a tag counts
    those that are not listed.
    """

    tag: str
    offset: int
    severity: Severity
    values: Values = {}
    extract: str = ""  # the bytes there, made safe to show, at most 120 characters


def defect(tag: str, raw: bytes, offset: int, values: Values = _NONE, *, shown_from: int | None = None) -> Defect:
    """The defect at ``offset`` of ``raw``. Its extract is the rest of the line, from ``shown_from`` where that helps."""
    shown = extract(raw, offset if shown_from is None else shown_from)
    return Defect(tag=tag, offset=offset, severity=TAGS[tag], values=values, extract=shown)


def before(raw: bytes, offset: int) -> int:
    """Where an extract should begin so that a person sees what stands before ``offset`` in its line."""
    start = max(offset - _BEFORE, 0)
    return max(raw.rfind(b"\n", start, offset) + 1, start)


def extract(raw: bytes, offset: int) -> str:
    """The line there, safe on any terminal or page: text is read as UTF-8, everything unprintable is escaped."""
    end = raw.find(b"\r\n", offset, offset + MAX_EXTRACT)
    return shown(raw[offset : offset + MAX_EXTRACT if end < 0 else end])


def shown(octets: bytes) -> str:
    """Octets as text for people: at most ``MAX_EXTRACT`` characters, read as UTF-8, what is not printable escaped."""
    return printable(octets[: MAX_EXTRACT * 4].decode("utf-8", "backslashreplace"))


def printable(text: str) -> str:
    """At most ``MAX_EXTRACT`` characters of a text, what is not printable escaped."""
    text = text[:MAX_EXTRACT]
    if not text.isprintable():
        text = "".join(char if char.isprintable() else _escaped(char) for char in text)
    return text[:MAX_EXTRACT]


def _escaped(char: str) -> str:
    code = ord(char)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"


def limited(defects: Iterable[Defect]) -> tuple[Defect, ...]:
    """The defects by offset, at most ``MAX_LISTED`` of a tag; the last one of a tag that was cut says how many ``more``."""
    kept: list[Defect] = []
    seen: dict[str, int] = {}
    for one in sorted(defects, key=_place):
        seen[one.tag] = seen.get(one.tag, 0) + 1
        if seen[one.tag] <= MAX_LISTED:
            kept.append(one)
    cut = {tag: count - MAX_LISTED for tag, count in seen.items() if count > MAX_LISTED}
    for index in range(len(kept) - 1, -1, -1) if cut else ():
        more = cut.pop(kept[index].tag, 0)
        if more:
            kept[index] = msgspec.structs.replace(kept[index], values={**kept[index].values, "more": more})
    return tuple(kept)


def _place(one: Defect) -> tuple[int, str]:
    return one.offset, one.tag
