"""What several requirements ask of the same facts, worked out once.

Requirements are judged one after the other and know nothing of each other: the last results are all that need be kept. Facts
are told apart by identity, which costs nothing and cannot be wrong: those of a message are made once, and those of a
sender's domain are the same objects from message to message (``auth/memory.py``).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from operator import is_
from typing import ParamSpec, TypeVar, cast

FEW = 8  # of one message: its signatures, its answers
MANY = 256  # of senders, whose facts are small

P = ParamSpec("P")
T = TypeVar("T")

_FORGET: list[Callable[[], None]] = []
"""What forgets the results of one message, each of one function."""


def forget_message() -> None:
    """Forget what was worked out of one message, and the message: what is kept keeps its facts alive, up to 25 MiB of them."""
    for forget in _FORGET:
        forget()


def remembered(function: Callable[P, T], *, keep: int = 1) -> Callable[P, T]:
    """The function, a pure one, that gives a result again where it is given the very same objects again.

    ``keep`` is how many results are kept; one more, and all are forgotten. Each keeps its arguments alive, so that no other
    object can have their identity: of a message keep one.
    """
    if function.__code__.co_argcount == 1:  # ... of one object nearly always, which makes half of the cost
        return cast(Callable[P, T], _of_one(cast(Callable[[object], T], function), keep))
    if keep == 1:
        return cast(Callable[P, T], _last(cast(Callable[..., T], function)))
    kept: dict[tuple[int, ...], tuple[tuple[object, ...], T]] = {}
    if keep < MANY:
        _FORGET.append(kept.clear)

    @wraps(function)
    def remember(*args: P.args, **kwargs: P.kwargs) -> T:
        key = tuple(map(id, args))
        known = kept.get(key)
        if known is not None and not kwargs:
            return known[1]
        result = function(*args, **kwargs)
        if not kwargs:
            if len(kept) >= keep:
                kept.clear()
            kept[key] = args, result
        return result

    return remember


def _last(function: Callable[..., T]) -> Callable[..., T]:
    known: tuple[tuple[object, ...], T] | None = None

    @wraps(function)
    def remember(*facts: object) -> T:
        nonlocal known
        last = known  # another thread may be at work beside this one
        if last is None or not all(map(is_, facts, last[0])):
            last = known = facts, function(*facts)
        return last[1]

    def forget() -> None:
        nonlocal known
        known = None

    _FORGET.append(forget)
    return remember


def _of_one(function: Callable[[object], T], keep: int) -> Callable[[object], T]:
    kept: dict[int, tuple[object, T]] = {}
    if keep < MANY:
        _FORGET.append(kept.clear)

    @wraps(function)
    def remember(fact: object) -> T:
        known = kept.get(id(fact))
        if known is not None:
            return known[1]
        result = function(fact)
        if len(kept) >= keep:
            kept.clear()
        kept[id(fact)] = fact, result
        return result

    return remember


def remembered_few(function: Callable[P, T]) -> Callable[P, T]:
    """``remembered`` of as many as one message has."""
    return remembered(function, keep=FEW)


def remembered_of_senders(function: Callable[P, T]) -> Callable[P, T]:
    """``remembered`` of facts that hold for all mail of a sender."""
    return remembered(function, keep=MANY)
