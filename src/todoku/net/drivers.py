"""Drivers: they run an engine and see to it that its questions are answered, from wherever a source has the answers.

An engine (``auth/ask.py``) never knows who answers. ``run`` is for blocking callers, ``run_async`` for an event loop,
``run_many`` (``many.py``) for many engines side by side, ``run_look`` for an engine that reads an API beside the DNS.
Budgets are the driver's: past an engine's own waiting time its questions are answered ``limit``, which is "could not
look", never a wrong verdict. An API has its own pace (``aws/ses.py``), so waiting for it is not counted.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import takewhile
from time import monotonic
from typing import Protocol, TypeVar, cast, overload

import msgspec

from todoku.auth.ask import MAX_CHAIN, Answer, Ask, Call, Look, Question, Reply, ask, together
from todoku.net.dns.zone import Zone, is_alias, redirected
from todoku.words.errors import UsageError
from todoku.words.verdict import Text

T = TypeVar("T")


class Source(Protocol):
    """Whoever can answer questions to a caller that waits."""

    def answers(self, questions: Sequence[Question], *, seconds: float | None = None) -> Sequence[Answer]:
        """The answers in the questions' order. A question that cannot be answered is an ``Answer`` too.

        ``seconds`` is how long the caller can wait: what is not there by then is ``timeout``.
        """


class AsyncSource(Protocol):
    """Whoever can answer questions in an event loop."""

    async def answers_async(self, questions: Sequence[Question]) -> Sequence[Answer]:
        """The answers in the questions' order. A question that cannot be answered is an ``Answer`` too."""


class DnsSource(Source, AsyncSource, Protocol):
    """A source for both kinds of caller: a resolver, a ``Zone``, ``Layers``, ``Recorded``."""


class CallSource(Protocol):
    """Whoever can read an API for a caller that waits."""

    def replies(self, calls: Sequence[Call]) -> Sequence[Reply]:
        """The replies in the calls' order. A call that fails has a ``Reply`` too, which says why."""


def run(engine: Ask[T], source: Source, *, seconds: float | None = None) -> T:
    """The engine's result. Once it has waited ``seconds`` in all, further questions are answered ``limit``."""
    waited = 0.0
    answers: Sequence[Answer] | None = None
    while True:
        try:
            questions = next(engine) if answers is None else engine.send(answers)
        except StopIteration as stop:
            return cast(T, stop.value)
        if seconds is None:
            answers = source.answers(questions)
        elif waited >= seconds:
            answers = out_of_time(questions, seconds)
        else:
            asked_at = monotonic()
            answers = source.answers(questions, seconds=seconds - waited)
            waited += monotonic() - asked_at
            if waited >= seconds:
                answers = [_in_time(answer, seconds) for answer in answers]


def _in_time(answer: Answer, seconds: float) -> Answer:
    """The answer; a time-out at the end of the engine's own time is a bound of ours, and named so."""
    return answer if answer.status != "timeout" else out_of_time((answer.question,), seconds)[0]


def run_look(engine: Look[T], dns: Source, api: CallSource, *, seconds: float | None = None) -> T:
    """The engine's result: ``dns`` answers its questions, ``api`` its calls. ``seconds`` are for waiting on the DNS alone."""
    return run(answering_calls(engine, api), dns, seconds=seconds)


def answering_calls(engine: Look[T], api: CallSource) -> Ask[T]:
    """The engine as one that asks the DNS alone: of each batch only the questions are left to the driver."""
    try:
        batch = next(engine)
        while True:
            questions = [asked for asked in batch if isinstance(asked, Question)]
            calls = [asked for asked in batch if isinstance(asked, Call)]
            answers = dict(zip(questions, (yield questions), strict=True)) if questions else {}
            replies = dict(zip(calls, api.replies(calls), strict=True)) if calls else {}
            batch = engine.send([answers[asked] if isinstance(asked, Question) else replies[asked] for asked in batch])
    except StopIteration as stop:
        return cast(T, stop.value)


