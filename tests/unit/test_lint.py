"""Each defect of a message, with the very octet where it stands; and that a good message has none."""

from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from todoku.mail.address import parse_author
from todoku.mail.encoded_word import MAX_WORD
from todoku.mail.lint import TAGS, lint
from todoku.mail.lint.dates import EARLY, LATE
from todoku.mail.lint.defect import MAX_EXTRACT, MAX_LISTED
from todoku.mail.lint.header import MAX_FIELD
from todoku.mail.lint.lines import MAX_LINE
from todoku.mail.message import MAX_FIELDS, MAX_HEADER, MAX_MESSAGE, scan
from todoku.mail.mime import mime_tree

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
FROM = b"From: News <news@example.com>\r\n"
REST = b"Date: Mon, 23 Nov 2026 08:30:00 +0000\r\nMessage-ID: <1@example.com>\r\nTo: a@example.net\r\n"
GOOD = FROM + REST + b"\r\nhello\r\n"
JA = "日本語"


def of(raw: bytes, *, now: datetime | None = NOW, headers_only: bool = False):
    message = scan(raw, headers_only=headers_only)
    return lint(message, mime_tree(message), parse_author(message), now=now)


def found(raw: bytes, *, now: datetime | None = NOW):
    return [(one.tag, one.offset) for one in of(raw, now=now)]


def word(text: str, charset: str = "utf-8", octets: bytes | None = None) -> bytes:
    octets = text.encode(charset) if octets is None else octets
    return f"=?{charset}?B?{base64.b64encode(octets).decode()}?=".encode()


def with_header(field: bytes) -> bytes:
    """A good message with one more field, at octet 0."""
    return field + b"\r\n" + GOOD


def test_a_good_message_has_no_defect():
    mime = (
        b"MIME-Version: 1.0\r\nContent-Type: multipart/alternative; boundary=b\r\n"
        b"Subject: " + word(JA) + b"\r\n " + word("iso", "iso-2022-jp") + b'\r\nReply-To: "a, b" <a@example.com>\r\n'
    )  # fmt: skip
    parts = (
        b"--b\r\n\r\n1\r\n--b\r\nContent-Type: text/html\r\nContent-Transfer-Encoding: base64\r\n\r\nPGI+\r\n--b--\r\n"
    )
    assert found(FROM + REST + mime + b"\r\n" + parts) == []


AT_0 = [
    # The line, the tag, and the octet in that line.
    (b"no field", "field-syntax", 0),
    (b"two words: x", "field-syntax", 0),
    (b"X-A : x", "space-before-colon", 0),
    (b"X-A: x\r\n \t\r\n y", "blank-fold", 8),
    (b"X-A: x\r\n ", "blank-fold", 8),
    (b"Cc:", "field-empty", 0),
    (b"Reply-To: \t", "field-empty", 0),
    (b"Subject: \xe3\x81\x82", "header-8bit", 9),
    (b"Subject: a\x1b$BF|K\\8l\x1b(B", "iso-2022-jp-raw", 10),
    (b"Subject: bell\x07", "control-character", 13),
    (b"Subject: a\0b", "nul", 10),
    (b"Subject: a\rb", "bare-cr", 10),
    (b"Subject: a\nb", "bare-lf", 10),
    (b"Subject: " + word(JA * 9), "encoded-word-too-long", 9),
    (b"Subject: =?utf-8?B?44G?=", "encoded-word-invalid", 9),
    (b"Subject: =?utf-8?B?44G*?=", "encoded-word-invalid", 9),
    (b"Subject: =?utf-8?Q?a=ZZ?=", "encoded-word-invalid", 9),
    (b"Subject: =?utf-8?Q?two words?=", "encoded-word-invalid", 9),
    (b"Subject: =?utf-8?Q?open", "encoded-word-invalid", 9),
    (b"Subject: =?x-klingon?Q?a?=", "encoded-word-invalid", 9),
    (b"Subject: " + word("", octets=b"\xff\xfe a lot"), "encoded-word-invalid", 9),
    (b"Subject: " + word("", octets="あ".encode()[:2]), "encoded-word-split-character", 9),
    (b"Subject: " + word("", "iso-2022-jp", JA.encode("iso-2022-jp")[:-3]), "encoded-word-split-character", 9),
    (b"Cc: " + word("a@example.com"), "encoded-word-misplaced", 4),
    (b"Cc: a <" + word("a") + b"@example.com>", "encoded-word-misplaced", 7),
    (b"In-Reply-To: " + word("<a@b>"), "encoded-word-misplaced", 13),
    (b'Cc: "' + word(JA) + b'" <a@example.com>', "encoded-word-quoted", 5),
    (b"Cc: a <a..b.@docomo.example>", "address-dots", 7),
    (b"Cc: b@example.com, a.@ezweb.example", "address-dots", 19),
    (b"Content-Type: text/plain", "mime-version-missing", 0),
    (b"MIME-Version: 1.0\r\nContent-Type: text", "content-type-syntax", 19),
    (b"MIME-Version: 1.0\r\nContent-Transfer-Encoding: utf8", "content-encoding-invalid", 19),
    (b"MIME-Version: 1.0\r\nContent-Type: multipart/mixed", "boundary-missing", 19),
    (b"MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b", "boundary-unused", 19),
]  # fmt: skip


