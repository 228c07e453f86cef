"""A message as exact bytes: its header fields in order, each with its offset, and its body (RFC 5322 section 2).

Nothing is decoded, unfolded or repaired here: signatures are computed over these very bytes. Every limit that is hit is
named in ``limits``, never passed over in silence. Files with bare LF line ends are turned into CRLF before they come
here (``mail/saved.py``); a bare LF inside a CRLF message stays what it is, evidence.
"""

from __future__ import annotations

import re
from functools import cached_property, lru_cache

import msgspec

MAX_MESSAGE = 25 * 1024 * 1024  # octets
MAX_HEADER = 256 * 1024  # octets of header block
MAX_FIELDS = 1_000
MAX_KEPT_NAME = 64  # octets of a field name that is remembered
MAX_KEPT_FIELD = 4_096  # octets of a field whose value is remembered

BARE_LF = re.compile(rb"\n(?<!\r\n)")  # looks behind only where an LF is: 20 times faster than the other way round
_FIELD_END = re.compile(
    rb"\r\n(?![ \t])"
)  # RFC 5322 2.2.3: a line that begins with white space goes on with the one above


class Field(msgspec.Struct, frozen=True, gc=False):  # it holds nothing that could refer back to it
    """One header field. ``raw`` is all of it, folds included, without its last CRLF; ``offset`` counts in ``Message.raw``."""

    name: str  # lower-case, as compared: RFC 5322 section 1.2.2
    raw: bytes
    colon: int
    offset: int

    @property
    def written_name(self) -> str:
        """The name as it is written, blanks before the colon included."""
        return self.raw[: self.colon].decode("latin-1")

    @property
    def body(self) -> bytes:
        """Everything after the colon, unchanged."""
        return self.raw[self.colon + 1 :]

    @property
    def value(self) -> str:
        """The unfolded, stripped body: CRLF removed before white space (section 2.2.3), one character for each octet."""
        value = _kept_value if len(self.raw) <= MAX_KEPT_FIELD else _value
        return value(self.raw, self.colon)


class Stray(msgspec.Struct, frozen=True, gc=False):
    """A line of the header block that is no field: it has no colon, or no name before it."""

    raw: bytes
    offset: int


class Message(msgspec.Struct, frozen=True, dict=True):
    """A message: ``raw`` are its exact bytes, ``fields`` its header, ``body_start`` where its body begins.

    ``body_start`` is None where no empty line ends the header (``headers_only`` is set where the body was never there to
    begin with, as in a pasted header block). ``limits`` names each bound that was hit: ``message-size``,
    ``header-size``, ``field-count``.
    """

    raw: bytes
    fields: tuple[Field, ...]
    body_start: int | None
    strays: tuple[Stray, ...] = ()
    limits: tuple[str, ...] = ()
    headers_only: bool = False

    @cached_property
    def body(self) -> bytes:
        """The octets after the empty line; none where there is no empty line."""
        return b"" if self.body_start is None else self.raw[self.body_start :]

    @cached_property
    def has_bare_lf(self) -> bool:
        """Whether an LF stands anywhere without a CR before it: RFC 5321 section 2.3.8."""
        return BARE_LF.search(self.raw) is not None

    @cached_property
    def is_plainly_folded(self) -> bool:
        """Whether CR and LF stand in the header as CRLF alone, and no other octet that programs take for white space does."""
        return _is_plainly_folded(self.raw[: _header_end(self.raw)[0]])

    @cached_property
    def by_name(self) -> dict[str, tuple[Field, ...]]:
        """The fields of each lower-case name, in order."""
        table: dict[str, tuple[Field, ...]] = {}
        for field in self.fields:
            others = table.get(field.name)
            table[field.name] = (field,) if others is None else (*others, field)
        return table

    def all(self, name: str) -> tuple[Field, ...]:
        """Every field of this lower-case name, topmost first."""
        return self.by_name.get(name, ())

    def first(self, name: str) -> Field | None:
        """The topmost field of this lower-case name."""
        fields = self.by_name.get(name)
        return fields[0] if fields else None


def scan(raw: bytes, *, headers_only: bool = False) -> Message:
    """The message in ``raw``, whose lines end in CRLF. Never raises; what is over a limit is left out and named."""
    limits = []
    if len(raw) > MAX_MESSAGE:
        raw = raw[:MAX_MESSAGE].removesuffix(b"\r")  # of a CRLF that the limit cuts in two
        limits.append("message-size")
    end, body_start = _header_end(raw)
    cut = end > MAX_HEADER
    if cut:
        last = raw.rfind(b"\r\n", 0, MAX_HEADER)
        end = last + 2 if last >= 0 else 0
        limits.append("header-size")
    fields: list[Field] = []
    table: dict[str, tuple[Field, ...]] = {}
    strays: list[Stray] = []
    header = raw[:end]
    lines = _lines(header, cut=cut and raw[end : end + 1] in (b" ", b"\t"))
    if len(lines) > MAX_FIELDS:
        limits.append("field-count")
    start = 0
    for line in lines[:MAX_FIELDS]:
        written, separator, _ = line.partition(b":")
        colon = len(written) if separator else 0
        name = "" if not colon else _kept_name(written) if colon <= MAX_KEPT_NAME else _name(written)
        if name:
            field = Field(name, line, colon, start)
            fields.append(field)
            table[name] = (*table[name], field) if name in table else (field,)
        else:
            strays.append(Stray(line, start))
        start += len(line) + 2
    message = Message(raw, tuple(fields), body_start, tuple(strays), tuple(limits), headers_only)
    message.__dict__["by_name"] = table  # here it costs half of what it does later, and there is no lock to take
    message.__dict__["is_plainly_folded"] = not cut and _is_plainly_folded(header)
    return message


def _value(raw: bytes, colon: int) -> str:
    body = raw[colon + 1 :]
    if 0x0A in body:  # `in` finds a number in octets several times faster than one octet of bytes
        body = body.replace(b"\r\n", b"")
    return body.strip(b" \t\r\n").decode("latin-1")


_kept_value = lru_cache(maxsize=64)(_value)  # of one message: a field is read by all who have something to say of it


def _name(written: bytes) -> str:
    """The lower-case name in what stands before a colon; "" where that is no name."""
    name = written.rstrip(b" \t")
    return "" if 0x0A in name else name.decode("latin-1").lower()


_kept_name = lru_cache(maxsize=1_024)(_name)


def _header_end(raw: bytes) -> tuple[int, int | None]:
    """Where the header block ends, and where the body starts: after the first empty line (RFC 5322 section 2.1)."""
    if raw.startswith(b"\r\n"):
        return 0, 2
    end = raw.find(b"\r\n\r\n")
    return (len(raw), None) if end < 0 else (end + 2, end + 4)


def _lines(header: bytes, *, cut: bool) -> list[bytes]:
    """The header's lines, each with what is folded below it, without the CRLF that ends it: RFC 5322 section 2.2.3.

    ``cut`` says that a limit of ours ends it within a field: then that is left out.
    """
    if not header:
        return []
    lines: list[bytes] = _FIELD_END.split(header.removesuffix(b"\r\n"))
    return lines[:-1] if cut else lines


def _is_plainly_folded(header: bytes) -> bool:
    pairs = header.count(b"\r\n")
    return header.count(b"\n") == pairs == header.count(b"\r") and not (0x0B in header or 0x0C in header)
