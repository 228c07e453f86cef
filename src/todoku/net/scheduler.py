"""Many engines at once: each distinct question is asked once, and no engine waits for another one's answers.

A ready queue: an engine goes on as soon as *its own* answers are there. (In lockstep, with all engines' questions of a
round asked together, 1 % of slow domains made every other message miss its 10 s.) A window bounds how many engines are
open, by number and by the bytes of their messages. An engine that raises becomes ``Crashed`` for that one input.

Questions on their way are bounded too, since each may hold a socket. One that stays without answer for ``SLOW`` seconds gives
its place to the next, while there is room for slow ones; and an engine's own time does not pass while its questions wait for
a place. So that what dead name servers cost is neither charged to other messages nor keeps them waiting.
"""

from __future__ import annotations

import asyncio
import math
import traceback
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterable, Iterator, Sequence
from pathlib import PurePath
from time import monotonic
from typing import Generic, Protocol, TypeVar, cast, runtime_checkable

import msgspec

from todoku.auth.ask import Answer, Ask, Question
from todoku.net.drivers import AsyncSource, out_of_time

T = TypeVar("T")

WINDOW = 512
WINDOW_BYTES = 64 * 2**20
MAX_ASKED = 256
"""Questions on their way at one time. Each may hold a socket; and a name server has room for some 277 that wait to be read
(Linux, ``net.core.rmem_default``): what comes beyond is lost, and a lost question costs a second."""
SLOW = 0.5  # seconds after which a question is slow ...
MAX_SLOW = 256  # ... and so many of these are on their way beside the others
MAX_LINE = (
    256  # questions that wait for a place; while there are so many no further engine is begun, which would only wait
)
SLICE = 64  # steps before the event loop has its turn
MAX_KNOWN = 65_536  # answers kept; past it the oldest are forgotten and may be asked again


Come = Callable[[Question, Answer | BaseException], None]
"""Who is told what came of a question: its answer, or what the source raised."""

Begin = Callable[[Question, Come], Answer | Callable[[], object] | None]
"""Begins to ask: the answer where it is known; else how to give up what is now on its way. None: this question takes a task."""


@runtime_checkable
class PromptSource(Protocol):
    """A source that can do without a task for each question, which costs as much as the rest of it: ``net/dns/resolver.py``."""

    def prompt(self) -> Begin:
        """How to ask on the event loop that is running."""


class Crashed(msgspec.Struct, frozen=True):
    """What stands in place of a result when an engine raised: a fault of ours, kept to the one input that shows it."""

    error: str


class Done(msgspec.Struct, Generic[T], frozen=True):
    """The result for one input; ``index`` counts the inputs from 0 in the order in which they were given."""

    index: int
    result: T | Crashed


def run_many(
    jobs: Iterable[tuple[int, Ask[T]]],
    source: AsyncSource,
    *,
    seconds: float | None = None,
    most_asked: int = MAX_ASKED,
) -> Iterator[Done[T]]:
    """The result of every engine, each as soon as it is there: ``run_many_async`` for a caller without an event loop."""
    with asyncio.Runner() as runner:
        batches = _Queue(jobs, source, seconds, most_asked).batches()
        batch: list[Done[T]] = []
        try:
            while runner.run(_next(batches, batch)):
                yield from batch
        finally:
            runner.run(_close(batches))


async def run_many_async(
    jobs: Iterable[tuple[int, Ask[T]]],
    source: AsyncSource,
    *,
    seconds: float | None = None,
    most_asked: int = MAX_ASKED,
) -> AsyncIterator[Done[T]]:
    """The result of every engine, each as soon as it is there, in no particular order.

    ``jobs`` are (bytes of the message, engine), read only as far as the window is open; work that may raise belongs
    into the engine. ``seconds`` is how long one engine may wait in all; what is then still open is answered ``limit``
    to that engine alone. ``most_asked`` questions are on their way at one time, of ``MAX_ASKED`` that processes beside each
    other share. What the source raises ends the run.
    """
    batches = _Queue(jobs, source, seconds, most_asked).batches()
    try:
        async for batch in batches:
            for done in batch:
                yield done
    finally:
        await batches.aclose()


async def _next(batches: AsyncGenerator[list[Done[T]], None], batch: list[Done[T]]) -> bool:
    """Put the next batch into ``batch``; whether there is one.

    It is not what the task returns, because ``Runner.run`` gives the task to ``signal.signal``, which lets ``enum`` write out
    its ``repr`` with all that it returned: milliseconds for each batch of reports.
    """
    batch[:] = await anext(batches, [])
    return bool(batch)


async def _close(batches: AsyncGenerator[list[Done[T]], None]) -> None:
    await batches.aclose()


