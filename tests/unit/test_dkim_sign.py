"""Signing: what the field looks like, and what is refused. Whether others verify it is in test_dkim_dkimpy.py."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from todoku.auth.dkim.sign import oversigned, sign
from todoku.auth.dkim.signature import read_signature
from todoku.mail.message import scan
from todoku.words.errors import UsageError

KEYS = Path(__file__).parent.parent / "keys"
RSA, ED25519 = ((KEYS / name).read_bytes() for name in ("customer.pem", "ed25519.pem"))
MESSAGE = b"From: a@example.com\r\nTo: b@example.net\r\nTo: c@example.net\r\nList-Id: <x>\r\n\r\nHello\r\n"


def signed(**options: Any) -> bytes:
    return sign(MESSAGE, **{"domain": "example.com", "selector": "s1", "private_key": RSA, **options})


def test_the_field() -> None:
    field = signed(timestamp=5, expires=9, identity="@sub.example.com", canonicalization="simple/relaxed")
    (only,) = scan(field).fields
    assert field.endswith(b"=\r\n")
    assert only.written_name == "DKIM-Signature"
    assert max(len(line) for line in field.split(b"\r\n")) <= 73
    signature = read_signature(only.value)
    assert signature.defect is None
    assert (signature.timestamp, signature.expires, signature.length) == (5, 9, None)
    assert (signature.identity, signature.forms) == ("@sub.example.com", ("simple", "relaxed"))


def test_the_same_input_gives_the_same_field() -> None:
    assert signed() == signed()
    assert sign(scan(MESSAGE), domain="example.com", selector="s1", private_key=RSA) == signed()


def test_what_people_read_is_oversigned_and_what_lists_add_is_not() -> None:
    names = oversigned(scan(MESSAGE))
    assert [names.count(name) for name in ("from", "to", "subject", "list-id", "list-unsubscribe")] == [2, 3, 1, 1, 0]


def test_headers_are_taken_as_they_are_given() -> None:
    (field,) = scan(signed(headers=["From", "X-Other", "from"])).fields
    assert read_signature(field.value).signed == ("from", "x-other", "from")


@pytest.mark.parametrize(
    "options",
    [
        {"private_key": ED25519},
        {"algorithm": "ed25519-sha256"},
        {"algorithm": "rsa-sha1"},
        {"private_key": b"no key"},
        {"headers": ["to"]},
        {"headers": ["from"] * 201},
        {"canonicalization": "loose/relaxed"},
        {"identity": "@example.net"},
        {"timestamp": 9, "expires": 9},
        {"domain": "exam ple.com"},
        {"selector": ""},
    ],
)
def test_what_no_verifier_would_accept_is_refused(options: dict[str, Any]) -> None:
    with pytest.raises(UsageError):
        signed(**options)


@pytest.mark.parametrize(
    "pem",
    [b"", b"-----BEGIN PRIVATE KEY-----\nAA==\n-----END PRIVATE KEY-----\n", ED25519.replace(b"BQYDK2Vw", b"BQYDK2Vv")],
    ids=["empty", "nothing", "x448-too-short"],
)
def test_a_file_that_is_no_private_key_is_refused_in_one_line(pem: bytes) -> None:
    with pytest.raises(UsageError, match="the private key cannot be read") as refused:
        signed(private_key=pem)
    assert str(refused.value).isprintable()
