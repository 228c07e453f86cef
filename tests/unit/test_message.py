"""Message.scan: exact bytes, offsets, limits on both sides."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from todoku.mail.message import MAX_FIELDS, MAX_HEADER, MAX_MESSAGE, scan

PIECES = (b"\r\n", b"\r\n", b"a:", b"From: x", b" ", b"\t", b"\n", b"\r", b"no colon", b"\xff", b"\0", b":")


def test_fields_keep_their_bytes_and_say_where_they_stand():
    message = scan(b"From: a@example.com\r\nSubject: one\r\n\ttwo \r\nfrom : b\r\n\r\nbody\r\n")
    assert [(field.name, field.raw, field.offset) for field in message.fields] == [
        ("from", b"From: a@example.com", 0),
        ("subject", b"Subject: one\r\n\ttwo ", 21),
        ("from", b"from : b", 42),
    ]
    assert message.fields[1].value == "one\ttwo"
    assert message.fields[2].written_name == "from "
    assert [field.offset for field in message.all("from")] == [0, 42]
    assert message.first("from").offset == 0
    assert message.first("to") is None
    assert message.body == b"body\r\n"


@pytest.mark.parametrize(
    ("raw", "names", "strays", "body_start"),
    [
        (b"", [], [], None),
        (b"\r\nbody", [], [], 2),
        (b"\r\n\r\n", [], [], 2),
        (b"A: b", ["a"], [], None),
        (b"A: b\r\n", ["a"], [], None),
        (b"A: b\r\n\r\n", ["a"], [], 8),
        (b"no colon\r\nA: b\r\n\r\n", ["a"], [b"no colon"], 18),
        (b": no name\r\nA: b\r\n\r\n", ["a"], [b": no name"], 19),
        (b"From\r\n : x\r\nA: b\r\n\r\n", ["a"], [b"From\r\n : x"], 20),
        (b" A: b\r\nC: d\r\n\r\n", [" a", "c"], [], 15),
        (b"A: b\r\n \r\nC: d\r\n\r\n", ["a", "c"], [], 17),
        (b"A: b\nC: d\r\n\r\n", ["a"], [], 13),
    ],
)
def test_odd_headers(raw, names, strays, body_start):
    message = scan(raw)
    assert [field.name for field in message.fields] == names
    assert [stray.raw for stray in message.strays] == strays
    assert message.body_start == body_start


@given(st.lists(st.sampled_from(PIECES), max_size=30).map(b"".join) | st.binary(max_size=200))
def test_scan_never_raises_and_loses_no_octet(raw):
    message = scan(raw)
    lines = sorted((*message.fields, *message.strays), key=lambda line: line.offset)
    assert all(raw[line.offset : line.offset + len(line.raw)] == line.raw for line in lines)
    header = b"\r\n".join(line.raw for line in lines)
    if message.body_start is None:
        assert raw in (header, header + b"\r\n")
    else:
        assert raw[message.body_start :] == message.body
        assert raw == header + raw[len(header) : message.body_start] + message.body
        assert raw[len(header) : message.body_start] in (b"\r\n", b"\r\n\r\n")


@pytest.mark.parametrize(("over", "limits"), [(0, ()), (1, ("field-count",))])
def test_field_count_limit(over, limits):
    message = scan(b"A: b\r\n" * (MAX_FIELDS + over) + b"\r\n")
    assert len(message.fields) == MAX_FIELDS
    assert message.limits == limits


@pytest.mark.parametrize(("over", "limits", "names"), [(0, (), ["a", "b"]), (1, ("header-size",), ["a"])])
def test_header_size_limit_leaves_the_field_beyond_it_out(over, limits, names):
    first = b"A: x\r\n"
    second = b"B: " + b"x" * (MAX_HEADER - len(first) - 5 + over) + b"\r\n"
    message = scan(first + second + b"\r\nbody")
    assert [field.name for field in message.fields] == names
    assert message.limits == limits
    assert message.body == b"body"


def test_a_field_that_goes_on_beyond_the_limit_is_left_out_whole():
    folded = b"B: x\r\n" + b" y\r\n" * MAX_HEADER
    message = scan(b"A: x\r\n" + folded + b"\r\nbody")
    assert [field.name for field in message.fields] == ["a"]
    assert message.limits == ("header-size",)


def test_one_line_longer_than_the_limit():
    message = scan(b"A: " + b"x" * MAX_HEADER + b"\r\n\r\n")
    assert message.fields == ()
    assert message.limits == ("header-size",)


@pytest.mark.parametrize(("over", "limits"), [(0, ()), (1, ("message-size",))])
def test_message_size_limit(over, limits):
    raw = b"A: b\r\n\r\n"
    message = scan(raw + b"x" * (MAX_MESSAGE - len(raw) + over))
    assert len(message.raw) == MAX_MESSAGE
    assert message.limits == limits
