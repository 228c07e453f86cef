"""A rule in words: of whom it is asked, how firmly, since when, what follows if it is not met, and whether SES meets it."""

from __future__ import annotations

from collections.abc import Iterable

from todoku.report.words import Language, say
from todoku.words.verdict import (
    CONSEQUENCE_KINDS,
    Certainty,
    Clause,
    Consequence,
    Level,
    Receiver,
    SesDefault,
    Text,
    Verdict,
)

MET_BY_SES: dict[bool | None, Text] = {
    True: Text("yes", "対応済み"),
    False: Text("no", "要対応"),
    None: Text("it depends", "条件による"),
}
NO_DOCUMENT = Text("No AWS document says so.", "AWSの文書に記載はありません。")
HOW_SURE: dict[Certainty, Text] = {
    "own-text": Text("", ""),
    "undated": Text(" (the receiver's own text, in a copy without a date)", "(受信側自身の文書。日付のない写しで確認)"),
    "reported": Text(" (reported by others)", "(第三者の報告による)"),
}

LEVELS: dict[Level, Text] = {
    "must": Text("must", "必須"),
    "should": Text("should", "推奨"),
    "info": Text("reported, not confirmed", "未確認の報告"),
}


def scope(clause: Clause, language: Language) -> str:
    """Of whom a clause asks, how firmly, and since when: "bulk senders, must, since 2024-02-01"."""
    who = Text("bulk senders", "一括送信者") if clause.volume == "bulk" else Text("all senders", "すべての送信者")
    how, since, until, sure = LEVELS[clause.level], _since(clause), _until(clause), HOW_SURE[clause.certain]
    return say(
        Text(f"{who.en}, {how.en}{since.en}{until.en}{sure.en}", f"{who.ja}・{how.ja}{since.ja}{until.ja}{sure.ja}"),
        language,
    )


def _since(clause: Clause) -> Text:
    day = clause.since
    if day is None:
        return Text("", "")
    if clause.since_seen:
        return Text(f", seen {day}", f"・{day}に確認")
    return Text(f", since {day}", f"・{day}から")


def _until(clause: Clause) -> Text:
    day = clause.until
    if day is None:
        return Text("", "")
    if clause.until_seen:
        return Text(f", seen gone by {day}", f"({day}までに削除を確認)")
    return Text(f" until {day}", f"({day}まで)")


def follows(consequence: Consequence, language: Language) -> str:
    """What a receiver does with mail that does not meet a rule, and how sure that is."""
    sure = HOW_SURE[consequence.certain]
    return say(Text(consequence.text.en + sure.en, consequence.text.ja + sure.ja), language)


IF_UNMET = Text("If not met: ", "満たさない場合: ")


def consequences(verdicts: Iterable[Verdict], language: Language) -> str:
    """What follows from what failed, of each receiver the hardest; what would follow, where it is in doubt.

    That advice was not taken has no consequence to be told.
    """
    hardest: dict[Receiver, Consequence] = {}
    doubtful = False
    for one in verdicts:
        follows_from_it = one.consequence
        if one.result == "fail" or (one.result == "warn" and follows_from_it.kind != "advice"):
            doubtful |= one.result == "warn"
            hardest[one.receiver] = min(hardest.get(one.receiver, follows_from_it), follows_from_it, key=_hardness)
    sentences = say(Text(" ", ""), language).join(dict.fromkeys(follows(one, language) for one in hardest.values()))
    return say(IF_UNMET, language) + sentences if hardest and doubtful else sentences


def _hardness(consequence: Consequence) -> tuple[int, int]:
    """What comes first of several: the hardest, and of alike ones the one that names replies."""
    return CONSEQUENCE_KINDS.index(consequence.kind), -len(consequence.codes)


def met_by_ses(default: SesDefault, language: Language) -> str:
    """Whether SES meets a requirement by itself, and what it does."""
    met = MET_BY_SES[default.met]
    return say(
        Text(f"Met by SES: {met.en}. {default.text.en}", f"SESの既定: {met.ja}。{default.text.ja}"),
        language,
    )


def ses_evidence(default: SesDefault, language: Language) -> str:
    """The page of AWS that says what SES does, or that there is none."""
    return default.source or say(NO_DOCUMENT, language)


def replies(clause: Clause, language: Language) -> str:
    """The SMTP replies by which a receiver names a rule; those that no page of its own names are marked. "" for none."""
    seen = ", ".join(clause.seen_codes)
    marked = say(Text(f"seen: {seen}", f"実例: {seen}"), language) if seen else ""
    return "; ".join(filter(None, (", ".join(clause.codes), marked)))
