"""Changes of record sets made on Knot, a name server written by others."""

from __future__ import annotations

import base64
import socket
import threading
import time

import dns.rcode
import pytest

from between import is_update, relay, unsigned
from todoku.net.dns.zone import Zone
from todoku.net.writers.dns_writer import Refusal
from todoku.net.writers.rfc2136 import Rfc2136Writer
from todoku.net.writers.tsig_key import TsigKey, read_key
from todoku.net.writers.writer_option import writer_for
from todoku.words.change import RecordSet, RecordSetChange

CANARY = "Y2FuYXJ5LWNhbmFyeS1jYW5hcnktY2FuYXJ5LWNhbmFyeQ=="  # the secret of the key, which may be seen nowhere
NOWHERE = Zone.from_dict({})


@pytest.fixture
def writer(knot, key_file):
    return writer_for(f"rfc2136://127.0.0.1:{knot.port}", source=NOWHERE, tsig=key_file)


def writer_at(port, key_file, timeout=5.0):
    return Rfc2136Writer("127.0.0.1", read_key(key_file), port=port, timeout=timeout)


def set_at(knot, name):
    """TTL and data of each record at a name, as the server transfers them."""
    return [line.removeprefix(f"{name} ") for line in knot.lines() if line.startswith(f"{name} ")]


def change(name, rdtype, *add, remove=(), before=(), ttl=300, was=300):
    held = RecordSet(name, rdtype, tuple(before), was if before else 0)
    return RecordSetChange(held, add, tuple(remove), ttl)


class TestZoneOf:
    @pytest.mark.parametrize(
        ("name", "zone"),
        [
            ("example.com", "example.com"),
            ("a.b.example.com", "example.com"),
            ("A.Example.COM.", "example.com"),
            ("x.deep.example.com", "deep.example.com"),
            ("x.alias.example.com", "example.com"),
            ("x.up.deep.example.com", "deep.example.com"),
            ("elsewhere.example.com", None),
            ("mail.elsewhere.example.com", None),
            ("example.org", None),
            ("com", None),
            ("", None),
            ("a..example.com", None),
        ],
    )
    def test_of(self, writer, name, zone):
        assert writer.zone_of(name) == zone

    def test_one_zone_only(self, knot, key_file):
        writer = writer_for(f"rfc2136://127.0.0.1:{knot.port}/deep.example.com", source=NOWHERE, tsig=key_file)
        assert writer.zone_of("x.deep.example.com") == "deep.example.com"
        assert writer.zone_of("example.com") is None


class TestRead:
    def test_set(self, knot, writer):
        knot.put("set.example.com.", 77, "MX", "20 mx2.example.com.", "10 mx1.example.com.")
        assert writer.read("Set.example.com", "MX") == RecordSet(
            "set.example.com", "MX", ("10 mx1.example.com", "20 mx2.example.com"), 77
        )

    def test_strings_are_joined(self, knot, writer):
        knot.put("strings.example.com.", 60, "TXT", r'"ab" "c\255"')
        assert writer.read("strings.example.com", "TXT").values == ("abc\xff",)

    @pytest.mark.parametrize(
        "name", ["x.wild.example.com", "x.alias.example.com", "nothing.example.com", "wild.example.com"]
    )
    @pytest.mark.parametrize("rdtype", ["TXT", "CNAME", "A"])
    def test_what_a_wildcard_answers_is_not_there(self, writer, name, rdtype):
        assert writer.read(name, rdtype) == RecordSet(name, rdtype)

    def test_alias_is_not_followed(self, knot, writer):
        knot.put("leads.example.com.", 60, "CNAME", "ns1.example.com.")
        assert writer.read("leads.example.com", "A") == RecordSet("leads.example.com", "A")

    def test_not_ours(self, writer):
        refusal = writer.read("mail.elsewhere.example.com", "TXT")
        assert isinstance(refusal, Refusal)
        assert refusal.status == "refused"
        assert "mail.elsewhere.example.com" in refusal.detail.en


