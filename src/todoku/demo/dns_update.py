"""A dynamic update of a zone, as a primary server carries it out: RFC 2136 section 3. All of it happens, or nothing."""

from __future__ import annotations

import dns.name
import dns.rcode
import dns.rdata
import dns.rdataclass
import dns.rdataset
import dns.rdatatype
import dns.rrset
import dns.transaction
import dns.update
import dns.versioned
from dns.rdataclass import RdataClass
from dns.rdatatype import RdataType

Key = tuple[dns.name.Name, RdataType]
# RFC 2136 3.4.1.2: meta types cannot be added; 3.4.1.3: ANY alone can be deleted with a class of ANY
_META = frozenset((RdataType.ANY, RdataType.AXFR, RdataType.IXFR, RdataType.MAILA, RdataType.MAILB))


class Refused(Exception):  # noqa: N818 -- it is an answer, by its RCODE
    """The update is not carried out, and the RCODE that says why."""

    def __init__(self, rcode: dns.rcode.Rcode) -> None:
        super().__init__(rcode)
        self.rcode = rcode


def update(zone: dns.versioned.Zone, message: dns.update.UpdateMessage) -> bool:
    """Whether the update changed the zone. Raises ``Refused``."""
    with zone.writer() as transaction:
        _check_prerequisites(zone, transaction, message.prerequisite)
        for rrset in message.update:
            _prescan(zone, rrset)
        changed = False
        for rrset in message.update:
            changed = _change(zone, transaction, rrset) or changed
        # RFC 2136 3.6: the serial goes up with every change, unless the update has set it
        if changed and not any(rrset.rdtype == RdataType.SOA and rrset.deleting is None for rrset in message.update):
            transaction.update_serial(name=zone.origin or dns.name.root)
        return changed


def _check_prerequisites(
    zone: dns.versioned.Zone, transaction: dns.transaction.Transaction, prerequisites: list[dns.rrset.RRset]
) -> None:
    """RFC 2136 3.2.5: the first that is not met says why."""
    wanted: dict[Key, set[dns.rdata.Rdata]] = {}
    for rrset in prerequisites:
        if rrset.ttl != 0:
            raise Refused(dns.rcode.FORMERR)
        _in_zone(zone, rrset.name)
        there = _there(transaction, rrset)
        if rrset.deleting == RdataClass.ANY:
            if not there:  # RFC 2136 2.4.1 and 2.4.4
                raise Refused(dns.rcode.NXDOMAIN if rrset.rdtype == RdataType.ANY else dns.rcode.NXRRSET)
        elif rrset.deleting == RdataClass.NONE:
            if there:  # RFC 2136 2.4.3 and 2.4.5
                raise Refused(dns.rcode.YXDOMAIN if rrset.rdtype == RdataType.ANY else dns.rcode.YXRRSET)
        else:
            wanted.setdefault((rrset.name, rrset.rdtype), set()).update(rrset)
    for (name, rdtype), values in wanted.items():  # RFC 2136 2.4.2 and 3.2.3: the whole set, in any order
        held = transaction.get(name, rdtype)
        if held is None or set(held) != values:
            raise Refused(dns.rcode.NXRRSET)


def _there(transaction: dns.transaction.Transaction, rrset: dns.rrset.RRset) -> bool:
    """Whether the set exists, or for the type ANY whether the name owns anything."""
    if rrset.rdtype == RdataType.ANY:
        return transaction.name_exists(rrset.name)
    return transaction.get(rrset.name, rrset.rdtype) is not None


def _in_zone(zone: dns.versioned.Zone, name: dns.name.Name) -> None:
    if not name.is_subdomain(zone.origin or dns.name.root):
        raise Refused(dns.rcode.NOTZONE)  # RFC 2136 3.2.1 and 3.4.1


def _prescan(zone: dns.versioned.Zone, rrset: dns.rrset.RRset) -> None:
    """RFC 2136 3.4.1: refuse what is malformed before anything is changed."""
    _in_zone(zone, rrset.name)
    if rrset.deleting is None:
        malformed = rrset.rdtype in _META
    elif rrset.deleting == RdataClass.ANY:
        malformed = rrset.ttl != 0 or len(rrset) > 0 or rrset.rdtype in _META - {RdataType.ANY}
    else:
        malformed = rrset.ttl != 0 or rrset.rdtype in _META
    if malformed:
        raise Refused(dns.rcode.FORMERR)


def _change(zone: dns.versioned.Zone, transaction: dns.transaction.Transaction, rrset: dns.rrset.RRset) -> bool:
    """Carry out one record of the update section: RFC 2136 3.4.2. Whether it changed anything."""
    apex = rrset.name == zone.origin
    if rrset.deleting is None:
        return _add(transaction, rrset)
    if rrset.deleting == RdataClass.NONE:
        return _delete_records(transaction, rrset, apex=apex)
    held = [rrset.rdtype] if rrset.rdtype != RdataType.ANY else _types(transaction, rrset.name)
    changed = False
    for rdtype in held:
        # RFC 2136 3.4.2.3: at the apex SOA and NS stay
        if (apex and rdtype in (RdataType.SOA, RdataType.NS)) or transaction.get(rrset.name, rdtype) is None:
            continue
        transaction.delete(rrset.name, rdtype)
        changed = True
    return changed


def _add(transaction: dns.transaction.Transaction, rrset: dns.rrset.RRset) -> bool:
    """RFC 2136 3.4.2.2: what may not stand together is silently left out."""
    name, rdtype = rrset.name, rrset.rdtype
    types = _types(transaction, name)
    held = transaction.get(name, rdtype)
    if rdtype == RdataType.CNAME:
        if any(each != RdataType.CNAME for each in types):
            return False
    elif RdataType.CNAME in types:
        return False
    if rdtype == RdataType.SOA and (held is None or not _newer(rrset[0].serial, held[0].serial)):
        return False
    if held is not None and held.ttl == rrset.ttl and set(rrset) <= set(held):
        return False
    if held is None or rdtype in (RdataType.CNAME, RdataType.SOA):
        transaction.replace(name, dns.rdataset.from_rdata_list(rrset.ttl, list(rrset)))
        return True
    # RFC 2136 1.1 and 2181 5.2: the records of a set have one TTL, the last one that was given
    merged = dict.fromkeys([*held, *rrset])
    transaction.replace(name, dns.rdataset.from_rdata_list(rrset.ttl, list(merged)))
    return True


def _newer(serial: int, than: int) -> bool:
    return 0 < (serial - than) % 2**32 < 2**31  # RFC 1982 3.2


def _delete_records(transaction: dns.transaction.Transaction, rrset: dns.rrset.RRset, *, apex: bool) -> bool:
    """RFC 2136 3.4.2.4: delete single records; never the SOA, nor the last NS at the apex."""
    held = transaction.get(rrset.name, rrset.rdtype)
    if held is None or rrset.rdtype == RdataType.SOA:
        return False
    left = [each for each in held if each not in set(rrset)]
    if len(left) == len(held) or (apex and rrset.rdtype == RdataType.NS and not left):
        return False
    if left:
        transaction.replace(rrset.name, dns.rdataset.from_rdata_list(held.ttl, left))
    else:
        transaction.delete(rrset.name, rrset.rdtype)
    return True


def _types(transaction: dns.transaction.Transaction, name: dns.name.Name) -> list[RdataType]:
    node = transaction.get_node(name)
    return [] if node is None else [rdataset.rdtype for rdataset in node]
