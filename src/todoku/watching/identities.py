"""Identities of an SES account that were there and are no more: SES refuses mail from them, or signs it as a broader one does.

One that is away is told of at once, and again when it is back. After three days its owner is taken to have meant it: the alarm ends without
a word. Whatever else was wrong with the identity ends with it. A listing that could not be had says nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

import msgspec

from todoku.causes.witnesses.over_time import IDENTITY_GONE
from todoku.watching.drift import SETTLED
from todoku.watching.signal import Looked, Seen, Signal
from todoku.words.verdict import Exhibit

KIND = "identities"


class Roll(msgspec.Struct, frozen=True):
    """The identities of an account, by its number, in one region: those that are there, and since when others are not."""

    account: str
    region: str
    there: tuple[str, ...] = ()
    gone: dict[str, datetime] = {}

    @property
    def abouts(self) -> frozenset[str]:
        """What signals of all of them are about."""
        return frozenset(self.about(name) for name in (*self.there, *self.gone))

    def about(self, identity: str) -> str:
        """What signals of an identity are about: two accounts may have the same identity in one region."""
        return f"{identity} ({self.account} {self.region})"


class Called(msgspec.Struct, frozen=True):
    """A look, and what to remember of it."""

    seen: Seen
    roll: Roll


def look_at(listed: Iterable[str], before: Roll, at: datetime) -> Called:
    """Who is missing of those that were there. ``listed``: all identities that SES lists in the region now."""
    there = tuple(sorted(listed))
    missing = {name: before.gone.get(name, at) for name in (*before.there, *before.gone) if name not in there}
    gone = {name: since for name, since in sorted(missing.items()) if at - since < SETTLED}
    looked = Looked(
        scopes=frozenset((KIND, before.about(name)) for name in there),
        left=frozenset(before.about(name) for name in missing),
    )
    signals = tuple(_signal(name, before) for name in gone)
    return Called(Seen(signals=signals, looked=looked), Roll(before.account, before.region, there, gone))


def _signal(name: str, roll: Roll) -> Signal:
    return Signal(
        scope=KIND,
        about=roll.about(name),
        requirement="dkim",
        reason=IDENTITY_GONE,
        level="fail",
        cause=f"{IDENTITY_GONE.tag}/{roll.account} {roll.region}",
        values={"identity": name, "region": roll.region},
        exhibits=(Exhibit("api", f"ListEmailIdentities {roll.region}", "-"),),
    )
