"""Addresses: every one that a program could show, decoded names, A-label domains, and defects where they stand."""

import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from todoku.mail.addr_spec import is_valid_addr_spec
from todoku.mail.address import (
    MAX_ADDRESSES,
    PLAIN,
    Address,
    _read,
    ascii_domain,
    is_domain_name,
    parse_author,
    parse_mailboxes,
)
from todoku.mail.domain_name import is_mixed_script
from todoku.mail.encoded_word import decode_words
from todoku.mail.message import scan
from todoku.mail.tokens import tokenize


def tags(value: bytes) -> list[str]:
    return [tag for tag, _ in parse_mailboxes(value)[1]]


def shown(value: bytes) -> list[tuple[str, str, str]]:
    return [(one.display_name, one.local, one.domain) for one in parse_mailboxes(value)[0]]


def author(header: bytes):
    return parse_author(scan(header + b"\r\nTo: x@example.net\r\n\r\n"))


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (b"a@example.com", [("", "a", "example.com")]),
        (b" <a@Example.COM>", [("", "a", "example.com")]),
        (b'"Doe, Jane" <j@example.com>', [("Doe, Jane", "j", "example.com")]),
        (b"John Q. Public <j@example.com>", [("John Q. Public", "j", "example.com")]),
        (b'"A \\"B\\" C" <j@example.com>', [('A "B" C', "j", "example.com")]),
        (b"j@example.com (Jane Doe)", [("Jane Doe", "j", "example.com")]),
        (b"Jane\r\n Doe <j@example.com>", [("Jane Doe", "j", "example.com")]),
        (b'"john doe"@example.com', [("", '"john doe"', "example.com")]),
        (b"a@example.com, B <b@example.org>", [("", "a", "example.com"), ("B", "b", "example.org")]),
        (b"a@example.com,,b@example.org", [("", "a", "example.com"), ("", "b", "example.org")]),
        (b"=?utf-8?B?5bGK44GP?= <a@example.com>", [("届く", "a", "example.com")]),
        (b"=?utf-8?Q?Foo,_Inc.?= <a@example.com>", [("Foo, Inc.", "a", "example.com")]),
        (b"", []),
        (b" \r\n ", []),
    ],
)
def test_well_formed(value, expected):
    assert shown(value) == expected
    assert tags(value) == []


@pytest.mark.parametrize(
    ("value", "domains", "defects"),
    [
        (b"Group: a@example.com, b@example.org;", ["example.com", "example.org"], ["from-group"]),
        (b"Group: a@example.com;", ["example.com"], ["from-group"]),
        (b"undisclosed:;", [], ["from-group"]),
        (b"Group: a@example.com", ["example.com"], ["from-group", "from-syntax"]),
        (b"<@a.example,@b.example:c@example.com>", ["example.com"], ["from-route"]),
        (b"a @ example.com", ["example.com"], ["from-obsolete"]),
        (b"a(comment)@example.com", ["example.com"], ["from-obsolete"]),
        (b'a."b"@example.com', ["example.com"], ["from-obsolete"]),
        (b"<a@example.com> b@example.org", ["example.org", "example.com"], ["from-syntax"]),
        (b"<a@example.com> <b@example.org>", ["example.com", "example.org"], ["from-syntax"]),
        (b"b@example.org <a@example.com>", ["example.org", "example.com"], ["from-syntax"]),
        (b"a@example.com <a@example.com>", ["example.com"], ["from-syntax"]),
        (b"a@example.com; b@example.org", ["example.com", "example.org"], ["from-syntax"]),
        (b"a@example.com: b@example.org", ["example.com", "example.org"], ["from-group", "from-syntax"]),
        (b"<a@example.com, b@example.org", ["example.com", "example.org"], ["from-syntax"]),
        (b"a@example.com>", ["example.com"], ["from-syntax"]),
        (b"<<a@example.com>", ["", "example.com"], ["from-syntax", "from-syntax", "from-syntax"]),
        (b"a@b@example.com", [""], ["from-syntax", "domain-invalid"]),
        (b"a..b@example.com", ["example.com"], ["from-syntax"]),
        (b"a@", [""], ["from-syntax"]),
        (b"X <a>", [""], ["from-syntax"]),
        (b"a", [], ["from-syntax"]),
        (b"a@example..com", [""], ["from-syntax", "domain-invalid"]),
        (b"a@-example.com", [""], ["domain-invalid"]),
        (b"a@192.0.2.1", [""], ["domain-invalid"]),
        (b"a@[192.0.2.1]", [""], ["domain-literal"]),
        (b'"open <a@example.com>', ["example.com"], ["from-syntax"]),
        (b"(open <a@example.com>", ["example.com"], ["from-syntax"]),
        (b"=?utf-8?B?PGFAZXhhbXBsZS5jb20+?=", ["example.com"], ["from-syntax", "from-encoded-address"]),
        (b"<=?utf-8?Q?a?=@example.com>", ["example.com"], ["from-encoded-address"]),
        (b"a\x00@example.com", ["example.com"], ["from-control-character", "from-syntax"]),
        (b"A\n <a@example.com>", ["example.com"], ["from-control-character"]),
        ("Jörg <j@example.com>".encode(), ["example.com"], ["from-8bit"]),
        ("j@bücher.example".encode(), ["xn--bcher-kva.example"], ["from-8bit"]),
        ("j@exаmple.com".encode(), ["xn--exmple-4nf.com"], ["from-8bit", "domain-mixed-script"]),
        (b"j@xn--exmple-4nf.com", ["xn--exmple-4nf.com"], ["domain-mixed-script"]),
    ],
)
def test_odd(value, domains, defects):
    assert [one.domain for one in parse_mailboxes(value)[0]] == domains
    assert tags(value) == defects


