"""Polling Google: L6 to L9 against a server that misbehaves in twelve ways. Not one zero is made up."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from google_lab import DOMAIN, TODAY, YESTERDAY, Waits, open_fake, poll_once, some_days, stored
from postmaster_server import MISBEHAVIOURS, PostmasterServer
from store_bench import Bench
from todoku.feedback.compliance import REGISTRATION
from todoku.feedback.traffic import Day, Series
from todoku.net.google import postmaster
from todoku.net.google.poll import GROUPS, MAX_LOOPS
from todoku.store import days, standings, tables
from todoku.store.days import REACH_DAYS

TRUTH = some_days(40)
LASTING = {"403": "denied", "invalid_grant": "ended", "huge": "limit"}
"""What asking again does not help against, and what is then told."""
TOLD = {"429": "throttled", "401": "denied", "html": "garbled", "empty": "garbled", "wrong-json": "garbled", **LASTING}


@pytest.fixture
def ready(google: PostmasterServer) -> Iterator[PostmasterServer]:
    google.add(DOMAIN)
    google.count(DOMAIN, "SPAM_RATE", "", TRUTH)
    yield google
    assert google.faults == []  # nothing was asked that Google's own document does not know


def complete(told: tuple[Day, ...]) -> bool:
    """Whether the series tells exactly the truth: its numbers, and no data on all other days."""
    expected = {TODAY - timedelta(days=n): TRUTH.get(TODAY - timedelta(days=n)) for n in range(1, REACH_DAYS + 1)}
    return {day.day: day.value for day in told} == expected and {day.state for day in told} == {"number", "no-data"}


def test_every_metric_is_kept_with_its_part(bench: Bench, ready: PostmasterServer, tmp_path: Path) -> None:
    asked = {(one.standard, one.filter): (one.metric, one.part) for group in GROUPS for one in group}
    asked.pop(("FEEDBACK_LOOP_ID", ""))
    for number, (standard, filter_) in enumerate(asked):
        count = 100 + number if standard.endswith("COUNT") else 0.5 - number / 100
        ready.count(DOMAIN, standard, filter_, {YESTERDAY: count})
    ready.count(DOMAIN, "FEEDBACK_LOOP_ID", "", {YESTERDAY: ["campaign-1", "campaign-2"]})
    ready.count(DOMAIN, "FEEDBACK_LOOP_SPAM_RATE", 'feedback_loop_id = "campaign-2"', {YESTERDAY: 0.02})
    polled = poll_once(bench, open_fake(ready, tmp_path))
    assert polled.refusals == ()
    for number, (standard, name) in enumerate((standard, asked[standard, filter_]) for standard, filter_ in asked):
        count = 100 + number if standard.endswith("COUNT") else 0.5 - number / 100
        assert stored(bench, *name)[-1] == Day(day=YESTERDAY, state="number", value=count)
    assert stored(bench, "feedback-loop-spam-rate", "campaign-1")[-1] == Day(day=YESTERDAY, state="no-data")
    assert stored(bench, "feedback-loop-spam-rate", "campaign-2")[-1].value == 0.02


@pytest.mark.parametrize("how", MISBEHAVIOURS)
@pytest.mark.parametrize("for_good", [False, True], ids=["once", "for good"])
def test_a_gap_is_not_known_until_it_is_filled(
    bench: Bench, ready: PostmasterServer, tmp_path: Path, how: str, for_good: bool
) -> None:
    """L6: whatever Google does, afterwards the series is complete, and until then no day is a number that Google never said."""
    api = open_fake(ready, tmp_path, seconds=0.3 if how == "hang" else 5.0)
    poll_once(bench, api)
    with bench.store.database.write() as connection:  # as if the last weeks had never been asked for
        connection.execute(tables.days.delete().where(tables.days.c.day > (TODAY - timedelta(days=20)).isoformat()))
    ready.access_tokens.clear()
    if for_good:
        ready.always = how
    else:
        ready.misbehave = ["", how]  # the list of domains goes well, the figures do not
    poll_once(bench, open_fake(ready, tmp_path, seconds=0.3 if how == "hang" else 5.0))
    told = stored(bench)
    assert all(day.value == TRUTH[day.day] for day in told if day.state == "number")
    assert [day for day in told if day.value == 0] == []
    unknown = [day.detail.partition(":")[0] for day in told if day.state == "not-known"]
    if for_good or how in LASTING:
        assert unknown == [TOLD.get(how, "unreachable")] * 19
    else:
        assert complete(told)
    ready.always, ready.misbehave, ready.revoked = "", [], False
    poll_once(bench, open_fake(ready, tmp_path))
    assert complete(stored(bench))


def test_waits_as_long_as_google_asks_and_not_longer_than_its_patience(
    bench: Bench, ready: PostmasterServer, tmp_path: Path
) -> None:
    waits = Waits()
    ready.misbehave = ["429", "503"]
    poll_once(bench, open_fake(ready, tmp_path, sleep=waits))
    assert waits[0] == 7.0  # Retry-After
    assert 1.0 <= waits[1] <= 2.0
    ready.always = "429"
    waits.clear()
    poll_once(bench, open_fake(ready, tmp_path, sleep=waits, patience=20.0))
    assert sum(waits) <= 20.0


def test_a_google_that_is_silent_is_not_asked_for_every_domain(
    bench: Bench, ready: PostmasterServer, tmp_path: Path
) -> None:
    """What is waited in vain is bounded over the whole look, however many domains there are."""
    for number in range(60):
        ready.add(f"sub{number}.example.com")
    ready.misbehave = ["", *["hang"] * 100]
    polled = poll_once(bench, open_fake(ready, tmp_path, seconds=0.3, patience=0.8))
    assert len(ready.misbehave) >= 97  # three times 0.3 s are more than the patience
    assert {day.detail for day in stored(bench)} == {"unreachable: ReadTimeout"}
    assert [one.cause for one in polled.refusals] == ["unreachable"]


def test_a_reply_that_comes_by_drops_is_not_heard_out(bench: Bench, ready: PostmasterServer, tmp_path: Path) -> None:
    ready.misbehave = ["", "drops"]
    polled = poll_once(bench, open_fake(ready, tmp_path, seconds=1.0, tries=1))
    assert {day.detail for day in stored(bench)} == {"unreachable: ReadTimeout"}
    assert [one.cause for one in polled.refusals] == ["unreachable"]
    assert ready.heard_out == 0


def test_a_query_of_a_batch_that_fails_is_asked_again_alone(
    bench: Bench, ready: PostmasterServer, tmp_path: Path
) -> None:
    ready.failing = [14, 8, 13]
    assert poll_once(bench, open_fake(ready, tmp_path)).refusals == ()
    assert complete(stored(bench))


@pytest.mark.parametrize(
    ("codes", "detail", "calls"),
    [
        ([3], "refused: google.rpc.Code 3", 1),  # it would be refused again
        ([14] * 25, "unreachable: google.rpc.Code 14", 5),  # all five groups, and then five tries are over
    ],
    ids=["refused", "for good"],
)
def test_a_query_of_a_batch_that_fails_leaves_its_days_unknown(
    bench: Bench, ready: PostmasterServer, tmp_path: Path, codes: list[int], detail: str, calls: int
) -> None:
    ready.failing = codes
    poll_once(bench, open_fake(ready, tmp_path))
    assert {day.detail for day in stored(bench)} == {detail}
    assert ready.called["gmailpostmastertools.domainStats.batchQuery"] == calls


def test_pages_without_end_are_bounded_and_what_was_read_of_them_stays(
    bench: Bench, ready: PostmasterServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postmaster, "MAX_PAGES", 2)
    ready.page = 15
    polled = poll_once(bench, open_fake(ready, tmp_path))
    told = stored(bench)
    assert sorted(day.value for day in told if day.state == "number") == sorted(TRUTH.values())[10:]
    assert {day.detail for day in told if day.state != "number"} == {"limit: more than 2 pages of statistics"}
    assert [one.cause for one in polled.refusals] == ["limit"]


def test_a_page_that_leads_to_itself_is_no_reply(bench: Bench, ready: PostmasterServer, tmp_path: Path) -> None:
    ready.stuck = True
    polled = poll_once(bench, open_fake(ready, tmp_path))
    assert [(one.cause, one.detail) for one in polled.refusals] == [("garbled", "a page that leads to itself")]
    assert sum(ready.called.values()) < 10


def test_domains_without_end_are_none(
    bench: Bench, ready: PostmasterServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of a listing that is not whole nobody can say which domain is missing."""
    monkeypatch.setattr(postmaster, "MAX_PAGES", 2)
    ready.page = 2
    for number in range(4):
        ready.add(f"sub{number}.example.com")
    polled = poll_once(bench, open_fake(ready, tmp_path))
    assert [(one.cause, one.detail) for one in polled.refusals] == [("limit", "more than 2 pages of domains")]
    assert polled.domains == ()


