"""What the resolver remembers, for how long, and how much of it."""

from __future__ import annotations

import pytest

from todoku.auth.ask import Answer, Question
from todoku.net.dns.cache import FAILURE_TTL, LONGEST_KEPT, DnsCache

QUESTION = Question("example.com", "TXT")


class Clock:
    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def cache(clock: Clock) -> DnsCache:
    return DnsCache(max_octets=10_000, clock=clock)


def keep(cache: DnsCache, answer: Answer) -> None:
    assert cache.claim([answer.question]).mine == (answer.question,)
    cache.settle(answer)


def is_known(cache: DnsCache, question: Question = QUESTION) -> bool:
    claim = cache.claim([question])
    cache.abandon(claim)
    return question in claim.known


@pytest.mark.parametrize(
    ("answer", "seconds"),
    [
        (Answer(QUESTION, ("v=spf1 -all",), ttl=300), 300),
        (Answer(QUESTION, ("v=spf1 -all",), ttl=2**31 - 1), LONGEST_KEPT),
        (Answer(QUESTION, status="nxdomain", ttl=60), 60),
        (Answer(QUESTION, status="nodata", ttl=60), 60),
        (Answer(QUESTION, status="servfail", ttl=300), FAILURE_TTL),
        (Answer(QUESTION, status="timeout"), FAILURE_TTL),
    ],
)
def test_an_answer_is_known_until_its_time_is_over(answer, seconds, cache, clock):
    keep(cache, answer)
    clock.now += seconds - 0.01
    assert cache.claim([QUESTION]).known == {QUESTION: answer}
    clock.now += 0.01
    assert not is_known(cache)


@pytest.mark.parametrize("status", ["ok", "nxdomain", "nodata"])
def test_without_a_ttl_nothing_is_known(status, cache):
    keep(cache, Answer(QUESTION, status=status, ttl=0))
    assert not is_known(cache)
    assert len(cache) == 0


def test_a_question_has_one_asker(cache):
    first, second = cache.claim([QUESTION, QUESTION]), cache.claim([QUESTION])
    assert (first.mine, second.mine) == ((QUESTION,), ())
    answer = Answer(QUESTION, ("x",), ttl=0)
    cache.settle(answer)
    assert first.coming[QUESTION].result(0) is second.coming[QUESTION].result(0) is answer
    assert cache.claim([QUESTION]).mine == (QUESTION,)  # the next one asks anew


def test_what_is_abandoned_is_answered_and_may_be_asked_again(cache):
    first, second = cache.claim([QUESTION]), cache.claim([QUESTION])
    cache.abandon(first)
    assert second.coming[QUESTION].result(0).status == "timeout"
    third = cache.claim([QUESTION])
    assert third.mine == (QUESTION,)
    cache.abandon(first)  # once more: it is no longer its own
    assert not third.coming[QUESTION].done()


def test_size_is_bounded_and_the_longest_unused_goes_first(cache):
    questions = [Question(f"{number}.example.com", "TXT") for number in range(8)]
    for question in questions[:6]:
        keep(cache, Answer(question, ("x" * 1_000,), ttl=300))
    assert len(cache) == 6
    assert is_known(cache, questions[0])  # and so it was used
    keep(cache, Answer(questions[6], ("x" * 1_000,), ttl=300))
    assert len(cache) == 6
    assert is_known(cache, questions[0])
    assert not is_known(cache, questions[1])


def test_size_counts_what_was_replaced_and_what_is_too_old_only_once(cache, clock):
    for _ in range(100):
        keep(cache, Answer(QUESTION, ("x" * 5_000,), ttl=1))
        clock.now += 1
    keep(cache, Answer(QUESTION, ("x" * 5_000,), ttl=1))
    assert is_known(cache)


def test_an_answer_larger_than_all_room_is_not_kept(cache):
    keep(cache, Answer(QUESTION, ("x" * 10_000,), ttl=300))
    assert len(cache) == 0
