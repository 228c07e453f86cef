"""Hostile messages: each is read without an exception, within its bounds, and its defect is named with its octet."""

from __future__ import annotations

import runpy
from datetime import UTC, datetime
from itertools import product

import pytest

from todoku.mail.address import parse_author
from todoku.mail.links import body_links
from todoku.mail.lint import lint
from todoku.mail.message import MAX_FIELDS, MAX_HEADER, MAX_MESSAGE, scan
from todoku.mail.mime import MAX_DEPTH, MAX_PARTS, mime_tree
from todoku.mail.saved import read_saved
from todoku.mail.unsubscribe import unsubscribe
from todoku.words.errors import NotAMessage

NOW = datetime(2026, 11, 23, tzinfo=UTC)

# What lint must say of each file, (tag, octet); None: there is nothing wrong with its form.
DEFECTS: dict[str, tuple[str, int] | None] = {
    "ar-injection": None,  # a forged Authentication-Results is the trace's affair
    "bare-cr-body": ("bare-cr", 204),
    "bare-lf-body": ("bare-lf", 204),
    "bare-lf-headers": ("bare-lf", 33),
    "comment-nest-10000": ("line-too-long", 160),
    "crcrlf-body": ("bare-cr", 204),
    "csv-formula-subject": None,
    "dup-date": ("duplicate-field", 112),
    "dup-from": ("duplicate-field", 30),
    "dup-subject": ("duplicate-field", 73),
    "eightbit-sjis-subject": ("header-8bit", 66),
    "empty": ("no-body-separator", 0),
    "from-bare-comma": ("from-several-addresses", 0),
    "from-comment-nest-5000": ("line-too-long", 0),
    "from-cve-2023-27043": ("from-syntax", 5),
    "from-empty-group": ("group-from", 17),
    "from-encoded-addr": ("encoded-word-misplaced", 5),
    "from-folded-name": ("field-syntax", 0),
    "from-group": ("group-from", 11),
    "from-idn-homoglyph": ("domain-mixed-script", 21),
    "from-nul": ("from-control-character", 33),
    "from-quoted-pair": ("from-syntax", 5),
    "from-route": ("from-route", 7),
    "from-space-colon": ("space-before-colon", 0),
    "from-trailing": ("from-syntax", 5),
    "from-two-addrs": ("from-several-addresses", 0),
    "invalid-utf8-headers": ("header-8bit", 66),
    "iso2022jp-raw-subject": ("iso-2022-jp-raw", 66),
    "listunsub-loopback": None,  # the addresses are unsubscribe's affair, and are never fetched
    "listunsub-ssrf": None,
    "nested-multipart-1000": ("mime-limit", 3724),
    "nested-rfc822-1000": ("mime-limit", 2208),
    "no-blank-line": ("no-body-separator", 160),
    "nul-in-body": ("nul", 204),
    "nul-in-header": ("nul", 168),
    "space-from": ("leading-blank", 0),
    "xss-encoded-subject": None,
    "xss-subject": None,
}

# Those too large to be kept as files, and what must be said of them.
LARGE = {
    "nested-rfc822-20000": "mime-limit",
    "parts-100000": "mime-limit",
    "headers-100000": "header-too-large",
    "received-10000": "header-too-large",
    "line-50MiB": "message-too-large",
    "header-line-10MiB": "header-too-large",
    "header-folds-1M": "header-too-large",
    "to-100000-addresses": "header-too-large",
    "ct-params-50000": "header-too-large",
    "encoded-words-100000": "header-too-large",
    "only-nuls-1MiB": "nul",
}


def defects(octets: bytes) -> list[tuple[str, int]]:
    """Everything that is read of a message, and the defects; the bounds hold."""
    message = scan(octets)
    mime = mime_tree(message)
    body_links(message, mime)
    unsubscribe(message)
    assert len(message.raw) <= MAX_MESSAGE
    assert len(message.fields) <= MAX_FIELDS
    assert sum(len(field.raw) for field in message.fields) <= MAX_HEADER
    assert len(mime.parts) <= MAX_PARTS
    assert max(part.depth for part in mime.parts) <= MAX_DEPTH
    return [(one.tag, one.offset) for one in lint(message, mime, parse_author(message), now=NOW)]


def test_the_table_names_every_file(hostile_inputs):
    assert {path.stem for path in hostile_inputs.glob("*.eml")} == set(DEFECTS)


@pytest.mark.parametrize("name", DEFECTS)
def test_hostile_message(hostile_inputs, name):
    found = defects((hostile_inputs / f"{name}.eml").read_bytes())
    expected = DEFECTS[name]
    if expected is None:
        assert found == []
    else:
        assert expected in found


