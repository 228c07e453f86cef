"""How far what is told rests on reports that come from whom they name."""

from __future__ import annotations

from collections.abc import Iterator

from todoku.feedback.answers import Extent
from todoku.report.answers.document import Answers
from todoku.report.words import counted
from todoku.words.verdict import Text

ONLY_VERIFIED = Text(
    "Only verified reports are counted: their mail was signed by the reporter that they name.",
    "確認済みのレポート(名乗る送信元の署名があるメールで届いたもの)だけを集計しています。",
)


def notes(answers: Answers) -> Iterator[Text]:
    """What is to be known of who sent the reports; nothing where all are verified, or it was not looked at."""
    if answers.extent is not None and answers.extent.conflicts:
        yield _conflicts(answers.extent.conflicts)
    if answers.verified:
        yield ONLY_VERIFIED
    elif answers.extent is not None and _are_mixed(answers.extent):
        yield _parts(answers.extent)


def _conflicts(number: int) -> Text:
    return Text(
        f"{counted(number, 'report')} came again with different contents: a verified version counts, else the newest.",
        f"同じレポートが異なる内容で届いたものが{number:,}件あります。確認済みのもの、なければ最新のものを集計しています。",
    )


def _are_mixed(extent: Extent) -> bool:
    return extent.verified + extent.unverified > 0 and extent.verified < extent.messages


def _parts(extent: Extent) -> Text:
    unknown = extent.messages - extent.verified - extent.unverified
    rest = (
        Text(f", {unknown:,} on reports of unknown origin", f"、送信元が不明なレポート{unknown:,}通")
        if unknown
        else Text("", "")
    )
    none, further = (
        not extent.verified,
        Text(" --verified counts verified reports alone.", "--verified を付けると、確認済みだけを集計します。"),
    )
    first = (
        f"None of {counted(extent.messages, 'message')} rests on a verified report:"
        if none
        else f"Of {counted(extent.messages, 'message')}, {extent.verified:,} {_rest(extent.verified)} on verified reports,"
    )
    return Text(
        f"{first} {extent.unverified:,} {_rest(extent.unverified) + ' ' if none else ''}on unverified ones (mail not signed by the "
        f"reporter that it names){rest.en}.{'' if none else further.en}",
        f"メール{extent.messages:,}通の内訳: 確認済みのレポート{extent.verified:,}通、未確認のレポート(名乗る送信元の署名がないもの)"
        f"{extent.unverified:,}通{rest.ja}。{'' if none else further.ja}",
    )


def _rest(number: int) -> str:
    return "rests" if number == 1 else "rest"
