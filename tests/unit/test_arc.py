"""ARC: chains of our own making, whole and broken. The standard's suite is in tests/suites/test_arc.py."""

from __future__ import annotations

import base64
import hashlib
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key
from hypothesis import given, settings
from hypothesis import strategies as st

from todoku.auth.arc import MAX_KEYS, MAX_SETS, ArcResult, seal, validate
from todoku.auth.ask import Question
from todoku.auth.dkim.canonical import relaxed_field
from todoku.auth.dkim.sign import sign_digest, with_b, write_field
from todoku.auth.dkim.signature import MAX_SIGNED_NAMES
from todoku.mail.message import MAX_FIELDS, scan
from todoku.net.dns.zone import SERVFAIL, Zone
from todoku.net.drivers import run

KEYS = Path(__file__).parent.parent / "keys"
RSA, ED25519 = ((KEYS / name).read_bytes() for name in ("customer.pem", "ed25519.pem"))


def public(pem: bytes, encoding: Encoding, form: PublicFormat) -> str:
    return base64.b64encode(load_pem_private_key(pem, None).public_key().public_bytes(encoding, form)).decode()


RECORD = f"v=DKIM1; p={public(RSA, Encoding.DER, PublicFormat.SubjectPublicKeyInfo)}"
RECORD_ED25519 = f"v=DKIM1; k=ed25519; p={public(ED25519, Encoding.Raw, PublicFormat.Raw)}"
ZONE: dict[str, Any] = {f"s{number}._domainkey.example.com": [("TXT", RECORD)] for number in range(60)}
MESSAGE = b"From: a@example.com\r\nTo: b@example.net\r\nSubject: Hello\r\n\r\nHello\r\n"


def validated(raw: bytes, zone: dict[str, Any] = ZONE, now: datetime | None = None) -> ArcResult:
    return run(validate(scan(raw), now=now), Zone.from_dict(zone))


def sealed(raw: bytes, number: int = 1, zone: dict[str, Any] = ZONE, **options: Any) -> bytes:
    """The message with one more set, of the selector ``s<number>``."""
    given = {
        "authserv_id": "mx.example.com",
        "domain": "example.com",
        "selector": f"s{number}",
        "private_key": RSA,
        "timestamp": 1,
    }
    return seal(scan(raw), validated(raw, zone), **{"results": "spf=pass", **given, **options}) + raw


def chain(length: int, selector: int | None = None) -> bytes:
    raw = MESSAGE
    for number in range(1, length + 1):
        raw = sealed(raw, number if selector is None else selector)
    return raw


ONE, THREE = chain(1), chain(3)


def test_no_sets() -> None:
    assert validated(MESSAGE) == ArcResult(result="none", cause="no-sets")


def test_a_whole_chain() -> None:
    result = validated(THREE)
    assert (result.result, result.cause, result.detail, result.oldest_pass) == ("pass", "valid", "", 0)
    assert [one.instance for one in result.sets] == [1, 2, 3]
    assert [one.cv for one in result.sets] == ["none", "pass", "pass"]
    assert {(one.seal, one.message_signature) for one in result.sets} == {("pass", "pass")}
    newest = result.sets[-1]
    assert (newest.domain, newest.selector, newest.offset) == ("example.com", "s3", 0)
    assert newest.authentication_results == "i=3; mx.example.com; spf=pass"
    assert len(result.answers) == 3


def test_ed25519_and_long_lists_of_headers() -> None:
    zone = {**ZONE, "ed._domainkey.example.com": [("TXT", RECORD_ED25519)]}
    headers = ["from", *(f"x-header-number-{number}" for number in range(40))]
    raw = sealed(MESSAGE, private_key=ED25519, algorithm="ed25519-sha256", selector="ed", headers=headers)
    assert validated(raw, zone).result == "pass"
    assert max(len(line) for line in raw.split(b"\r\n")) < 998


def test_a_change_on_the_way_breaks_older_message_signatures_only() -> None:
    later = sealed(sealed(ONE, 2).replace(b"Subject: Hello", b"Subject: [list] Hello"), 3)
    # the second sealer's own signature broke before the third sealed: the third says so
    assert validated(later).cause == "cv"
    changed = sealed(MESSAGE, 1)
    relayed = seal(
        scan(changed.replace(b"Hello\r\n", b"Hello there\r\n")),
        validated(changed),
        authserv_id="mx.example.com",
        domain="example.com",
        selector="s2",
        private_key=RSA,
        results="arc=pass",
    ) + changed.replace(b"Hello\r\n", b"Hello there\r\n")
    result = validated(relayed)
    assert (result.result, result.oldest_pass) == ("pass", 2)
    assert [one.message_signature for one in result.sets] == ["fail", "pass"]


