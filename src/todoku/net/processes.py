"""Work spread over processes: each has a share of the inputs and a core of its own, and the results come in the inputs' order.

A share is every so-many-th input, so that each process meets the slow ones as they come and none has them all. Results
travel in batches, since what objects share is then sent once. A process that ends before its work does is an error here; one
whose caller is gone ends by itself. It touches nothing but these processes.
"""

from __future__ import annotations

import gc
import multiprocessing
import signal
import sys
import threading
import traceback
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from multiprocessing import connection
from multiprocessing.context import BaseContext
from typing import Any, TypeVar

I = TypeVar("I")  # noqa: E741 -- an input
O = TypeVar("O")  # noqa: E741 -- and what comes of it

BATCH = 16
SELDOM = 50_000
"""New objects between two looks for rubbish that refers to itself. We make next to none, and by default a third of the time
goes into looking through results that are all still needed."""

Work = Callable[[Sequence[I]], Iterable[tuple[int, O]]]
"""Takes some inputs and gives the results in any order, each with its input's place among them."""


def spread(inputs: Sequence[I], work: Work[I, O], workers: int) -> Iterator[O]:
    """The results in the inputs' order, worked out by so many processes; by this one where it is one.

    What ``work`` raises is raised here, with its traceback as text where the error is not one that can be sent. Where this
    program runs threads, or the system cannot fork, ``work`` and the inputs have to be things that can be pickled.
    """
    if workers <= 1:
        yield from _in_order(((place, result) for place, result in work(inputs)))
        return
    shares = [inputs[number::workers] for number in range(workers)]
    with ExitStack() as running:
        pipes = [running.enter_context(_process(work, share)) for share in shares]
        yield from _in_order(_results(pipes))


def collect_seldom() -> None:
    """Look for rubbish seldom, in a process that is ours alone; what is there already is not looked at again."""
    gc.freeze()
    gc.set_threshold(SELDOM)


def _in_order(results: Iterable[tuple[int, O]]) -> Iterator[O]:
    early: dict[int, O] = {}
    due = 0
    for place, result in results:
        early[place] = result
        while due in early:
            yield early.pop(due)
            due += 1


@contextmanager
def _process(work: Work[I, O], share: Sequence[I]) -> Iterator[connection.Connection]:
    """The pipe that a process writes its results into; with the block it is over."""
    context = _context()
    ours, theirs = context.Pipe(duplex=False)
    process = context.Process(target=_work, args=(work, share, theirs), daemon=True)  # type: ignore[attr-defined]
    with _interrupts_held():
        process.start()
    theirs.close()  # so that its end is seen here
    try:
        yield ours
    finally:
        ours.close()
        process.terminate()
        process.join()


@contextmanager
def _interrupts_held() -> Iterator[None]:
    """Hold back an interrupt, so that no process meets it before it knows what to do: ``_work`` lets it through there."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _context() -> BaseContext:
    """A fork starts in milliseconds with all that is loaded; with threads about it may hang."""
    forks = sys.platform == "linux" and threading.active_count() == 1
    return multiprocessing.get_context("fork" if forks else "spawn")


def _results(pipes: Sequence[connection.Connection]) -> Iterator[tuple[int, Any]]:
    numbers = {id(pipe): number for number, pipe in enumerate(pipes)}
    open_pipes = list(pipes)
    while open_pipes:
        for pipe in connection.wait(open_pipes):
            assert isinstance(pipe, connection.Connection)  # noqa: S101 -- for mypy
            told = _received(pipe)
            if told is None:
                open_pipes.remove(pipe)
            else:
                yield from ((place * len(pipes) + numbers[id(pipe)], result) for place, result in told)


def _received(pipe: connection.Connection) -> list[tuple[int, Any]] | None:
    """A batch of results, or None when there will be no more."""
    try:
        told: list[tuple[int, Any]] | Exception | None = pipe.recv()
    except EOFError:
        raise RuntimeError("a worker process ended before its work did") from None
    if isinstance(told, Exception):
        raise told
    return told


def _work(work: Work[I, O], share: Sequence[I], pipe: connection.Connection) -> None:
    """What each process does: work its share off, and say how that went."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the terminal tells all of us; who started us ends us
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
    collect_seldom()
    try:
        batch = []
        for result in work(share):
            batch.append(result)
            if len(batch) == BATCH:
                pipe.send(batch)
                batch = []
        pipe.send(batch)
        pipe.send(None)
    except BrokenPipeError:  # nobody is there to be told
        return
    except Exception:  # noqa: BLE001 -- whatever it is, whoever waits for us is to know
        pipe.send(RuntimeError(traceback.format_exc()))
