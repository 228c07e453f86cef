"""An SPF record with one thing in it mended, everything else kept as it is written, octet by octet and in its order.

No edit lets more addresses pass than before, but for ``with_ses``, which lets SES send, and no record that is proposed ends in
``+all`` or ``?all``: RFC 7208 section 8.2 has a neutral result treated like none.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from todoku.auth.spf import record
from todoku.auth.spf.record import Fault

SES_TERM = "include:amazonses.com"
OPEN_ALL = re.compile(r"(?<= )[+?]?all(?= |\Z)", re.IGNORECASE)
END = re.compile(r"(?<= )[-+?~]?all(?= |\Z)", re.IGNORECASE)
ASKS_DNS = re.compile(r"[-+?~]?(?:include:|exists:|(?:a|mx|ptr)(?:[:/]|\Z))|redirect=", re.IGNORECASE)


def terms(text: str) -> list[str]:
    """The terms of a record in their order, without the version."""
    return text.split()[1:]


def with_milder_all(text: str) -> str:
    """The record with ``+all``, ``all`` and ``?all`` as ``~all``."""
    return OPEN_ALL.sub("~all", text)


def without(text: str, dropped: Callable[[str], bool]) -> str:
    """The record without the terms that are to be dropped, each with the blanks before it."""
    version, *pieces = re.split(r"(?= )", text)
    kept, blanks = [version], ""
    for piece in pieces:
        if piece == " ":
            blanks += piece
            continue
        kept += [] if dropped(piece[1:]) else [blanks, piece]
        blanks = ""
    return "".join(kept)


def without_term(text: str, term: str) -> str:
    """The record without one term, wherever it stands."""
    return without(text, lambda one: one == term)


def without_faults(text: str) -> str:
    """The record without the terms that make it invalid (RFC 7208 4.6), and without a second ``redirect=`` or ``exp=``."""
    while isinstance(compiled := record.parse(text), Fault):
        shorter = without_term(text, compiled.term)
        if shorter == text:
            return record.VERSION
        text = shorter
    return text


def without_lookups(text: str) -> str:
    """The record without the terms for which a receiver has to ask DNS."""
    return without(text, lambda term: ASKS_DNS.match(term) is not None)


def with_ses(text: str) -> str:
    """The record with SES's include before all other terms, where nothing can decide first; an empty one ends in ``~all``."""
    kept = without(text, lambda term: term.lower().lstrip("+") == SES_TERM)
    head, rest = kept[: len(record.VERSION)], kept[len(record.VERSION) :]
    return f"{head} {SES_TERM}{rest if rest.strip() else ' ~all'}"


def merged(records: Iterable[str]) -> str:
    """One record with the terms of all, each once; the end that they agree on, else ``~all``."""
    found = dict.fromkeys(term for one in records for term in terms(one))
    ends = [term for term in found if END.fullmatch(f" {term}", 1)]
    others = [term for term in found if term not in ends]
    return with_milder_all(" ".join([record.VERSION, *others, ends[0] if len(ends) == 1 else "~all"]))
