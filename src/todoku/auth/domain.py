"""Does a domain exist, and does it take mail? RFC 5321 section 5.1, RFC 7505, RFC 2308.

An MX record takes mail only where it names a host that has an address. One that names an address itself, this very
machine, or a name that does not exist takes none, and one that names an alias may not stand there.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from todoku.auth.ask import Answer, Ask, ask, exchanges, together
from todoku.auth.memory import remembering
from todoku.mail.host_address import host_address

Problem = Literal["", "no-such-domain", "null-mx", "mx-unusable", "no-mx-no-address", "dns-failed"]
Fault = Literal["address", "localhost", "missing", "alias", "null"]

MAX_HOSTS = 3  # hosts of MX records that are looked up, the best first; ours
USABLE: frozenset[Fault] = frozenset({"alias"})
"""Faults with which a host may still take mail: most senders follow an alias."""


class Exchange(msgspec.Struct, frozen=True):
    """A host of an MX record, and why it should not stand there."""

    host: str
    fault: Fault


class MailDomain(msgspec.Struct, frozen=True, kw_only=True):
    """What DNS says of a domain as the right-hand side of an address."""

    name: str
    exists: bool | None  # NOERROR to an SOA question, with or without a record; None: could not look
    takes_mail: bool | None  # an MX that can be used, else an A or AAAA record; None: could not look
    null_mx: bool  # RFC 7505
    soa: Answer
    mx: Answer
    addresses: tuple[Answer, ...] = ()  # A and AAAA, asked only where there is no MX
    hosts: tuple[Answer, ...] = ()  # A of the first hosts of its MX
    faults: tuple[Exchange, ...] = ()
    problem: Problem = ""


@remembering
def mail_domain(name: str) -> Ask[MailDomain]:
    """SOA and MX of ``name`` in one round; in a second one its MX's hosts, or its own addresses where it has none."""
    soa, mx = yield from together(ask(name, "SOA"), ask(name, "MX"))
    exists = _exists(soa, mx)
    null_mx = bool(mx.records) and all(not host for _, host in exchanges(mx))  # RFC 7505 3
    addresses: tuple[Answer, ...] = ()
    hosts: tuple[Answer, ...] = ()
    if mx.records:
        names = [host for _, host in exchanges(mx) if _plain_fault(host) is None]
        hosts = yield from together(*(ask(host, "A") for host in names[:MAX_HOSTS]))
    if exists is not False and mx.status == "nodata":  # RFC 5321 5.1: the implicit MX
        addresses = yield from together(ask(name, "A"), ask(name, "AAAA"))
    faults = () if null_mx else _faults(mx, hosts)
    takes_mail = exists if exists is False else _takes_mail(mx, hosts, addresses, faults, null_mx=null_mx)
    return MailDomain(
        name=name,
        exists=exists,
        takes_mail=takes_mail,
        null_mx=null_mx,
        soa=soa,
        mx=mx,
        addresses=addresses,
        hosts=hosts,
        faults=faults,
        problem=_problem(exists, takes_mail, null_mx=null_mx, by_mx=bool(mx.records)),
    )


def _exists(soa: Answer, mx: Answer) -> bool | None:
    """Whether the name exists. One type that answers NOERROR proves it, even where the other could not be asked."""
    statuses = {soa.status, mx.status}
    if statuses & {"ok", "nodata"}:  # RFC 2308 2.2: no data is not no name
        return True
    return False if "nxdomain" in statuses else None


def _plain_fault(host: str) -> Fault | None:
    """What is wrong with the name alone."""
    if not host:
        return "null"
    if host_address(host.strip("[]")) is not None:  # RFC 5321 5.1: the data is a domain name
        return "address"
    return "localhost" if f".{host.lower()}".endswith(".localhost") else None  # RFC 6761 6.3


def _host_fault(answer: Answer) -> Fault | None:
    """What is wrong with a host by its address record."""
    if answer.chain:  # RFC 2181 10.3, RFC 5321 5.1: no alias
        return "missing" if answer.status == "nxdomain" else "alias"
    if answer.status == "nxdomain":
        return "missing"
    here = [address is not None and address.is_loopback for address in map(host_address, answer.records)]
    return "localhost" if here and all(here) else None


def _faults(mx: Answer, hosts: tuple[Answer, ...]) -> tuple[Exchange, ...]:
    """The hosts that should not stand in an MX record, best first."""
    seen = {answer.question.name: _host_fault(answer) for answer in hosts}
    names = dict.fromkeys(host for _, host in exchanges(mx))
    faults = [(host, _plain_fault(host) or seen.get(host.lower())) for host in names]
    return tuple([Exchange(host, fault) for host, fault in faults if fault is not None])


def _takes_mail(
    mx: Answer,
    hosts: tuple[Answer, ...],
    addresses: tuple[Answer, ...],
    faults: tuple[Exchange, ...],
    *,
    null_mx: bool,
) -> bool | None:
    if mx.records:
        useless = {one.host for one in faults if one.fault not in USABLE}
        dark = {answer.question.name for answer in hosts if answer.failed}
        left = {host.lower() for _, host in exchanges(mx) if host not in useless}
        return False if null_mx or not left else True if left - dark else None
    if any(answer.records for answer in addresses):
        return True
    return None if mx.failed or any(answer.failed for answer in addresses) else False


def _problem(exists: bool | None, takes_mail: bool | None, *, null_mx: bool, by_mx: bool) -> Problem:
    if exists is False:
        return "no-such-domain"
    if null_mx:
        return "null-mx"
    if exists is None or takes_mail is None:
        return "dns-failed"
    if takes_mail:
        return ""
    return "mx-unusable" if by_mx else "no-mx-no-address"
