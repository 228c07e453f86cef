"""The visible unsubscribe link of a message's body, found by a bounded search over its bytes, not by an HTML parser.

People write it as "Unsubscribe" inside a link, as "To unsubscribe, click here", as 「配信停止はこちら」, or as a bare address
below such words in plain text. So words that say unsubscribe are looked for first, as UTF-8 octets and from the end of
the part, where the link nearly always stands; a link at the words, or near to them, is then the answer. The address of
a link may say it as well (``.../unsubscribe?u=1``).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape

import msgspec

from todoku.mail.charset import codec, to_text
from todoku.mail.message import Message
from todoku.mail.mime import Mime, Part, decoded

MAX_TEXT = 512 * 1024  # octets of one part
MAX_TEXT_PARTS = 8
MAX_HITS = 10  # places of one word that are looked at
NEAR = 250  # octets between words and their link, mark-up included
FOOTER = 8 * 1024  # octets at the end that are searched for all words, the rest only for the frequent ones

# Words and parts of addresses, lower-case. HTML's entities are rare inside them.
_FREQUENT = (
    "unsubscri", "配信停止", "登録解除", "購読解除", "配信解除", "退会", "opt-out", "opt out", "optout", "opt_out", "abmelden",
    "désabonn",
)  # fmt: skip
_OTHERS = (
    "解除はこちら", "登録の解除", "購読停止", "受信停止", "配信の停止", "配信を停止", "停止はこちら", "配信を希望され", "配信を希望し", "受信を希望", "メール設定",
    "email preferences", "e-mail preferences", "email settings", "mail settings", "subscription preferences",
    "manage preferences", "manage your preferences", "manage subscription", "manage your subscription", "stop receiving",
    "abbestellen", "austragen", "desabonn", "désinscri", "desinscri", "cancelar suscrip", "cancelar la suscrip",
    "darse de baja", "darte de baja", "desuscrib", "annulla iscrizione", "annulla l'iscrizione", "disiscri",
    "cancelar inscri", "cancelar a inscri", "cancelar subscri", "descadastr", "退订", "退訂", "取消订阅", "取消訂閱",
    "수신거부", "수신 거부", "구독 취소", "구독취소",
)  # fmt: skip
_ANYWHERE = tuple(word.encode() for word in _FREQUENT)
_IN_FOOTER = tuple(word.encode() for word in _FREQUENT + _OTHERS)
_ASCII_ANYWHERE = tuple(word for word in _ANYWHERE if word.isascii())
_ASCII_IN_FOOTER = tuple(word for word in _IN_FOOTER if word.isascii())

_HREF = re.compile(rb"""href\s*+=\s*+(?:"([^"]{1,2000})"|'([^']{1,2000})'|([^\s"'>]{1,2000}))""", re.IGNORECASE)
_ADDRESS = re.compile(rb"(?:https?://|mailto:)[^\s<>\"'\\\x00-\x20]{3,2000}|\{\{[^{}\s]{1,100}\}\}", re.IGNORECASE)
_TAG = re.compile(r"<[^<>]*+>?")
_SPACE = re.compile(r"\s+")
_HTML_MARKS = (b"href",)  # without one of these in it no part has a link
_PLAIN_MARKS = (b"://", b"mailto:", b"{{")
_LINK = re.compile(rb"(?:https?:|mailto:|\{\{|\[\[|%|#\{|\$\{)[^\s]", re.IGNORECASE)


class BodyLinks(msgspec.Struct, frozen=True, kw_only=True):
    """``unsubscribe`` is the link whose words or address say unsubscribe (in English, Japanese and other common
    languages), with the words around it; ``offset`` is where its part begins. ``searched`` False: no readable text part.
    """

    searched: bool
    unsubscribe: str = ""
    words: str = ""
    offset: int | None = None


def body_links(message: Message, mime: Mime) -> BodyLinks:
    """Whether the body shows a way to unsubscribe. Never raises, fetches nothing."""
    parts = [part for part in mime.parts if _is_readable(part)][:MAX_TEXT_PARTS]
    # The HTML part is the one that people see.
    parts.sort(key=_is_plain)
    for part in parts:
        found = _search(_octets(message, part), html=not _is_plain(part))
        if found:
            link, words = found
            return BodyLinks(searched=True, unsubscribe=link, words=words, offset=part.start)
    return BodyLinks(searched=bool(parts))


