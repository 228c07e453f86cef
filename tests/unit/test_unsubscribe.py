"""List-Unsubscribe as people write it: right, nearly right, and wrong."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from todoku.mail.message import scan
from todoku.mail.unsubscribe import MAX_URIS, unsubscribe
from todoku.requirements import one_click_unsubscribe

POST = b"List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n"


def of(header: bytes):
    return unsubscribe(scan(header + b"\r\n"))


def test_one_click_by_rfc_8058():
    raw = b"List-Unsubscribe: <https://example.com/u?a=1,2;b>,\r\n <mailto:u@example.com?subject=stop>\r\n" + POST
    found = of(raw)
    assert found.present
    assert found.https == "https://example.com/u?a=1,2;b"
    assert found.mailto == "mailto:u@example.com?subject=stop"
    assert found.uris == (found.https, found.mailto)
    assert found.one_click
    assert found.post == "List-Unsubscribe=One-Click"
    assert found.defects == ()
    assert (found.offset, found.post_offset) == (0, raw.index(b"List-Unsubscribe-Post"))
    assert found.list_headers == ("List-Unsubscribe", "List-Unsubscribe-Post")


@pytest.mark.parametrize(
    ("header", "https", "one_click", "defects"),
    [
        # Comments may stand anywhere outside the brackets, folds anywhere: RFC 2369 section 2.
        (b"List-Unsubscribe: (use <http://no> \\( this) <https://example.com/\r\n u/\r\n\t1>\r\n" + POST,
         "https://example.com/u/1", True, []),
        (b"List-Unsubscribe: <HTTPS://example.com>\r\n" + POST, "HTTPS://example.com", True, []),
        (b"List-Unsubscribe: <https://example.com/(1)>\r\n" + POST, "https://example.com/(1)", True, []),
        (b"List-Unsubscribe: <https://a.example>\r\n", "https://a.example", False, []),
        (b"List-Unsubscribe: <https://a.example>\r\nList-Unsubscribe-Post: list-unsubscribe=one-click\r\n",
         "https://a.example", True, [("post-value", 39)]),
        (b"List-Unsubscribe: <https://a.example>\r\nList-Unsubscribe-Post: One-Click\r\n",
         "https://a.example", False, [("post-value", 39)]),
        (b"List-Unsubscribe: <http://a.example>\r\n" + POST, "", False, [("http", 18)]),
        (b"List-Unsubscribe: <mailto:a@a.example>\r\n" + POST, "", False, []),
        (b"List-Unsubscribe: https://a.example\r\n" + POST, "", False, [("no-angle-brackets", 18)]),
        (b"List-Unsubscribe: unsubscribe\r\n" + POST, "", False, [("syntax", 17)]),
        (b"List-Unsubscribe:\r\n" + POST, "", False, [("syntax", 17)]),
        (b"List-Unsubscribe: <https:///path>, <mailto:>\r\n" + POST, "", False, [("syntax", 18), ("syntax", 35)]),
        (b"List-Unsubscribe: <https://a.example\r\n" + POST, "https://a.example", True, [("syntax", 18)]),
        (b"List-Unsubscribe: <https://a.example>, <https://b.example>\r\n" + POST,
         "https://a.example", True, [("several-https", 39)]),
        (b"List-Unsubscribe: =?utf-8?Q?=3Chttps=3A//a.example/u=3E?=\r\n" + POST,
         "https://a.example/u", False, [("encoded-word", 18)]),
        (b"List-Unsubscribe: <https://a.example>\r\nList-Unsubscribe: <mailto:b@a.example>\r\n" + POST,
         "https://a.example", True, [("several-fields", 39)]),
        (b"List-Unsubscribe: <https://a.example>\r\n" + POST + POST, "https://a.example", True, [("several-posts", 90)]),
        (POST, "", False, [("post-alone", 0)]),
    ],
)  # fmt: skip
def test_what_is_wrong_and_where(header, https, one_click, defects):
    found = of(header)
    assert found.https == https
    assert found.one_click is one_click
    assert list(found.defects) == defects


def test_nothing_offered():
    found = of(b"Subject: hello\r\n")
    assert not found.present
    assert (found.uris, found.post, found.offset, found.defects) == ((), None, None, ())


@pytest.mark.parametrize(
    ("header", "names"),
    [
        (b"List-Id: <a.example>\r\nlist-help: x\r\nlist-help: y\r\n", ("List-Id", "list-help")),
        (b"Precedence: Bulk\r\n", ("Precedence: bulk",)),
        (b"Precedence: first-class\r\n", ()),
    ],
)
def test_signs_of_a_list(header, names):
    assert of(header).list_headers == names


def test_hostile_addresses_are_only_text(hostile_inputs):
    found = unsubscribe(scan((hostile_inputs / "listunsub-loopback.eml").read_bytes()))
    assert len(found.uris) == 3
    assert [tag for tag, _ in found.defects] == ["several-https", "several-https"]
    found = unsubscribe(scan((hostile_inputs / "listunsub-ssrf.eml").read_bytes()))
    assert (found.https, found.one_click) == ("", False)
    assert found.http.startswith("http://169.254.169.254/")


def test_addresses_are_bounded():
    assert len(of(b"List-Unsubscribe: " + b"<https://a.example>," * (MAX_URIS + 1) + b"\r\n").uris) == MAX_URIS


@given(
    st.lists(
        st.sampled_from(
            [
                b"<",
                b">",
                b"(",
                b")",
                b"\\",
                b",",
                b"https://a",
                b"mailto:a@b",
                b"=?utf-8?q?",
                b"?=",
                b" ",
                b"\r\n ",
                b"\xff",
            ]
        ),
        max_size=30,
    ).map(b"".join)
)
def test_never_raises(value):
    found = of(b"List-Unsubscribe: " + value + b"\r\n" + POST)
    assert found.present
    assert found.one_click <= bool(found.https)


@pytest.mark.parametrize(
    ("host", "is_public"),
    [
        ("example.com", True),
        ("example.com:8443", True),
        ("EXAMPLE.com.", True),
        ("127.0.0.1", False),
        ("2130706433", False),
        ("0x7f000001", False),
        ("[::1]", False),
        ("localhost.", False),
        ("shop", False),
        ("intranet.local", False),
        ("user@10.0.0.1:443", False),
        ("", False),
    ],
)
def test_a_host_that_no_mailbox_provider_can_look_up(host: str, is_public: bool) -> None:
    assert one_click_unsubscribe._is_public(host) is is_public
