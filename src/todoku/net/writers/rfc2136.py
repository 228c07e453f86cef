"""Writing to a name server that takes updates (RFC 2136), over TCP, every message signed (``dns/signed.py``).

An update says on which *values* it depends: the whole set as it was read. The server compares and writes in one step, so
that of two writers one is told that the set has changed. What a wildcard answers is not there to be changed: after a
read that found something the server is asked, by an update that changes nothing, whether the name itself is in use.

It trusts what its one server signs, and touches that server only.
"""

from __future__ import annotations

from typing import NamedTuple

import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdata
import dns.rdatatype
import dns.rrset
from dns.update import UpdateMessage

from todoku.net.dns.rdata import dns_name, is_record_type, record, record_set, spelled, written
from todoku.net.dns.signed import TIMEOUT, SignedServer
from todoku.net.writers.dns_writer import (
    Refusal,
    Written,
    after_silence,
    comparable,
    decided,
    not_a_record,
    not_ours,
    raced,
    refused,
    unknown_after,
)
from todoku.net.writers.tsig_key import TsigKey
from todoku.words.change import RecordSet, RecordSetChange
from todoku.words.verdict import Text

_UNMET = frozenset({dns.rcode.YXDOMAIN, dns.rcode.YXRRSET, dns.rcode.NXDOMAIN, dns.rcode.NXRRSET})
"""A prerequisite is not met: RFC 2136 3.2."""


class _Held(NamedTuple):
    """What stands at a name: the set that was asked for, its records as they are, and the sets of other types seen."""

    zone: dns.name.Name
    name: dns.name.Name
    found: RecordSet
    records: tuple[dns.rdata.Rdata, ...]
    others: tuple[RecordSet, ...]


class Rfc2136Writer:
    """Writes to the zones of one name server; a ``DnsWriter``."""

    def __init__(self, host: str, key: TsigKey, *, port: int = 53, zone: str = "", timeout: float = TIMEOUT) -> None:
        """Speak to ``host``, a name or an address; with ``zone`` no other zone is written."""
        self._server = SignedServer(host, port, key, timeout=timeout)
        self._only = zone.lower().rstrip(".")

    def zone_of(self, name: str) -> str | Refusal | None:
        """The apex of the server's zone that holds ``name``; None: the server does not serve it, or delegates it."""
        at = name.lower().rstrip(".")
        while at and (owner := dns_name(at)):
            reply = self._server.exchange(dns.message.make_query(owner, "SOA", flags=0))
            if isinstance(reply, Refusal):
                return reply
            if reply.rcode() == dns.rcode.REFUSED:  # it does not serve the name; of a key it would say BADKEY
                return None
            trouble = self._server.refusal(reply)
            if trouble or not reply.flags & dns.flags.AA:
                return trouble
            apex = _apex(reply, at)
            if apex:
                return apex if self._only in ("", apex) else None
            at = at.partition(".")[2]  # an alias that leads elsewhere; its parent is in the same zone
        return None

    def read(self, name: str, rdtype: str) -> RecordSet | Refusal:
        """The set as the server holds it."""
        held = self._held(name, rdtype)
        return held if isinstance(held, Refusal) else held.found

    def write(self, change: RecordSetChange) -> Written:
        """What became of ``change``."""
        held = self._held(change.before.name, change.before.rdtype)
        if isinstance(held, Refusal):
            return refused(held)
        wanted = decided(change, held.found, held.others)
        if isinstance(wanted, Written):
            return wanted
        update = _update(held, wanted)
        if isinstance(update, Text):
            return Written("refused", update)
        reply = self._server.exchange(update)
        if isinstance(reply, Refusal):
            return self._after_silence(change, reply) if reply.status == "unreachable" else refused(reply)
        if reply.rcode() in _UNMET:
            return self._after_race(change)
        refusal = self._server.refusal(reply)
        return refused(refusal) if refusal else Written("done", Text("written", "書き込みました"), wanted)

    def _after_race(self, change: RecordSetChange) -> Written:
        again = self._held(change.before.name, change.before.rdtype)
        if isinstance(again, Refusal):
            return refused(again)
        verdict = decided(change, again.found, again.others)
        return verdict if isinstance(verdict, Written) else raced(again.found)

    def _after_silence(self, change: RecordSetChange, silence: Refusal) -> Written:
        again = self._held(change.before.name, change.before.rdtype)
        return unknown_after(silence) if isinstance(again, Refusal) else after_silence(change, again.found, silence)

    def _held(self, name: str, rdtype: str) -> _Held | Refusal:
        """What stands at the name itself."""
        name = name.lower().rstrip(".")
        owner, apex = dns_name(name), self.zone_of(name)
        if isinstance(apex, Refusal):
            return apex
        zone = None if apex is None else dns_name(apex)
        if zone is None or owner is None:
            return not_ours(name)
        if not is_record_type(rdtype):
            return Refusal(
                "refused", Text(f"{rdtype!r} is no record type", f"{rdtype!r} というレコードタイプはありません")
            )
        sets = self._sets(owner, rdtype)
        if rdtype == "CNAME" and sets == []:  # a CNAME may stand beside nothing: RFC 1034 3.6.2
            sets = self._sets(owner, "ANY")
        if isinstance(sets, Refusal):
            return sets
        in_use = self._is_in_use(zone, owner) if sets and owner != zone else True
        if isinstance(in_use, Refusal):
            return in_use
        return _held_by(zone, owner, RecordSet(name, rdtype), sets if in_use else [])

    def _sets(self, owner: dns.name.Name, rdtype: str) -> list[dns.rrset.RRset] | Refusal:
        """What the server answers of the name; what stands behind a CNAME has another owner (RFC 1034 4.3.2)."""
        reply = self._server.exchange(dns.message.make_query(owner, rdtype, flags=0))
        if isinstance(reply, Refusal):
            return reply
        return self._server.refusal(reply) or [rrset for rrset in reply.answer if rrset.name == owner]

    def _is_in_use(self, zone: dns.name.Name, name: dns.name.Name) -> bool | Refusal:
        """Whether a record stands at the name itself; what a wildcard answers does not: RFC 4592 2.2."""
        probe = UpdateMessage(zone)
        probe.present(name)  # RFC 2136 2.4.4, and nothing to update
        reply = self._server.exchange(probe)
        if isinstance(reply, Refusal):
            return reply
        return False if reply.rcode() in _UNMET else self._server.refusal(reply) or True


