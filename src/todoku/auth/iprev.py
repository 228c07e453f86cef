"""Forward-confirmed reverse DNS: the ``iprev`` method of RFC 8601 section 3."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Literal

import msgspec

from todoku.auth.ask import Answer, Ask, ask, together

MAX_NAMES = 10  # RFC 8601 section 3 leaves the limit to us; RFC 7208 4.6.4 allows as many


class IprevResult(msgspec.Struct, frozen=True, kw_only=True):
    """Whether a PTR name of ``ip`` resolves back to it. At most 10 PTR names are looked at.

    ``fail``: there are names, and none of those looked at has this address; with a name that could not be looked up, or
    with names beyond the tenth, that is not known, and the result is ``temperror``.
    """

    result: Literal["pass", "fail", "temperror", "permerror"]  # permerror: no PTR record
    ip: str
    names: tuple[str, ...] = ()  # every PTR name
    name: str = ""  # the one that resolves back to `ip`
    ptr: Answer | None = None
    forward: tuple[Answer, ...] = ()  # A or AAAA of each name looked at


def iprev(ip: str) -> Ask[IprevResult]:
    """Look up the PTR names of ``ip``, then all their addresses together."""
    address = _address(ip)
    if address is None:
        return IprevResult(result="permerror", ip=ip)
    ptr = yield from ask(address.reverse_pointer, "PTR")
    if ptr.failed:
        return IprevResult(result="temperror", ip=ip, ptr=ptr)  # RFC 8601 2.7.3
    names = tuple(dict.fromkeys(ptr.records))
    if not names:
        return IprevResult(result="permerror", ip=ip, ptr=ptr)  # RFC 8601 2.7.3
    rdtype = "A" if address.version == 4 else "AAAA"
    forward = yield from together(*(ask(name, rdtype) for name in names[:MAX_NAMES]))
    for name, answer in zip(names, forward, strict=False):
        if any(_address(record) == address for record in answer.records):
            return IprevResult(result="pass", ip=ip, names=names, name=name, ptr=ptr, forward=forward)
    unseen = len(names) > MAX_NAMES or any(answer.failed for answer in forward)
    return IprevResult(result="temperror" if unseen else "fail", ip=ip, names=names, ptr=ptr, forward=forward)


def _address(text: str) -> IPv4Address | IPv6Address | None:
    """The address in ``text``; an IPv4-mapped one is the IPv4 address that was meant (RFC 4291 section 2.5.5.2)."""
    try:
        address = ip_address(text)
    except ValueError:
        return None
    if isinstance(address, IPv6Address):
        return None if address.scope_id else address.ipv4_mapped or address  # a link-local zone has no name in DNS
    return address
