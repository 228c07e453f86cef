"""Listening to sources that tell when something arrives, all at once and in one thread, until somebody asks to end.

A server may forget to tell, a connection may die in silence, and what was told while listening began may lie in a buffer: so each
source is also looked into now and then, soon at first and then more and more seldom.

A server may also tell without end of mail that is not there. Each time that nothing is found, what it tells is ignored for longer
(exponential backoff), so that in the end such a source is looked into once in ``POLL``.
"""

from __future__ import annotations

import select
import time
from collections.abc import Sequence

from todoku.intake.source import SourceAway, Waking
from todoku.words.errors import UsageError

FIRST, HEARTBEAT = 2.0, 5 * 60.0
"""Seconds until a look: the first, and doubled up to the longest. RFC 2177 asks for less than 29 minutes, and routers forget a
silent connection sooner."""
POLL = 60.0  # seconds between looks into a source that cannot tell, or that is away
PAUSE = 5.0  # seconds before a source is looked into again that had something, or broke off: mail comes in bursts


class _Ear:
    """One source, and when it is to be looked into."""

    def __init__(self, source: Waking) -> None:
        self.source = source
        self.place: int | None = None
        self.wait = FIRST
        self.due = 0.0  # at once
        self.backoff = FIRST
        self.ignored_until = 0.0

    def hears(self, now: float, readable: frozenset[int]) -> bool:
        """Whether the source has something; it is looked into where it is due, or has told of something."""
        told = self.place in readable
        if not told and now < self.due:
            return False
        try:
            if self.source.has_some():
                self.place, self.wait, self.due = None, FIRST, now + PAUSE
                return True
            self._listen(now, told=told)
        except (SourceAway, UsageError):  # the next round tells it
            again = (
                POLL if self.place is None else max(PAUSE, self._back_off(now))
            )  # what broke off may be back at once
            self.place, self.wait, self.due = None, FIRST, now + again
        return False

    def _back_off(self, now: float) -> float:
        """For how many seconds the source is ignored now, after it told of nothing, or broke off."""
        is_rare = now - self.ignored_until > POLL  # servers say now and then that they are still there
        self.backoff = FIRST if is_rare else min(2 * self.backoff, POLL)
        self.ignored_until = now + self.backoff
        return self.backoff

    def next(self, now: float) -> float:
        """When it is due, or is listened to again if that is sooner."""
        return min(self.due, self.ignored_until) if self.ignored_until > now else self.due

    def again(self, now: float) -> None:
        """The source was asked by somebody else, so that listening has ended."""
        self.place, self.wait, self.due = None, FIRST, min(self.due, now + PAUSE)

    def _listen(self, now: float, *, told: bool) -> None:
        self.place = self.source.listen()
        self.wait = max(FIRST, self._back_off(now)) if told else min(2 * self.wait, HEARTBEAT)
        self.due = now + (POLL if self.place is None else self.wait)


class Listener:
    """Listens to sources between the rounds."""

    def __init__(self, sources: Sequence[Waking]) -> None:
        """Ask nothing yet."""
        self._ears = [_Ear(one) for one in sources]

    def again(self) -> None:
        """Listen anew: the sources were asked by somebody else meanwhile."""
        for one in self._ears:
            one.again(time.monotonic())

    def wait(self, seconds: float, stop: int) -> Sequence[Waking]:
        """The sources that have something, as soon as one has; none after so many seconds, or once ``stop``, a file descriptor,
        is readable.
        """
        until = time.monotonic() + seconds
        readable: frozenset[int] = frozenset()
        while stop not in readable:
            now = time.monotonic()
            found = [one.source for one in self._ears if one.hears(now, readable)]
            if found or now >= until:
                return found
            readable = self._heard(min([until, *(one.next(now) for one in self._ears)]), stop)
        return ()

    def _heard(self, until: float, stop: int) -> frozenset[int]:
        poll, now = select.poll(), time.monotonic()
        listened_to = (one.place for one in self._ears if one.place is not None and one.ignored_until <= now)
        for place in (stop, *listened_to):
            poll.register(place, select.POLLIN)
        seconds = max(0.0, until - now)
        return frozenset(place for place, _ in poll.poll(1000 * seconds))
