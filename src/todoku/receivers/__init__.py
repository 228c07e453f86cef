"""The receivers: one file each, found by walking this folder. To add one, add a file; nothing lists them.

A file has all that todoku knows of its receiver: where its rules are written and since when they bind, what it does with mail that
does not meet them (never stronger than its source), and by what its servers and mailboxes are known. Rules are told in our own words;
each is linked to the page it was read on. Those of Japan's receivers were read in stored copies of their pages, never on the live ones.

``clause()`` fills in what all clauses of a receiver share, so that a requirement's file shows only what is its own.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping
from datetime import date

import msgspec

from todoku.words.receiver_facts import RULES_READ, ReceiverFacts
from todoku.words.verdict import Certainty, Clause, Consequence, Level, Receiver, Text, Volume

__all__ = [
    "ASKED_BY_DEFAULT",
    "FACTS",
    "GROUPS",
    "MAILBOX_DOMAINS",
    "NAMES",
    "RULES_READ",
    "DomainOwners",
    "clause",
    "receiver_of_mailbox",
]


def _facts() -> dict[Receiver, ReceiverFacts]:
    modules = [importlib.import_module(f"{__name__}.{found.name}") for found in pkgutil.iter_modules(__path__)]
    facts: list[ReceiverFacts] = sorted((module.FACTS for module in modules), key=lambda one: (one.place, one.key))
    return {one.key: one for one in facts}


FACTS: Mapping[Receiver, ReceiverFacts] = _facts()
"""What is known of each receiver, by its key, in the order of reports."""

ASKED_BY_DEFAULT: tuple[Receiver, ...] = tuple(key for key, facts in FACTS.items() if facts.asked_by_default)
"""Whose rules a sender is judged by unless others are named, or its mail is addressed to others."""

GROUPS: Mapping[str, tuple[Receiver, ...]] = {
    group: tuple(key for key, facts in FACTS.items() if facts.group == group)
    for group in dict.fromkeys(facts.group for facts in FACTS.values() if facts.group)
}
"""Names for several receivers at once, as a user gives them."""

NAMES: Mapping[Receiver, str] = {receiver: facts.name for receiver, facts in FACTS.items()}

MAILBOX_DOMAINS: Mapping[str, Receiver] = {domain: key for key, facts in FACTS.items() for domain in facts.mailboxes}
"""The domains in which anybody can have a mailbox, and the receiver that gives it out. Only that one can change their DNS."""


class DomainOwners:
    """To whom domains belong, with the names below them: compared label by label, as many labels as a domain has."""

    def __init__(self, owners: Mapping[str, Receiver]) -> None:
        """``owners``: by domain in lower case."""
        self._owners = owners
        self._depth = max((domain.count(".") + 1 for domain in owners), default=1)

    def owner(self, name: str) -> Receiver | None:
        """Whose ``name`` is, by itself or by the nearest domain above it."""
        labels = name.lower().rsplit(".", self._depth)[-self._depth :]
        names = (".".join(labels[at:]) for at in range(len(labels)))
        return next((found for name in names if (found := self._owners.get(name)) is not None), None)


_MAILBOXES = DomainOwners(MAILBOX_DOMAINS)


def receiver_of_mailbox(domain: str) -> Receiver | None:
    """Which receiver holds the mailboxes at ``domain`` or at a name above it, of those not asked by default."""
    found = _MAILBOXES.owner(domain)
    return found if found not in ASKED_BY_DEFAULT else None


def clause(  # noqa: PLR0913 -- a clause has that many parts; all but four have a default
    receiver: Receiver,
    volume: Volume,
    level: Level,
    text: Text,
    *,
    since: date | None = None,
    until: date | None = None,
    since_seen: bool = False,
    until_seen: bool = False,
    source: str = "",
    aspect: str = "",
    variant: str = "",
    codes: tuple[str, ...] = (),
    seen_codes: tuple[str, ...] = (),
    headline: Text | None = None,
    consequence: Consequence | None = None,
    certain: Certainty | None = None,
) -> Clause:
    """A clause with its receiver's page, first day, reading day and usual consequence, where the rule does not have its own.

    The consequence takes over ``codes``, unless it names its own, where its text says ``{codes}``.
    """
    facts = FACTS[receiver]
    usual = facts.must if level == "must" else facts.should
    return Clause(
        receiver=receiver,
        volume=volume,
        level=level,
        text=text,
        since=since or facts.since,
        until=until,
        since_seen=since_seen,
        until_seen=until_seen,
        source=source or facts.page,
        read_on=facts.read_on,
        aspect=aspect,
        variant=variant,
        codes=codes,
        seen_codes=seen_codes,
        headline=headline or (facts.headline if since is None else None),
        consequence=_with_codes(consequence or usual, codes),
        certain=certain or facts.certain,
    )


def _with_codes(consequence: Consequence, codes: tuple[str, ...]) -> Consequence:
    """The consequence with the replies that go with it in its sentence: "Gmail may reject this (550 5.7.26) or …"."""
    text = consequence.text
    if "{codes}" not in text.en:
        return consequence
    codes = consequence.codes or codes
    en, ja = (f" ({', '.join(codes)})", f"({'、'.join(codes)})") if codes else ("", "")
    filled = Text(text.en.replace("{codes}", en), text.ja.replace("{codes}", ja))
    return msgspec.structs.replace(consequence, text=filled, codes=codes)
