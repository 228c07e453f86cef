"""How a watch is asked to end: a signal of the system sets a flag, and wakes whoever waits for something else."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


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
def stopped_by_signals() -> Iterator[Stop]:
    """What SIGTERM and Ctrl-C ask to end, instead of ending the process."""
    stop = Stop()

    def ask(_number: int, _frame: FrameType | None) -> None:
        stop.ask()

    before = {one: signal.signal(one, ask) for one in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield stop
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)
        stop.close()
