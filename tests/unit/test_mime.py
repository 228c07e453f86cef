"""The MIME tree: structure, limits, parameters, transfer encodings."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from todoku.mail.content_type import parse_content_type, parse_disposition, without_comments
from todoku.mail.message import scan
from todoku.mail.mime import MAX_CANDIDATES, MAX_DEPTH, MAX_PARTS, decoded, mime_tree

PIECES = (
    b"\r\n", b"\r\n", b"\n", b"--b", b"--b--", b"--bb", b"--", b"Content-Type: multipart/mixed; boundary=b\r\n",
    b"Content-Type: multipart/mixed; boundary=bb\r\n", b"Content-Type: message/rfc822\r\n", b"Content-Type:", b" ",
    b"Content-Transfer-Encoding: base64\r\n", b"text", b"\xff",
)  # fmt: skip


def tree(raw: bytes):
    return mime_tree(scan(raw))


def multipart(*parts: bytes, boundary: bytes = b"b", closed: bool = True) -> bytes:
    body = b"".join(b"--" + boundary + b"\r\n" + part + b"\r\n" for part in parts)
    end = b"--" + boundary + b"--\r\n" if closed else b""
    return b"Content-Type: multipart/mixed; boundary=" + boundary + b"\r\n\r\n" + body + end


def test_a_message_without_mime_is_one_text():
    raw = b"From: a\r\n\r\nhello\r\n"
    (part,) = tree(raw).parts
    assert (part.content_type, part.encoding, part.start, part.end) == ("text/plain", "7bit", 11, len(raw))


def test_alternatives_in_order_with_their_octets():
    raw = multipart(
        b"Content-Type: text/plain; charset=ISO-2022-JP\r\n\r\nplain",
        b'content-type:\r\n text/html;\r\n\tcharset="UTF-8"\r\nContent-Transfer-Encoding: Quoted-Printable\r\n\r\n<p>',
        b"\r\nno header",
    )
    mime = tree(raw)
    assert [(part.depth, part.content_type, part.charset, part.encoding) for part in mime.parts] == [
        (0, "multipart/mixed", "", "7bit"),
        (1, "text/plain", "iso-2022-jp", "7bit"),
        (1, "text/html", "utf-8", "quoted-printable"),
        (1, "text/plain", "", "7bit"),
    ]
    assert [raw[part.start : part.end] for part in mime.parts[1:]] == [b"plain", b"<p>", b"no header"]
    assert mime.defects == ()
    assert mime.limits == ()


def test_a_line_that_only_begins_like_a_delimiter_is_none():
    raw = b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\n--b1\r\n--b-\r\n--b  \t\r\n\r\nx\r\n--b-- \r\n--b\r\n"
    assert [raw[part.start : part.end] for part in tree(raw).parts[1:]] == [b"--b1\r\n--b-", b"x"]


def test_the_delimiter_of_an_outer_part_ends_the_inner_ones():
    inner = multipart(b"\r\nx", boundary=b"inner", closed=False)
    mime = tree(multipart(inner, b"\r\ny", boundary=b"outer"))
    assert [part.depth for part in mime.parts] == [0, 1, 2, 1]
    assert [tag for tag, _ in mime.defects] == ["boundary-unclosed"]


def test_a_header_alone_says_nothing_of_its_parts():
    mime = mime_tree(scan(b"Content-Type: multipart/mixed; boundary=b\r\n", headers_only=True))
    assert [part.content_type for part in mime.parts] == ["multipart/mixed"]
    assert mime.defects == ()


def test_a_message_in_a_message_is_entered():
    raw = multipart(b"Content-Type: message/rfc822\r\n\r\nSubject: inner\r\nContent-Type: text/html\r\n\r\n<b>")
    assert [(part.depth, part.content_type) for part in tree(raw).parts] == [
        (0, "multipart/mixed"),
        (1, "message/rfc822"),
        (2, "text/html"),
    ]


def test_parts_of_a_digest_are_messages():
    raw = multipart(b"\r\nSubject: inner\r\n\r\nx").replace(b"multipart/mixed", b"multipart/digest")
    assert [part.content_type for part in tree(raw).parts] == ["multipart/digest", "message/rfc822", "text/plain"]


@pytest.mark.parametrize(
    ("raw", "defects"),
    [
        (b"Content-Type: multipart/mixed\r\n\r\n", [("boundary-missing", 0)]),
        (b"From: a\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\nx\r\n", [("boundary-unused", 9)]),
        (b"Content-Type: html\r\n\r\n", [("content-type-syntax", 0)]),
        (b"A: b\r\nContent-Transfer-Encoding: utf-8\r\n\r\n", [("content-encoding-invalid", 6)]),
        (b"Content-Transfer-Encoding: (a) 8BIT (b)\r\n\r\n", []),
        (b"Content-Transfer-Encoding: x-uuencode\r\n\r\n", []),
        (
            multipart(b"\r\nx").replace(b"Content-Type", b"Content-Transfer-Encoding: base64\r\nContent-Type", 1),
            [("content-encoding-invalid", 0)],
        ),
    ],
)
def test_defects_say_where(raw, defects):
    assert list(tree(raw).defects) == defects


@pytest.mark.parametrize(("levels", "limits"), [(MAX_DEPTH, ()), (MAX_DEPTH + 1, ("mime-depth",))])
def test_depth_limit(levels, limits):
    raw = b"Content-Type: message/rfc822\r\n\r\n" * levels + b"Subject: end\r\n\r\nx\r\n"
    mime = tree(raw)
    assert mime.limits == limits
    assert mime.parts[-1].depth == MAX_DEPTH


@pytest.mark.parametrize(("count", "limits"), [(MAX_PARTS - 1, ()), (MAX_PARTS, ("mime-parts",))])
def test_part_limit(count, limits):
    mime = tree(multipart(*[b"\r\nx"] * count))
    assert len(mime.parts) == MAX_PARTS
    assert mime.limits == limits


@pytest.mark.parametrize(("count", "limits"), [(MAX_CANDIDATES, ()), (MAX_CANDIDATES + 1, ("mime-parts",))])
def test_limit_of_lines_like_a_delimiter(count, limits):
    assert tree(multipart(b"\r\n" + b"--bx\r\n" * count)).limits == limits


@given(st.lists(st.sampled_from(PIECES), max_size=40).map(b"".join))
def test_the_tree_never_raises_and_stays_within_the_message(raw):
    message = scan(raw)
    mime = mime_tree(message)
    assert mime.parts[0].depth == 0
    for part in mime.parts:
        assert 0 <= part.start <= part.end <= len(raw)
        assert len(decoded(message, part)) <= len(raw)
    for earlier, later in zip(mime.parts, mime.parts[1:], strict=False):
        assert later.depth <= earlier.depth + 1


@pytest.mark.parametrize(
    ("body", "value", "parameters"),
    [
        (b" text/plain", "text/plain", {}),
        (b"TEXT/HTML; Charset=UTF-8", "text/html", {"charset": "UTF-8"}),
        (b'(a) text (b(c)) / (d) plain ; charset="a\\"b" (e)', "text/plain", {"charset": 'a"b'}),
        (b"multipart/mixed; boundary=gc0p=Jq0M:08jU", "multipart/mixed", {"boundary": "gc0p=Jq0M:08jU"}),
        (b'multipart/mixed;\r\n\tboundary="=_(x)"', "multipart/mixed", {"boundary": "=_(x)"}),
        (b"multipart/mixed\r\n boundary=b", "multipart/mixed", {"boundary": "b"}),
        (b'a/b; name*0=one; name*1=" two"', "a/b", {"name": "one two"}),
        (
            b"a/b; name*0*=utf-8'ja'%E3%81; name*1*=%82; name*2=.txt",
            "a/b",
            {"name": "あ.txt".encode().decode("latin-1")},
        ),
        (b"a/b; name*=us-ascii''a%20b; name=c", "a/b", {"name": "c"}),
        (b"a/b; c=1; c=2", "a/b", {"c": "1"}),
        (b"text", "", {}),
        (b"", "", {}),
        (b"; charset=x", "", {"charset": "x"}),
    ],
)
def test_content_type(body, value, parameters):
    parsed = parse_content_type(body)
    assert (parsed.value, parsed.parameters) == (value, parameters)


def test_disposition():
    assert parse_disposition(b' attachment; filename="a.pdf"').value == "attachment"


@given(
    st.lists(st.sampled_from([b"(", b")", b"\\", b'"', b"x", b";", b"=", b" ", b"*0", b"a/b"]), max_size=40).map(
        b"".join
    )
)
def test_content_type_never_raises(body):
    assert len(without_comments(body)) <= 2 * len(body)
    parse_content_type(body)


@given(st.binary(max_size=200), st.integers(0, 100))
def test_base64_and_its_limit(octets, limit):
    raw = b"Content-Transfer-Encoding: base64\r\n\r\n" + base64.encodebytes(octets).replace(b"\n", b"\r\n")
    message = scan(raw)
    (part,) = mime_tree(message).parts
    assert decoded(message, part) == octets
    assert octets.startswith(decoded(message, part, limit))
    assert len(decoded(message, part, limit)) <= limit


@pytest.mark.parametrize(
    ("encoding", "body", "expected"),
    [
        (b"quoted-printable", b"a=3D=E3=81=82=\r\nb\r\n", "a=あb\r\n".encode()),
        (b"base64", b"aGVsbG8", b"hel"),
        (b"base64", b"a*G*V*s*bG8=", b"hello"),
        (b"x-unknown", b"as it is", b"as it is"),
    ],
)
def test_decoded(encoding, body, expected):
    message = scan(b"Content-Transfer-Encoding: " + encoding + b"\r\n\r\n" + body)
    (part,) = mime_tree(message).parts
    assert decoded(message, part) == expected
