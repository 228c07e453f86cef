"""What each kind of look makes a signal of, and of what it makes none."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Literal

import msgspec
import pytest

from todoku.causes.witnesses.over_time import SPAM_RATE_ELEVATED, SPAM_RATE_OVER
from todoku.causes.witnesses.spam_rate import NO_SPAM_RATE, SPAM_RATE_ENDED
from todoku.cli.watch_checks.rows import MOST_OTHERS, asked_about
from todoku.cli.watch_checks.watched import is_watched
from todoku.feedback.answers import Passing, Reporter, Stream
from todoku.judging.judge import catalogue
from todoku.report.answers.pages.reporters import silences
from todoku.requirements.postmaster_registration import ADD_DOMAIN
from todoku.settings.config import Config, StoreSection, WatchSection
from todoku.watching import flood_cap, reporters, streams, verdicts
from todoku.watching.accept import marked
from todoku.watching.alarm import advance
from todoku.words.accept import Accept, expired, holding
from todoku.words.verdict import Finding, Reason, Result, Text, Verdict, WitnessFinding, WitnessKind

TODAY = date(2026, 11, 24)
BROKEN = Reason("broken", Text("broken", "壊れています"))


def verdict(
    result: Result,
    receiver: str = "gmail",
    requirement: str = "spf",
    reason: Reason = BROKEN,
    *,
    missing: Literal["not-asked", "could-not-look"] | None = None,
    by: WitnessKind = "receiver",
) -> Verdict:
    known = next(one for one in catalogue() if one.id == requirement)
    said = WitnessFinding(by, Finding(result, reason, missing=missing))
    return Verdict(
        requirement=requirement,
        receiver=receiver,
        clause=known.clauses[0],
        result=result,
        reason=reason,
        missing=missing,
        witnesses=(said,),
    )


def told_over(*looks: Sequence[Verdict]) -> list[list[tuple[str, str]]]:
    """The step and level of what is told in each of some rounds."""
    alarms, told = (), []
    best: verdicts.Best = {}
    for number, given in enumerate(looks):
        look = verdicts.look_at("example.com", given, best, (), TODAY)
        best = verdicts.improved(best, verdicts.results(given))
        advanced = advance(alarms, look.signals, look.looked, datetime(2026, 11, 24 + number, tzinfo=UTC))
        alarms = advanced.alarms
        told.append([(notice.step, notice.level) for notice in advanced.notices])
    return told


def seen(
    *given: Verdict, best: verdicts.Best | None = None, accepts: tuple[Accept, ...] = ()
) -> list[tuple[str, bool]]:
    look = verdicts.look_at("example.com", given, best or {}, accepts, TODAY)
    return [(one.level, one.accepted) for one in look.signals]


class TestVerdicts:
    def test_a_failure_is_a_signal_once_for_all_receivers(self) -> None:
        assert seen(verdict("fail"), verdict("fail", "yahoo")) == [("fail", False)]

    def test_the_worst_of_all_receivers_counts(self) -> None:
        assert seen(verdict("fail"), verdict("warn", "yahoo"), best={"spf": "pass"}) == [("fail", False)]

    def test_a_warning_that_was_always_there_is_none(self) -> None:
        assert seen(verdict("warn")) == []
        assert seen(verdict("warn"), best={"spf": "warn"}) == []

    def test_a_warning_after_a_pass_is(self) -> None:
        assert seen(verdict("warn"), best={"spf": "pass"}) == [("warn", False)]

    def test_a_rate_near_its_limit_is_whatever_was_before(self) -> None:
        assert seen(verdict("warn", requirement="spam-rate", reason=SPAM_RATE_ELEVATED)) == [("warn", False)]

    def test_what_is_not_known_is_not_looked_at(self) -> None:
        look = verdicts.look_at("example.com", [verdict("unknown"), verdict("pass", requirement="dkim")], {}, (), TODAY)
        assert look.looked.scopes == {("verdicts/dkim", "example.com"), ("verdicts/dkim/ended", "example.com")}

    def test_what_could_not_be_looked_at_for_one_receiver_ends_nothing(self) -> None:
        dark = verdict("unknown", missing="could-not-look")
        bad, well = [verdict("fail"), verdict("pass", "yahoo")], [verdict("pass"), verdict("pass", "yahoo")]
        assert told_over(bad, [dark, verdict("pass", "yahoo")], well) == [
            [("fired", "fail")],
            [],
            [("resolved", "fail")],
        ]

    def test_what_could_not_be_looked_at_makes_no_old_warning_news(self) -> None:
        dark = verdict("unknown", missing="could-not-look")
        usual = [verdict("warn"), verdict("pass", "yahoo")]
        assert told_over(usual, [dark, verdict("pass", "yahoo")], usual) == [[], [], []]

    def test_a_failure_is_sure_whatever_could_not_be_looked_at(self) -> None:
        assert told_over([verdict("unknown", missing="could-not-look"), verdict("fail", "yahoo")]) == [
            [("fired", "fail")]
        ]

    def test_an_alarm_ends_where_our_own_look_finds_nothing_that_it_could_decide(self) -> None:
        healthy = verdict("unknown", reason=ADD_DOMAIN, missing="not-asked", by="setup")
        assert told_over([verdict("fail", by="setup")], [healthy], [healthy]) == [
            [("fired", "fail")],
            [("resolved", "fail")],
            [],
        ]

    def test_an_alarm_of_what_others_said_stays_while_they_say_nothing(self) -> None:
        nothing = verdict("unknown", reason=NO_SPAM_RATE, missing="not-asked")
        assert told_over([verdict("fail")], [nothing]) == [[("fired", "fail")], []]

    def test_an_alarm_ends_where_the_rule_does_not_apply_any_more(self) -> None:
        assert told_over([verdict("fail")], [verdict("notapplicable")]) == [[("fired", "fail")], [("resolved", "fail")]]

    def test_figures_that_end_are_told_once_and_do_not_end_the_alarm_that_they_raised(self) -> None:
        given = [
            verdict("fail", requirement="spam-rate", reason=SPAM_RATE_OVER),
            verdict("unknown", requirement="spam-rate", reason=SPAM_RATE_ENDED),
            verdict("unknown", requirement="spam-rate", reason=SPAM_RATE_ENDED),
            verdict("unknown", requirement="spam-rate", reason=NO_SPAM_RATE),
            verdict("pass", requirement="spam-rate"),
        ]
        alarms, told = (), []
        for number, one in enumerate(given):
            look = verdicts.look_at("example.com", [one], {}, (), TODAY)
            at = datetime(2026, 11, 24 + number, tzinfo=UTC)
            advanced = advance(alarms, look.signals, look.looked, at)
            alarms = advanced.alarms
            told.append([(notice.step, notice.tag, notice.level) for notice in advanced.notices])
        over, ended = SPAM_RATE_OVER.tag, SPAM_RATE_ENDED.tag
        both = [("resolved", ended, "warn"), ("resolved", over, "fail")]
        assert told == [[("fired", over, "fail")], [("fired", ended, "warn")], [], [], both]

    def test_accepted_for_one_receiver_alone(self) -> None:
        accept = Accept(requirement="spf", receiver="yahoo", reason="no mail to Yahoo", until=TODAY)
        assert seen(verdict("fail"), verdict("fail", "yahoo"), accepts=(accept,)) == [("fail", False)]
        assert seen(verdict("fail", "yahoo"), accepts=(accept,)) == [("fail", True)]

    def test_the_best_is_kept_and_what_is_worse_is_named(self) -> None:
        now = verdicts.results([verdict("warn"), verdict("fail", "yahoo"), verdict("pass", requirement="dkim")])
        assert now == {"spf": "fail", "dkim": "pass"}
        assert verdicts.improved({"spf": "pass", "tls": "warn"}, now) == {"spf": "pass", "tls": "warn", "dkim": "pass"}
        assert verdicts.worsened({"spf": "pass", "dkim": "warn"}, now) == {"spf"}


class TestAccept:
    ACCEPT = Accept(requirement="spf", domain="*.Internal.example", reason="among colleagues", until=TODAY)

    @pytest.mark.parametrize(
        ("about", "day", "holds"),
        [
            ("a.internal.example", TODAY, True),
            ("A.INTERNAL.EXAMPLE", TODAY, True),
            ("a.internal.example (eu-west-1)", TODAY, True),
            ("internal.example", TODAY, False),
            ("internal.example (eu-west-1)", TODAY, False),
            ("a.internal.example", TODAY + timedelta(days=1), False),
        ],
        ids=["a name below", "in capitals", "an identity", "the name itself", "an identity of it", "a day too late"],
    )
    def test_for_whom_and_until_when(self, about: str, day: date, holds: bool) -> None:
        assert (holding([self.ACCEPT], "spf", about, day) is not None) is holds

    def test_another_requirement_still_counts(self) -> None:
        assert holding([self.ACCEPT], "dkim", "a.internal.example", TODAY) is None

    def test_what_ran_out_is_named(self) -> None:
        assert expired([self.ACCEPT], TODAY) == ()
        assert expired([self.ACCEPT], TODAY + timedelta(days=1)) == (self.ACCEPT,)

    def test_a_signal_of_an_accepted_requirement_is_marked(self) -> None:
        look = verdicts.look_at("a.internal.example", [verdict("fail")], {}, (), TODAY)
        assert [one.accepted for one in marked(look.signals, [self.ACCEPT], TODAY)] == [True]
        assert [one.accepted for one in marked(look.signals, [], TODAY)] == [False]


@pytest.mark.parametrize(
    ("subjects", "domains", "watched"),
    [
        (("example.com",), (), False),
        (("stranger.example",), (), True),
        (("example",), (), True),
        (("example.com", "ses:ap-northeast-1"), (), True),
        ((), (), True),
        (("example.com",), ("stranger.example",), True),
    ],
    ids=["of another", "itself", "above it", "an account", "none", "the store knows"],
)
def test_whose_reports_raise_alarms(subjects: tuple[str, ...], domains: tuple[str, ...], watched: bool) -> None:
    config = Config(watch=WatchSection(subjects=subjects), store=StoreSection(domains=domains))
    assert is_watched(config, "stranger.example") is watched


def day(domain: str, ago: int) -> Passing:
    return Passing(
        start=TODAY - timedelta(days=ago),
        domain=domain,
        messages=60,
        passing=60,
        dkim=60,
        spf=60,
        quarantined=0,
        rejected=0,
    )


def test_names_that_a_stranger_invents_below_ours_are_bounded_and_ours_are_asked_about() -> None:
    config = Config(
        store=StoreSection(domains=("example.com", "z.example.com")), watch=WatchSection(subjects=("example.net",))
    )
    ours = [day(domain, 1) for domain in ("example.com", "z.example.com", "example.net")]
    true = [day("mail.example.com", ago) for ago in (1, 2)]
    invented = [day(f"x{number}.example.com", 1) for number in range(MOST_OTHERS)]
    asked = asked_about(config, [*invented, *ours, *true])
    assert len(asked) == len(ours) + MOST_OTHERS
    assert {*(one.domain for one in ours), "mail.example.com"} < set(asked)


def reporter(name: str, *, ago: int, days: int = 60, span: int = 60, gap: int = 0) -> Reporter:
    """One that reported on so many days of a span that ended some days ago."""
    last = TODAY - timedelta(days=ago)
    return Reporter(
        org_name=name,
        reports=days,
        messages=days * 10,
        days=days,
        first=last - timedelta(days=span - 1),
        last=last,
        longest_gap=gap,
        silent=0,
    )


class TestReporters:
    @pytest.mark.parametrize(
        ("given", "tags"),
        [
            ([reporter("a", ago=3), reporter("b", ago=1)], []),
            ([reporter("a", ago=4), reporter("b", ago=1)], ["reporter-silent"]),
            ([reporter("a", ago=4, gap=1), reporter("b", ago=1)], []),
            ([reporter("a", ago=30, days=6, span=6), reporter("b", ago=1)], []),
            ([reporter("a", ago=30, days=47, span=60), reporter("b", ago=1)], []),
            ([reporter("a", ago=9), reporter("b", ago=8)], ["reports-silent"]),
            ([], []),
        ],
        ids=["48 hours", "a day more", "with a gap before", "new", "irregular", "all", "none"],
    )
    def test_who_is_silent(self, given: list[Reporter], tags: list[str]) -> None:
        assert [one.reason.tag for one in reporters.look_at("example.com", given, TODAY).signals] == tags

    def test_invented_ones_are_told_together_and_hide_nobody(self) -> None:
        invented = [reporter(f"r{number}", ago=9) for number in range(flood_cap.MOST + 1)]
        known = reporter("known", ago=1)
        few = reporters.look_at("example.com", [known, *invented[1:]], TODAY)
        assert {one.reason.tag for one in few.signals} == {"reporter-silent"}
        flood = reporters.look_at("example.com", [known, *invented], TODAY)
        assert [one.reason.tag for one in flood.signals] == ["reporters-many-silent"]
        assert flood.looked.scopes == {("reporters/many", "example.com")}  # whoever was told of before stays told of

    @pytest.mark.parametrize("ago", [2, 3, 4, 9])
    @pytest.mark.parametrize("gap", [0, 2])
    @pytest.mark.parametrize("days", [6, 47, 48], ids=lambda days: f"{days} days")
    def test_the_page_of_reports_says_the_same(self, ago: int, gap: int, days: int) -> None:
        late, other = reporter("late", ago=ago, days=days, gap=gap), reporter("other", ago=1)
        alarms = reporters.look_at("example.com", [late, other], TODAY).signals
        said = silences([msgspec.structs.replace(late, silent=ago - 1), other])
        assert len(alarms) == len(list(said)) == (days == 48 and ago > 3 + gap)


def stream(*, first: int, last: int = 1, messages: int = 100, overridden: int = 0) -> Stream:
    """An unaligned one, with the days ago of its first and its last mail."""
    return Stream(
        spf_domain="crm.example",
        dkim_domain="",
        network="",
        addresses=1,
        messages=messages,
        passing=0,
        dkim=0,
        spf=0,
        quarantined=0,
        rejected=0,
        overridden=overridden,
        first=TODAY - timedelta(days=first),
        last=TODAY - timedelta(days=last),
        authors=("example.com",),
    )


class TestStreams:
    SINCE = TODAY - timedelta(days=60)

    @pytest.mark.parametrize(
        ("given", "number"),
        [
            (stream(first=5), 1),
            (stream(first=60), 0),
            (stream(first=5, messages=5), 0),
            (stream(first=5, messages=100, overridden=100), 0),
            (stream(first=40, last=30), 0),
        ],
        ids=["new", "as old as the reports", "a few messages", "forwarded", "over"],
    )
    def test_which_are_told(self, given: Stream, number: int) -> None:
        assert len(streams.look_at("example.com", [given], self.SINCE, TODAY).signals) == number

    def test_invented_ones_are_told_together_and_hide_none(self) -> None:
        invented = [
            msgspec.structs.replace(stream(first=5), spf_domain=f"s{number}.example")
            for number in range(flood_cap.MOST + 1)
        ]
        few = streams.look_at("example.com", invented[1:], self.SINCE, TODAY)
        assert [one.reason.tag for one in few.signals] == ["stream-unaligned"] * flood_cap.MOST
        flood = streams.look_at("example.com", invented, self.SINCE, TODAY)
        assert [(one.reason.tag, one.values["number"]) for one in flood.signals] == [
            ("streams-many", flood_cap.MOST + 1)
        ]
        assert flood.looked.scopes == {("streams/many", "example.com")}  # what was told of before stays told of
        assert few.looked.scopes > flood.looked.scopes  # and the flood ends when they are few again

    def test_nothing_is_new_where_reports_have_only_begun(self) -> None:
        look = streams.look_at("example.com", [stream(first=1)], TODAY - timedelta(days=2), TODAY)
        assert (look.signals, look.looked.scopes) == ((), frozenset())