def test_a_list_is_read_to_its_bound_which_is_named():
    at = b",".join([b"a@example.com"] * MAX_ADDRESSES)
    assert len(parse_mailboxes(at)[0]) == MAX_ADDRESSES
    assert tags(at) == []
    assert len(parse_mailboxes(at + b",b@example.com")[0]) == MAX_ADDRESSES
    assert tags(at + b",b@example.com") == ["from-limit"]
    brackets = b"<a@example.com>" * (MAX_ADDRESSES + 1)
    assert len(parse_mailboxes(brackets)[0]) == MAX_ADDRESSES
    assert tags(brackets)[0] == "from-limit"


@pytest.mark.parametrize(
    ("header", "domain", "domains", "defects"),
    [
        (b"From: A <a@example.com>", "example.com", ("example.com",), []),
        (b"From: a@example.com, b@example.com", "example.com", ("example.com",), [("from-several-addresses", 0)]),
        (
            b"From: a@example.com, b@example.org",
            "",
            ("example.com", "example.org"),
            [("from-several-addresses", 0)],
        ),
        (
            b"From: a@example.com\r\nFrom: b@example.com",
            "",
            ("example.com",),
            [("from-repeated", 21), ("from-several-addresses", 0)],
        ),
        (b"Sender: a@example.com", "", (), [("from-missing", 0)]),
        (b"From:", "", (), [("from-empty", 0)]),
        (b"From: undisclosed:;", "", (), [("from-group", 17), ("from-empty", 0)]),
        (b"From : a@example.com", "", ("example.com",), [("from-name-space", 0)]),
        (b" From: a@example.com", "", ("example.com",), [("from-name-space", 0)]),
        (b"From\r\n : a@example.com", "", ("example.com",), [("from-name-folded", 0)]),
        (b"From: <@a.example:b@example.com>", "", ("example.com",), [("from-route", 7)]),
        (b"X: y\r\nFrom: a@@example.com", "", (), [("from-syntax", 12), ("domain-invalid", 14)]),
    ],
)
def test_author(header, domain, domains, defects):
    found = author(header)
    assert (found.domain, found.domains, list(found.defects)) == (domain, domains, defects)


@pytest.mark.parametrize(
    "line",
    [
        b"X-Note: y\nFrom: hidden@victim.example",
        b"X-Note: y\rFrom: hidden@victim.example",
        b"X-Note: y\n fRoM : hidden@victim.example",
        b"no field\nFrom: hidden@victim.example",
        b"X-Note: y\nFrom:\r\n hidden@victim.example",
        b"From\x00: hidden@victim.example",
        b"From\x0b: hidden@victim.example",
        b"From\xa0: hidden@victim.example",
        b"\xef\xbb\xbfFrom: hidden@victim.example",
        b"Fr\xe2\x80\x8bom: hidden@victim.example",
    ],
)
def test_a_from_that_only_some_programs_see_leaves_no_one_author(line):
    for header in (line, b"From: a@example.com\r\n" + line, line + b"\r\nFrom: a@example.com"):
        found = author(header)
        assert found.domain == ""
        assert "victim.example" in found.domains
        assert "from-control-character" in [tag for tag, _ in found.defects]


@pytest.mark.parametrize("line", [b"X-From\x00: b@victim.example", b"X-Note: y\nX-From: b@victim.example", b"A: b\nc"])
def test_what_no_program_takes_for_a_from(line):
    assert author(b"From: a@example.com\r\n" + line).domain == "example.com"


def test_hostile_inputs_are_defects_and_no_clean_domain(hostile_inputs):
    honest = {
        "comment-nest-10000.eml": "example.com",  # the nest is in Cc
        "from-comment-nest-5000.eml": "example.com",  # a comment, however deep, is a comment
        "from-idn-homoglyph.eml": "xn--exmple-4nf.com",  # the one domain, but not as it looks: a defect says so
    }
    for path in sorted(hostile_inputs.glob("*.eml")):
        if "from-" not in path.name and path.name not in ("space-from.eml", "comment-nest-10000.eml"):
            continue
        found = parse_author(scan(path.read_bytes()))
        assert found.domain == honest.get(path.name, ""), path.name
        assert found.defects or "comment-nest" in path.name, path.name


