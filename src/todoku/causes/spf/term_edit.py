"""An SPF record with one thing in it mended, everything else kept as it is written, octet by octet and in its order.

No edit lets more addresses pass than before, but for ``with_ses``, which lets SES send, and no record that is proposed ends in
``+all`` or ``?all``: RFC 7208 section 8.2 has a neutral result treated like none.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence

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
    """The record with ``+all``, ``all`` and ``?all`` as ``~all``.

    What stands behind ``+all`` is never reached (RFC 7208 5.1) and passed with all others: it goes before ``~all``, to pass still.
    """
    first = END.search(text)
    if first is not None and first[0][0] in "+aA" and text[first.end() :].strip(" "):
        return without(text, lambda term: END.fullmatch(f" {term}", 1) is not None) + " ~all"
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
    """The record without the terms for which a receiver has to ask DNS; an empty one where one of these kept others out."""
    asking = [term for term in terms(text) if ASKS_DNS.match(term)]
    return record.VERSION if any(map(keeps_out, asking)) else without(text, lambda term: term in asking)


def keeps_out(term: str) -> bool:
    """Whether addresses that a term matches do not pass, whatever stands behind it: without it they might."""
    return term[0] in "-~?"


def with_ses(text: str) -> str:
    """The record with SES's include before all other terms, where nothing can decide first; an empty one ends in ``~all``."""
    kept = without(text, lambda term: term.lower().lstrip("+") == SES_TERM)
    head, rest = kept[: len(record.VERSION)], kept[len(record.VERSION) :]
    return f"{head} {SES_TERM}{rest if rest.strip() else ' ~all'}"


def merged(records: Iterable[str]) -> str:
    """One record with the terms of all, each once; the end that they agree on, else ``~all``.

    A ``redirect=`` counts only where nothing before it matches (RFC 7208 6.1): beside the terms of others it becomes an include.
    """
    found: dict[str, None] = {}
    for one in records:
        own = _in_force(one)
        redirects = [term for term in own if term.lower().startswith("redirect=")]
        found |= dict.fromkeys(term for term in own if term not in redirects)
        if not END.search(one):
            found |= dict.fromkeys(f"include:{term.partition('=')[2]}" for term in redirects)
    ends = [term for term in found if END.fullmatch(f" {term}", 1)]
    others = [term for term in found if term not in ends]
    end = ends[0] if len(ends) == 1 else "~all"
    return without_faults(with_milder_all(" ".join([record.VERSION, *others, end])))


def _in_force(text: str) -> list[str]:
    """The terms of a record up to its ``all``: what stands behind it is never reached (RFC 7208 5.1)."""
    found = terms(text)
    at = next((index for index, term in enumerate(found) if END.fullmatch(f" {term}", 1)), len(found))
    return found[: at + 1]


def with_ses_passing(records: Sequence[str], cause: str, term: str, *, own: bool) -> str:
    """One record by which SES passes, of those at a name and what is wrong with them. ``own``: ``term`` stands in the record itself.

    What makes a record fail for everyone goes: the term that does, or where that stands in somebody else's record or is one too
    many, all terms that ask DNS.
    """
    text = merged(records) if len(records) > 1 else without_faults(records[0]) if records else record.VERSION
    if own and cause in ("target-none", "too-many-voids", "too-many-names"):
        text = record.VERSION if keeps_out(term) else without_term(text, term)
    elif cause not in ("", "matched", "no-match", "no-record", "several-records", "syntax"):
        text = without_lookups(text)
    return with_milder_all(with_ses(text))


def fullest_first(records: Iterable[str]) -> list[str]:
    """The records, the one first that names most beside SES: what is merged changes it least."""
    return sorted(records, key=lambda one: -sum(term.lower().lstrip("+") != SES_TERM for term in terms(one)))
