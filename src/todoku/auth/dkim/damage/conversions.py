"""Texts that a relay put into another transfer encoding or charset: the body as it may have been before."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from itertools import islice, product
from typing import NamedTuple

from todoku.auth.dkim.damage.encodings import (
    CHARSETS,
    base64_of,
    base64_widths,
    converted,
    quoted_printable,
    with_crlf,
)
from todoku.auth.dkim.damage.search import LARGE, Guess, Letter
from todoku.auth.dkim.damage_kinds import Damage
from todoku.mail.mime import Part, decoded

_ENCODING = re.compile(rb"(^content-transfer-encoding:[ \t]*)([a-z0-9-]+)", re.IGNORECASE | re.MULTILINE)
_ENCODING_FIELD = re.compile(rb"^content-transfer-encoding:[^\r\n]*\r\n", re.IGNORECASE | re.MULTILINE)
_CHARSET = re.compile(rb"(charset[ \t]*=[ \t]*\"?)([a-z0-9_.:-]+)", re.IGNORECASE)
MAX_OF_CHARSET = 12  # forms of one charset
USUAL_BASE64 = 8  # forms in lines of 76
_NO_FIELD = "-"  # for an encoding: its field is not written
_IDENTITY = ("7bit", "8bit", "binary")
_KNOWN = (*_IDENTITY, "base64", "quoted-printable")  # RFC 2045 6.1: what a relay that encodes anew can have written


class _Before(NamedTuple):
    """A form that the texts may have had: their encoding and charset, and their contents in it."""

    encoding: str
    charset: str  # "" where it was not converted
    contents: tuple[bytes, ...]


_Forms = Callable[[Letter, tuple[Part, ...]], Iterator[_Before]]


def conversions(letter: Letter) -> Iterator[Guess]:
    """The body with its texts as they may have been: those that are alike now together, then each alone or by itself."""
    groups: dict[tuple[str, str], list[Part]] = {}
    for part in letter.texts:
        if part.encoding not in _KNOWN:
            continue
        groups.setdefault((part.encoding, part.charset), []).append(part)
    together = [tuple(parts) for parts in groups.values()]
    alone = [(part,) for parts in together if len(parts) > 1 for part in parts[:3]]
    yield from _converted(letter, together, _in_other_encodings, likely=True)
    yield from _each_by_itself(letter, together)
    yield from _converted(letter, alone, _in_other_encodings, likely=True)
    yield from _converted(letter, (*together, *alone), _in_other_charsets, likely=True)
    yield from _converted(letter, (*together, *alone), _in_other_encodings, likely=False)
    yield from _converted(letter, (*together, *alone), _in_other_charsets, likely=False)


def _converted(letter: Letter, groups: Sequence[tuple[Part, ...]], forms: _Forms, *, likely: bool) -> Iterator[Guess]:
    """The body with each group in each form; ``likely``: their headers spelled in the first way, else in the others."""
    for parts in groups:
        for before in forms(letter, parts):
            for body in _with_headers(letter, parts, before, slice(0, 1) if likely else slice(1, None)):
                yield Guess(body, _named(letter, parts, before))


def _in_other_encodings(letter: Letter, parts: tuple[Part, ...]) -> Iterator[_Before]:
    """The other transfer encodings in which these parts, alike now, may have been signed."""
    encoding = parts[0].encoding
    yield from _encoded(_plain(letter, parts), encoding, "")
    if encoding == "base64":
        ways = [base64_widths(letter.content(part)) for part in parts]
        yield from (_Before("base64", "", contents) for contents in zip(*ways, strict=False))


def _in_other_charsets(letter: Letter, parts: tuple[Part, ...]) -> Iterator[_Before]:
    """The other charsets in which these parts may have been signed."""
    charset = parts[0].charset
    texts = _plain(letter, parts)
    if all(map(bytes.isascii, texts)) and charset not in CHARSETS[1:]:
        return
    for other in CHARSETS:
        if other != charset:
            for octets in zip(*(converted(text, charset, other) for text in texts), strict=False):
                yield from islice(_encoded(list(octets), "", other), MAX_OF_CHARSET)


def _each_by_itself(letter: Letter, together: list[tuple[Part, ...]]) -> Iterator[Guess]:
    """Two texts that are alike now and were in different encodings, each in its most usual form."""
    for parts in together:
        if len(parts) == 2:
            usual = [[*_usual(letter, part)] for part in parts]
            for one, two in product(*usual):
                if one.encoding != two.encoding:
                    body = _rebuilt(letter, parts, (one, two))
                    now = parts[0].encoding
                    yield Guess(body, Damage("body-reencoded", detail=f"{one.encoding}, {two.encoding} -> {now}"))


def _usual(letter: Letter, part: Part) -> Iterator[_Before]:
    text = with_crlf(decoded(letter.message, part, LARGE))
    yield _Before(part.encoding, "", (letter.content(part),))
    yield from islice(_encoded([text], part.encoding, ""), 1)
    yield from (_Before("quoted-printable", "", (form,)) for form in islice(quoted_printable(text), 2))
    crlf, lf, _, _, crlf_ended, lf_ended = islice(base64_of(text), 6)
    yield from (_Before("base64", "", (form,)) for form in (crlf, lf, crlf_ended, lf_ended))


def _plain(letter: Letter, parts: tuple[Part, ...]) -> list[bytes]:
    return [with_crlf(decoded(letter.message, part, LARGE)) for part in parts]


def _encoded(texts: list[bytes], encoding: str, charset: str) -> Iterator[_Before]:
    """The texts in every encoding: plain first, base64 in lines of 76 before quoted-printable, unusual lines last."""
    eight_bit = not all(map(bytes.isascii, texts))
    yield _Before("8bit" if eight_bit else "7bit", charset, tuple(texts))
    ways = zip(*map(base64_of, texts), strict=True)
    base64 = (_Before("base64", charset, contents) for contents in ways) if encoding != "base64" else iter(())
    yield from islice(base64, USUAL_BASE64)
    ways = zip(*map(quoted_printable, texts), strict=True)
    yield from (_Before("quoted-printable", charset, contents) for contents in ways)
    yield from base64


def _named(letter: Letter, parts: tuple[Part, ...], before: _Before) -> Damage:
    now = parts[0]
    if before.charset:
        return Damage("body-reencoded", detail=f"{before.charset} -> {now.charset or 'us-ascii'}")
    if before.encoding == now.encoding and _only_lines_differ(letter, parts, before):
        return Damage("body-rewrapped")
    return Damage("body-reencoded", detail=f"{before.encoding} -> {now.encoding}")


def _only_lines_differ(letter: Letter, parts: tuple[Part, ...], before: _Before) -> bool:
    """Whether the encoded text is the same but for the line ends that its encoding allows anywhere."""
    pairs = zip((letter.content(part) for part in parts), before.contents, strict=True)
    return all(_unbroken(now, before.encoding) == _unbroken(old, before.encoding) for now, old in pairs)


def _unbroken(content: bytes, encoding: str) -> bytes:
    return content.translate(None, b"\r\n") if encoding == "base64" else content.replace(b"=\r\n", b"")


def _with_headers(letter: Letter, parts: tuple[Part, ...], before: _Before, which: slice) -> Iterator[bytes]:
    """The body with the parts' contents, and with their own headers as these may have been written."""
    spellings = [*_spellings(before, parts[0])]
    if parts[0].depth == 0:  # its header is the message's, which the body hash leaves out
        spellings = spellings[:1]
    for encoding, charset in spellings[which]:
        yield _rebuilt(letter, parts, [_Before(encoding, charset, (content,)) for content in before.contents])


