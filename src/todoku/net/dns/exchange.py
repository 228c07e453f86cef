"""Many conversations with servers at once, in one thread: how an exchange waits, and the two drivers that wait for it.

An exchange is a generator: it yields what it waits for and is sent whether that came in time; its return value is its
result. A transport is so written once, top to bottom, for both drivers: ``run_exchanges`` blocks, ``Exchanges`` runs them
on an event loop. Both wait with one selector of their own, because an event loop takes twice as long to watch a socket
as the rest of a question does; the loop watches the selector. An exchange that is given up is closed, and with it its sockets.
"""

from __future__ import annotations

import socket
from collections import deque
from collections.abc import Callable, Generator, Iterable
from functools import partial
from selectors import DefaultSelector, SelectorKey
from time import monotonic
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, TypeVar

if TYPE_CHECKING:
    import asyncio

T = TypeVar("T")

IN_FLIGHT = 256  # exchanges at once: each holds a file descriptor, of which a process often has 1,024


class Wait(NamedTuple):
    """What an exchange waits for: ``sock`` to become readable or writable, at most ``until`` (monotonic seconds)."""

    sock: socket.socket
    event: int
    until: float


Exchange = Generator[Wait, bool, T]
"""A conversation whose result is a T."""


def run_exchanges(exchanges: Iterable[Exchange[T]]) -> list[T]:
    """The results of all the exchanges, in their order; at most ``IN_FLIGHT`` of them run at once."""
    results: dict[int, T] = {}
    crowd: _Crowd[T] = _Crowd(IN_FLIGHT)
    try:
        for index, exchange in enumerate(exchanges):
            crowd.add(_Talk(exchange, partial(results.__setitem__, index), _raise))
        while crowd.waiting:
            crowd.turn(crowd.selector.select(max(0.0, crowd.due - monotonic())))
    finally:
        crowd.close()
    return [results[index] for index in range(len(results))]


def _raise(error: Exception) -> None:
    raise error


class _Talk(Generic[T]):
    """An exchange, and who is told how it ended."""

    __slots__ = ("ended", "exchange", "failed", "wait")

    def __init__(
        self, exchange: Exchange[T], ended: Callable[[T], object], failed: Callable[[Exception], object]
    ) -> None:
        self.exchange = exchange
        self.ended = ended
        self.failed = failed
        self.wait: Wait | None = None  # None: not started, or over


class _Crowd(Generic[T]):
    """The exchanges that are under way. ``due`` is a moment before which no wait can be over."""

    def __init__(self, most: int) -> None:
        self.selector = DefaultSelector()
        self.due = float("inf")
        self._most = most
        self._later: deque[_Talk[T]] = deque()

    @property
    def waiting(self) -> bool:
        """Whether any exchange is under way."""
        return bool(self.selector.get_map())

    def add(self, talk: _Talk[T]) -> None:
        """Begin it, or keep it until there is room."""
        self._later.append(talk)
        self._begin()

    def turn(self, ready: Iterable[tuple[SelectorKey, int]]) -> None:
        """Go on with the exchanges whose sockets are ready, with those whose time is over, and with later ones."""
        for key, _ in ready:
            self._advance(self._taken(key.data), True)
        now = monotonic()
        if now >= self.due:
            talks = [key.data for key in self.selector.get_map().values()]
            self.due = min((talk.wait.until for talk in talks if talk.wait.until > now), default=float("inf"))
            for talk in talks:
                if talk.wait.until <= now:
                    self._advance(self._taken(talk), False)
        self._begin()

    def drop(self, talk: _Talk[T]) -> None:
        """Give an exchange up."""
        if talk.wait is not None:
            self._taken(talk)
        elif talk in self._later:
            self._later.remove(talk)
        talk.exchange.close()
        self._begin()

    def close(self) -> None:
        """Give up all of them."""
        for talk in (*self._later, *(key.data for key in self.selector.get_map().values())):
            talk.exchange.close()
        self.selector.close()

    def _begin(self) -> None:
        under_way = self.selector.get_map()
        while self._later and len(under_way) < self._most:
            self._advance(self._later.popleft(), None)

    def _taken(self, talk: _Talk[T]) -> _Talk[T]:
        assert talk.wait is not None  # noqa: S101 -- for mypy: only what waits is registered
        self.selector.unregister(talk.wait.sock)
        talk.wait = None
        return talk

    def _advance(self, talk: _Talk[T], in_time: bool | None) -> None:
        try:
            wait = next(talk.exchange) if in_time is None else talk.exchange.send(in_time)
        except StopIteration as stop:
            talk.ended(stop.value)
            return
        except Exception as error:  # noqa: BLE001 -- a fault of ours, raised where the result is waited for
            talk.failed(error)
            return
        talk.wait = wait
        self.selector.register(wait.sock, wait.event, talk)
        self.due = min(self.due, wait.until)


class Exchanges:
    """Exchanges on an event loop, each begun when it comes. Between the last one and the next it holds nothing open."""

    def __init__(self, most: int) -> None:
        """Run at most ``most`` of them at once."""
        self._most = most
        self._crowd: _Crowd[Any] | None = None
        self._loop: asyncio.AbstractEventLoop | None = None  # only meanwhile: a resolver must not keep a loop alive
        self._timer: asyncio.TimerHandle | None = None
        self._timer_due = float("inf")

    def start(
        self, exchange: Exchange[T], ended: Callable[[T], object], failed: Callable[[Exception], object]
    ) -> Callable[[], None]:
        """Begin it. ``ended`` is called with its result, or ``failed``, perhaps at once; what is returned gives it up."""
        from asyncio import get_running_loop  # noqa: PLC0415 -- 30 ms, for those only who run an event loop already

        talk = _Talk(exchange, ended, failed)
        if self._crowd is None:
            self._loop = get_running_loop()
            self._crowd = _Crowd(self._most)
            self._loop.add_reader(self._crowd.selector.fileno(), self._turn)
        self._crowd.add(talk)
        self._rest()
        return partial(self._drop, talk)

    def _turn(self) -> None:
        if self._crowd is not None:
            self._crowd.turn(self._crowd.selector.select(0))
            self._rest()

    def _late(self) -> None:
        self._timer = None
        self._turn()

    def _drop(self, talk: _Talk[T]) -> None:
        if self._crowd is not None:
            self._crowd.drop(talk)
            self._rest()

    def _rest(self) -> None:
        """Let the loop call back when a wait is over, or close what is not needed any more."""
        crowd, loop = self._crowd, self._loop
        if crowd is None or loop is None:
            return
        if not crowd.waiting:
            loop.remove_reader(crowd.selector.fileno())
            crowd.close()
            self._crowd = self._loop = None
        if self._timer is not None and (self._crowd is None or crowd.due < self._timer_due):
            self._timer.cancel()
            self._timer = None
        if self._crowd is not None and self._timer is None:
            self._timer_due = crowd.due
            self._timer = loop.call_later(max(0.0, crowd.due - monotonic()), self._late)
