"""Forward-confirmed reverse DNS: the ``iprev`` method of RFC 8601 section 3."""

from __future__ import annotations

from typing import Literal

import msgspec

from todoku.auth.ask import Answer, Ask


class IprevResult(msgspec.Struct, frozen=True, kw_only=True):
    """Whether a PTR name of ``ip`` resolves back to it. At most 10 PTR names are looked at."""

    result: Literal["pass", "fail", "temperror", "permerror"]  # permerror: no PTR record
    ip: str
    names: tuple[str, ...] = ()  # every PTR name
    name: str = ""  # the one that resolves back to `ip`
    ptr: Answer | None = None
    forward: tuple[Answer, ...] = ()  # A or AAAA of each name looked at


def iprev(ip: str) -> Ask[IprevResult]:
    """Look up the PTR names of ``ip``, then all their addresses together."""
    raise NotImplementedError
