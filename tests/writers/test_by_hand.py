"""What a person is told to enter, and how it is looked for afterwards."""

from __future__ import annotations

import pytest

from todoku.net.dns.zone import SERVFAIL, TIMEOUT, Zone
from todoku.net.writers.by_hand import MAX_SERVERS, ByHand, stands, zone_of
from todoku.words.change import RecordSet, RecordSetChange

SERVERS = [("NS", "ns1.example.net"), ("NS", "ns2.example.net")]
ADDRESSES = {"ns1.example.net": [("A", "192.0.2.1")], "ns2.example.net": [("AAAA", "2001:db8::2")]}
SOA = ("SOA", "ns1.example.net hostmaster.example.net 1 2 3 4 5")
APEX = {"example.com": [SOA, *SERVERS]}


def world(**at):
    """The DNS as a resolver has it, with these records at names under example.com (``_`` alone is the apex)."""
    names = {("example.com" if name == "_" else f"{name}.example.com"): records for name, records in at.items()}
    apex = [*APEX["example.com"], *names.pop("example.com", [])]
    return Zone.from_dict({**ADDRESSES, "example.com": apex, **names})


def servers(**by_address):
    """Name servers by address: ``v4`` and ``v6``; the others do not answer."""
    known = {"192.0.2.1": by_address.get("v4"), "2001:db8::2": by_address.get("v6")}
    return lambda address: known[address] or Zone.from_dict({"a.example.com": [TIMEOUT], "example.com": [TIMEOUT]})


def change(name, rdtype, *add, remove=(), before=(), ttl=300):
    return RecordSetChange(RecordSet(name, rdtype, tuple(before), 300 if before else 0), add, tuple(remove), ttl)


ASKED = change("a.example.com", "TXT", "x")
WITH, WITHOUT = world(a=[("TXT", "x")]), world()


class TestStands:
    @pytest.mark.parametrize(
        ("v4", "v6", "source", "seen"),
        [
            (WITH, WITH, WITHOUT, True),
            (WITH, WITHOUT, WITH, False),
            (WITHOUT, WITHOUT, WITH, False),
            (WITH, None, WITHOUT, True),
            (None, WITH, WITHOUT, True),
            (None, None, WITH, True),
            (None, None, WITHOUT, False),
            (None, None, world(a=[("TXT", TIMEOUT)]), None),
        ],
    )
    def test_where_it_can_be_seen(self, v4, v6, source, seen):
        assert stands(ASKED, source, server_at=servers(v4=v4, v6=v6)) is seen

    def test_nobody_can_be_asked(self):
        assert stands(ASKED, Zone.from_dict({"a.example.com": [SERVFAIL]})) is None

    def test_value_to_remove_still_stands(self):
        asked = change("a.example.com", "TXT", "y", remove=["x"], before=["x"])
        both = world(a=[("TXT", "x"), ("TXT", "y")])
        assert stands(asked, both, server_at=servers(v4=both)) is False

    def test_behind_an_alias_is_elsewhere(self):
        aliased = world(a=[("CNAME", "b.example.com")], b=[("TXT", "x")])
        assert stands(ASKED, aliased, server_at=servers(v4=aliased)) is False

    def test_alias_itself(self):
        aliased = world(a=[("CNAME", "token.dkim.amazonses.com")])
        asked = change("a.example.com", "CNAME", "token.dkim.amazonses.com")
        assert stands(asked, aliased, server_at=servers(v4=aliased)) is True

    def test_of_a_zone_of_countless_servers_some_are_asked(self):
        names = [f"ns{number}.example.net" for number in range(MAX_SERVERS + 20)]
        records = {name: [("A", f"192.0.2.{number}")] for number, name in enumerate(names, 1)}
        countless = Zone.from_dict({**records, "example.com": [SOA, *(("NS", name) for name in names)]})
        asked = []
        assert stands(ASKED, countless, server_at=lambda address: asked.append(address) or WITH) is True
        assert len(set(asked)) == len(asked) == MAX_SERVERS

    def test_zone_without_servers(self):
        lone = Zone.from_dict({"example.com": [SOA], "a.example.com": [("TXT", "x")]})
        assert stands(ASKED, lone) is True


