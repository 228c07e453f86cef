"""The bounds of DKIM at n-1, n and n+1, as ``todoku check`` tells them. RFC 8301's 1,024 bits are the standard's, so beyond
them is a failure; all others are ours, so beyond them we did not look.
"""

from __future__ import annotations

import base64

import pytest

from hostile import ED25519, Checked, P, checked, public, rsa_key, signed, txt
from todoku.auth.dkim.key import MAX_KEY_TEXT, MAX_RECORD
from todoku.auth.dkim.signature import MAX_SIGNED_NAMES
from todoku.auth.dkim.verify import MAX_KEYS, MAX_SIGNATURES

BASE = (
    txt("example.com", "v=spf1 -all")
    + "example.com. MX 10 mx.example.com.\nmx.example.com. A 192.0.2.1\n1.2.0.192.in-addr.arpa. PTR mx.example.com.\n"
    + txt("_dmarc.example.com", "v=DMARC1; p=none")
)
KEY_NAME = "rsa._domainkey.example.com"
ZONE = BASE + txt(KEY_NAME, f"v=DKIM1; p={P}")
SENT = ("--ip", "192.0.2.1", "--helo", "mx.example.com", "--mail-from", "joe@example.com")
MESSAGE = (
    b"From: Joe <joe@example.com>\r\nTo: suzie@example.net\r\nSubject: Hi\r\nDate: Mon, 23 Nov 2026 00:00:00 +0000\r\n"
    b"Message-ID: <1@example.com>\r\n\r\nHi.\r\n"
)


def looked(tmp_path, raw: bytes, zone: str = ZONE) -> Checked:
    return checked(tmp_path, raw, zone, *SENT)


def signatures(found: Checked) -> list[tuple[str, str]]:
    return [(one["result"], one["cause"]) for one in found.report["authentication"]["dkim"]]


def says(found: Checked, text: str) -> bool:
    """Whether the report says so, wherever its lines are broken."""
    return text in " ".join(found.text.split())


PASSED = ("pass", "verified")


@pytest.mark.parametrize("count", [MAX_SIGNATURES - 1, MAX_SIGNATURES, MAX_SIGNATURES + 1, MAX_SIGNATURES + 2])
def test_signatures(tmp_path, count):
    raw = MESSAGE
    for _ in range(count):
        raw = signed(raw)
    found = looked(tmp_path, raw)
    over = max(0, count - MAX_SIGNATURES)
    assert signatures(found) == [PASSED] * (count - over) + [("temperror", "not-evaluated")] * over
    assert found.verdict("dkim") == ("pass", "dkim-passed")
    assert says(found, f"only the first {MAX_SIGNATURES} are evaluated") == bool(over)


def test_a_good_signature_below_ten_bad_ones_is_not_seen_and_never_said_to_fail(tmp_path):
    bad = b"".join(
        b"DKIM-Signature: v=1; a=rsa-sha256; d=x%d.example; s=s; h=from; bh=AAAA; b=AAAA\r\n" % number
        for number in range(MAX_SIGNATURES)
    )
    found = looked(tmp_path, bad + signed(MESSAGE))
    assert signatures(found)[-1] == ("temperror", "not-evaluated")
    assert found.verdict("dkim") == ("unknown", "dkim-not-evaluated")
    assert found.verdict("dmarc-alignment")[0] == "unknown"
    assert says(found, f"only the first {MAX_SIGNATURES} are evaluated")
    # SPF fails for sure, but nothing else does: DKIM may be what authenticates the message
    assert {one["requirement"] for one in found.report["verdicts"] if one["result"] == "fail"} <= {
        "spf",
        "spf-and-dkim",
    }


