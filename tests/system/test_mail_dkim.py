"""Perl's Mail::DKIM, written by others, reads our signatures and seals; it asks a name server for the key, as in the world."""

from __future__ import annotations

import base64
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key

from nameserver import name_of, nameserver, reply
from todoku.auth.arc import seal, validate
from todoku.auth.dkim.sign import sign
from todoku.auth.dkim.verify import verify
from todoku.mail.message import scan
from todoku.net.dns.resolver import Resolver
from todoku.net.drivers import run

KEY = (Path(__file__).parent.parent / "keys" / "customer.pem").read_bytes()
DOMAIN, SELECTOR = "example.com", "s1"
RAW = (
    b"From: Taro <taro@example.com>\r\nTo: hanako@example.org\r\nSubject: =?UTF-8?B?5bGK44GP?=  twice\r\n folded\r\n"
    b"Date: Tue, 24 Nov 2026 09:00:00 +0900\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n"
    b"\xe3\x81\x93\xe3\x82\x93  \t \r\n.dot\r\n\r\n\r\n"
)
JUDGE = """
use strict; use warnings; use Mail::DKIM::Verifier; use Mail::DKIM::ARC::Verifier; use Net::DNS;
my ($ip, $port) = split /:/, shift;
Mail::DKIM::DNS::resolver(Net::DNS::Resolver->new(nameservers => [$ip], port => $port, recurse => 1));
binmode STDIN; local $/; my $message = <STDIN>;
for my $judge (Mail::DKIM::Verifier->new, Mail::DKIM::ARC::Verifier->new) {
    $judge->PRINT($message); $judge->CLOSE; print $judge->result, "\\n";
}
"""


@pytest.fixture(scope="module")
def dns() -> Iterator[str]:
    public = load_pem_private_key(KEY, None).public_key()
    octets = base64.b64encode(public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).decode()
    record = f'"v=DKIM1; p={octets[:200]}" "{octets[200:]}"'
    with nameserver(lambda query, _: [reply(query, f"{name_of(query)}. 300 TXT {record}")]) as server:
        yield server.address


@pytest.fixture(scope="module", autouse=True)
def _perl() -> None:
    tried = shutil.which("perl") and subprocess.run(
        ["perl", "-MMail::DKIM", "-e", "1"], check=False, capture_output=True
    )
    if not tried or tried.returncode:
        pytest.skip("Mail::DKIM not found: apt-get install libmail-dkim-perl")


def theirs(raw: bytes, dns: str) -> list[str]:
    """What Mail::DKIM says of the DKIM signature and of the ARC chain."""
    done = subprocess.run(["perl", "-e", JUDGE, dns], input=raw, capture_output=True, check=True, timeout=60)
    return done.stdout.decode().split()


def ours(raw: bytes, dns: str) -> list[str]:
    message, source = scan(raw), Resolver(dns)
    signatures = run(verify(message, now=None), source)
    return [signatures[0].result if signatures else "none", run(validate(message, now=None), source).result]


def signed(raw: bytes, form: str) -> bytes:
    return sign(raw, domain=DOMAIN, selector=SELECTOR, private_key=KEY, canonicalization=form) + raw


def sealed(raw: bytes, dns: str) -> bytes:
    message = scan(raw)
    chain = run(validate(message, now=None), Resolver(dns))
    who = {"domain": DOMAIN, "selector": SELECTOR, "private_key": KEY}
    return seal(message, chain, authserv_id="mx.example.org", results="spf=pass smtp.mailfrom=example.com", **who) + raw


@pytest.mark.parametrize("form", ["relaxed/relaxed", "relaxed/simple", "simple/relaxed", "simple/simple"])
def test_signature(form, dns):
    raw = signed(RAW, form)
    assert theirs(raw, dns) == ours(raw, dns) == ["pass", "none"]


@pytest.mark.parametrize(
    ("whole", "damaged"), [(b"Taro", b"Jiro"), (b".dot", b".not"), (b"To:", b"From: a@example.net\r\nTo:")]
)
def test_damage(whole, damaged, dns):
    raw = signed(RAW, "relaxed/relaxed").replace(whole, damaged, 1)
    assert theirs(raw, dns) == ours(raw, dns) == ["fail", "none"]


def test_seals(dns):
    raw = signed(RAW, "relaxed/relaxed")
    for _ in range(3):
        raw = sealed(raw, dns)
        assert theirs(raw, dns) == ours(raw, dns) == ["pass", "pass"]
    assert raw.count(b"ARC-Seal:") == 3


def test_damaged_seal(dns):
    whole = sealed(sealed(signed(RAW, "relaxed/relaxed"), dns), dns)
    raw = whole.replace(b"mx.example.org", b"mx.example.net", 2)
    assert raw != whole
    assert theirs(raw, dns) == ours(raw, dns) == ["pass", "fail"]
