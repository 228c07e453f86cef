"""Does a domain exist, and does it take mail? RFC 5321 section 5.1, RFC 7505, RFC 2308."""

from __future__ import annotations

from typing import Literal

import msgspec

from todoku.auth.ask import Answer, Ask


class MailDomain(msgspec.Struct, frozen=True, kw_only=True):
    """What DNS says of a domain as the right-hand side of an address."""

    name: str
    exists: bool | None  # NOERROR to an SOA question, with or without a record; None: could not look
    takes_mail: bool | None  # an MX that is not null, else an A or AAAA record; None: could not look
    null_mx: bool  # RFC 7505
    soa: Answer
    mx: Answer
    addresses: tuple[Answer, ...] = ()  # A and AAAA, asked only where there is no MX
    problem: Literal["", "no-such-domain", "null-mx", "no-mx-no-address", "dns-failed"] = ""


def mail_domain(name: str) -> Ask[MailDomain]:
    """SOA and MX of ``name`` in one round; its addresses in a second one where it has no MX."""
    raise NotImplementedError
