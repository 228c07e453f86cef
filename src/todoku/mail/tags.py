"""The ``tag=value; tag=value`` lists that DKIM, ARC, DMARC and TLS-RPT share: RFC 6376 section 3.2.

The reader takes every list apart and says what is wrong with it; whether that makes the list void (DKIM, ARC) or not
(DMARC, which skips what it cannot read) is for the caller's standard to say.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

import msgspec

WHITE = " \t\r\n"  # what folds a value, and what stands around it
_NAMES = re.compile(r"[A-Za-z][A-Za-z0-9_]*(?:;[A-Za-z][A-Za-z0-9_]*)*")
_NO_VALUE_CHARACTER = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")  # what neither VALCHAR nor FWS holds
_NO_VALUE_OCTETS = bytes(octet for octet in range(128) if _NO_VALUE_CHARACTER.match(chr(octet)))


class Tags(msgspec.Struct, frozen=True, gc=False):
    """A tag list taken apart. Names and values keep their case, values their inner white space; both are stripped.

    ``values`` holds the first value of each name, in the order of the list. ``repeated`` names the tags that stand there
    more than once; ``malformed`` holds the pieces between semicolons that are no ``name=value``.
    """

    values: Mapping[str, str]
    repeated: tuple[str, ...] = ()
    malformed: tuple[str, ...] = ()

    def get(self, name: str, default: str = "") -> str:
        """The value of a tag, or ``default`` where the tag is absent."""
        return self.values.get(name, default)

    def __contains__(self, name: str) -> bool:
        """Whether the tag is there, be its value empty."""
        return name in self.values

    @property
    def problem(self) -> str:
        """What makes the list invalid by the grammar, in a few words; empty where it is valid."""
        if self.repeated:  # RFC 6376 3.2: a repeated tag makes the entire list invalid
            return f"{self.repeated[0]}= is repeated"
        if self.malformed:
            return f"not tag=value: {self.malformed[0][:60]!r}"
        return "" if self.values else "empty tag list"


@lru_cache(maxsize=32)  # a signature is read by those who verify it, those who look for SES, and those who explain it
def parse_tags(text: str) -> Tags:
    """The tags in ``text``, folded or not. Never raises; an empty text gives no tags."""
    clean = _is_clean(text)
    pieces = text.split(";")
    if not pieces[-1].strip(WHITE):  # RFC 6376 3.2: the last semicolon is optional
        pieces.pop()
    return (_all_valid(pieces) if clean else None) or _one_by_one(pieces, clean=clean)


def _is_clean(text: str) -> bool:
    """Whether every character is one that a value may hold. Of ASCII octets that is told three times as fast."""
    if text.isascii():
        return len(text.encode().translate(None, _NO_VALUE_OCTETS)) == len(text)
    return not _NO_VALUE_CHARACTER.search(text)


def _all_valid(pieces: list[str]) -> Tags | None:
    """The tags of a list with nothing wrong in it, as nearly all are: twice as fast as one by one. Else None."""
    values = {}
    for piece in pieces:
        name, equals, value = piece.partition("=")
        if not equals:
            return None
        values[name.strip(WHITE)] = value.strip(WHITE)
    return Tags(values) if len(values) == len(pieces) and _NAMES.fullmatch(";".join(values)) else None


def _one_by_one(pieces: list[str], *, clean: bool) -> Tags:
    values: dict[str, str] = {}
    repeated: list[str] = []
    malformed: list[str] = []
    for piece in pieces:
        name, equals, value = piece.partition("=")
        name = name.strip(WHITE)
        # A tag-name is ALPHA *ALNUMPUNC: a Python identifier but for its first character.
        is_name = name.isidentifier() and name.isascii() and name[0] != "_"
        if not equals or not is_name or (not clean and _NO_VALUE_CHARACTER.search(value)):
            malformed.append(piece.strip(WHITE))
        elif name in values:
            repeated.append(name)
        else:
            values[name] = value.strip(WHITE)
    return Tags(values, tuple(dict.fromkeys(repeated)), tuple(malformed))


def squeeze(value: str) -> str:
    """The value without any white space: for base64, and wherever the grammar lets white space fold a value."""
    for white in WHITE:
        if white in value:
            value = value.replace(white, "")
    return value


def listed(value: str) -> tuple[str, ...]:
    """The members of a colon-separated value, stripped, as in ``h=``, ``s=``, ``t=`` and ``q=``."""
    return tuple(member.strip(WHITE) for member in value.split(":"))
