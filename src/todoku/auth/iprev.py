"""Forward-confirmed reverse DNS: the ``iprev`` method of RFC 8601 section 3."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address
from typing import Literal

import msgspec

from todoku.auth.ask import Answer, Ask, ask, together
from todoku.mail.host_address import host_address, reverse_name

MAX_NAMES = 10  # RFC 8601 section 3 leaves the limit to us; RFC 7208 4.6.4 allows as many


class IprevResult(msgspec.Struct, frozen=True, kw_only=True):
    """Whether a PTR name of ``ip`` resolves back to it. At most 10 PTR names are looked at.

    ``fail``: there are names, and none of those looked at has this address; with a name that could not be looked up, or
    with names beyond the tenth, that is not known, and the result is ``temperror``.
    """

    result: Literal["pass", "fail", "temperror", "permerror"]  # permerror: no PTR record, or no address at all
    ip: str
    names: tuple[str, ...] = ()  # every PTR name
    name: str = ""  # the one that resolves back to `ip`
    ptr: Answer | None = None  # None: `ip` is no address that DNS could know
    forward: tuple[Answer, ...] = ()  # A or AAAA of each name looked at


def iprev(ip: str) -> Ask[IprevResult]:
    """Look up the PTR names of ``ip``, then all their addresses together."""
    address = _in_dns(ip)
    if address is None:
        return IprevResult(result="permerror", ip=ip)
    ptr = yield from ask(reverse_name(address), "PTR")
    if ptr.failed:
        return IprevResult(result="temperror", ip=ip, ptr=ptr)  # RFC 8601 2.7.3
    names = tuple(dict.fromkeys(ptr.records))
    if not names:
        return IprevResult(result="permerror", ip=ip, ptr=ptr)  # RFC 8601 2.7.3
    rdtype = "A" if address.version == 4 else "AAAA"
    forward = yield from together(*(ask(name, rdtype) for name in names[:MAX_NAMES]))
    for name, answer in zip(names, forward, strict=False):
        if any(host_address(record) == address for record in answer.records):
            return IprevResult(result="pass", ip=ip, names=names, name=name, ptr=ptr, forward=forward)
    unseen = len(names) > MAX_NAMES or any(answer.failed for answer in forward)
    return IprevResult(result="temperror" if unseen else "fail", ip=ip, names=names, ptr=ptr, forward=forward)


def _in_dns(text: str) -> IPv4Address | IPv6Address | None:
    """The address in ``text``; None where it is none, or has a zone (``fe80::1%eth0``): such a one has no name in DNS."""
    return None if "%" in text else host_address(text)
