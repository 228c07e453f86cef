"""Where a message crossed into its receiver: which Received fields are the receiver's own, and which one is the border hop.

Only the top of a header is known to be the receiver's. Of a receiver whose hosts are known, hops count
from the top down as long as each was written by one of its hosts *and* its client lay in its own networks; a lower field that
claims to be ``by mx.google.com`` under a different receiver is somebody's text. Of anybody else only the topmost hop with a
client counts: no name and no private address shows that a client was the server's own, since a customer's PTR record lies in the
domain of his provider's MX, and behind a container's NAT the whole Internet has one private address. Where a field does not show
for sure whose words it holds, there is no border hop: a guess could be the sender's.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from ipaddress import ip_address, ip_network

import msgspec

from todoku.mail.message import Message
from todoku.mail.received import Received
from todoku.receivers import FACTS, DomainOwners
from todoku.words.receiver_facts import ReceiverFacts
from todoku.words.verdict import Receiver


class Border(msgspec.Struct, frozen=True, kw_only=True):
    """The border hop, whose it is, and the host that names the receiver.

    ``crossings`` are the indices of the hops at which a client handed the message in to the receiver, topmost first. The first
    is the border hop; where its client was the receiver's own, the last is where the message first came in, from its sender or
    a forwarder outside. None: not to be told; then ``unclear`` is the index of the hop that leaves it open, where one does.
    """

    crossings: tuple[int, ...] = ()
    receiver: Receiver | None
    host: str
    unclear: int | None = None

    @property
    def facts(self) -> ReceiverFacts | None:
        """What is known of the receiver."""
        return None if self.receiver is None else FACTS[self.receiver]

    @property
    def index(self) -> int | None:
        """The index of the border hop in the hops."""
        return self.crossings[0] if self.crossings else None


_HOSTS = DomainOwners({domain: receiver for receiver, facts in FACTS.items() for domain in facts.hosts})
_BARE_HOSTS = {
    receiver: re.compile(facts.bare_hosts, re.IGNORECASE) for receiver, facts in FACTS.items() if facts.bare_hosts
}
_ON_TOP = {field: receiver for receiver, facts in FACTS.items() for field in facts.fields_on_top}

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


_INSIDE: dict[Receiver, _Networks] = {receiver: _networks(facts.networks) for receiver, facts in FACTS.items()}
_EDGE = re.compile("|".join(facts.edge for facts in FACTS.values() if facts.edge), re.IGNORECASE)

# Not reachable from the Internet: RFC 6890 without its documentation networks, which stand for real ones in examples.
_NOT_PUBLIC = _networks(
    "0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16 172.16.0.0/12 192.168.0.0/16 224.0.0.0/3 "
    "::/127 2002:a00::/24 2002:7f00::/24 2002:ac10::/28 2002:c0a8::/32 fc00::/7 fe80::/10 ff00::/8"
)

# A user's own program fetched the message from its mailbox; or a user, known by name, handed it in.
_FETCHED = re.compile(r"(?:IMAP|POP)[0-9]?(?:S|-SSL)?", re.IGNORECASE)
_SUBMITTED = re.compile(r"(?:UTF8)?E?SMTPS?A|HTTPREST|MAPI", re.IGNORECASE)
# A server's last step into its own mailboxes, which none speaks to strangers: a field without an address may use it.
_LAST_STEP = re.compile(r"(?:UTF8)?LMTPS?A?", re.IGNORECASE)
_QMAIL_QUEUE = re.compile(r"\(qmail [0-9]+ invoked from network\)(?:;.*)?", re.IGNORECASE)
# Exchange takes up again what it had kept aside: no session, and no server that is named for sure.
_RESUBMITTED = re.compile(
    r"(?:from [\w.-]+ )?(?:by [\w.-]+ )?with (?:MailboxResubmission|ShadowRedundancy)(?: by [\w.-]+)?(?: id [\w.-]+)?(?: ?;.*)?",
    re.IGNORECASE,
)
_SES_SUBMISSION = re.compile(r"email-smtp\.[\w-]+\.amazonaws\.com", re.IGNORECASE)


def receiver_of(host: str) -> Receiver | None:
    """Which of the receivers whose servers are known a host belongs to."""
    if "." not in host:
        return next((receiver for receiver, pattern in _BARE_HOSTS.items() if pattern.fullmatch(host)), None)
    return _HOSTS.owner(host)


def is_public(ip: str) -> bool:
    """Whether a valid address can be reached from the Internet."""
    return bool(ip) and not _within(ip, _NOT_PUBLIC)


def related(first: str, second: str) -> bool:
    """Whether two host names may belong together: the same, one below the other, or beside each other in one domain.

    That they may is no proof that they do: it is never a reason to believe what a hop says, only one not to be sure of it.
    """
    if not first or not second:
        return False
    nearer, farther = sorted((first.lower(), second.lower()), key=lambda name: name.count("."))
    if nearer == farther or ("." in nearer and farther.endswith("." + nearer)):
        return True
    parent = nearer.partition(".")[2]
    return _is_registrable(parent) and farther.endswith("." + parent)


def mailbox_of(message: Message) -> Receiver | None:
    """The receiver in whose mailbox a message was, by fields above the first Received that only its mailboxes have."""
    first = message.first("received")
    if first is None:
        return None
    found = ((message.first(name), receiver) for name, receiver in _ON_TOP.items())
    return next((receiver for field, receiver in found if field is not None and field.offset < first.offset), None)


def find_border(hops: Sequence[Received], *, mailbox: Receiver | None) -> Border:
    """The border hop: the first one from the top that its receiver wrote and at which a client handed the message in.

    ``mailbox``: whose fields stand above the first hop, of those whose servers give only a private address for themselves.
    """
    owner, receiver = "", None
    crossings: list[int] = []
    for index, hop, owner, receiver in _own_hops(hops):
        if not _is_told(hop, receiver):
            if crossings:
                break
            return Border(receiver=receiver, host=owner, unclear=index)
        if receiver is None:
            if not hop.ip:
                continue
            return Border(crossings=(index,), receiver=mailbox if not owner else None, host=hop.by)
        if not is_public(hop.ip):
            continue
        inside, edge = _within(hop.ip, _INSIDE[receiver]), _EDGE.fullmatch(hop.by) is not None
        if crossings and not (inside or edge):
            break  # the receiver's own user handed it in here
        if edge or not inside:
            crossings.append(index)
        if not inside:
            break
    return Border(crossings=tuple(crossings), receiver=receiver, host=owner)


def _own_hops(hops: Sequence[Received]) -> Iterator[tuple[int, Received, str, Receiver | None]]:
    """The hops that one owner wrote, from the top down to where the message was handed in by a user, with owner and receiver.

    Of a hop that is not clear nothing is believed, not even who wrote it.
    """
    owner, receiver = "", None
    for index, hop in enumerate(hops):
        if _is_resubmission(hop):
            continue
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


def _is_resubmission(hop: Received) -> bool:
    return not hop.ip and _RESUBMITTED.fullmatch(" ".join(hop.raw.split())) is not None


def _is_told(hop: Received, receiver: Receiver | None) -> bool:
    """Whether a hop shows beyond doubt by whom it was handed in: its client could have chosen no word that counts."""
    if not hop.is_clear:
        return False
    if receiver is not None:
        if hop.is_seen or not hop.helo:
            return True
        # a known receiver notes the address of whoever comes from outside
        own = (hop.ip or receiver_of(hop.helo) == receiver) and not is_public(hop.ip)
        return bool(own) or _LAST_STEP.fullmatch(hop.protocol) is not None or hop.protocol.upper() in ("HTTP", "HTTPS")
    if hop.ip:  # a client that may be the server's own leaves it open where the message came from
        return hop.is_seen and is_public(hop.ip) and not related(hop.client_name, hop.by)
    if hop.helo:
        return _LAST_STEP.fullmatch(hop.protocol) is not None
    # Without a client: a queue's own field, or an inner server of Gmail's, whose name is an address. A host that names itself
    # took it from a program or a user of its own.
    return _QMAIL_QUEUE.fullmatch(hop.raw) is not None or (bool(hop.by) and not _is_host(hop.by))


def _is_host(by: str) -> bool:
    """Whether ``by`` names a host, and is not an address (Gmail's and Yahoo's inner servers)."""
    return bool(by) and ":" not in by and not by.replace(".", "").isdigit()


def _continues(hop: Received, above: Received, owner: str, receiver: Receiver | None) -> bool:
    """Whether the owner of the hops above wrote this one too."""
    if receiver is not None:
        return receiver_of(hop.by) == receiver
    return hop.by.lower() in (owner.lower(), above.helo.lower())


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
