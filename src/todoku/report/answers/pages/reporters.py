"""Who reports, and who has stopped."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta

from msgspec import UNSET

from todoku.feedback.answers import Reporter, VerificationResult
from todoku.feedback.silence import heard, is_silent
from todoku.report.answers.document import Answers
from todoku.report.answers.pages.about import FIRST, LAST, MESSAGES, titled
from todoku.report.answers.table import Page, column, table
from todoku.report.words import counted
from todoku.words.verdict import Text

VERIFICATIONS: dict[VerificationResult, Text] = {
    "verified": Text("verified", "確認済み"),
    "unverified": Text("unverified", "未確認"),
    "unknown": Text("", ""),
}


def _verification(reporter: Reporter) -> Text:
    """What is known of who it is; the domain where it is not the name itself."""
    known, domain = VERIFICATIONS[reporter.verification], reporter.vouched_by
    if not domain or domain == reporter.org_name.lower():
        return known
    return Text(f"{known.en}: {domain}", f"{known.ja}: {domain}")


COLUMNS = (
    column("reporter", "レポート送信元", lambda one: one.org_name),
    column("verification", "送信元の確認", _verification, "whole"),
    column("reports", "レポート数", lambda one: one.reports, "number"),
    MESSAGES,
    column("days", "日数", lambda one: one.days, "number", wide=True),
    FIRST,
    LAST,
    column("longest gap, days", "最長の空白(日)", lambda one: one.longest_gap, "number", wide=True),
    column("silent, days", "途絶(日)", lambda one: one.silent, "number"),
)


def page(answers: Answers, limit: int) -> Page:
    """Every reporter."""
    found = () if answers.reporters is UNSET else answers.reporters
    title = titled(answers, Text("Who reports", "レポートの送信元"))
    listed = Text("The reporters, those with the most mail first", "レポート送信元(メール数の多い順)")
    return Page(title=title, said=tuple(silences(found)), tables=(table(listed, COLUMNS, found, limit),))


def silences(found: Sequence[Reporter]) -> Iterable[Text]:
    """Which regular reporters are silent, measured by the newest report of anybody."""
    for one in heard(found):
        if is_silent(one, one.last + timedelta(days=one.silent)):
            yield Text(
                f"{one.org_name} has not reported since {one.last}, {counted(one.silent, 'day')} before the newest report.",
                f"{one.org_name} からのレポートは {one.last} を最後に途絶えています(最新のレポートの{one.silent}日前)。",
            )
