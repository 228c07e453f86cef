"""What its owner has accepted not to meet, why, and until when: it is shown and does not count.

[[accept]]
requirement = "one-click-unsubscribe"
receiver = "yahoo"              # without it: all receivers
domain = "*.internal.example"   # without it: all domains, identities and accounts
reason = "mail among colleagues"
until = 2027-03-31              # the last day; then it counts again
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from fnmatch import fnmatchcase

import msgspec

from todoku.words.verdict import Text


class Accept(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One requirement that its owner has accepted not to meet. ``domain`` is a name, or a pattern with ``*``."""

    requirement: str
    reason: str
    until: date
    receiver: str = ""
    domain: str = "*"

    def holds(self, requirement: str, about: str, day: date) -> bool:
        """Whether it says anything of a requirement and a domain or identity on a day, in whatever region that is.

        An identity may have its region behind it: ``example.com (eu-west-1)``.
        """
        name = about.partition(" ")[0].lower()
        return self.requirement == requirement and day <= self.until and fnmatchcase(name, self.domain.lower())


def holding(accepts: Iterable[Accept], requirement: str, about: str, day: date, receiver: str = "") -> Accept | None:
    """What says that a requirement need not be met.

    ``receiver`` "": by whomever, so that what is accepted for one receiver alone says nothing.
    """
    return next((one for one in accepts if one.receiver in ("", receiver) and one.holds(requirement, about, day)), None)


def unknown_accepted(requirement: str) -> Text:
    """What is said of a requirement that there is none of."""
    return Text(
        f"[[accept]]: there is no requirement {requirement!r}; todoku rules lists them",
        f"[[accept]]: {requirement!r} という要件はありません。一覧は todoku rules で表示できます",
    )


def expired(accepts: Iterable[Accept], day: date) -> tuple[Accept, ...]:
    """What was accepted until a day that is past: it counts again, and somebody should look at it."""
    return tuple(one for one in accepts if one.until < day)
