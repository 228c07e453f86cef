"""How far what is told rests on reports that come from whom they name."""

from __future__ import annotations

from collections.abc import Iterator

from todoku.feedback.answers import Extent
from todoku.report.reports.document import Answers
from todoku.report.words import counted
from todoku.verdict import Text

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
        f"{counted(number, 'report')} came again with other contents: the newest counts, a verified one before any other.",
        f"内容の異なる同一のレポートが{number:,}件あります。確認済みのものを優先し、最新のものを集計しています。",
    )


def _are_mixed(extent: Extent) -> bool:
    return extent.verified + extent.unverified > 0 and extent.verified < extent.messages


def _parts(extent: Extent) -> Text:
    unknown = extent.messages - extent.verified - extent.unverified
    rest = (
        Text(f", reports of unknown senders of {unknown:,}", f"、送信元が不明なもの{unknown:,}通")
        if unknown
        else Text("", "")
    )
    return Text(
        f"Of {extent.messages:,} messages, verified reports tell of {extent.verified:,}, unverified ones (mail not signed by the "
        f"reporter that they name) of {extent.unverified:,}{rest.en}. --verified counts the verified alone.",
        f"メール{extent.messages:,}通の内訳: 確認済みのレポートによるもの{extent.verified:,}通、未確認のもの(名乗る送信元の署名がない"
        f"メールで届いたレポート){extent.unverified:,}通{rest.ja}。--verified で確認済みだけを集計できます。",
    )
