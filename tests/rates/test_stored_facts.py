"""The store as an API: what it answers to calls, from real tables; and that a poll without the lease writes nothing."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from google_lab import DOMAIN, YESTERDAY, open_fake, some_days, stored
from postmaster_server import PostmasterServer
from store_bench import Bench
from todoku.auth.ask import Call, Reply
from todoku.feedback.traffic import Day, Series
from todoku.net.google.store_rates import poll_into
from todoku.net.stored_facts import AwayFacts, StoredFacts
from todoku.store import days
from todoku.store.away import LeaseLost
from todoku.store.lease import Lease
from todoku.store.raw import microseconds
from todoku.words.verdict import Text


def most(organization: str) -> Call:
    return Call("store", "", "", "Most", (("Organization", organization),), ("Most",))


def put(bench: Bench, source: str, about: str, metric: str, part: str, *counts: float) -> None:
    told = tuple(Day(day=YESTERDAY - timedelta(days=ago), state="number", value=n) for ago, n in enumerate(counts))
    with bench.store.database.write() as connection:
        days.put(connection, Series(source=source, about=about, metric=metric, part=part, days=told), 1)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ([], None),
        ([("postmaster", "example.com", "tls-count", "inbound", 100, 5200)], 5200),
        ([("postmaster", "example.com", "tls-count", "outbound", 5200)], None),
        ([("postmaster", "news.example.com", "tls-count", "inbound", 5200)], None),  # the one above holds it
        (
            [
                ("ses", "123456789012:eu-west-1:example.com", "send-count", "Gmail", 3000, 10),
                ("ses", "123456789012:us-east-1:news.example.com", "send-count", "Gmail", 1500, 9000),
                ("ses", "123456789012:us-east-1:shop@example.com", "send-count", "Gmail", 1, 1),
                ("ses", "123456789012:us-east-1:notexample.com", "send-count", "Gmail", 10**6),
                ("ses", "123456789012:us-east-1:example.com", "send-count", "Yahoo", 10**6),
                ("postmaster", "example.com", "tls-count", "inbound", 100),
            ],
            9011,
        ),
    ],
    ids=[
        "nothing",
        "Google's count",
        "mail from Gmail",
        "a subdomain's count",
        "SES's counts of all identities together",
    ],
)
def test_most_mail_to_gmail_on_one_day(bench: Bench, given: list[Any], expected: float | None) -> None:
    for source, about, metric, part, *counts in given:
        put(bench, source, about, metric, part, *counts)
    (reply,) = StoredFacts(bench.store).replies([most("example.com")])
    assert (reply.status, reply.value) == ("ok", {"Most": expected})


class Others:
    def replies(self, calls: list[Call]) -> Iterator[Reply]:
        return iter([Reply(call, {"by": "others"}) for call in calls])


def test_calls_of_others_go_to_them_in_their_order(bench: Bench) -> None:
    calls = [Call("sesv2", "", "", "GetAccount"), most("example.com"), Call("sts", "", "", "GetCallerIdentity")]
    for source in (StoredFacts(bench.store, Others()), AwayFacts(Text("gone", "ありません"), Others())):
        replies = source.replies(calls)
        assert [reply.call for reply in replies] == calls
        assert [reply.value.get("by") for reply in replies] == ["others", None, "others"]
    assert [reply.status for reply in StoredFacts(bench.store).replies(calls)] == ["refused", "ok", "refused"]


def test_a_store_that_is_away_is_not_empty() -> None:
    (reply,) = AwayFacts(Text("the database cannot be used", "使用できません")).replies([most("example.com")])
    assert (reply.status, reply.detail, reply.failed) == ("unreachable", "the database cannot be used", True)


def test_who_has_lost_the_lease_writes_nothing(bench: Bench, google: PostmasterServer, tmp_path: Path) -> None:
    """L19: two pollers count nothing twice, because one of them publishes nothing."""
    google.add(DOMAIN)
    google.count(DOMAIN, "SPAM_RATE", "", some_days(5))
    first = bench.lease()
    bench.now += timedelta(hours=1)
    second = Lease.acquire(bench.store.database, microseconds(bench.clock()))
    assert second is not None
    with pytest.raises(LeaseLost):
        poll_into(bench.store, first, open_fake(google, tmp_path), bench.clock)
    assert stored(bench) == ()
    poll_into(bench.store, second, open_fake(google, tmp_path), bench.clock)
    assert len([day for day in stored(bench) if day.state == "number"]) == 5
