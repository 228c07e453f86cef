"""Where a message crossed into its receiver: which Received fields are the receiver's own, and which one is the border hop.

Only the top of a header is known to be the receiver's. So hops count from the top down, and only as long as one owner
wrote them; a lower field that claims to be ``by mx.google.com`` under a different receiver is somebody's text. Whether a
client lies *inside* a receiver is told by what the receiver wrote alone: an address of its own networks, or a name that its
server is known to look up both ways. A HELO of ``x.prod.outlook.com`` costs nothing, and a PTR record little more. Where a
field does not show for sure whose words it holds, there is no border hop: a guess could be the sender's.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from ipaddress import ip_address, ip_network

import msgspec

from todoku.mail.received import Received
from todoku.verdict import Receiver


class Border(msgspec.Struct, frozen=True, kw_only=True):
    """The border hop's index in the hops (None: not to be told), whose it is, and the host that names the receiver.

    ``unclear`` is the index of the hop from which it cannot be told where the message came from.
    """

    index: int | None
    receiver: Receiver | None
    host: str
    unclear: int | None = None


_DOMAINS: dict[str, Receiver] = {
    **dict.fromkeys(("google.com", "gmail.com", "googlemail.com"), "gmail"),
    **dict.fromkeys(("outlook.com", "office365.com", "hotmail.com", "live.com", "msn.com", "microsoft.com"), "outlook"),
    **dict.fromkeys(("yahoo.com", "aol.com", "yahoodns.net"), "yahoo"),
    **dict.fromkeys(("icloud.com", "apple.com", "me.com", "mac.com"), "icloud"),
}
_ICLOUD_HOST = re.compile(r"p[0-9]+-(?:icloudmta|mailgateway)[\w-]*", re.IGNORECASE)  # iCloud's servers have no domain

_Networks = dict[int, tuple[tuple[int, int], ...]]
"""By IP version: (network, mask) as integers, several times faster to look through than ``ipaddress`` objects."""


def _networks(text: str) -> _Networks:
    networks = [ip_network(network) for network in text.split()]
    return {
        version: tuple(
            [(int(net.network_address), int(net.netmask)) for net in networks if net.version == version],
        )
        for version in (4, 6)
    }


# Addresses from which a receiver's own servers speak to each other, and hand on their users' mail.
_INSIDE: dict[Receiver, _Networks] = {
    "gmail": _networks(
        "35.190.247.0/24 64.233.160.0/19 66.102.0.0/20 66.249.80.0/20 72.14.192.0/18 74.125.0.0/16 108.177.8.0/21 "
        "108.177.96.0/19 142.250.0.0/15 172.217.0.0/16 172.253.0.0/16 173.194.0.0/16 209.85.128.0/17 216.58.192.0/19 "
        "216.239.32.0/19 2001:4860:4000::/36 2404:6800:4000::/36 2607:f8b0:4000::/36 2800:3f0:4000::/36 "
        "2a00:1450:4000::/36 2c0f:fb50:4000::/36"
    ),
    "outlook": _networks(
        "40.92.0.0/15 40.107.0.0/16 52.100.0.0/14 104.47.0.0/17 2603:1000::/24 2a01:111:f400::/40 2a01:111:e400::/40"
    ),
    "yahoo": _networks(""),
    "icloud": _networks("17.0.0.0/8"),
}
# The hosts at which mail from outside arrives, told apart from those that take their own users' mail to send it.
_EDGE = re.compile(r".*\bmx\.google\.com|.*\.mail\.protection\.outlook\.com", re.IGNORECASE)

# Not reachable from the Internet: RFC 6890 without its documentation networks, which stand for real ones in examples.
_NOT_PUBLIC = _networks(
    "0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16 172.16.0.0/12 192.168.0.0/16 224.0.0.0/3 "
    "::/127 2002:a00::/24 2002:7f00::/24 2002:ac10::/28 2002:c0a8::/32 fc00::/7 fe80::/10 ff00::/8"
)

# A user's own program fetched the message from its mailbox; or a user, known by name, handed it in.
_FETCHED = re.compile(r"(?:IMAP|POP)[0-9]?(?:S|-SSL)?", re.IGNORECASE)
_SUBMITTED = re.compile(r"(?:UTF8)?E?SMTPS?A|HTTPREST|MAPI", re.IGNORECASE)
# Protocols that no server speaks to strangers, so that a field without an address may use them.
_LOCAL = re.compile(r"(?:UTF8)?LMTPS?A?|local(?:-[a-z]+)?|HTTPS?", re.IGNORECASE)
_SES_SUBMISSION = re.compile(r"email-smtp\.[\w-]+\.amazonaws\.com", re.IGNORECASE)


def receiver_of(host: str) -> Receiver | None:
    """Which of the four receivers a host belongs to."""
    if "." not in host:
        return "icloud" if _ICLOUD_HOST.fullmatch(host) else None
    return _DOMAINS.get(".".join(host.rsplit(".", 2)[-2:]).lower())


def is_public(ip: str) -> bool:
    """Whether a valid address can be reached from the Internet."""
    return bool(ip) and not _within(ip, _NOT_PUBLIC)


def related(first: str, second: str) -> bool:
    """Whether two host names belong together: the same, one below the other, or beside each other in one domain."""
    if not first or not second:
        return False
    nearer, farther = sorted((first.lower(), second.lower()), key=lambda name: name.count("."))
    if nearer == farther or ("." in nearer and farther.endswith("." + nearer)):
        return True
    parent = nearer.partition(".")[2]
    return _is_registrable(parent) and farther.endswith("." + parent)


def find_border(hops: Sequence[Received], *, yahoo: bool) -> Border:
    """The border hop: the first one from the top that its receiver wrote and whose client lies outside.

    Mail from one user of a receiver to another has no such hop; there it is the one at the receiver's edge. ``yahoo``:
    fields above the first hop are Yahoo's, whose servers give only a private address for themselves.
    """
    owner, receiver = "", None
    inside: int | None = None
    for index, hop, owner, receiver in _own_hops(hops):
        if not _is_told(hop, receiver):
            return Border(index=None, receiver=receiver, host=owner, unclear=index)
        if not is_public(hop.ip):
            continue
        if not owner:
            return Border(index=index, receiver="yahoo" if yahoo else None, host=hop.by)
        if not _is_inside(hop, receiver):
            if inside is not None and receiver is not None and not _EDGE.fullmatch(hop.by):
                break  # the receiver's own user handed it in here
            return Border(index=index, receiver=receiver, host=hop.by if receiver is None else owner)
        if inside is None and (receiver is None or _EDGE.fullmatch(hop.by)):
            inside = index
    return Border(index=inside, receiver=receiver, host=owner)


def _own_hops(hops: Sequence[Received]) -> Iterator[tuple[int, Received, str, Receiver | None]]:
    """The hops that one owner wrote, from the top down to where the message was handed in by a user, with owner and receiver.

    Of a hop that is not clear nothing is believed, not even who wrote it.
    """
    owner, receiver = "", None
    for index, hop in enumerate(hops):
        if hop.is_clear:
            if not owner and _FETCHED.fullmatch(hop.protocol):
                continue
            if _is_host(hop.by):
                if not owner:
                    receiver = receiver_of(hop.by)
                    owner = hop.by if receiver is not None or "." in hop.by else ""
                elif not _continues(hop, hops[index - 1], owner, receiver):
                    return
            if _SUBMITTED.fullmatch(hop.protocol) or _SES_SUBMISSION.fullmatch(hop.by):
                return
        yield index, hop, owner, receiver


def _is_told(hop: Received, receiver: Receiver | None) -> bool:
    """Whether a hop shows beyond doubt by whom it was handed in: its client could have chosen no word that counts."""
    if not hop.is_clear:
        return False
    if not hop.is_seen and hop.helo:  # the four note the address of whoever comes from outside
        own = receiver is not None and (hop.ip or receiver_of(hop.helo) == receiver) and not is_public(hop.ip)
        return bool(own) or _LOCAL.fullmatch(hop.protocol) is not None
    by_name = receiver is None and is_public(hop.ip) and related(hop.client_name, hop.by)
    return hop.is_confirmed or not by_name


def _is_host(by: str) -> bool:
    """Whether ``by`` names a host, and is not an address (Gmail's and Yahoo's inner servers)."""
    return bool(by) and ":" not in by and not by.replace(".", "").isdigit()


def _continues(hop: Received, above: Received, owner: str, receiver: Receiver | None) -> bool:
    """Whether the owner of the hops above wrote this one too."""
    if receiver is not None:
        return receiver_of(hop.by) == receiver
    if receiver_of(hop.by) is not None:
        return False
    return (
        "." not in hop.by or related(hop.by, owner) or hop.by.lower() in (above.helo.lower(), above.client_name.lower())
    )


def _is_inside(hop: Received, receiver: Receiver | None) -> bool:
    """Whether the client of a hop belongs to the receiver that wrote it."""
    if receiver is not None:
        return _within(hop.ip, _INSIDE[receiver])
    return related(hop.client_name, hop.by)


def _within(ip: str, networks: _Networks) -> bool:
    version, number = _number(ip)
    return any(number & mask == network for network, mask in networks[version])


@lru_cache(maxsize=512)
def _number(ip: str) -> tuple[int, int]:
    address = ip_address(ip)
    return address.version, int(address)


def _is_registrable(domain: str) -> bool:
    """Whether a domain is more than a suffix such as ``com`` or ``co.jp``: near enough to tell two hosts apart."""
    labels = domain.split(".")
    if len(labels) == 2 and len(labels[1]) == 2:
        return len(labels[0]) > 3
    return len(labels) >= 2
