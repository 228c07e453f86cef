"""A DMARC record with one thing in it mended, every other tag kept as it is written, octet by octet and in its order.

A record is a list of pieces between semicolons; an edit rewrites the pieces that it is about, or adds one behind the last.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from todoku.auth.dmarc.record import MAILTO, MODES, POLICIES, VERSION

FIRST_RECORD = "v=DMARC1; p=none"
LONGEST_WORD = 20  # characters of what stands for a word that are compared

_PIECE = re.compile(r"([ \t]*([A-Za-z][A-Za-z0-9_]*)[ \t]*=[ \t]*)(.*?)([ \t]*)", re.DOTALL)
_VERSION_PIECE = re.compile(r"[ \t]*(?:v[ \t]*=.*|dmarc1?(?:\.0)?[ \t]*)", re.IGNORECASE | re.DOTALL)
_AFTER_VERSION = re.compile(r"\A[ \t]*v[ \t]*=[ \t]*dmarc1[ \t,]+(?=[a-z])", re.IGNORECASE)
_WORDS = {"p": POLICIES, "sp": POLICIES, "np": POLICIES, "adkim": MODES, "aspf": MODES, "t": ("y", "n"), "psd": ("y", "n", "u")}  # fmt: skip


def value_of(text: str, tag: str) -> str:
    """The value of a tag as it is written, "" where the record does not have it."""
    return next((match[3] for match in map(_PIECE.fullmatch, text.split(";")) if match and match[2].lower() == tag), "")


def with_tag(text: str, tag: str, value: str) -> str:
    """The record with a tag at this value: in its place, else behind the others."""
    pieces = text.split(";")
    for index, match in enumerate(map(_PIECE.fullmatch, pieces)):
        if match and match[2].lower() == tag:
            pieces[index] = f"{match[1]}{value}{match[4]}"
            return ";".join(pieces)
    return f"{text.rstrip(' ;')}; {tag}={value}"


def with_report_address(text: str, address: str) -> str:
    """The record with one more address for aggregate reports."""
    given = value_of(text, "rua").rstrip(", ")
    return with_tag(text, "rua", f"{given},mailto:{address}" if given else f"mailto:{address}")


def with_mailto(text: str) -> str:
    """The record with ``mailto:`` before those addresses of ``rua`` that lack it."""
    written = value_of(text, "rua")
    uris = [re.sub(r"\A\s*(?=[^:\s]+@[^:\s]+\Z)", "mailto:", uri) for uri in written.split(",")]
    return with_tag(text, "rua", ",".join(uris)) if written else text


def repaired(text: str) -> str:
    """The record as it was meant: the version first, each tag once, a word where one is asked for, and a policy.

    Of a word that is no other word's misspelling nothing can be told: ``p`` is ``none`` then, any other tag goes.
    """
    pieces = text.split(";")
    if VERSION.match(text) is None:
        others = (_AFTER_VERSION.sub(" ", piece, count=1) for piece in pieces)  # a version without its semicolon
        pieces = ["v=DMARC1", *(piece for piece in others if not _VERSION_PIECE.fullmatch(piece))]
    kept: list[str] = []
    places: dict[str, int] = {}
    for piece in pieces:
        match = _PIECE.fullmatch(piece)
        tag = match[2].lower() if match else ""
        if match is None or tag not in _WORDS:
            written = piece
        elif (word := meant(match[3], _WORDS[tag])) or tag == "p":
            written = piece if match[3].lower() in _WORDS[tag] else f"{match[1]}{word or 'none'}{match[4]}"
        else:
            continue
        if match is not None and tag in places:
            if tag in ("rua", "ruf"):
                kept[places[tag]] += f",{match[3]}"
            continue
        places.setdefault(tag, len(kept))
        kept.append(written)
    if "p" not in places:  # RFC 9989 4.7: p stands behind v
        kept.insert(1, " p=none")
    return ";".join(kept)


def meant(written: str, words: Sequence[str]) -> str:
    """The word of which this is another spelling or a misspelling, by at most one wrong letter in three, or ""."""
    given = written.strip().lower()[:LONGEST_WORD]
    word = min(words, key=lambda one: _edits(given, one))
    return word if _edits(given, word) <= len(word) // 3 else ""


def _edits(one: str, other: str) -> int:
    """How many letters have to be put in, taken out or changed to make one text of the other."""
    row = list(range(len(other) + 1))
    for count, letter in enumerate(one, 1):
        before, row[0] = row[0], count
        for index, wanted in enumerate(other, 1):
            before, row[index] = row[index], min(row[index] + 1, row[index - 1] + 1, before + (letter != wanted))
    return row[-1]


def misspelt(text: str) -> list[tuple[str, str, str]]:
    """Tags whose word is another one's misspelling: the tag, what is written, and what was meant."""
    read = ((tag, value_of(text, tag), words) for tag, words in _WORDS.items())
    return [
        (tag, written, word)
        for tag, written, words in read
        if written and written.lower() not in words and (word := meant(written, words))
    ]


def has_report_address(text: str) -> bool:
    """Whether an address for aggregate reports can be used."""
    return any(MAILTO.fullmatch(uri.strip()) for uri in value_of(text, "rua").split(","))
