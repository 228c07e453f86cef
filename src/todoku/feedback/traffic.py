"""Rates over time: what a receiver or SES counted on each day, and how much a small number of messages can tell.

A day is a number, or the source has no data for it, or we do not know, because it could not be asked. Only the first is a
rate: a day without data is never 0 and never a pass.
"""

from __future__ import annotations

from datetime import date
from math import floor, sqrt
from typing import Literal

import msgspec

State = Literal["number", "no-data", "not-known"]

CONFIDENCE = 1.959963984540054  # standard deviations: of 100 intervals 95 hold the true rate


class Day(msgspec.Struct, frozen=True, kw_only=True):
    """One day of UTC, or of the source's own zone where it says no other.

    ``value``: a ratio (0.003 is 0.30%) or a count, None unless ``state`` is ``number``. ``of``: how many messages a ratio was
    counted over, None where the source does not tell. ``detail``: why it is not known.
    """

    day: date
    state: State
    value: float | None = None
    of: int | None = None
    detail: str = ""

    def __post_init__(self) -> None:
        """Refuse a number without a value, which would read as 0, and a value where none was counted: a record may hold anything."""
        if (self.state == "number") != (self.value is not None):
            raise ValueError("a day has a value where its state is number, and nowhere else")

    def reaches(self, limit: float) -> bool:
        """Whether a ratio is at a limit or above for sure: where it is known over how many messages, all of its interval is."""
        if self.value is None or self.value < limit:
            return False
        return self.of is None or Proportion(round(self.value * self.of), self.of).interval[0] >= limit


class Series(msgspec.Struct, frozen=True, kw_only=True):
    """What one source counted of one thing, day by day, oldest first, each day once.

    ``source``: ``postmaster``, ``ses`` (BatchGetMetricData), ``cloudwatch``, ``reports``. ``about``: a domain, ``account:region``, or
    ``account:region:identity``, since one domain may send through several. ``metric``: ours, lower case (``spam-rate``,
    ``complaint-rate``, ``bounce-rate``, ``dkim-rate`` ...). ``part``: what of it, where a metric is counted in parts: a receiver,
    an error's name, a feedback id.
    """

    source: str
    about: str
    metric: str
    part: str = ""
    days: tuple[Day, ...] = ()


class Traffic(msgspec.Struct, frozen=True, kw_only=True):
    """What was counted of the mail of a domain, as far back as it was asked for.

    ``most``: the most mail to Gmail that was ever counted on one day; None where nobody counts it. It leaves out what the
    counters do not see, so that it can prove a bulk sender and never a small one.
    """

    domain: str
    series: tuple[Series, ...] = ()
    most: float | None = None

    def of(self, source: str, metric: str, part: str = "") -> Series | None:
        """One series; None where there is none."""
        wanted = (source, metric, part)
        return next((one for one in self.series if (one.source, one.metric, one.part) == wanted), None)


def percent(ratio: float, places: int = 4) -> str:
    """A ratio for people, ``0.3%``, cut and not rounded: what is below a limit does not look as if it were at it."""
    return f"{floor(ratio * 10 ** (places + 2) + 1e-6) / 10**places:g}%"


class Proportion(msgspec.Struct, frozen=True):
    """``hits`` of ``of`` messages. One complaint in fifty is not 2%: the interval says what it can be."""

    hits: int
    of: int

    @property
    def rate(self) -> float | None:
        """The ratio seen; None of nothing."""
        return self.hits / self.of if self.of else None

    @property
    def interval(self) -> tuple[float, float]:
        """Between which rates the true one is, 19 times in 20: Wilson's score interval. (0, 1) of nothing."""
        if not self.of:
            return 0.0, 1.0
        square = CONFIDENCE**2
        seen = self.hits / self.of
        centre = seen + square / (2 * self.of)
        spread = CONFIDENCE * sqrt(seen * (1 - seen) / self.of + square / (4 * self.of**2))
        scale = 1 + square / self.of
        return max(0.0, (centre - spread) / scale), min(1.0, (centre + spread) / scale)
