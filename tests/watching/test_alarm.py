"""Alarms over time: each step once, whatever the order, and nothing from not having looked."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bounds.test_linear import is_linear
from todoku.watching.alarm import Alarm, advance
from todoku.watching.signal import Looked, Seen, Signal, all_seen
from todoku.words.verdict import Reason, Text

START = datetime(2026, 11, 2, tzinfo=UTC)
HOUR = timedelta(hours=1)
SCOPE = "verdict/spf"
BROKEN = Reason("broken", Text("it is broken", "壊れています"))
ABOUTS = ("example.com", "example.net", "example.org")
EVERYWHERE = Looked(scopes=frozenset((SCOPE, about) for about in ABOUTS))


def signal(about: str = "example.com", level: str = "fail", cause: str = "broken", **other) -> Signal:
    return Signal(
        requirement="spf", reason=BROKEN, level=level, scope=SCOPE, cause=cause, about=about, values={}, **other
    )


def steps(*rounds) -> list[list[tuple[str, tuple[str, ...]]]]:
    """What each round tells, one after the other; a round is its signals, or these with what was looked at."""
    alarms: tuple[Alarm, ...] = ()
    told = []
    for number, given_ in enumerate(rounds):
        signals, looked = given_ if isinstance(given_, tuple) else (given_, EVERYWHERE)
        advanced = advance(alarms, signals, looked, START + number * HOUR)
        alarms = msgspec.json.decode(msgspec.json.encode(advanced.alarms), type=tuple[Alarm, ...])  # as after a restart
        told.append([(one.step, one.abouts) for one in advanced.notices])
    return told


def test_a_cause_is_told_when_it_comes_and_when_it_goes():
    assert steps([signal()], [signal()], [], []) == [
        [("fired", ("example.com",))],
        [],
        [("resolved", ("example.com",))],
        [],
    ]


def test_not_having_looked_ends_nothing():
    assert steps([signal()], ([], Looked()), []) == [
        [("fired", ("example.com",))],
        [],
        [("resolved", ("example.com",))],
    ]


def test_it_is_told_once_that_it_got_worse():
    told = steps([signal(level="warn")], [signal()], [signal(level="warn")], [signal()])
    assert [[step for step, _ in one] for one in told] == [["fired"], ["escalated"], [], []]


def test_one_cause_of_many_subjects_is_one_alarm():
    told = steps([signal("example.com"), signal("example.net")], [signal(about) for about in ABOUTS], [signal()], [])
    assert told == [
        [("fired", ("example.com", "example.net"))],
        [("joined", ("example.org",))],
        [("left", ("example.net", "example.org"))],
        [("resolved", ("example.com",))],
    ]


def test_who_makes_it_worse_by_joining_is_told_once():
    told = steps([signal("example.com", "warn")], [signal("example.com", "warn"), signal("example.net")], [])
    assert told[1:] == [[("escalated", ("example.net",))], [("resolved", ("example.com", "example.net"))]]


def test_who_left_and_comes_again_is_told_again():
    both = [signal("example.com"), signal("example.net")]
    assert (
        steps(both, [signal()], both, [signal()], both)[1:]
        == [
            [("left", ("example.net",))],
            [("joined", ("example.net",))],
        ]
        * 2
    )


def test_who_could_not_be_looked_at_has_not_left():
    both = [signal("example.com"), signal("example.net")]
    here = Looked(scopes=frozenset({(SCOPE, "example.com")}))
    assert steps(both, ([signal()], here), both)[1:] == [[], []]


def test_an_event_is_told_and_not_kept():
    assert steps([signal(event=True)], [], []) == [[("noted", ("example.com",))], [], []]


def test_what_hovers_must_stay_away_for_as_long_as_it_holds():
    hovering = signal(holds=7200)
    told = steps([hovering], [], [hovering], [], [], [])
    assert [[step for step, _ in one] for one in told] == [["fired"], [], [], [], [], ["resolved"]]


def test_what_is_accepted_is_not_told_and_ends_without_a_word():
    assert steps([signal(accepted=True)]) == [[]]
    assert steps([signal()], [signal(accepted=True)], [])[1:] == [[], []]


def test_a_subject_that_nobody_watches_any_more_ends_without_a_word():
    assert steps([signal()], ([], Looked(left=frozenset({"example.com"}))))[1:] == [[]]


SIGNALS = st.lists(
    st.builds(
        signal,
        about=st.sampled_from(ABOUTS),
        level=st.sampled_from(("warn", "fail")),
        cause=st.sampled_from(("broken", "other")),
    ),
    max_size=6,
)
LOOKED = st.frozensets(st.tuples(st.just(SCOPE), st.sampled_from(ABOUTS))).map(lambda scopes: Looked(scopes=scopes))


@settings(deadline=None)
@given(st.lists(st.tuples(SIGNALS, LOOKED), max_size=12))
def test_no_step_of_an_alarm_is_told_twice(rounds):
    alarms: tuple[Alarm, ...] = ()
    told: Counter[str] = Counter()
    open_: set[str] = set()
    for number, (signals, looked) in enumerate(rounds):
        advanced = advance(alarms, signals, looked, START + number * HOUR)
        for one in advanced.notices:
            told[one.key] += 1
            assert (one.cause in open_) == (one.step != "fired")
            if one.step == "fired":
                open_.add(one.cause)
            elif one.step == "resolved":
                open_.remove(one.cause)
        alarms = advanced.alarms
        assert {one.cause for one in alarms} == open_
    assert set(told.values()) <= {1}


@settings(deadline=None)
@given(st.lists(SIGNALS, max_size=12))
def test_each_event_of_each_subject_has_its_beginning_and_its_end(rounds):
    alarms: tuple[Alarm, ...] = ()
    told: set[tuple[str, str]] = set()
    for number, signals in enumerate(rounds):
        advanced = advance(alarms, signals, EVERYWHERE, START + number * HOUR)
        alarms = advanced.alarms
        for one in advanced.notices:
            named = {(one.cause, about) for about in one.abouts}
            if one.step in ("left", "resolved"):
                assert named <= told
                told -= named
            elif one.step != "escalated":
                assert not named & told
            told |= named if one.step not in ("left", "resolved") else set()
        assert told == {(one.cause, one.about) for one in signals}


@settings(deadline=None)
@given(SIGNALS, SIGNALS, LOOKED, st.randoms())
def test_the_order_of_signals_does_not_matter(first, second, looked, chance):
    before = advance((), first, looked, START).alarms
    mixed = list(second)
    chance.shuffle(mixed)
    later = START + HOUR
    assert advance(before, second, looked, later) == advance(before, mixed, looked, later)


@settings(deadline=None)
@given(SIGNALS, st.integers(0, 5))
def test_not_having_looked_changes_nothing(signals, rounds):
    before = advance((), signals, EVERYWHERE, START).alarms
    for number in range(rounds):
        assert advance(before, [], Looked(), START + number * HOUR) == advance(before, [], Looked(), START)
    assert advance(before, [], Looked(), START + HOUR).alarms == before
    assert not advance(before, [], Looked(), START + HOUR).notices


@settings(deadline=None)
@given(SIGNALS)
def test_a_look_that_is_done_again_tells_nothing_new(signals):
    alarms = advance((), signals, EVERYWHERE, START).alarms
    for _ in range(3):
        again = advance(alarms, signals, EVERYWHERE, START + HOUR)
        assert not again.notices
        alarms = again.alarms


def looks(subjects: int) -> list[Seen]:
    """What a look at each of so many domains gives: one signal of a cause that all share, and two scopes."""
    abouts = [f"{number}.example" for number in range(subjects)]
    return [
        Seen(
            signals=(signal(about),),
            looked=Looked(scopes=frozenset({(SCOPE, about), ("drift", about)})),
        )
        for about in abouts
    ]


def two_rounds(given_: list[Seen]) -> None:
    seen = all_seen(given_)
    alarms = advance((), seen.signals, seen.looked, START).alarms
    assert not advance(alarms, seen.signals, seen.looked, START + HOUR).notices


@pytest.mark.linear
def test_twice_the_domains_take_twice_the_time():
    assert is_linear(looks, two_rounds, 8_000)
