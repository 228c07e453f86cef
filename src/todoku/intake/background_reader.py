"""Reading beside taking: while more is made durable, what was taken already is read in a thread of its own.

Nothing is handed from one to the other but the word that there is more. What there is stands in the state, after it was
made durable and before its source was told, so neither can be ahead of what it rests on, and no queue can grow between them.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from contextlib import AbstractContextManager, closing
from datetime import datetime
from threading import Condition, Thread
from typing import Generic, Self, TypeVar

from todoku.intake.process import Processed, process
from todoku.intake.senders import NO_VERIFICATION, Verification
from todoku.intake.worker import NOT_STARTED, NoWorker, Worker
from todoku.store.away import LeaseLost
from todoku.store.lease import Lease
from todoku.store.store import Store

T = TypeVar("T")
Work = Callable[[Iterator[None]], Generator[T, None, None]]
Leased = Callable[[], AbstractContextManager[Lease | None]]


class Beside(Generic[T]):
    """Runs ``work`` in a thread. It is a context manager: at the end of the block the work comes to its end, too.

    ``work`` is given the calls for it: one for each ``more()``, several that came meanwhile as one, and a last one when the
    block ends. What it yields is in ``results`` then, and what it raised is raised. Where the block raises, the work is
    left after what it yields next.
    """

    def __init__(self, work: Work[T]) -> None:
        """Start nothing yet."""
        self.results: list[T] = []
        self._work = work
        self._calls = Condition()
        self._is_called = self._is_last = self._is_left = False
        self._error: BaseException | None = None
        self._thread = Thread(target=self._run, name="reading", daemon=True)

    def __enter__(self) -> Self:
        """Start the thread. Raises ``NoWorker`` where the machine has none to give."""
        try:
            self._thread.start()
        except RuntimeError as error:
            raise NoWorker(NOT_STARTED) from error
        return self

    def __exit__(self, error: type[BaseException] | None, *_rest: object) -> None:
        """Wait for the end of the work."""
        with self._calls:
            self._is_last = True
            self._is_left = error is not None
            self._calls.notify()
        self._thread.join()
        if error is None and self._error is not None:
            raise self._error

    def more(self) -> None:
        """There is more to work on."""
        with self._calls:
            self._is_called = True
            self._calls.notify()

    def _run(self) -> None:
        try:
            with closing(self._work(self._each_call())) as work:
                for result in work:
                    self.results.append(result)
                    if self._is_left:
                        break
        except BaseException as error:  # noqa: BLE001 -- it is raised where the block ends
            self._error = error

    def _each_call(self) -> Iterator[None]:
        while True:
            with self._calls:
                self._calls.wait_for(lambda: self._is_called or self._is_last)
                if self._is_left:
                    return
                self._is_called, is_last = False, self._is_last
            yield
            if is_last:
                return


def reading(
    store: Store,
    leased: Leased,
    worker: Worker,
    clock: Callable[[], datetime],
    verification: Verification = NO_VERIFICATION,
) -> Beside[Processed | None]:
    """Reads everything that is unread at each call. The last result is None where another process is the writer by then.

    The lease is held while there is something to read, and not while a source is waited for. Raises as ``process`` does.
    """

    def work(calls: Iterator[None]) -> Generator[Processed | None, None, None]:
        for _ in calls:
            with leased() as lease:
                if lease is None:
                    yield None
                    continue
                try:
                    yield from process(store, lease, worker, clock, verification)
                except LeaseLost:
                    yield None
                else:
                    yield Processed()

    return Beside(work)
