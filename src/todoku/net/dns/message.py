"""A DNS message as octets (RFC 1035 section 4): its records, their names, and their presentation form.

It touches nothing and trusts nothing: a reply may have been written by an enemy, so that every length is checked, and
each name costs at most its 255 octets, however its pointers are laid. (A library that builds and hashes objects for each
name took 9 s for one reply of 64 KiB made for that; this takes some hundredths.) The types that mail needs are read
here; dnspython, loaded only then, reads the others.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator
from functools import lru_cache
from socket import AF_INET, AF_INET6, AddressFamily, inet_ntop

import msgspec

A, NS, CNAME, SOA, PTR, MX, TXT, AAAA, OPT, SPF = 1, 2, 5, 6, 12, 15, 16, 28, 41, 99
NUMBERS = {"A": A, "NS": NS, "CNAME": CNAME, "SOA": SOA, "PTR": PTR, "MX": MX, "TXT": TXT, "AAAA": AAAA, "SPF": SPF}
IN = 1

HEADER = struct.Struct("!6H")  # id, flags, and the number of records in each section: RFC 1035 4.1.1
MAX_NAME, MAX_LABEL = 255, 63  # octets on the wire: RFC 1035 2.3.4
MAX_TTL = 0x7FFFFFFF  # seconds: RFC 2181 8
MAX_JUMPS = 126  # a name has at most 127 labels, so a useful pointer can follow a pointer no more often than this

_FIXED = struct.Struct("!HHIH")  # type, class, TTL, length of the data: RFC 1035 4.1.3
_OPT_OWNER_AND_TYPE = b"\0" + OPT.to_bytes(2)  # RFC 6891 6.1.2
_SOA_NUMBERS = struct.Struct("!5I")
_ESCAPED = re.compile(rb"[^!#%-'*-\-/-:<-?A-\[\]-~]")  # RFC 4343 2.1: what is not a visible character of its own


class Unreadable(ValueError):  # noqa: N818 -- it says what the octets are
    """The octets are no DNS message, or one of its parts does not fit its length."""


class Record(msgspec.Struct, gc=False):
    """One resource record: its owner as octets in lower case, and where its data stand in the message."""

    owner: bytes
    rdtype: int
    rdclass: int
    ttl: int
    start: int
    end: int


class Message:
    """A message whose sections have been walked through. Raises ``Unreadable`` where they do not fit."""

    __slots__ = ("_names", "_question_end", "answer", "authority", "flags", "octets", "rcode")

    def __init__(self, octets: bytes, asked: bytes = b"") -> None:
        """Read the header and find the records. ``asked`` is the question section that is expected, which spares reading it."""
        if len(octets) < HEADER.size:
            raise Unreadable("shorter than a header")
        self.octets = octets
        self._names: dict[int, bytes] = {}  # by the offset that a pointer leads to
        self._question_end = 0  # where the name that was asked for ends, if that is the only question
        _, self.flags, questions, answers, authorities, additionals = HEADER.unpack_from(octets)
        at = HEADER.size
        if questions == 1 and asked and octets.startswith(asked, at):
            at += len(asked)
            self._question_end = at - 4
        else:
            for _ in range(questions):
                at = self._name(at)[1] + 4
        self.answer, at = self._records(at, answers)
        self.authority, at = self._records(at, authorities)
        self.rcode = self.flags & 0x0F
        if additionals == 1 and octets[at : at + 3] == _OPT_OWNER_AND_TYPE and octets[at + 5 :] == bytes(6):
            return  # nearly always: an OPT record that says how much the server takes, and nothing else
        additional, at = self._records(at, additionals)
        if at != len(octets):
            raise Unreadable("octets after the last record")
        # RFC 6891 6.1.3: EDNS brings the upper octet of the RCODE.
        self.rcode |= next((record.ttl >> 24 for record in additional if record.rdtype == OPT), 0) << 4

    def target(self, record: Record) -> bytes:
        """The name that is a CNAME record's data, in lower case."""
        return self._data_name(record.start, record.end).lower()

    def negative_ttl(self, record: Record) -> int:
        """For how many seconds an SOA record lets an absence be remembered: RFC 2308 section 5. Its names are not read for that."""
        if record.end - record.start < 2 + _SOA_NUMBERS.size:
            raise Unreadable("an SOA record has the wrong length")
        return min(record.ttl, int.from_bytes(self.octets[record.end - 4 : record.end]))

    def presentation(self, record: Record) -> str:
        """The record's data as ``Answer.records`` has them."""
        start, end = record.start, record.end
        match record.rdtype:
            case 16 | 99:  # TXT, SPF
                return b"".join(self._strings(start, end)).decode("latin-1")
            case 1:  # A
                return self._address(AF_INET, start, end)
            case 28:  # AAAA
                return self._address(AF_INET6, start, end)
            case 2 | 5 | 12:  # NS, CNAME, PTR
                return plain(self._data_name(start, end))
            case 15:  # MX
                preference = int.from_bytes(self.octets[start : start + 2])
                return f"{preference} {plain(self._data_name(start + 2, end))}"
            case 6:  # SOA
                server, mailbox, numbers = self._soa(record)
                return " ".join((plain(server), plain(mailbox), *map(str, numbers)))
        return _by_dnspython(self.octets, record)

    def _records(self, at: int, count: int) -> tuple[list[Record], int]:
        records = []
        octets = self.octets
        for _ in range(count):
            owner, at = (b"\0", at + 1) if octets[at : at + 1] == b"\0" else self._name(at)  # OPT has the root's name
            start = at + _FIXED.size
            if start > len(octets):
                raise Unreadable("a record ends too early")
            rdtype, rdclass, ttl, length = _FIXED.unpack_from(octets, at)
            at = start + length
            if at > len(octets):
                raise Unreadable("a record's data end too early")
            records.append(Record(owner.lower(), rdtype, rdclass, ttl, start, at))
        return records, at

    def _name(self, at: int) -> tuple[bytes, int]:
        """The name that begins at an offset, without its compression (RFC 1035 4.1.4), and the offset behind it."""
        octets = self.octets
        if octets[at : at + 1] == b"\xc0" and (asked := self._asked_from(octets[at + 1 : at + 2])):  # nearly always
            return asked, at + 2
        whole, behind = bytearray(), 0
        jumps: list[tuple[int, int]] = []
        before = at  # a pointer leads to a prior place, so that none leads in a circle
        while True:
            if at >= len(octets):
                raise Unreadable("a name ends too early")
            length = octets[at]
            if length < 0x40:
                whole += octets[at : at + length + 1]
                at += length + 1
                if len(whole) > MAX_NAME:
                    raise Unreadable("a name is too long")
                if not length:
                    break
            elif length >= 0xC0 and at + 1 < len(octets):
                behind = behind or at + 2
                at = (length & 0x3F) << 8 | octets[at + 1]
                if at >= before or len(jumps) >= MAX_JUMPS:
                    raise Unreadable("a pointer leads nowhere")
                before = at
                if (known := self._names.get(at)) is not None:
                    whole += known
                    break
                jumps.append((at, len(whole)))
            else:
                raise Unreadable("a label is of no known kind")
        if len(whole) > MAX_NAME:
            raise Unreadable("a name is too long")
        self._names.update((place, bytes(whole[begun:])) for place, begun in jumps)
        return bytes(whole), behind or at

    def _asked_from(self, offset: bytes) -> bytes:
        """The name that was asked for from one of its labels on; b"" where no label of it begins at the offset."""
        at, end = HEADER.size, self._question_end
        if not offset or offset[0] >= end:
            return b""
        place = offset[0]
        while at < place:
            at += self.octets[at] + 1
        return self.octets[at:end] if at == place else b""

    def _data_name(self, start: int, end: int) -> bytes:
        name, behind = self._name(start)
        if behind != end:
            raise Unreadable("a name in a record's data does not fit")
        return name

    def _strings(self, start: int, end: int) -> Iterator[bytes]:
        """The character-strings of a TXT record: RFC 1035 3.3.14."""
        while start < end:
            behind = start + 1 + self.octets[start]
            if behind > end:
                raise Unreadable("a character-string ends too early")
            yield self.octets[start + 1 : behind]
            start = behind

    def _address(self, family: AddressFamily, start: int, end: int) -> str:
        if end - start != (4 if family is AF_INET else 16):
            raise Unreadable("an address has the wrong length")
        return inet_ntop(family, self.octets[start:end])

    def _soa(self, record: Record) -> tuple[bytes, bytes, tuple[int, ...]]:
        server, at = self._name(record.start)
        mailbox, at = self._name(at)
        if at + _SOA_NUMBERS.size != record.end:
            raise Unreadable("an SOA record has the wrong length")
        return server, mailbox, _SOA_NUMBERS.unpack_from(self.octets, at)


