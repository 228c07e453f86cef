"""What is fetched or read at once: a bounded number of items of a bounded size, since all of it is held in memory."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TypeVar

T = TypeVar("T")


def portions(sized: Iterable[tuple[T, int]], number: int, most: int) -> Iterator[list[T]]:
    """The items in order, at most ``number`` together and ``most`` octets of them; one that is larger comes alone."""
    portion: list[T] = []
    octets = 0
    for item, size in sized:
        if portion and (len(portion) == number or octets + size > most):
            yield portion
            portion, octets = [], 0
        portion.append(item)
        octets += size
    if portion:
        yield portion
