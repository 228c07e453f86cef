"""How what is under way is asked to end: a signal of the system says so, instead of ending the process in the midst of it."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager


class Stop:
    """Whether somebody asked to end. Its file descriptor is readable from then on, for those who wait by ``poll``."""

    def __init__(self) -> None:
        """Nobody asked yet."""
        self._readable, self._writable = os.pipe()
        os.set_blocking(self._writable, False)
        self._asked = False

    def ask(self) -> None:
        """Ask to end. A signal's handler may do it, and more than once."""
        if not self._asked:
            self._asked = True
            os.write(self._writable, b"\0")

    def is_set(self) -> bool:
        """Whether somebody asked."""
        return self._asked

    def fileno(self) -> int:
        """The file descriptor."""
        return self._readable

    def close(self) -> None:
        """Let it go."""
        os.close(self._readable)
        os.close(self._writable)


@contextmanager
def asked_by_signals(ask: Callable[[], object]) -> Iterator[None]:
    """Within the block SIGTERM and Ctrl-C call ``ask``."""
    before = {one: signal.signal(one, lambda *_: ask()) for one in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)


@contextmanager
def stopped_by_signals() -> Iterator[Stop]:
    """What SIGTERM and Ctrl-C ask to end."""
    stop = Stop()
    try:
        with asked_by_signals(stop.ask):
            yield stop
    finally:
        stop.close()
