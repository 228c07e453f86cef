"""The DNS of an input: lines ``name TYPE value``, alone or over the zone of the tests, where the test keys stand."""

from __future__ import annotations

import sys
from functools import cache
from pathlib import Path

from todoku.net.dns.zone import SERVFAIL, TIMEOUT, Failure, Zone
from todoku.net.drivers import Layers, Source

TESTS = Path(__file__).parents[2] / "tests"
sys.path.append(str(TESTS))

import damaged_mail  # noqa: E402 -- messages that were changed on their way, and their keys; behind the path to it

__all__ = ["KEYS", "damaged_mail", "known_zone", "zone_of"]

KEYS = TESTS / "keys"
MAX_LINES = 100

_FAILURES = {"TIMEOUT": TIMEOUT, "SERVFAIL": SERVFAIL}
_TYPES = frozenset({"TXT", "A", "AAAA", "MX", "PTR", "CNAME", "SOA", "NS"})


@cache
def known_zone() -> Source:
    """The zone of the cases, and the keys of ``damaged_mail.py``."""
    return Layers([Zone.from_text((TESTS / "cases" / "base.zone").read_text("utf-8")), damaged_mail.ZONE])


def zone_of(lines: bytes, *, alone: bool = False) -> Source:
    """A closed world of these lines, or what they say laid over the zone of the tests."""
    records: dict[str, list[Failure | tuple[str, str | bytes | Failure]]] = {}
    for line in lines.split(b"\n")[:MAX_LINES]:
        words = line.split(b" ", 2)
        rdtype = words[1].decode("latin-1") if len(words) == 3 else ""
        if rdtype in _TYPES and words[0].isascii():
            text = words[2].decode("latin-1")
            value = _FAILURES.get(text) or (words[2] if rdtype == "TXT" else text)
            records.setdefault(words[0].decode("ascii"), []).append((rdtype, value))
    if alone:
        return Zone.from_dict(records)
    return Layers([known_zone(), Zone.from_dict(records)]) if records else known_zone()
