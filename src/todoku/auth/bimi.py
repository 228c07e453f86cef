"""The BIMI record of a domain: where its logo lies. draft-brand-indicators-for-message-identification, section 4.

The logo and its certificate are not fetched. No logo is shown unless the DMARC policy is quarantine or reject.
"""

from __future__ import annotations

import re

from todoku.auth.ask import Ask, ask
from todoku.auth.lone_record import LoneRecord, lone_record
from todoku.mail.tags import parse_tags

VERSION = re.compile(r"v[ \t]*=[ \t]*BIMI1[ \t]*(?:;|\Z)", re.IGNORECASE)


def bimi(domain: str) -> Ask[LoneRecord]:
    """The BIMI record of ``domain`` under the default selector."""
    return lone_record((yield from ask(f"default._bimi.{domain}", "TXT")), VERSION, defect)


def defect(record: str) -> str:
    """What makes the record invalid, in a few words, or "". An empty ``l=`` declines to show a logo, and is valid."""
    tags = parse_tags(record)
    if tags.problem:
        return tags.problem
    if "l" not in tags:
        return "l= is missing"
    for name in ("l", "a"):
        value = tags.get(name)
        if value and not value.lower().startswith("https://"):
            return f"{name}= is no https: address"
    return ""
