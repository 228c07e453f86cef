"""How an engine learns from outside: it yields questions and is sent answers.

An engine never opens a socket. It is a generator that yields a batch of questions and is sent their answers in the
same order; its return value is its result. Whoever runs it (``net/drive.py``) decides who answers: a resolver, an event
loop, a zone file, a recorded transcript, or one cache for a million messages.

``yield from ask(...)`` inside an engine, never ``ask(...)`` alone: a call without ``yield from`` asks nothing.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from typing import Any, Literal, NamedTuple, TypeVar, cast, overload

import msgspec

Status = Literal["ok", "nxdomain", "nodata", "servfail", "timeout", "limit", "not-recorded"]
"""``ok``, ``nxdomain`` and ``nodata`` are knowledge; the other four mean that we could not look."""

T = TypeVar("T")
A = TypeVar("A")
B = TypeVar("B")
C = TypeVar("C")
D = TypeVar("D")


class Question(NamedTuple):
    """One DNS question, class IN: a lower-case name without its last dot, and a type (RFC 1035 section 4.1.2)."""

    name: str
    rdtype: str


class Answer(msgspec.Struct, frozen=True):
    """What came back for a question; *not there* is kept apart from *could not ask*.

    ``records`` are in presentation form, names without their last dot: ``"192.0.2.1"``, ``"10 mx.example.com"`` (MX),
    ``"host.example.com"`` (PTR, NS, CNAME). A TXT record is its strings joined without a space, one character for each
    octet (latin-1), so that nothing is lost and ``isascii()`` tells the truth; ``readable()`` is for people.
    ``chain`` holds the CNAME targets that were followed; ``authority`` the owner of the SOA in the authority section.
    """

    question: Question
    records: tuple[str, ...] = ()
    status: Status = "ok"
    ttl: int = 0
    authenticated: bool = False  # the AD bit, RFC 4035 section 3.2.3
    chain: tuple[str, ...] = ()
    authority: str = ""
    detail: str = ""  # what the resolver said, for people: "REFUSED from 192.0.2.53"

    @property
    def failed(self) -> bool:
        """Whether we could not look: never to be read as absence."""
        return self.status not in ("ok", "nxdomain", "nodata")


Ask = Generator[Sequence[Question], Sequence[Answer], T]
"""An engine with a result of type T."""


def ask(name: str, rdtype: str) -> Ask[Answer]:
    """What DNS says: ``answer = yield from ask("example.com", "TXT")``."""
    (answer,) = yield (Question(name.lower().rstrip("."), rdtype),)
    return answer


@overload
def together(first: Ask[A], second: Ask[B], /) -> Ask[tuple[A, B]]: ...
@overload
def together(first: Ask[A], second: Ask[B], third: Ask[C], /) -> Ask[tuple[A, B, C]]: ...
@overload
def together(first: Ask[A], second: Ask[B], third: Ask[C], fourth: Ask[D], /) -> Ask[tuple[A, B, C, D]]: ...
@overload
def together(*engines: Ask[T]) -> Ask[tuple[T, ...]]: ...
def together(*engines: Ask[Any]) -> Ask[tuple[Any, ...]]:
    """The results of several engines that run side by side: each round of questions is one batch, each question once."""
    results: list[Any] = [None] * len(engines)
    waiting: list[tuple[int, Ask[Any], Sequence[Question]]] = []
    for index, engine in enumerate(engines):
        try:
            waiting.append((index, engine, next(engine)))
        except StopIteration as stop:
            results[index] = stop.value
    while waiting:
        batch = tuple(dict.fromkeys([question for _, _, questions in waiting for question in questions]))
        answers = dict(zip(batch, (yield batch), strict=True))
        asked, waiting = waiting, []
        for index, engine, questions in asked:
            try:
                waiting.append((index, engine, engine.send([answers[question] for question in questions])))
            except StopIteration as stop:
                results[index] = stop.value
    return tuple(results)


class Allowance:
    """How many questions some engines may still ask between them: a bound of ours, not of a standard."""

    def __init__(self, questions: int) -> None:
        """Start with ``questions`` left."""
        self.left = questions


def limited(engine: Ask[T], allowance: Allowance, *, spare: int = 0) -> Ask[T]:
    """The engine's result; questions beyond the allowance are answered ``limit`` and not asked. ``spare`` are left to others."""
    try:
        questions = next(engine)
        while True:
            allowed = max(0, allowance.left - spare)
            if 0 < len(questions) <= allowed:  # all of them, nearly always
                allowance.left -= len(questions)
                questions = engine.send((yield questions))
                continue
            asked, refused = questions[:allowed], questions[allowed:]
            allowance.left -= len(asked)
            answers = (yield asked) if asked else ()
            if refused:
                answers = [*answers, *map(_over_limit, refused)]
            questions = engine.send(answers)
    except StopIteration as stop:
        return cast(T, stop.value)


def _over_limit(question: Question) -> Answer:
    return Answer(question, status="limit", detail="too many DNS questions for one message")


def exchanges(answer: Answer) -> tuple[tuple[int, str], ...]:
    """The (preference, host) pairs of an MX answer, best first; host ``""`` is the null MX of RFC 7505."""
    pairs = (record.partition(" ") for record in answer.records)
    return tuple(sorted((int(preference), host.rstrip(".")) for preference, _, host in pairs))


def readable(record: str) -> str:
    """A TXT record as text for people: its octets read as UTF-8, what is not UTF-8 replaced."""
    return record if record.isascii() else record.encode("latin-1", "replace").decode("utf-8", "replace")