class TestWrite:
    def test_new_set(self, knot, writer):
        written = writer.write(change("new.example.com", "TXT", "v=spf1 -all"))
        assert (written.status, written.found) == ("done", RecordSet("new.example.com", "TXT", ("v=spf1 -all",), 300))
        assert 'new.example.com. 300 "v=spf1 -all"' in knot.lines()

    def test_text_set_keeps_a_site_verification(self, knot, writer):
        knot.put("spf.example.com.", 900, "TXT", '"v=spf1 -all"', '"google-site-verification=abc"')
        asked = change(
            "spf.example.com",
            "TXT",
            "v=spf1 include:amazonses.com ~all",
            remove=["v=spf1 -all"],
            before=["v=spf1 -all"],
            ttl=900,
            was=900,
        )
        assert writer.write(asked).status == "done"
        assert set_at(knot, "spf.example.com.") == [
            '900 "google-site-verification=abc"',
            '900 "v=spf1 include:amazonses.com ~all"',
        ]

    def test_ttl_of_the_whole_set(self, knot, writer):
        knot.put("ttl.example.com.", 900, "TXT", '"a" "b"', '"c"')
        asked = change("ttl.example.com", "TXT", "d", before=["ab", "c"], ttl=60, was=900)
        assert writer.write(asked).found == RecordSet("ttl.example.com", "TXT", ("ab", "c", "d"), 60)
        assert set_at(knot, "ttl.example.com.") == ['60 "a" "b"', '60 "c"', '60 "d"']

    def test_record_split_in_an_odd_place_is_removed(self, knot, writer):
        knot.put("odd.example.com.", 60, "TXT", '"v=spf1 " "-all"', '"stays"')
        assert writer.write(change("odd.example.com", "TXT", remove=["v=spf1 -all"])).status == "done"
        assert set_at(knot, "odd.example.com.") == ['60 "stays"']

    def test_long_text_is_split(self, knot, writer):
        value = "v=DKIM1; p=" + "A" * 500
        assert writer.write(change("long.example.com", "TXT", value)).status == "done"
        assert set_at(knot, "long.example.com.") == [f'300 "{value[:255]}" "{value[255:510]}" "{value[510:]}"']
        assert writer.read("long.example.com", "TXT").values == (value,)

    def test_octets_of_every_kind(self, writer):
        value = "".join(map(chr, range(256)))
        assert writer.write(change("octets.example.com", "TXT", value)).status == "done"
        assert writer.read("octets.example.com", "TXT").values == (value,)

    @pytest.mark.parametrize(
        ("rdtype", "value"),
        [("CNAME", "token.dkim.amazonses.com"), ("MX", "10 feedback-smtp.eu-west-1.amazonses.com"), ("MX", "0 .")],
    )
    def test_other_types(self, writer, rdtype, value):
        name = f"{rdtype.lower()}{len(value)}.example.com"
        assert writer.write(change(name, rdtype, value)).status == "done"
        assert writer.read(name, rdtype).values == (value,)

    def test_alias_is_replaced(self, knot, writer):
        knot.put("old.example.com.", 60, "CNAME", "old.example.net.")
        asked = change("old.example.com", "CNAME", "new.example.net", remove=["old.example.net"])
        assert writer.write(asked).status == "done"
        assert set_at(knot, "old.example.com.") == ["60 new.example.net."]

    def test_set_is_removed(self, knot, writer):
        knot.put("gone.example.com.", 60, "TXT", '"a"')
        assert writer.write(change("gone.example.com", "TXT", remove=["a"])).found == RecordSet(
            "gone.example.com", "TXT"
        )
        assert set_at(knot, "gone.example.com.") == []

    @pytest.mark.parametrize("name", ["x.wild.example.com", "y.alias.example.com"])
    @pytest.mark.parametrize("rdtype", ["TXT", "CNAME"])
    def test_under_a_wildcard(self, writer, name, rdtype):
        asked = change(f"{rdtype.lower()}.{name}", rdtype, "own.example.net")
        assert writer.write(asked).status == "done"
        assert writer.read(asked.before.name, rdtype).values == ("own.example.net",)

    def test_second_time_nothing_is_written(self, knot, writer):
        asked = change("twice.example.com", "TXT", "a")
        assert writer.write(asked).status == "done"
        serial = writer.read("example.com", "SOA")
        assert writer.write(asked).status == "unchanged"
        assert writer.read("example.com", "SOA") == serial

    def test_in_a_child_zone(self, writer):
        assert writer.write(change("_dmarc.deep.example.com", "TXT", "v=DMARC1; p=none")).status == "done"
        assert writer.read("_dmarc.deep.example.com", "TXT").values == ("v=DMARC1; p=none",)


