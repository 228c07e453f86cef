"""DNS messages as octets, beside dnspython: what it writes we read as it does, and nothing raises or runs away."""

from __future__ import annotations

import struct

import dns.message
import dns.name
import dns.rdata
import dns.rdataclass
import dns.rdatatype
import dns.rrset
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nameserver import reply
from todoku.auth.ask import Question
from todoku.net.dns.message import MAX_NAME, Message, Unreadable, plain, wire
from todoku.net.dns.wire import Query, query, read_answer

OWNER = "example.com"
STYLE = dns.rdata.RdataStyle(omit_final_dot=True)
VALUES = {
    "A": "192.0.2.1",
    "AAAA": "2001:db8::1",
    "MX": "10 mx.example.com.",
    "NS": "ns.example.com.",
    "PTR": "a\\.b\\032c.example.",
    "SOA": "ns.example.com. h\\.m.example.com. 1 2 3 4 5",
    "TXT": '"v=spf1 " "-all\\255"',
    "SPF": '"v=spf1"',
    "CAA": '0 issue "ca.example"',
    "TLSA": "3 1 1 " + "ab" * 32,
    "SRV": "1 2 25 mx.example.com.",
    "DNSKEY": "257 3 13 AAAA",
}


def asked(rdtype: str, name: str = OWNER) -> Query:
    found = query(Question(name, rdtype))
    assert found is not None
    return found


def text_of(rdata: dns.rdata.Rdata) -> str:
    strings = getattr(rdata, "strings", None)
    return rdata.to_styled_text(STYLE) if strings is None else b"".join(strings).decode("latin-1")


labels = st.binary(min_size=1, max_size=20).map(bytes.lower)
names = st.lists(labels, max_size=5).map(lambda parts: dns.name.Name([*parts, b""]))
values = st.one_of(
    st.builds(lambda name: dns.rdata.from_text("IN", "PTR", name.to_text()), names),
    st.builds(lambda n, name: dns.rdata.from_text("IN", "MX", f"{n} {name.to_text()}"), st.integers(0, 65535), names),
    st.lists(st.binary(max_size=255), min_size=1, max_size=4).map(
        lambda strings: dns.rdata.from_wire(
            "IN", "TXT", octets := b"".join(bytes((len(s),)) + s for s in strings), 0, len(octets)
        )
    ),
    st.ip_addresses(v=4).map(lambda ip: dns.rdata.from_text("IN", "A", str(ip))),
    st.ip_addresses(v=6).map(lambda ip: dns.rdata.from_text("IN", "AAAA", str(ip))),
    st.sampled_from(sorted(VALUES)).map(lambda rdtype: dns.rdata.from_text("IN", rdtype, VALUES[rdtype])),
)


@settings(deadline=None)
@given(owners=st.lists(names, min_size=1, max_size=4), rdatas=st.lists(values, min_size=1, max_size=8), data=st.data())
def test_records_are_read_as_dnspython_reads_them(owners, rdatas, data):
    written = dns.message.make_response(dns.message.make_query(OWNER, "A"))
    for rdata in rdatas:
        rrset = written.find_rrset(
            written.answer, data.draw(st.sampled_from(owners)), rdata.rdclass, rdata.rdtype, create=True
        )
        rrset.add(rdata, data.draw(st.integers(0, 2**31 - 1)))
    message = Message(written.to_wire(max_size=65_535))
    expected = [(rrset.name, rrset.rdtype, rrset.ttl, text_of(rdata)) for rrset in written.answer for rdata in rrset]
    read = [
        (dns.name.from_text(plain(record.owner)), record.rdtype, record.ttl, message.presentation(record))
        for record in message.answer
    ]
    assert sorted(read) == sorted(expected)  # dnspython writes the records of a set in any order


@given(names)
def test_a_name_is_written_as_dnspython_writes_it(name):
    assert plain(name.to_wire()) == name.to_text(omit_final_dot=True)


@pytest.mark.parametrize("rdtype", sorted(VALUES))
def test_every_type(rdtype):
    octets = reply(asked(rdtype).message(b"\0\0"), f"{OWNER}. 300 {rdtype} {VALUES[rdtype]}")
    expected = text_of(dns.rdata.from_text("IN", rdtype, VALUES[rdtype]))
    assert read_answer(asked(rdtype), octets, "").records == (expected,)


@pytest.mark.parametrize(("sent", "read"), [(0x7FFFFFFF, 0x7FFFFFFF), (0x80000000, 0), (0xFFFFFFFF, 0), (1, 1)])
def test_a_time_to_live_with_its_top_bit_set_is_none(sent, read):
    record = b"\xc0\x0c" + struct.pack("!HHIH", 1, 1, sent, 4) + bytes(4)
    answer = read_answer(asked("A"), b"\0\0\x81\x80\0\1\0\1\0\0\0\0" + asked("A").section + record, "")
    assert (answer.status, answer.ttl) == ("ok", read)


@settings(max_examples=300)
@given(
    rdtype=st.sampled_from(sorted(VALUES)),
    changes=st.lists(st.tuples(st.integers(12, 200), st.integers(0, 255)), max_size=6),
    length=st.integers(12, 200),
)
def test_no_reply_raises(rdtype, changes, length):
    octets = bytearray(
        reply(
            asked(rdtype).message(b"\0\0"),
            f"{OWNER}. 300 CNAME a.{OWNER}.",
            f"a.{OWNER}. 300 {rdtype} {VALUES[rdtype]}",
            authority=f"{OWNER}. 900 SOA {VALUES['SOA']}",
        )
    )
    for at, octet in changes:
        octets[at % len(octets)] = octet
    for whole in (octets, octets[:length]):
        assert read_answer(asked(rdtype), bytes(whole), "").question == Question(OWNER, rdtype)


