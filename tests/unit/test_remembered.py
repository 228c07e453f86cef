"""Results that are given again: for the very same objects only, and no more of them than are to be kept."""

from __future__ import annotations

from todoku.causes.remembered import remembered


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
