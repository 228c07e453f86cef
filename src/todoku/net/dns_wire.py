"""One DNS message out, one in: the bytes of a question, and the ``Answer`` that a reply's bytes mean (RFC 1035 section 4).

It touches nothing. It trusts no reply: what does not carry our id and our question is not ours, and what is ours is
read by dnspython. A reply that cannot be read, or that says nothing about the name, is "could not look", never absence.
"""

from __future__ import annotations

import struct
from typing import NamedTuple

import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdata
import dns.rdataclass
import dns.rdatatype
import dns.rdtypes.ANY.SOA
import dns.rdtypes.txtbase
import dns.rrset

from todoku.auth.ask import Answer, Question

MAX_NAME = 253  # octets of a name in text: RFC 1035 2.3.4 allows 255 on the wire
MAX_LABEL = 63
MAX_CHAIN = 11  # CNAMEs that are followed: a limit of ours
MAX_TTL = 0x7FFFFFFF  # RFC 2181 8

_HEADER = 12
_RECURSE_AND_SAY_AUTHENTIC = 0x0120  # RD, and AD: "tell me whether it is authenticated" (RFC 6840 5.7)
_EDNS = b"\0" + struct.pack("!HHIH", dns.rdatatype.OPT, 1232, 0, 0)  # RFC 6891; 1232 octets cross any path whole
_EDNS_REFUSED = (dns.rcode.FORMERR, dns.rcode.SERVFAIL, dns.rcode.NOTIMP, dns.rcode.REFUSED)
_STYLE = dns.rdata.RdataStyle(omit_final_dot=True)
_TYPES: dict[str, int] = {}


class Query(NamedTuple):
    """A question with its question section as octets."""

    question: Question
    section: bytes

    def message(self, ident: bytes, *, edns: bool = True) -> bytes:
        """The octets to send. ``ident`` is the id, two octets."""
        header = ident + struct.pack("!5H", _RECURSE_AND_SAY_AUTHENTIC, 1, 0, 0, int(edns))
        return header + self.section + (_EDNS if edns else b"")

    def is_answered_by(self, reply: bytes, ident: bytes) -> bool:
        """Whether ``reply`` is a reply, to this question: anything else was not asked for and says nothing.

        Letter case does not count: resolvers mix it to make forging harder.
        """
        if (
            len(reply) < _HEADER or reply[:2] != ident or reply[2] & 0xF8 != 0x80
        ):  # RFC 1035 4.1.1: QR set, opcode QUERY
            return False
        if reply[4:6] == b"\0\0":  # RFC 6891 7: who cannot read the query may send a bare header
            return reply[3] & 0x0F in _EDNS_REFUSED
        name_end = len(self.section) - 4
        theirs = reply[_HEADER : _HEADER + len(self.section)]
        # Octets of length are below 64 and so have no lower case.
        return theirs[:name_end].lower() == self.section[:name_end] and theirs[name_end:] == self.section[name_end:]


def query(question: Question) -> Query | None:
    """The question ready to be sent; None when no domain name can be spelled so."""
    name, rdtype = question
    if not name.isascii() or len(name) > MAX_NAME:
        return None
    labels = name.encode("ascii").split(b".") if name else []
    if not all(0 < len(label) <= MAX_LABEL for label in labels):
        return None
    encoded = b"".join(bytes((len(label),)) + label for label in labels)
    return Query(question, encoded.lower() + b"\0" + struct.pack("!2H", _type_number(rdtype), dns.rdataclass.IN))


def no_such_name(question: Question) -> Answer:
    """The answer for a name that ``query`` cannot spell: it is not in DNS because it cannot be there."""
    return Answer(question, status="nxdomain", detail="not a domain name (RFC 1035 2.3.4), so it was not asked for")


def is_truncated(reply: bytes) -> bool:
    """Whether the whole reply must be asked for again over TCP: RFC 7766 section 5."""
    return bool(reply[2] & 0x02)


def read_answer(question: Question, reply: bytes, server: str) -> Answer:
    """What a reply means. ``server`` is named in ``detail`` where the reply tells nothing."""
    try:
        message = dns.message.from_wire(reply)
        return _meaning(question, message, server)
    except (dns.exception.DNSException, ValueError) as error:
        return Answer(question, status="servfail", detail=f"unreadable reply from {server}: {type(error).__name__}")