async def run_async(engine: Ask[T], source: AsyncSource, *, seconds: float | None = None) -> T:
    """The engine's result in an event loop. After ``seconds`` of waiting what is still open is answered ``limit``."""
    waited = 0.0
    answers: Sequence[Answer] | None = None
    while True:
        try:
            questions = next(engine) if answers is None else engine.send(answers)
        except StopIteration as stop:
            return cast(T, stop.value)
        if seconds is None:
            answers = await source.answers_async(questions)
        else:
            asked_at = monotonic()
            answers = await _answers_within(source, questions, seconds, seconds - waited)
            waited += monotonic() - asked_at


async def _answers_within(
    source: AsyncSource, questions: Sequence[Question], seconds: float, left: float
) -> Sequence[Answer]:
    from asyncio import timeout  # noqa: PLC0415 -- 30 ms at start-up that a blocking caller need not pay

    if left <= 0:
        return out_of_time(questions, seconds)
    try:
        async with timeout(left):
            return await source.answers_async(questions)
    except TimeoutError:
        return out_of_time(questions, seconds)


def out_of_time(questions: Sequence[Question], seconds: float) -> Sequence[Answer]:
    """What a driver answers when an engine has waited for long enough: a bound of ours, named."""
    return [Answer(question, status="limit", detail=f"DNS took more than {seconds:g} s") for question in questions]


class Transcript:
    """Every distinct question and call of a run with its answer, in the order in which they were asked."""

    __slots__ = ("_known",)

    def __init__(self, answers: Iterable[Answer] = (), replies: Iterable[Reply] = ()) -> None:
        """Start from what a record holds, or from nothing."""
        self._known: dict[Question | Call, Answer | Reply] = {answer.question: answer for answer in answers}
        self._known.update({reply.call: reply for reply in replies})

    def __iter__(self) -> Iterator[Answer]:
        """The answers of the DNS in order; each carries its question."""
        return (known for known in self._known.values() if isinstance(known, Answer))

    @property
    def replies(self) -> Iterator[Reply]:
        """The replies of APIs in order; each carries its call."""
        return (known for known in self._known.values() if isinstance(known, Reply))

    def __len__(self) -> int:
        """How many distinct questions and calls were asked."""
        return len(self._known)

    @overload
    def get(self, asked: Question) -> Answer | None: ...
    @overload
    def get(self, asked: Call) -> Reply | None: ...
    def get(self, asked: Question | Call) -> Answer | Reply | None:
        """What is known of it, or None where it was not asked."""
        return self._known.get(asked)

    def __contains__(self, asked: Question | Call) -> bool:
        """Whether it was asked."""
        return asked in self._known

    def answers(self, questions: Sequence[Question]) -> list[Answer]:
        """What is known of questions that were all asked."""
        return cast(list[Answer], list(map(self._known.__getitem__, questions)))

    def add(self, known: Answer | Reply) -> None:
        """Keep an answer or a reply; the first one to a question or call stays."""
        self._known.setdefault(known.call if isinstance(known, Reply) else known.question, known)


def recording(engine: Ask[T], transcript: Transcript) -> Ask[T]:
    """The engine's result; each distinct question is asked once and kept in ``transcript``.

    It wraps the engine, not the source, so that what the driver itself answers (``limit``) is kept too, and so that
    each of many engines has a transcript of its own: ``run(recording(engine, transcript), source, seconds=10)``.
    """
    answers: Sequence[Answer] | None = None
    while True:
        try:
            questions = next(engine) if answers is None else engine.send(answers)
        except StopIteration as stop:
            return cast(T, stop.value)
        new = tuple(dict.fromkeys([question for question in questions if question not in transcript]))
        if new:
            for answer in (yield new):
                transcript.add(answer)
        answers = transcript.answers(questions)


def recording_look(engine: Look[T], transcript: Transcript) -> Look[T]:
    """``recording`` for an engine that may read an API: each distinct call is made once and kept too."""
    return cast(Look[T], recording(cast(Ask[T], engine), transcript))


class Recorded:
    """A source that answers from a record. What the record lacks is ``not-recorded``: could not look, never absence."""

    __slots__ = ("_transcript",)

    def __init__(self, transcript: Transcript) -> None:
        """Answer from ``transcript``."""
        self._transcript = transcript

    def answers(self, questions: Sequence[Question], *, seconds: float | None = None) -> Sequence[Answer]:  # noqa: ARG002 -- nothing to wait for
        """The recorded answers."""
        return [
            self._transcript.get(question) or Answer(question, status="not-recorded", detail="not in the record")
            for question in questions
        ]

    async def answers_async(self, questions: Sequence[Question]) -> Sequence[Answer]:
        """The recorded answers, for an event loop."""
        return self.answers(questions)

    def replies(self, calls: Sequence[Call]) -> Sequence[Reply]:
        """The recorded replies."""
        return [
            self._transcript.get(call) or Reply(call, status="not-recorded", detail="not in the record")
            for call in calls
        ]


