"""What did not arrive or was not wanted, as SES tells it: at which receiver, what its reply means, and what to do first."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from msgspec import UNSET

from todoku.feedback.answers import Bounces, Outcomes
from todoku.feedback.bounce_codes import MEANINGS
from todoku.feedback.replies.rule import HANDLING, REPLIERS
from todoku.judging.judge import reasons
from todoku.report.answers.document import Answers
from todoku.report.answers.pages.about import LAST, titled
from todoku.report.answers.table import Cell, Page, Told, column, share, table
from todoku.report.words import counted
from todoku.words.verdict import Text

FIRST_STEPS = 5  # of the most frequent diagnoses, what to do is said in words
SHOWN = 120  # characters of a reply that is not known
KINDS: dict[str, Text] = {
    "bounce": Text("bounce", "バウンス"),
    "complaint": Text("complaint", "苦情"),
    "delivery-delay": Text("delay", "遅延"),
    "reject": Text("rejected by SES", "SESによる拒否"),
    "rendering-failure": Text("not rendered", "テンプレートの失敗"),
}
OTHERS = Text("other domains", "その他のドメイン")
COMPLAINED = Text("Somebody marked the mail as spam.", "受信者が迷惑メールとして報告しました。")
NO_REPLY = Text("SES tells no reply.", "SESのイベントに応答が含まれていません。")

_NAMES = {str(name): shown for name, shown in REPLIERS.items()}


def receiver_name(one: Bounces | Outcomes) -> Text:
    """The receiver in a sentence or a cell."""
    name = _NAMES.get(one.receiver)
    return OTHERS if name is None else Text(name, name)


def _kind(one: Bounces) -> Cell:
    return KINDS.get(one.kind, Text(one.kind, one.kind))


def meaning(one: Bounces) -> Text:
    """What a diagnosis means, in a sentence."""
    if one.kind == "complaint":
        return COMPLAINED
    if one.diagnosis in MEANINGS:
        return MEANINGS[one.diagnosis].text
    if not one.reply:
        return NO_REPLY
    return Text(
        f"A reply that todoku does not know: {one.reply[:SHOWN]}.",
        f"todokuが把握していない応答です({one.reply[:SHOWN]})。",
    )


def first_fix(one: Bounces) -> Text:
    """What to do first: the fix of the likeliest cause where the mail is to be fixed, else what becomes of the address."""
    handling = next((text for name, text in HANDLING.items() if name == one.handling), HANDLING["find-out"])
    reason = reasons().get(one.cause) if one.handling == "fix" else None
    return reason.fixes[0].title if reason is not None and reason.fixes else handling


OUTCOMES = (
    column("receiver", "受信側", receiver_name),
    column("delivered", "配信", lambda one: one.delivered, "number"),
    column("bounced", "バウンス", lambda one: one.bounced, "number"),
    column(
        "rate",
        "バウンス率",
        lambda one: share(one.bounced, one.delivered + one.bounced) if one.delivered else None,
        "share",
    ),
    column("delayed", "遅延", lambda one: one.delayed, "number"),
    column("complaints", "苦情", lambda one: one.complaints, "number"),
)
COLUMNS = (
    column("event", "イベント", _kind),
    column("receiver", "受信側", receiver_name),
    column("diagnosis", "診断", lambda one: one.diagnosis),
    column("requirement", "要件", lambda one: ", ".join(one.requirements), wide=True),
    column("recipients", "宛先数", lambda one: one.recipients, "number"),
    LAST,
    column("first fix", "最初の対処", first_fix, wide=True),
)
PARTS: dict[str, Told] = {
    "day": column("day", "日", lambda one: one.part),
    "week": column("week of", "週", lambda one: one.part),
    "month": column("month", "月", lambda one: one.part),
    "configuration-set": column("configuration set", "設定セット", lambda one: one.part),
    "tag": column("message tag", "タグ", lambda one: one.part),
}
NONE = Text(
    "No SES events found. `todoku ingest sqs://QUEUE` takes them from an event destination.",
    "該当するSESのイベントはありません。`todoku ingest sqs://QUEUE` で、イベント送信先から取り込めます。",
)
ONCE = Text(
    "An event counts once. A delay is not a bounce: SES still tries.",
    "同じイベントは1回だけ数えます。遅延はSESが再送を続けている状態で、バウンスには含めません。",
)
NO_DELIVERIES = Text(
    "SES publishes no deliveries to this store, so that there is no rate: add Delivery to the event destination.",
    "配信(Delivery)のイベントがないため、バウンス率は表示できません。イベント送信先に Delivery を追加してください。",
)
DELIVERED = Text(
    "Delivered means that the receiver's server took the mail. Filters of au and SoftBank were seen to drop mail after that.",
    "配信は、受信側のサーバーが受け取ったことだけを表します。auとソフトバンクでは、受け取った後にフィルターで破棄されたとの報告があります。",
)


def page(answers: Answers, limit: int) -> Page:
    """The events."""
    found = () if answers.bounces is UNSET else answers.bounces
    outcomes = () if answers.outcomes is UNSET else answers.outcomes
    title = titled(answers, Text("Bounces, complaints and delays", "バウンス・苦情・遅延"))
    if not found and not outcomes:
        return Page(title=title, said=(NONE,))
    part = () if answers.bounces_by is None else (PARTS[answers.bounces_by],)
    tables = [table(Text("By receiver", "受信側ごと"), OUTCOMES, outcomes, limit)] if outcomes else []
    if found:
        tables.append(table(Text("What the replies mean", "応答の意味"), (*part, *COLUMNS), found, limit))
    steps = steps_of(found) if answers.bounces_by is None else ()
    return Page(
        title=title, said=tuple(totals(found)), tables=tuple(tables), notes=tuple(_notes(outcomes)), steps=tuple(steps)
    )


def totals(found: Sequence[Bounces]) -> Iterable[Text]:
    """How many bounced, and how many of them for good."""
    if any(one.part for one in found):
        return
    bounced = [one for one in found if one.kind == "bounce"]
    whole, permanent = sum(one.recipients for one in bounced), sum(one.permanent for one in bounced)
    yield Text(
        f"{counted(whole, 'recipient')} bounced, {permanent:,} of them permanently.",
        f"バウンスした宛先は{whole:,}件、うちSESがハードバウンスとしたものは{permanent:,}件です。",
    )


def steps_of(found: Iterable[Bounces]) -> Iterable[Text]:
    """What the most frequent diagnoses mean, and what to do first."""
    for one in [one for one in found if one.kind != "delivery-delay"][:FIRST_STEPS]:
        who, what, fix = receiver_name(one), meaning(one), first_fix(one)
        yield Text(
            f"{who.en}, {counted(one.recipients, 'recipient')}: {what.en} {_sentence(fix.en)}",
            f"{who.ja}({one.recipients:,}件): {what.ja}{fix.ja}",
        )


def _sentence(text: str) -> str:
    return text if text.endswith(".") else f"{text}."


def _notes(outcomes: Sequence[Outcomes]) -> Iterable[Text]:
    yield ONCE
    if not any(one.delivered for one in outcomes):
        yield NO_DELIVERIES
    elif any(one.delivered and one.receiver in ("au", "softbank") for one in outcomes):
        yield DELIVERED