class _Job(Generic[T]):
    """An engine under way: what it asked last, which of these answers are missing, how long it has waited."""

    __slots__ = ("answers", "asked_at", "engine", "index", "missing", "questions", "size", "timer", "unsent", "waited")

    def __init__(self, index: int, size: int, engine: Ask[T]) -> None:
        self.index = index
        self.size = size
        self.engine = engine
        self.questions: Sequence[Question] | None = None  # None: not started
        self.answers: dict[Question, Answer] = {}
        self.missing: set[Question] = set()
        self.unsent = 0  # of the missing ones, those that wait for a place
        self.waited = 0.0
        self.asked_at = 0.0
        self.timer: asyncio.TimerHandle | None = None


class _Queue(Generic[T]):
    """The ready queue. It lives in one event loop and shares nothing with another thread."""

    def __init__(
        self, jobs: Iterable[tuple[int, Ask[T]]], source: AsyncSource, seconds: float | None, most_asked: int
    ) -> None:
        self.jobs = enumerate(jobs)
        self.source = source
        self.begin: Begin | None = None
        self.seconds = math.inf if seconds is None else seconds
        self.ready: deque[_Job[T]] = deque()
        self.open = 0
        self.open_bytes = 0
        self.known: dict[Question, Answer] = {}
        self.asked: dict[Question, list[_Job[T]]] = {}  # questions under way, and who waits for each
        self.line: deque[Question] = deque()  # of these, those that wait for a place
        self.sent: dict[Question, _Sent] = {}  # those that had one
        self.slow: set[Question] = set()  # and of these, those that gave it to another
        self.watched: deque[tuple[float, Question]] = deque()  # when each will be slow
        self.watch: asyncio.TimerHandle | None = None
        self.tasks: set[asyncio.Task[Answer]] = set()
        self.places = most_asked
        self.filling = False
        self.failure: BaseException | None = None
        self.idle = 0.0  # seconds that the caller took between two batches: nobody's waiting
        self.woken = asyncio.Event()

    async def batches(self) -> AsyncGenerator[list[Done[T]], None]:
        """The engines that finished since the last batch; never an empty list."""
        if isinstance(self.source, PromptSource):
            self.begin = self.source.prompt()
        try:
            while True:
                done, more = self._slice()
                if done:
                    left_at = monotonic()
                    yield done
                    self.idle += monotonic() - left_at
                if more:
                    await asyncio.sleep(0)  # let the event loop read the network
                elif self.open:
                    await self._answers()
                else:
                    return
        finally:
            await self._cancel()

    def _slice(self) -> tuple[list[Done[T]], bool]:
        """What a bounded number of steps finished, and whether another step is possible without further answers."""
        done: list[Done[T]] = []
        for _ in range(SLICE):
            job = self._next_job()
            if job is None:
                return done, False
            finished = self._step(job)
            if finished is not None:
                done.append(finished)
        return done, True

    def _next_job(self) -> _Job[T] | None:
        """An engine whose answers are there, else a new one while the window is open."""
        if self.ready:
            return self.ready.popleft()
        if self.open >= WINDOW or self.open_bytes >= WINDOW_BYTES or len(self.line) >= MAX_LINE:
            return None
        new = next(self.jobs, None)
        if new is None:
            return None
        index, (size, engine) = new
        self.open += 1
        self.open_bytes += size
        return _Job(index, size, engine)

    def _step(self, job: _Job[T]) -> Done[T] | None:
        """Send the engine its answers and take up its next questions; its result where it is done."""
        result: T | Crashed
        try:
            if job.questions is None:
                questions = next(job.engine)
            else:
                questions = job.engine.send([job.answers[question] for question in job.questions])
        except StopIteration as stop:
            result = cast(T, stop.value)
        except Exception as error:  # noqa: BLE001 -- one input that breaks an engine must not stop the others
            result = Crashed(_said(error))
        else:
            self._ask(job, questions)
            return None
        self.open -= 1
        self.open_bytes -= job.size
        return Done(job.index, result)

    def _ask(self, job: _Job[T], questions: Sequence[Question]) -> None:
        job.questions = questions
        job.answers = {}
        for question in questions:
            known = self.known.get(question)
            if known is not None:
                job.answers[question] = known
            else:
                job.missing.add(question)
        if not job.missing:
            self.ready.append(job)
            return
        job.asked_at = self._clock()
        if job.waited >= self.seconds:
            self._give_up(job)
            return
        job.unsent = len(job.missing - self.sent.keys())
        if not job.unsent:
            self._start_clock(job)
        for question in dict.fromkeys(questions):
            if question in job.missing:
                if question not in self.asked:
                    self.asked[question] = []
                    self.line.append(question)
                self.asked[question].append(job)
        self._fill()

    def _start_clock(self, job: _Job[T]) -> None:
        """All that the engine waits for is on its way: from now on it is the engine's own waiting."""
        job.asked_at = self._clock()
        left = self.seconds - job.waited
        if left < math.inf:
            job.timer = asyncio.get_running_loop().call_later(left, self._expire, job)

    def _clock(self) -> float:
        """Seconds that do not pass while the caller is busy with a batch."""
        return monotonic() - self.idle

    def _fill(self) -> None:
        """Give the places that are free to those who wait for one."""
        if self.filling:  # an answer came at once, and its place is given away where it was taken
            return
        self.filling = True
        while self.places and self.line:
            self._send(self.line.popleft())
        self.filling = False

    def _send(self, question: Question) -> None:
        self.places -= 1
        self.sent[question] = _BEING_SENT
        for job in self.asked[question]:
            job.unsent -= 1
            if not job.unsent:
                self._start_clock(job)
        begun = self.begin(question, self._ended) if self.begin else None
        if isinstance(begun, Answer):
            self._ended(question, begun)
        elif question in self.sent:  # else it came meanwhile
            self._watch_over(question, begun or self._by_task(question))

    def _by_task(self, question: Question) -> Callable[[], object]:
        async def answer() -> Answer:
            (answer,) = await self.source.answers_async((question,))
            return answer

        def end(task: asyncio.Task[Answer]) -> None:
            self.tasks.discard(task)
            if not task.cancelled():
                self._ended(question, task.exception() or task.result())

        task = asyncio.get_running_loop().create_task(answer())
        self.tasks.add(task)
        task.add_done_callback(end)
        return task.cancel

    def _watch_over(self, question: Question, give_up: Callable[[], object]) -> None:
        """Have a look at it when it will be slow. One timer serves all, because they become slow in the order of their start."""
        slow_at = monotonic() + SLOW
        self.sent[question] = slow_at, give_up
        self.watched.append((slow_at, question))
        if self.watch is None:
            self.watch = asyncio.get_running_loop().call_later(SLOW, self._let_pass)

    def _let_pass(self) -> None:
        """Let the slow questions give their places to the next ones."""
        now = monotonic()
        self.watch = None
        while self.watched:
            slow_at, question = self.watched[0]
            under_way = self.sent.get(question, _BEING_SENT)[0] == slow_at
            if under_way and slow_at > now:
                self.watch = asyncio.get_running_loop().call_later(slow_at - now, self._let_pass)
                break
            self.watched.popleft()
            if under_way and len(self.slow) < MAX_SLOW:
                self.slow.add(question)
                self.places += 1
        self._fill()

    def _ended(self, question: Question, come: Answer | BaseException) -> None:
        """Take what came, or what the source raised; its place is free again."""
        del self.sent[question]
        if question in self.slow:
            self.slow.discard(question)
        else:
            self.places += 1
        if isinstance(come, Answer):
            self._arrived(come)
            self._fill()
        else:
            self.failure = self.failure or come
            self.woken.set()

    def _arrived(self, answer: Answer) -> None:
        """Hand an answer to every engine that waits for it. What only we refused to ask is not kept."""
        if answer.status != "limit":
            self.known[answer.question] = answer
            if len(self.known) > MAX_KNOWN:
                del self.known[next(iter(self.known))]
        for job in self.asked.pop(answer.question):
            if answer.question in job.missing:
                job.answers[answer.question] = answer
                job.missing.discard(answer.question)
                if not job.missing:
                    self._wake(job)

    def _wake(self, job: _Job[T]) -> None:
        job.waited += self._clock() - job.asked_at
        if job.timer is not None:
            job.timer.cancel()
            job.timer = None
        self.ready.append(job)
        self.woken.set()

    def _expire(self, job: _Job[T]) -> None:
        """The engine has waited for long enough, unless the caller held up the event loop meanwhile."""
        left = self.seconds - job.waited - (self._clock() - job.asked_at)
        if left > 0:
            job.timer = asyncio.get_running_loop().call_later(left, self._expire, job)
            return
        self._give_up(job)

    def _give_up(self, job: _Job[T]) -> None:
        """Answer what is missing ``limit``, to this engine alone; the questions under way go on for the others."""
        for answer in out_of_time(tuple(job.missing), self.seconds):
            job.answers[answer.question] = answer
        job.missing.clear()
        self._wake(job)

    async def _answers(self) -> None:
        """Wait until some engine can go on."""
        while not self.ready and self.failure is None:
            self.woken.clear()
            await self.woken.wait()
        if self.failure is not None:
            raise self.failure

    async def _cancel(self) -> None:
        if self.watch is not None:
            self.watch.cancel()
        for _, give_up in tuple(self.sent.values()):
            give_up()
        await asyncio.gather(*self.tasks, return_exceptions=True)


def _nothing() -> None:
    """What gives up a question that is being sent at this moment."""


_Sent = tuple[float, Callable[[], object]]
"""When a question that is on its way will be slow (monotonic seconds), and how to give it up."""

_BEING_SENT: _Sent = (0.0, _nothing)


def _said(error: Exception) -> str:
    """The error as one line, with the place where it was raised."""
    *_, place = traceback.extract_tb(error.__traceback__)
    return f"{type(error).__name__}: {error} ({PurePath(place.filename).name}:{place.lineno})"
