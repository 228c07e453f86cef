"""``sign_dkim`` and ``verify_dkim``: each takes what the other made, dkimpy too, and nothing else than a TodokuError is raised."""

from __future__ import annotations

import asyncio
import contextlib
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import dkim as dkimpy
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from hypothesis import given, settings
from hypothesis import strategies as st

import todoku
import todoku.aio
from hostile import public
from todoku.mail.message import scan

ROOT = Path(__file__).parent.parent
INPUTS = Path(os.environ.get("TODOKU_SUITES", ROOT.parent.parent / "shared" / "suites")).parent / "inputs"
RSA, ED25519 = ((ROOT / "keys" / name).read_bytes() for name in ("customer.pem", "ed25519.pem"))
NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)
RAW = b"From: a@example.com\r\nTo: b@example.net\r\nSubject: hello\r\n\r\nHello\r\n"
RECORDS = {
    "rsa._domainkey.example.com": f"v=DKIM1; p={public(RSA)}",
    "ed._domainkey.example.com": f"v=DKIM1; k=ed25519; p={public(ED25519)}",
    "rsa._domainkey.xn--r8jz45g.jp": f"v=DKIM1; p={public(RSA)}",
}
ZONE = todoku.Zone.from_dict({name: [("TXT", record)] for name, record in RECORDS.items()})
KEYS = {"rsa": RSA, "ed": ED25519}
SHORT = (ROOT / "keys" / "short768.pem").read_bytes()


def field(raw: Any = RAW, **options: Any) -> bytes:
    selector = options.setdefault("selector", "rsa")
    return todoku.sign_dkim(
        raw, **{"domain": "example.com", "private_key": KEYS.get(selector, RSA), "now": NOW, **options}
    )


def verified(raw: bytes, now: datetime | None = NOW) -> todoku.DkimResult:
    return todoku.verify_dkim(raw, resolver=ZONE, now=now)[0]


def dkimpy_accepts(raw: bytes) -> bool:
    def dns(name: bytes, timeout: int = 5) -> bytes:
        return RECORDS[name.decode().rstrip(".")].encode()

    return bool(dkimpy.DKIM(raw).verify(dnsfunc=dns))


@pytest.mark.parametrize(("selector", "algorithm"), [("rsa", "rsa-sha256"), ("ed", "ed25519-sha256")])
@pytest.mark.parametrize("canonicalization", ["relaxed/relaxed", "simple/simple", "relaxed/simple", "simple/relaxed"])
def test_the_key_decides_the_algorithm_and_others_verify_it(selector, algorithm, canonicalization):
    signed = field(selector=selector, canonicalization=canonicalization) + RAW
    result = verified(signed)
    assert (result.result, result.algorithm, result.canonicalization) == ("pass", algorithm, canonicalization)
    assert result.timestamp == int(NOW.timestamp())
    assert dkimpy_accepts(signed)
    assert verified(signed.replace(b"hello", b"hullo")).cause == "signature-differs"
    assert verified(signed.replace(b"Hello", b"Hullo")).cause == "body-hash-differs"


@settings(deadline=None, max_examples=40)
@given(
    body=st.lists(st.sampled_from([b"a", b" ", b"\t", b"\r\n", b"\xe3\x81\x82", b".", b"From "]), max_size=12).map(
        b"".join
    ),
    subject=st.lists(st.sampled_from([b"a", b"  ", b"\r\n ", b"\t", b":", b"\xc3\xa9"]), max_size=6).map(b"".join),
    selector=st.sampled_from(["rsa", "ed"]),
)
def test_whatever_is_signed_is_verified(body, subject, selector):
    raw = b"From: a@example.com\r\nSubject: x" + subject + b"\r\n\r\n" + body + b"\r\n"
    signed = field(raw, selector=selector) + raw
    assert verified(signed).result == "pass"
    assert dkimpy_accepts(signed)


def test_no_second_from_can_be_added():
    signed = field() + RAW
    assert verified(signed).signed.count("from") == 2
    forged = verified(b"From: ceo@example.com\r\n" + signed)
    assert (forged.result, forged.cause) == ("fail", "signature-differs")


def test_times_are_those_of_the_signature():
    signed = field(expires=NOW + timedelta(hours=1)) + RAW
    assert verified(signed).result == "pass"
    assert verified(signed, NOW + timedelta(days=1)).cause == "expired"
    assert verified(signed, NOW - timedelta(days=1)).cause == "future"
    assert b" t=" not in field(now=None)


def test_a_domain_in_unicode_is_signed_as_the_name_that_is_asked():
    assert verified(field(domain="例え.jp") + RAW).domain == "xn--r8jz45g.jp"


def test_a_message_with_lf_is_signed_as_the_crlf_that_is_sent():
    assert field(RAW.replace(b"\r\n", b"\n")) == field()


def test_headers_are_those_that_were_named():
    assert verified(field(headers=["From", "subject", "subject"]) + RAW).signed == ("from", "subject", "subject")


def test_a_message_without_signatures_has_no_results():
    assert todoku.verify_dkim(RAW, resolver=ZONE) == ()