def _spellings(before: _Before, now: Part) -> Iterator[tuple[str, str]]:
    """Ways to write the encoding (NONE: not at all) and the charset ("": as it is)."""
    encodings: tuple[str, ...]
    if before.encoding == now.encoding:
        encodings = ("",)
    elif before.encoding in _IDENTITY:
        other = "7bit" if before.encoding == "8bit" else "8bit"
        encodings = (before.encoding, _NO_FIELD, before.encoding.upper(), other)
    else:
        encodings = (before.encoding, before.encoding.upper() if before.encoding == "base64" else "Quoted-Printable")
    charsets = [before.charset, before.charset.upper()] if before.charset else [""]
    charsets += ["Shift_JIS"] if before.charset == "shift_jis" else []
    yield from ((encoding, charset) for encoding in encodings for charset in charsets)


def _rebuilt(letter: Letter, parts: tuple[Part, ...], written: Sequence[_Before]) -> bytes:
    """The body with these parts, each with its one content and its header saying so."""
    raw, position = letter.message.raw, letter.start
    pieces: list[bytes] = []
    for part, before in zip(parts, written, strict=True):
        header = max(position, raw.rfind(b"\n--", 0, part.header) + 1) if part.depth else part.start
        head = raw[header : part.start]
        if before.encoding == _NO_FIELD:
            head = _ENCODING_FIELD.sub(b"", head)
        elif before.encoding:
            head = _ENCODING.sub(rb"\g<1>" + before.encoding.encode("latin-1", "replace"), head)
        if before.charset:
            head = _CHARSET.sub(rb"\g<1>" + before.charset.encode(), head)
        pieces += [raw[position:header], head, *before.contents]
        position = part.end
    return b"".join((*pieces, raw[position:]))
