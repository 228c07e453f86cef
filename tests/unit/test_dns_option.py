"""``--dns``: what a person writes, and the source that it names."""

from __future__ import annotations

import sys
from pathlib import Path
from subprocess import run

import pytest

from nameserver import nameserver, reply
from todoku.auth.ask import Question
from todoku.net.dns.option import parse_dns_options
from todoku.net.drivers import DnsSource
from todoku.words.errors import UsageError

NAME = "example.com"


def txt(source: DnsSource, name: str = NAME) -> tuple[str, tuple[str, ...]]:
    (answer,) = source.answers([Question(name, "TXT")])
    return answer.status, answer.records


@pytest.fixture
def zone(tmp_path: Path) -> str:
    path = tmp_path / "planned.zone"
    path.write_text("example.com. 300 IN TXT planned\n")
    return f"zone:{path}"


def test_zone_alone_is_a_closed_world(zone):
    source = parse_dns_options([zone])
    assert txt(source) == ("ok", ("planned",))
    assert txt(source, "other.example") == ("nxdomain", ())


def test_zone_lies_over_a_server(zone):
    with nameserver(lambda q, t: [reply(q, 'other.example. 9 TXT "real"')]) as server:
        source = parse_dns_options([server.address, zone])
        assert txt(source) == ("ok", ("planned",))
        assert txt(source, "other.example") == ("ok", ("real",))
        assert [name for _, name, _ in server.asked] == ["other.example"]


def test_later_zone_lies_over_an_earlier_one(zone, tmp_path):
    (tmp_path / "later.zone").write_text("example.com. 300 IN TXT later\n")
    assert txt(parse_dns_options([zone, f"zone:{tmp_path / 'later.zone'}"])) == ("ok", ("later",))


def test_servers_stand_in_for_one_another():
    with (
        nameserver(lambda q, t: [reply(q, rcode="SERVFAIL")]) as first,
        nameserver(lambda q, t: [reply(q, 'example.com. 9 TXT "second"')]) as second,
    ):
        assert txt(parse_dns_options([first.address, second.address])) == ("ok", ("second",))


def test_system_is_what_is_asked_when_nothing_is_said():
    for options in ((), ("system",)):
        assert type(parse_dns_options(options)).__name__ == "Resolver"


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["zone:{zone}", "system"], "server first"),
        (["192.0.2.1", "zone:{zone}", "192.0.2.2"], "server first"),
        (["system", "192.0.2.1"], "alone"),
        (["tls://192.0.2.1", "192.0.2.1"], "alone"),
        (["zone:{folder}/absent"], "No such file"),
        (["zone:{folder}"], "directory"),
        (["zone:"], "directory"),
        (["zone:{folder}/latin.zone"], "not UTF-8"),
        (["zone:{folder}/broken.zone"], "broken.zone"),
        (["dns.example"], "not a DNS server"),
        (["zone"], "not a DNS server"),
    ],
)
def test_nonsense_is_one_clear_line(options, said, zone, tmp_path):
    (tmp_path / "latin.zone").write_bytes(b"; caf\xe9\n")
    (tmp_path / "broken.zone").write_text("example.com. IN MX\n")
    written = [option.format(zone=zone.removeprefix("zone:"), folder=tmp_path) for option in options]
    with pytest.raises(UsageError) as refused:
        parse_dns_options(written)
    assert said in refused.value.text.en
    assert "\n" not in refused.value.text.en + refused.value.text.ja


def test_offline_source_does_not_load_the_network(zone):
    script = (
        "import sys; from todoku.net.dns.option import parse_dns_options as p; p(sys.argv[1:]); print(*sys.modules)"
    )
    loaded = run([sys.executable, "-c", script, zone], check=True, capture_output=True, text=True).stdout.split()
    assert "todoku.net.dns.zone" in loaded
    assert not {"dns", "ssl", "asyncio"} & set(loaded)
