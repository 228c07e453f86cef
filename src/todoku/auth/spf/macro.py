"""Macros: ``%{i}`` and its kin, which put what is known of a session into a name or an explanation. RFC 7208 section 7.

    macro-expand  = ( "%{" macro-letter transformers *delimiter "}" ) / "%%" / "%_" / "%-"
    macro-letter  = "s" / "l" / "o" / "d" / "i" / "p" / "h" / "c" / "r" / "t" / "v"
    transformers  = *DIGIT [ "r" ]
    delimiter     = "." / "-" / "+" / "," / "/" / "_" / "="
    macro-literal = %x21-24 / %x26-7E

The output is bounded whatever a record and a sender hold: a name by 253 octets, an explanation by ``MAX_EXPLANATION``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import quote

import msgspec

from todoku.mail.domain_name import MAX_NAME

MAX_EXPLANATION = 4096  # characters; ours

_PART = re.compile(
    r"%\{([slodiphvcrt])([0-9]*)(r?)([-.+,/_=]*)\}|%([%_-])|([\x21-\x24\x26-\x7e]+)|( +)", re.IGNORECASE | re.ASCII
)
_ESCAPES = {"%": "%", "_": " ", "-": "%20"}
_EXPLANATION_ONLY = frozenset("crt")


class Macro(msgspec.Struct, frozen=True):
    """One ``%{...}``: its value is split at ``delimiters``, perhaps reversed, and the last ``keep`` parts (0: all) stay."""

    letter: str
    keep: int
    reverse: bool
    delimiters: str
    escaped: bool  # an upper-case letter: URL-escaped


MacroString = tuple[str | Macro, ...]
Values = Mapping[str, str]
"""The value of each macro letter in one session."""


def parse(text: str, *, explanation: bool = False) -> MacroString | None:
    """The parts of a macro-string, or of an explain-string, which may hold spaces and ``c r t``; None: not one."""
    parts: list[str | Macro] = []
    at = 0
    while at < len(text):
        part = _PART.match(text, at)
        if part is None:
            return None
        letter, digits, reverse, delimiters, escape, literal, spaces = part.groups()
        if letter is not None:
            macro = _macro(letter, digits, bool(reverse), delimiters)
            if macro is None or (macro.letter in _EXPLANATION_ONLY and not explanation):  # RFC 7208 7.2
                return None
            parts.append(macro)
        elif spaces is not None and not explanation:
            return None
        else:
            parts.append(_ESCAPES[escape] if escape else literal or spaces)
        at = part.end()
    return tuple(parts)


def _macro(letter: str, digits: str, reverse: bool, delimiters: str) -> Macro | None:
    significant = digits.lstrip("0")
    if digits and not significant:  # RFC 7208 7.1: zero parts make no sense
        return None
    keep = int(significant) if significant and len(significant) < 4 else 0  # no value has a thousand parts
    return Macro(letter.lower(), keep, reverse, "".join(sorted(set(delimiters))) or ".", letter.isupper())


def letters(parts: MacroString) -> frozenset[str]:
    """The macro letters that stand in the string."""
    return frozenset(part.letter for part in parts if isinstance(part, Macro))


def literal(parts: MacroString) -> str:
    """The name that a string without macros is; "" where it holds one."""
    return "" if letters(parts) else domain_name(parts, {})


def domain_name(parts: MacroString, values: Values) -> str:
    """The target name that the string expands to, cut from the left, by whole labels, to 253 octets: RFC 7208 7.3."""
    pieces: list[str] = []
    length = 0
    expanded: dict[Macro, str] = {}
    for part in reversed(parts):  # only the right end counts, so a bomb's left end is never built
        if isinstance(part, str):
            piece = part
        elif part in expanded:
            piece = expanded[part]
        else:
            piece = expanded[part] = expand(part, values)
        pieces.append(piece)
        length += len(piece)
        if length > MAX_NAME + 2:
            break
    pieces.reverse()
    name = "".join(pieces).removesuffix(".")
    if len(name) > MAX_NAME:  # RFC 7208 7.3
        name = name[-MAX_NAME - 1 :].partition(".")[2]
    return name


def text(parts: MacroString, values: Values) -> str:
    """The explanation that the string expands to, or "" where it would be longer than ``MAX_EXPLANATION``."""
    pieces: list[str] = []
    length = 0
    for part in parts:
        pieces.append(part if isinstance(part, str) else expand(part, values))
        length += len(pieces[-1])
        if length > MAX_EXPLANATION:
            return ""
    return "".join(pieces)


def expand(macro: Macro, values: Values) -> str:
    """The text that one macro stands for: RFC 7208 7.3."""
    value = values[macro.letter]
    if macro.keep or macro.reverse or macro.delimiters != ".":
        for delimiter in macro.delimiters[1:]:
            value = value.replace(delimiter, macro.delimiters[0])
        labels = value.split(macro.delimiters[0])
        if macro.reverse:
            labels.reverse()
        value = ".".join(labels[-macro.keep :])
    return quote(value, safe="") if macro.escaped else value
