"""What is known already and what is being asked: no question goes out twice while its answer is fresh or on its way.

It touches nothing but the clock. An answer lives as long as its TTL says, at most an hour; one that says that nothing is
there as long as the zone's SOA says (RFC 2308 section 5); a failure for one second, which is the least that RFC 9520
section 3.2 asks for. The whole is bounded by the octets it holds, and what was not used for longest goes first.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from threading import Lock
from time import monotonic
from typing import NamedTuple

from todoku.auth.ask import Answer, Question

LONGEST_KEPT = 3_600  # seconds
FAILURE_TTL = 1
MAX_OCTETS = 16 * 2**20
_ENTRY_OCTETS = 512  # what an entry costs beside its records


class Claim(NamedTuple):
    """What a caller learns of its questions: answers that are ``known``, questions that are ``mine`` to ask now, and
    the answers that are on their way, to those and to questions that another caller is asking.
    """

    known: dict[Question, Answer]
    mine: tuple[Question, ...]
    coming: dict[Question, Future[Answer]]


class DnsCache:
    """Answers by question, for any number of threads and event loops."""

    def __init__(self, *, max_octets: int = MAX_OCTETS, clock: Callable[[], float] = monotonic) -> None:
        """Start empty."""
        self._max_octets = max_octets
        self._clock = clock
        self._octets = 0
        self._entries: OrderedDict[Question, tuple[float, Answer]] = OrderedDict()
        self._asking: dict[Question, Future[Answer]] = {}
        self._lock = Lock()

    def __len__(self) -> int:
        """How many answers are held, fresh or not."""
        return len(self._entries)

    def claim(self, questions: Iterable[Question]) -> Claim:
        """Who knows what. The caller must ``settle`` each question that is now its own, then ``abandon`` the claim."""
        known: dict[Question, Answer] = {}
        coming: dict[Question, Future[Answer]] = {}
        mine = []
        with self._lock:
            for question in dict.fromkeys(questions):
                if (answer := self._fresh(question)) is not None:
                    known[question] = answer
                    continue
                future = self._asking.get(question)
                if future is None:
                    future = self._asking[question] = Future()
                    future.set_running_or_notify_cancel()  # so that a waiter who gives up does not cancel it for all
                    mine.append(question)
                coming[question] = future
        return Claim(known, tuple(mine), coming)

    def settle(self, answer: Answer) -> None:
        """Keep the answer to a claimed question and give it to all who wait for it."""
        with self._lock:
            self._keep(answer)
            future = self._asking.pop(answer.question)
        future.set_result(answer)

    def abandon(self, claim: Claim) -> None:
        """Answer what was claimed and never settled, so that nobody waits for it: it could not be looked up."""
        for question in claim.mine:
            future = claim.coming[question]
            if not future.done():
                with self._lock:
                    del self._asking[question]
                future.set_result(Answer(question, status="timeout", detail="given up before an answer came"))

    def _fresh(self, question: Question) -> Answer | None:
        entry = self._entries.get(question)
        if entry is None:
            return None
        if entry[0] <= self._clock():
            self._drop(question)
            return None
        self._entries.move_to_end(question)
        return entry[1]

    def _keep(self, answer: Answer) -> None:
        seconds = FAILURE_TTL if answer.failed else min(answer.ttl, LONGEST_KEPT)
        if seconds <= 0:
            return
        self._drop(answer.question)
        self._entries[answer.question] = (self._clock() + seconds, answer)
        self._octets += _octets(answer)
        while self._octets > self._max_octets:
            self._drop(next(iter(self._entries)))

    def _drop(self, question: Question) -> None:
        entry = self._entries.pop(question, None)
        if entry is not None:
            self._octets -= _octets(entry[1])


def _octets(answer: Answer) -> int:
    return _ENTRY_OCTETS + sum(map(len, answer.records))
