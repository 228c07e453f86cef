"""Many messages at once: one slow domain delays no other message, and no more of them are open than the window holds."""

from __future__ import annotations

import asyncio
import gc
import weakref
from collections.abc import Iterator, Sequence

import pytest

from todoku.api import Settings, checking
from todoku.auth.ask import Answer, Ask, Question, ask, together
from todoku.mail.envelope import Envelope
from todoku.net.scheduler import MAX_ASKED, MAX_LINE, WINDOW, WINDOW_BYTES, run_many

SLOW_EVERY = 100  # 1 % of the domains


class Names:
    """A source whose slow domains never answer until all others have been served; it counts what is under way."""

    def __init__(self, seconds: float = 0) -> None:
        self.seconds = seconds
        self.asked: list[Question] = []
        self.under_way = self.most = 0
        self.released = asyncio.Event()

    async def answers_async(self, questions: Sequence[Question]) -> Sequence[Answer]:
        (question,) = questions
        self.asked.append(question)
        self.under_way += 1
        self.most = max(self.most, self.under_way)
        if "slow" in question.name:
            await self.released.wait()
        else:
            await asyncio.sleep(self.seconds)
        self.under_way -= 1
        return [Answer(question, ("192.0.2.1",), ttl=60)]


def message(domain: str) -> bytes:
    return (
        f"From: a@{domain}\r\nTo: b@example.net\r\nSubject: x\r\nDate: Mon, 23 Nov 2026 00:00:00 +0000\r\n"
        f"Message-ID: <1@{domain}>\r\nDKIM-Signature: v=1; a=rsa-sha256; d={domain}; s=s; h=from; bh=AAAA; b=AAAA\r\n\r\nx\r\n"
    ).encode()


def batch(count: int, source: Names) -> Iterator[tuple[int, Ask[bool]]]:
    """Messages of as many domains, every hundredth of them slow; the last job lets the slow ones go."""

    def looked_at(index: int) -> Ask[bool]:
        domain = f"{'slow' if index % SLOW_EVERY == 0 else 'd'}{index}.example"
        envelope = Envelope(ip="192.0.2.1", helo=f"mx.{domain}", mail_from=f"a@{domain}", source="options")
        report = yield from checking(message(domain), Settings(envelope=envelope), domain)
        return all(answer.status == "ok" for answer in report.transcript)

    for index in range(count):
        yield 1, looked_at(index)


COUNT = 2_000


def test_slow_domains_delay_no_other_message():
    source = Names()
    others = COUNT - COUNT // SLOW_EVERY
    order, whole = [], []
    for done in run_many(batch(COUNT, source), source):
        order.append(done.index)
        whole.append(done.result)
        if len(order) == others:  # only now do the slow name servers say something
            source.released.set()
    assert sorted(order) == list(range(COUNT))
    assert all(index % SLOW_EVERY for index in order[:others])
    assert all(whole)
    assert len(set(source.asked)) == len(source.asked)


def test_places_that_are_taken_by_slow_questions_go_on_to_others():
    """More slow questions than there are places: each waits its time and no other engine is answered ``limit``."""

    class Dead(Names):
        async def answers_async(self, questions: Sequence[Question]) -> Sequence[Answer]:
            if "slow" not in questions[0].name:
                return await super().answers_async(questions)
            await asyncio.sleep(0.8)
            return [Answer(questions[0], status="timeout")]

    def asking(name: str) -> Ask[set[str]]:
        said = set()
        for turn in range(2):
            answers = yield from together(*(ask(f"q{turn}-{number}.{name}", "A") for number in range(8)))
            said |= {answer.status for answer in answers}
        return said

    slow = MAX_ASKED // 8 + 8
    jobs = [(1, asking(f"slow{number}.example")) for number in range(slow)]
    jobs += [(1, asking(f"d{number}.example")) for number in range(200)]
    found = {done.index: done.result for done in run_many(jobs, Dead(), seconds=3.0)}
    assert {str(found[index]) for index in range(slow)} == {"{'timeout'}"}
    assert {str(found[slow + index]) for index in range(200)} == {"{'ok'}"}


def test_no_engine_is_begun_while_many_questions_wait_for_a_place():
    """It could do nothing but wait too, and hold what it holds meanwhile."""
    begun = 0

    def asking(index: int) -> Ask[int]:
        nonlocal begun
        begun += 1
        answers = yield from together(*(ask(f"q{number}.d{index}.example", "A") for number in range(16)))
        ahead.append(begun - index)
        return len(answers)

    ahead: list[int] = []
    assert sum(done.result for done in run_many(((1, asking(index)) for index in range(300)), Names(0.01))) == 300 * 16
    assert MAX_ASKED // 16 <= max(ahead) <= 1 + (MAX_ASKED + MAX_LINE) // 16 + 2


class Weighed:
    """Something large that an engine holds, so that one can count how many there are."""

    def __init__(self, alive: weakref.WeakSet[Weighed], counts: list[int]) -> None:
        alive.add(self)
        counts.append(len(alive))


@pytest.mark.parametrize(("size", "bound"), [(1, WINDOW), (WINDOW_BYTES // 40, 40), (2 * WINDOW_BYTES, 1)])
def test_no_more_engines_are_open_than_the_window_holds(size, bound):
    def heavy(index: int) -> Ask[int]:
        held = Weighed(alive, counts)
        yield from ask(f"d{index}.example", "A")
        del held
        return index

    alive: weakref.WeakSet[Weighed] = weakref.WeakSet()
    counts: list[int] = []
    jobs = ((size, heavy(index)) for index in range(3 * bound))
    assert sum(1 for _ in run_many(jobs, Names(0.02))) == 3 * bound
    assert bound <= max(counts) <= bound + 1
    gc.collect()
    assert len(alive) == 0