class TestConflict:
    def test_value_is_gone(self, knot, writer):
        knot.put("other.example.com.", 60, "TXT", '"v=spf1 ip4:192.0.2.1 -all"')
        asked = change("other.example.com", "TXT", "v=spf1 ~all", remove=["v=spf1 -all"], before=["v=spf1 -all"])
        written = writer.write(asked)
        assert (written.status, written.found.values) == ("conflict", ("v=spf1 ip4:192.0.2.1 -all",))

    def test_text_where_an_alias_came(self, knot, writer):
        knot.put("came.example.com.", 60, "CNAME", "elsewhere.example.net.")
        written = writer.write(change("came.example.com", "TXT", "v=spf1 -all"))
        assert (written.status, written.found) == (
            "conflict",
            RecordSet("came.example.com", "CNAME", ("elsewhere.example.net",), 60),
        )

    def test_alias_where_something_stands(self, knot, writer):
        knot.put("taken.example.com.", 60, "MX", "10 mx.example.net.")
        written = writer.write(change("taken.example.com", "CNAME", "token.dkim.amazonses.com"))
        assert (written.status, written.found) == (
            "conflict",
            RecordSet("taken.example.com", "MX", ("10 mx.example.net",), 60),
        )

    def test_alias_at_the_apex(self, writer):
        assert writer.write(change("example.com", "CNAME", "token.dkim.amazonses.com")).status == "conflict"


class TestRace:
    """Somebody writes between our read and our update."""

    @pytest.mark.parametrize(
        ("name", "asked", "theirs"),
        [
            ("race1.example.com.", ("TXT", "v=spf1 ~all"), ("TXT", '"v=spf1 -all"')),
            ("race2.example.com.", ("TXT", "a"), ("TXT", '"b"')),
            ("race3.example.com.", ("TXT", "a"), ("CNAME", "ns1.example.com.")),
            ("race4.example.com.", ("CNAME", "a.example.net"), ("CNAME", "b.example.net.")),
            ("race5.example.com.", ("CNAME", "a.example.net"), ("TXT", '"b"')),
        ],
    )
    def test_is_lost(self, knot, key_file, name, asked, theirs):
        def step(query, forward):
            if is_update(query):
                knot.put(name, 60, *theirs)
            return forward(query)

        with relay(knot.port, step) as port:
            written = writer_at(port, key_file).write(change(name.rstrip("."), *asked))
        assert (written.status, written.found.rdtype) == ("conflict", theirs[0])
        assert set_at(knot, name) == [f"60 {theirs[1]}"]

    def test_of_two_writers_one_meets_a_conflict(self, knot, key_file):
        knot.put("both.example.com.", 60, "TXT", '"v=spf1 -all"')
        first, second = (
            change("both.example.com", "TXT", new, remove=["v=spf1 -all"], before=["v=spf1 -all"])
            for new in ("v=spf1 a -all", "v=spf1 mx -all")
        )
        results = []

        def step(query, forward):
            if is_update(query) and not results:
                results.append(writer_at(knot.port, key_file).write(first))
            return forward(query)

        with relay(knot.port, step) as port:
            results.append(writer_at(port, key_file).write(second))
        assert [each.status for each in results] == ["done", "conflict"]
        assert results[1].found.values == ("v=spf1 a -all",)
        assert set_at(knot, "both.example.com.") == ['60 "v=spf1 a -all"']

    def test_for_the_same_change_is_none(self, knot, key_file):
        def step(query, forward):
            if is_update(query):
                knot.put("same.example.com.", 300, "TXT", '"a"')
            return forward(query)

        with relay(knot.port, step) as port:
            assert writer_at(port, key_file).write(change("same.example.com", "TXT", "a")).status == "unchanged"