def test_deep_comments_take_one_pass():
    value = b"(" * 10_000 + b")" * 10_000 + b" a@example.com"
    assert shown(value) == [("(" * 9_999 + ")" * 9_999, "a", "example.com")]
    assert shown(b"(" * 10_000 + b" a@example.com")[0][2] == "example.com"


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Example.COM", "example.com"),
        ("example.com.", "example.com"),
        ("_dmarc.example.com", "_dmarc.example.com"),
        ("食狮.公司.cn", "xn--85x722f.xn--55qx5d.cn"),
        ("例え。テスト", "xn--r8jz45g.xn--zckzah"),
        ("BÜCHER.example", "xn--bcher-kva.example"),
        ("straße.example", "xn--strae-oqa.example"),
        ("xn--bcher-kva.example", "xn--bcher-kva.example"),
        ("localhost", "localhost"),
        ("", None),
        (".", None),
        (".com", None),
        ("a..b", None),
        ("a b.example", None),
        ("legit.example(.attack.example", None),
        ("-a.example", None),
        ("a-.example", None),
        ("a" * 64 + ".example", None),
        ("a" * 63 + ".example", "a" * 63 + ".example"),
        ("192.0.2.1", None),
        ("\udcff.example", None),
        ("💩.example", None),
        ("ü" * 1000, None),
        (".".join(["a" * 49] * 5) + ".abc", ".".join(["a" * 49] * 5) + ".abc"),
        (".".join(["a" * 49] * 5) + ".abcd", None),
    ],
)
def test_ascii_domain(name, expected):
    assert ascii_domain(name) == expected
    assert expected is None or is_domain_name(expected)


def test_idna_is_loaded_for_names_beyond_ascii_only():
    program = "import sys, todoku.mail.address as a; a.ascii_domain('example.com'); sys.exit('idna' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


@pytest.mark.parametrize(
    ("domain", "mixed"),
    [
        ("example.com", False),
        ("bücher.example", False),
        ("пример.рф", False),
        ("食狮.公司.cn", False),
        ("日本go.example", False),
        ("exаmple.com", True),
        ("οnline.example", True),
        ("xn--exmple-4nf.com", True),
        ("аррӏе.com", True),
        ("xn--80ak6aa92e.com", True),
        ("xn--\udcff.com", False),
    ],
)
def test_mixed_script(domain, mixed):
    assert is_mixed_script(domain) is mixed


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain", "plain"),
        ("=?utf-8?q?a_b=C3=A9?= c", "a bé c"),
        ("=?UTF-8?B?5bGK?= =?utf-8?B?44GP?=", "届く"),
        ("=?utf-8?B?5bE=?=\r\n =?utf-8?B?ig==?=", "届"),  # a character cut in two
        ("=?utf-8?q?a?= b =?utf-8?q?c?=", "a b c"),
        ("=?utf-8?q?a?= =?iso-8859-1?q?=E9?=", "aé"),
        ("=?iso-2022-jp?B?GyRCRnxLXBsoQg==?=", "日本"),
        ("=?shift_jis?B?k/qWew==?=", "日本"),
        ("=?shift_jis?B?h0A=?=", "①"),  # in no standard Shift_JIS, in all Japanese mail
        ("=?utf-8*en?q?a?=", "a"),
        ("=?utf-8?q?=FF?=", "\ufffd"),
        ("=?utf-8?b?YQ?=", "a"),
        ("=?utf-8?b?a?=", "=?utf-8?b?a?="),
        ("=?x-none?q?a?=", "=?x-none?q?a?="),
        ("=?idna?q?a?=", "=?idna?q?a?="),
        ("=?utf-8?q?a", "=?utf-8?q?a"),
    ],
)
def test_encoded_words(text, expected):
    assert decode_words(text) == expected


MAIL_TEXT = st.text(alphabet='ab.@<>,:;"\\()[] \r\n\t=?éx\x00', max_size=80) | st.text(max_size=60)


@settings(max_examples=400)
@given(MAIL_TEXT)
def test_no_text_raises(text):
    value = text.encode("utf-8", "replace")
    addresses, defects = parse_mailboxes(value)
    assert all(0 <= offset <= len(value) for _, offset in defects)
    assert all(not address.domain or is_domain_name(address.domain) for address in addresses)
    assert all(address.domain == address.domain.lower() for address in addresses)
    author(b"From: " + value)
    is_valid_addr_spec(text)
    decode_words(text)


@given(MAIL_TEXT)
def test_tokens_are_the_text(text):
    tokens = list(tokenize(text))
    assert "".join(token.text for token in tokens) == text
    assert all(text.startswith(token.text, token.offset) for token in tokens)


@settings(max_examples=400)
@given(st.from_regex(rb'[ ]?("[a-c .,@]{0,4}"|[a-c .!]{0,4}) ?<[a-c.=?]{1,4}@[a-c.-]{1,6}>[ ]?', fullmatch=True))
def test_the_short_way_gives_what_the_long_one_gives(value):
    match = PLAIN.fullmatch(value)
    if match is not None:
        assert parse_mailboxes(value) == _read(value)


def test_plain_values_take_the_short_way():
    assert PLAIN.fullmatch(b' "Example Shop" <news@example.com>')
    assert parse_mailboxes(b' "Example Shop" <news@example.com>')[0] == (
        Address(display_name="Example Shop", local="news", domain="example.com", written_domain="example.com"),
    )
