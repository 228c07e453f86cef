"""Many conversations with servers at once, in one thread: how an exchange waits, and the two drivers that wait for it.

An exchange is a generator: it yields what it waits for, a ``Wait`` or a ``Letter``, and is sent what came of it; its return
value is its result. A transport is so written once, top to bottom, for both drivers: ``run_exchanges`` blocks, ``Exchanges``
runs them on an event loop. Both wait with one selector of their own, because an event loop takes twice as long to watch a
socket as the rest of a question does; the loop watches the selector. An exchange that is given up is closed, and with it
its sockets.
"""

from __future__ import annotations

import socket
from collections import deque
from collections.abc import Callable, Generator, Iterable
from functools import partial
from selectors import EVENT_READ, DefaultSelector, SelectorKey
from time import monotonic
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, TypeVar

from todoku.net.dns.datagrams import SHARED, Letter, Port

if TYPE_CHECKING:
    import asyncio

T = TypeVar("T")

IN_FLIGHT = 256  # exchanges at once: each may hold a file descriptor, of which a process often has 1,024
LOST = 1.0  # seconds after which a letter, or the reply to it, is taken to be lost on the way and sent once more


class Wait(NamedTuple):
    """What an exchange waits for: ``sock`` to become readable or writable, at most ``until`` (monotonic seconds).

    It is sent whether that came in time; with a ``Letter`` the reply, or b"" where none came, and ``OSError`` is raised in it.
    """

    sock: socket.socket
    event: int
    until: float


Exchange = Generator[Wait | Letter, Any, T]
"""A conversation whose result is a T."""

Told = Callable[[T | Exception], object]
"""Who is told how an exchange ended: with its result, or with what it raised, which is a fault of ours."""


class GivenUp(Exception):  # noqa: N818 -- it says how an exchange ended
    """Its result is not wanted any more."""


def run_exchanges(exchanges: Iterable[Exchange[T]]) -> list[T]:
    """The results of all the exchanges, in their order; at most ``IN_FLIGHT`` of them run at once."""
    results: dict[int, T] = {}

    def keep(index: int, end: T | Exception) -> None:
        if isinstance(end, Exception):
            raise end
        results[index] = end

    crowd: _Crowd[T] = _Crowd(IN_FLIGHT)
    try:
        for index, exchange in enumerate(exchanges):
            crowd.add(_Talk(exchange, partial(keep, index)))
        while crowd.waiting:
            crowd.turn(crowd.selector.select(max(0.0, crowd.due - monotonic())))
    finally:
        crowd.close()
    return [results[index] for index in range(len(results))]


class _Talk(Generic[T]):
    """An exchange, and who is told how it ended."""

    __slots__ = ("due", "exchange", "ident", "port", "told", "wait")

    def __init__(self, exchange: Exchange[T], told: Told[T]) -> None:
        self.exchange = exchange
        self.told = told
        self.wait: Wait | Letter | None = None  # None: not started, or over
        self.due = 0.0  # when something is to be done about it, though nothing came
        self.port: Port[_Talk[T]] | None = None  # where it waits for the reply to a letter ...
        self.ident = b""  # ... that bears this id


