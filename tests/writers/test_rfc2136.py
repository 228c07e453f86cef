"""Changes of record sets made on Knot, a name server written by others."""

from __future__ import annotations

import pytest

from todoku.change import RecordSet, RecordSetChange
from todoku.net.dns_writer import Refusal
from todoku.net.writer_option import writer_for
from todoku.net.zone import Zone

NOWHERE = Zone.from_dict({})


@pytest.fixture
def writer(knot, key_file):
    return writer_for(f"rfc2136://127.0.0.1:{knot.port}", source=NOWHERE, tsig=key_file)


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
