"""The DMARC result that a receiver wrote, beside the one that follows from its own words on SPF and DKIM.

The rule here: **only what the receiver wrote is used, and no DNS.** The domains that it names as authenticated are
compared with the From domain (RFC 9989 section 4.4, RFC 7489 section 3.1). Where the result that follows is not the one
that it wrote, the difference is named by what the field itself says: an override, a guess, an error, a strict record.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Literal, NamedTuple

import msgspec

from todoku.auth.dmarc.evaluate import DmarcResult
from todoku.auth.dmarc.record import POLICIES, Mode, Policy
from todoku.auth.suffixes import Suffixes
from todoku.mail.authres import AuthenticationResults, MethodResult
from todoku.mail.domain_name import ascii_domain
from todoku.words.verdict import Missing

Difference = Literal[
    "",  # what it wrote follows
    "no-result",  # it wrote of SPF or DKIM and not of DMARC
    "no-record",
    "best-guess",
    "temperror",
    "permerror",
    "undetermined",
    "not-comparable",  # what it wrote of SPF and DKIM does not suffice
    "arc",
    "local-policy",
    "strict",
    "best-guess-spf",
    "boundary",
    "unexplained",
]
Handling = Literal["applied", "eased", "sampled"]
Compauth = Literal["failed", "implicit", "blocked", "spoof", "arc", "passed", "soft-pass", "unchecked"]

NAMED: dict[str, Difference] = {
    "": "no-result",
    "none": "no-record",
    "bestguesspass": "best-guess",  # Microsoft: no record, and it would have passed
    "temperror": "temperror",
    "permerror": "permerror",
}
"""Words that are no verdict, and what each says."""

COMPAUTH: tuple[tuple[str, Compauth], ...] = (
    ("000", "failed"),
    ("001", "implicit"),
    ("002", "blocked"),
    ("010", "spoof"),
    ("130", "arc"),
    ("1", "passed"),
    ("2", "soft-pass"),
    ("3", "unchecked"),
    ("4", "unchecked"),
    ("6", "spoof"),
    ("7", "passed"),
    ("9", "unchecked"),
)
"""Microsoft's reason codes of its composite authentication, by their beginning."""

_MAIL_FROM = ("smtp.mailfrom", "smtp.mail", "smtp.mfrom", "smtp.envelope-from", "smtp.from", "envelope-from")
_PAIR = re.compile(r"(?:\A|(?<=[\s,;(]))(p|policy|sp|d|dis|override)=([a-z_]+)", re.IGNORECASE)
_SHORT = {"policy": "p", "d": "dis"}
_TOLD = {
    "policy.published-domain-policy": "p",
    "policy.dmarc": "p",
    "policy.policy": "p",
    "policy.published-subdomain-policy": "sp",
    "policy.applied-disposition": "dis",
    "policy.disposition": "dis",
    "action": "dis",
    "policy.override-reason": "override",
    "policy.override": "override",
    "policy_override": "override",
}
_BEST_GUESS = "best guess record for domain"  # Gmail: SPF by a record that the domain does not have


class ReceiverDmarc(msgspec.Struct, frozen=True, kw_only=True):
    """What a receiver wrote and what follows from it.

    ``aligned`` are the domains that it authenticated and that are aligned with ``author_domain``, ``related`` those of its
    organization, whatever mode the record asks for. ``policy`` and
    ``disposition`` are what it says that the owner asks for and what it did; ``override`` why it did otherwise.
    """

    author_domain: str
    written: str  # the word after dmarc=, "" where there is none
    follows: Literal["pass", "fail", "unknown"]
    difference: Difference
    aligned: tuple[str, ...] = ()
    related: tuple[str, ...] = ()
    policy: Policy | None = None
    disposition: str = ""
    override: str = ""
    handling: Handling | None = None
    compauth: Compauth | None = None
    compauth_reason: str = ""
    result: MethodResult | None = None  # the one of DMARC
    offset: int = 0

    @property
    def agrees(self) -> bool:
        """Whether it wrote what follows from its own words."""
        return not self.difference