class TestSilence:
    """An update that is not answered may have been carried out."""

    @pytest.mark.parametrize("late", [False, True])
    def test_after_it_was_done(self, knot, key_file, late):
        over = threading.Event()

        def step(query, forward):
            reply = forward(query)
            if is_update(query) and late:
                over.wait(30)
            return None if is_update(query) else reply

        with relay(knot.port, step) as port:
            asked = change(f"lost{late:d}.example.com", "TXT", "a")
            written = writer_at(port, key_file, timeout=1.5 if late else 5.0).write(asked)
            over.set()
        assert (written.status, written.found.values) == ("done", ("a",))

    def test_before_it_was_done(self, knot, key_file):
        with relay(knot.port, lambda query, forward: None if is_update(query) else forward(query)) as port:
            written = writer_at(port, key_file).write(change("never.example.com", "TXT", "a"))
        assert (written.status, written.found) == ("unreachable", RecordSet("never.example.com", "TXT"))
        assert "has not been written" in written.detail.en

    def test_for_good(self, knot, key_file):
        updated = []

        def step(query, forward):
            updated.extend([query] * is_update(query))
            return None if updated else forward(query)

        with relay(knot.port, step) as port:
            written = writer_at(port, key_file).write(change("dark.example.com", "TXT", "a"))
        assert (written.status, written.found) == ("unreachable", None)
        assert "not known" in written.detail.en

    def test_nobody_listens(self, key_file):
        with socket.socket() as sock:  # bound and not listening: a connection is refused
            sock.bind(("127.0.0.1", 0))
            writer = writer_at(sock.getsockname()[1], key_file)
            assert writer.write(change("x.example.com", "TXT", "a")).status == "unreachable"
            assert writer.read("x.example.com", "TXT").status == "unreachable"
            assert writer.zone_of("x.example.com").status == "unreachable"


class TestDenied:
    @pytest.mark.parametrize(
        ("key", "word"),
        [
            (("todoku", "b3RoZXItb3RoZXItb3RoZXItb3RoZXItb3RoZXItb3RoZXI="), "BADSIG"),
            (("stranger", CANARY), "BADKEY"),
        ],
    )
    def test_key(self, knot, key, word):
        name, secret = key
        writer = Rfc2136Writer("127.0.0.1", TsigKey(name, secret, "hmac-sha256"), port=knot.port)
        written = writer.write(change("x.example.com", "TXT", "a"))
        assert written.status == "denied"
        assert word in written.detail.en
        assert word in written.detail.ja

    def test_key_that_may_not_write(self, knot):
        writer = Rfc2136Writer("127.0.0.1", TsigKey("reader", CANARY, "hmac-sha256"), port=knot.port)
        written = writer.write(change("x.example.com", "TXT", "a"))
        assert written.status == "denied"
        assert "reader" in written.detail.en

    def test_clock(self, knot, key_file, monkeypatch):
        real = time.time
        monkeypatch.setattr(time, "time", lambda: real() + 4_000)
        written = writer_at(knot.port, key_file).write(change("x.example.com", "TXT", "a"))
        assert written.status == "denied"
        assert "BADTIME" in written.detail.en


@pytest.mark.parametrize("algorithm", ["hmac-sha256", "hmac-sha384", "hmac-sha512"])
def test_algorithm(knot, algorithm):
    writer = Rfc2136Writer("127.0.0.1", TsigKey(algorithm, CANARY, algorithm), port=knot.port)
    assert writer.write(change(f"{algorithm}.example.com", "TXT", "a")).status == "done"


