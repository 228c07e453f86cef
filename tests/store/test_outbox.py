"""What watching keeps in the store: documents, open alarms, and letters that are sent at least once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from sqlalchemy import update

from store_bench import Bench
from todoku.causes.witnesses.over_time import REPORTER_SILENT
from todoku.store import outbox, snapshots
from todoku.store.outbox import GIVEN_UP, KEPT, MINUTE, Post
from todoku.store.raw import microseconds
from todoku.store.tables import alarms
from todoku.watching.alarm import advance
from todoku.watching.drift import Changed, Memory
from todoku.watching.signal import Looked, Signal

START = datetime(2026, 11, 24, tzinfo=UTC)
NOW = microseconds(START)
POST = Post(key="k1", route="r1", shown="json://…", title="alarm", body="gone\n届きません", tone="failure")


def signal(about: str, level: str = "warn") -> Signal:
    return Signal(
        requirement="dmarc-record",
        reason=REPORTER_SILENT,
        level=level,
        scope="reporters",
        cause="reporter-silent/receiver.example",
        about=about,
        values={"reporter": "receiver.example", "last": "2026-11-20", "days": 20, "of": 21},
    )


def test_the_last_document_of_a_name_is_kept(bench: Bench):
    first = Memory(good={"a TXT ": ("v=spf1 -all",)})
    second = Memory(good=first.good, changed={"a TXT ": Changed(("v=spf1 +all",), since=START, seen=START)})
    with bench.store.database.write() as connection:
        snapshots.keep(connection, "drift/example.com", first, NOW)
        snapshots.keep(connection, "drift/example.com", second, NOW + 1)
        snapshots.keep(connection, "drift/example.net", first, NOW)
    with bench.store.database.read() as connection:
        assert snapshots.last(connection, "drift/example.com", Memory) == second
        assert snapshots.last(connection, "drift/example.net", Memory) == first
        assert snapshots.last(connection, "drift/example.org", Memory) is None
        assert snapshots.last(connection, "drift/example.com", int) is None  # another version's shape


def test_alarms_are_as_they_were(bench: Bench):
    looked = Looked(scopes=frozenset({("reporters", "example.com"), ("reporters", "example.net")}))
    rounds = [[signal("example.com")], [signal("example.com"), signal("example.net", "fail")], []]
    for number, signals in enumerate(rounds):
        with bench.store.database.write() as connection:
            advanced = advance(snapshots.open_alarms(connection), signals, looked, START + timedelta(hours=number))
            snapshots.keep_alarms(connection, advanced.alarms)
        with bench.store.database.read() as connection:
            assert snapshots.open_alarms(connection) == advanced.alarms
    assert not advanced.alarms


def test_an_alarm_of_another_versions_shape_is_none(bench: Bench):
    looked = Looked(scopes=frozenset({("reporters", "example.com")}))
    now = advance((), [signal("example.com")], looked, START).alarms
    with bench.store.database.write() as connection:
        snapshots.keep_alarms(connection, now)
        connection.execute(update(alarms).values(document='{"cause": "reporter-silent/receiver.example"}'))
        assert snapshots.open_alarms(connection) == ()
        snapshots.keep_alarms(connection, now)
        assert snapshots.open_alarms(connection) == now


def due(bench: Bench, now: int, *routes: str) -> tuple[Post, ...]:
    with bench.store.database.read() as connection:
        return outbox.due(connection, routes or ("r1",), now)


def settle(bench: Bench, post: Post, now: int, *, sent: bool) -> None:
    with bench.store.database.write() as connection:
        outbox.settle(connection, post, now, sent=sent)


def entered(bench: Bench, *posts: Post, now: int = NOW) -> None:
    with bench.store.database.write() as connection:
        outbox.enter(connection, posts or (POST,), now)


def test_a_letter_is_entered_once_and_sent_once(bench: Bench):
    entered(bench)
    entered(bench, now=NOW + 5)
    assert due(bench, NOW) == (POST,)
    settle(bench, POST, NOW, sent=True)
    assert due(bench, NOW + GIVEN_UP) == ()
    entered(bench)
    assert due(bench, NOW + GIVEN_UP) == ()


def test_a_decision_that_is_undone_tells_nobody(bench: Bench):
    def decide() -> None:
        with bench.store.database.write() as connection:
            snapshots.keep_alarms(connection, advance((), [signal("example.com")], Looked(), START).alarms)
            outbox.enter(connection, [POST], NOW)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        decide()
    assert due(bench, NOW) == ()
    with bench.store.database.read() as connection:
        assert snapshots.open_alarms(connection) == ()


def test_what_is_refused_for_six_hours_is_sent_afterwards(bench: Bench):
    entered(bench)
    tries = []
    for minute in range(12 * 60):
        now = NOW + minute * MINUTE
        for post in due(bench, now):
            tries.append(minute)
            settle(bench, post, now, sent=minute >= 6 * 60)
    assert tries == [0, 1, 3, 7, 15, 31, 63, 123, 183, 243, 303, 363]


def test_after_a_week_it_is_given_up_and_shown(bench: Bench):
    entered(bench)
    settle(bench, POST, NOW, sent=False)
    for now, waiting, given_up in ((NOW + GIVEN_UP, 1, 0), (NOW + GIVEN_UP + 1, 0, 1)):
        with bench.store.database.write() as connection:
            outbox.tidy(connection, now)
            (one,) = outbox.waiting(connection)
        assert (one.shown, one.waiting, one.given_up, one.attempts) == ("json://…", waiting, given_up, 1)
    assert one.oldest is None
    with bench.store.database.write() as connection:
        outbox.tidy(connection, NOW + GIVEN_UP + KEPT + 1)
        assert outbox.waiting(connection) == ()


def test_an_address_that_is_not_in_the_settings_waits(bench: Bench):
    other = msgspec.structs.replace(POST, route="r2")
    entered(bench, POST, other)
    assert due(bench, NOW, "r1") == (POST,)
    settle(bench, POST, NOW, sent=True)
    assert due(bench, NOW, "r1", "r2") == (other,)


def test_what_was_sent_is_forgotten_after_a_month(bench: Bench):
    entered(bench)
    settle(bench, POST, NOW, sent=True)
    for now, again in ((NOW + KEPT, ()), (NOW + KEPT + 1, (POST,))):
        with bench.store.database.write() as connection:
            outbox.tidy(connection, now)
        entered(bench, now=now)
        assert due(bench, now) == again