def receiver_dmarc(
    fields: Sequence[AuthenticationResults],
    author_domain: str,
    suffixes: Suffixes,
    *,
    found: DmarcResult | Missing | None = None,
) -> ReceiverDmarc | None:
    """What one receiver's fields say of DMARC; None where they say nothing of SPF, DKIM or DMARC.

    ``author_domain`` stands in where the field does not name it. ``found`` is our own look at the author's record: it tells
    whether alignment is strict, and the organizational domain by the tree walk beside that of the suffix list: a
    receiver may go either way.
    """
    field, results = _one_look(fields)
    if field is None:
        return None
    dmarc = next((one for one in results if one.method == "dmarc"), None)
    named = "" if dmarc is None else _domain(dmarc.properties.get("header.from", ""))
    author = named or author_domain
    walked, record = ("", None) if not isinstance(found, DmarcResult) else (found.organizational_domain, found.record)
    seen = _Seen(author, results, suffixes, walked)
    related = seen.aligned("r", "r")
    aligned = related if record is None else seen.aligned(record.aspf, record.adkim)
    written = "" if dmarc is None else dmarc.result
    told = {} if dmarc is None else _told(dmarc)
    policy = _policy(told, own=seen.organization == author)
    follows: Literal["pass", "fail", "unknown"] = "pass" if aligned else "fail" if seen.is_enough else "unknown"
    compauth = next((one for one in results if one.method == "compauth"), None)
    code = "" if compauth is None else compauth.reason
    return ReceiverDmarc(
        author_domain=author,
        written=written,
        follows=follows,
        difference=_difference(written, follows, related, seen, told),
        aligned=aligned,
        related=related,
        policy=policy,
        disposition=told.get("dis", ""),
        override=told.get("override", ""),
        handling=_handling(policy, told) if written == "fail" else None,
        compauth=next((kind for prefix, kind in COMPAUTH if code.startswith(prefix)), None),
        compauth_reason=code,
        result=dmarc,
        offset=field.offset,
    )


def telling(fields: Sequence[AuthenticationResults]) -> tuple[AuthenticationResults, ...]:
    """The field that tells all; where each method has a field of its own, as at iCloud, all of those that tell something."""
    for field in fields:
        methods = [one.method for one in field.results]
        if "dmarc" in methods and ("spf" in methods or "dkim" in methods):
            return (field,)
    return tuple(field for field in fields if any(one.method in ("spf", "dkim", "dmarc") for one in field.results))


def _one_look(
    fields: Sequence[AuthenticationResults],
) -> tuple[AuthenticationResults | None, tuple[MethodResult, ...]]:
    """The field of DMARC's result, else the first that tells something, and the results of all that do."""
    found = telling(fields)
    first = next((field for field in found if field.of("dmarc")), found[0] if found else None)
    return first, tuple(one for field in found for one in field.results)


class _Identifier(NamedTuple):
    """A domain that the receiver looked at; "" where it does not name it. ``related``: of the author's organization."""

    domain: str
    related: bool
    result: MethodResult


class _Seen:
    """The domains that the receiver wrote beside the author's."""

    def __init__(self, author: str, results: Sequence[MethodResult], suffixes: Suffixes, walked: str) -> None:
        self.author = author
        self.results = results
        self.suffixes = suffixes
        self.organization = suffixes.organizational_domain(author)
        self.walked = walked if walked and f".{author}".endswith(f".{walked}") else ""
        self.dkim = [self._identifier(signing_domain(one), one) for one in results if one.method == "dkim"]
        spf = [one for one in results if one.method == "spf"]
        by_mail_from = [self._identifier(domain, one) for one in spf if (domain := mail_from_domain(one))]
        # RFC 7208 2.4: HELO stands in for an empty MAIL FROM, and beside another it is not DMARC's
        self.spf = by_mail_from or [self._identifier(helo_domain(one), one) for one in spf]

    def _identifier(self, domain: str, result: MethodResult) -> _Identifier:
        """RFC 9989 4.4: one organizational domain, by the suffix list or by the tree walk."""
        related = bool(domain and self.author) and (
            domain == self.author
            or self.suffixes.organizational_domain(domain) == self.organization
            or bool(self.walked and f".{domain}".endswith(f".{self.walked}"))
        )
        return _Identifier(domain, related, result)

    def aligned(self, aspf: Mode, adkim: Mode) -> tuple[str, ...]:
        """The domains that it authenticated and that are aligned: RFC 9989 section 4.4."""
        by_mode = ((aspf, self.spf), (adkim, self.dkim))
        passed = [(mode, one) for mode, some in by_mode for one in some if one.related and one.result.result == "pass"]
        return tuple(dict.fromkeys([one.domain for mode, one in passed if mode == "r" or one.domain == self.author]))

    @property
    def is_enough(self) -> bool:
        """Whether a fail can follow: nothing stands open that may be aligned."""
        both = (*self.spf, *self.dkim)
        open_ones = [
            one
            for one in both
            if (one.result.result == "pass" and not one.domain)
            or (one.result.result == "temperror" and (one.related or not one.domain))
        ]
        return bool(both and self.author and not open_ones)

    @property
    def by_arc(self) -> bool:
        """Whether the receiver says that it believed an ARC chain."""
        return any(
            (one.method == "arc" and one.result == "pass")
            or (one.method == "compauth" and one.reason == "130")
            or one.properties.get("arc_overridden_status", "").upper() == "OVERRIDDEN"
            or one.properties.get("policy.arc-aware-result", "").lower() == "pass"
            for one in self.results
        )

    @property
    def is_neighbour(self) -> bool:
        """Whether an authenticated name and the author's lie under one name that is a public suffix to us alone."""
        passed = [one.domain for one in (*self.spf, *self.dkim) if one.result.result == "pass"]
        end = self.author.split(".")[-2:]
        return self.author.count(".") > 1 and any(domain.split(".")[-2:] == end for domain in passed)


