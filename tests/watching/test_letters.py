"""Letters of a round: an address that takes none holds up neither the round nor the others."""

from __future__ import annotations

from typing import Any

from store_bench import Bench
from todoku.cli.watch_letters import MOST_FAILURES, Desk
from todoku.config import AlertsSection
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
    assert desk.send(bench.store, bench.now) == MOST_FAILURES
    hook.status = 200
    with bench.store.database.read() as connection:
        due = outbox.due(connection, [route], now + 60 * MINUTE)
    assert [post.attempts for post in due] == [0] * (9 - MOST_FAILURES) + [1] * MOST_FAILURES  # what never came first
    assert desk.send(bench.store, bench.now) == 0
    assert [body["title"] for body in hook.bodies] == [f"t{number}" for number in range(MOST_FAILURES, 9)]
