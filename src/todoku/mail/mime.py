"""The MIME tree of a message, bounded and not recursive: RFC 2045-2049.

A container's children are found by searching its octets for its delimiter, so each level of nesting reads the message
once and no octet is copied; ``MAX_DEPTH`` and ``MAX_PARTS`` keep the rest of the work in bounds. A limit that is hit is
named in ``Mime.limits``.

A delimiter is a line that is exactly ``--boundary`` or ``--boundary--`` but for blanks at its end: what receivers do.
(RFC 2046 section 5.1.1 lets any line that *begins* so count, which takes ``--b10`` for a ``--b1``.) The line may end in a
bare LF: that is a defect of lines, and no reason to miss a part.
"""

from __future__ import annotations

import binascii
import re
from collections.abc import Iterator

import msgspec

from todoku.mail.content_type import ContentType, parse_content_type, parse_disposition, parse_token
from todoku.mail.message import MAX_HEADER, Message

MAX_DEPTH = 64
MAX_PARTS = 1_000
MAX_CANDIDATES = 100_000  # lines that begin like a delimiter and are none

_ENCODINGS = frozenset({"7bit", "8bit", "binary", "quoted-printable", "base64"})  # RFC 2045 section 6.1
IDENTITY = frozenset({"7bit", "8bit", "binary"})
_MESSAGE_TYPES = frozenset({"message/rfc822", "message/global"})  # RFC 2046 section 5.2.1, RFC 6532 section 3.7