def _is_readable(part: Part) -> bool:
    text = part.content_type in ("text/html", "text/plain", "text/x-amp-html")
    return text and part.disposition != "attachment" and part.start < part.end


def _is_plain(part: Part) -> bool:
    return part.content_type == "text/plain"


def _octets(message: Message, part: Part) -> bytes:
    """The text of a part as UTF-8."""
    octets = decoded(message, part, MAX_TEXT)
    if (octets.isascii() and b"\x1b" not in octets) or codec(part.charset) in ("utf-8", "ascii", None):
        return octets
    return to_text(octets, part.charset).encode("utf-8", "replace")


def _search(text: bytes, *, html: bool) -> tuple[str, str] | None:
    """The link to unsubscribe in a text, and its words."""
    folded = text.lower()  # ASCII alone, so that octets of UTF-8 stay what they are
    if not any(mark in folded for mark in (_HTML_MARKS if html else _PLAIN_MARKS)):
        return None
    ascii_alone = text.isascii()
    footer = max(len(text) - FOOTER, 0)
    words = _ASCII_IN_FOOTER if ascii_alone else _IN_FOOTER
    found = _among(words, text, folded, range(footer, len(text)), html=html)
    if found is None and footer:
        words = _ASCII_ANYWHERE if ascii_alone else _ANYWHERE
        found = _among(words, text, folded, range(footer + NEAR), html=html)
    return found


def _among(words: tuple[bytes, ...], text: bytes, folded: bytes, span: range, *, html: bool) -> tuple[str, str] | None:
    """The first link in a span of the text that one of these words leads to."""
    for word in words:
        for place in _places(folded, word, span.start, span.stop):
            found = _near_html(text, folded, place) if html else _near_plain(text, place)
            if found:
                return found
    return None


def _places(folded: bytes, word: bytes, begin: int, end: int) -> Iterator[int]:
    """Where a word stands, from the end backwards."""
    for _ in range(MAX_HITS):
        place = folded.rfind(word, begin, end)
        if place < 0:
            return
        yield place
        end = place


def _near_html(text: bytes, folded: bytes, place: int) -> tuple[str, str] | None:
    """The link that words in HTML belong to: around them, else the next one, else the one before."""
    opened = folded.rfind(b"<a", max(place - 2500, 0), place)
    closed = folded.rfind(b"</a", max(opened, 0), place)
    if opened >= 0 and closed < 0:
        link = _href(text, opened, folded.find(b">", opened))
        if link:  # the words are inside the link, or in its address
            end = folded.find(b"</a", place, place + 2000)
            return link, _shown(text[opened : end if end >= 0 else place + 200])
    following = folded.find(b"<a", place, place + NEAR)
    for begin in (following, opened):
        if begin >= 0 and abs(begin - place) <= NEAR:
            link = _href(text, begin, folded.find(b">", begin))
            if link:
                first, last = min(begin, place), max(begin, place)
                return link, _shown(text[first : last + 200])
    return None


def _href(text: bytes, begin: int, end: int) -> str:
    match = _HREF.search(text, begin, end if end >= 0 else begin + 2500)
    if match is None:
        return ""
    target = (match[1] or match[2] or match[3]).strip()
    return unescape(target.decode("utf-8", "replace")) if _LINK.match(target) else ""


def _near_plain(text: bytes, place: int) -> tuple[str, str] | None:
    """The address that words in plain text belong to: the one that holds them, else the next one, else the one before."""
    begin = max(place - NEAR, 0)
    addresses = list(_ADDRESS.finditer(text, begin, place + NEAR))
    if not addresses:
        return None
    chosen = next((one for one in addresses if one.end() > place), addresses[-1])
    line = text.rfind(b"\n", begin, place) + 1 or begin
    return chosen[0].decode("utf-8", "replace"), _shown(text[line : max(chosen.start(), place + 60)])


def _shown(piece: bytes) -> str:
    """The words of a piece of text, on one line, without mark-up."""
    text = unescape(_TAG.sub(" ", piece[:4000].decode("utf-8", "ignore")))
    return _SPACE.sub(" ", text).strip()[:120]