class _Crowd(Generic[T]):
    """The exchanges that are under way. ``due`` is a moment before which no wait can be over."""

    def __init__(self, most: int) -> None:
        self.selector = DefaultSelector()
        self.due = float("inf")
        self._most = most
        self._later: deque[_Talk[T]] = deque()
        self._under_way: dict[_Talk[T], None] = {}  # in the order of their start
        self._ports: dict[tuple[str, int], Port[_Talk[T]]] = {}  # by server, those that take another letter

    @property
    def waiting(self) -> bool:
        """Whether any exchange is under way."""
        return bool(self._under_way)

    def add(self, talk: _Talk[T]) -> None:
        """Begin it, or keep it until there is room."""
        if len(self._under_way) < self._most and not self._later:
            self._advance(talk, None)
        else:
            self._later.append(talk)

    def turn(self, ready: Iterable[tuple[SelectorKey, int]]) -> None:
        """Go on with the exchanges whose sockets are ready, with those whose time is over, and with later ones."""
        for key, _ in ready:
            if isinstance(key.data, Port):
                self._take_in(key.data)
            else:
                self._advance(self._taken(key.data), True)
        now = monotonic()
        if now >= self.due:
            self._look_at_clock(now)
        self._begin()

    def drop(self, talk: _Talk[T]) -> None:
        """Give an exchange up, if it is not over."""
        if talk.wait is not None:
            self._taken(talk)
        elif talk in self._later:
            self._later.remove(talk)
        else:
            return
        talk.exchange.close()
        talk.told(GivenUp())
        self._begin()

    def close(self) -> None:
        """Give up all of them."""
        for talk in (*self._later, *self._under_way):
            talk.exchange.close()
        for key in tuple(self.selector.get_map().values()):
            if isinstance(key.data, Port):
                key.data.sock.close()
        self.selector.close()

    def _begin(self) -> None:
        while self._later and len(self._under_way) < self._most:
            self._advance(self._later.popleft(), None)

    def _take_in(self, port: Port[_Talk[T]]) -> None:
        """Hand out the replies that came to a port; where it cannot reach its server, say so to all who wait there."""
        try:
            for talk, reply in port.replies():
                self._advance(self._taken(talk), reply)
        except OSError as error:
            port.spent = SHARED
            if not port.waiting:
                self._shut(port)
            for _, talk in tuple(port.waiting.values()):
                self._advance(self._taken(talk), error)

    def _look_at_clock(self, now: float) -> None:
        """End the waits whose time is over, and send again what may have been lost."""
        late = [talk for talk in self._under_way if talk.due <= now]
        for talk in late:
            if talk.wait is not None and now < talk.wait.until:
                self._send_again(talk)
            elif talk.wait is not None:
                self._advance(self._taken(talk), False if talk.port is None else b"")
        self.due = min((talk.due for talk in self._under_way), default=float("inf"))

    def _send_again(self, talk: _Talk[T]) -> None:
        assert talk.wait is not None and talk.port is not None  # noqa: S101, PT018 -- for mypy
        talk.due = talk.wait.until
        try:
            talk.port.send_again(talk.ident)
        except OSError as error:
            self._advance(self._taken(talk), error)

    def _taken(self, talk: _Talk[T]) -> _Talk[T]:
        """The exchange, which waits no longer."""
        wait, port = talk.wait, talk.port
        talk.wait = None
        del self._under_way[talk]
        if port is None:
            assert isinstance(wait, Wait)  # noqa: S101 -- for mypy: only what waits is registered
            self.selector.unregister(wait.sock)
            return talk
        del port.waiting[talk.ident]
        if port.is_over:
            self._shut(port)
        return talk

    def _shut(self, port: Port[_Talk[T]]) -> None:
        """Close a port; the next letter gets another one."""
        self.selector.unregister(port.sock)
        port.sock.close()
        if self._ports.get(port.to) is port:
            del self._ports[port.to]

    def _advance(self, talk: _Talk[T], come: bool | bytes | OSError | None) -> None:
        """Send an exchange what came, None to begin it, and wait for what it wants next."""
        talk.port, exchange = None, talk.exchange
        try:
            wait = exchange.throw(come) if isinstance(come, OSError) else exchange.send(come)
        except StopIteration as stop:
            talk.told(stop.value)
            return
        except Exception as error:  # noqa: BLE001 -- a fault of ours, raised where the result is waited for
            talk.told(error)
            return
        if isinstance(wait, Letter):
            self._post(talk, wait)
            return
        self.selector.register(wait.sock, wait.event, talk)
        self._await(talk, wait, wait.until)

    def _post(self, talk: _Talk[T], letter: Letter) -> None:
        try:
            port = self._port(letter.to)
            talk.ident = port.send(letter, talk)
        except OSError as error:  # of the port, or one that it heard of since
            self._advance(talk, error)
            return
        talk.port = port
        self._await(talk, letter, min(letter.until, monotonic() + LOST))

    def _port(self, to: tuple[str, int]) -> Port[_Talk[T]]:
        """A port for one more letter to a server. Raises ``OSError``."""
        port = self._ports.get(to)
        if port is None or port.spent >= SHARED:
            port = self._ports[to] = Port(to)
            self.selector.register(port.sock, EVENT_READ, port)
        return port

    def _await(self, talk: _Talk[T], wait: Wait | Letter, due: float) -> None:
        talk.wait, talk.due = wait, due
        self._under_way[talk] = None
        self.due = min(self.due, due)


class Exchanges:
    """Exchanges on an event loop, each begun when it comes. Between the last one and the next it holds nothing open."""

    def __init__(self, most: int) -> None:
        """Run at most ``most`` of them at once."""
        self._most = most
        self._crowd: _Crowd[Any] | None = None
        self._loop: asyncio.AbstractEventLoop | None = None  # only meanwhile: a resolver must not keep a loop alive
        self._timer: asyncio.TimerHandle | None = None
        self._timer_due = float("inf")

    def start(self, exchange: Exchange[T], told: Told[T]) -> Callable[[], None]:
        """Begin it. ``told`` is called once, perhaps at once; what is returned gives it up: then it is told ``GivenUp``."""
        if self._crowd is None:
            from asyncio import get_running_loop  # noqa: PLC0415 -- 30 ms, for those only who run an event loop already

            self._loop = get_running_loop()
            self._crowd = _Crowd(self._most)
            self._loop.add_reader(self._crowd.selector.fileno(), self._turn)
        talk = _Talk(exchange, told)
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