def test_no_data_is_neither_zero_nor_unknown(bench: Bench, ready: PostmasterServer, tmp_path: Path) -> None:
    """L7."""
    ready.figures.clear()
    ready.count(DOMAIN, "SPAM_RATE", "", {YESTERDAY: 0.0})
    poll_once(bench, open_fake(ready, tmp_path))
    told = stored(bench)
    assert told[-1] == Day(day=YESTERDAY, state="number", value=0.0)
    assert {(day.state, day.value) for day in told[:-1]} == {("no-data", None)}


def test_late_and_changed_days_keep_their_history(bench: Bench, ready: PostmasterServer, tmp_path: Path) -> None:
    """L8."""
    ready.figures.clear()
    poll_once(bench, open_fake(ready, tmp_path))
    ready.count(DOMAIN, "SPAM_RATE", "", {YESTERDAY: 0.001, YESTERDAY - timedelta(days=30): 0.5})
    poll_once(bench, open_fake(ready, tmp_path))
    ready.count(DOMAIN, "SPAM_RATE", "", {YESTERDAY: 0.004})
    poll_once(bench, open_fake(ready, tmp_path))
    told = {day.day: day for day in stored(bench)}
    assert told[YESTERDAY].value == 0.004
    assert told[YESTERDAY - timedelta(days=30)].state == "no-data"  # settled: not asked for again
    series = Series(source="postmaster", about=DOMAIN, metric="spam-rate")
    with bench.store.database.read() as connection:
        history = days.history(connection, series, YESTERDAY)
    assert [(one.day.state, one.day.value) for one in history] == [
        ("no-data", None),
        ("number", 0.001),
        ("number", 0.004),
    ]


