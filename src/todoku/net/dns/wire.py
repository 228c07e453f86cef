"""One DNS message out, one in: the octets of a question, and the ``Answer`` that a reply's octets mean.

It touches nothing. It trusts no reply: what does not carry our id and our question is not ours. A reply that cannot be
read, or that says nothing about the name, is "could not look", never absence.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from functools import cache

import msgspec

from todoku.auth.ask import MAX_CHAIN, Answer, Question
from todoku.net.dns.message import (
    CNAME,
    HEADER,
    IN,
    MAX_TTL,
    SOA,
    Message,
    Record,
    Unreadable,
    plain,
    type_number,
    wire,
)

_QR, _AA, _TC, _RA, _AD = 0x8000, 0x0400, 0x0200, 0x0080, 0x0020
_RECURSE_AND_SAY_AUTHENTIC = 0x0120  # RD, and AD: "tell me whether it is authenticated" (RFC 6840 5.7)
_ASKED = struct.pack("!5H", _RECURSE_AND_SAY_AUTHENTIC, 1, 0, 0, 0)
_ASKED_WITH_EDNS = struct.pack("!5H", _RECURSE_AND_SAY_AUTHENTIC, 1, 0, 0, 1)
_EDNS = b"\0" + struct.pack("!HHIH", 41, 1232, 0, 0)  # RFC 6891 6.1.2; 1232 octets cross any path whole
_IN = IN.to_bytes(2)
_NOERROR, _FORMERR, _SERVFAIL, _NXDOMAIN, _NOTIMP, _REFUSED = range(6)
_RCODES = ("NOERROR", "FORMERR", "SERVFAIL", "NXDOMAIN", "NOTIMP", "REFUSED")


class Query(msgspec.Struct, frozen=True, gc=False):
    """A question with its question section as octets."""

    question: Question
    section: bytes

    def message(self, ident: bytes, *, edns: bool = True) -> bytes:
        """The octets to send. ``ident`` is the id, two octets."""
        return b"".join((ident, _ASKED_WITH_EDNS, self.section, _EDNS) if edns else (ident, _ASKED, self.section))

    def is_answered_by(self, reply: bytes, ident: bytes) -> bool:
        """Whether ``reply`` is a reply, to this question: anything else was not asked for and says nothing.

        Letter case does not count: resolvers mix it to make forging harder.
        """
        if len(reply) < HEADER.size or reply[:2] != ident or reply[2] & 0xF8 != 0x80:  # RFC 1035 4.1.1: QR, QUERY
            return False
        if reply[4:6] == b"\0\0":  # RFC 6891 7: who cannot read the query may send a bare header
            return reply[3] & 0x0F in (_FORMERR, _SERVFAIL, _NOTIMP, _REFUSED)
        if reply.startswith(self.section, HEADER.size):
            return True
        name_end = len(self.section) - 4
        theirs = reply[HEADER.size : HEADER.size + len(self.section)]
        # Octets of length are below 64 and so have no lower case.
        return theirs[:name_end].lower() == self.section[:name_end] and theirs[name_end:] == self.section[name_end:]


def query(question: Question) -> Query | None:
    """The question ready to be sent; None when no domain name can be spelled so."""
    name = wire(question.name)
    return None if name is None else Query(question, name + _type_and_class(question.rdtype))


@cache
def _type_and_class(rdtype: str) -> bytes:
    return type_number(rdtype).to_bytes(2) + _IN


def no_such_name(question: Question) -> Answer:
    """The answer for a name that ``query`` cannot spell: it is not in DNS because it cannot be there."""
    return Answer(question, status="nxdomain", detail="not a domain name (RFC 1035 2.3.4), so it was not asked for")


def is_truncated(reply: bytes) -> bool:
    """Whether the whole reply must be asked for again over TCP: RFC 7766 section 5."""
    return bool(reply[2] & _TC >> 8)


def read_answer(query: Query, reply: bytes, server: object) -> Answer:
    """What a reply to the query means. ``server`` is named, as ``str`` has it, in ``detail`` where the reply tells nothing."""
    try:
        return _meaning(query, Message(reply, query.section), server)
    except Unreadable as error:
        return Answer(query.question, status="servfail", detail=f"unreadable reply from {server}: {error}")


def _meaning(query: Query, message: Message, server: object) -> Answer:
    question = query.question
    if message.rcode not in (_NOERROR, _NXDOMAIN):
        name = _RCODES[message.rcode] if message.rcode < len(_RCODES) else f"RCODE {message.rcode}"
        return Answer(question, status="servfail", detail=f"{name} from {server}")
    walk = _follow(query, message)
    if walk.trouble:
        return Answer(question, status="servfail", chain=walk.names, detail=f"{walk.trouble}, says {server}")
    authenticated = bool(message.flags & _AD)
    if walk.found:
        records = tuple(dict.fromkeys(map(message.presentation, walk.found)))
        return Answer(question, records, ttl=walk.ttl, authenticated=authenticated, chain=walk.names)
    soa = _soa(message.authority)
    if _is_lame(message, walk, soa):
        return Answer(question, status="servfail", chain=walk.names, detail=f"lame: {server} does not know the name")
    return Answer(
        question,
        # RFC 6604 3: with CNAMEs in the answer, the RCODE speaks of the last name.
        status="nxdomain" if message.rcode == _NXDOMAIN else "nodata",
        ttl=0 if soa is None else min(walk.ttl, _ttl(message.negative_ttl(soa))),
        authenticated=authenticated,
        chain=walk.names,
        authority="" if soa is None else plain(soa.owner),
    )


def _soa(authority: Sequence[Record]) -> Record | None:
    for record in authority:
        if record.rdtype == SOA:
            return record
    return None


class _Walk(msgspec.Struct, gc=False):
    """Where the answer section leads: the records at the end of its CNAMEs, or what went wrong on the way."""

    found: Sequence[Record] = ()
    names: tuple[str, ...] = ()
    ttl: int = MAX_TTL
    trouble: str = ""


def _follow(query: Query, message: Message) -> _Walk:
    if not message.answer:
        return _Walk()
    rdtype = type_number(query.question.rdtype)
    sets: dict[tuple[bytes, int], list[Record]] = {}
    for record in message.answer:
        if record.rdclass == IN:
            sets.setdefault((record.owner, record.rdtype), []).append(record)
    owner = query.section[:-4]
    seen = [owner]
    ttl = MAX_TTL
    while True:
        found = sets.get((owner, rdtype), [])
        records = found or sets.get((owner, CNAME), [])
        ttl = min([ttl, *(_ttl(record.ttl) for record in records)])
        names = tuple(map(plain, seen[1:]))
        if found or not records:
            return _Walk(found, names, ttl)
        owner = message.target(records[0])
        if owner in seen:
            return _Walk((), names, ttl, f"the CNAMEs of {query.question.name} go in a circle")
        if len(seen) > MAX_CHAIN:
            return _Walk((), names, ttl, f"{query.question.name} has more than {MAX_CHAIN} CNAMEs")
        seen.append(owner)


def _ttl(seconds: int) -> int:
    return seconds if seconds <= MAX_TTL else 0  # RFC 2181 8: with its top bit set it is 0


def _is_lame(message: Message, walk: _Walk, soa: Record | None) -> bool:
    """Whether this is a referral, or the start of a chain that ends elsewhere: no word about the name itself."""
    if soa is not None or message.rcode == _NXDOMAIN or message.flags & _RA:
        return False
    return bool(walk.names) or not message.flags & _AA
