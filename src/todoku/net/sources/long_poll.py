"""A question that waits for its answer, asked in a thread, so that whoever listens can listen to others too, and be ended at once.

One is open at a time, and asked again until something came. It cannot be taken back: what it brings after the end is kept for who
asks next. The thread hinders no process from ending; what it was about to bring then comes again, since nobody has acknowledged it.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from threading import Lock, Thread
from typing import Generic, TypeVar

from todoku.intake.source import SourceAway
from todoku.words.errors import UsageError

EARLY = 1.0  # seconds: a server that says so soon that there is nothing does not wait, and is not asked without a pause

T = TypeVar("T")


class LongPoll(Generic[T]):
    """One question, as often as it is to be asked."""

    def __init__(self, ask: Callable[[], Sequence[T]]) -> None:
        """``ask`` is called in a thread of its own; it may raise ``SourceAway`` and ``UsageError``."""
        self._ask = ask
        self._lock = Lock()
        self._wanted = self._runs = False
        self._brought: list[T] = []
        self._failure: SourceAway | UsageError | None = None
        self._bell: tuple[int, int] | None = None

    def begin(self) -> int:
        """A file descriptor that is readable once something came, the question failed, or the server did not wait."""
        with self._lock:
            self._wanted = True
            if self._bell is None:
                self._bell = os.pipe()
                os.set_blocking(self._bell[0], False)
            if self._brought or self._failure:
                self._ring()
            elif not self._runs:
                self._runs = True
                Thread(target=self._run, name="long poll", daemon=True).start()
            return self._bell[0]

    def brought(self) -> Sequence[T]:
        """What came since this was asked last. Raises what the question raised."""
        with self._lock:
            brought, failure = self._brought, self._failure
            self._brought, self._failure = [], None
            if self._bell:
                with suppress(BlockingIOError):
                    os.read(self._bell[0], 4096)
        if failure is not None:
            raise failure
        return brought

    def end(self) -> None:
        """Ask no more."""
        with self._lock:
            self._wanted = False
            if self._bell:
                for one in self._bell:
                    os.close(one)
            self._bell = None

    def _run(self) -> None:
        while True:
            began = time.monotonic()
            brought: Sequence[T] = ()
            failure = None
            try:
                brought = self._ask()
            except (SourceAway, UsageError) as error:
                failure = error
            early = time.monotonic() - began < EARLY
            with self._lock:
                self._brought += brought
                self._failure = failure
                self._runs = self._wanted and not (brought or failure or early)
                if not self._runs:
                    self._ring()
                    return

    def _ring(self) -> None:
        if self._bell:
            os.write(self._bell[1], b"\0")
