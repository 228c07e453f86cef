"""Text in the forms in which mail programs write it: each way of encoding that is common, to guess what one has written.

Decoding has one answer, encoding has many: where lines end, what is escaped beyond need, how a charset is spelled.
"""

from __future__ import annotations

import binascii
import re
from collections.abc import Iterator

from todoku.mail.charset import codec

CHARSETS = ("utf-8", "iso-2022-jp", "shift_jis", "euc-jp", "iso-8859-1", "windows-1252")
"""The charsets that relays and programs turn Japanese and Western mail from, or into."""

_BASE64_WIDTHS = (76, 64, 72, 60)
_QP_WIDTHS = (76, 78, 73, 72)  # RFC 2045 6.7 allows 76; Python's email writes 78 by its own default
_SAFE = frozenset((0x09, *range(0x20, 0x3D), *range(0x3E, 0x7F)))  # RFC 2045 6.7 (2)
_ESCAPED = [bytes((octet,)) if octet in _SAFE else b"=%02X" % octet for octet in range(256)]
_CONTINUES = re.compile(rb"=[89AB][0-9A-F]")  # an octet of UTF-8 that is not the first of its character
_LINE_END = re.compile(rb"\r?\n")

# Windows and JIS map these characters differently, so that each has two code points and converters mix them.
_TO_WINDOWS = str.maketrans("\u301c\u2014\u2016\u2212\u00a2\u00a3\u00ac", "\uff5e\u2015\u2225\uff0d\uffe0\uffe1\uffe2")
_TO_JIS = str.maketrans("\uff5e\u2015\u2225\uff0d\uffe0\uffe1\uffe2", "\u301c\u2014\u2016\u2212\u00a2\u00a3\u00ac")


def with_crlf(text: bytes) -> bytes:
    """The text with each line end as CRLF."""
    return _LINE_END.sub(b"\r\n", text)


def quoted_printable(text: bytes) -> Iterator[bytes]:
    """The text, whose line ends are CRLF, as quoted-printable: one way after another."""
    escaped = [_escaped(line) for line in text.split(b"\r\n")]
    for width in _QP_WIDTHS:
        for full in (True, False):
            yield b"\r\n".join(_folded(line, width, full=full) for line in escaped)
    yield b"\r\n".join(_folded(line, 76, full=False, whole=True) for line in escaped)
    yield binascii.b2a_qp(text)


def _escaped(line: bytes) -> bytes:
    line = b"".join(map(_ESCAPED.__getitem__, line))  # RFC 2045 6.7 (1)
    if line.endswith((b" ", b"\t")):  # RFC 2045 6.7 (3)
        return line[:-1] + b"=%02X" % line[-1]
    return line


def _folded(line: bytes, width: int, *, full: bool, whole: bool = False) -> bytes:
    """The line with soft line breaks. ``full``: the last piece may be as wide as those that end in "=".

    ``whole``: no character of UTF-8 is cut in two.
    """
    start, pieces = 0, []
    while len(line) - start > (width if full else width - 1):
        stop = start + width - 1
        stop -= 1 if line[stop - 1] == 0x3D else 2 if line[stop - 2] == 0x3D else 0  # RFC 2045 6.7 (5)
        while whole and stop > start + 12 and _CONTINUES.match(line, stop):
            stop -= 3
        pieces.append(line[start:stop])
        start = stop
    pieces.append(line[start:])
    return b"=\r\n".join(pieces)


def base64_of(text: bytes) -> Iterator[bytes]:
    """The text as base64: its line ends as CRLF or LF, with or without the last one, in lines of several widths.

    Many programs end the last line of base64 too, which leaves an empty line before what follows.
    """
    lf = text.replace(b"\r\n", b"\n")
    forms = [text, lf, _toggled(text, b"\r\n"), _toggled(lf, b"\n")]
    digits = [binascii.b2a_base64(form, newline=False) for form in forms]
    for width in _BASE64_WIDTHS:
        for end in (b"", b"\r\n"):
            yield from (in_lines(form, width) + end for form in digits)


def _toggled(text: bytes, end: bytes) -> bytes:
    return text.removesuffix(end) if text.endswith(end) else text + end


def in_lines(digits: bytes, width: int) -> bytes:
    """The text in lines of ``width`` octets, the last one without its end."""
    return b"\r\n".join(digits[start : start + width] for start in range(0, len(digits), width))


def base64_widths(encoded: bytes) -> Iterator[bytes]:
    """Base64 text in other lines than it stands in."""
    digits = encoded.translate(None, b"\r\n \t")
    for width in (*_BASE64_WIDTHS, max(1, len(digits))):
        yield in_lines(digits, width)


def converted(octets: bytes, charset: str, other: str) -> Iterator[bytes]:
    """Octets of one charset in another, by each of the tables that converters use; none where it cannot be said in it."""
    source, target = codec(charset or "us-ascii"), codec(other)
    if source is None or target is None:
        return
    source = "utf-8" if source == "ascii" else source
    try:
        text = octets.decode(source)
    except UnicodeDecodeError:
        return
    seen = set()
    for variant in (text, text.translate(_TO_JIS), text.translate(_TO_WINDOWS)):
        try:
            encoded = variant.encode(target)
        except UnicodeEncodeError:
            continue
        if encoded not in seen:
            seen.add(encoded)
            yield encoded
