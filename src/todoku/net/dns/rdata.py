"""Records as dnspython has them, and as we write them (see ``change.RecordSet``): there and back, losing nothing.

This module touches nothing. The strings of a TXT record are joined in our form, so that a record which was split in an
odd place is to be deleted by the record as it was read, not by one made from its value.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import cast

import dns.exception
import dns.name
import dns.rdata
import dns.rdatatype
import dns.rrset
from dns.rdataclass import IN
from dns.rdtypes.ANY.TXT import TXT

from todoku.net.dns.message import wire
from todoku.words.change import RecordSet

STRING = 255  # octets of one string of a TXT record: RFC 1035 3.3
PLAIN = dns.rdata.RdataStyle(omit_final_dot=True)


def dns_name(name: str) -> dns.name.Name | None:
    """The name, absolute; None where no domain name can be spelled so."""
    octets = wire(name)
    return None if octets is None else dns.name.from_wire(octets, 0)[0]


def spelled(name: dns.name.Name) -> str:
    """A name as we write it: lower-case, without its last dot."""
    return name.to_text(omit_final_dot=True).lower()


def is_record_type(rdtype: str) -> bool:
    """Whether records of a type of this name can stand in a zone."""
    try:
        number = dns.rdatatype.from_text(rdtype)
    except (dns.exception.DNSException, ValueError):
        return False
    return not dns.rdatatype.is_metatype(number)


def record(rdtype: str, value: str) -> dns.rdata.Rdata | None:
    """The record with this value; None where no record of the type has it."""
    try:
        if rdtype == "TXT":
            octets = value.encode("latin-1")
            strings = [octets[at : at + STRING] for at in range(0, len(octets), STRING)]
            return TXT(IN, dns.rdatatype.TXT, strings or [b""])
        return dns.rdata.from_text(IN, rdtype, value, origin=dns.name.root, relativize=False)
    except (dns.exception.DNSException, ValueError):
        return None


def written(each: dns.rdata.Rdata) -> str:
    """The record's value as we write it."""
    if each.rdtype == dns.rdatatype.TXT:
        return b"".join(cast(TXT, each).strings).decode("latin-1")
    return each.to_styled_text(PLAIN)


def record_set(name: str, rdtype: str, rrsets: Iterable[dns.rrset.RRset]) -> RecordSet:
    """The set of this type among ``rrsets``, which all stand at ``name``; an empty one where there is none."""
    sets = [rrset for rrset in rrsets if rrset.rdtype.name == rdtype]
    values = {written(each) for rrset in sets for each in rrset}
    return RecordSet(name, rdtype, tuple(sorted(values)), sets[0].ttl if sets else 0)