def _difference(written: str, follows: str, related: tuple[str, ...], seen: _Seen, told: dict[str, str]) -> Difference:
    """What parts the word that was written from the one that follows."""
    if written in NAMED:
        return NAMED[written]
    if written == follows:
        return ""
    if told.get("dis") in ("temperror", "permerror"):
        return NAMED[told["dis"]]
    if written not in ("pass", "fail"):
        return "undetermined"
    if follows == "unknown":
        return "not-comparable"
    if written == "pass" and seen.by_arc:
        return "arc"
    if told.get("override"):
        return "local-policy"
    if related and seen.author not in related:  # it turns on the record's modes
        return "strict"
    if written == "fail":
        guessed = any(is_best_guess(one.result) for one in seen.spf)
        return "best-guess-spf" if guessed else "unexplained"
    if seen.is_neighbour:
        return "boundary"
    return "unexplained" if seen.spf and seen.dkim else "not-comparable"


def _told(dmarc: MethodResult) -> dict[str, str]:
    """What stands with the result of the policy, the disposition and an override, in lower case.

    Gmail, Yahoo and OpenDMARC write ``(p=REJECT sp=NONE dis=NONE)``, rspamd ``(policy=none)``, Microsoft ``action=``, others
    ``policy.dmarc=``, Fastmail ``policy.applied-disposition=`` and ``policy.override-reason=``.
    """
    told: dict[str, str] = {}
    for name, value in _PAIR.findall(dmarc.comment):
        told.setdefault(_SHORT.get(name.lower(), name.lower()), value.lower())
    for name, value in dmarc.properties.items():
        if name in _TOLD and value:
            told[_TOLD[name]] = value.lower()
    if dmarc.reason:
        told.setdefault("override", dmarc.reason)
    return told


def _policy(told: dict[str, str], *, own: bool) -> Policy | None:
    """What the owner surely asks for: ``p``, or below the organizational domain the milder of ``p`` and ``sp``."""
    p, sp = told.get("p", ""), told.get("sp", "")
    asked = [policy for policy in POLICIES if policy == p or (policy == sp and not own)]
    return asked[0] if p and asked else None


def _handling(policy: Policy | None, told: dict[str, str]) -> Handling | None:
    """What became of a message that failed, where that is not plainly nothing."""
    disposition = told.get("dis", "")
    if disposition in ("oreject", "o.reject", "oquarantine", "o.quarantine"):
        return "eased"
    if disposition.startswith("pct."):
        return "sampled"
    if disposition not in POLICIES:
        return None
    if policy is not None and POLICIES.index(disposition) < POLICIES.index(policy):
        return "eased"
    return None if disposition == "none" else "applied"


def is_best_guess(spf: MethodResult) -> bool:
    """Whether a pass of SPF is the receiver's own guess, for want of a record: DMARC does not take it."""
    return spf.result == "pass" and _BEST_GUESS in spf.comment


def mail_from_domain(spf: MethodResult) -> str:
    """The MAIL FROM domain that a result of SPF names, be it as an address or alone; "" where it names none."""
    value = next((spf.properties[name] for name in _MAIL_FROM if spf.properties.get(name)), "")
    return _domain(value)


def helo_domain(spf: MethodResult) -> str:
    """The HELO name that a result of SPF names, or ""."""
    return _domain(spf.properties.get("smtp.helo", ""))


def signing_domain(dkim: MethodResult) -> str:
    """d=, else the domain of i=, which lies at or below it (RFC 6376 section 3.5)."""
    return _domain(dkim.properties.get("header.d", "")) or _domain(dkim.properties.get("header.i", ""))


def _domain(value: str) -> str:
    """The domain of an address or a domain as it stands in a property; "" where there is none."""
    return ascii_domain(value.rpartition("@")[2].strip("<>\"' ")) or ""
