"""Drivers: who answers, what a time budget does, what is kept, and how many engines run side by side."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence

import pytest

from todoku.auth.ask import Answer, Question, ask, together
from todoku.net import scheduler
from todoku.net.dns.zone import Zone
from todoku.net.drivers import Recorded, Transcript, recording, run, run_async
from todoku.net.scheduler import WINDOW, Crashed, run_many, run_many_async

ZONE = Zone.from_dict(
    {"a.example": [("A", "192.0.2.1")], "b.example": [("A", "192.0.2.2")], "c.example": [("CNAME", "a.example")]}
)


def addresses(*names: str):
    """One name after the other."""
    found = []
    for name in names:
        answer = yield from ask(name, "A")
        found.append(answer.records[0] if answer.records else answer.status)
    return tuple(found)


class Slow:
    """The zone, asked over a slow line: a name that begins with ``slow`` takes ``delay`` seconds."""

    def __init__(self, delay: float) -> None:
        self.delay = delay
        self.asked: list[Question] = []
        self.under_way = self.most = 0

    def answers(self, questions: Sequence[Question], *, seconds: float | None = None) -> Sequence[Answer]:
        self.asked += questions
        if any(question.name.startswith("slow") for question in questions):
            time.sleep(self.delay)
        return ZONE.answers(questions)

    async def answers_async(self, questions: Sequence[Question]) -> Sequence[Answer]:
        self.asked += questions
        self.under_way += 1
        self.most = max(self.most, self.under_way)
        slow = any(question.name.startswith("slow") for question in questions)
        await asyncio.sleep(self.delay if slow else 0)
        self.under_way -= 1
        return ZONE.answers(questions)


def test_run():
    assert run(addresses("a.example", "c.example", "x.example"), ZONE) == ("192.0.2.1", "192.0.2.1", "nxdomain")
    assert run(together(), ZONE) == ()  # an engine that asks nothing


def test_run_async():
    assert asyncio.run(run_async(addresses("a.example", "x.example"), ZONE)) == ("192.0.2.1", "nxdomain")


def test_past_its_time_an_engine_is_answered_limit():
    engine = addresses("a.example", "slow.example", "b.example")
    transcript = Transcript()
    assert run(recording(engine, transcript), Slow(0.15), seconds=0.1) == ("192.0.2.1", "nxdomain", "limit")
    assert [answer.status for answer in transcript] == ["ok", "nxdomain", "limit"]
    assert [*transcript][-1].detail == "DNS took more than 0.1 s"


def test_an_event_loop_cuts_the_wait_itself():
    engine = addresses("a.example", "slow.example", "b.example")
    assert asyncio.run(run_async(engine, Slow(60), seconds=0.1)) == ("192.0.2.1", "limit", "limit")


def test_time_that_the_engine_does_not_wait_is_not_counted():
    def busy():
        first = yield from ask("a.example", "A")
        time.sleep(0.05)
        second = yield from ask("b.example", "A")
        return first.status, second.status

    assert run(busy(), ZONE, seconds=0.04) == ("ok", "ok")


def test_a_recording_asks_each_question_once_and_keeps_the_order():
    source, transcript = Slow(0), Transcript()
    run(recording(addresses("b.example", "a.example", "b.example"), transcript), source)
    assert source.asked == [Question("b.example", "A"), Question("a.example", "A")]
    assert [answer.question.name for answer in transcript] == ["b.example", "a.example"]
    assert len(transcript) == 2


def test_a_record_answers_again_and_says_what_it_lacks():
    transcript = Transcript()
    run(recording(addresses("a.example", "x.example"), transcript), ZONE)
    recorded = Recorded(Transcript(tuple(transcript)))
    assert run(addresses("a.example", "x.example", "b.example"), recorded) == ("192.0.2.1", "nxdomain", "not-recorded")
    assert asyncio.run(run_async(addresses("a.example"), recorded)) == ("192.0.2.1",)


def results(jobs, source, **options):
    return {done.index: done.result for done in run_many(jobs, source, **options)}


def test_many_engines_ask_each_question_once():
    source = Slow(0)
    found = results([(1, addresses("a.example", "b.example")) for _ in range(2000)], source)
    assert found == dict.fromkeys(range(2000), ("192.0.2.1", "192.0.2.2"))
    assert len(source.asked) == 2


def test_a_slow_name_holds_up_nobody_else():
    jobs = [(1, addresses("slow.example" if index == 0 else "a.example", "b.example")) for index in range(20)]
    order = [done.index for done in run_many(jobs, Slow(0.05))]
    assert order[-1] == 0
    assert sorted(order) == list(range(20))


def test_past_its_time_one_of_many_engines_is_answered_limit_and_the_answer_is_kept_for_others():
    def late():
        yield from together(ask("slower.example", "A"), ask("a.example", "A"))
        return (yield from ask("slow.example", "A")).status

    class TwoSpeeds(Slow):
        async def answers_async(self, questions):
            (question,) = questions
            await asyncio.sleep({"slow.example": 0.4, "slower.example": 0.6}.get(question.name, 0))
            self.asked.append(question)
            return ZONE.answers(questions)

    source = TwoSpeeds(0)
    found = results([(1, addresses("slow.example", "a.example")), (1, late())], source, seconds=0.2)
    # each waited 0.2 s in all; what comes after that is answered `limit`, to that engine alone
    assert found == {0: ("limit", "192.0.2.1"), 1: "limit"}


def test_what_the_source_itself_refused_to_ask_is_asked_again_for_the_next():
    class Sparing(Slow):
        async def answers_async(self, questions):
            (question,) = questions
            self.asked.append(question)
            first = self.asked.count(question) == 1
            return [Answer(question, status="limit")] if first else ZONE.answers(questions)

    source = Sparing(0)
    assert results([(1, addresses("a.example", "a.example", "a.example"))], source) == {
        0: ("limit", "192.0.2.1", "192.0.2.1")
    }
    assert len(source.asked) == 2


@pytest.mark.parametrize(("kept", "asked"), [(3, "abc"), (2, "abca")])
def test_of_the_answers_that_are_kept_the_oldest_is_forgotten(monkeypatch, kept, asked):
    monkeypatch.setattr(scheduler, "MAX_KNOWN", kept)
    source = Slow(0)
    results([(1, addresses("a.example", "b.example", "c.example", "c.example", "a.example"))], source)
    assert "".join(question.name[0] for question in source.asked) == asked


def test_the_callers_own_pauses_are_nobodys_waiting():
    jobs = ((1, addresses("slow.example" if index else "a.example", "b.example")) for index in range(3))
    found = {}
    for done in run_many(jobs, Slow(0.02), seconds=0.2):
        found[done.index] = done.result
        time.sleep(0.25)
    assert found[1] == found[2] == ("nxdomain", "192.0.2.2")


def test_an_engine_that_raises_becomes_crashed_and_the_others_go_on():
    def broken():
        yield from ask("a.example", "A")
        raise ValueError("boo")

    found = results([(1, broken()), (1, addresses("a.example"))], ZONE)
    assert isinstance(found[0], Crashed)
    assert found[0].error.startswith("ValueError: boo (test_drive.py:")
    assert found[1] == ("192.0.2.1",)


def test_what_a_source_raises_ends_the_run():
    class Broken:
        async def answers_async(self, questions):
            raise OSError("no route")

    with pytest.raises(OSError, match="no route"):
        results([(1, addresses("a.example"))], Broken())


def opened_at_once(size: int) -> int:
    """How many of many jobs of this size are taken before the first answer."""
    taken = 0

    def jobs():
        nonlocal taken
        for _ in range(2 * WINDOW):
            taken += 1
            yield size, addresses("slow.example")

    counted = Slow(1.0)  # long after the fifty turns below, on a busy machine too

    async def wait_a_little() -> int:
        stream = run_many_async(jobs(), counted)
        waiting = asyncio.ensure_future(anext(stream))
        while not counted.asked:
            await asyncio.sleep(0)
        for _ in range(50):
            await asyncio.sleep(0)
        count = taken
        await waiting
        await stream.aclose()
        return count

    return asyncio.run(wait_a_little())


def test_the_window_bounds_open_engines_by_number_and_by_bytes():
    assert opened_at_once(1) == WINDOW
    assert opened_at_once(16 * 2**20) == 4


def test_questions_on_their_way_are_bounded():
    source = Slow(0.01)
    found = results([(1, addresses(f"slow{index}.example")) for index in range(400)], source)
    assert len(found) == 400
    assert 200 < source.most <= 256


def test_an_abandoned_run_leaves_nothing_behind():
    stream = run_many([(1, addresses("a.example")), (1, addresses("slow.example"))], Slow(60))
    assert next(stream).index == 0
    stream.close()