@pytest.mark.parametrize(("line", "tag", "offset"), AT_0, ids=[f"{tag}-{line[:20]!r}" for line, tag, _ in AT_0])
def test_a_line_of_the_header(line, tag, offset):
    assert found(with_header(line)) == [(tag, offset)]


@pytest.mark.parametrize(
    "line",
    [
        b"Subject: a =? b ?= c =?x",
        b"Subject: =?utf-8?Q?=E3=81=82_a?= =?ISO-8859-1*de?q?=FC?= =?gb2312?B?xOO6ww==?=",
        b"Subject: " + word("①㈱", "iso-2022-jp", b"\x1b$B-!-j\x1b(B"),
        b"Cc: " + word(JA) + b" <a@example.com>, (" + word(JA) + b") b@example.net",
        b"Cc: undisclosed-recipients:;",
        b'Cc: "a..b"@example.com, a.b@example.com',
        b"Subject:",
        b"X-A:x",
        b"Subject: " + b"a " * 400 + b"\r\n",
    ],
)  # fmt: skip
def test_what_is_no_defect(line):
    assert found(with_header(line.rstrip(b"\r\n"))) == []


FROMS = [
    (b"From: a@example.com, b@example.com", ["from-several-addresses"]),
    (b"From: a@example.com\r\nFrom: b@example.com", ["from-several-addresses", "duplicate-field"]),
    (b"From:", ["from-empty"]),
    (b"From: nobody", ["from-syntax"]),
    (b"From: group: a@example.com;", ["group-from"]),
    (b"From: <@a.example:b@example.com>", ["from-route"]),
    (b"From: " + word("a@example.com") + b" <b@example.com>", []),
    (b"From: " + word("a@example.com"), ["encoded-word-misplaced", "from-syntax"]),
    (b'From: "a b"@example.com', ["address-exotic"]),
    (b"From: a..b@example.com", ["address-dots"]),
    (b"From: a@exa_mple..com", ["domain-invalid"]),
    (b"From: a@[192.0.2.1]", ["domain-invalid"]),
    (b"From : a@example.com", ["space-before-colon"]),
]  # fmt: skip


@pytest.mark.parametrize(("field", "tags"), FROMS, ids=[repr(field[:30]) for field, _ in FROMS])
def test_authors(field, tags):
    assert sorted({tag for tag, _ in found(field + b"\r\n" + REST + b"\r\n")} - {"from-syntax"}) == sorted(
        set(tags) - {"from-syntax"}
    )


def test_utf8_in_an_address():
    raw = "From: ユーザー@example.com\r\n".encode() + REST + b"\r\n"
    assert {"utf8-address", "header-8bit"} <= {tag for tag, _ in found(raw)}


@pytest.mark.parametrize(("protocol", "tag"), [(b"ESMTPS", "header-8bit"), (b"UTF8SMTPS", "header-utf8")])
def test_utf8_is_legal_where_smtputf8_carried_it(protocol, tag):
    received = b"Received: from a by b with " + protocol + b"; Mon, 23 Nov 2026 08:30:00 +0000\r\n"
    raw = received + "Subject: あ\r\n".encode() + GOOD
    assert found(raw) == [(tag, len(received) + len("Subject: "))]


@pytest.mark.parametrize(
    ("octets", "charset"),
    [
        ("日本語".encode("cp932"), "shift_jis"),
        ("日本語".encode("euc-jp"), "euc-jp"),
        ("あ".encode(), "utf-8"),
        (b"\xff\xff", ""),
    ],
)
def test_raw_8_bit_names_the_likely_charset(octets, charset):
    (one,) = of(with_header(b"Subject: " + octets))
    assert one.values == {"name": "subject", "charset": charset}


@pytest.mark.parametrize(
    "name",
    ["Date", "From", "Sender", "Reply-To", "To", "Cc", "Bcc", "Message-ID", "In-Reply-To", "References", "Subject",
     "MIME-Version", "Content-Transfer-Encoding"],
)  # fmt: skip
def test_fields_that_may_stand_once(name):
    values = {"date": "Mon, 23 Nov 2026 08:30:00 +0000", "from": "news@example.com", "message-id": "<1@example.com>"}
    value = values.get(name.lower(), "7bit")
    field = f"{name}: {value}\r\n".encode()
    twice = (
        field
        + field
        + b"".join(line for line in (FROM + REST).splitlines(True) if not line.startswith(name.encode() + b":"))
    )
    defects = [one for one in of(twice + b"\r\n") if one.tag == "duplicate-field"]
    assert [(one.offset, one.values) for one in defects] == [(len(field), {"name": name.lower(), "count": 2})]


