"""How fast an API may be asked: a token bucket that slows down when the API says so, and finds its pace again.

SES allows one call a second for most reads, counted for an account in a region, and does not say how many at once. So
a bucket starts full, and each "too many requests" empties it and halves the rate; each call that is let through raises
it again by a tenth, up to where it began. Time and chance are given, so that a test needs neither.
"""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from time import monotonic, sleep

import msgspec

SLOWEST = 1 / 16  # of the rate: others may be calling too, and SES counts all
LONGEST_HOLD = 20.0  # seconds


class Timing(msgspec.Struct, frozen=True, kw_only=True):
    """What a pace is made of: calls a second, calls at once, and who tells the time, waits, and draws lots."""

    rate: float = 1.0
    burst: int = 10
    clock: Callable[[], float] = monotonic
    sleep: Callable[[float], object] = sleep
    chance: Random = msgspec.field(default_factory=Random)


class Pace:
    """The pace of one account in one region. It is used by one thread at a time."""

    def __init__(self, timing: Timing) -> None:
        """Start with a full bucket."""
        self._timing = timing
        self._rate = timing.rate
        self._tokens = float(timing.burst)
        self._at = timing.clock()

    def wait(self) -> None:
        """Take a token, and wait for it where there is none."""
        self._refill()
        if self._tokens < 1:
            self._timing.sleep((1 - self._tokens) / self._rate)
            self._refill()
        self._tokens = max(0.0, self._tokens - 1)

    def let_through(self) -> None:
        """A call was answered: go a little faster, if the pace had slowed down."""
        self._rate = min(self._timing.rate, self._rate * 1.1)

    def hold(self, attempt: int, *, throttled: bool) -> None:
        """Wait after the ``attempt``-th failure, twice as long each time and never two callers alike; slow down."""
        if throttled:
            self._rate = max(self._timing.rate * SLOWEST, self._rate / 2)
        longest = min(LONGEST_HOLD, 2.0 ** (attempt - 1))
        self._timing.sleep(longest * (0.5 + self._timing.chance.random() / 2))
        self._refill()
        if throttled:
            self._tokens = min(self._tokens, 1.0)

    def _refill(self) -> None:
        now = self._timing.clock()
        self._tokens = min(float(self._timing.burst), self._tokens + (now - self._at) * self._rate)
        self._at = now
