"""A DMARC policy record as its owner wrote it: RFC 9989 sections 4.7 and 4.8.

Only the version tag decides whether a TXT string is a DMARC record at all. Everything after it is read with patience: a
tag that is unknown or wrong is left out and named among the defects, as section 4.7 asks, so that a person can mend it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from functools import lru_cache
from typing import Literal, TypeVar

import msgspec

from todoku.mail.tags import Tags, parse_tags

Policy = Literal["none", "quarantine", "reject"]
Mode = Literal["r", "s"]
Word = TypeVar("Word", bound=str)

POLICIES: tuple[Policy, ...] = ("none", "quarantine", "reject")
MODES: tuple[Mode, ...] = ("r", "s")
KNOWN = frozenset({"v", "p", "sp", "np", "adkim", "aspf", "rua", "ruf", "fo", "t", "psd"})  # RFC 9989 4.7
HISTORIC = frozenset({"pct", "rf", "ri"})  # RFC 9989 appendix A
MAX_DEFECTS = 20
MAX_RECORD = 8_192  # characters of a record, as of a DKIM key's: a bound of ours
MAX_CACHED_LENGTH = 2048  # octets: a longer record is read anew each time, so that the cache stays small

VERSION = re.compile(r"[vV][ \t]*=[ \t]*DMARC1[ \t]*(?:;|\Z)")
"""dmarc-version = "v" equals %s"DMARC1": the name in any case, the value exactly (RFC 9989 4.8)."""

URI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[!-~]+")
MAILTO = re.compile(r"(?i:mailto):[^@?\s]+@[A-Za-z0-9._-]+(?:\?.*)?")
SIZE = re.compile(r"![0-9]{1,20}[kmgt]?\Z", re.IGNORECASE)
"""The size limit that RFC 7489 section 6.4 allowed after a URI; RFC 9989 has none, records in use still do."""


class DmarcRecord(msgspec.Struct, frozen=True, kw_only=True):
    """One parsed record (RFC 9989 section 4.7). ``defects`` are tags of what is wrong but does not make it useless:
    ``p-missing``, ``p-invalid`` (and so for ``sp np adkim aspf t psd``), ``unknown-tag:NAME``, ``historic-tag:pct``,
    ``duplicate-tag:NAME``, ``bad-uri:...``, ``unsupported-uri:...``, ``historic-size:...``, ``syntax:...``, ``empty-tag``, ``non-ascii``.
    """

    domain: str  # whose _dmarc name holds it
    text: str
    policy: Policy
    subdomain_policy: Policy | None = None  # sp
    nonexistent_policy: Policy | None = None  # np
    adkim: Mode = "r"
    aspf: Mode = "r"
    rua: tuple[str, ...] = ()
    ruf: tuple[str, ...] = ()
    testing: bool = False  # t=y
    psd: Literal["y", "n", "u"] = "u"
    defects: tuple[str, ...] = ()
    usable: bool = True  # False: receivers apply no DMARC processing (section 4.10.1), or a tag is repeated


def is_too_long(text: str) -> bool:
    """Whether a TXT string is a DMARC record longer than we read."""
    return len(text) > MAX_RECORD and VERSION.match(text) is not None


def parse_record(text: str, domain: str) -> DmarcRecord | None:
    """The record in a TXT string, or None where it is not a usable one: RFC 9989 section 4.7."""
    record = read_record(text, domain)
    return record if record is not None and record.usable else None


def read_record(text: str, domain: str) -> DmarcRecord | None:
    """The record in a TXT string, usable or not, or None where it is no DMARC record at all."""
    if VERSION.match(text) is None:  # RFC 9989 4.7: v= comes first and matches precisely, or the record is ignored
        return None
    return _cached(text, domain) if len(text) <= MAX_CACHED_LENGTH else _read(text, domain)


@lru_cache(maxsize=2048)
def _cached(text: str, domain: str) -> DmarcRecord:
    return _read(text, domain)


def _read(text: str, domain: str) -> DmarcRecord:
    tags = parse_tags(text)
    values: dict[str, str] = {}
    for name, value in tags.values.items():  # RFC 9989 4.8: tag names are the same in any case
        values.setdefault(name.lower(), value)
    defects = _shape_defects(text, tags, values)
    p = _word(values, "p", POLICIES, defects)
    sp = _word(values, "sp", POLICIES, defects)
    np = _word(values, "np", POLICIES, defects)
    rua, ruf = _uris(values, "rua", defects), _uris(values, "ruf", defects)
    if "p" not in values:
        defects.append("p-missing")
    repeated = len(values) < len(tags.values) or bool(tags.repeated)
    # RFC 9989 4.10.1: without a valid p, or with a wrong sp or np, the record is p=none if it has a valid rua, else nothing
    broken = p is None or (sp is None and "sp" in values) or (np is None and "np" in values)
    return DmarcRecord(
        domain=domain,
        text=text,
        policy="none" if broken or p is None else p,
        subdomain_policy=None if broken else sp,
        nonexistent_policy=None if broken else np,
        adkim=_word(values, "adkim", MODES, defects) or "r",
        aspf=_word(values, "aspf", MODES, defects) or "r",
        rua=rua,
        ruf=ruf,
        testing=_word(values, "t", ("y", "n"), defects) == "y",
        psd=_word(values, "psd", ("y", "n", "u"), defects) or "u",
        defects=tuple(defects[:MAX_DEFECTS]),
        usable=not repeated and (not broken or bool(rua)),  # RFC 6376 3.2: a repeated tag makes the whole list invalid
    )


def _shape_defects(text: str, tags: Tags, values: Mapping[str, str]) -> list[str]:
    defects = [f"syntax:{piece[:60]}" if piece else "empty-tag" for piece in tags.malformed]
    defects += [f"duplicate-tag:{name[:60].lower()}" for name in tags.repeated]
    if len(values) < len(tags.values):
        written = Counter(name.lower() for name in tags.values)
        defects += [f"duplicate-tag:{name[:60]}" for name, count in written.items() if count > 1]
    defects += [f"historic-tag:{name}" for name in values if name in HISTORIC]
    defects += [f"unknown-tag:{name[:60]}" for name in values if name not in KNOWN and name not in HISTORIC]
    if not text.isascii():
        defects.append("non-ascii")
    return defects


def _word(values: Mapping[str, str], name: str, allowed: tuple[Word, ...], defects: list[str]) -> Word | None:
    """The value of a tag as one of the words its rule allows, in any case (RFC 5234 2.3); None where it is not."""
    value = values.get(name)
    if value is None:
        return None
    word = next((word for word in allowed if word == value.lower()), None)
    if word is None:
        defects.append(f"{name}-invalid")
    return word


def _uris(values: Mapping[str, str], name: str, defects: list[str]) -> tuple[str, ...]:
    """The valid reporting URIs of ``rua`` or ``ruf``: dmarc-urilist (RFC 9989 4.8)."""
    uris = []
    for written in values.get(name, "").split(",") if values.get(name) else ():
        uri = SIZE.sub("", written.strip())
        if not URI.fullmatch(uri) or (uri[:7].lower() == "mailto:" and not MAILTO.fullmatch(uri)):
            defects.append(f"bad-uri:{written.strip()[:60]}")
            continue
        uris.append(uri)
        if uri != written.strip():
            defects.append(f"historic-size:{written.strip()[-20:]}")
        if not MAILTO.fullmatch(uri):  # RFC 9989 4.7: a scheme that receivers do not support is ignored
            defects.append(f"unsupported-uri:{uri[:60]}")
    return tuple(uris)