def _apex(reply: dns.message.Message, name: str) -> str:
    """The owner of the SOA that stands over ``name``: in the answer, or with a negative one (RFC 2308 3).

    "" where the name is an alias: the SOA is then that of the alias's target.
    """
    owners = [spelled(rrset.name) for rrset in reply.answer or reply.authority if rrset.rdtype == dns.rdatatype.SOA]
    return next((owner for owner in owners if f".{name}".endswith(f".{owner}")), "")


def _held_by(zone: dns.name.Name, owner: dns.name.Name, asked: RecordSet, sets: list[dns.rrset.RRset]) -> _Held:
    name, rdtype = asked.name, asked.rdtype
    others = {rrset.rdtype.name for rrset in sets} - {rdtype}
    return _Held(
        zone,
        owner,
        record_set(name, rdtype, sets),
        tuple(each for rrset in sets if rrset.rdtype.name == rdtype for each in rrset),
        tuple(record_set(name, other, sets) for other in sorted(others)),
    )


def _update(held: _Held, wanted: RecordSet) -> UpdateMessage | Text:
    """The update that makes ``wanted`` of what is held, if that still stands; or the value that no record can have."""
    name, rdtype = held.name, wanted.rdtype
    message = UpdateMessage(held.zone)
    _require(message, held)
    stays = set(comparable(rdtype, wanted.values))
    keys = {each: comparable(rdtype, (written(each),))[0] for each in held.records}
    added = [each for each, key in keys.items() if key in stays] if wanted.ttl != held.found.ttl else []
    if added:  # a set has one TTL: what stays comes again, with the new one
        message.delete(name, rdtype)
    else:
        for each in (each for each, key in keys.items() if key not in stays):
            message.delete(name, each)
    for value in wanted.values:
        if comparable(rdtype, (value,))[0] not in keys.values():
            new = record(rdtype, value)
            if new is None:
                return not_a_record(rdtype, value)
            added.append(new)
    for each in added:
        message.add(name, wanted.ttl, each)
    return message


def _require(message: UpdateMessage, held: _Held) -> None:
    """The prerequisites: that what was read still stands, and nothing else that an addition would be lost beside."""
    rdtype = held.found.rdtype
    if held.records:
        message.present(held.name, *held.records)  # RFC 2136 2.4.2: these values, no more and no fewer
    elif rdtype == "CNAME":
        message.absent(held.name)  # RFC 2136 2.4.5
    else:
        message.absent(held.name, rdtype)  # RFC 2136 2.4.3
    if rdtype != "CNAME":
        message.absent(held.name, "CNAME")  # RFC 2136 3.4.2.2: beside one, an addition is ignored without a word
