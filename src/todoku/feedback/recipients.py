"""Whose mailbox a recipient's domain is: the receiver that bounces are counted under."""

from __future__ import annotations

from collections.abc import Mapping

from todoku.feedback.replies.rule import Replier
from todoku.receivers import FACTS, DomainOwners

DOMAINS: Mapping[Replier, tuple[str, ...]] = {
    **{name: facts.mailboxes for name, facts in FACTS.items() if facts.mailboxes},
    "jcom": ("jcom.home.ne.jp", "jcom.zaq.ne.jp"),
}
"""The domains of mailboxes that a receiver gives out, each with those below it."""
_OWNERS = DomainOwners({domain: name for name, domains in DOMAINS.items() for domain in domains})
# A company's own domain, of which only the MX record tells who has the mailboxes, is not in it.


def receiver_of(domain: str) -> Replier | None:
    """The receiver of a recipient's domain or one above it (``d.vodafone.ne.jp``); None for all others."""
    return _OWNERS.owner(domain.rstrip("."))
