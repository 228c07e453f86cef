r"""Records as Route 53 writes them, and as we do (see ``change.RecordSet``): there and back.

Route 53's strings stand in quotes and its escapes are *octal*, ``\303`` (those of a master file are decimal): developer
guide, "Supported DNS record types" and "DNS domain name format". This module touches nothing.
"""

from __future__ import annotations

import re

from todoku.net.dns.master_file import octets
from todoku.net.dns.rdata import STRING

_STRING = re.compile(r'"((?:[^"\\]|\\.)*)"|(\S+)', re.DOTALL)
_ESCAPE = re.compile(r"\\([0-7]{3}|.)", re.DOTALL)
_TO_ESCAPE = re.compile(r'["\\]|[^ -~]')


def name_of(written: str) -> str:
    r"""A name without its last dot; Route 53 writes ``*`` as ``\052``."""
    return _unescaped(written).lower().rstrip(".")


def value_of(rdtype: str, written: str) -> str:
    """The value of a record as we write it."""
    if rdtype == "TXT":
        return "".join(_unescaped(quoted or bare) for quoted, bare in _STRING.findall(octets(written)))
    words = " ".join(written.split())
    return words if words == "." or words.endswith(" .") else words.removesuffix(".")


def written_value(rdtype: str, value: str) -> str | None:
    """The value as Route 53 is to be told it; None where it is no octets."""
    if rdtype != "TXT":
        return value
    if any(ord(character) > 0xFF for character in value):
        return None
    strings = [value[at : at + STRING] for at in range(0, len(value), STRING)]
    return " ".join(f'"{_TO_ESCAPE.sub(_escape, string)}"' for string in strings or [""])


def _escape(match: re.Match[str]) -> str:
    character = match[0]
    return f"\\{character}" if character in '"\\' else f"\\{ord(character):03o}"


def _unescaped(text: str) -> str:
    return _ESCAPE.sub(lambda match: chr(int(match[1], 8) & 0xFF) if len(match[1]) == 3 else match[1], text)