def test_a_consent_that_ended_is_told_at_once_and_asked_for_once(
    bench: Bench, ready: PostmasterServer, tmp_path: Path
) -> None:
    """L9."""
    poll_once(bench, open_fake(ready, tmp_path))
    for number in range(30):
        ready.add(f"sub{number}.example.com")
    ready.revoked = True
    ready.access_tokens.clear()
    waits = Waits()
    before = bench.status().sources
    polled = poll_once(bench, open_fake(ready, tmp_path, sleep=waits))
    assert [(one.cause, one.detail) for one in polled.refusals] == [("ended", "invalid_grant")]
    assert waits == []
    assert bench.status().sources == before  # it was not read to its end: the time of the last success stands
    ready.revoked = False
    assert poll_once(bench, open_fake(ready, tmp_path)).refusals == ()
    assert complete(stored(bench))
    (source,) = bench.status().sources
    assert source.name == "postmaster"
    assert source.succeeded > before[0].succeeded


def test_a_consent_that_ends_on_the_way_is_not_asked_for_again_by_every_call(
    bench: Bench, ready: PostmasterServer, tmp_path: Path
) -> None:
    for number in range(30):
        ready.add(f"sub{number}.example.com")
    ready.misbehave = ["", "invalid_grant"]
    polled = poll_once(bench, open_fake(ready, tmp_path))
    assert [(one.cause, one.detail) for one in polled.refusals] == [("ended", "invalid_grant")]
    assert ready.tokens_asked == 2


def test_pages_are_read_to_the_last(bench: Bench, ready: PostmasterServer, tmp_path: Path) -> None:
    ready.page = 3
    for number in range(7):
        ready.add(f"sub{number}.example.com")
        ready.count(f"sub{number}.example.com", "SPAM_RATE", "", TRUTH)
    assert poll_once(bench, open_fake(ready, tmp_path)).refusals == ()
    assert complete(stored(bench))
    assert complete(stored(bench, domain="sub6.example.com"))


