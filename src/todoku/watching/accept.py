"""What its owner has accepted: it is shown with the reason and until when, and does not count.

[[accept]]
requirement = "one-click-unsubscribe"
receiver = "yahoo"              # without it: all receivers
domain = "*.internal.example"   # without it: all domains, identities and accounts
reason = "mail among colleagues"
until = 2027-03-31              # the last day; then it counts again
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
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


class Accepted(msgspec.Struct, frozen=True):
    """A signal that does not count, and why."""

    signal: Signal
    accept: Accept


class Sifted(msgspec.Struct, frozen=True):
    """Signals that count, and those that do not. ``expired``: what was accepted until some day, and is to be looked at again."""

    counting: tuple[Signal, ...]
    accepted: tuple[Accepted, ...]
    expired: tuple[Accept, ...]


def sifted(signals: Iterable[Signal], accepts: Sequence[Accept], day: date) -> Sifted:
    """What counts. A signal about several receivers counts for those that are not accepted."""
    counting: list[Signal] = []
    accepted: list[Accepted] = []
    for signal in signals:
        holding = [one for one in accepts if one.holds(signal.requirement, signal.scope.about, day)]
        rest = _left(signal, {one.receiver for one in holding})
        if rest is None:
            accepted.append(Accepted(signal, holding[0]))
        else:
            counting.append(rest)
    return Sifted(tuple(counting), tuple(accepted), tuple(one for one in accepts if one.until < day))


def _left(signal: Signal, receivers: Collection[str]) -> Signal | None:
    """What is left of a signal where these receivers are accepted, "" being all of them; None: nothing."""
    if "" in receivers:
        return None
    left = tuple(one for one in signal.receivers if one not in receivers)
    if signal.receivers and not left:
        return None
    return msgspec.structs.replace(signal, receivers=left)
