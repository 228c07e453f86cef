"""What is known already and what is being asked: no question goes out twice while its answer is fresh or on its way.

It touches nothing but the clock. An answer lives as long as its TTL says, at most an hour; one that says that nothing is
there as long as the zone's SOA says (RFC 2308 section 5); a failure for one second, which is the least that RFC 9520
section 3.2 asks for. The whole is bounded by the octets it holds, and what was not used for longest goes first.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable
from threading import Event, Lock
from time import monotonic
from typing import NamedTuple

import msgspec

from todoku.auth.ask import Answer, Question

LONGEST_KEPT = 3_600  # seconds
FAILURE_TTL = 1
MAX_OCTETS = 16 * 2**20
_ENTRY_OCTETS = 512  # what an entry costs beside its records


class Coming:
    """An answer that is on its way, for any number of threads.

    It is a ``concurrent.futures.Future`` that nobody can cancel, at a tenth of the cost: there is one for each question.
    """

    __slots__ = ("_answer", "_lock", "_then")

    def __init__(self, lock: Lock) -> None:
        """Share ``lock`` with others that are settled by the same hand."""
        self._lock = lock
        self._answer: Answer | None = None
        self._then: list[Callable[[Answer], object]] = []

    def done(self) -> bool:
        """Whether it is there."""
        return self._answer is not None

    def then(self, callback: Callable[[Answer], object]) -> None:
        """Call ``callback`` with the answer, in the thread that brings it; at once where it is there."""
        with self._lock:
            if self._answer is None:
                self._then.append(callback)
                return
        callback(self._answer)

    def result(self, seconds: float) -> Answer:
        """The answer. Raises ``TimeoutError`` when it is not there within ``seconds``."""
        if self._answer is None:
            come = Event()
            self.then(lambda _: come.set())
            come.wait(seconds)
        if self._answer is None:
            raise TimeoutError
        return self._answer

    def settle(self, answer: Answer) -> None:
        """Give it to all who wait."""
        with self._lock:
            self._answer, then = answer, self._then
        for callback in then:
            callback(answer)


class Claim(NamedTuple):
    """What a caller learns of its questions: answers that are ``known``, questions that are ``mine`` to ask now, and
    the answers that are on their way, to those and to questions that another caller is asking.
    """

    known: dict[Question, Answer]
    mine: tuple[Question, ...]
    coming: dict[Question, Coming]


class _Entry(msgspec.Struct, gc=False):
    """An answer, until when it is fresh, and how much of the cache it takes."""

    answer: Answer
    until: float
    octets: int


class DnsCache:
    """Answers by question, for any number of threads and event loops."""

    def __init__(self, *, max_octets: int = MAX_OCTETS, clock: Callable[[], float] = monotonic) -> None:
        """Start empty."""
        self._max_octets = max_octets
        self._clock = clock
        self._octets = 0
        self._entries: OrderedDict[Question, _Entry] = OrderedDict()
        self._asking: dict[Question, Coming | None] = {}  # None: nobody waits for it but who asks
        self._lock = Lock()

    def __len__(self) -> int:
        """How many answers are held, fresh or not."""
        return len(self._entries)

    def claim(self, questions: Iterable[Question]) -> Claim:
        """Who knows what. The caller must ``settle`` each question that is now its own, then ``abandon`` the claim."""
        known: dict[Question, Answer] = {}
        coming: dict[Question, Coming] = {}
        mine = []
        with self._lock:
            for question in dict.fromkeys(questions):
                if (answer := self._fresh(question)) is not None:
                    known[question] = answer
                    continue
                if question not in self._asking:
                    mine.append(question)
                on_its_way = self._asking.get(question)
                if on_its_way is None:
                    on_its_way = self._asking[question] = Coming(self._lock)
                coming[question] = on_its_way
        return Claim(known, tuple(mine), coming)

    def claim_one(self, question: Question) -> Answer | bool:
        """``claim`` for one question: its answer where it is fresh, else whether it is now the caller's; if not, somebody else asks."""
        with self._lock:
            if (answer := self._fresh(question)) is not None:
                return answer
            if question in self._asking:
                return False
            self._asking[question] = None
            return True

    def settle(self, answer: Answer) -> None:
        """Keep the answer to a claimed question and give it to all who wait for it; nobody does where it was abandoned."""
        with self._lock:
            self._keep(answer)
            coming = self._asking.pop(answer.question, None)
        if coming is not None:
            coming.settle(answer)

    def abandon(self, claim: Claim) -> None:
        """Answer what was claimed and never settled, so that nobody waits for it: it could not be looked up."""
        for question in claim.mine:
            if not claim.coming[question].done():
                self.abandon_one(question)

    def abandon_one(self, question: Question) -> None:
        """``abandon`` for one question, which is the caller's and not settled."""
        with self._lock:
            coming = self._asking.pop(question)
        if coming is not None:
            coming.settle(Answer(question, status="timeout", detail="given up before an answer came"))

    def _fresh(self, question: Question) -> Answer | None:
        entry = self._entries.get(question)
        if entry is None:
            return None
        if entry.until <= self._clock():
            self._drop(question)
            return None
        self._entries.move_to_end(question)
        return entry.answer

    def _keep(self, answer: Answer) -> None:
        seconds = FAILURE_TTL if answer.failed else min(answer.ttl, LONGEST_KEPT)
        if seconds <= 0:
            return
        self._drop(answer.question)
        octets = _ENTRY_OCTETS + sum(map(len, answer.records))
        self._entries[answer.question] = _Entry(answer, self._clock() + seconds, octets)
        self._octets += octets
        while self._octets > self._max_octets:
            self._drop(next(iter(self._entries)))

    def _drop(self, question: Question) -> None:
        entry = self._entries.pop(question, None)
        if entry is not None:
            self._octets -= entry.octets