@pytest.mark.parametrize(
    ("old", "new", "cause"),
    [
        (b"Subject: Hello", b"Subject: Bye", "ams-3"),
        (b"Hello\r\n", b"Bye\r\n", "ams-3"),
        (b"i=1; mx.example.com; spf=pass", b"i=1; mx.example.com; spf=fail", "seal-3"),
        (b"cv=none", b"cv=pass", "cv"),
        (b"cv=none", b"cv=fail", "cv"),
        (b"cv=none", b"cv=None", "cv"),
        (b"cv=pass", b"cv=none", "cv"),
        (b"i=2; mx", b"i=4; mx", "structure"),
        (b"i=2; mx", b"i=0; mx", "structure"),
        (b"i=2; mx", b"i=51; mx", "structure"),
        (b"i=2; mx", b"mx", "structure"),
        (b"i=2; mx", b"I=2; mx", "structure"),
        (b"; s=s2;", b"; s=s2; s=s2;", "structure"),
        (b"; s=s3;", b"; s=s3; h=from;", "seal-3"),
        (b"; s=s2;", b"; s=s2; h=from;", "seal-3"),
        (b"; i=2;", b"; I=2;", "structure"),
        (b"; i=2;", b"; i=+2;", "structure"),
        (b"; i=2;", b"; i=\xb2;", "structure"),
        (b"; i=2;", b"; i=;", "structure"),
        (b"s=s2", b"s=none", "seal-3"),
        (b"a=rsa-sha256", b"a=rsa-sha1", "seal-3"),
        (b"ARC-Seal: a=rsa-sha256;", b"ARC-Seal: ", "seal-3"),
        (b"ARC-Seal: a=rsa-sha256;", b"X-Seal: a=rsa-sha256;", "structure"),
        (b"ARC-Message-Signature", b"X-Signature", "structure"),
        (b"ARC-Authentication-Results", b"X-Results", "structure"),
        (b"ARC-Seal: a=rsa-sha256;", b"ARC-Seal: x\r\nARC-Seal: a=rsa-sha256;", "structure"),
        (b"ARC-Seal: a=rsa-sha256;", b"ARC-Seal:\r\nARC-Seal: a=rsa-sha256;", "structure"),
        (b"h=from", b"h=arc-seal:from", "ams-3"),
    ],
)
def test_what_breaks_a_chain(old: bytes, new: bytes, cause: str) -> None:
    assert old in THREE
    result = validated(THREE.replace(old, new, 1))
    assert (result.result, result.cause) == ("fail", cause)


def test_a_set_that_is_gone_whole() -> None:
    second = THREE.index(b"ARC-Seal", 10)
    third = THREE.index(b"ARC-Seal", second + 10)
    result = validated(THREE[:second] + THREE[third:])
    assert (result.cause, result.detail) == ("structure", "an instance is missing")
    assert [one.instance for one in result.sets] == [1, 3]


def test_a_seal_with_h_fails_though_its_mathematics_are_right() -> None:
    below = ONE[ONE.index(b"ARC-Message-Signature") :]
    message_signature, results = scan(below).fields[:2]
    tags = [("a", "rsa-sha256"), ("cv", "none"), ("d", "example.com"), ("i", "1"), ("s", "s1")]
    for more, expected in (([], "valid"), ([("h", "from")], "seal-1")):
        field = write_field("ARC-Seal", [*tags, *more, ("b", "")])
        covered = [relaxed_field(one.raw, one.colon) + b"\r\n" for one in (results, message_signature)]
        digest = hashlib.sha256(b"".join(covered) + relaxed_field(field.raw, field.colon)).digest()
        raw = with_b(field, sign_digest(digest, RSA, "rsa-sha256")).raw + b"\r\n" + below
        assert validated(raw).cause == expected


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"ARC-Seal: a=", b"ARC-Seal:a="),
        (b"ARC-Message-Signature: a=", b"arc-message-signature:a="),
        (b"ARC-Seal: a=rsa-sha256;", b"ARC-Seal \t:\r\n\ta=rsa-sha256;"),
        (b"ARC-Authentication-Results: i=3;", b"ARC-Authentication-Results:i=3;"),
        (b"ARC-Authentication-Results: i=3; mx", b"ARC-Authentication-Results: i=3;\r\n\t mx"),
    ],
)
def test_writing_that_changes_nothing(old: bytes, new: bytes) -> None:
    assert old in THREE
    assert validated(THREE.replace(old, new)).result == "pass"


def test_an_instance_may_stand_between_comments() -> None:
    raw = THREE.replace(b"ARC-Authentication-Results: i=3;", b"ARC-Authentication-Results: (c) i (d) = (e) 03 (f) ;", 1)
    assert validated(raw).cause == "seal-3"  # not "structure": it was read, and is no longer what was sealed


def test_an_expired_message_signature() -> None:
    raw = ONE.replace(b"s=s1;", b"s=s1; x=5;", 2)  # breaks the mathematics too, which a time in the past comes before
    late = validated(raw, now=datetime(2026, 1, 1, tzinfo=UTC))
    assert (late.cause, late.detail) == ("ams-1", "expired x=5")


