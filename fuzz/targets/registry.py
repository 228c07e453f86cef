"""The targets by name, and what all of them are told: the modules that are meant, the grammar's words, where seeds are."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Any, NamedTuple

Attack = Callable[[bytes], None]


class Target(NamedTuple):
    """A target: what it runs, which modules it is to reach (with all below them), and how its inputs are made.

    ``words`` are spliced into inputs, which are taken to pieces where ``cut`` matches. ``seeds`` names what ``seeds.py`` is to
    begin with: whole messages, values of header fields, records. ``longest``: octets of an input that is made up.
    """

    name: str
    run: Attack
    modules: tuple[str, ...]
    words: tuple[bytes, ...]
    cut: bytes
    seeds: tuple[str, ...]
    longest: int


TARGETS: dict[str, Target] = {}


def target(
    *modules: str,
    words: bytes = b"",
    phrases: tuple[bytes, ...] = (),
    cut: bytes = rb"[;,]|\r?\n",
    seeds: str = "",
    library: str = "",
    longest: int = 0,
) -> Callable[[Attack], Attack]:
    """Enter the function below as the target of its name.

    ``words`` are apart by blanks, ``phrases`` may hold some. ``library``: one that is watched too, for what it may raise.
    """

    def enter(run: Attack) -> Attack:
        name = run.__name__
        whole = (*(f"todoku.{module}" for module in modules), *library.split())
        most = longest or (1_024 if "message" in seeds.split() else 384)  # short ones are fast
        TARGETS[name] = Target(name, run, whole, (*words.split(), *phrases), cut, tuple(seeds.split()), most)
        return run

    return enter


_MANY = re.compile(rb"\{\{([0-9]{1,5})\*(.*?)\}\}", re.DOTALL)
MANY = b"{{1001*"
"""How an input says that a piece of it stands there many times: ``{{1001*a:b}}``. So a small one reaches the bounds."""

FEW, SHORT = 300, 20  # octets


def inflated(data: bytes, most: int = 5_000, few: int = FEW) -> bytes:
    """The input with its repeats written out, as far as it then has not more than ``most`` octets.

    Only one that is nothing but one short repeat gets that many; others, of which there are many more, get ``few``.
    """
    if b"{{" not in data:
        return data
    left = (most if len(data) <= SHORT and _MANY.fullmatch(data) else few) - len(data)

    def written_out(found: re.Match[bytes]) -> bytes:
        nonlocal left
        whole = found[2] * min(int(found[1]), max(left, 0) // max(len(found[2]), 1))
        left -= len(whole)
        return whole

    return _MANY.sub(written_out, data)


@contextmanager
def lowered(module: ModuleType, **bounds: Any) -> Iterator[None]:
    """The module with bounds so low that small inputs reach them, or with another of its functions."""
    before = {name: getattr(module, name) for name in bounds}
    try:
        for name, bound in bounds.items():
            setattr(module, name, bound)
        yield
    finally:
        for name, bound in before.items():
            setattr(module, name, bound)


def planted(data: bytes) -> None:
    """A fault of ours for ``--self-test``: only who learns from coverage finds its way, one octet after the other."""
    text = data.decode("latin-1")
    if text[0:1] == "t":
        if text[1:2] == "o":
            if text[2:3] == "d":
                if text[3:4] == "o":
                    raise AssertionError("the planted fault")
