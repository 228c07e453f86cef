"""A small authoritative name server on the loopback address: zones in memory that take signed updates (RFC 2136).

For the demonstration, where no other server is installed. It holds the customer's zones, which updates may change, and
those of Amazon SES, in which the demo's SES publishes its keys. It follows CNAMEs within its zones and answers as if it
could recurse, so that a resolver can ask it for everything; a name outside its zones is refused, unless it has a zone
for the root.

It trusts whoever holds one of its keys with the zones that may be updated, and whoever reaches its port with the rest.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Mapping, Sequence
from socketserver import BaseRequestHandler, BaseServer, StreamRequestHandler, ThreadingTCPServer, ThreadingUDPServer
from threading import Lock, Thread
from types import TracebackType
from typing import Self, cast

import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.node
import dns.opcode
import dns.rcode
import dns.rdataset
import dns.rdatatype
import dns.rrset
import dns.tsig
import dns.update
import dns.versioned
import dns.zone
from dns.rdatatype import RdataType

from todoku.auth.ask import Answer, Question
from todoku.demo.dns_update import Refused, update
from todoku.demo.ses_names import infrastructure, quoted
from todoku.net.dns.resolver import Resolver

MAX_CHAIN = 11
TTL = 300
APEX = "@ {ttl} SOA ns1.{origin} hostmaster.{origin} 1 7200 900 1209600 {ttl}\n@ {ttl} NS ns1.{origin}\n"

Published = Callable[[str], str | None]


class NameServer:
    """Zones on a free port, over UDP and TCP, while the ``with`` block runs: ``address`` is ``127.0.0.1:port``."""

    def __init__(self, *, keys: Mapping[str, dns.tsig.Key] | None = None, published: Published | None = None) -> None:
        """``keys``: which TSIG key may update a zone, by the zone's name.

        ``published``: a hook that gives the TXT record at a name below ``amazonses.com``: ``World.published``.
        """
        self.address = ""
        self._zones: dict[dns.name.Name, dns.versioned.Zone] = {}
        self._keys = {dns.name.from_text(zone): key for zone, key in (keys or {}).items()}
        self._ring = {key.name: key for key in self._keys.values()}
        self._published = published or (lambda _name: None)
        self._lock = Lock()
        self._servers: list[BaseServer] = []
        self._threads: list[Thread] = []

    def add_zone(self, origin: str, text: str = "") -> None:
        """Serve a zone: a master file, names relative to ``origin``. An SOA and an NS record come by themselves."""
        dotted = origin.rstrip(".") + "."
        apex = "" if " SOA " in text else APEX.format(ttl=TTL, origin=dotted if dotted != "." else "invalid.")
        zone = dns.zone.from_text(
            f"$TTL {TTL}\n{apex}{text}", dotted, relativize=False, zone_factory=dns.versioned.Zone, check_origin=False
        )
        with self._lock:
            self._zones[dns.name.from_text(dotted)] = cast(dns.versioned.Zone, zone)

    def add_amazon(self) -> None:
        """Serve what Amazon SES publishes for all its customers: addresses, SPF, bounce hosts; keys by the hook."""
        lines: dict[str, list[str]] = {}
        for name, records in infrastructure().items():
            zone = "amazonses.com" if name.endswith("amazonses.com") else "in-addr.arpa"
            for rdtype, value in records:
                if rdtype == "TXT":
                    value = quoted(value)  # noqa: PLW2901 -- the same value as a master file writes it
                elif rdtype in ("MX", "PTR"):
                    value += "."  # noqa: PLW2901 -- likewise
                lines.setdefault(zone, []).append(f"{name}. {rdtype} {value}")
        for zone, held in lines.items():
            self.add_zone(zone, "\n".join(held))

    def zone_text(self, origin: str) -> str:
        """The zone as a master file."""
        with self._lock:
            return self._zones[dns.name.from_text(origin)].to_text(relativize=False)

    def __enter__(self) -> Self:
        """Start to answer."""
        udp, tcp = _free_port()
        udp.nameserver = tcp.nameserver = self
        self.address = f"127.0.0.1:{udp.server_address[1]}"
        self._servers = [udp, tcp]
        self._threads = [Thread(target=each.serve_forever, args=(0.02,), daemon=True) for each in self._servers]
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop."""
        for server in self._servers:
            server.shutdown()
        for thread in self._threads:
            thread.join()
        for server in self._servers:
            server.server_close()

    def answers(self, questions: Sequence[Question], *, seconds: float | None = None) -> Sequence[Answer]:
        """What a resolver without a memory hears from this server: a ``Source``, for SES to look at what stands now."""
        return Resolver(self.address).answers(questions, seconds=seconds)

    def reply(self, octets: bytes, *, udp: bool) -> bytes | None:
        """The reply to a message, or None where it is not even a header."""
        try:
            query = dns.message.from_wire(octets, keyring=self._ring)
            if query.flags & dns.flags.QR:
                return None
        except (dns.tsig.BadSignature, dns.tsig.BadTime, dns.message.UnknownTSIGKey):
            return _header_alone(octets, dns.rcode.NOTAUTH)  # RFC 8945 5.2
        except dns.exception.DNSException:
            return _header_alone(octets, dns.rcode.FORMERR)
        answer = dns.message.make_response(query, recursion_available=True)
        with self._lock:
            if query.opcode() == dns.opcode.UPDATE:
                answer.set_rcode(self._update(cast(dns.update.UpdateMessage, query)))
            elif query.opcode() != dns.opcode.QUERY or len(query.question) != 1:
                answer.set_rcode(dns.rcode.NOTIMP)
            else:
                self._answer(query.question[0], answer)
        return _sized(answer, max(512, query.payload) if udp else 65_535)

    def _update(self, message: dns.update.UpdateMessage) -> dns.rcode.Rcode:
        """RFC 2136 3.1 to 3.6."""
        if len(message.zone) != 1:
            return dns.rcode.FORMERR
        origin = message.zone[0].name
        zone, key = self._zones.get(origin), self._keys.get(origin)
        if zone is None:
            return dns.rcode.NOTAUTH  # RFC 2136 3.1.2
        if key is None or not message.had_tsig or message.keyname != key.name:
            return dns.rcode.REFUSED  # RFC 2136 3.3
        try:
            update(zone, message)
        except Refused as refused:
            return refused.rcode
        return dns.rcode.NOERROR

    def _answer(self, question: dns.rrset.RRset, answer: dns.message.Message) -> None:
        """RFC 1034 4.3.2: the records, the CNAMEs on the way to them, or the SOA that says that there are none."""
        name, met = question.name, {question.name}
        while True:
            zone = self._zone_of(name)
            if zone is None:
                if not answer.answer:
                    answer.set_rcode(dns.rcode.REFUSED)
                return
            answer.flags |= dns.flags.AA
            held = self._held(zone, name, question.rdtype)
            if held:
                answer.answer += [_rrset(name, each) for each in held]
            alias = next((each for each in held if each.rdtype == RdataType.CNAME), None)
            if alias is None or question.rdtype in (RdataType.CNAME, RdataType.ANY):
                break
            name = alias[0].target
            if name in met or len(met) > MAX_CHAIN:
                answer.set_rcode(dns.rcode.SERVFAIL)
                return
            met.add(name)
        if not held:
            answer.set_rcode(dns.rcode.NOERROR if self._exists(zone, name) else dns.rcode.NXDOMAIN)
            answer.authority += [_rrset(zone.origin, soa) for soa in _rdatasets(zone, zone.origin, RdataType.SOA)]

    def _zone_of(self, name: dns.name.Name) -> dns.versioned.Zone | None:
        """The zone that stands closest over the name."""
        while True:
            if name in self._zones:
                return self._zones[name]
            if name == dns.name.root:
                return None
            name = name.parent()

    def _held(self, zone: dns.versioned.Zone, name: dns.name.Name, rdtype: RdataType) -> list[dns.rdataset.Rdataset]:
        """The set at the name, or its CNAME, or what a wildcard makes of it, or a key that SES publishes there."""
        if zone.get_node(name) is None:
            published = self._published_at(name) if rdtype == RdataType.TXT else None
            if published is not None:
                return [dns.rdataset.from_text("IN", "TXT", TTL, quoted(published))]
            if self._exists(zone, name):
                return []  # RFC 4592 2.2.2: an empty non-terminal exists
            name = self._wildcard(zone, name)
        return _rdatasets(zone, name, rdtype) or _rdatasets(zone, name, RdataType.CNAME)

    def _wildcard(self, zone: dns.versioned.Zone, name: dns.name.Name) -> dns.name.Name:
        """The wildcard below the closest encloser: RFC 4592 3.3.1."""
        encloser = name.parent() if name != zone.origin else name
        while encloser != zone.origin and not self._exists(zone, encloser):
            encloser = encloser.parent()
        return dns.name.Name((b"*", *encloser.labels))

    def _published_at(self, name: dns.name.Name) -> str | None:
        written = name.to_text(omit_final_dot=True).lower()
        return self._published(written) if written.endswith("amazonses.com") else None

    def _exists(self, zone: dns.versioned.Zone, name: dns.name.Name) -> bool:
        """Whether the zone has something at the name or below it, a wildcard apart."""
        return self._published_at(name) is not None or any(each.is_subdomain(name) for each in zone.nodes)


