"""Why something was set aside, in words: the reasons of the parsers, and those of the intake itself."""

from __future__ import annotations

from todoku.feedback import refusal
from todoku.intake.parse import KIND
from todoku.store.state import GONE, POISON
from todoku.words.verdict import Reason, Text, Values, fill

OWN = (
    Reason(
        KIND,
        Text(
            "It is a document of a kind that is not counted ({kind}).",
            "集計の対象外の種類の文書です({kind})。",
        ),
    ),
    Reason(
        POISON,
        Text(
            "The process that reads reports died of it {attempts} times.",
            "読み取り中にプロセスが{attempts}回異常終了しました。",
        ),
    ),
    Reason(
        GONE,
        Text(
            "Its original is gone from the store, or is no longer what it was: give it to todoku ingest again.",
            "元データが失われたか、内容が変わっています。同じものを todoku ingest に渡すと、取り込み直します。",
        ),
    ),
)

REASONS = {reason.tag: reason for reason in (*OWN, *(one for one in vars(refusal).values() if isinstance(one, Reason)))}
"""Every reason by its tag."""


def reason_text(tag: str, values: Values) -> Text:
    """One sentence in each language; the tag itself where a newer version wrote it."""
    reason = REASONS.get(tag)
    return Text(tag, tag) if reason is None else fill(reason.text, values)