@given(st.binary(max_size=200))
def test_any_octets(octets):
    read_answer(asked("TXT"), octets, "")


@pytest.mark.parametrize(
    ("rdtype", "octets"),
    [
        ("A", b"\1\2\3"),
        ("A", bytes(16)),
        ("AAAA", bytes(4)),
        ("MX", b"\0"),
        ("MX", b"\0\x0a\1a"),
        ("MX", b"\0\x0a\1a\0\0"),
        ("NS", b"\1a\0\0"),
        ("NS", b""),
        ("TXT", b"\4abc"),
        ("SOA", b"\0\0" + bytes(19)),
        ("SOA", b"\0\0" + bytes(21)),
        ("TLSA", b"\3"),
    ],
)
def test_data_that_do_not_fit_are_no_answer(rdtype, octets):
    record = b"\xc0\x0c" + struct.pack("!HHIH", dns.rdatatype.from_text(rdtype), 1, 300, len(octets)) + octets
    whole = b"\0\0\x81\x80\0\1\0\1\0\0\0\0" + asked(rdtype).section + record
    answer = read_answer(asked(rdtype), whole, "192.0.2.53")
    assert (answer.status, answer.records) == ("servfail", ())
    assert answer.detail.startswith("unreadable reply from 192.0.2.53")


class TestNames:
    """A message of one question whose name is given as octets, behind a header of twelve octets."""

    def read(self, *octets: bytes) -> bytes:
        """The name that begins at the last of ``octets``, which stand one after another as questions."""
        message = Message(
            struct.pack("!6H", 0, 0x8180, len(octets), 0, 0, 0) + b"".join(each + bytes(4) for each in octets)
        )
        start = 12 + sum(len(each) + 4 for each in octets[:-1])
        return message._name(start)[0]

    def test_pointer_to_a_prior_name(self):
        assert self.read(b"\1a\1b\0", b"\1c\xc0\x0e") == b"\1c\1b\0"

    @pytest.mark.parametrize("octets", [b"\xc0\x0c", b"\xc0\x0e", b"\1a\xc0\x0c", b"\xff\xff"])
    def test_pointer_to_itself_or_beyond(self, octets):
        with pytest.raises(Unreadable, match=r"pointer|kind|early"):
            self.read(octets)

    @pytest.mark.parametrize("octets", [b"\x40a\0", b"\x80a\0", b"\5a"])
    def test_label_of_no_known_kind_or_too_short(self, octets):
        with pytest.raises(Unreadable):
            self.read(octets)

    def test_longest_name(self):
        longest = (b"\x3f" + b"a" * 63) * 3 + b"\x3d" + b"a" * 61 + b"\0"
        assert len(longest) == MAX_NAME
        assert self.read(longest) == longest
        assert wire(plain(longest)) == longest
        with pytest.raises(Unreadable, match="too long"):
            self.read((b"\x3f" + b"a" * 63) * 3 + b"\x3e" + b"a" * 62 + b"\0")

    @pytest.mark.parametrize(("length", "fits"), [(62, True), (63, False)])
    def test_pointer_makes_no_name_too_long(self, length, fits):
        tail = (b"\x3f" + b"a" * 63) * 2 + b"\x3d" + b"a" * 61 + b"\0"  # 191 octets
        name = bytes((length,)) + b"b" * length + b"\xc0\x0c"
        if fits:
            assert len(self.read(tail, name)) == 191 + 63
        else:
            assert len(self.read(tail, name)) == 191 + 64 == MAX_NAME
            with pytest.raises(Unreadable, match="too long"):
                self.read(tail, b"\1c" + name)

    @pytest.mark.parametrize(("jumps", "fits"), [(126, True), (127, False)])
    def test_pointers_to_pointers_are_bounded(self, jumps, fits):
        """Each pointer leads to the one before it, the first to a name; only the last is read, so none is known yet."""
        ladder = b"".join(struct.pack("!H", 0xC000 | (12 + 2 * step)) for step in range(jumps - 1))
        octets = struct.pack("!6H", 0, 0x8180, 0, 0, 0, 0) + b"\0\0" + ladder
        message = Message.__new__(Message)
        message.octets, message._names = octets + struct.pack("!H", 0xC000 | (len(octets) - 2)), {}
        if fits:
            assert message._name(len(octets)) == (b"\0", len(octets) + 2)
        else:
            with pytest.raises(Unreadable, match="nowhere"):
                message._name(len(octets))


def test_a_whole_message_of_long_names_is_read():
    """64 KiB of names of 242 octets, each only a few octets by compression: a record costs no more than its name."""
    name = ".".join("a" * 120) + ".b"
    question = asked("NS", name)
    octets = bytearray(question.section)
    count = 0
    while len(octets) < 65_000:
        label = b"%x" % count
        data = bytes((len(label),)) + label + b"\xc0\x0c"
        octets += b"\xc0\x0c" + struct.pack("!HHIH", 2, 1, 300, len(data)) + data
        count += 1
    answer = read_answer(question, b"\0\0\x81\x80\0\1" + struct.pack("!H", count) + bytes(4) + octets, "")
    assert len(set(answer.records)) == count
    assert answer.records[-1] == f"{count - 1:x}.{name}"
