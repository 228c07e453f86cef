"""Days of rates in the store: each version kept, the newest shown, nothing that was read lost to what was not."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from store_bench import Bench
from todoku.feedback.compliance import Compliance, Standing
from todoku.feedback.traffic import Day, Series, State
from todoku.store import days, standings
from todoku.store.days import AGAIN_DAYS, REACH_DAYS

LAST = date(2026, 11, 23)
SPAM = Series(source="postmaster", about="example.com", metric="spam-rate")
NONE = Day(day=LAST, state="no-data")
UNKNOWN = Day(day=LAST, state="not-known", detail="throttled")


def spam(*told: Day) -> Series:
    return Series(source="postmaster", about="example.com", metric="spam-rate", days=told)


def number(value: float, day: date = LAST, of: int | None = None) -> Day:
    return Day(day=day, state="number", value=value, of=of)


def read(bench: Bench, *readings: Day) -> tuple[Day, ...]:
    """What is shown after these readings of one day, one after the other."""
    for turn, day in enumerate(readings):
        with bench.store.database.write() as connection:
            days.put(connection, spam(day), turn)
    with bench.store.database.read() as connection:
        return days.series(connection, SPAM, LAST, LAST).days


@pytest.mark.parametrize(
    ("readings", "shown", "versions"),
    [
        ([number(0.001)], number(0.001), 1),
        ([number(0.0)], number(0.0), 1),
        ([number(0.001), number(0.001)], number(0.001), 1),
        ([number(0.001), number(0.004)], number(0.004), 2),
        ([number(0.001), number(0.004), number(0.001)], number(0.001), 3),
        ([number(0.001, of=100), number(0.001, of=200)], number(0.001, of=200), 2),
        ([NONE], NONE, 1),
        ([NONE, number(0.0)], number(0.0), 2),
        ([number(0.0), NONE], NONE, 2),
        ([UNKNOWN], UNKNOWN, 1),
        ([UNKNOWN, NONE], NONE, 2),
        ([UNKNOWN, number(0.002)], number(0.002), 2),
        ([number(0.002), UNKNOWN], number(0.002), 1),
        ([NONE, UNKNOWN], NONE, 1),
        (
            [UNKNOWN, Day(day=LAST, state="not-known", detail="denied")],
            Day(day=LAST, state="not-known", detail="denied"),
            1,
        ),
    ],
    ids=[
        *("a number", "a zero", "the same twice", "another number", "there and back", "of more messages"),
        *("no data", "no data then zero", "zero then no data", "not known", "not known then no data"),
        *("not known then a number", "a number then not known", "no data then not known", "another cause"),
    ],
)
def test_what_is_shown_of_a_day(bench: Bench, readings: list[Day], shown: Day, versions: int) -> None:
    assert read(bench, *readings) == (shown,)
    with bench.store.database.read() as connection:
        history = days.history(connection, SPAM, LAST)
    assert len(history) == versions
    assert history[-1].day == shown
    assert [one.read_at for one in history] == sorted({one.read_at for one in history})


def test_series_are_told_apart(bench: Bench) -> None:
    others = [
        Series(source="ses", about="example.com", metric="spam-rate"),
        Series(source="postmaster", about="example.net", metric="spam-rate"),
        Series(source="postmaster", about="example.com", metric="tls-rate", part="inbound"),
        Series(source="postmaster", about="example.com", metric="tls-rate", part="outbound"),
    ]
    for value, one in enumerate([SPAM, *others]):
        with bench.store.database.write() as connection:
            given = Series(
                source=one.source, about=one.about, metric=one.metric, part=one.part, days=(number(value / 10),)
            )
            days.put(connection, given, 1)
    with bench.store.database.read() as connection:
        for value, one in enumerate([SPAM, *others]):
            assert days.series(connection, one, LAST, LAST).days == (number(value / 10),)
        found = days.every_series(connection, "postmaster", "example.com", LAST, LAST)
    assert [(one.metric, one.part) for one in found] == [
        ("spam-rate", ""),
        ("tls-rate", "inbound"),
        ("tls-rate", "outbound"),
    ]


def test_days_come_oldest_first_and_within_their_bounds(bench: Bench) -> None:
    told = [number(n / 1000, LAST - timedelta(days=n)) for n in range(10)]
    with bench.store.database.write() as connection:
        assert days.put(connection, spam(*told), 1) == 10
    with bench.store.database.read() as connection:
        found = days.series(connection, SPAM, LAST - timedelta(days=5), LAST - timedelta(days=2)).days
    assert list(found) == told[5:1:-1]


def every_day(state: State, count: int) -> list[Day]:
    value = 0.0 if state == "number" else None
    return [Day(day=LAST - timedelta(days=n), state=state, value=value) for n in range(count)]


class TestToAsk:
    """L6 to L8: the last fortnight always, an older gap until it is filled, and nothing that is settled."""

    def ask(self, bench: Bench) -> list[int]:
        with bench.store.database.read() as connection:
            asked = days.to_ask(connection, "postmaster", "example.com", LAST)
        assert list(asked) == sorted(set(asked))
        return sorted((LAST - day).days for day in asked)

    def put(self, bench: Bench, *told: Day, metric: str = "spam-rate") -> None:
        given = Series(source="postmaster", about="example.com", metric=metric, days=told)
        with bench.store.database.write() as connection:
            days.put(connection, given, int(bench.clock().timestamp() * 1e6))

    def test_at_first_everything_within_reach(self, bench: Bench) -> None:
        assert self.ask(bench) == list(range(REACH_DAYS))

    @pytest.mark.parametrize("state", ["number", "no-data"])
    def test_then_the_last_fortnight(self, bench: Bench, state: State) -> None:
        self.put(bench, *every_day(state, REACH_DAYS))
        assert self.ask(bench) == list(range(AGAIN_DAYS))

    def test_an_older_gap_until_it_is_filled(self, bench: Bench) -> None:
        self.put(bench, *every_day("number", REACH_DAYS))
        gap = LAST - timedelta(days=40)
        self.put(bench, *every_day("number", REACH_DAYS), metric="dkim-rate")
        self.put(bench, Day(day=gap, state="not-known"), metric="dmarc-rate")
        assert self.ask(bench) == [*range(AGAIN_DAYS), 40]
        self.put(bench, Day(day=gap, state="not-known", detail="again"), metric="dmarc-rate")
        assert self.ask(bench) == [*range(AGAIN_DAYS), 40]
        self.put(bench, number(1.0, gap), metric="dmarc-rate")
        assert self.ask(bench) == list(range(AGAIN_DAYS))

    def test_days_on_which_nobody_asked(self, bench: Bench) -> None:
        self.put(bench, *(day for day in every_day("number", REACH_DAYS) if not 20 <= (LAST - day.day).days < 25))
        assert self.ask(bench) == [*range(AGAIN_DAYS), *range(20, 25)]


def test_highest_is_the_sum_of_a_day(bench: Bench) -> None:
    with bench.store.database.write() as connection:
        assert days.highest(connection, "ses", ["a", "b"], "send", "Gmail") is None
        for about, counts in (("a", [3000, 100]), ("b", [1500, 2000]), ("c", [90000, 0])):
            told = tuple(number(count, LAST - timedelta(days=n)) for n, count in enumerate(counts))
            days.put(connection, Series(source="ses", about=about, metric="send", part="Gmail", days=told), 1)
        days.put(connection, Series(source="ses", about="a", metric="send", part="Gmail", days=(number(3001),)), 2)
        assert days.highest(connection, "ses", ["a", "b"], "send", "Gmail") == 4501
        assert days.highest(connection, "ses", ["a"], "send", "Yahoo") is None


def test_standings_keep_what_was_said_before(bench: Bench) -> None:
    first, second, third = (datetime(2026, 11, n, tzinfo=UTC) for n in (1, 2, 3))
    for read_on, state in ((first, "NEEDS_WORK"), (second, "NEEDS_WORK"), (third, "COMPLIANT")):
        with bench.store.database.write() as connection:
            given = Compliance(domain="example.com", rows=(Standing(row="SPF", state=state, reason=""),))
            assert standings.put(connection, given, read_on) == (read_on != second)
            shown = standings.of_domain(connection, "example.com")
        since = third if read_on == third else first
        assert shown.row("SPF") == Standing(row="SPF", state=state, since=since, read=read_on)
        assert shown.row("DKIM") is None
    with bench.store.database.read() as connection:
        assert standings.of_domain(connection, "example.net").rows == ()