class TestReplies:
    """What a server answers out of turn, to the update alone."""

    @pytest.mark.parametrize(
        ("rcode", "status"),
        [
            (dns.rcode.REFUSED, "denied"),
            (dns.rcode.NOTAUTH, "denied"),
            (dns.rcode.NOTZONE, "refused"),
            (dns.rcode.NOTIMP, "refused"),
            (dns.rcode.FORMERR, "refused"),
            (dns.rcode.SERVFAIL, "unreachable"),
            (dns.rcode.NOERROR, "unreachable"),  # it agrees, and has not signed
        ],
    )
    def test_unsigned(self, knot, key_file, rcode, status):
        def step(query, forward):
            return unsigned(query, rcode) if is_update(query) else forward(query)

        with relay(knot.port, step) as port:
            assert writer_at(port, key_file).write(change("x.example.com", "TXT", "a")).status == status

    @pytest.mark.parametrize("damage", [lambda reply: reply[:-1], lambda reply: reply[:3], lambda reply: b"\0" * 12])
    def test_unreadable(self, knot, key_file, damage):
        with relay(knot.port, lambda query, forward: damage(forward(query))) as port:
            assert writer_at(port, key_file).read("example.com", "TXT").status == "unreachable"

    @pytest.mark.parametrize("place", [1, -40])
    def test_forged(self, knot, key_file, place):
        """Another id, or an answer that was changed on the way."""

        def step(query, forward):
            reply = bytearray(forward(query))
            reply[place] ^= 1
            return bytes(reply)

        with relay(knot.port, step) as port:
            assert writer_at(port, key_file).read("example.com", "TXT").status == "unreachable"

    def test_absence_that_is_not_signed(self, knot, key_file):
        with relay(knot.port, lambda query, forward: unsigned(query, dns.rcode.NXDOMAIN)) as port:
            assert writer_at(port, key_file).read("example.com", "TXT").status == "unreachable"


class TestRefused:
    @pytest.mark.parametrize(
        "asked",
        [
            change("x.example.com", "MX", "mx.example.com"),
            change("x.example.com", "A", "not an address"),
            change("x.example.com", "TXT", "\u3042"),
            change("x.example.com", "NOSUCH", "a"),
            change("x.example.com", "ANY", "a"),
            change("x.example.org", "TXT", "a"),
            change("x..example.com", "TXT", "a"),
            change(f"{'a' * 64}.example.com", "TXT", "a"),
            change("\u3042.example.com", "TXT", "a"),
            change("", "TXT", "a"),
            change("many.example.com", "TXT", *(f"{number:05}{'x' * 250}" for number in range(300))),
        ],
    )
    def test_what_dns_cannot_hold(self, writer, asked):
        assert writer.write(asked).status == "refused"


@pytest.mark.parametrize(
    ("stood", "asked"),
    [
        ((), change("undo.example.com", "TXT", "a", ttl=60)),
        (("a", "b"), change("undo.example.com", "TXT", "c", before=["a", "b"], was=900, ttl=60)),
        (("a", "b"), change("undo.example.com", "TXT", "c", remove=["a", "b"], before=["a", "b"], was=900, ttl=900)),
        (("a",), change("undo.example.com", "TXT", remove=["a"], before=["a"], was=900, ttl=60)),
        (
            ("v=spf1 a", "v=spf1 b"),
            change("undo.example.com", "TXT", remove=["v=spf1 b"], before=["v=spf1 a", "v=spf1 b"], was=900),
        ),
    ],
)
def test_undo_leaves_the_zone_as_it_was(knot, writer, stood, asked):
    knot.put("undo.example.com.", 900, "TXT", *(f'"{value}"' for value in stood))
    before = knot.lines()
    assert writer.write(asked).status == "done"
    assert knot.lines() != before
    assert writer.write(asked.undone).status == "done"
    assert knot.lines() == before
    assert writer.write(asked.undone).status == "unchanged"


def test_the_secret_is_shown_nowhere(knot, key_file):
    writer = writer_at(knot.port, key_file)
    shown = [repr(writer), repr(read_key(key_file)), str(read_key(key_file)), repr(writer.read("example.com", "TXT"))]
    with relay(knot.port, lambda query, forward: forward(query)[:-1]) as port:
        shown.append(repr(writer_at(port, key_file).write(change("x.example.com", "TXT", "a"))))
    assert all(CANARY not in text and repr(base64.b64decode(CANARY)) not in text for text in shown)
