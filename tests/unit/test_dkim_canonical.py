"""Canonical forms, against a slow reference that follows RFC 6376 section 3.4 word for word."""

from __future__ import annotations

import hashlib
import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from todoku.auth.dkim.canonical import (
    Canonical,
    Canonicalization,
    canonical,
    plain_relaxed_field,
    relaxed_body,
    relaxed_field,
    simple_body,
    without_b,
)
from todoku.mail.message import Field, scan


def reference_lines(body: bytes) -> list[bytes]:
    """The lines of a body; what stands after the last CRLF is a line too, unless it is nothing."""
    lines = body.split(b"\r\n")
    return lines[:-1] if lines[-1] == b"" else lines


def reference_relaxed_body(body: bytes) -> bytes:
    lines = [re.sub(rb"[ \t]+\Z", b"", re.sub(rb"[ \t]+", b" ", line)) for line in reference_lines(body)]
    while lines and lines[-1] == b"":
        lines.pop()
    return b"".join(line + b"\r\n" for line in lines)


def reference_simple_body(body: bytes) -> bytes:
    lines = reference_lines(body)
    while lines and lines[-1] == b"":
        lines.pop()
    return b"".join(line + b"\r\n" for line in lines) or b"\r\n"


def reference_relaxed_field(raw: bytes, colon: int) -> bytes:
    unfolded = raw[colon + 1 :].replace(b"\r\n", b"")
    name = re.sub(rb"[ \t]+\Z", b"", raw[:colon])
    return name.lower() + b":" + re.sub(rb"\A[ \t]+|[ \t]+\Z", b"", re.sub(rb"[ \t]+", b" ", unfolded))


bodies = st.lists(
    st.sampled_from([b"\r\n", b" ", b"\t", b"a", b"\r", b"\n", b"\x0b", b"\x0c", b"\xa0", b"\x00", b"  \t "]),
    max_size=14,
).map(b"".join)


@given(bodies)
@example(b"")
@example(b" ")
@example(b"\r\n\r\n")
@example(b"a \r\n \r\n\t\r\n")
@example(b"a\r\r\n\r\n")
@example(b"a\n\r\n\r\n")
@example(b"a\n\r\n")
@example(b"\n\r\n\r\n")
def test_bodies(body: bytes) -> None:
    assert relaxed_body(body) == reference_relaxed_body(body)
    assert simple_body(body) == reference_simple_body(body)


@given(bodies)
def test_relaxing_twice_changes_nothing(body: bytes) -> None:
    assert relaxed_body(relaxed_body(body)) == relaxed_body(body)
    assert simple_body(simple_body(body)) == simple_body(body)


@given(bodies)
def test_fields(value: bytes) -> None:
    raw = b"SubJect \t:" + value
    assert relaxed_field(raw, 9) == reference_relaxed_field(raw, 9)


@given(bodies)
def test_a_field_of_a_plainly_folded_header_is_relaxed_at_once(value: bytes) -> None:
    message = scan(b"SubJect \t:" + value + b"\r\n\r\n")
    if message.is_plainly_folded:
        for field in message.fields:
            assert plain_relaxed_field(field.raw, field.colon) == relaxed_field(field.raw, field.colon)


@pytest.mark.parametrize("octet", [b"\r", b"\n", b"\x0b", b"\x0c"])
def test_a_header_with_other_white_space_is_not_plainly_folded(octet: bytes) -> None:
    assert scan(b"A: x\r\n y\r\n\r\n" + octet).is_plainly_folded
    assert not scan(b"A: x" + octet + b"\r\n y\r\n\r\n").is_plainly_folded


@given(st.binary(max_size=40), st.integers(0, 40))
def test_the_text_of_a_message_split_anywhere(text: bytes, split: int) -> None:
    """A body is canonical in whatever place its header ends."""
    message = scan(b"A: " + text[:split].replace(b"\n", b"").replace(b"\r", b"") + b"\r\n\r\n" + text[split:])
    for form, reference in (("relaxed", reference_relaxed_body), ("simple", reference_simple_body)):
        whole = reference(message.body)
        for length in range(len(whole) + 1):
            digest, size = canonical(message).body_hash(form, length)
            assert (digest, size) == (hashlib.sha256(whole[:length]).digest(), len(whole))


