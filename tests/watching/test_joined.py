"""A record that changed and the verdict that fell by it are one alarm."""

from __future__ import annotations

from datetime import UTC, datetime

from todoku.causes.witnesses.over_time import RECORD_CHANGED
from todoku.watching.alarm import advance
from todoku.watching.joined import joined
from todoku.watching.signal import Looked, Signal, SignalLevel
from todoku.words.verdict import Exhibit, Reason, Text

NOW = datetime(2026, 11, 24, tzinfo=UTC)
MISSING = Reason("dmarc-missing", Text("no record", "レコードがありません"))
ABOUT = "example.com"


def fell(requirement: str = "dmarc-record", reason: Reason = MISSING) -> Signal:
    return Signal(
        requirement=requirement,
        reason=reason,
        level="fail",
        scope=f"verdicts/{requirement}",
        cause=reason.tag,
        about=ABOUT,
        exhibits=(Exhibit("dns", "_dmarc.example.com TXT", "nxdomain"),),
    )


def changed(level: SignalLevel = "fail") -> Signal:
    return Signal(
        requirement="dmarc-record",
        reason=RECORD_CHANGED,
        level=level,
        scope="drift",
        cause="record-changed/example.com",
        about=ABOUT,
        part="_dmarc.example.com TXT ",
        values={"name": "_dmarc.example.com", "rdtype": "TXT", "before": "v=DMARC1; p=reject", "after": "none"},
        exhibits=(Exhibit("dns", "_dmarc.example.com TXT", "none"),),
    )


def test_both_are_one_alarm_with_both_pieces_of_evidence_and_one_end() -> None:
    signals = [changed(), *joined([fell(), fell("dmarc-policy")], [changed()], ())]
    begun = advance((), signals, Looked(), NOW)
    (notice,) = begun.notices
    assert (notice.step, notice.tag) == ("fired", "record-changed")
    assert [one.tag for one in notice.said] == ["record-changed", "dmarc-missing"]
    assert [one.value for one in notice.exhibits] == ["none", "nxdomain"]
    scopes = {("drift", ABOUT), ("verdicts/dmarc-record", ABOUT), ("verdicts/dmarc-policy", ABOUT)}
    over = advance(begun.alarms, (), Looked(scopes=frozenset(scopes)), NOW)
    assert [one.step for one in over.notices] == ["resolved"]


def test_what_fell_for_another_reason_stands_by_itself() -> None:
    spf = fell("spf", Reason("spf-missing", Text("no record", "レコードがありません")))
    assert list(joined([spf], [changed()], ())) == [spf]


def test_a_change_that_made_nothing_worse_takes_no_verdict() -> None:
    assert list(joined([fell()], [changed("warn")], ())) == [fell()]


def test_what_was_an_alarm_before_the_change_stays_one() -> None:
    assert list(joined([fell()], [changed()], {"dmarc-missing"})) == [fell()]
