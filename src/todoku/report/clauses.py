"""A rule in words: of whom it is asked, how firmly, since when, and whether SES meets it by itself."""

from __future__ import annotations

from todoku.report.words import Language, say
from todoku.verdict import Clause, SesDefault, Text

MET_BY_SES: dict[bool | None, Text] = {
    True: Text("yes", "対応済み"),
    False: Text("no", "要対応"),
    None: Text("it depends", "条件による"),
}


def scope(clause: Clause, language: Language) -> str:
    """Of whom a clause asks, how firmly, and since when: "bulk senders, must, since 2024-02-01"."""
    who = Text("bulk senders", "一括送信者") if clause.volume == "bulk" else Text("all senders", "すべての送信者")
    how = Text("must", "必須") if clause.level == "must" else Text("should", "推奨")
    until = Text("", "") if clause.until is None else Text(f" until {clause.until}", f"({clause.until}まで)")
    return say(
        Text(
            f"{who.en}, {how.en}, since {clause.since}{until.en}", f"{who.ja}・{how.ja}・{clause.since}から{until.ja}"
        ),
        language,
    )


def met_by_ses(default: SesDefault, language: Language) -> str:
    """Whether SES meets a requirement by itself, and what it does."""
    met = MET_BY_SES[default.met]
    return say(
        Text(f"Met by SES: {met.en}. {default.text.en}", f"SESの既定: {met.ja}。{default.text.ja}"),
        language,
    )