@given(st.sampled_from([b"", b"A: x\r\n"]), bodies)
@example(b"", b"")
@example(b"A: x\r\n", b"")
@example(b"", b"\r\n")
@example(b"A: x\r\n", b"\r\n")
@example(b"A: x\r\n", b"\n\r\n")
@example(b"A: x\r\n", b"a\r\n")
@example(b"A: x\r\n", b"a\r\n\r\n")
def test_a_body_is_hashed_where_it_stands(header: bytes, body: bytes) -> None:
    message = scan(header + b"\r\n" + body)
    assert message.body == body
    for form, reference in (("relaxed", reference_relaxed_body), ("simple", reference_simple_body)):
        whole = reference(body)
        for length in (None, 0, 1, len(whole)):
            expected = hashlib.sha256(whole[:length]).digest(), len(whole)
            assert canonical(message).body_hash(form, length) == expected


def test_the_examples_of_rfc_6376_3_4_5() -> None:
    message = scan(b"A: X\r\nB : Y\t\r\n\tZ  \r\n\r\n C \r\nD \t E\r\n\r\n\r\n")
    forms = canonical(message)
    assert [*forms.fields("a", "relaxed"), *forms.fields("b", "relaxed")] == [b"a:X\r\n", b"b:Y Z\r\n"]
    assert relaxed_body(message.body) == b" C\r\nD E\r\n"
    assert [*forms.fields("a", "simple"), *forms.fields("b", "simple")] == [b"A: X\r\n", b"B : Y\t\r\n\tZ  \r\n"]
    assert simple_body(message.body) == b" C \r\nD \t E\r\n"


def test_empty_bodies() -> None:
    empty = hashlib.sha256(b"").digest()
    assert Canonical(b"", {}).body_hash("relaxed", None) == (empty, 0)
    assert Canonical(b"", {}).body_hash("simple", None) == (hashlib.sha256(b"\r\n").digest(), 2)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (b" a=x; b=abc; bh=def", b" a=x; b=; bh=def"),
        (b"b=abc", b"b="),
        (b" bh=b;b =\r\n ab\r\n c ;h=b", b" bh=b;b =;h=b"),
        (b" bh=def; c=b=1", b" bh=def; c=b=1"),
        (b" a=1; b= a=b=c ", b" a=1; b="),
    ],
)
def test_without_b(value: bytes, expected: bytes) -> None:
    assert without_b(b"X:" + value, 1) == b"X:" + expected


def field(name: str, text: str, offset: int) -> Field:
    raw = f"{name}:{text}".encode()
    return Field(name, raw, len(name), offset)


@pytest.mark.parametrize("form", ["relaxed", "simple"])
def test_fields_are_picked_from_the_bottom_up_and_repeats_run_out(form: Canonicalization) -> None:
    fields = {"a": [field("a", "top", 0), field("a", "low", 10)], "c": [field("c", "only", 20)]}
    own = field("dkim-signature", "b=x", 30)
    forms = Canonical(b"", fields)

    def hashed(text: bytes) -> bytes:
        return hashlib.sha256(text + b"dkim-signature:b=").digest()

    assert forms.header_hash(own, ["a"], form) == hashed(b"a:low\r\n")
    assert forms.header_hash(own, ["a", "c", "a", "a", "none"], form) == hashed(b"a:low\r\nc:only\r\na:top\r\n")


def test_a_signature_never_covers_itself() -> None:
    other, own = field("dkim-signature", "b=y", 30), field("dkim-signature", "b=x", 0)
    forms = Canonical(b"", {"dkim-signature": [own, other]})
    expected = hashlib.sha256(b"dkim-signature:b=y\r\ndkim-signature:b=").digest()
    assert forms.header_hash(own, ["dkim-signature", "dkim-signature"], "relaxed") == expected


@pytest.mark.parametrize("piece", [b" ", b"\r\n", b" \r\n", b"\n", b"\r", b"\t \t", b"\r\n\r", b"\n\r\n"])
def test_a_megabyte_of_nothing_is_no_trouble(piece: bytes) -> None:
    body = piece * (1_000_000 // len(piece))
    assert relaxed_body(body) == reference_relaxed_body(body)
    assert simple_body(body) == reference_simple_body(body)
