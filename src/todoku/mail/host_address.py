"""The IP address of a host, as every method that looks at it reads it."""

from __future__ import annotations

from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address

LONGEST = 128  # characters; the longest IPv6 address has 45, and may name a zone


def host_address(text: str) -> IPv4Address | IPv6Address | None:
    """The address in ``text``, or None where it is none. An IPv4-mapped one is the IPv4 address that was meant."""
    return _read(text) if len(text) <= LONGEST else None


@lru_cache(maxsize=4096)  # a message's address is asked for by SPF and iprev, and found again in their answers
def _read(text: str) -> IPv4Address | IPv6Address | None:
    try:
        address = ip_address(text)
    except ValueError:
        return None
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:  # RFC 4291 2.5.5.2, RFC 7208 5
        return address.ipv4_mapped
    return address


def reverse_name(address: IPv4Address | IPv6Address) -> str:
    """The name at which the PTR records of an address stand: RFC 1035 section 3.5, RFC 3596 section 2.5."""
    if address.version == 6:
        return address.reverse_pointer
    first, second, third, fourth = address.packed
    return f"{fourth}.{third}.{second}.{first}.in-addr.arpa"