def test_doubt_is_no_failure_and_a_sure_failure_outweighs_it() -> None:
    unsure = {**ZONE, "s2._domainkey.example.com": [SERVFAIL]}
    result = validated(THREE, unsure)
    assert (result.result, result.cause, result.oldest_pass) == ("temperror", "dns-failed", None)
    assert [one.seal for one in result.sets] == ["pass", "temperror", "pass"]
    broken = validated(THREE.replace(b"Subject: Hello", b"Subject: Bye"), unsure)
    assert (broken.result, broken.cause) == ("fail", "ams-3")


def test_key_look_ups_are_bounded_and_made_in_one_round() -> None:
    at_the_bound, beyond = chain(MAX_KEYS), chain(MAX_KEYS + 1)
    assert validated(at_the_bound).result == "pass"
    engine = validate(scan(beyond), now=None)
    asked = next(engine)
    assert len(asked) == MAX_KEYS
    assert asked[0] == Question(f"s{MAX_KEYS + 1}._domainkey.example.com", "TXT")
    result = validated(beyond)
    assert (result.result, result.cause) == ("temperror", "limit")
    assert result.sets[0].seal == "not-evaluated"


def test_fifty_sets_and_no_more() -> None:
    fifty = chain(MAX_SETS, selector=1)
    assert validated(fifty).result == "pass"
    assert sealed(fifty, 1) == fifty
    more = validated(fifty.replace(b"ARC-Seal", b"ARC-Seal: x\r\nARC-Seal", 1))
    assert (more.result, more.cause) == ("fail", "too-many-sets")


def test_a_failed_chain_is_marked_once_and_the_mark_stands_alone() -> None:
    broken = ONE.replace(b"Subject: Hello", b"Subject: Bye")
    marked = sealed(broken, 2)
    assert b"cv=fail" in marked
    result = validated(marked)
    assert (result.result, result.cause, result.detail) == ("fail", "cv", "i=2 says cv=fail")
    assert sealed(marked, 3) == marked


def test_a_chain_that_could_not_be_judged_is_not_sealed() -> None:
    assert sealed(ONE, 2, {"s1._domainkey.example.com": [SERVFAIL]}) == ONE


@pytest.mark.parametrize("more", [0, 1])
def test_a_message_with_more_fields_to_cover_than_a_verifier_reads_is_not_sealed(more: int) -> None:
    many = (
        b"To: a@example.com\r\n" * (MAX_SIGNED_NAMES - 2 + more)
        + b"From: a@example.com\r\nSubject: Hello\r\n\r\nHello.\r\n"
    )
    marked = sealed(many, 1)
    assert (marked == many) is bool(more)
    assert validated(marked).result == ("none" if more else "pass")


def test_what_the_message_says_of_itself_is_sealed_when_nothing_else_is_given() -> None:
    said = b"Authentication-Results: mx.example.com; spf=pass smtp.mailfrom=a;\r\n dkim=pass\r\nAuthentication-Results: other; spf=fail\r\n"
    result = validated(sealed(said + MESSAGE, results=None))
    assert result.sets[0].authentication_results == "i=1; mx.example.com; spf=pass smtp.mailfrom=a; dkim=pass"
    assert validated(sealed(MESSAGE, results=None)).sets[0].authentication_results == "i=1; mx.example.com; none"


def test_a_message_that_was_cut_or_has_no_body_is_not_judged() -> None:
    cut = validated(ONE.replace(b"\r\n\r\n", b"\r\n" + b"X: y\r\n" * MAX_FIELDS + b"\r\n", 1))
    assert (cut.result, cut.cause, cut.detail) == ("temperror", "limit", "field-count")
    header = scan(ONE.partition(b"\r\n\r\n")[0] + b"\r\n", headers_only=True)
    assert run(validate(header, now=None), Zone.from_dict(ZONE)).result == "temperror"


@settings(deadline=None, max_examples=200)
@given(st.lists(st.tuples(st.integers(0, len(THREE) - 1), st.integers(0, 4), st.binary(max_size=3)), max_size=6))
def test_never_raises(edits: list[tuple[int, int, bytes]]) -> None:
    raw = THREE
    for start, cut, text in edits:
        raw = raw[:start] + text + raw[start + cut :]
    result = validated(raw)
    assert result.result in ("none", "pass", "fail", "temperror")
    assert result.cause
    sealed(raw, 9)


names = st.sampled_from([b"ARC-Seal", b"ARC-Message-Signature", b"arc-authentication-results", b"ARC-Seal "])
tags = st.sampled_from(
    [
        b"i=1",
        b"i=2",
        b"i=99",
        b"i=",
        b"I=1",
        b"cv=none",
        b"cv=pass",
        b"a=rsa-sha256",
        b"d=a.b",
        b"s=c",
        b"h=from",
        b"b=AA==",
        b"bh=AA==",
        b"",
        b"x",
    ]
)


@settings(deadline=None)
@given(st.lists(st.tuples(names, st.lists(tags, max_size=8)), max_size=9))
def test_never_raises_on_any_structure(fields: list[tuple[bytes, list[bytes]]]) -> None:
    raw = b"".join(name + b":" + b";".join(values) + b"\r\n" for name, values in fields)
    assert validated(raw + b"\r\n").result == ("fail" if fields else "none")
