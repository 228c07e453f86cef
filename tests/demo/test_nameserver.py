"""The demo's name server: what it answers, and updates by RFC 2136."""

from __future__ import annotations

import base64
from collections.abc import Iterator

import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.query
import dns.rcode
import dns.tsig
import dns.update
import pytest
from hypothesis import given
from hypothesis import strategies as st

from todoku.auth.ask import Question
from todoku.demo.nameserver import NameServer
from todoku.net.dns.resolver import Resolver

KEY = dns.tsig.Key("todoku", base64.b64encode(b"k" * 32).decode(), "hmac-sha256")
STRANGER = dns.tsig.Key("stranger", base64.b64encode(b"s" * 32).decode(), "hmac-sha256")
ZONE = """
@ MX 10 mx
mx A 192.0.2.25
www CNAME mx
out CNAME mx.example.net.
away CNAME www.elsewhere.example.
loop CNAME pool
pool CNAME loop
*.wild TXT "from a wildcard"
deep.under A 192.0.2.9
two TXT "one"
two TXT "two"
""" + "".join(f'big TXT "{number:03} {"x" * 90}"\n' for number in range(20))


@pytest.fixture
def server() -> Iterator[NameServer]:
    published = {"tok.dkim.amazonses.com": "p=" + "A" * 400}
    with NameServer(keys={"example.com": KEY, "locked.example": KEY}, published=published.get) as running:
        running.add_zone("example.com", ZONE)
        running.add_zone("example.net", "mx A 192.0.2.26\n")
        running.add_amazon()
        yield running


def ask(server: NameServer, name: str, rdtype: str, *, tcp: bool = False, **more: object) -> dns.message.Message:
    host, _, port = server.address.partition(":")
    query = dns.message.make_query(name, rdtype, **more)
    return (dns.query.tcp if tcp else dns.query.udp)(query, host, timeout=5, port=int(port))


def values(reply: dns.message.Message) -> list[str]:
    return sorted(rdata.to_text() for rrset in reply.answer for rdata in rrset)


class TestAnswers:
    @pytest.mark.parametrize(
        ("name", "rdtype", "expected"),
        [
            ("example.com", "MX", ["10 mx.example.com."]),
            ("EXAMPLE.com", "mx", ["10 mx.example.com."]),
            ("two.example.com", "TXT", ['"one"', '"two"']),
            ("www.example.com", "A", ["192.0.2.25", "mx.example.com."]),
            ("www.example.com", "CNAME", ["mx.example.com."]),
            ("out.example.com", "A", ["192.0.2.26", "mx.example.net."]),
            ("away.example.com", "A", ["www.elsewhere.example."]),
            ("a.wild.example.com", "TXT", ['"from a wildcard"']),
            ("a.b.wild.example.com", "TXT", ['"from a wildcard"']),
            ("tok.dkim.amazonses.com", "TXT", [f'"p={"A" * 253}" "{"A" * 147}"']),
            ("feedback-smtp.eu-west-1.amazonses.com", "A", ["192.0.2.17"]),
            ("4.225.251.23.in-addr.arpa", "PTR", ["e225-4.smtp-out.ap-northeast-1.amazonses.com."]),
        ],
    )
    def test_records(self, server, name, rdtype, expected):
        reply = ask(server, name, rdtype)
        assert (sorted(map(str.lower, values(reply))), reply.rcode()) == (
            sorted(map(str.lower, expected)),
            dns.rcode.NOERROR,
        )
        assert reply.flags & dns.flags.AA

    @pytest.mark.parametrize(
        ("name", "rdtype", "rcode"),
        [
            ("none.example.com", "A", "NXDOMAIN"),
            ("mx.example.com", "TXT", "NOERROR"),
            ("under.example.com", "A", "NOERROR"),
            ("wild.example.com", "TXT", "NOERROR"),
            ("dkim.amazonses.com", "TXT", "NXDOMAIN"),
            ("tok.dkim.amazonses.com", "A", "NOERROR"),
        ],
    )
    def test_absence_comes_with_the_soa(self, server, name, rdtype, rcode):
        reply = ask(server, name, rdtype)
        assert (dns.rcode.to_text(reply.rcode()), reply.answer) == (rcode, [])
        assert [rrset.rdtype.name for rrset in reply.authority] == ["SOA"]

    @pytest.mark.parametrize(("name", "rcode"), [("loop.example.com", "SERVFAIL"), ("example.org", "REFUSED")])
    def test_what_cannot_be_answered(self, server, name, rcode):
        assert dns.rcode.to_text(ask(server, name, "A").rcode()) == rcode

    def test_root_zone_closes_the_world(self, server):
        server.add_zone(".")
        assert ask(server, "example.org", "A").rcode() == dns.rcode.NXDOMAIN

    def test_large_set_comes_over_tcp(self, server):
        reply = ask(server, "big.example.com", "TXT")
        assert reply.flags & dns.flags.TC
        assert reply.answer == []
        assert len(values(ask(server, "big.example.com", "TXT", tcp=True))) == 20
        assert len(values(ask(server, "big.example.com", "TXT", use_edns=0, payload=4096))) == 20

    def test_our_resolver_reads_it(self, server):
        (answer,) = Resolver(server.address).answers([Question("tok.dkim.amazonses.com", "TXT")])
        assert (answer.status, answer.records) == ("ok", ("p=" + "A" * 400,))

    @given(st.binary(max_size=80))
    def test_no_octets_break_it(self, octets):
        server = NameServer()
        server.add_zone("example.com")
        reply = server.reply(octets, udp=True)
        assert reply is None or reply[:2] == octets[:2]

    @pytest.mark.parametrize(("opcode", "rcode"), [(4, dns.rcode.NOTIMP), (5, dns.rcode.FORMERR)])
    def test_other_messages(self, server, opcode, rcode):
        query = dns.message.make_query("example.com", "A")
        octets = bytearray(query.to_wire())
        octets[2] |= opcode << 3
        reply = server.reply(bytes(octets), udp=True)
        assert reply[3] & 0xF == rcode


