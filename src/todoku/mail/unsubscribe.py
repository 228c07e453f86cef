"""List-Unsubscribe and List-Unsubscribe-Post: RFC 2369 section 3.2, RFC 8058.

Each address stands in angle brackets, apart from the others by commas; comments and folds may stand anywhere, even inside
the brackets, where white space is to be ignored (RFC 2369 section 2). Nothing here is ever fetched.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice

import msgspec

from todoku.mail.encoded_word import decode_words
from todoku.mail.message import Field, Message

MAX_URIS = 50  # of one message
POST_VALUE = "List-Unsubscribe=One-Click"  # RFC 8058 section 3.1

_LIST_UNSUBSCRIBE = "list-unsubscribe"
_PIECE = re.compile(r"<([^<>]*+)(>?)|\(|\)|\\.|[^<()\\]++", re.DOTALL)
_SPACE = re.compile(r"\s+")
_URI = re.compile(r"(https?|mailto):(.+)", re.IGNORECASE | re.DOTALL)
_HOST = re.compile(r"//[^/?#\s]+")
_BARE_URI = re.compile(r"(?:https?|mailto):[^\s,<>]++", re.IGNORECASE)
_ENCODED_WORD = re.compile(r"=\?[^?\s]++\?[bBqQ]\?")


class Unsubscribe(msgspec.Struct, frozen=True, kw_only=True):
    """What the two fields say. ``uris`` in order, as written, for people; only ``https`` and ``mailto`` count.

    ``defects``: tags with byte offsets: ``several-fields``, ``no-angle-brackets`` (an address, but not in ``<>``),
    ``encoded-word`` (the field is decoded for people; receivers see no address), ``http``, ``several-https``,
    ``post-value`` (not exactly ``List-Unsubscribe=One-Click``), ``several-posts``, ``post-alone``, ``syntax``.

    A Post value that differs in case or white space alone still counts as ``one_click``, with its defect.
    """

    present: bool
    uris: tuple[str, ...] = ()
    https: str = ""
    mailto: str = ""
    http: str = ""
    one_click: bool = False  # an https URI and a right List-Unsubscribe-Post
    post: str | None = None
    defects: tuple[tuple[str, int], ...] = ()
    list_headers: tuple[str, ...] = ()  # names of every List-* field and of Precedence: bulk
    offset: int | None = None
    post_offset: int | None = None


def unsubscribe(message: Message) -> Unsubscribe:
    """What the message offers to unsubscribe by its header. Never raises, fetches nothing."""
    defects: list[tuple[str, int]] = []
    fields = message.all(_LIST_UNSUBSCRIBE)
    uris = list(islice((uri for field in fields for uri in _uris(field, defects)), MAX_URIS))
    defects += [("several-fields", field.offset) for field in fields[1:]]  # RFC 2369 section 2: at most one
    first: dict[str, str] = {}
    for scheme, uri, offset in uris:
        if scheme == "http":
            defects.append(("http", offset))
        elif scheme == "https" and scheme in first:  # RFC 8058 section 3.1: one HTTPS URI
            defects.append(("several-https", offset))
        first.setdefault(scheme, uri)
    posts = message.all("list-unsubscribe-post")
    one_click = _says_one_click(posts, bool(fields), defects) and "https" in first
    return Unsubscribe(
        present=bool(fields),
        uris=tuple(uri for _, uri, _ in uris),
        https=first.get("https", ""),
        mailto=first.get("mailto", ""),
        http=first.get("http", ""),
        one_click=one_click and not any(tag == "encoded-word" for tag, _ in defects),
        post=posts[0].value if posts else None,
        defects=tuple(sorted(defects, key=_offset)),
        list_headers=_list_headers(message),
        offset=fields[0].offset if fields else None,
        post_offset=posts[0].offset if posts else None,
    )


def _offset(defect: tuple[str, int]) -> int:
    return defect[1]


def _uris(field: Field, defects: list[tuple[str, int]]) -> Iterator[tuple[str, str, int]]:
    """The (scheme, URI, octet) of each address of a field; the scheme is "" where it is none of ours."""
    text = field.body.decode("latin-1")
    start = field.offset + field.colon + 1
    word = _ENCODED_WORD.search(text)
    if word:  # RFC 2047 section 5 allows none here, yet a big sender writes them
        defects.append(("encoded-word", start + word.start()))
        text = decode_words(field.value)
    found = False
    for content, position in _bracketed(text, start, defects):
        found = True
        scheme = _scheme(content)
        place = start + (word.start() if word else position)
        if not scheme:
            defects.append(("syntax", place))
        yield scheme, content, place
    if not found:
        bare = _BARE_URI.search(text)
        tag = "no-angle-brackets" if bare else "syntax"
        defects.append((tag, start + bare.start() if bare and not word else start))
        if bare:
            yield "", bare[0], start


def _bracketed(text: str, start: int, defects: list[tuple[str, int]]) -> Iterator[tuple[str, int]]:
    """What stands in each pair of angle brackets outside comments, white space removed, and where."""
    depth = 0
    for piece in _PIECE.finditer(text):
        char = piece[0][0]
        if char == "(":
            depth += 1
        elif char == ")":
            depth = max(depth - 1, 0)
        elif char == "<" and not depth:
            if not piece[2]:
                defects.append(("syntax", start + piece.start()))
            yield _SPACE.sub("", piece[1]), piece.start()


def _scheme(uri: str) -> str:
    match = _URI.fullmatch(uri)
    if match is None:
        return ""
    scheme = match[1].lower()
    usable = "@" in match[2] if scheme == "mailto" else _HOST.match(match[2])
    return scheme if usable else ""


def _says_one_click(posts: tuple[Field, ...], present: bool, defects: list[tuple[str, int]]) -> bool:
    """Whether List-Unsubscribe-Post says what RFC 8058 section 3.1 prescribes."""
    if not posts:
        return False
    defects += [("several-posts", field.offset) for field in posts[1:]]
    if not present:
        defects.append(("post-alone", posts[0].offset))
    value = posts[0].value
    if value == POST_VALUE:
        return True
    defects.append(("post-value", posts[0].offset))
    return _SPACE.sub("", value).lower() == POST_VALUE.lower()


def _list_headers(message: Message) -> tuple[str, ...]:
    names = [field.written_name.strip() for field in message.fields if field.name.startswith("list-")]
    precedence = message.first("precedence")
    if precedence is not None and precedence.value.lower() in ("bulk", "list"):
        names.append(f"Precedence: {precedence.value.lower()}")
    return tuple(dict.fromkeys(names))
