"""What stands around a signature or an SPF result and helps to say why it failed: whose domain is whose, and how old."""

from __future__ import annotations

import msgspec

from todoku.auth.dkim.verify import DkimResult
from todoku.auth.dmarc import DmarcResult
from todoku.mail.address import Author
from todoku.mail.route import Route
from todoku.mail.ses import SesStamp
from todoku.words.verdict import Finding, Missing, Note

AMAZON = "amazonses.com"


class Circumstances(msgspec.Struct, frozen=True, kw_only=True):
    """The From domain, the organizational domain above it, the way the message took, and when it arrived."""

    author_domain: str
    organization: str
    route: Route
    ses: SesStamp
    signers: tuple[tuple[str, str], ...] = ()  # d= and s= of every signature
    age_days: float | None = None
    arrived: float | None = None  # seconds since 1970

    def is_own(self, domain: str) -> bool:
        """Whether a domain is of the organization that stands in From."""
        return is_within(domain, self.organization)


def circumstances(
    dmarc: DmarcResult | Missing,
    dkim: tuple[DkimResult, ...] | Missing,
    route: Route,
    ses: SesStamp,
    age_days: float | Missing,
) -> Circumstances:
    """What is known around the message. Without DMARC's result there is no one From domain, and nothing is its own."""
    border = None if route.border is None else route.hops[route.border].date
    return Circumstances(
        author_domain="" if isinstance(dmarc, Missing) else dmarc.author_domain,
        organization=organizational_domain(dmarc),
        route=route,
        ses=ses,
        signers=() if isinstance(dkim, Missing) else tuple([(one.domain, one.selector) for one in dkim]),
        age_days=None if isinstance(age_days, Missing) else age_days,
        arrived=None if border is None else border.timestamp(),
    )


def organization(author: Author, dmarc: DmarcResult | Missing) -> str:
    """The organizational domain of the From domain; "" where there is no one From domain."""
    return organizational_domain(dmarc) or author.domain


def organizational_domain(dmarc: DmarcResult | Missing) -> str:
    """The organizational domain by the suffix list, which needs no record to stand there; "" where there is none."""
    return "" if isinstance(dmarc, Missing) else dmarc.psl.organizational_domain or dmarc.author_domain


def is_within(domain: str, parent: str) -> bool:
    """Whether ``domain`` is ``parent`` or lies below it."""
    return bool(parent) and (domain == parent or domain.endswith(f".{parent}"))


def is_amazon(domain: str) -> bool:
    """Whether it is a domain of SES itself, which every customer shares."""
    return is_within(domain, AMAZON)


def passing_domains(dkim: tuple[DkimResult, ...]) -> tuple[str, ...]:
    """The d= of every signature that passes, each once."""
    return tuple(dict.fromkeys(one.domain for one in dkim if one.result == "pass"))


def unseen(missing: Missing, notes: tuple[Note, ...] = ()) -> Finding:
    """The finding about a fact that could not be had."""
    return Finding("unknown", missing.reason, missing.values, notes=notes, missing=missing.kind)
