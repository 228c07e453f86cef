"""Ninety days of three domains, looked at each morning: each planted change is told once, and nothing else is.

Reports go through the real ingest and the real questions, asked as they would have been answered on that day. Everything that
watching remembers goes through its JSON between two looks, as it does when the process starts anew.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, time, timedelta
from typing import NamedTuple

import msgspec
import pytest

from ledger import DKIM_BROKEN, DOMAINS, NEW_SOURCE, SILENT, SILENT_RECEIVER, day, ledger
from store_bench import Given
from todoku.auth.ask import Answer, Question
from todoku.feedback.answers import Scope
from todoku.intake.parse import SCHEMAS
from todoku.intake.process import Processed, process
from todoku.intake.receive import take
from todoku.intake.worker import Worker
from todoku.store.lease import Lease
from todoku.store.questions.extent import extent
from todoku.store.questions.passing import passing
from todoku.store.questions.reporters import reporters
from todoku.store.questions.unaligned import unaligned
from todoku.store.raw import microseconds
from todoku.store.read import Reader
from todoku.store.store import Places, Store
from todoku.watching import drift, streams
from todoku.watching import passing as rates
from todoku.watching import reporters as silence
from todoku.watching.alarm import Alarm, advance
from todoku.watching.drift import Memory, Whose
from todoku.watching.signal import Seen, all_seen

FIRST_LOOK, LAST_LOOK = 28, 90
LOOSENED = range(50, 55)  # example.org's policy, by hand, and put back
DARK = range(56, 58)  # the DNS does not answer
OUT = 66  # example.com has a new MX, and everything is as well as before
KILLED = (NEW_SOURCE + 1, LOOSENED[0], DKIM_BROKEN[0] + 1, SILENT + 3)  # the process, before it wrote down what it saw


class Told(NamedTuple):
    """A notice: the day of the look, its step, its tag, whom it concerns, and what its text is filled with."""

    day: int
    step: str
    tag: str
    abouts: tuple[str, ...]
    values: dict[str, object]


def clock() -> datetime:
    return at(LAST_LOOK)


def at(number: int) -> datetime:
    """The morning of a day."""
    return datetime.combine(day(number), time(6), UTC)


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reader]:
    with (
        Worker() as worker,
        Store(Places(folder=tmp_path_factory.mktemp("watched"))) as store,
    ):
        store.prepare()
        for _ in take(store, Given(ledger().octets), clock):
            pass
        lease = Lease.acquire(store.database, microseconds(clock()))
        assert lease is not None
        assert sum(process(store, lease, worker, clock), Processed()).quarantined == 0
        with Reader(store, SCHEMAS) as reader:
            yield reader


def zone(domain: str, number: int) -> tuple[Answer, ...]:
    """What the DNS says of a domain on a day. Its time to live and the order of its records are never the same."""
    policy = "v=DMARC1; p=reject"
    if domain == "example.org" and number in LOOSENED:
        policy = "v=DMARC1; p=none"
    exchanges = ("10 mx1.example.net", "20 mx2.example.net")
    if domain == "example.com" and number >= OUT:
        exchanges = ("10 mx9.example.net",)
    answers = (
        Answer(Question(f"_dmarc.{domain}", "TXT"), (policy,), ttl=number),
        Answer(Question(domain, "TXT"), ("v=spf1 include:amazonses.com -all", f"some-site={number}"), ttl=60),
        Answer(Question(domain, "MX"), exchanges[:: -1 if number % 2 else 1]),
        Answer(Question("amazonses.com", "TXT"), (f"v=spf1 ip4:192.0.2.{number} -all",)),
    )
    if number in DARK:
        return tuple(Answer(one.question, status="timeout") for one in answers)
    return answers


def look(reader: Reader, number: int, memories: dict[str, Memory]) -> Seen:
    """Everything that one morning shows of all domains."""
    today, yesterday = day(number), day(number - 1)
    parts = [rates.look_at(passing(reader, Scope("", day(0), yesterday), "day"), today)]
    for domain in DOMAINS:
        scope = Scope(domain, None, yesterday)
        reach = extent(reader, scope)
        assert reach is not None
        parts.append(streams.look_at(domain, unaligned(reader, scope), reach.first, today))
        parts.append(silence.look_at(domain, reporters(reader, scope), today))
        worse = frozenset({"dmarc-record"}) if domain == "example.org" and number in LOOSENED else frozenset()
        records = drift.records(zone(domain, number), domain)
        compared = drift.compare(
            Whose(domain, domain), records, memories.get(domain, Memory()), worse=worse, at=at(number)
        )
        memories[domain] = msgspec.json.decode(msgspec.json.encode(compared.memory), type=Memory)
        parts.append(compared.seen)
    return all_seen(parts)


@pytest.fixture(scope="module")
def told(reader: Reader) -> Sequence[Told]:
    """What is told in all. Some looks are done twice, as by a process that was killed before it wrote down what it saw."""
    alarms: tuple[Alarm, ...] = ()
    memories: dict[str, Memory] = {}
    found: list[Told] = []
    for number in range(FIRST_LOOK, LAST_LOOK + 1):
        lost = look(reader, number, dict(memories)) if number in KILLED else None
        seen = look(reader, number, memories)
        advanced = advance(alarms, seen.signals, seen.looked, at(number))
        if lost is not None:
            first = advance(alarms, lost.signals, lost.looked, at(number))
            assert [one.key for one in first.notices] == [one.key for one in advanced.notices] != []
        again = advance(advanced.alarms, seen.signals, seen.looked, at(number) + timedelta(minutes=5))
        assert not again.notices
        alarms = msgspec.json.decode(msgspec.json.encode(again.alarms), type=tuple[Alarm, ...])
        found += [Told(number, one.step, one.tag, one.abouts, dict(one.said[0].values)) for one in advanced.notices]
    return found


def of(told: Sequence[Told], tag: str) -> list[tuple[int, str, tuple[str, ...]]]:
    return [(one.day, one.step, one.abouts) for one in told if one.tag == tag]


def test_a_new_mailer_is_told_the_next_morning(told: Sequence[Told]) -> None:
    about_it = [one for one in told if one.tag == "stream-unaligned" and one.abouts == ("example.com",)]
    assert [(one.day, one.step) for one in about_it] == [(NEW_SOURCE + 1, "fired")]
    assert about_it[0].values["stream"] == "SPF crm.example, DKIM crm.example"
    assert about_it[0].values["first"] == day(NEW_SOURCE).isoformat()


def test_signatures_that_do_not_verify_are_told_the_next_morning(told: Sequence[Told]) -> None:
    fell = [one for one in told if one.abouts == ("example.net",)]
    steps = [(one.day, one.step, one.values.get("method")) for one in fell]
    begin = DKIM_BROKEN[0] + 1
    assert steps == [
        (begin, "fired", "DKIM"),
        (begin, "escalated", "DMARC"),  # which fell at example.com before, for the new mailer's sake
        (begin, "fired", None),  # its own mail, without its signature, looks like somebody else's
        (DKIM_BROKEN[-1] + 10, "resolved", "DKIM"),
        (DKIM_BROKEN[-1] + 10, "left", "DMARC"),
        (DKIM_BROKEN[-1] + 15, "resolved", None),
    ]
    assert fell[2].values["stream"] == "SPF amazonses.com, DKIM example.net"


def test_who_fell_silent_is_told_after_two_days(told: Sequence[Told]) -> None:
    fired = [one for one in told if one.tag == "reporter-silent"]
    assert [(one.day, one.step, one.abouts) for one in fired] == [(SILENT + 3, "fired", DOMAINS)]
    assert fired[0].values["reporter"] == SILENT_RECEIVER


def test_a_record_that_was_changed_is_named_with_both_values(told: Sequence[Told]) -> None:
    changed = [one for one in told if one.tag == "record-changed" and one.abouts == ("example.org",)]
    assert [(one.day, one.step) for one in changed] == [(LOOSENED[0], "fired"), (LOOSENED[-1] + 1, "resolved")]
    assert changed[0].values == {
        "name": "_dmarc.example.org",
        "rdtype": "TXT",
        "before": "v=DMARC1; p=reject",
        "after": "v=DMARC1; p=none",
    }


def test_a_change_that_harms_nothing_is_told_once_and_becomes_what_is_well(told: Sequence[Told]) -> None:
    changed = [one for one in told if one.tag == "record-changed" and one.abouts == ("example.com",)]
    assert [(one.day, one.step) for one in changed] == [(OUT, "fired"), (OUT + 3, "resolved")]
    assert (changed[0].values["name"], changed[0].values["after"]) == ("example.com", "10 mx9.example.net")


def test_nothing_else_is_told(told: Sequence[Told]) -> None:
    """That a new mailer's mail passes less shows once its days are lower than any with a newsletter were."""
    fired = [(one.day, one.tag) for one in told if one.step == "fired"]
    assert fired == [
        (NEW_SOURCE + 1, "stream-unaligned"),
        (NEW_SOURCE + 6, "pass-rate-fell"),
        (NEW_SOURCE + 6, "pass-rate-fell"),
        (LOOSENED[0], "record-changed"),
        (DKIM_BROKEN[0] + 1, "pass-rate-fell"),
        (DKIM_BROKEN[0] + 1, "stream-unaligned"),
        (OUT, "record-changed"),
        (SILENT + 3, "reporter-silent"),
    ]
    assert {one.step for one in told} == {"fired", "escalated", "left", "resolved"}