class Layers:
    """Zones laid over a source: what would the world say if these records were published?

    ``Layers((base, zone, ...))``: each zone lies over those before it and answers only for what it holds; the rest comes
    from below, and only the base is closed. A CNAME that is met in whichever layer leads back to the top, because its
    target may stand in any of them.
    """

    __slots__ = ("_base", "_zones")

    def __init__(self, sources: Sequence[DnsSource]) -> None:
        """Raises ``UsageError`` when something other than a zone would lie on top and hide all that is below it."""
        base, *over = sources
        zones = [source for source in over if isinstance(source, Zone)]
        if len(zones) < len(over):
            raise UsageError(
                Text(
                    "only a zone file can lie over another DNS source: name the server first, then the zones",
                    "他のDNSに重ねられるのはゾーンファイルだけです。サーバーを先に、ゾーンを後に指定してください",
                )
            )
        self._base = base
        self._zones = tuple(reversed(zones))  # the top one first

    def answers(self, questions: Sequence[Question], *, seconds: float | None = None) -> Sequence[Answer]:
        """What the layers say together."""
        return run(together(*map(self._answer, questions)), self._base, seconds=seconds)

    async def answers_async(self, questions: Sequence[Question]) -> Sequence[Answer]:
        """What the layers say together, for an event loop."""
        return await run_async(together(*map(self._answer, questions)), self._base)

    def _answer(self, question: Question) -> Ask[Answer]:
        name, rdtype = question
        chain: list[str] = []
        while len(chain) <= MAX_CHAIN:
            held = self._held(Question(name, rdtype))
            if held is None:
                below = yield from ask(name, rdtype)
                targets = self._followed_below(name, below)
                if targets is None:
                    return self._completed(below, question, name, chain)
                chain += targets
            elif is_alias(held, rdtype):
                chain.append(held.records[0].lower())
            else:
                return redirected(held, question, chain)
            name = chain[-1]
            if name == question.name or name in chain[:-1]:
                return Answer(question, status="servfail", chain=tuple(chain), detail="CNAME loop")
        return Answer(question, status="servfail", chain=tuple(chain), detail=f"more than {MAX_CHAIN} CNAMEs")

    def _held(self, question: Question) -> Answer | None:
        return next((held for zone in self._zones if (held := zone.held(question)) is not None), None)

    def _followed_below(self, name: str, below: Answer) -> list[str] | None:
        """The CNAMEs that the base followed up to a name of which a zone speaks, or None where it met none."""
        if not below.chain or any(zone.denies_alias(name) for zone in self._zones):
            return None
        targets = [target.lower() for target in below.chain]
        rdtype = below.question.rdtype
        before = list(takewhile(lambda target: self._held(Question(target, rdtype)) is None, targets))
        return None if len(before) == len(targets) else targets[: len(before) + 1]

    def _completed(self, below: Answer, question: Question, name: str, chain: list[str]) -> Answer:
        """The base's answer, corrected by what the zones add to the names that exist."""
        if below.chain and any(zone.denies_alias(name) for zone in self._zones):
            return Answer(question, status="nodata", chain=tuple(chain), authority=below.authority)
        whole = (*chain, *below.chain)
        if below.status != "nxdomain":
            return msgspec.structs.replace(below, question=question, chain=whole)
        last = whole[-1].lower() if whole else name
        for zone in self._zones:
            star = zone.wildcard(last)
            held = None if star is None else zone.held(Question(star, question.rdtype))
            if held is not None and not is_alias(held, question.rdtype):
                return redirected(held, question, whole)
        # RFC 4592 2.2.1: a name that a wildcard covers has the types of the wildcard, so that for others it is no data.
        exists = any(zone.knows(last) or zone.wildcard(last) is not None for zone in self._zones)
        status = "nodata" if exists else below.status
        return msgspec.structs.replace(below, question=question, chain=whole, status=status)
