"""Engines that remember: one sender's messages ask the same questions over and over.

An engine's result depends on its arguments and on the answers that it is sent, and on nothing else. So where both are what
they were before, the result is too: it costs a comparison instead of an evaluation, and no wrong one can come of it. The
questions are asked all the same.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from functools import wraps
from typing import Any, NamedTuple, ParamSpec, TypeVar, cast

from todoku.auth.ask import Answer, Ask, Question

MAX_RUNS = 1_024  # of one engine, the oldest forgotten first
MAX_TEXT = 4_096  # characters of arguments and records: a longer run is not kept, whatever strangers write and publish

P = ParamSpec("P")
T = TypeVar("T")


class _Round(NamedTuple):
    """What an engine asked, and what it was told."""

    questions: Sequence[Question]
    answers: tuple[Answer, ...]


class _Run(NamedTuple):
    """The rounds of an engine, and what came of them."""

    rounds: list[_Round]
    result: Any


def remembering(engine: Callable[P, Ask[T]]) -> Callable[P, Ask[T]]:
    """The same engine, its arguments hashable, that evaluates the same answers once."""
    runs: dict[Hashable, _Run] = {}

    @wraps(engine)
    def remembered(*args: P.args, **kwargs: P.kwargs) -> Ask[T]:
        key = args, tuple(kwargs.items())
        rounds: list[_Round] = []
        known = runs.get(key)
        if known is not None:
            for before in known.rounds:
                rounds.append(_Round(before.questions, tuple((yield before.questions))))
                if rounds[-1].answers != before.answers:
                    break
            else:
                return cast(T, known.result)
        result = yield from _continued(engine(*args, **kwargs), rounds)
        if _characters(key) + sum(_characters(answer.records) for one in rounds for answer in one.answers) <= MAX_TEXT:
            if len(runs) >= MAX_RUNS:
                runs.pop(next(iter(runs)), None)  # None: another thread was faster
            runs[key] = _Run(rounds, result)
        return result

    return remembered


def _continued(engine: Ask[T], rounds: list[_Round]) -> Ask[T]:
    """The result of an engine whose first rounds have been asked already; those that follow are added to them."""
    try:
        questions = next(engine)
        for earlier in tuple(rounds):  # it asks the same again, up to the answer that differs
            questions = engine.send(earlier.answers)
        while True:
            rounds.append(_Round(questions, tuple((yield questions))))
            questions = engine.send(rounds[-1].answers)
    except StopIteration as stop:
        return cast(T, stop.value)


def _characters(part: object) -> int:
    """How many characters a text has, or the texts of a tuple together."""
    if isinstance(part, str):
        return len(part)
    return sum(map(_characters, part)) if isinstance(part, tuple) else 0