@pytest.mark.parametrize(("length", "tags"), [(MAX_WORD, []), (MAX_WORD + 1, ["encoded-word-too-long"])])
def test_length_of_an_encoded_word(length, tags):
    one = b"=?utf-8?Q?".ljust(length - 2, b"a") + b"?="
    assert [tag for tag, _ in found(with_header(b"Subject: " + one))] == tags


def test_two_content_types():
    field = b"MIME-Version: 1.0\r\nContent-Type: text/plain\r\nContent-Type: text/html"
    assert found(with_header(field)) == [("content-type-duplicate", 45)]


@pytest.mark.parametrize("name", ["Date", "From", "Message-ID"])
def test_fields_that_must_stand(name):
    lines = [line for line in (FROM + REST).splitlines(True) if not line.startswith(name.encode())]
    raw = b"".join(lines)
    assert found(raw + b"\r\nhello\r\n") == [(f"missing-{name.lower()}", len(raw) - 2)]


@pytest.mark.parametrize(
    ("value", "tags"),
    [
        (b"<a@b>", []),
        (b"(comment) <a.b@[192.0.2.1]>", []),
        (b'<"a b"@c>', ["message-id-syntax"]),
        (b"a@b", ["message-id-syntax"]),
        (b"<a>", ["message-id-syntax"]),
        (b"<a@b> <c@d>", ["message-id-syntax"]),
        (b"", ["message-id-syntax"]),
    ],
)  # fmt: skip
def test_message_id(value, tags):
    assert [tag for tag, _ in found(GOOD.replace(b"<1@example.com>", value))] == tags


@pytest.mark.parametrize(
    ("value", "tags"),
    [
        (b"23 Nov 26 08:30 GMT", []),
        (b"Mon, 23 Nov 2026 08:30:00 +0900 (JST)", []),
        (b"Mon, 23 Nov 2026 08:30:60 -0000", []),
        (b"2026-11-23 08:30:00", ["date-syntax"]),
        (b"Mon, 23 Nov 2026 08:30:00", ["date-syntax"]),
        (b"Tue, 31 Feb 2026 08:30:00 +0000", ["date-syntax"]),
        (b"Mon, 23 Nov 2026 25:30:00 +0000", ["date-syntax"]),
        (b"Thu, 01 Jan 1970 00:00:00 +0000", []),  # an old draft is no defect
        (b"Mon, 23 Nov 2099 08:30:00 +0000", ["date-range"]),
        (b"", ["date-syntax"]),
    ],
)
def test_date_of_a_message_that_was_not_sent(value, tags):
    assert [tag for tag, _ in found(GOOD.replace(b"Mon, 23 Nov 2026 08:30:00 +0000", value))] == tags


@pytest.mark.parametrize(
    ("apart", "tags"),
    [
        (EARLY, []),
        (EARLY + timedelta(seconds=1), ["date-range"]),
        (-LATE, []),
        (-LATE - timedelta(seconds=1), ["date-range"]),
    ],
)
def test_date_against_the_arrival(apart, tags):
    arrival = datetime(2020, 6, 1, tzinfo=UTC)
    received = f"Received: from a by b; {arrival:%a, %d %b %Y %H:%M:%S} +0000\r\n".encode()
    date = f"{arrival + apart:%a, %d %b %Y %H:%M:%S} +0000".encode()
    defects = of(received + GOOD.replace(b"Mon, 23 Nov 2026 08:30:00 +0000", date))
    assert [one.tag for one in defects] == tags
    if tags:
        assert defects[0].values["days"] == round(apart / timedelta(days=1))


def test_no_clock_no_judgement_of_a_date():
    assert found(GOOD.replace(b"2026", b"2099"), now=None) == []


@pytest.mark.parametrize("start", [b"\xef\xbb\xbf", b" ", b"\t", b"\r\n"])
def test_something_before_the_header(start):
    assert ("leading-blank", 0) in found(start + GOOD)


def test_no_empty_line_after_the_header():
    assert found(FROM + REST) == [("no-body-separator", len(FROM + REST))]
    assert of(FROM + REST, headers_only=True) == ()


@pytest.mark.parametrize("place", ["header", "body"])
@pytest.mark.parametrize(("length", "tags"), [(MAX_LINE, []), (MAX_LINE + 1, ["line-too-long"])])
def test_line_length(place, length, tags):
    raw = (
        with_header(b"X-A: ".ljust(length, b"x")) if place == "header" else GOOD + b"x" * length + b"\r\n" + b"y" * 2000
    )
    raw = raw if place == "header" else raw[:-2000]
    defects = of(raw)
    assert [one.tag for one in defects] == tags
    if tags:
        assert defects[0].offset == (0 if place == "header" else len(GOOD))
        assert defects[0].values == {"length": length, "limit": MAX_LINE}


