"""What was seen to be wrong just now, and what could be looked at: the two things that alarms are made of.

A signal has no memory. That it was there before, or is gone, is known to ``alarm.py`` alone.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import chain
from typing import Literal

import msgspec

from todoku.judging.judge import ReadyFix
from todoku.words.verdict import Exhibit, Reason, Values

SignalLevel = Literal["warn", "fail"]


class Signal(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that is wrong with one subject.

    ``scope``: what was looked at to see it (``verdicts/dmarc-record``, ``passing/DKIM``, ``drift``); with ``about`` it says
    whether a later silence means that it is gone. ``cause``: what the subjects of one alarm share. ``about``: a domain, an identity
    with its account and region (``example.com (123456789012 eu-west-1)``), or a source that is asked. ``part``: what of the cause it is, where that is several
    things, such as records that were lost together; one alarm names them all. ``event``: it happened and does not last, so it is
    told and not kept. ``holds``: seconds for which it must stay away before the alarm ends. ``accepted``: somebody said that it
    may be so; then nobody is told.
    """

    requirement: str
    reason: Reason
    level: SignalLevel
    scope: str
    cause: str
    about: str
    part: str = ""
    values: Values = {}
    exhibits: tuple[Exhibit, ...] = ()
    fixes: tuple[ReadyFix, ...] = ()
    event: bool = False
    holds: int = 0
    accepted: bool = False


class Looked(msgspec.Struct, frozen=True, kw_only=True):
    """What could be looked at this time: pairs of a scope and what it is about. Whatever is not in it is as it was.

    ``left``: subjects that nobody watches any more; their alarms end without a word.
    """

    scopes: frozenset[tuple[str, str]] = frozenset()
    left: frozenset[str] = frozenset()

    def __or__(self, other: Looked) -> Looked:
        """Both together."""
        return Looked(scopes=self.scopes | other.scopes, left=self.left | other.left)


class Seen(msgspec.Struct, frozen=True, kw_only=True):
    """What one kind of look gave: its signals, and where it could look."""

    signals: tuple[Signal, ...] = ()
    looked: Looked = Looked()


def all_seen(parts: Iterable[Seen]) -> Seen:
    """What several looks gave, as one. There may be tens of thousands: each is gone through once."""
    every = tuple(parts)
    return Seen(
        signals=tuple(chain.from_iterable(one.signals for one in every)),
        looked=Looked(
            scopes=frozenset(chain.from_iterable(one.looked.scopes for one in every)),
            left=frozenset(chain.from_iterable(one.looked.left for one in every)),
        ),
    )
