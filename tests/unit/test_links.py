"""The unsubscribe link in a body: found as people write it, and not where there is none."""

from __future__ import annotations

import base64
import quopri

import pytest
from hypothesis import given
from hypothesis import strategies as st

from todoku.mail.links import body_links
from todoku.mail.message import scan
from todoku.mail.mime import mime_tree

LINK = "https://example.com/x?u=1"
FILLER = (
    "<p>" + "Our offers of the week are here for you. " * 10 + '<a href="https://example.com/shop">Shop</a></p>\r\n'
)


def of(body: str | bytes, header: str = "Content-Type: text/html; charset=utf-8", charset: str = "utf-8"):
    octets = body.encode(charset) if isinstance(body, str) else body
    message = scan(header.encode() + b"\r\n\r\n" + octets)
    return body_links(message, mime_tree(message))


@pytest.mark.parametrize(
    ("html", "link", "words"),
    [
        (f'<a href="{LINK}">Unsubscribe</a>', LINK, "Unsubscribe"),
        (f"<A class=x HREF='{LINK}' style=y><b>UNSUBSCRIBE</b></A>", LINK, "UNSUBSCRIBE"),
        (f"<a href={LINK}>unsubscribe</a>", LINK, "unsubscribe"),
        (f'To unsubscribe, <a href="{LINK}">click here</a>.', LINK, "unsubscribe, click here ."),
        (f'Click <a href="{LINK}">here</a> to unsubscribe.', LINK, "here to unsubscribe."),
        (f'配信停止は<a href="{LINK}">こちら</a>', LINK, "配信停止は こちら"),
        (f'<a href="{LINK}">メルマガの登録解除</a>', LINK, "メルマガの登録解除"),
        (f'<a href="{LINK}">解除はこちら</a>', LINK, "解除はこちら"),
        (f'<a href="{LINK}">退会する</a>', LINK, "退会する"),
        (f'<a href="{LINK}">Manage your preferences</a>', LINK, "Manage your preferences"),
        (f'<a href="{LINK}">Newsletter abbestellen</a>', LINK, "Newsletter abbestellen"),
        (f'<a href="{LINK}">Se désabonner</a>', LINK, "Se désabonner"),
        (f'<a href="{LINK}">Darse de baja</a>', LINK, "Darse de baja"),
        (f'<a href="{LINK}">Annulla iscrizione</a>', LINK, "Annulla iscrizione"),
        (f'<a href="{LINK}">Cancelar inscrição</a>', LINK, "Cancelar inscrição"),
        (f'<a href="{LINK}">退订</a>', LINK, "退订"),
        (f'<a href="{LINK}">수신거부</a>', LINK, "수신거부"),
        (f'<a href="{LINK}&amp;b=%2F">opt out</a>', LINK + "&b=%2F", "opt out"),
        ('<a href="https://example.com/unsubscribe?u=1">click</a>', "https://example.com/unsubscribe?u=1", "click"),
        ('<a href="mailto:unsubscribe@example.com">write to us</a>', "mailto:unsubscribe@example.com", "write to us"),
        ('<a href="{{amazonSESUnsubscribeUrl}}">leave</a>', "{{amazonSESUnsubscribeUrl}}", "leave"),
    ],
)
def test_found_in_html(html, link, words):
    found = of(FILLER * 3 + f"<div>{html}</div>" + FILLER)
    assert found.unsubscribe == link
    assert found.words.startswith(words)


@pytest.mark.parametrize(("words", "link"), [("配信停止", LINK), ("Unsubscribe", LINK), ("Newsletter abbestellen", "")])
def test_far_above_the_end_only_frequent_words_are_looked_for(words, link):
    assert of(f'<a href="{LINK}">{words}</a>' + FILLER * 40).unsubscribe == link


@pytest.mark.parametrize(
    "html",
    [
        FILLER * 3,
        "<p>You cannot unsubscribe from these messages.</p>" + "<br>" * 200 + f'<a href="{LINK}">Shop</a>',
        '<a href="#unsubscribe">Unsubscribe</a>',
        '<a name="x">Unsubscribe</a>',
        f'<a href="{LINK}">アカウントのロック解除</a>',
        "unsubscribe",
    ],
)
def test_not_found_in_html(html):
    found = of(html)
    assert found.searched
    assert found.unsubscribe == ""
    assert found.offset is None


@pytest.mark.parametrize(
    ("text", "link"),
    [
        (f"Unsubscribe: {LINK}\r\n", LINK),
        (f"Shop: https://example.com/shop\r\n\r\n配信停止はこちら\r\n{LINK}\r\n", LINK),
        (f"{LINK}\r\nis where to unsubscribe\r\n", LINK),
        ("Visit https://example.com/optout/1 to leave\r\n", "https://example.com/optout/1"),
        ("To unsubscribe write to mailto:leave@example.com\r\n", "mailto:leave@example.com"),
        ("To unsubscribe reply STOP\r\n", ""),
    ],
)
def test_plain_text(text, link):
    assert of(text, "Content-Type: text/plain; charset=utf-8").unsubscribe == link


@pytest.mark.parametrize("charset", ["iso-2022-jp", "shift_jis", "euc-jp", "utf-8"])
@pytest.mark.parametrize("encoding", ["8bit", "base64", "quoted-printable"])
def test_charsets_and_transfer_encodings(charset, encoding):
    body = f'<p>メールの配信停止は<a href="{LINK}">こちら</a>です。</p>'.encode(charset)
    encoded = {"8bit": bytes, "base64": base64.encodebytes, "quoted-printable": quopri.encodestring}[encoding](body)
    header = f"Content-Type: text/html; charset={charset}\r\nContent-Transfer-Encoding: {encoding}"
    found = of(encoded.replace(b"\n", b"\r\n"), header)
    assert found.unsubscribe == LINK
    assert found.words == "配信停止は こちら です。"


def test_the_html_part_comes_first_and_its_place_is_told():
    text = b"Content-Type: text/plain\r\n\r\nunsubscribe https://example.com/text\r\n"
    html = b'Content-Type: text/html\r\n\r\n<a href="https://example.com/html">unsubscribe</a>\r\n'
    raw = b"Content-Type: multipart/alternative; boundary=b\r\n\r\n--b\r\n" + text + b"--b\r\n" + html + b"--b--\r\n"
    found = body_links(scan(raw), mime_tree(scan(raw)))
    assert found.unsubscribe == "https://example.com/html"
    assert found.offset == raw.index(b"<a href")


@pytest.mark.parametrize(
    "header",
    ["Content-Type: application/pdf", "Content-Type: text/html\r\nContent-Disposition: attachment; filename=a.html"],
)
def test_nothing_to_search(header):
    assert not of(f'<a href="{LINK}">unsubscribe</a>', header).searched


@given(
    st.lists(
        st.sampled_from(
            [
                "<a ",
                "href=",
                "'",
                '"',
                ">",
                "</a",
                "unsubscribe",
                "https://",
                "{{",
                "}}",
                " ",
                "解除",
                "&amp;",
                "\x00",
                "<",
            ]
        ),
        max_size=40,
    ).map("".join)
)
def test_never_raises(html):
    assert of(html).searched == bool(html)
