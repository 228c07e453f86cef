"""Changes of record sets made on the name server of ``todoku demo``, where no other is installed."""

from __future__ import annotations

import pytest

from todoku.demo.nameserver import NameServer
from todoku.net.writers.rfc2136 import Rfc2136Writer
from todoku.net.writers.tsig_key import TsigKey
from todoku.words.change import RecordSet, RecordSetChange

KEY = TsigKey("demo", b"a secret of thirty-two octets...", "hmac-sha256")


@pytest.fixture
def server():
    with NameServer(keys={"example.com": KEY}) as server:
        server.add_zone("example.com", '@ 900 TXT "site=1"\n@ 900 TXT "v=spf1 -all"\n*.w TXT "wild"\n')
        server.add_zone("example.net")
        yield server


def writer(server, key=KEY):
    host, _, port = server.address.partition(":")
    return Rfc2136Writer(host, key, port=int(port))


def test_a_change_and_its_undoing(server):
    before = writer(server).read("example.com", "TXT")
    asked = RecordSetChange(before, ("v=spf1 ~all",), ("v=spf1 -all",), ttl=60)
    zone = [line for line in server.zone_text("example.com").splitlines() if "SOA" not in line]
    assert [writer(server).write(asked).status for _ in range(2)] == ["done", "unchanged"]
    assert writer(server).read("example.com", "TXT") == asked.after
    assert writer(server).write(asked.undone).status == "done"
    assert sorted(line for line in server.zone_text("example.com").splitlines() if "SOA" not in line) == sorted(zone)


def test_conflict(server):
    asked = RecordSetChange(RecordSet("example.com", "TXT"), ("v=spf1 ~all",))
    assert writer(server).write(asked).status == "conflict"


@pytest.mark.parametrize("rdtype", ["TXT", "CNAME"])
def test_under_a_wildcard(server, rdtype):
    asked = RecordSetChange(RecordSet("a.w.example.com", rdtype), ("b.example.net",))
    assert writer(server).write(asked).status == "done"


@pytest.mark.parametrize(
    ("name", "key", "status"),
    [
        ("a.example.net", KEY, "denied"),
        ("a.example.org", KEY, "refused"),
        ("a.example.com", TsigKey("demo", b"another secret", "hmac-sha256"), "denied"),
        ("a.example.com", TsigKey("stranger", b"another secret", "hmac-sha256"), "denied"),
    ],
)
def test_not_allowed(server, name, key, status):
    asked = RecordSetChange(RecordSet(name, "TXT"), ("x",))
    assert writer(server, key).write(asked).status == status
