"""An engine that remembers gives what it would give anew, whatever the answers are."""

from __future__ import annotations

from itertools import pairwise

import pytest

from todoku.auth import memory
from todoku.auth.ask import Answer, Ask, Question, ask
from todoku.auth.memory import remembering
from todoku.net.dns.zone import Zone
from todoku.net.drivers import run


class Counted:
    """An engine that follows TXT records from name to name, and how often it began."""

    def __init__(self) -> None:
        self.begun = 0
        self.engine = remembering(self._follow)

    def _follow(self, name: str, *, most: int = 5) -> Ask[tuple[str, ...]]:
        self.begun += 1
        seen = [name]
        while len(seen) < most:
            answer = yield from ask(seen[-1], "TXT")
            if not answer.records:
                break
            seen.append(answer.records[0])
        return tuple(seen)


def zone(*names: str) -> Zone:
    return Zone.from_dict({name: [("TXT", target)] for name, target in pairwise(names)})


def test_the_same_answers_are_evaluated_once():
    counted = Counted()
    source = zone("a", "b", "c")
    assert run(counted.engine("a"), source) == run(counted.engine("a"), source) == ("a", "b", "c")
    assert counted.begun == 1


@pytest.mark.parametrize("other", [("a",), ("a", "x"), ("a", "b"), ("a", "b", "x", "y"), ("a", "b", "c", "d")])
def test_other_answers_are_evaluated_anew(other):
    counted = Counted()
    run(counted.engine("a"), zone("a", "b", "c"))
    assert run(counted.engine("a"), zone(*other)) == other
    assert run(counted.engine("a"), zone(*other)) == other
    assert counted.begun == 2


def test_a_failure_is_not_taken_for_what_was_known():
    counted = Counted()
    run(counted.engine("a"), zone("a", "b"))
    engine = counted.engine("a")
    assert next(engine) == (Question("a", "TXT"),)
    with pytest.raises(StopIteration) as stop:
        engine.send([Answer(Question("a", "TXT"), status="timeout")])
    assert stop.value.value == ("a",)


def test_other_arguments_are_other_runs():
    counted = Counted()
    source = zone("a", "b", "c")
    assert run(counted.engine("a", most=2), source) == ("a", "b")
    assert run(counted.engine("a", most=3), source) == ("a", "b", "c")
    assert run(counted.engine("a", most=1), source) == ("a",)


def test_an_engine_that_asks_nothing():
    counted = Counted()
    assert run(counted.engine("a", most=1), zone()) == run(counted.engine("a", most=1), zone()) == ("a",)
    assert counted.begun == 1


@pytest.mark.parametrize(("over", "begun"), [(0, 1), (1, 2)])
def test_long_records_are_not_kept(over, begun):
    counted = Counted()
    rest = memory.MAX_TEXT - len("a" + "most")
    source = Zone.from_dict({"a": [("TXT", "x" * (rest + over))]})
    for _ in range(2):
        run(counted.engine("a", most=2), source)
    assert counted.begun == begun


@pytest.mark.parametrize(("over", "begun"), [(0, 1), (1, 2)])
def test_long_arguments_are_not_kept(over, begun):
    counted = Counted()
    for _ in range(2):
        run(counted.engine("a" * (memory.MAX_TEXT + over)), zone())
    assert counted.begun == begun


def test_the_oldest_run_is_forgotten(monkeypatch):
    monkeypatch.setattr(memory, "MAX_RUNS", 2)
    counted = Counted()
    for name in ("a", "b", "a", "c", "b", "a"):
        run(counted.engine(name), zone())
    assert counted.begun == 4
