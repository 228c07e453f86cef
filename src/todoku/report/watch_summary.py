"""What a round of ``todoku watch`` prints: what is told now, what is accepted, how it stands; and what somebody should see to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from todoku.report.alert import letter
from todoku.report.words import Language, counted, harmless, say
from todoku.watching.alarm import Advanced
from todoku.watching.signal import Signal
from todoku.words.accept import Accept
from todoku.words.verdict import Text


def outcome(advanced: Advanced, accepted: Iterable[tuple[Signal, Accept]], language: Language) -> Iterator[str]:
    """A line for each notice, for each signal that is accepted and not told, and the counts."""
    for notice in advanced.notices:
        yield letter(notice, language).title
    for one, accept in accepted:
        yield _line(_accepted(one, accept), language)
    yield _line(_counts(advanced), language)


def troubles(unseen: Iterable[Text], ended: Iterable[Accept], language: Language) -> Iterator[str]:
    """A line for whatever could not be looked at, and for each acceptance that has run out."""
    for why in unseen:
        yield _line(Text(f"could not look: {why.en}", f"確認できませんでした: {why.ja}"), language)
    for one in ended:
        yield _line(_counts_again(one), language)


def undelivered(waiting: Iterable[tuple[str, int]], language: Language) -> Iterator[str]:
    """A line for each address that has not taken all letters: how it may be shown, and how many wait."""
    for shown, number in waiting:
        text = Text(
            f"{counted(number, 'alert')} to {shown} not delivered yet, and tried again: todoku status",
            f"{shown} への通知{number:,}件をまだ送信できていません。再送します(状況は todoku status で確認できます)",
        )
        yield _line(text, language)


NOBODY = Text(
    "[alerts] names no address: nobody is told but whoever reads this",
    "[alerts] に宛先がないため、通知は送信していません(この画面への表示のみです)",
)
"""What is to be known where there is something to tell and nobody to be told."""


def forgotten(items: int, files: int) -> Text:
    """What was tidied away on a day."""
    return Text(
        f"forgotten as older than [store] keep_months: {counted(items, 'item')}; removed as counting for nothing: {counted(files, 'file')}",
        f"[store] keep_months より古い元データ{items:,}件と、不要になったファイル{files:,}件を削除しました",
    )


def _line(text: Text, language: Language) -> str:
    return harmless(say(text, language))


def _accepted(one: Signal, accept: Accept) -> Text:
    named = f"{one.requirement} – {one.about} [{one.reason.tag}]"
    return Text(
        f"Accepted until {accept.until}: {named}: {accept.reason}",
        f"{accept.until} まで許容: {named}: {accept.reason}",
    )


def _counts_again(ended: Accept) -> Text:
    return Text(
        f"[[accept]] {ended.requirement}: it was accepted until {ended.until} and counts again",
        f"[[accept]] {ended.requirement}: 許容期間が {ended.until} で終了したため、再び件数と通知に含めます",
    )


def _counts(advanced: Advanced) -> Text:
    fails = sum(one.level == "fail" for one in advanced.alarms)
    warns = len(advanced.alarms) - fails
    return Text(
        f"Open: {counted(fails, 'alarm')}, {counted(warns, 'warning')}. Told now: {len(advanced.notices)}.",
        f"継続中: 警報{fails}件、注意{warns}件。今回の通知: {len(advanced.notices)}件。",
    )