@pytest.mark.parametrize(
    ("name", "zone"),
    [
        ("example.com", "example.com"),
        ("x.a.example.com", "example.com"),
        ("leads.example.com", "example.com"),
        ("org", None),
        ("", None),
    ],
)
def test_zone_of(name, zone):
    source = world(leads=[("CNAME", "ns1.example.net")])
    assert zone_of(name, source) == ByHand(source).zone_of(f"{name.upper()}.") == zone


class TestWrite:
    @staticmethod
    def write(asked, source=WITHOUT):
        return ByHand(source, server_at=servers(v4=source)).write(asked)

    def test_new_record(self):
        written = self.write(change("_dmarc.example.com", "TXT", "v=DMARC1; p=none", ttl=600))
        assert (written.status, written.found) == ("by-hand", RecordSet("_dmarc.example.com", "TXT"))
        assert written.detail.en.splitlines() == [
            "At the DNS provider of example.com:",
            "enter:",
            "  host: _dmarc  (_dmarc.example.com)",
            "  type: TXT",
            "  value: v=DMARC1; p=none",
            "  TTL: 600",
        ]
        assert written.detail.ja.splitlines() == [
            "example.com のDNS設定画面で、次の操作をしてください:",
            "追加:",
            "  ホスト名: _dmarc  (_dmarc.example.com)",
            "  タイプ: TXT",
            "  値: v=DMARC1; p=none",
            "  TTL: 600",
        ]

    def test_whose_provider_it_is_is_said_once_a_zone(self):
        writer = ByHand(WITHOUT, server_at=servers(v4=WITHOUT))
        first, second = (writer.write(change(f"{name}.example.com", "TXT", "x")) for name in ("a", "b"))
        assert first.detail.en.count("At the DNS provider of example.com:") == 1
        assert second.detail.en.splitlines()[:2] == ["enter:", "  host: b  (b.example.com)"]
        assert second.detail.ja.splitlines()[0] == "追加:"

    def test_what_goes_is_said_before_what_comes(self):
        source = world(_=[("TXT", "v=spf1 -all")])
        asked = change("example.com", "TXT", "v=spf1 ~all", remove=["v=spf1 -all"], before=["v=spf1 -all"])
        lines = self.write(asked, source).detail.en.splitlines()
        assert lines[1:5] == ["delete:", "  host: @  (example.com)", "  type: TXT", "  value: v=spf1 -all"]
        assert lines[5:8] == ["enter:", "  host: @  (example.com)", "  type: TXT"]

    def test_mail_exchanger(self):
        lines = self.write(
            change("m.example.com", "MX", "10 feedback-smtp.eu-west-1.amazonses.com")
        ).detail.en.splitlines()
        assert lines[4:6] == ["  priority: 10", "  value: feedback-smtp.eu-west-1.amazonses.com"]

    def test_ttl_alone(self):
        source = world(a=[("TXT", "x")])
        asked = change("a.example.com", "TXT", before=["x"], ttl=60)
        assert self.write(asked, source).detail.en.splitlines()[1:] == [
            "set the TTL of:",
            "  host: a  (a.example.com)",
            "  type: TXT",
            "  TTL: 60",
        ]

    def test_characters_that_move_the_text_are_written_out(self):
        assert (
            "\u202e" not in self.write(change("a.example.com", "TXT", "x\u202ey".encode().decode("latin-1"))).detail.en
        )

    def test_stands_already(self):
        assert self.write(ASKED, WITH).status == "unchanged"

    def test_something_is_in_the_way(self):
        aliased = world(a=[("CNAME", "elsewhere.example.net")])
        written = self.write(ASKED, aliased)
        assert (written.status, written.found.rdtype) == ("conflict", "CNAME")

    def test_no_zone(self):
        assert self.write(change("a.example.org", "TXT", "x")).status == "refused"

    def test_dns_does_not_answer(self):
        """A person can enter a record all the same."""
        dark = Zone.from_dict({"a.example.com": [TIMEOUT]})
        written = ByHand(dark).write(ASKED)
        assert written.status == "by-hand"
        assert "  value: x" in written.detail.en.splitlines()


class TestRead:
    def test_of_the_first_server_that_answers(self):
        assert ByHand(WITHOUT, server_at=servers(v6=WITH)).read("A.example.com.", "TXT").values == ("x",)

    def test_of_none(self):
        refusal = ByHand(Zone.from_dict({"a.example.com": [TIMEOUT]})).read("a.example.com", "TXT")
        assert refusal.status == "unreachable"