def change(server: NameServer, build, *, zone: str = "example.com", key: dns.tsig.Key | None = KEY) -> str:
    """What the server says to an update."""
    update = dns.update.UpdateMessage(zone, keyring=key)
    build(update)
    host, _, port = server.address.partition(":")
    return dns.rcode.to_text(dns.query.tcp(update, host, timeout=5, port=int(port)).rcode())


def lines(server: NameServer) -> list[str]:
    """The zone without its SOA."""
    return sorted(line for line in server.zone_text("example.com").splitlines() if " SOA " not in line)


def serial(server: NameServer) -> int:
    return ask(server, "example.com", "SOA").answer[0][0].serial


class TestUpdates:
    def test_record_is_added_and_the_serial_goes_up(self, server):
        before = serial(server)
        assert change(server, lambda update: update.add("new", 60, "TXT", '"a"', '"b"')) == "NOERROR"
        assert values(ask(server, "new.example.com", "TXT")) == ['"a"', '"b"']
        assert serial(server) == before + 1

    def test_what_changes_nothing_leaves_the_serial(self, server):
        before = serial(server), lines(server)
        assert change(server, lambda update: update.add("two", 300, "TXT", '"one"')) == "NOERROR"
        assert change(server, lambda update: update.delete("none")) == "NOERROR"
        assert change(server, lambda update: update.delete("two", "TXT", '"three"')) == "NOERROR"
        assert (serial(server), lines(server)) == before

    def test_added_record_joins_the_set_and_gives_it_its_ttl(self, server):
        change(server, lambda update: update.add("two", 60, "TXT", '"three"'))
        reply = ask(server, "two.example.com", "TXT")
        assert (values(reply), reply.answer[0].ttl) == (['"one"', '"three"', '"two"'], 60)

    def test_single_record_set_and_name_are_deleted(self, server):
        change(server, lambda update: update.delete("two", "TXT", '"one"'))
        assert values(ask(server, "two.example.com", "TXT")) == ['"two"']
        change(server, lambda update: update.delete("two", "TXT", '"two"'))
        assert ask(server, "two.example.com", "TXT").rcode() == dns.rcode.NXDOMAIN
        change(server, lambda update: update.delete("mx", "A"))
        assert ask(server, "mx.example.com", "A").rcode() == dns.rcode.NXDOMAIN
        change(server, lambda update: update.delete("deep.under"))
        assert ask(server, "under.example.com", "A").rcode() == dns.rcode.NXDOMAIN

    def test_apex_keeps_soa_and_ns(self, server):
        change(server, lambda update: update.delete("@"))
        change(server, lambda update: update.delete("@", "NS"))
        change(server, lambda update: update.delete("@", "NS", "ns1.example.com."))
        assert ask(server, "example.com", "NS").answer
        assert ask(server, "example.com", "SOA").answer
        assert ask(server, "example.com", "MX").answer == []

    @pytest.mark.parametrize(("name", "rdtype", "value"), [("mx", "CNAME", "www"), ("www", "TXT", '"x"')])
    def test_cname_and_other_data_do_not_come_together(self, server, name, rdtype, value):
        before = lines(server)
        assert change(server, lambda update: update.add(name, 60, rdtype, value)) == "NOERROR"
        assert lines(server) == before

    def test_cname_takes_the_place_of_a_cname(self, server):
        change(server, lambda update: update.add("www", 60, "CNAME", "mx.example.net."))
        assert values(ask(server, "www.example.com", "CNAME")) == ["mx.example.net."]

    @pytest.mark.parametrize(("given_serial", "expected"), [(7, 7), (1, 1)])
    def test_soa_only_with_a_later_serial(self, server, given_serial, expected):
        soa = f"ns1.example.com. other.example.com. {given_serial} 1 1 1 1"
        change(server, lambda update: update.add("@", 60, "SOA", soa))
        assert serial(server) == expected

    @pytest.mark.parametrize(
        ("prerequisite", "said"),
        [
            (lambda update: update.present("mx"), "NOERROR"),
            (lambda update: update.present("under"), "NXDOMAIN"),
            (lambda update: update.present("mx", "A"), "NOERROR"),
            (lambda update: update.present("mx", "TXT"), "NXRRSET"),
            (lambda update: update.absent("none"), "NOERROR"),
            (lambda update: update.absent("mx"), "YXDOMAIN"),
            (lambda update: update.absent("mx", "TXT"), "NOERROR"),
            (lambda update: update.absent("mx", "A"), "YXRRSET"),
            (lambda update: update.present("two", "TXT", '"two"', '"one"'), "NOERROR"),
            (lambda update: update.present("two", "TXT", '"one"'), "NXRRSET"),
            (lambda update: update.present("two", "TXT", '"one"', '"three"'), "NXRRSET"),
            (lambda update: update.present("none", "TXT", '"one"'), "NXRRSET"),
            (lambda update: update.present(dns.name.from_text("mx.example.net.")), "NOTZONE"),
        ],
    )
    def test_prerequisites(self, server, prerequisite, said):
        before = lines(server)

        def build(update: dns.update.UpdateMessage) -> None:
            prerequisite(update)
            update.add("new", 60, "TXT", '"a"')

        assert change(server, build) == said
        assert (lines(server) != before) == (said == "NOERROR")

    def test_all_or_nothing(self, server):
        before = serial(server), lines(server)

        def build(update: dns.update.UpdateMessage) -> None:
            update.add("new", 60, "TXT", '"a"')
            update.add(dns.name.from_text("new.example.net."), 60, "TXT", '"a"')

        assert change(server, build) == "NOTZONE"
        assert (serial(server), lines(server)) == before

    def test_zone_that_is_not_here(self, server):
        assert change(server, lambda update: update.add("a", 60, "A", "192.0.2.1"), zone="example.org") == "NOTAUTH"
        assert change(server, lambda update: update.add("a", 60, "A", "192.0.2.1"), zone="mx.example.com") == "NOTAUTH"

    @pytest.mark.parametrize(("zone", "key"), [("example.com", None), ("example.net", KEY)])
    def test_zone_that_this_key_may_not_update(self, server, zone, key):
        assert change(server, lambda update: update.add("a", 60, "A", "192.0.2.1"), zone=zone, key=key) == "REFUSED"

    @pytest.mark.parametrize("key", [STRANGER, dns.tsig.Key("todoku", STRANGER.secret, "hmac-sha256")])
    def test_key_that_is_not_known(self, server, key):
        before = lines(server)
        update = dns.update.UpdateMessage("example.com", keyring=key)
        update.add("a", 60, "A", "192.0.2.1")
        reply = server.reply(update.to_wire(), udp=False)
        assert reply[3] & 0xF == dns.rcode.NOTAUTH
        assert lines(server) == before

    def test_reply_is_signed(self, server):
        update = dns.update.UpdateMessage("example.com", keyring=KEY)
        update.add("a", 60, "A", "192.0.2.1")
        host, _, port = server.address.partition(":")
        assert dns.query.tcp(update, host, timeout=5, port=int(port)).had_tsig
