"""Whether enough has been seen of a domain's mail to raise its DMARC policy by one step, and what is still wanting.

Aggregate reports show what passes only where receivers report, and anybody can send one. So a stricter policy is advised from
reports that are verified alone, and not before they tell of enough: of four weeks, so that a newsletter of once a month is among
them; of a hundred messages; of two reporters, one of whom has so many mailboxes that hardly any stream passes it by.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import msgspec

from todoku.feedback.answers import DomainNow

MIN_DAYS = 28
MIN_MESSAGES = 100
MIN_REPORTERS = 2
LARGE_REPORTERS = ("google.com", "yahoo.com", "yahooinc.com", "microsoft.com", "outlook.com", "apple.com", "icloud.com")
"""Those with the most mailboxes, by the domain that signs their reports. From Japan's receivers alone the world is not seen."""
NEXT: dict[str, Literal["quarantine", "reject"]] = {"none": "quarantine", "": "quarantine", "quarantine": "reject"}


class NextPolicy(msgspec.Struct, frozen=True, kw_only=True):
    """The policy that comes next, and what has been seen of what must be: days with a report, messages, reporters."""

    policy: Literal["quarantine", "reject"]
    days: int
    messages: int
    reporters: int
    has_large_reporter: bool

    @property
    def enough(self) -> bool:
        """Whether it may be advised."""
        return (
            self.days >= MIN_DAYS
            and self.messages >= MIN_MESSAGES
            and self.reporters >= MIN_REPORTERS
            and self.has_large_reporter
        )


def next_policy(domain: DomainNow) -> NextPolicy | None:
    """What comes next for a domain all of whose mail passes; None where some fails, or nothing stricter is left."""
    policy = NEXT.get(domain.policy)
    if policy is None or domain.passing < domain.messages:
        return None
    return NextPolicy(
        policy=policy,
        days=domain.verified_days,
        messages=domain.verified,
        reporters=len(domain.verified_reporters),
        has_large_reporter=_has_large(domain.verified_reporters),
    )


def _has_large(reporters: Sequence[str]) -> bool:
    return any(one == large or one.endswith(f".{large}") for one in reporters for large in LARGE_REPORTERS)