def _type_number(rdtype: str) -> int:
    number = _TYPES.get(rdtype)
    if number is None:
        number = _TYPES[rdtype] = int(dns.rdatatype.from_text(rdtype))
    return number


def _meaning(question: Question, message: dns.message.Message, server: str) -> Answer:
    rcode = message.rcode()
    if rcode not in (dns.rcode.NOERROR, dns.rcode.NXDOMAIN):
        return Answer(question, status="servfail", detail=f"{dns.rcode.to_text(rcode)} from {server}")
    walk = _follow(question, message)
    if walk.trouble:
        return Answer(question, status="servfail", chain=walk.names, detail=f"{walk.trouble}, says {server}")
    authenticated = bool(message.flags & dns.flags.AD)
    if walk.found is not None:
        records = tuple(_record(rdata) for rdata in walk.found)
        return Answer(question, records, ttl=walk.ttl, authenticated=authenticated, chain=walk.names)
    soa = next((rrset for rrset in message.authority if rrset.rdtype == dns.rdatatype.SOA), None)
    if _is_lame(message, walk, soa):
        return Answer(question, status="servfail", chain=walk.names, detail=f"lame: {server} does not know the name")
    return Answer(
        question,
        # RFC 6604 3: with CNAMEs in the answer, the RCODE speaks of the last name.
        status="nxdomain" if rcode == dns.rcode.NXDOMAIN else "nodata",
        ttl=0 if soa is None else min(walk.ttl, soa.ttl, _minimum(soa)),  # RFC 2308 5
        authenticated=authenticated,
        chain=walk.names,
        authority="" if soa is None else _plain(soa.name),
    )


class _Walk(NamedTuple):
    """Where the answer section leads: the records at the end of its CNAMEs, or what went wrong on the way."""

    found: dns.rrset.RRset | None
    names: tuple[str, ...]
    ttl: int
    trouble: str = ""


def _follow(question: Question, message: dns.message.Message) -> _Walk:
    rdtype = dns.rdatatype.RdataType(_type_number(question.rdtype))
    owner = message.question[0].name
    seen = [owner]
    ttl = MAX_TTL
    while True:
        found = message.get_rrset(message.answer, owner, dns.rdataclass.IN, rdtype)
        alias = found or message.get_rrset(message.answer, owner, dns.rdataclass.IN, dns.rdatatype.CNAME)
        names = tuple(_plain(name) for name in seen[1:])
        if alias is None:
            return _Walk(None, names, ttl)
        ttl = min(ttl, alias.ttl if alias.ttl <= MAX_TTL else 0)  # RFC 2181 8: a TTL with its top bit set is 0
        if found is not None:
            return _Walk(found, names, ttl)
        owner = alias[0].target
        if owner in seen:
            return _Walk(None, names, ttl, f"the CNAMEs of {question.name} go in a circle")
        if len(seen) > MAX_CHAIN:
            return _Walk(None, names, ttl, f"{question.name} has more than {MAX_CHAIN} CNAMEs")
        seen.append(owner)


def _is_lame(message: dns.message.Message, walk: _Walk, soa: dns.rrset.RRset | None) -> bool:
    """Whether this is a referral, or the start of a chain that ends elsewhere: no word about the name itself."""
    if soa is not None or message.rcode() == dns.rcode.NXDOMAIN or message.flags & dns.flags.RA:
        return False
    return bool(walk.names) or not message.flags & dns.flags.AA


def _minimum(soa: dns.rrset.RRset) -> int:
    first = soa[0]
    return first.minimum if isinstance(first, dns.rdtypes.ANY.SOA.SOA) else 0


def _record(rdata: dns.rdata.Rdata) -> str:
    if isinstance(rdata, dns.rdtypes.txtbase.TXTBase):
        return b"".join(rdata.strings).decode("latin-1")
    return rdata.to_styled_text(_STYLE)


def _plain(name: dns.name.Name) -> str:
    return name.to_text(omit_final_dot=True).lower()
