"""SPF: may this address send for this domain? RFC 7208."""

from __future__ import annotations

from typing import Literal

import msgspec

from todoku.auth.ask import Answer, Ask

SpfOutcome = Literal["none", "neutral", "pass", "fail", "softfail", "temperror", "permerror"]
SpfCause = Literal[
    "matched",  # a directive matched: `term` at `term_domain`
    "no-match",  # none did: neutral, section 4.7
    "no-record",
    "several-records",
    "syntax",
    "too-many-lookups",
    "too-many-voids",
    "too-many-names",  # more than 10 MX or PTR names, section 4.6.4
    "include-none",  # an include: or redirect= target has no record
    "bad-domain",  # section 4.3
    "dns-failed",
    "limit",  # one of our own limits was hit
]


class SpfNode(msgspec.Struct, frozen=True):
    """One record that was read: at which domain, by which term of its parent, and what it needed (section 4.6.4)."""

    domain: str
    record: str
    via: str  # "include:amazonses.com", "redirect=...", "" for the first
    depth: int
    lookups: int  # querying terms spent up to and with this record's own
    voids: int


class SpfResult(msgspec.Struct, frozen=True, kw_only=True):
    """What check_host() says and the evidence for it."""

    result: SpfOutcome
    cause: SpfCause
    domain: str  # whose record was evaluated first
    identity: Literal["mailfrom", "helo"]
    ip: str
    sender: str
    helo: str = ""
    record: str = ""
    term: str = ""  # the directive that matched, or the one that is wrong
    term_domain: str = ""  # the domain whose record holds `term`
    detail: str = ""  # the offending name, text or DNS status
    explanation: str = ""  # section 6.2, filled in on fail
    lookups: int = 0
    voids: int = 0
    nodes: tuple[SpfNode, ...] = ()
    answers: tuple[Answer, ...] = ()


def check_host(ip: str, domain: str, sender: str, *, helo: str = "", default_explanation: str = "") -> Ask[SpfResult]:
    """The ``check_host()`` function of RFC 7208 section 4."""
    raise NotImplementedError


def check_identity(ip: str, mail_from: str, helo: str) -> Ask[SpfResult]:
    """SPF of an SMTP session: the MAIL FROM domain, or for an empty MAIL FROM the HELO name as ``postmaster@helo`` (2.4)."""
    raise NotImplementedError