@pytest.mark.parametrize("count", [MAX_SIGNED_NAMES - 1, MAX_SIGNED_NAMES, MAX_SIGNED_NAMES + 1])
def test_names_that_a_signature_covers(tmp_path, count):
    names = ":".join(["from", *(f"x-{number}" for number in range(count - 1))])
    found = looked(tmp_path, signed(MESSAGE, h=names))
    if count <= MAX_SIGNED_NAMES:
        assert signatures(found) == [PASSED]
        return
    assert signatures(found) == [("temperror", "limit")]
    assert found.verdict("dkim") == ("unknown", "dkim-not-evaluated")
    assert says(found, f"h= has more than {MAX_SIGNED_NAMES} names")
    assert found.verdict("dmarc-alignment")[0] == "unknown"


READ = ("fail", "signature-differs")  # a key that can be used, and whose signature this is not
INVALID = ("permerror", "key-invalid")


@pytest.mark.parametrize(
    ("key", "outcome", "verdict", "named"),
    [
        (rsa_key(512), ("permerror", "key-too-short"), "fail", "512 bits"),
        (rsa_key(1023), ("permerror", "key-too-short"), "fail", "below 1024 bits"),  # RFC 8301 3.2
        (rsa_key(1024), READ, "fail", ""),
        (rsa_key(1025), READ, "fail", ""),
        (rsa_key(2048), READ, "fail", ""),
        (rsa_key(4096), READ, "fail", ""),
        (rsa_key(8191), READ, "fail", ""),
        (rsa_key(8192), READ, "fail", ""),
        (rsa_key(8193), ("temperror", "key-too-long"), "unknown", "8193 bits, more than 8192"),
        (rsa_key(16384), ("temperror", "key-too-long"), "unknown", "16384 bits, more than 8192"),
        (rsa_key(65536), ("temperror", "key-too-long"), "unknown", f"more than {MAX_RECORD}"),
        (rsa_key(2048, 1), INVALID, "fail", ""),
        (rsa_key(2048, 2), INVALID, "fail", ""),
        (rsa_key(2048, 3), READ, "fail", ""),
        (rsa_key(2048, 65536), INVALID, "fail", ""),
        (rsa_key(2048, 65537), READ, "fail", ""),
        (rsa_key(2048, 2**32 - 1), READ, "fail", ""),
        (rsa_key(2048, 2**32), INVALID, "fail", ""),
        (rsa_key(2048, 2**32 + 1), INVALID, "fail", ""),
        (rsa_key(2048, 2**65 + 1), INVALID, "fail", ""),
        (rsa_key(2048, 2**9000 + 1), INVALID, "fail", ""),
    ],
    ids=lambda value: "" if isinstance(value, str) and len(value) > 60 else None,
)
def test_length_and_exponent_of_a_key(tmp_path, key, outcome, verdict, named):  # d25, d26
    found = looked(tmp_path, signed(MESSAGE), BASE + txt(KEY_NAME, f"v=DKIM1; p={key}"))
    assert signatures(found) == [outcome]
    assert found.verdict("dkim")[0] == verdict
    assert says(found, named)


@pytest.mark.parametrize("over", [-1, 0, 1])
def test_characters_of_a_key(tmp_path, over):  # d24
    key = "A" * (MAX_KEY_TEXT + over)
    found = looked(tmp_path, signed(MESSAGE), BASE + txt(KEY_NAME, f"v=DKIM1; p={key}"))
    assert signatures(found) == [("temperror", "key-too-long") if over > 0 else INVALID]
    assert says(found, f"p= has {len(key)} characters, more than {MAX_KEY_TEXT}") == (over > 0)


@pytest.mark.parametrize("over", [-1, 0, 1])
def test_characters_of_a_key_record(tmp_path, over):  # d24
    record = f"v=DKIM1; p={P}; n="
    record += "n" * (MAX_RECORD + over - len(record))
    found = looked(tmp_path, signed(MESSAGE), BASE + txt(KEY_NAME, record))
    assert signatures(found) == [("temperror", "key-too-long") if over > 0 else PASSED]
    assert says(found, f"the record has {len(record)} characters, more than {MAX_RECORD}") == (over > 0)


