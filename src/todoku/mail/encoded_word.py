"""Encoded words in text for people: ``=?iso-2022-jp?B?...?=`` becomes what it says. RFC 2047, RFC 2231 section 5.

Nothing is refused: what cannot be decoded stays as it is written, and octets that are none of the charset's become
U+FFFD. Words that stand next to each other in one charset are decoded together, because many programs cut a character
in two, which RFC 2047 section 5 forbids.
"""

from __future__ import annotations

import binascii
import re
from itertools import groupby

from todoku.mail.charset import codec, to_text

MAX_WORD = 75  # octets of an encoded word: RFC 2047 section 2

WORD = re.compile(r"=\?([^?*\s]{1,40})(?:\*[^?\s]{0,40})?\?([bBqQ])\?([^?\r\n]*+)\?=")
HEX = re.compile(rb"=([0-9A-Fa-f]{2})")


def decode_words(text: str) -> str:
    """The text with its encoded words decoded. Never raises; linear."""
    if "=?" not in text:
        return text
    pieces: list[tuple[str, bytes | str]] = []  # (charset, octets), or ("", text)
    end = 0
    for match in WORD.finditer(text):
        octets = _octets(match[2], match[3]) if codec(match[1]) else None
        if octets is None:
            continue
        between = text[end : match.start()]
        # RFC 2047 6.2: white space between words is not shown.
        if between.strip(" \t\r\n") or not pieces or not pieces[-1][0]:
            pieces.append(("", between))
        pieces.append((match[1].lower(), octets))
        end = match.end()
    pieces.append(("", text[end:]))
    return "".join(_text(charset, [piece for _, piece in group]) for charset, group in groupby(pieces, lambda p: p[0]))


def _text(charset: str, pieces: list[bytes | str]) -> str:
    if not charset:
        return "".join(piece for piece in pieces if isinstance(piece, str))
    return to_text(b"".join(piece for piece in pieces if isinstance(piece, bytes)), charset)


def _octets(encoding: str, text: str) -> bytes | None:
    """The octets of a word's text; None where it is not of its encoding."""
    try:
        octets = text.encode("ascii")
        if encoding in "qQ":  # RFC 2047 4.2
            return HEX.sub(lambda match: bytes((int(match[1], 16),)), octets.replace(b"_", b" "))
        return binascii.a2b_base64(octets.rstrip(b"=") + b"===")  # RFC 2047 4.1; padding is often wrong
    except (UnicodeEncodeError, binascii.Error):
        return None