def test_feedback_loops_are_bounded_and_their_names_cannot_change_the_question(
    bench: Bench, ready: PostmasterServer, tmp_path: Path
) -> None:
    names = [f"loop-{number:03}" for number in range(MAX_LOOPS + 20)]
    strange = ['a" OR error_type = "reject', "back\\slash", "", "new\nline", "x" * 300]
    ready.count(DOMAIN, "FEEDBACK_LOOP_ID", "", {YESTERDAY: [*names, *strange]})
    polled = poll_once(bench, open_fake(ready, tmp_path))
    followed = [one.part for one in polled.series if one.metric == "feedback-loop-spam-rate"]
    assert followed == names[:MAX_LOOPS]


def test_a_domain_that_the_user_may_not_read_is_not_asked_for(
    bench: Bench, ready: PostmasterServer, tmp_path: Path
) -> None:
    ready.add("closed.example", permission="NONE")
    polled = poll_once(bench, open_fake(ready, tmp_path))
    assert {one.about for one in polled.series} == {DOMAIN}
    with bench.store.database.read() as connection:
        row = standings.of_domain(connection, "closed.example").row(REGISTRATION)
    assert row is not None
    assert (row.state, row.reason) == ("VERIFIED", "NONE")


@pytest.mark.parametrize("value", [1.5, -0.1, 1e300, "NaN", "Infinity"])
def test_a_rate_that_is_none_is_not_known(
    bench: Bench, ready: PostmasterServer, tmp_path: Path, value: float | str
) -> None:
    ready.count(DOMAIN, "SPAM_RATE", "", {YESTERDAY: value})
    poll_once(bench, open_fake(ready, tmp_path))
    assert stored(bench)[-1].state == "not-known"
    assert stored(bench)[-1].detail.startswith("garbled: ")


def test_what_google_says_of_each_domain(bench: Bench, ready: PostmasterServer, tmp_path: Path) -> None:
    ready.add("news.example.com")
    ready.add("waiting.example", verified=False)
    whole = {"domainId": DOMAIN, "rowData": [{"requirement": "SPF", "status": {"status": "COMPLIANT"}}]}
    own = {
        "domainId": "news.example.com",
        "rowData": [
            {"requirement": "SPF", "status": {"status": "NEEDS_WORK"}},
            {"requirement": "DKIM", "status": {"status": "STATE_UNSPECIFIED"}},
        ],
        "oneClickUnsubscribeVerdict": {"status": {"status": "NEEDS_WORK"}, "reason": "NO_UNSUB_GENERAL"},
        "honorUnsubscribeVerdict": {"status": {"status": "COMPLIANT"}},
        "deliverabilityStatusVerdict": {"state": {"status": "NEEDS_WORK"}, "reason": "SPAM_RATE_HIGH"},
    }
    ready.compliance[DOMAIN] = {"complianceData": whole}
    ready.compliance["news.example.com"] = {"complianceData": whole, "subdomainComplianceData": own}
    another_of_ours = Bench(bench.places, bench.worker)
    another_of_ours.store.places = type(bench.places)(folder=bench.places.folder, domains=("example.net",))
    poll_once(another_of_ours, open_fake(ready, tmp_path))
    with bench.store.database.read() as connection:
        said = {
            name: {row.row: (row.state, row.reason) for row in standings.of_domain(connection, name).rows}
            for name in (DOMAIN, "news.example.com", "waiting.example", "example.net", "example.org")
        }
    another_of_ours.store.database.close()
    assert said == {
        DOMAIN: {REGISTRATION: ("VERIFIED", "OWNER"), "SPF": ("COMPLIANT", "")},
        "news.example.com": {
            REGISTRATION: ("VERIFIED", "OWNER"),
            "SPF": ("NEEDS_WORK", ""),
            "ONE_CLICK_UNSUBSCRIBE": ("NEEDS_WORK", "NO_UNSUB_GENERAL"),
            "HONOR_UNSUBSCRIBE": ("COMPLIANT", ""),
            "DELIVERABILITY": ("NEEDS_WORK", "SPAM_RATE_HIGH"),
        },
        "waiting.example": {REGISTRATION: ("UNVERIFIED", "OWNER")},
        "example.net": {REGISTRATION: ("NOT_REGISTERED", "")},
        "example.org": {},
    }