def type_number(rdtype: str) -> int:
    """The number of a type, by its name (also ``TYPE65280``, RFC 3597 section 5)."""
    number = NUMBERS.get(rdtype)
    if number is None:
        from dns.rdatatype import from_text  # noqa: PLC0415 -- 60 ms, for types that mail needs seldom

        number = NUMBERS[rdtype] = int(from_text(rdtype))
    return number


def wire(name: str) -> bytes | None:
    """A name as octets, in lower case; None when no domain name can be spelled so (RFC 1035 2.3.4)."""
    if not name.isascii() or len(name) + 2 > MAX_NAME:
        return None
    return _wire(name.lower()) if name else b"\0"


def _wire(name: str) -> bytes | None:
    label, dot, parent = name.partition(".")
    behind = _wire_of_parent(parent) if dot else b"\0"
    if behind is None or not 0 < len(label) <= MAX_LABEL:
        return None
    return b"%c%b%b" % (len(label), label.encode("ascii"), behind)


_wire_of_parent = lru_cache(1_024)(_wire)  # of one domain many names are asked for


@lru_cache(1_024)
def plain(name: bytes) -> str:
    """A name's presentation form, without its last dot; the root is ``.``."""
    labels = []
    at = 0
    while length := name[at]:
        labels.append(_ESCAPED.sub(_escape, name[at + 1 : at + 1 + length]))
        at += length + 1
    return b".".join(labels).decode("ascii") or "."


def _escape(match: re.Match[bytes]) -> bytes:
    octet = match[0][0]
    return b"\\" + match[0] if 0x20 < octet < 0x7F else b"\\%03d" % octet


def _by_dnspython(octets: bytes, record: Record) -> str:
    from dns.exception import DNSException  # noqa: PLC0415 -- as above
    from dns.rdata import RdataStyle, from_wire  # noqa: PLC0415 -- as above
    from dns.rdataclass import IN  # noqa: PLC0415 -- as above
    from dns.rdatatype import RdataType  # noqa: PLC0415 -- as above

    try:
        data = from_wire(IN, RdataType(record.rdtype), octets, record.start, record.end - record.start)
        return data.to_styled_text(RdataStyle(omit_final_dot=True))
    except (DNSException, ValueError) as error:
        raise Unreadable(type(error).__name__) from None
