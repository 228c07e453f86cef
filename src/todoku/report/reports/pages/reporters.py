"""Who reports, and who has stopped."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import UNSET

from todoku.feedback.answers import Reporter
from todoku.report.reports.document import Answers
from todoku.report.reports.pages.about import FIRST, LAST, MESSAGES, titled
from todoku.report.reports.table import Page, column, table
from todoku.verdict import Text

COLUMNS = (
    column("reporter", "レポート送信元", lambda one: one.org_name),
    column("reports", "レポート数", lambda one: one.reports, "number"),
    MESSAGES,
    column("days", "日数", lambda one: one.days, "number", wide=True),
    FIRST,
    LAST,
    column("longest gap, days", "最長の空白(日)", lambda one: one.longest_gap, "number", wide=True),
    column("silent, days", "途絶(日)", lambda one: one.silent, "number"),
)
REGULAR = 7  # days with a report: who has fewer has no habit to break
GRACE = 2  # days beyond the longest gap; reports come a day late as a rule


def page(answers: Answers, limit: int) -> Page:
    """Every reporter."""
    found = () if answers.reporters is UNSET else answers.reporters
    title = titled(answers, Text("Who reports", "レポートの送信元"))
    listed = Text("The reporters, those with the most mail first", "レポート送信元(メール数の多い順)")
    return Page(title=title, said=tuple(silences(found)), tables=(table(listed, COLUMNS, found, limit),))


def silences(found: Iterable[Reporter]) -> Iterable[Text]:
    """Who reported regularly, and has been silent for longer than ever before."""
    for one in found:
        if one.days >= REGULAR and one.silent > one.longest_gap + GRACE:
            yield Text(
                f"{one.org_name} has not reported since {one.last}, {one.silent} days before the newest report.",
                f"{one.org_name} からのレポートは {one.last} を最後に途絶えています(最新のレポートの{one.silent}日前)。",
            )