def _rdatasets(zone: dns.versioned.Zone, name: dns.name.Name | None, rdtype: RdataType) -> list[dns.rdataset.Rdataset]:
    node = None if name is None else zone.get_node(name)
    if node is None:
        return []
    return [each for each in node if rdtype in (each.rdtype, RdataType.ANY)]


def _rrset(name: dns.name.Name | None, rdataset: dns.rdataset.Rdataset) -> dns.rrset.RRset:
    return dns.rrset.from_rdata_list(name or dns.name.root, rdataset.ttl, list(rdataset))


def _header_alone(octets: bytes, rcode: dns.rcode.Rcode) -> bytes | None:
    """A reply that is a header alone, with the opcode of the message it answers."""
    if len(octets) < 12:
        return None
    (number, flags) = struct.unpack("!HH", octets[:4])
    return struct.pack("!HHHHHH", number, 0x8000 | (flags & 0x7900) | rcode, 0, 0, 0, 0)


def _sized(answer: dns.message.Message, size: int) -> bytes:
    """The octets of the reply; truncated where they are too many: RFC 2181 9."""
    try:
        return answer.to_wire(max_size=size)
    except dns.exception.TooBig:
        answer.answer, answer.authority = [], []
        answer.flags |= dns.flags.TC
        return answer.to_wire(max_size=size)


class _Udp(ThreadingUDPServer):
    daemon_threads = True
    nameserver: NameServer


class _Tcp(ThreadingTCPServer):
    daemon_threads = True
    nameserver: NameServer


def _free_port() -> tuple[_Udp, _Tcp]:
    """A server for each protocol, both on one port; another one where TCP has lost it to somebody else."""
    while True:
        udp = _Udp(("127.0.0.1", 0), _Datagram)
        try:
            return udp, _Tcp(udp.server_address, _Stream)
        except OSError:
            udp.server_close()


class _Datagram(BaseRequestHandler):
    def handle(self) -> None:
        octets, sock = self.request
        reply = cast(_Udp, self.server).nameserver.reply(octets, udp=True)
        if reply is not None:
            sock.sendto(reply, self.client_address)


class _Stream(StreamRequestHandler):
    timeout = 10

    def handle(self) -> None:
        while len(prefix := self.rfile.read(2)) == 2:
            octets = self.rfile.read(*struct.unpack("!H", prefix))
            reply = cast(_Tcp, self.server).nameserver.reply(octets, udp=False)
            if reply is None:
                return
            self.wfile.write(struct.pack("!H", len(reply)) + reply)