EC = ec.generate_private_key(ec.SECP256R1()).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"private_key": SHORT}, "768 bits"),
    ({"private_key": EC}, "neither RSA nor Ed25519"),
    ({"private_key": b"no key"}, "cannot be read"),
    ({"private_key": RSA.decode()}, "as bytes"),
    ({"private_key": bytearray(RSA)}, "as bytes"),
    ({"private_key": None}, "as bytes"),
    ({"domain": "exam\r\nple.com"}, "not a domain name"),
    ({"domain": b"example.com"}, "domain"),
    ({"selector": "a\r\nBcc: x@example.net\r\n b"}, "s="),
    ({"selector": "a;l=1"}, "s="),
    ({"selector": ""}, "s="),
    ({"selector": None}, "selector"),
    ({"identity": "a;l=0@example.com"}, "i="),
    ({"identity": "a@example.net"}, "identity-mismatch"),
    ({"headers": ["from", "x\r\nEvil: y"]}, "h="),
    ({"headers": ["from:to"]}, "h="),
    ({"headers": "from"}, "headers"),
    ({"headers": [1]}, "headers"),
    ({"headers": ["to"]}, "from-not-signed"),
    ({"headers": ["from"] * 300}, "200"),
    ({"canonicalization": "loose"}, "c="),
    ({"expires": NOW}, "x= is not later"),
    ({"now": NOW.replace(tzinfo=None)}, "aware"),
    ({"now": datetime.min.replace(tzinfo=UTC)}, "t="),
    ({"raw": RAW.replace(b"Hello\r\n", b"Hel\rlo\r\n")}, "CR or LF alone"),
    ({"raw": RAW.replace(b"Hello\r\n", b"Hel\nlo\r\n")}, "CR or LF alone"),
    ({"raw": b"From: b@example.com\r\n" + RAW}, "2 From"),
    ({"raw": RAW[RAW.index(b"To:") :]}, "0 From"),
    ({"raw": b" folded: x\r\n" + RAW}, "no field: ' folded"),
    ({"raw": b"From a@example.com Tue Nov 24 09:00:00 2026\r\n" + RAW}, "no field: 'From a@"),
    ({"raw": RAW.replace(b"\r\n\r\n", b"\r\n" + b"X: y\r\n" * 1_001 + b"\r\n")}, "field-count"),
]


@pytest.mark.parametrize(("options", "named"), REFUSED)
def test_what_nobody_would_accept_is_refused_in_one_line(options, named):
    with pytest.raises(todoku.UsageError) as refused:
        field(**options)
    assert named in str(refused.value)
    assert str(refused.value).isprintable()
    assert refused.value.text.ja.isprintable()


@pytest.mark.parametrize("key", [RSA.decode(), bytearray(RSA), RSA[:300], RSA.replace(b"A", b"B")])
def test_no_part_of_a_key_is_ever_shown(key):
    lines = [line for line in RSA.decode().splitlines() if "-" not in line]
    for call in (field, seal):
        with pytest.raises(todoku.TodokuError) as refused:
            call(private_key=key)
        assert not any(line[:16] in f"{refused.value} {refused.value.text}" for line in lines)


def seal(**options: Any) -> bytes:
    given: dict[str, Any] = {
        "authserv_id": "mx.example.com",
        "domain": "example.com",
        "selector": "rsa",
        "private_key": RSA,
    }
    return todoku.seal_arc(RAW, resolver=ZONE, now=NOW, **{**given, **options})


@pytest.mark.parametrize(
    "options",
    [
        {"authserv_id": "mx\r\nBcc: x@example.net"},
        {"authserv_id": ""},
        {"selector": "a\r\n b"},
        {"selector": "a;b=c"},
        {"domain": "example.com\r\nBcc: x"},
        {"domain": None},
        {"results": "spf=pass\r\nBcc: x@example.net"},
        {"results": b"spf=pass"},
    ],
)
def test_nothing_that_is_sealed_becomes_a_field_of_its_own(options):
    with pytest.raises(todoku.UsageError):
        seal(**options)
    assert len(scan(seal()).fields) == 3


def hostile() -> list[Path]:
    return sorted(path for path in INPUTS.glob("*") if path.is_file())


@pytest.mark.skipif(not hostile(), reason="the hostile inputs are not here")
@pytest.mark.parametrize("path", hostile(), ids=lambda path: path.name)
def test_hostile_messages_are_results_or_one_clear_refusal(path):
    for raw in (path.read_bytes(), path, str(path)):
        with contextlib.suppress(todoku.TodokuError):
            todoku.verify_dkim(raw, resolver=ZONE, now=NOW)
        with contextlib.suppress(todoku.TodokuError):
            signed = field(raw)
            octets = path.read_bytes()
            assert verified(signed + (octets if b"\r\n" in octets else octets.replace(b"\n", b"\r\n"))).result == "pass"


def test_as_coroutines_they_give_the_same():
    signed = asyncio.run(todoku.aio.sign_dkim(RAW, domain="example.com", selector="rsa", private_key=RSA, now=NOW))
    assert signed == field()
    awaited = asyncio.run(todoku.aio.verify_dkim(signed + RAW, resolver=ZONE, now=NOW))
    assert awaited == todoku.verify_dkim(signed + RAW, resolver=ZONE, now=NOW)
