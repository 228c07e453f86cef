"""Results that are given again: for the very same objects only, and no more of them than are to be kept."""

from __future__ import annotations

import sys
import threading
import weakref

from todoku.causes.identity_cache import forget_message, remembered, remembered_few, remembered_of_senders


class Fact:
    """A fact of which it can be told whether it is still there."""


def test_of_one_fact_the_last_result_is_kept() -> None:
    seen: list[object] = []

    def length(fact: list[int]) -> int:
        seen.append(fact)
        return len(fact)

    kept = remembered(length)
    one, other = [1, 2], [1, 2]
    assert [kept(one), kept(one), kept(other), kept(one)] == [2, 2, 2, 2]
    assert list(map(id, seen)) == [id(one), id(other), id(one)]  # equal is not the same


def test_of_several_facts_as_many_are_kept_as_was_asked_for() -> None:
    calls = 0

    def pair(left: object, right: object) -> tuple[object, object]:
        nonlocal calls
        calls += 1
        return left, right

    kept = remembered(pair, keep=2)
    facts = [object() for _ in range(3)]
    for fact in (*facts[:2], *facts[:2]):
        assert kept(fact, fact) == (fact, fact)
    assert calls == 2
    assert kept(facts[2], facts[2]) == (facts[2], facts[2])  # one more, and all are forgotten
    assert kept(facts[0], facts[0]) == (facts[0], facts[0])
    assert calls == 4
    assert kept(facts[0], facts[1]) == (facts[0], facts[1])
    assert calls == 5


def test_an_object_in_the_place_of_another_is_not_taken_for_it() -> None:
    kept = remembered(lambda fact: fact[0])
    assert [kept([number]) for number in range(100)] == list(range(100))  # each list may stand where the last one stood


def test_of_a_message_nothing_is_kept_once_it_is_forgotten() -> None:
    calls: list[object] = []

    def of_one(fact: Fact) -> int:
        calls.append(fact.__class__)
        return 1

    def of_two(fact: Fact, other: Fact) -> int:
        calls.append(other.__class__)
        return 2

    kept = remembered(of_one), remembered_few(of_one), remembered(of_two), remembered_of_senders(of_one)
    fact, others = Fact(), Fact()
    gone = weakref.ref(fact)
    for _ in range(2):
        assert [kept[0](fact), kept[1](fact), kept[2](fact, fact), kept[3](others)] == [1, 1, 2, 1]
    assert len(calls) == 4
    del fact
    assert gone() is not None
    forget_message()
    assert gone() is None
    assert kept[3](others) == 1
    assert len(calls) == 4  # what holds for all mail of a sender stays


def test_of_several_threads_none_is_given_what_is_another_ones() -> None:
    one, two = remembered(lambda fact: fact[0]), remembered(lambda fact, other: (fact[0], other[0]))
    wrong: list[object] = []

    def work(number: int) -> None:
        for _ in range(12_000):
            fact, other = [number], [-number]
            given = [one(fact), one(fact), two(fact, other), two(fact, other), two(fact, other)]
            if given != [number, number, *[(number, -number)] * 3]:
                wrong.append(number)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(1, 5)]
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        sys.setswitchinterval(before)
    assert not wrong
