"""How much mail passes, over time."""

from __future__ import annotations

from msgspec import UNSET

from todoku.feedback.answers import Period
from todoku.report.answers.document import Answers
from todoku.report.answers.pages.about import MESSAGES, PASSING, titled
from todoku.report.answers.table import Page, column, share, table
from todoku.words.verdict import Text

BY: dict[Period, Text] = {
    "day": Text("Day by day, the newest first", "日ごと(新しい順)"),
    "week": Text("Week by week, each beginning on a Monday, the newest first", "週ごと(月曜始まり、新しい順)"),
    "month": Text("Month by month, the newest first", "月ごと(新しい順)"),
}
COLUMNS = (
    column("from", "開始日", lambda one: one.start, "day"),
    column("domain", "ドメイン", lambda one: one.domain),
    *(MESSAGES, PASSING),
    column("DKIM", "DKIM", lambda one: share(one.dkim, one.messages), "share"),
    column("SPF", "SPF", lambda one: share(one.spf, one.messages), "share"),
    column("quarantined", "隔離", lambda one: one.quarantined, "number", wide=True),
    column("rejected", "拒否", lambda one: one.rejected, "number", wide=True),
)
ON_ITS_BEGIN = Text(
    "A report counts whole on the day, in UTC, on which its period begins.",
    "レポートは、対象期間が始まる日(UTC)にまとめて数えています。",
)


def page(answers: Answers, limit: int) -> Page:
    """The periods."""
    found = () if answers.passing is UNSET else answers.passing
    title = titled(answers, Text("DMARC pass rates", "DMARC合格率"))
    return Page(title=title, tables=(table(BY[answers.by], COLUMNS, found, limit),), notes=(ON_ITS_BEGIN,))
