"""A field of the shape ``value; name=value; name="value"``: Content-Type and Content-Disposition. RFC 2045 section 5.1.

It is read as generously as mail programs read it (an unquoted value may hold ``=`` or ``:``), with comments removed and
the continued and encoded parameters of RFC 2231 put together. The first of two equal parameters counts.
"""

from __future__ import annotations

import re
from functools import lru_cache
from urllib.parse import unquote_to_bytes

import msgspec

# RFC 2045 section 5.1: a token is printable ASCII without tspecials; type "/" subtype are two.
_MEDIA_TYPE = re.compile(
    rb"\s*+([^\x00-\x20\x7f-\xff()<>@,;:\\\"/\[\]?=]++)\s*+(/)\s*+([^\x00-\x20\x7f-\xff()<>@,;:\\\"/\[\]?=]++)"
)
_TOKEN = re.compile(rb"\s*+([^\x00-\x20\x7f-\xff()<>@,;:\\\"/\[\]?=]*+)()()")
# A parameter begins after ";", or after white space where a writer forgot the ";". The look-behind lets a run of them be
# tried once, not from each of its octets.
_PARAMETER = re.compile(rb"""(?<![\s;])[\s;]++([^\s=;"]++)\s*+=\s*+(?:"((?:[^"\\]|\\.)*+)"?|([^;\s]*+))""", re.DOTALL)
_SHORT = 64  # octets
_COMMENT_MARK = re.compile(rb'\\.|[()"]', re.DOTALL)
_QUOTED_PAIR = re.compile(rb"\\(.)", re.DOTALL)


class ContentType(msgspec.Struct, frozen=True):
    """What stands before the first ``;``, lower-case ("" where it is no type at all), and the parameters by lower-case name.

    A parameter's value is its octets, one character for each.
    """

    value: str
    parameters: dict[str, str]


def parse_content_type(body: bytes) -> ContentType:
    """The media type of a Content-Type body, and its parameters. Never raises; linear."""
    return _short(body) if len(body) <= _SHORT else _parse(body, _MEDIA_TYPE)


@lru_cache(maxsize=512)
def _short(body: bytes) -> ContentType:
    """Bodies such as ``text/html; charset=utf-8`` come again and again; those with a boundary are longer and do not."""
    return _parse(body, _MEDIA_TYPE)


def parse_disposition(body: bytes) -> ContentType:
    """The disposition type of a Content-Disposition body (RFC 2183), and its parameters. Never raises; linear."""
    return _parse(body, _TOKEN)


def parse_token(body: bytes) -> str:
    """The one lower-case word of a field such as Content-Transfer-Encoding, its comments removed."""
    return without_comments(body).strip(b" \t\r\n;").decode("latin-1").lower()


def without_comments(body: bytes) -> bytes:
    """The body with each comment replaced by a blank; quoted strings stay as they are. RFC 5322 section 3.2.2."""
    if b"(" not in body:
        return body
    kept: list[bytes] = []
    depth = start = 0
    quoted = False
    for mark in _COMMENT_MARK.finditer(body):
        char = mark[0]
        if char == b'"' and not depth:
            quoted = not quoted
        elif char == b"(" and not quoted:
            if not depth:
                kept.append(body[start : mark.start()])
            depth += 1
        elif char == b")" and depth:
            depth -= 1
            start = mark.end()
    if not depth:
        kept.append(body[start:])
    return b" ".join(kept)


def _parse(body: bytes, shape: re.Pattern[bytes]) -> ContentType:
    body = without_comments(body.replace(b"\r\n", b""))
    match = shape.match(body)
    value = b"".join(match.groups()).decode("ascii").lower() if match else ""
    plain: dict[str, bytes] = {}
    pieces: dict[str, dict[str, bytes]] = {}
    for parameter in _PARAMETER.finditer(body):
        name = parameter[1].decode("latin-1").lower()
        content = parameter[3] if parameter[2] is None else _QUOTED_PAIR.sub(rb"\1", parameter[2])
        name, star, section = name.partition("*")
        if star:
            pieces.setdefault(name, {}).setdefault(section, content)
        else:
            plain.setdefault(name, content)
    for name, sections in pieces.items():
        plain.setdefault(name, _joined(sections))
    return ContentType(value, {name: content.decode("latin-1") for name, content in plain.items()})


def _joined(sections: dict[str, bytes]) -> bytes:
    """The value that the sections of one parameter make: ``name*``, or ``name*0``, ``name*1*`` ... RFC 2231 sections 3, 4."""
    if "" in sections:
        return unquote_to_bytes(sections[""].split(b"'", 2)[-1])
    whole: list[bytes] = []
    for index in range(len(sections)):
        plain, encoded = sections.get(str(index)), sections.get(f"{index}*")
        if encoded is not None:
            whole.append(unquote_to_bytes(encoded if index else encoded.split(b"'", 2)[-1]))
        elif plain is not None:
            whole.append(plain)
        else:
            break
    return b"".join(whole)
