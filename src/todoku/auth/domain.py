"""Does a domain exist, and does it take mail? RFC 5321 section 5.1, RFC 7505, RFC 2308."""

from __future__ import annotations

from typing import Literal

import msgspec

from todoku.auth.ask import Answer, Ask, ask, exchanges, together

Problem = Literal["", "no-such-domain", "null-mx", "no-mx-no-address", "dns-failed"]


class MailDomain(msgspec.Struct, frozen=True, kw_only=True):
    """What DNS says of a domain as the right-hand side of an address."""

    name: str
    exists: bool | None  # NOERROR to an SOA question, with or without a record; None: could not look
    takes_mail: bool | None  # an MX that is not null, else an A or AAAA record; None: could not look
    null_mx: bool  # RFC 7505
    soa: Answer
    mx: Answer
    addresses: tuple[Answer, ...] = ()  # A and AAAA, asked only where there is no MX
    problem: Problem = ""


def mail_domain(name: str) -> Ask[MailDomain]:
    """SOA and MX of ``name`` in one round; its addresses in a second one where it has no MX."""
    soa, mx = yield from together(ask(name, "SOA"), ask(name, "MX"))
    exists = _exists(soa, mx)
    null_mx = bool(mx.records) and all(not host for _, host in exchanges(mx))  # RFC 7505 3
    addresses: tuple[Answer, ...] = ()
    if exists is not False and mx.status == "nodata":  # RFC 5321 5.1: the implicit MX
        addresses = yield from together(ask(name, "A"), ask(name, "AAAA"))
    takes_mail = exists if exists is False else _takes_mail(mx, addresses, null_mx=null_mx)
    return MailDomain(
        name=name,
        exists=exists,
        takes_mail=takes_mail,
        null_mx=null_mx,
        soa=soa,
        mx=mx,
        addresses=addresses,
        problem=_problem(exists, takes_mail, null_mx=null_mx),
    )


def _exists(soa: Answer, mx: Answer) -> bool | None:
    """Whether the name exists. One type that answers NOERROR proves it, even where the other could not be asked."""
    statuses = {soa.status, mx.status}
    if statuses & {"ok", "nodata"}:  # RFC 2308 2.2: no data is not no name
        return True
    return False if "nxdomain" in statuses else None


def _takes_mail(mx: Answer, addresses: tuple[Answer, ...], *, null_mx: bool) -> bool | None:
    if mx.records:
        return not null_mx
    if any(answer.records for answer in addresses):
        return True
    return None if mx.failed or any(answer.failed for answer in addresses) else False


def _problem(exists: bool | None, takes_mail: bool | None, *, null_mx: bool) -> Problem:
    if exists is False:
        return "no-such-domain"
    if null_mx:
        return "null-mx"
    if exists is None or takes_mail is None:
        return "dns-failed"
    return "" if takes_mail else "no-mx-no-address"