def test_a_long_last_line_without_an_end():
    assert found(GOOD + b"x" * (MAX_LINE + 1)) == [("line-too-long", len(GOOD))]


@pytest.mark.parametrize(("octet", "tag"), [(b"\n", "bare-lf"), (b"\r", "bare-cr"), (b"\0", "nul")])
def test_stray_octets_are_counted_whole_and_listed_in_part(octet, tag):
    count = MAX_LISTED + 5
    defects = of(GOOD + (b"ab" + octet) * count + b"c\r\n")
    assert [one.tag for one in defects] == [tag] * MAX_LISTED
    assert [one.offset for one in defects] == [len(GOOD) + 2 + 3 * index for index in range(MAX_LISTED)]
    assert [one.values["count"] for one in defects] == [count] * MAX_LISTED
    assert [one.values.get("more") for one in defects[-2:]] == [None, 5]


def test_cr_cr_lf_is_a_bare_cr():
    assert found(GOOD + b"a\r\r\n") == [("bare-cr", len(GOOD) + 1)]


def test_every_tag_is_listed_in_part():
    defects = of((b"bad line\r\n" * (MAX_LISTED + 3)) + GOOD)
    assert len(defects) == MAX_LISTED
    assert defects[-1].values == {"more": 3}


@pytest.mark.parametrize(
    ("encoding", "tag"),
    [(b"", "encoding-undeclared-8bit"), (b"8bit", "encoding-8bit-body"), (b"base64", "encoding-undeclared-8bit")],
)
def test_8_bit_bodies(encoding, tag):
    field = b"MIME-Version: 1.0\r\nContent-Transfer-Encoding: " + encoding + b"\r\n" if encoding else b""
    raw = field + FROM + REST + b"\r\na\r\n" + "bあ\r\n".encode()
    assert found(raw) == [(tag, raw.index("あ".encode()))]


@pytest.mark.parametrize(("length", "tags"), [(MAX_FIELD, []), (MAX_FIELD + 1, ["field-too-long"])])
def test_field_length(length, tags):
    field = (b"X-A: " + b"x" * 500 + (b"\r\n " + b"x" * 500) * 100)[:length]
    field = field + b"x" * (length - len(field))
    assert len(field) == length
    assert [one.tag for one in of(with_header(field))] == tags


@pytest.mark.parametrize(
    ("raw", "tag", "limit"),
    [
        (FROM + b"A: b\r\n" * MAX_FIELDS + b"\r\n", "too-many-fields", MAX_FIELDS),
        (FROM + (b"A: " + b"x" * 900 + b"\r\n") * 300 + b"\r\n", "header-too-large", MAX_HEADER),
        (GOOD + b"x\r\n" * (MAX_MESSAGE // 3), "message-too-large", MAX_MESSAGE),
        (b"MIME-Version: 1.0\r\n" + b"Content-Type: message/rfc822\r\n\r\n" * 70 + b"x", "mime-limit", "mime-depth"),
    ],
)
def test_limits_are_named(raw, tag, limit):
    defects = of(raw)
    assert [one.values for one in defects if one.tag == tag] == [{"limit": limit}]
    assert tag == "mime-limit" or not any(one.tag.startswith("missing") for one in defects)


def test_an_extract_is_safe_to_show():
    (one,) = of(with_header("Subject: あ\x1b[31m\x85\u202e".encode()))[:1]
    assert one.extract.isprintable()
    assert one.extract == "Subject: あ\\x1b[31m\\x85\\u202e"
    long = of(with_header(b"bad " * 100))[0]
    assert len(long.extract) <= MAX_EXTRACT


PIECES = (
    b"\r\n", b"\r\n", b"\n", b"\r", b"From: ", b"Date: ", b"Subject: ", b"To: ", b"=?utf-8?B?44G?=", b"=?utf-8?q?", b"?=",
    b"a@b.example", b"..@", b'"', b"<", b">", b"(", b"\0", b"\x1b$B", b"\xe3\x81", b" ", b"Content-Type: multipart/mixed; boundary=b",
    b"--b", b"--b--", b"x" * 999,
)  # fmt: skip


@given(st.lists(st.sampled_from(PIECES), max_size=40).map(b"".join) | st.binary(max_size=300))
def test_never_raises_and_stays_in_the_message(raw):
    for one in of(raw):
        assert 0 <= one.offset <= len(raw)
        assert one.severity == TAGS[one.tag]
        assert one.extract.isprintable()
        assert len(one.extract) <= MAX_EXTRACT