_HEADER_END = re.compile(rb"\n\r?\n")
_PART_FIELD = re.compile(
    rb"^(content-type|content-transfer-encoding|content-disposition)[ \t]*+:(.*+(?:\n[ \t].*+)*+)",
    re.IGNORECASE | re.MULTILINE,
)
_NOT_BASE64 = bytes({*range(256)} - {*b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"})


class Part(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One leaf or container. ``start``/``end`` are octets of its body in ``Message.raw``.

    ``header`` is where its Content-Type field stands, else where its header begins.
    """

    content_type: str  # "text/html", lower-case
    charset: str = ""
    encoding: str = "7bit"  # Content-Transfer-Encoding, lower-case
    boundary: str = ""
    depth: int = 0
    start: int = 0
    end: int = 0
    disposition: str = ""
    header: int = 0

    @property
    def is_multipart(self) -> bool:
        """Whether it holds parts between delimiters."""
        return self.content_type.startswith("multipart/")

    @property
    def is_message(self) -> bool:
        """Whether it holds a whole message."""
        return self.content_type in _MESSAGE_TYPES


class Mime(msgspec.Struct, frozen=True, kw_only=True):
    """All parts in order (containers before their children), limits that were hit, and defects (tag, offset).

    Defects: ``content-type-syntax``, ``content-encoding-invalid``, ``boundary-missing``, ``boundary-unused``,
    ``boundary-unclosed``.
    """

    parts: tuple[Part, ...] = ()
    limits: tuple[str, ...] = ()  # "mime-depth", "mime-parts", "mime-header"
    defects: tuple[tuple[str, int], ...] = ()


def mime_tree(message: Message) -> Mime:
    """The parts of a message. Never raises; time is linear in its size."""
    walk = _Walk(message.raw)
    top = _top(message, walk)
    if message.headers_only:  # what its parts were is not known
        walk.parts.append(top)
    else:
        walk.visit(top)
    return Mime(parts=tuple(walk.parts), limits=tuple(dict.fromkeys(walk.limits)), defects=tuple(walk.defects))


class _Walk:
    """One walk over a message: what it has found so far, and the parts that it has yet to visit."""

    def __init__(self, raw: bytes) -> None:
        self.raw = raw
        self.parts: list[Part] = []
        self.limits: list[str] = []
        self.defects: list[tuple[str, int]] = []
        self.candidates = 0

    def visit(self, top: Part) -> None:
        pending = [top]
        while pending:
            if len(self.parts) == MAX_PARTS:
                self.limits.append("mime-parts")
                return
            part = pending.pop()
            self.parts.append(part)
            children = list(self.children(part))
            children.reverse()
            pending += children

    def children(self, part: Part) -> Iterator[Part]:
        if not (part.is_multipart or (part.is_message and part.encoding in IDENTITY)):
            return
        if part.depth == MAX_DEPTH:
            self.limits.append("mime-depth")
        elif part.is_message:
            yield from self.part(part.start, part.end, part.depth + 1)
        elif not part.boundary:
            self.defects.append(("boundary-missing", part.header))
        else:
            # RFC 2046 section 5.1.5: the parts of a digest are messages where they do not say otherwise.
            default = "message/rfc822" if part.content_type == "multipart/digest" else "text/plain"
            for start, end in self.spans(part):
                yield from self.part(start, end, part.depth + 1, default)

    def spans(self, part: Part) -> list[tuple[int, int]]:
        """The (start, end) of each part between the delimiters of a multipart: RFC 2046 section 5.1.1."""
        raw, delimiter = self.raw, b"\n--" + part.boundary.encode("latin-1")
        found: list[tuple[int, int]] = []
        begin: int | None = None
        position = max(part.start - 1, 0)  # the line end before the first delimiter may be the header's own
        while len(found) + len(self.parts) <= MAX_PARTS:
            at = raw.find(delimiter, position, part.end)
            if at < 0:
                break
            position = at + len(delimiter)
            line_end = raw.find(b"\n", position, part.end)
            line_end = part.end if line_end < 0 else line_end
            rest = raw[position:line_end].strip(b" \t\r")
            if rest not in (b"", b"--"):
                self.candidates += 1
                if self.candidates > MAX_CANDIDATES:
                    self.limits.append("mime-parts")
                    break
                continue
            if begin is not None:
                found.append((begin, max(begin, at - 1 if raw[at - 1] == 0x0D else at)))
            if rest:
                return found
            position, begin = line_end, min(line_end + 1, part.end)
        if begin is None:
            self.defects.append(("boundary-unused", part.header))
        else:
            if begin < part.end:
                found.append((begin, part.end))
            self.defects.append(("boundary-unclosed", part.header))
        return found

    def part(self, start: int, end: int, depth: int, default: str = "text/plain") -> Iterator[Part]:
        """The part whose header begins at ``start``; none where that is longer than the message's own may be."""
        match = _HEADER_END.search(self.raw, max(start - 1, 0), end)
        header_end, body = (match.start() + 1, match.end()) if match else (end, end)
        if header_end - start > MAX_HEADER:
            self.limits.append("mime-header")
            return
        fields: dict[str, tuple[bytes, int]] = {}
        for field in _PART_FIELD.finditer(self.raw[start:header_end]):
            fields.setdefault(field[1].decode("ascii").lower(), (field[2], start + field.start()))
        place = Part(content_type=default, depth=depth, start=body, end=end, header=start)
        yield self.described(place, fields) if fields else place

    def described(self, place: Part, fields: dict[str, tuple[bytes, int]]) -> Part:
        """The part as these fields, each with its offset, describe it."""
        kind, header = ContentType(place.content_type, {}), place.header
        if "content-type" in fields:
            body, header = fields["content-type"]
            kind = parse_content_type(body)
            if not kind.value:
                self.defects.append(("content-type-syntax", header))
        encoding = "7bit"
        if "content-transfer-encoding" in fields:
            body, offset = fields["content-transfer-encoding"]
            encoding = parse_token(body)
            composite = kind.value.startswith("multipart/") or kind.value == "message/rfc822"
            # RFC 2045 section 6.4: a composite type is never encoded itself.
            if encoding not in (IDENTITY if composite else _ENCODINGS) and not encoding.startswith("x-"):
                self.defects.append(("content-encoding-invalid", offset))
        disposition = ""
        if "content-disposition" in fields:
            disposition = parse_disposition(fields["content-disposition"][0]).value
        return Part(
            content_type=kind.value or "text/plain",  # RFC 2045 section 5.2
            charset=kind.parameters.get("charset", "").lower(),
            encoding=encoding,
            boundary=kind.parameters.get("boundary", ""),
            depth=place.depth,
            start=place.start,
            end=place.end,
            disposition=disposition,
            header=header,
        )


def _top(message: Message, walk: _Walk) -> Part:
    fields: dict[str, tuple[bytes, int]] = {}
    for name in ("content-type", "content-transfer-encoding", "content-disposition"):
        field = message.first(name)
        if field is not None:
            fields[name] = (field.body, field.offset)
    end = len(message.raw)
    start = end if message.body_start is None else message.body_start
    return walk.described(Part(content_type="text/plain", start=start, end=end), fields)


def decoded(message: Message, part: Part, limit: int = 512 * 1024) -> bytes:
    """The part's body with its transfer encoding undone, at most ``limit`` octets of it. Never raises."""
    if part.encoding == "base64":
        return _from_base64(message.raw[part.start : min(part.end, part.start + limit * 3 // 2)])[:limit]
    if part.encoding == "quoted-printable":
        return binascii.a2b_qp(message.raw[part.start : min(part.end, part.start + limit * 3)])[:limit]
    return message.raw[part.start : min(part.end, part.start + limit)]


def _from_base64(text: bytes) -> bytes:
    """What base64 text stands for; line ends and strange octets are passed over (RFC 2045 section 6.8)."""
    try:
        return binascii.a2b_base64(text)
    except binascii.Error:  # cut at our limit, or on the way: keep the whole groups of four
        digits = text.translate(None, _NOT_BASE64)
        return binascii.a2b_base64(digits[: len(digits) // 4 * 4])