@pytest.mark.parametrize("name", DEFECTS)
def test_hostile_file(hostile_inputs, name):
    data = (hostile_inputs / f"{name}.eml").read_bytes()
    if name == "empty":
        with pytest.raises(NotAMessage, match="empty"):
            read_saved(data)
        return
    saved = read_saved(data)
    if name == "bare-lf-headers":
        assert saved.notes == ("lf-line-ends",)
    else:
        assert saved.notes == (("mixed-line-ends",) if name == "bare-lf-body" else ())
        assert saved.message.raw == data


@pytest.fixture(scope="module")
def made(hostile_inputs):
    """The makers of the messages that are too large to be kept."""
    return runpy.run_path(str(hostile_inputs / "make_hostile.py"))["C"]


@pytest.mark.parametrize("name", LARGE)
def test_large_hostile_message(made, name):
    assert LARGE[name] in {tag for tag, _ in defects(made[name]())}


def test_every_other_large_one_is_in_the_table(made):
    assert set(made) == set(DEFECTS) | set(LARGE)


# --- Fields added to a message that is signed already -----------------------------------------------------------------

BASE = (
    b"From: a@example.com\r\nSender: a@example.com\r\nReply-To: a@example.com\r\nTo: b@example.net\r\nCc: b@example.net\r\n"
    b"Bcc: b@example.net\r\nSubject: x\r\nDate: Mon, 23 Nov 2026 00:00:00 +0000\r\nMessage-ID: <1@example.com>\r\n"
    b"In-Reply-To: <0@example.com>\r\nReferences: <0@example.com>\r\nMIME-Version: 1.0\r\nContent-Type: text/plain\r\n"
    b"Content-Transfer-Encoding: 7bit\r\n"
)
NAMES = [line.partition(b":")[0].decode() for line in BASE.splitlines()]
WAYS = {
    "prepend": lambda name: b"%s: x@attack.example\r\n" % name + BASE,
    "append": lambda name: BASE + b"%s: x@attack.example\r\n" % name,
    "case": lambda name: b"%s: x@attack.example\r\n" % name.swapcase() + BASE,
    "space": lambda name: b"%s : x@attack.example\r\n" % name + BASE,
    "fold": lambda name: b"%s\r\n : x@attack.example\r\n" % name + BASE,
    "blank": lambda name: b" %s: x@attack.example\r\n" % name + BASE,
}


@pytest.mark.parametrize(("name", "way"), list(product(NAMES, WAYS)))
def test_an_added_field_is_named(name, way):
    found = {tag for tag, _ in defects(WAYS[way](name.encode()) + b"\r\nhello\r\n")}
    by_way = {"fold": "field-syntax", "blank": "leading-blank"}
    usual = "content-type-duplicate" if name == "Content-Type" else "duplicate-field"
    assert by_way.get(way, usual) in found


def test_the_base_of_these_is_good():
    assert defects(BASE + b"\r\nhello\r\n") == []


# --- Octets that do not belong into mail, in three places ---------------------------------------------------------------

OCTETS = {
    "nul": (b"\0", "nul"), "bare-cr": (b"\r", "bare-cr"), "bare-lf": (b"\n", "bare-lf"), "cr-cr": (b"\r\r", "bare-cr"),
    "lf-cr": (b"\n\r", "bare-lf"), "high": (b"\xff", "8bit"), "utf-8": ("日".encode(), "8bit"), "cut-utf-8": (b"\xe6\x97", "8bit"),
    "overlong": (b"\xc0\xaf", "8bit"), "surrogate": (b"\xed\xa0\x80", "8bit"), "latin-1": (b"\xe9", "8bit"),
    "shift_jis": ("日本".encode("cp932"), "8bit"), "euc-jp": ("日本".encode("euc-jp"), "8bit"), "nel": (b"\x85", "8bit"),
    "bom": (b"\xef\xbb\xbf", "8bit"),
}  # fmt: skip


@pytest.mark.parametrize(("octets", "place"), list(product(OCTETS, ["subject", "from", "body"])))
def test_a_stray_octet_is_named_where_it_stands(octets, place):
    stray, expected = OCTETS[octets]
    mark = {"subject": b"Subject: x", "from": b"From: a", "body": b"\r\n\r\nhello"}[place]
    raw = BASE + b"\r\nhello\r\n"
    offset = raw.index(mark) + len(mark)
    if expected == "8bit":
        expected = "encoding-undeclared-8bit" if place == "body" else "header-8bit"
    assert (expected, offset) in defects(raw[:offset] + stray + b"z" + raw[offset:])
