"""What its owner has accepted: it is shown with the reason and until when, and does not count.

[[accept]]
requirement = "one-click-unsubscribe"
receiver = "yahoo"              # without it: all receivers
domain = "*.internal.example"   # without it: all domains, identities and accounts
reason = "mail among colleagues"
until = 2027-03-31              # the last day; then it counts again
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from fnmatch import fnmatchcase

import msgspec

from todoku.watching.signal import Signal


class Accept(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One requirement that its owner has accepted not to meet. A domain is a name, or a pattern with ``*``."""

    requirement: str
    reason: str
    until: date
    receiver: str = ""
    domain: str = "*"

    def holds(self, requirement: str, about: str, day: date) -> bool:
        """Whether it says anything of a requirement and a domain on a day."""
        names = self.domain.lower()
        return self.requirement == requirement and day <= self.until and fnmatchcase(about.lower(), names)


def holding(accepts: Iterable[Accept], requirement: str, about: str, day: date, receiver: str = "") -> Accept | None:
    """What says that a requirement need not be met; ``receiver`` "": by whomever, so that one accepted for a receiver alone says nothing."""
    return next((one for one in accepts if one.receiver in ("", receiver) and one.holds(requirement, about, day)), None)


def marked(signals: Iterable[Signal], accepts: Sequence[Accept], day: date) -> tuple[Signal, ...]:
    """The signals, those that somebody has accepted marked as such."""
    return tuple(
        msgspec.structs.replace(one, accepted=True) if holding(accepts, one.requirement, one.about, day) else one
        for one in signals
    )


def expired(accepts: Iterable[Accept], day: date) -> tuple[Accept, ...]:
    """What was accepted until a day that is past: it counts again, and somebody should look at it."""
    return tuple(one for one in accepts if one.until < day)
