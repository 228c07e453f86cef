"""Letters of a round: an address that takes none holds up neither the round nor the others."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, cast

from store_bench import Bench
from todoku.cli.watch_letters import MOST_FAILURES, Desk
from todoku.net.alert import Channel
from todoku.report.alert import Letter
from todoku.settings.config import AlertsSection
from todoku.store import outbox
from todoku.store.outbox import MINUTE, Post
from todoku.store.raw import microseconds


def test_an_address_that_takes_none_is_left_after_a_few(bench: Bench, hook: Any) -> None:
    desk = Desk(AlertsSection(urls=(f"json://127.0.0.1:{hook.server_port}",)))
    (route,) = desk._channels
    now = microseconds(bench.now)
    posts = [
        Post(key=f"k{number}", route=route, shown="json", title=f"t{number}", body="b", tone="warning")
        for number in range(9)
    ]
    with bench.store.database.write() as connection:
        outbox.enter(connection, posts, now)
    hook.status = 500
    assert desk.send(bench.store, lambda: bench.now) == MOST_FAILURES
    hook.status = 200
    with bench.store.database.read() as connection:
        due = outbox.due(connection, [route], now + 60 * MINUTE)
    assert [post.attempts for post in due] == [0] * (9 - MOST_FAILURES) + [1] * MOST_FAILURES  # what never came first
    assert desk.send(bench.store, lambda: bench.now) == 0
    assert [body["title"] for body in hook.bodies] == [f"t{number}" for number in range(MOST_FAILURES, 9)]


def test_a_letter_that_another_watcher_is_sending_is_left_to_it(bench: Bench, hook: Any) -> None:
    desk, other = (Desk(AlertsSection(urls=(f"json://127.0.0.1:{hook.server_port}",))) for _ in range(2))
    (route,) = desk._channels
    posts = [
        Post(key=f"k{number}", route=route, shown="json", title=f"t{number}", body="b", tone="warning")
        for number in range(2)
    ]
    with bench.store.database.write() as connection:
        outbox.enter(connection, posts, microseconds(bench.now))
    channel, meanwhile = desk._channels[route], []

    class Slow:
        def send(self, letter: Letter) -> bool:
            meanwhile.append(other.send(bench.store, lambda: bench.now))  # while this one is under way
            return channel.send(letter)

    desk._channels[route] = cast("Channel", Slow())
    assert desk.send(bench.store, lambda: bench.now) == 0
    assert meanwhile == [0]  # by then the other one has sent what was left
    assert sorted(body["title"] for body in hook.bodies) == ["t0", "t1"]


def test_a_letter_whose_sender_was_killed_is_sent_once_its_claim_is_old(bench: Bench, hook: Any) -> None:
    desk = Desk(AlertsSection(urls=(f"json://127.0.0.1:{hook.server_port}",)))
    (route,) = desk._channels
    post = Post(key="k", route=route, shown="json", title="t", body="b", tone="warning")
    now = microseconds(bench.now)
    with bench.store.database.write() as connection:
        outbox.enter(connection, [post], now)
        assert outbox.claim(connection, post, now)
        assert not outbox.claim(connection, post, now)
    desk.send(bench.store, lambda: bench.now)
    assert hook.bodies == []
    desk.send(bench.store, lambda: bench.now + timedelta(microseconds=outbox.CLAIM))
    assert [body["title"] for body in hook.bodies] == ["t"]
