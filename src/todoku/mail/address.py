"""Author addresses: who a message says it is from. RFC 5322 section 3.4, RFC 6854, RFC 5890, RFC 6532."""

from __future__ import annotations

import msgspec


class Address(msgspec.Struct, frozen=True, kw_only=True):
    """One mailbox. ``display_name`` is decoded (RFC 2047) for people; ``domain`` is lower-case A-labels for comparing."""

    display_name: str = ""
    local: str = ""
    domain: str = ""
    written_domain: str = ""  # as it stands in the message


class Author(msgspec.Struct, frozen=True, kw_only=True):
    """Every address of every From field, and what is odd about how they are written.

    ``domain`` is the one From domain, or "" where there is not exactly one. ``defects`` are tags with the byte offset
    where each stands: ``from-missing``, ``from-repeated``, ``from-several-addresses``, ``from-empty``, ``from-group``,
    ``from-syntax``, ``from-route``, ``from-encoded-address``, ``from-control-character``, ``from-8bit``,
    ``domain-invalid``, ``domain-mixed-script`` ...
    """

    addresses: tuple[Address, ...] = ()
    domain: str = ""
    domains: tuple[str, ...] = ()  # every distinct From domain, in order
    defects: tuple[tuple[str, int], ...] = ()


def parse_mailboxes(value: bytes) -> tuple[tuple[Address, ...], tuple[tuple[str, int], ...]]:
    """The mailboxes in an unfolded-or-not field body and the defects with offsets into ``value``. Never raises; linear."""
    raise NotImplementedError


def ascii_domain(name: str) -> str | None:
    """The domain as lower-case A-labels (UTS #46), or None where it is no domain name. Accepts U-labels and A-labels."""
    raise NotImplementedError


def is_domain_name(name: str) -> bool:
    """Whether ``name`` is a syntactically valid host name of at least one label, A-labels only (RFC 1123, underscore allowed)."""
    raise NotImplementedError
