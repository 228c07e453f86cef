"""The evidence of a domain that sends, or is to send, through SES: what DNS shows before a message is sent."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import msgspec

from todoku.auth.ask import Allowance, Ask, limited
from todoku.auth.setup import DomainSetup, domain_setup
from todoku.auth.suffixes import Suffixes
from todoku.causes.unreliable_dns import darkness
from todoku.evidence.facts import Evidence, Subject
from todoku.mail.address import Author
from todoku.mail.ses import SesStamp
from todoku.words.verdict import Missing

MAX_QUESTIONS = 150
"""DNS questions that one domain may cost, those of its SPF records included: ours."""


def gather_domain(
    name: str,
    *,
    selectors: Sequence[str],
    mail_from_domains: Sequence[str],
    now: datetime | None,
    suffixes: Suffixes,
) -> Ask[Evidence]:
    """The evidence of ``name`` (lower-case A-labels)."""
    allowance = Allowance(MAX_QUESTIONS)
    engine = domain_setup(name, selectors=selectors, mail_from_domains=mail_from_domains, suffixes=suffixes)
    setup = yield from limited(engine, allowance)
    dark = yield from darkness(setup.answers)
    facts = domain_facts(name, now, setup, dark, region=setup.region)
    return msgspec.structs.replace(facts, refused=tuple(allowance.refused))


def domain_facts(name: str, now: datetime | None, setup: DomainSetup, dark: Missing | None, *, region: str) -> Evidence:
    """The facts; where the DNS cannot be believed, why. ``region`` is that of SES, or ""."""
    return Evidence(
        subject=Subject(kind="domain", name=name),
        at=now,
        author=Author(domain=name, domains=(name,)),
        ses=SesStamp(sent_by_ses=True, region=region),
        dmarc=dark or setup.dmarc,
        author_domain=dark or setup.domain,
        reply_domain=dark or setup.domain,
        from_apex_txt=dark or setup.organization_txt,
        spf_trees=dark or setup.spf_trees,
        mail_from_names=dark or setup.mail_from_names,
        setup=dark or setup,
        dns=dark,
    )
