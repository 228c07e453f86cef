"""Bounces that are new, and shares that rose: what is an alarm, and what is none."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta

import pytest

from ses_events import ses_event
from store_bench import Bench
from todoku.causes.witnesses.over_time import BOUNCE_DIAGNOSES_MANY, BOUNCE_DIAGNOSIS_NEW, BOUNCES_ROSE
from todoku.feedback.answers import Diagnosed, ReceiverDay, Scope
from todoku.intake.parse import SCHEMAS
from todoku.store.questions.bounces import diagnosed, receiver_days
from todoku.store.read import Reader
from todoku.watching import flood_cap
from todoku.watching.alarm import advance
from todoku.watching.bounces import FEW, look_at

TODAY = date(2026, 11, 24)


def ago(days: int) -> date:
    return TODAY - timedelta(days=days)


def days(
    bounced: int = 2, *, last: int = 2, delivered: int = 98, since: int = 40, receiver: str = "docomo"
) -> list[ReceiverDay]:
    """Forty days with ``bounced`` of a hundred, and ``last`` in the last two."""
    return [
        ReceiverDay(
            day=ago(number),
            domain="example.com",
            receiver=receiver,
            delivered=delivered,
            bounced=last if number <= 2 else bounced,
        )
        for number in range(since, 0, -1)
    ]


def one(first: int, last: int = 1, recipients: int = FEW, tag: str = "docomo-unknown-or-refused") -> Diagnosed:
    return Diagnosed(
        domain="example.com", receiver="docomo", diagnosis=tag, recipients=recipients, first=ago(first), last=ago(last)
    )


def told(some: Iterable[ReceiverDay], meanings: Iterable[Diagnosed] = ()) -> list[tuple[str, str]]:
    return [(signal.reason.tag, signal.level) for signal in look_at(some, meanings, TODAY).signals]


@pytest.mark.parametrize(
    ("meaning", "fires"),
    [
        (one(3), True),
        (one(3, recipients=FEW - 1), False),
        (one(30), False),  # of the first two weeks of events, or old by now
        (one(20, last=8), False),  # it is over
    ],
)
def test_a_meaning_that_is_new_at_a_receiver(meaning: Diagnosed, fires: bool) -> None:
    assert told(days(), [meaning]) == ([(BOUNCE_DIAGNOSIS_NEW.tag, "warn")] if fires else [])


def test_without_two_weeks_of_events_nothing_is_new() -> None:
    look = look_at(days(since=13), [one(3)], TODAY)
    assert (look.signals, look.looked.scopes) == ((), frozenset())


def test_too_many_new_meanings_are_one_signal() -> None:
    some = [one(3, tag=f"tag-{number}") for number in range(flood_cap.MOST + 1)]
    assert told(days(), some) == [(BOUNCE_DIAGNOSES_MANY.tag, "warn")]


@pytest.mark.parametrize(("last", "level"), [(2, None), (6, None), (12, "warn"), (40, "fail")])
def test_a_share_that_rises_at_one_receiver(last: int, level: str | None) -> None:
    assert told(days(last=last)) == ([] if level is None else [(BOUNCES_ROSE.tag, level)])


def test_a_receiver_with_little_mail_or_no_deliveries_has_no_share() -> None:
    assert told(days(last=10, delivered=10)) == []
    assert told(days(last=50, delivered=0)) == []


def test_other_receivers_of_the_same_domain_are_not_meant() -> None:
    look = look_at([*days(last=30), *days(receiver="gmail")], [], TODAY)
    assert [signal.values["receiver"] for signal in look.signals] == ["docomo"]
    assert {scope for scope, _ in look.looked.scopes} >= {"bounces/share/docomo", "bounces/share/gmail"}


def test_the_alarm_fires_once_and_ends() -> None:
    steps, alarms = [], ()
    for number, meaning in enumerate([one(3), one(3), one(11, last=8)]):
        look = look_at(days(), [meaning], TODAY)
        advanced = advance(alarms, look.signals, look.looked, datetime(2026, 11, 24 + number, tzinfo=UTC))
        alarms = advanced.alarms
        steps.append([(notice.step, notice.tag) for notice in advanced.notices])
    assert steps == [[("fired", BOUNCE_DIAGNOSIS_NEW.tag)], [], [("resolved", BOUNCE_DIAGNOSIS_NEW.tag)]]


def test_what_the_store_tells_is_what_is_judged(bench: Bench) -> None:
    events = []
    for number in range(1, 41):
        day = ago(number).isoformat()
        events.append(ses_event("Delivery", number, *(f"u{each}@docomo.ne.jp" for each in range(60)), day=day))
    for number in range(8):
        address = f"x{number}@docomo.ne.jp"
        events.append(
            ses_event(
                "Bounce",
                100 + number,
                address,
                reply=f"550 Unknown user {address}",
                day=ago(1 + number % 2).isoformat(),
            )
        )
    bench.ingest_events(*events)
    with Reader(bench.store, SCHEMAS) as reader:
        look = look_at(receiver_days(reader, Scope()), diagnosed(reader, Scope()), TODAY)
    assert [(signal.reason.tag, signal.about) for signal in look.signals] == [
        (BOUNCE_DIAGNOSIS_NEW.tag, "example.com"),
        (BOUNCES_ROSE.tag, "example.com"),
    ]