@pytest.mark.parametrize("over", [-1, 0, 1])
def test_key_records_at_one_name(tmp_path, over):
    others = "".join(
        txt(KEY_NAME, f"v=DKIM1; n={number:02}; p={rsa_key(1024)}") for number in range(MAX_KEYS + over - 1)
    )
    found = looked(tmp_path, signed(MESSAGE), BASE + others + txt(KEY_NAME, f"v=DKIM1; p={P}"))
    assert signatures(found) == [("temperror", "limit") if over > 0 else PASSED]
    assert says(found, f"only {MAX_KEYS} key records are tried") == (over > 0)


BODY_HASH = base64.b64decode("UrA8rmgY3eNBotmDWtzAmHyn5RyZv8Gea45sNGsP0zw=")  # of "Hi." and its line end


@pytest.mark.parametrize(
    ("hashed", "outcome"),
    [
        (BODY_HASH, PASSED),
        *(
            (BODY_HASH[:at] + bytes([BODY_HASH[at] ^ 1]) + BODY_HASH[at + 1 :], ("fail", "body-hash-differs"))
            for at in (0, 1, 15, 30, 31)
        ),
        *((BODY_HASH[:size], ("fail", "body-hash-differs")) for size in (1, 16, 31)),
        (BODY_HASH + b"\0", ("fail", "body-hash-differs")),
    ],
)
def test_a_body_hash_is_compared_whole(tmp_path, hashed, outcome):
    found = looked(tmp_path, signed(MESSAGE, bh=base64.b64encode(hashed).decode()))
    assert signatures(found) == [outcome]


# What a key of 32 octets may be that nobody holds: RFC 8032 has eight points of small order. d28
SMALL_ORDER = [
    "0100000000000000000000000000000000000000000000000000000000000000",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "0000000000000000000000000000000000000000000000000000000000000000",
    "0000000000000000000000000000000000000000000000000000000000000080",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
]
NOT_CANONICAL = [
    "0100000000000000000000000000000000000000000000000000000000000080",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
]


def forged(point: bytes) -> bytes:
    """A signature that the mathematics of Ed25519 accept under a key of small order: R is the key's point, S is 0."""
    raw = signed(MESSAGE, key=ED25519, a="ed25519-sha256", s="ed")
    head, _, rest = raw.partition(b"b=".join((b"\r\n ", b"")))
    end = rest.index(b"\r\nFrom:")
    return head + b"\r\n b=" + base64.b64encode(point + bytes(32)) + rest[end:]


@pytest.mark.parametrize("key", SMALL_ORDER + NOT_CANONICAL)
@pytest.mark.parametrize("point", SMALL_ORDER)
def test_a_key_of_small_order_signs_nothing(tmp_path, key, point):
    record = f"v=DKIM1; k=ed25519; p={base64.b64encode(bytes.fromhex(key)).decode()}"
    found = looked(tmp_path, forged(bytes.fromhex(point)), BASE + txt("ed._domainkey.example.com", record))
    assert signatures(found) == [("permerror", "key-invalid")]


@pytest.mark.parametrize("octets", [0, 1, 31, 32, 33, 64])
def test_octets_of_an_ed25519_key(tmp_path, octets):
    key = (base64.b64decode(public(ED25519)) * 2)[:octets]
    zone = BASE + txt("ed._domainkey.example.com", f"v=DKIM1; k=ed25519; p={base64.b64encode(key).decode()}")
    found = looked(tmp_path, signed(MESSAGE, key=ED25519, a="ed25519-sha256", s="ed"), zone)
    expected = PASSED if octets == 32 else ("permerror", "key-revoked" if not octets else "key-invalid")
    assert signatures(found) == [expected]


@pytest.mark.parametrize("name", ["x-\u00ff", "x-\u00b5", "\u00df", "x-\u00aa"])
def test_a_signed_name_that_is_not_ascii(tmp_path, name):
    """Python's capital of U+00FF is no octet."""
    raw = signed(MESSAGE, h="from:x-name").replace(b"x-name", name.encode("latin-1"))
    found = looked(tmp_path, raw)
    assert signatures(found) == [("fail", "signature-differs")]
