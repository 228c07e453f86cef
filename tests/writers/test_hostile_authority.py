"""An authority that means harm: whatever it answers is a result, and no reply of it is waited for longer than was said."""

from __future__ import annotations

import contextlib
import io
import socket
import threading
from collections.abc import Callable, Iterator

import dns.flags
import dns.message
import dns.rdatatype
import dns.rrset
import dns.update
import pytest
from botocore.awsrequest import AWSResponse
from hypothesis import given, settings
from hypothesis import strategies as st

from between import relay
from todoku.auth.ask import Answer, Question
from todoku.net.writers.dns_writer import Refusal, Written
from todoku.net.writers.rfc2136 import Rfc2136Writer
from todoku.net.writers.route53 import Route53Writer
from todoku.net.writers.route53_api import route53_client
from todoku.net.writers.tsig_key import TsigKey
from todoku.words.change import RecordSet, RecordSetChange

SECRET = "Y2FuYXJ5LWNhbmFyeS1jYW5hcnktY2FuYXJ5LWNhbmFyeQ=="
KEY = TsigKey("todoku", SECRET, "hmac-sha256")
ASKED = RecordSetChange(RecordSet("a.example.com", "TXT"), ("x",), ttl=300)


class TestNameServer:
    """One that has the key: what it signs is believed, and still may be anything."""

    @staticmethod
    def writer(port: int, timeout: float = 5.0) -> Rfc2136Writer:
        return Rfc2136Writer("127.0.0.1", KEY, port=port, timeout=timeout)

    @staticmethod
    def signed(query: bytes, *records: str, key: TsigKey = KEY, number: int | None = None) -> bytes:
        """A signed reply: the zone's SOA to whoever asks for it, else these records."""
        asked = dns.message.from_wire(query, keyring=KEY)
        reply = dns.message.make_response(asked)
        reply.flags |= dns.flags.AA
        if not isinstance(asked, dns.update.UpdateMessage):
            soa = dns.rrset.from_text("example.com.", 300, "IN", "SOA", "ns. hostmaster. 1 2 3 4 5")
            asks_soa = asked.question[0].rdtype == dns.rdatatype.SOA
            reply.answer = [soa] if asks_soa else [one_set(records)] if records else []
        reply.id = asked.id if number is None else number
        reply.use_tsig(key)
        reply.request_mac = asked.mac
        return reply.to_wire(max_size=65535)

    def written(self, step: Callable[[bytes], bytes]) -> Written:
        with relay(0, lambda query, _forward: step(query)) as port:
            return self.writer(port).write(ASKED)

    def test_that_tells_the_truth(self) -> None:
        assert self.written(self.signed).status == "done"

    @pytest.mark.parametrize("number", [0, 65535])
    def test_another_id(self, number: int) -> None:
        assert self.written(lambda query: self.signed(query, number=number)).status == "unreachable"

    def test_another_secret(self) -> None:
        other = TsigKey("todoku", "b3RoZXI=", "hmac-sha256")
        assert self.written(lambda query: self.signed(query, key=other)).status == "unreachable"

    def test_a_reply_as_large_as_can_be(self) -> None:
        many = [f"TXT {number:05}" for number in range(2500)]
        with relay(0, lambda query, _forward: self.signed(query, *many)) as port:
            found = self.writer(port).read("a.example.com", "TXT")
            written = self.writer(port).write(ASKED)
        assert isinstance(found, RecordSet)
        assert len(found.values) == 2500
        assert written.status in ("done", "refused")  # its prerequisites name each value, and may be too long for DNS

    def test_a_type_that_nobody_knows(self) -> None:
        records = (r"TYPE65500 \# 3 1b5b4a",)
        asked = RecordSetChange(RecordSet("a.example.com", "CNAME"), ("b.example.com",), ttl=300)
        with relay(0, lambda query, _forward: self.signed(query, *records)) as port:
            written = self.writer(port).write(asked)
        assert written.status in ("conflict", "done", "unreachable")

    @settings(max_examples=60, deadline=None)
    @given(st.binary(max_size=80))
    def test_any_octets(self, octets: bytes) -> None:
        for step in (
            lambda _query: octets,
            lambda query: query[:2] + octets,
            lambda query: self.signed(query)[:30] + octets,
        ):
            assert self.written(step).status in ("unreachable", "refused", "denied")

    @pytest.mark.parametrize("count", [0, 1, 5])
    def test_that_drips(self, count: int) -> None:
        """An octet at a time, for ever: the time is that of the whole reply."""
        with dripping(b"\xff\xff" + bytes(count)) as port:
            written = self.writer(port, timeout=0.3).read("a.example.com", "TXT")
        assert isinstance(written, Refusal)
        assert (written.status, "no answer in time" in written.detail.en) == ("unreachable", True)


def one_set(records: tuple[str, ...]) -> dns.rrset.RRset:
    """The records, each written ``TYPE data``, at the name that is asked for."""
    rdtype = records[0].partition(" ")[0]
    return dns.rrset.from_text("a.example.com.", 300, "IN", rdtype, *(each.partition(" ")[2] for each in records))


@contextlib.contextmanager
def dripping(beginning: bytes) -> Iterator[int]:
    """A port that answers with this, and then with an octet now and then until it is hung up on."""
    over = threading.Event()

    def drip(listener: socket.socket) -> None:
        with contextlib.suppress(OSError), listener.accept()[0] as sock:
            sock.sendall(beginning)
            while not over.wait(0.05):
                sock.sendall(b"\0")

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=drip, args=(listener,))
        thread.start()
        try:
            yield listener.getsockname()[1]
        finally:
            over.set()
            thread.join()


