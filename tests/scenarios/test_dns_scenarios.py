"""Hostile DNS, from a name server on the loopback address to the verdict: what is dark is never a fail and never a pass.

What the resolver makes of each reply is in ``tests/unit/test_resolver.py``; here is what a person is told of it.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from itertools import pairwise

import pytest
from msgspec import structs

import todoku
from hostile import P, rsa_key, signed
from nameserver import Running, name_of, nameserver, reply
from todoku.auth.ask import Question
from todoku.evidence.authentication import MAX_QUESTIONS
from todoku.judging.judge import Report
from todoku.net.dns.cache import MAX_OCTETS
from todoku.net.dns.resolver import Resolver
from todoku.words.verdict import Missing

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
ENVELOPE = todoku.Envelope(ip="192.0.2.1", helo="mx.example.com", mail_from="joe@example.com", source="options")
MESSAGE = signed(
    b"From: Joe <joe@example.com>\r\nTo: suzie@example.net\r\nSubject: Hi\r\nDate: Mon, 23 Nov 2026 00:00:00 +0000\r\n"
    b"Message-ID: <1@example.com>\r\n\r\nHi.\r\n"
)
SOA = "example.com. 60 SOA ns.example.com. h.example.com. 1 2 3 4 60"
KEY, DMARC, DOMAIN, PTR = "rsa._domainkey.example.com", "_dmarc.example.com", "example.com", "1.2.0.192.in-addr.arpa"

Records = dict[tuple[str, str], list[str]]
Script = Callable[[bytes, str], list[bytes]]


def strings(text: str) -> str:
    """A TXT value as strings of at most 255 octets."""
    return " ".join(f'"{text[start : start + 255]}"' for start in range(0, max(len(text), 1), 255))


GOOD: Records = {
    (DOMAIN, "TXT"): ['"v=spf1 ip4:192.0.2.1 -all"'],
    (DOMAIN, "MX"): ["10 mx.example.com."],
    (DOMAIN, "SOA"): ["ns.example.com. h.example.com. 1 2 3 4 60"],
    ("mx.example.com", "A"): ["192.0.2.1"],
    (PTR, "PTR"): ["mx.example.com."],
    (DMARC, "TXT"): ['"v=DMARC1; p=reject; rua=mailto:d@example.com"'],
    (KEY, "TXT"): [strings(f"v=DKIM1; p={P}")],
}


def type_of(query: bytes) -> str:
    return {1: "A", 5: "CNAME", 6: "SOA", 12: "PTR", 15: "MX", 16: "TXT", 28: "AAAA"}[
        int.from_bytes(query[12:].partition(b"\0")[2][:2])
    ]


def zone(changes: Records | None = None, ttl: int = 300, odd: dict[str, Script] | None = None) -> Script:
    """A server of the good zone with these sets changed; ``odd`` names are answered as their scripts say."""
    records = GOOD | (changes or {})

    def script(query: bytes, transport: str) -> list[bytes]:
        name, rdtype = name_of(query).lower(), type_of(query)
        if odd and name in odd:
            return odd[name](query, transport)
        found: list[str] = []
        while (alias := records.get((name, "CNAME"))) and len(found) < 20:
            found.append(f"{name}. {ttl} CNAME {alias[0]}")
            name = alias[0].rstrip(".")
        found += [f"{name}. {ttl} {rdtype} {value}" for value in records.get((name, rdtype), [])]
        exists = any(one == name or one.endswith(f".{name}") for one, _ in records)
        whole = reply(query, *found, rcode="NOERROR" if exists else "NXDOMAIN", authority="" if found else SOA)
        if transport == "udp" and len(whole) > 1_232:
            return [reply(query, flags="QR RD RA TC")]
        return [whole]

    return script


def looked(
    script: Script, *, raw: bytes = MESSAGE, timeout: float = 5.0, envelope: todoku.Envelope = ENVELOPE
) -> tuple[Report, Running]:
    with nameserver(script, threads=True) as server:
        report = todoku.check(raw, envelope, resolver=Resolver(server.address, timeout=timeout), now=NOW)
    assert len(server.asked) <= 4 * (MAX_QUESTIONS + 11)  # each is tried again at most: without EDNS, over TCP
    return report, server


def said(report: Report, requirement: str, receiver: str = "gmail") -> tuple[str, str]:
    (one,) = (one for one in report.verdicts if (one.requirement, one.receiver) == (requirement, receiver))
    return one.result, one.reason.tag


def authentication(report: Report, *, signed: bool = True) -> tuple[str, str, str]:
    spf, dkim, dmarc = report.evidence.spf, report.evidence.dkim, report.evidence.dmarc
    assert not isinstance(spf, Missing)
    assert not isinstance(dkim, Missing)
    assert not isinstance(dmarc, Missing)
    return spf.result, dkim[0].result if signed else "", dmarc.result


def results(report: Report, requirements: Sequence[str]) -> set[str]:
    return {one.result for one in report.verdicts if one.requirement in requirements}


def test_the_good_zone_is_good():
    report, _ = looked(zone())
    assert authentication(report) == ("pass", "pass", "pass")
    assert said(report, "dmarc-alignment") == ("pass", "aligned")
    assert said(report, "reverse-dns")[0] == "pass"


ODD: dict[str, Script] = {
    "SERVFAIL": lambda query, transport: [reply(query, rcode="SERVFAIL")],
    "REFUSED": lambda query, transport: [reply(query, rcode="REFUSED")],
    "NOTIMP": lambda query, transport: [reply(query, rcode="NOTIMP")],
    "lame": lambda query, transport: [reply(query, flags="QR", authority="com. 300 NS ns.example.net.")],
    "truncated, TCP says nothing": lambda query, transport: (
        [reply(query, flags="QR RD RA TC")] if transport == "udp" else []
    ),
    "cut without a word": lambda query, transport: [reply(query, f'{name_of(query)}. 300 TXT "v=spf1 +all"')[:-4]],
    "silence": lambda query, transport: [],
    "a loop of CNAMEs": lambda query, transport: [
        reply(query, f"{name_of(query)}. 300 CNAME x.example.com.", f"x.example.com. 300 CNAME {name_of(query)}.")
    ],
    "noise": lambda query, transport: [query[:2] + b"\x81\x80" + query[4:] + b"\xff" * 40],
}


@pytest.mark.parametrize("how", ODD)  # d16, d17, d18, d19, d20, d34
def test_a_dark_key_is_unknown(how):
    report, _ = looked(zone(odd={KEY: ODD[how]}), timeout=0.4)
    assert authentication(report) == ("pass", "temperror", "pass")  # SPF alone is enough for DMARC
    assert said(report, "dkim")[0] == "unknown"
    assert "fail" not in results(report, ["dkim", "spf-and-dkim", "dmarc-alignment"])


@pytest.mark.parametrize("how", ODD)
def test_dark_spf_is_unknown(how):
    report, _ = looked(zone(odd={DOMAIN: ODD[how]}), timeout=0.4)
    assert authentication(report) == ("temperror", "pass", "pass")
    assert said(report, "spf")[0] == "unknown"


@pytest.mark.parametrize("how", ["SERVFAIL", "silence"])
def test_what_stayed_dark_may_be_what_passes_dmarc(how):
    elsewhere: Records = {(DOMAIN, "TXT"): ['"v=spf1 ip4:192.0.2.9 -all"']}
    report, _ = looked(zone(elsewhere, odd={KEY: ODD[how]}), timeout=0.4)
    assert authentication(report) == ("fail", "temperror", "temperror")
    assert said(report, "dmarc-alignment")[0] == "unknown"
    report, _ = looked(zone({(KEY, "TXT"): ['"v=DKIM1; p="']}, odd={DOMAIN: ODD[how]}), timeout=0.4)
    assert authentication(report) == ("temperror", "permerror", "temperror")
    assert said(report, "dmarc-alignment")[0] == "unknown"


@pytest.mark.parametrize("how", ODD)
def test_a_dark_policy_is_unknown(how):
    report, _ = looked(zone(odd={DMARC: ODD[how]}), timeout=0.4)
    assert authentication(report)[2] == "temperror"
    assert results(report, ["dmarc-record", "dmarc-policy"]) == {"unknown"}
    assert said(report, "dmarc-alignment")[0] == "pass"  # one and the same name is aligned by any record


def test_a_subdomain_below_a_dark_policy_may_not_be_aligned():
    """The record may say aspf=s, or that the subdomain is an organization of its own."""
    below: Records = {("mail.example.com", "TXT"): ['"v=spf1 ip4:192.0.2.1 -all"']}
    received = b"Received: from mx.example.com ([192.0.2.1]) by mx.example.net; Tue, 24 Nov 2026 11:59:00 +0000\r\n"
    unsigned = received + b"From:" + MESSAGE.partition(b"\r\nFrom:")[2]
    envelope = structs.replace(ENVELOPE, mail_from="joe@mail.example.com")
    report, _ = looked(zone(below), raw=unsigned, envelope=envelope)
    assert said(report, "dmarc-alignment")[0] in ("pass", "warn")
    report, _ = looked(zone(below, odd={DMARC: ODD["SERVFAIL"]}), raw=unsigned, envelope=envelope)
    assert authentication(report, signed=False)[::2] == ("pass", "temperror")
    assert said(report, "dmarc-alignment")[0] == "unknown"


@pytest.mark.parametrize("how", ODD)
def test_dark_reverse_dns_is_unknown(how):
    report, _ = looked(zone(odd={PTR: ODD[how]}), timeout=0.4)
    assert results(report, ["reverse-dns"]) == {"unknown"}


@pytest.mark.parametrize("links", [11, 12, 13])
def test_a_chain_of_cnames(links):  # d16
    names = [KEY, *(f"c{number}.example.com" for number in range(links))]
    chain = [f"{name}. 300 CNAME {target}." for name, target in pairwise(names)]
    key = f"{names[-1]}. 300 TXT {strings(f'v=DKIM1; p={P}')}"

    def script(query: bytes, transport: str) -> list[bytes]:
        whole = reply(query, *chain, key)
        return [reply(query, flags="QR RD RA TC")] if transport == "udp" and len(whole) > 1_232 else [whole]

    report, _ = looked(zone(odd={KEY: script}))
    assert authentication(report)[1] == ("pass" if links <= 11 else "temperror")


def test_an_answer_of_sixty_thousand_octets():  # d10
    many = ['"v=spf1 ip4:192.0.2.1 -all"', *(f'"{"x" * 250}{number:03}"' for number in range(215))]
    report, server = looked(zone({(DOMAIN, "TXT"): many}))
    assert report.evidence.spf.result == "pass"
    assert ("tcp", DOMAIN, "TXT") in server.asked


def test_a_reply_longer_than_a_message_can_be():  # d10
    """Its length field has two octets: what is behind them is another message, which nobody asked for."""

    def script(query: bytes, transport: str) -> list[bytes]:
        good = reply(query, f'{DOMAIN}. 300 TXT "v=spf1 +all"')
        return [reply(query, flags="QR RD RA TC")] if transport == "udp" else [good[:-1] + bytes(65_000), good]

    report, _ = looked(zone(odd={DOMAIN: script}))
    assert report.evidence.spf.result == "temperror"


@pytest.mark.parametrize("octets", [8_131, 16_323])
def test_a_large_key_over_tcp(octets):  # d24: OpenDKIM copied it over the end of its buffer
    report, server = looked(zone({(KEY, "TXT"): [strings("v=DKIM1; p=" + "A" * octets)]}))
    assert ("tcp", KEY, "TXT") in server.asked
    (found,) = report.evidence.dkim
    assert (found.result, found.cause) == ("temperror", "key-too-long")


ED25519 = base64.b64encode(bytes(32)).decode()


@pytest.mark.parametrize(
    ("record", "outcome"),  # d25, d26, d27, d28
    [
        ("v=DKIM1; p=", ("permerror", "key-revoked")),
        (f"v=DKIM1; k=other; p={P}", ("permerror", "key-type")),
        (f"v=DKIM2; p={P}", ("permerror", "key-invalid")),
        (f"v=DKIM1; h=sha1; p={P}", ("permerror", "key-hash")),
        (f"v=DKIM1; s=other; p={P}", ("permerror", "key-service")),
        (f"v=DKIM1; t=y; p={P}", ("pass", "verified")),
        (f"v=DKIM1; p={rsa_key(16384)}", ("temperror", "key-too-long")),
        (f"v=DKIM1; p={rsa_key(2048, 1)}", ("permerror", "key-invalid")),
        (f"v=DKIM1; k=ed25519; p={ED25519}", ("permerror", "key-invalid")),
        ("v=spf1 -all", ("permerror", "key-invalid")),
    ],
    ids=lambda value: value[:24] if isinstance(value, str) else value[1],
)
def test_a_key_that_is_none(record, outcome):
    report, _ = looked(zone({(KEY, "TXT"): [strings(record)]}))
    (found,) = report.evidence.dkim
    assert (found.result, found.cause) == outcome


def test_t_s_and_a_subdomain():  # d27
    raw = signed(MESSAGE.partition(b"\r\nFrom:")[2].join((b"From:", b"")), i="joe@mail.example.com")
    report, _ = looked(zone({(KEY, "TXT"): [strings(f"v=DKIM1; t=s; p={P}")]}), raw=raw)
    (found,) = report.evidence.dkim
    assert (found.result, found.cause) == ("permerror", "key-strict")


def test_two_policies_are_none():  # d14
    report, _ = looked(zone({(DMARC, "TXT"): ['"v=DMARC1; p=reject"', '"v=DMARC1; p=none"']}))
    assert authentication(report)[2] == "none"
    assert said(report, "dmarc-record") == ("fail", "dmarc-several-records")


def test_a_policy_beside_an_alias():  # d15
    beside: Records = {
        (DMARC, "CNAME"): ["d.example.net."],
        ("d.example.net", "TXT"): ['"v=DMARC1; p=none; rua=mailto:a@b.example"'],
    }
    report, _ = looked(zone(beside))
    assert report.evidence.dmarc.cname_at_dmarc == ("d.example.net",)
    assert report.evidence.dmarc.policy == "none"


@pytest.mark.parametrize("where", ["first", "last"])
def test_one_good_ptr_among_thousands(where):  # d29
    names = [f"p{number}.example.com." for number in range(1_000)]
    names.insert(0 if where == "first" else 1_000, "mx.example.com.")
    report, server = looked(zone({(PTR, "PTR"): names}))
    forward = [asked for asked in server.asked if asked[1].startswith("p") and asked[2] == "A"]
    assert len({name for _, name, _ in forward}) <= 10
    assert said(report, "reverse-dns")[0] == ("pass" if where == "first" else "unknown")


@pytest.mark.parametrize(
    "name", ["127.0.0.1.example.net.", "a\\027[2J\\010.example.net.", "a\\000b.example.net.", "localhost.", "."]
)
def test_a_ptr_that_is_odd(name):  # d29
    report, _ = looked(zone({(PTR, "PTR"): [name]}))
    assert said(report, "reverse-dns")[0] == "fail"


@pytest.mark.parametrize(
    ("mx", "more", "takes", "named"),  # d30
    [
        (["0 ."], {}, False, "sender-domain-null-mx"),
        (["10 192.0.2.1."], {}, False, "mx-is-address"),
        (["10 localhost."], {("localhost", "A"): ["127.0.0.1"]}, False, "mx-is-localhost"),
        (["10 alias.example.com."], {("alias.example.com", "CNAME"): ["mx.example.com."]}, True, "mx-is-alias"),
        (["0 .", "10 mx.example.com."], {}, True, "mx-null-beside-others"),
    ],
    ids=["null", "literal", "localhost", "alias", "null-beside"],
)
def test_a_mail_exchange_that_is_odd(mx, more, takes, named):
    report, _ = looked(zone({(DOMAIN, "MX"): mx, **more}))
    assert report.evidence.mail_from_domain.takes_mail is takes
    (found,) = (one for one in report.verdicts if (one.requirement, one.receiver) == ("sender-domain", "yahoo"))
    assert named in {found.reason.tag, *(note.reason.tag for note in found.notes)}
    assert found.result == ("pass" if takes else "fail" if mx == ["0 ."] else "warn")
    assert (said(report, "message-format", "yahoo") == ("fail", "from-null-mx")) is (mx == ["0 ."])


def test_a_wildcard_is_neither_a_policy_nor_a_key():  # d31
    star = ['"v=spf1 -all"']
    report, _ = looked(zone({(DOMAIN, "TXT"): star, (DMARC, "TXT"): star, (KEY, "TXT"): star}))
    assert authentication(report) == ("fail", "permerror", "none")
    assert said(report, "dmarc-record")[0] == "fail"


def test_an_explanation_is_a_strangers(tmp_path):  # d32
    text = "<script>alert(1)</script>\\027]0;owned\\007"
    report, _ = looked(
        zone({(DOMAIN, "TXT"): ['"v=spf1 exp=e.example.com -all"'], ("e.example.com", "TXT"): [f'"{text}"']})
    )
    assert report.evidence.spf.result == "fail"
    assert "\x1b" not in report.evidence.spf.explanation


@pytest.mark.parametrize("ttl", [0, 1, 2**31 - 1])
def test_odd_times_to_live(ttl):  # d35
    report, _ = looked(zone(ttl=ttl))
    assert authentication(report) == ("pass", "pass", "pass")


def test_a_storm_of_absences_fills_no_memory():  # d35
    with nameserver(lambda query, transport: [reply(query, rcode="NXDOMAIN", authority=SOA)]) as server:
        resolver = Resolver(server.address)
        for start in range(0, 3_000, 250):
            answers = resolver.answers([Question(f"n{start + number}.example.com", "A") for number in range(250)])
            assert {answer.status for answer in answers} == {"nxdomain"}
        assert resolver._cache._octets <= MAX_OCTETS


def test_a_forger_who_is_faster_is_not_believed():  # d22
    def forge(query: bytes, transport: str) -> list[bytes]:
        evil = reply(query, f'{DMARC}. 300 TXT "v=DMARC1; p=none"')
        return [bytes((evil[0] ^ 1,)) + evil[1:], *zone()(query, transport)]

    report, _ = looked(zone(odd={DMARC: forge}))
    assert report.evidence.dmarc.policy == "reject"


def test_mixed_case_is_nothing_odd():  # d23
    def shout(query: bytes, transport: str) -> list[bytes]:
        return [octets.replace(b"\7example\3com", b"\7eXaMpLe\3cOM") for octets in zone()(query, transport)]

    report, _ = looked(zone(odd={DMARC: shout, DOMAIN: shout}))
    assert authentication(report) == ("pass", "pass", "pass")
