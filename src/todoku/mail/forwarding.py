"""The signs that a message was handed on before it reached its receiver: forwarded by a rule, a server or a mailing list.

What the sender's own side does before the message is sent (an application, a relay, SES) is no forwarding. A single
List-Id field is none either: newsletters carry one. Each sign is kept with the field that shows it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import msgspec

from todoku.mail.border import is_public
from todoku.mail.message import Field, Message
from todoku.mail.received import Received
from todoku.mail.ses import Sign, is_ses_host

MAX_VALUE = 300  # characters of a sign's value that are kept

_FORWARDED = ("x-forwarded-to", "x-forwarded-for")
_RESENT = ("resent-from", "resent-sender", "resent-to", "resent-date", "resent-message-id")  # RFC 5322 3.6.6
_LIST_SOFTWARE = ("x-beenthere", "x-mailman-version", "mailing-list", "x-google-group-id", "list-post")
# Rewritten by a forwarder, by Exchange Online, by Gmail.
_SRS = re.compile(r"<?(?:SRS[01][=+-]|bounces\+SRS=|[^@\s]+\+caf_=)", re.IGNORECASE)


class Forwarding(msgspec.Struct, frozen=True, kw_only=True):
    """Whether, by what signs, and whether it was a mailing list."""

    signs: tuple[Sign, ...] = ()
    mailing_list: bool = False


def forwarding(
    message: Message,
    hops: Sequence[Received],
    crossings: Sequence[int],
    own_seals: Sequence[int],
    return_path: Field | None,
) -> Forwarding:
    """The signs of forwarding. ``crossings`` are the hops at which the receiver took it, the border hop first; ``own_seals`` the
    offsets of ARC-Seal fields that the receiver itself put there.
    """
    signs = [
        *_named(message, _FORWARDED, having="@"),
        *_named(message, _RESENT),
        *_deliveries(message),
        *[sign(field) for field in message.all("arc-seal") if field.offset not in own_seals],
        *_earlier_hops(hops, crossings),
    ]
    if return_path is not None and _SRS.match(return_path.value):
        signs.append(sign(return_path))
    lists = _named(message, _LIST_SOFTWARE, having="", without="NO")
    mailing_list = bool(lists) or (bool(signs) and message.first("list-id") is not None)
    if mailing_list:
        signs += [*_named(message, ("list-id",)), *lists]
    return Forwarding(signs=tuple(sorted(signs, key=lambda entry: entry[2])), mailing_list=mailing_list)


def sign(field: Field) -> Sign:
    """A field as evidence."""
    return field.written_name.strip(), field.value[:MAX_VALUE], field.offset


def _named(message: Message, names: Sequence[str], *, having: str = "", without: str | None = None) -> list[Sign]:
    """The first field of each name; X-Forwarded-For only with an address in it: web servers write one with an IP address."""
    fields = [field for name in names if (field := message.first(name)) is not None]
    return [sign(field) for field in fields if having in field.value and field.value.upper() != without]


def _deliveries(message: Message) -> list[Sign]:
    """Delivered-To fields at another domain than the topmost: the message was delivered before, somewhere else."""
    fields = message.all("delivered-to")
    domains = [_domain(field.value) for field in fields]
    return [sign(field) for field, domain in zip(fields, domains, strict=True) if domain and domain != domains[0]]


def _earlier_hops(hops: Sequence[Received], crossings: Sequence[int]) -> list[Sign]:
    """Hops below the border at which the message had already left its sender."""
    if not crossings:
        return []
    border = crossings[0]
    reached = _domain(hops[border].for_address)
    return [
        ("Received", hop.raw[:MAX_VALUE], hop.offset)
        for index, hop in enumerate(hops)
        if index > border
        and (index in crossings or is_ses_host(hop.client_name or hop.helo) or _reached_another(hop, reached))
    ]


def _reached_another(hop: Received, reached: str) -> bool:
    """Whether a server took the message from outside for an address of its own, at another domain than it has now reached."""
    meant = _domain(hop.for_address)
    return (
        bool(reached and meant)
        and meant != reached
        and is_public(hop.ip)
        and f".{hop.by.lower()}".endswith(f".{meant}")
    )


def _domain(address: str) -> str:
    domain = address.strip("<> ").rpartition("@")[2].lower()
    return "gmail.com" if domain == "googlemail.com" else domain
