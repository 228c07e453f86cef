"""The IP address of a host, as every method that looks at it reads it."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_address


def host_address(text: str) -> IPv4Address | IPv6Address | None:
    """The address in ``text``, or None where it is none. An IPv4-mapped one is the IPv4 address that was meant."""
    try:
        address = ip_address(text)
    except ValueError:
        return None
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:  # RFC 4291 2.5.5.2, RFC 7208 5
        return address.ipv4_mapped
    return address
