"""Many conversations with servers at once, in one thread: how an exchange waits, and the two drivers that wait for it.

An exchange is a generator: it yields what it waits for and is sent whether that came in time; its return value is its
result. A transport is so written once, top to bottom, for both drivers: ``run_exchanges`` waits with a selector,
``run_exchange`` on an event loop. An exchange that is given up is closed, and with it its sockets.
"""

from __future__ import annotations

import socket
from collections.abc import Generator, Iterable
from selectors import EVENT_READ, DefaultSelector
from time import monotonic
from typing import Generic, NamedTuple, TypeVar

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
    crowd = _Crowd(exchanges)
    try:
        return crowd.run()
    finally:
        crowd.close()


class _Crowd(Generic[T]):
    """The exchanges that are under way. ``_due`` is a moment before which no wait can be over."""

    def __init__(self, exchanges: Iterable[Exchange[T]]) -> None:
        self._exchanges = list(exchanges)
        self._results: dict[int, T] = {}
        self._started = 0
        self._due = float("inf")
        self._selector = DefaultSelector()

    def run(self) -> list[T]:
        waiting = self._selector.get_map()
        while len(self._results) < len(self._exchanges):
            while self._started < len(self._exchanges) and len(waiting) < IN_FLIGHT:
                self._started += 1
                self._advance(self._started - 1, None)
            if not waiting:
                continue
            for key, _ in self._selector.select(max(0.0, self._due - monotonic())):
                self._selector.unregister(key.fileobj)
                self._advance(key.data[0], True)
            self._give_up_late_ones()
        return [self._results[index] for index in range(len(self._exchanges))]

    def close(self) -> None:
        for exchange in self._exchanges:
            exchange.close()
        self._selector.close()

    def _advance(self, index: int, in_time: bool | None) -> None:
        exchange = self._exchanges[index]
        try:
            wait = next(exchange) if in_time is None else exchange.send(in_time)
        except StopIteration as stop:
            self._results[index] = stop.value
            return
        self._selector.register(wait.sock, wait.event, (index, wait.until))
        self._due = min(self._due, wait.until)

    def _give_up_late_ones(self) -> None:
        now = monotonic()
        if now < self._due:
            return
        late = [key for key in self._selector.get_map().values() if key.data[1] <= now]
        for key in late:
            self._selector.unregister(key.fileobj)
        self._due = min((key.data[1] for key in self._selector.get_map().values()), default=float("inf"))
        for key in late:
            self._advance(key.data[0], False)


async def run_exchange(exchange: Exchange[T]) -> T:
    """The exchange's result, waited for on the running event loop."""
    try:
        wait = next(exchange)
        while True:
            wait = exchange.send(await _in_time(wait))
    except StopIteration as stop:
        result: T = stop.value
        return result
    finally:
        exchange.close()


async def _in_time(wait: Wait) -> bool:
    """Whether the socket became ready before the wait was over."""
    import asyncio  # noqa: PLC0415 -- 30 ms, for those only who run an event loop already

    loop = asyncio.get_running_loop()
    ready: asyncio.Future[bool] = loop.create_future()

    def settle(in_time: bool) -> None:
        if not ready.done():  # the loop reports a ready socket again and again until it is removed
            ready.set_result(in_time)

    reads = wait.event == EVENT_READ
    timer = loop.call_later(max(0.0, wait.until - monotonic()), settle, False)
    (loop.add_reader if reads else loop.add_writer)(wait.sock, settle, True)
    try:
        return await ready
    finally:
        (loop.remove_reader if reads else loop.remove_writer)(wait.sock)
        timer.cancel()