ZONES = """<ListHostedZonesResponse xmlns="https://route53.amazonaws.com/doc/2013-04-01/"><HostedZones><HostedZone>
<Id>/hostedzone/Z1</Id><Name>{name}</Name><CallerReference>1</CallerReference></HostedZone></HostedZones>
<IsTruncated>{more}</IsTruncated><MaxItems>100</MaxItems>{marker}</ListHostedZonesResponse>"""
SETS = """<ListResourceRecordSetsResponse xmlns="https://route53.amazonaws.com/doc/2013-04-01/"><ResourceRecordSets>{sets}
</ResourceRecordSets><IsTruncated>{more}</IsTruncated><MaxItems>300</MaxItems>{marker}</ListResourceRecordSetsResponse>"""
SET = (
    "<ResourceRecordSet><Name>{name}</Name><Type>{rdtype}</Type><TTL>300</TTL><ResourceRecords>{records}</ResourceRecords>"
    "</ResourceRecordSet>"
)
RECORD = "<ResourceRecord><Value>{value}</Value></ResourceRecord>"


class Nobody:
    """A DNS that knows nothing, so that the one zone is taken for the right one."""

    def answers(self, questions: tuple[Question, ...], *, seconds: float | None = None) -> list:
        return [Answer(question, status="timeout") for question in questions]


@pytest.fixture(scope="module")
def client():
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("AWS_ACCESS_KEY_ID", "AKIACANARYCANARYCANA")
        environment.setenv("AWS_SECRET_ACCESS_KEY", "canary")
        yield route53_client(attempts=1)


class TestRoute53:
    """One that is not Route 53: a proxy on the way, or somebody's endpoint."""

    @contextlib.contextmanager
    def saying(self, client, **bodies: str | bytes) -> Iterator[Route53Writer]:
        known = {
            "ListHostedZones": ZONES.format(name="example.com.", more="false", marker=""),
            "ListResourceRecordSets": SETS.format(sets="", more="false", marker=""),
            **bodies,
        }

        def answer(request, event_name, **_):
            body = known.get(event_name.rpartition(".")[2], "")
            raw = io.BytesIO(body if isinstance(body, bytes) else body.encode())
            raw.stream = lambda **_more: iter([raw.read()])
            return AWSResponse(request.url, 200, {}, raw)

        client.meta.events.register("before-send.route53", answer)
        try:
            yield Route53Writer(client, Nobody())
        finally:
            client.meta.events.unregister("before-send.route53", answer)

    @pytest.mark.parametrize("operation", ["ListHostedZones", "ListResourceRecordSets", "ChangeResourceRecordSets"])
    @pytest.mark.parametrize(
        "body",
        ["", "<html><body>Sign in to the guest network</body>", "<a/>", b"\xff\xfe\x00", "{}", "<!DOCTYPE a []><a/>"],
        ids=["nothing", "page", "other", "octets", "json", "doctype"],
    )
    def test_what_is_no_reply_of_its(self, client, operation: str, body: str | bytes) -> None:
        with self.saying(client, **{operation: body}) as writer:
            written = writer.write(ASKED)
        assert written.status == "unreachable", written

    def test_pages_without_end(self, client) -> None:
        endless = ZONES.format(name="example.org.", more="true", marker="<NextMarker>x</NextMarker>")
        with self.saying(client, ListHostedZones=endless) as writer:
            assert isinstance(writer.zone_of("a.example.com"), Refusal)
        here = SET.format(name="a.example.com.", rdtype="TXT", records=RECORD.format(value='"y"'))
        more = "<NextRecordName>a.example.com.</NextRecordName><NextRecordType>TXT</NextRecordType>"
        with self.saying(client, ListResourceRecordSets=SETS.format(sets=here, more="true", marker=more)) as writer:
            assert isinstance(writer.read("a.example.com", "TXT"), Refusal)

    @pytest.mark.parametrize(
        ("written", "value"),
        [
            (r'"a\033[2Jb"', "a\x1b[2Jb"),
            (r'"\777"', "\xff"),
            (r'"\08"', "08"),
            ('"', '"'),
            ('"a" "b" c', "abc"),
            ("", ""),
        ],
    )
    def test_octets_of_every_kind(self, client, written: str, value: str) -> None:
        here = SET.format(name=r"a.example.com.", rdtype="TXT", records=RECORD.format(value=written))
        with self.saying(client, ListResourceRecordSets=SETS.format(sets=here, more="false", marker="")) as writer:
            found = writer.read("a.example.com", "TXT")
        assert isinstance(found, RecordSet)
        assert found.values == (value,)

    def test_thousands_of_values(self, client) -> None:
        records = "".join(RECORD.format(value=f'"{number}"') for number in range(20_000))
        here = SET.format(name="a.example.com.", rdtype="TXT", records=records)
        with self.saying(client, ListResourceRecordSets=SETS.format(sets=here, more="false", marker="")) as writer:
            found = writer.read("a.example.com", "TXT")
        assert isinstance(found, RecordSet)
        assert len(found.values) == 20_000

    def test_names_that_look_like_another(self, client) -> None:
        names = (r"a.example.com\056", r"a\056example.com.", r"b.example.com.\000a.example.com.")
        here = "".join(SET.format(name=each, rdtype="TXT", records=RECORD.format(value='"y"')) for each in names)
        with self.saying(client, ListResourceRecordSets=SETS.format(sets=here, more="false", marker="")) as writer:
            found = writer.read("b.example.com", "TXT")
        assert found == RecordSet("b.example.com", "TXT")
