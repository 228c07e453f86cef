"""How an engine learns from outside: it yields questions and is sent answers.

An engine never opens a socket. It is a generator that yields a batch of questions and is sent their answers in the
same order; its return value is its result. Whoever runs it (``net/drivers.py``) decides who answers: a resolver, an event
loop, a zone file, a recorded transcript, or one cache for a million messages.

``yield from ask(...)`` inside an engine, never ``ask(...)`` alone: a call without ``yield from`` asks nothing.
"""

from __future__ import annotations

import re
from collections.abc import Generator, Mapping, Sequence
from typing import Any, Literal, NamedTuple, TypeVar, cast, overload

import msgspec

Status = Literal["ok", "nxdomain", "nodata", "servfail", "timeout", "limit", "not-recorded"]
"""``ok``, ``nxdomain`` and ``nodata`` are knowledge; the other four mean that we could not look."""

MAX_CHAIN = 11  # CNAMEs that are followed for one question: a bound of ours, resolvers have about the same

_MX = re.compile(r"([0-9]{1,5})(?: |\Z)(.*)")

T = TypeVar("T")
A = TypeVar("A")
B = TypeVar("B")
C = TypeVar("C")
D = TypeVar("D")


class Question(NamedTuple):
    """One DNS question, class IN: a lower-case name without its last dot, and a type (RFC 1035 section 4.1.2)."""

    name: str
    rdtype: str


NOT_IN_FILE = "not in the zone file"
"""How the ``detail`` of a name begins that a person's zone file does not hold; what file follows."""


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


class Call(NamedTuple):
    """One read of an API: ``Call("sesv2", "", "ap-northeast-1", "GetEmailIdentity", (("EmailIdentity", "example.com"),), (...))``.

    ``account`` is what gives the credentials: a profile's name, a role's ARN, or "" for the ordinary chain. ``operation`` and
    ``parameters`` are botocore's names; parameters are sorted, their values plain or tuples. ``fields`` are the top-level
    fields of the reply that are kept: nothing else of it is recorded or shown. ``paged`` asks for every page of a listing, the
    lists of the fields joined.
    """

    service: str
    account: str
    region: str
    operation: str
    parameters: tuple[tuple[str, Any], ...] = ()
    fields: tuple[str, ...] = ()
    paged: bool = False


ReplyStatus = Literal["ok", "absent", "denied", "throttled", "refused", "unreachable", "limit", "not-recorded"]
"""``ok`` and ``absent`` (there is no such thing) are knowledge; ``refused``: the API does not take the call; the others mean
that we could not look."""


class Reply(msgspec.Struct, frozen=True):
    """What came back for a call: the fields that were asked for, or why it failed.

    ``detail`` is the API's own error, its code first (``"AccessDeniedException: ..."``), without anything secret.
    """

    call: Call
    value: Mapping[str, Any] = {}
    status: ReplyStatus = "ok"
    detail: str = ""

    @property
    def failed(self) -> bool:
        """Whether we could not look: never to be read as absence."""
        return self.status not in ("ok", "absent")


Ask = Generator[Sequence[Question], Sequence[Answer], T]
"""An engine with a result of type T that asks the DNS alone: what a message or a domain may make us ask."""

Look = Generator[Sequence[Question | Call], Sequence[Answer | Reply], T]
"""An engine that may also read an API. Its type tells it from those that hostile input can steer."""


def ask(name: str, rdtype: str) -> Ask[Answer]:
    """What DNS says: ``answer = yield from ask("example.com", "TXT")``."""
    (answer,) = yield (Question(name.lower().rstrip("."), rdtype),)
    return answer


def settled(result: T) -> Ask[T]:
    """An engine that has nothing to ask, for its result is known."""
    yield from ()
    return result


def call(
    service: str,
    account: str,
    region: str,
    operation: str,
    fields: Sequence[str],
    **parameters: Any,  # noqa: ANN401 -- as the API takes them
) -> Look[Reply]:
    """What an API says: ``reply = yield from call("sesv2", "", region, "GetAccount", ("SendQuota",))``."""
    (reply,) = yield (Call(service, account, region, operation, tuple(sorted(parameters.items())), tuple(fields)),)
    return cast(Reply, reply)


def dns(engine: Ask[T]) -> Look[T]:
    """An engine that asks the DNS alone, as part of one that also reads an API."""
    return cast(Look[T], engine)


def all_of(engines: Sequence[Look[T]]) -> Look[tuple[T, ...]]:
    """``together`` for engines that may read an API."""
    return cast(Look[tuple[T, ...]], together(*cast(Sequence[Ask[T]], engines)))


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
        questions = [question for _, _, own in waiting for question in own]
        batch = tuple(dict.fromkeys(questions))
        answers = yield batch
        if len(batch) < len(questions):  # two want to know the same
            known = dict(zip(batch, answers, strict=True))
            answers = [known[question] for question in questions]
        asked, waiting, start = waiting, [], 0
        for index, engine, own in asked:
            end = start + len(own)
            try:
                waiting.append((index, engine, engine.send(answers[start:end])))
            except StopIteration as stop:
                results[index] = stop.value
            start = end
    return tuple(results)


class Allowance:
    """How many questions some engines may still ask between them, a bound of ours, and the answers to those refused."""

    def __init__(self, questions: int) -> None:
        """Start with ``questions`` left."""
        self.left = questions
        self.refused: list[Answer] = []


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
                over = [*map(_over_limit, refused)]
                allowance.refused += over
                answers = [*answers, *over]
            questions = engine.send(answers)
    except StopIteration as stop:
        return cast(T, stop.value)


def _over_limit(question: Question) -> Answer:
    return Answer(question, status="limit", detail="too many DNS questions for one message")


def exchanges(answer: Answer) -> tuple[tuple[int, str], ...]:
    """The (preference, host) pairs of an MX answer, best first; host ``""`` is the null MX of RFC 7505.

    DNS has no others, but a bundle that somebody wrote may hold records that are none; these are passed over.
    """
    pairs = (_MX.fullmatch(record) for record in answer.records)
    return tuple(sorted((int(pair[1]), pair[2].rstrip(".")) for pair in pairs if pair))


def readable(record: str) -> str:
    """A TXT record as text for people: its octets read as UTF-8, what is not UTF-8 replaced."""
    return record if record.isascii() else record.encode("latin-1", "replace").decode("utf-8", "replace")
