"""Side by side with dkimpy: each verifies what the other signs, and refuses it when it is damaged."""

from __future__ import annotations

import base64
from pathlib import Path

import dkim as dkimpy
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key
from hypothesis import given, settings
from hypothesis import strategies as st

from todoku.auth.dkim.sign import sign
from todoku.auth.dkim.verify import verify
from todoku.mail.message import scan
from todoku.net.dns.zone import Zone
from todoku.net.drivers import run

KEYS = Path(__file__).parent.parent / "keys"
RSA, ED25519 = ((KEYS / name).read_bytes() for name in ("customer.pem", "ed25519.pem"))


def public(pem: bytes, encoding: Encoding, form: PublicFormat) -> str:
    return base64.b64encode(load_pem_private_key(pem, None).public_key().public_bytes(encoding, form)).decode()


RECORDS = {
    "rsa._domainkey.example.com": f"v=DKIM1; p={public(RSA, Encoding.DER, PublicFormat.SubjectPublicKeyInfo)}",
    "ed._domainkey.example.com": f"v=DKIM1; k=ed25519; p={public(ED25519, Encoding.Raw, PublicFormat.Raw)}",
}
ZONE = Zone.from_dict({name: [("TXT", record)] for name, record in RECORDS.items()})


def our_verdict(raw: bytes) -> bool:
    (result,) = run(verify(scan(raw), now=None), ZONE)
    return result.result == "pass"


pieces = st.sampled_from(
    [b"a", b"Z", b" ", b"  ", b"\t", b"\r\n", b"\r\n\r\n", b".", b"\xe3\x81\x82", b"\x00", b"<p>", b"=\r\n"]
)
# SMTP ends every body with CRLF; where a file does not, dkimpy keeps the white space of the last line
texts = st.lists(pieces, max_size=12).map(lambda parts: b"".join([*parts, b"\r\n"]) if parts else b"")
values = st.lists(st.sampled_from([b"a", b" ", b"  ", b"\t", b"\r\n ", b"\r\n\t", b":", b"\xc3\xa9"]), max_size=6).map(
    b"".join
)
forms = st.sampled_from(["relaxed/relaxed", "relaxed/simple", "simple/relaxed", "simple/simple"])


def dkimpy_verdict(raw: bytes) -> bool:
    def dns(name: bytes, timeout: int = 5) -> bytes:
        return RECORDS[name.decode().rstrip(".")].encode()

    try:
        return bool(dkimpy.DKIM(raw).verify(dnsfunc=dns))
    except dkimpy.DKIMException:
        return False


@settings(deadline=None, max_examples=60)
@given(
    texts,
    st.lists(values, min_size=1, max_size=3),
    forms,
    st.sampled_from([(RSA, "rsa", "rsa-sha256"), (ED25519, "ed", "ed25519-sha256")]),
)
def test_dkimpy_verifies_what_we_sign(
    body: bytes, subjects: list[bytes], form: str, signer: tuple[bytes, str, str]
) -> None:
    key, selector, algorithm = signer
    raw = (
        b"From: joe@example.com\r\n" + b"".join(b"Subject: x" + value + b"x\r\n" for value in subjects) + b"\r\n" + body
    )
    signed = (
        sign(raw, domain="example.com", selector=selector, private_key=key, algorithm=algorithm, canonicalization=form)
        + raw
    )
    assert our_verdict(signed)
    assert dkimpy_verdict(signed)


@settings(deadline=None, max_examples=60)
@given(texts, st.lists(values, min_size=1, max_size=3), forms, st.booleans(), st.integers(0, 3))
def test_we_verify_what_dkimpy_signs(body: bytes, subjects: list[bytes], form: str, length: bool, damage: int) -> None:
    raw = (
        b"From: joe@example.com\r\n" + b"".join(b"Subject: x" + value + b"x\r\n" for value in subjects) + b"\r\n" + body
    )
    header = dkimpy.sign(
        raw,
        b"rsa",
        b"example.com",
        RSA,
        canonicalize=tuple(form.encode().split(b"/")),
        include_headers=[b"from", b"subject"],
        length=length,
    )
    damaged = [raw, raw + b"more\r\n", raw.replace(b"Subject: x", b"Subject: y", 1), raw.replace(b"joe", b"jim")][
        damage
    ]
    signed = header + damaged
    assert our_verdict(signed) == dkimpy_verdict(signed)
