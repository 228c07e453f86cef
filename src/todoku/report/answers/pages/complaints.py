"""Who pressed "spam"."""

from __future__ import annotations

from msgspec import UNSET

from todoku.feedback.answers import Complaints
from todoku.feedback.feedback_types import FEEDBACK_TYPES
from todoku.report.answers.document import Answers
from todoku.report.answers.pages.about import FIRST, LAST, titled
from todoku.report.answers.table import Cell, Page, column, table
from todoku.words.verdict import Text


def _kind(one: Complaints) -> Cell:
    kind = FEEDBACK_TYPES.get(one.feedback_type)
    return one.feedback_type if kind is None else kind.meaning


COLUMNS = (
    column("domain", "ドメイン", lambda one: one.domain),
    column("Feedback-ID", "Feedback-ID", lambda one: one.feedback_id),
    column("kind", "種類", _kind),
    column("complaints", "苦情", lambda one: one.incidents, "number"),
    *(FIRST, LAST),
)
LOOPS = Text(
    "Only receivers whose feedback loop you joined send complaints; Gmail sends none.",
    "苦情が届くのは、フィードバックループに登録した受信側からだけです。Gmailは送信しません。",
)


def page(answers: Answers, limit: int) -> Page:
    """The complaints."""
    found = () if answers.complaints is UNSET else answers.complaints
    title = titled(answers, Text("Complaints", "苦情"))
    if not found:
        return Page(title=title, said=(Text("No complaint has come.", "苦情は届いていません。"),), notes=(LOOPS,))
    listed = Text("The most frequent first", "件数の多い順")
    return Page(title=title, tables=(table(listed, COLUMNS, found, limit),), notes=(LOOPS,))
