"""What ``todoku status`` does: ask the store how it stands, and show it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from itertools import chain
from pathlib import Path
from typing import Any

import msgspec

from todoku.cli.exit_codes import EXIT_CLEAN, EXIT_COULD_NOT, EXIT_FINDINGS
from todoku.cli.stored import clock, opened, settings
from todoku.cli.terminal import Screen, tell
from todoku.feedback.answers import Bounces, Scope
from todoku.intake.reasons import reason_text
from todoku.report.answers.pages import bounces as pages
from todoku.report.columns import wrapped
from todoku.report.words import RESULT_WORDS, Language, counted, harmless, say
from todoku.store.away import Away
from todoku.store.status import Status, status
from todoku.store.store import Store
from todoku.words.verdict import Text

WEEK = timedelta(days=7)
MOST_BOUNCES = 3  # kinds of bounces and complaints that are told
KINDS = {
    "aggregate": Text("DMARC aggregate reports", "DMARC集約レポート"),
    "event": Text("Events of SES", "SESのイベント"),
    "feedback": Text("Complaints and failure reports", "苦情・失敗レポート"),
    "tls": Text("SMTP TLS reports", "SMTP TLSレポート"),
}
"""What each kind of report is called."""


class Line(msgspec.Struct, frozen=True):
    """What is told on a line or several, how far to the right it begins, and whether it is to be copied in one piece."""

    text: Text
    indent: int = 0
    whole: bool = False


def run(*, form: str, config: Path | None, place: str | None, language: Language) -> int:
    """Show the status; the exit code says whether something was set aside. Raises ``UsageError``."""
    read = settings(config, place)
    try:
        with opened(read, make=False) as store:
            now = clock()
            found = status(store, now)
            bounced = _bounces(store, now.date() - WEEK) if found.reports.get("event") else ()
    except Away as away:
        tell(f"todoku: {harmless(say(away.text, language))}")
        return EXIT_COULD_NOT
    if form == "json":
        Screen().write(msgspec.json.format(msgspec.json.encode(as_json(found, bounced)), indent=2).decode() + "\n")
    else:
        screen = Screen()
        told = chain(lines(found, read.store.folder), _bounced(bounced))
        screen.write("".join(f"{one}\n" for line in told for one in drawn(line, language, screen.width)))
    return EXIT_FINDINGS if found.quarantined else EXIT_CLEAN


def _bounces(store: Store, since: date) -> tuple[Bounces, ...]:
    """What SES told since a day of mail that did not arrive, the most frequent first. Raises ``Away``."""
    from todoku.intake.parse import SCHEMAS  # noqa: PLC0415 -- the libraries of rows, where there are events
    from todoku.store.questions.bounces import bounces  # noqa: PLC0415 -- as above
    from todoku.store.read import Reader  # noqa: PLC0415 -- as above

    with Reader(store, SCHEMAS) as reader:
        return tuple(bounces(reader, Scope(since=since)))


def as_json(found: Status, bounced: Sequence[Bounces] = ()) -> dict[str, Any]:
    """The status as a document; fields are added to it, never renamed or dropped. ``bounces`` are those of the last seven days."""
    document: dict[str, Any] = msgspec.to_builtins(found)
    document["bounces"] = msgspec.to_builtins(bounced)
    for aside in document["aside"]:
        text = reason_text(aside["reason"], aside["values"])
        aside["text"] = {"en": text.en, "ja": text.ja}
    return document


def lines(found: Status, folder: str) -> Iterator[Line]:
    """The status in words, line by line; an empty one between what belongs together. ``folder`` is the store's."""
    read, waits, aside = f"{found.parsed:,}", f"{found.unparsed:,}", f"{found.quarantined:,}"
    yield Line(
        Text(
            f"Items: {read} read, {waits} waiting, {aside} set aside; {_size(found.octets)}.",
            f"受信データ: 読み取り済み{read}件、未読{waits}件、保留{aside}件({_size(found.octets)})。",
        )
    )
    yield from map(Line, _waiting(found))
    yield from map(Line, _held(found))
    yield from map(Line, _contents(found))
    yield from _watching(found)
    yield from _set_aside(found, folder)
    if found.sources:
        yield Line(Text("", ""))
        yield Line(Text("Sources", "取得元"))
    for source in found.sources:
        yield Line(
            Text(
                f"{source.name}: last looked at {_time(source.succeeded)}; {source.new:,} new, {source.known:,} known.",
                f"{source.name}: 最終確認 {_time(source.succeeded)}、新規{source.new:,}件、既知{source.known:,}件。",
            ),
            2,
        )


def _bounced(found: Sequence[Bounces]) -> Iterator[Line]:
    """What bounced in the last seven days, and what most of it means."""
    of_mail = [one for one in found if one.kind != "delivery-delay"]
    if not of_mail:
        return
    yield Line(Text("", ""))
    yield Line(Text("Last 7 days, as SES tells", "直近7日間(SESのイベントによる)"))
    yield from (Line(text, 2) for text in (*pages.totals(found), *pages.steps_of(of_mail[:MOST_BOUNCES])))
    yield Line(Text("All: todoku reports bounces", "全体: todoku reports bounces"), 2)


def drawn(line: Line, language: Language, width: int) -> Iterator[str]:
    """A line as it stands on the screen, further lines of it two cells to the right."""
    said = harmless(say(line.text, language))
    if line.whole:
        yield " " * line.indent + said
        return
    first, *rest = wrapped(said, width - line.indent - 2)
    yield " " * line.indent + first
    yield from (" " * (line.indent + 2) + one for one in rest)


def _waiting(found: Status) -> Iterator[Text]:
    if found.oldest is not None:
        since, age = _time(found.oldest.received), _age(found.oldest.seconds)
        yield Text(
            f"The oldest that waits came {age.en} ago ({since}), from {found.oldest.source}.",
            f"最も古い未読データは{age.ja}前({since})に {found.oldest.source} から届いたものです。",
        )


def _held(found: Status) -> Iterator[Text]:
    if not found.held_of:
        return
    first, more = found.held_of[0], len(found.held_of) - 1
    who = (
        Text(first.sender, first.sender)
        if first.sender
        else Text("senders who prove no domain", "署名を確認できない送信元")
    )
    others = Text(f" and {more:,} more", f"ほか{more:,}件") if more else Text("", "")
    yield Text(
        f"Held: {counted(found.held, 'item')}, since too many came on one day from {who.en}{others.en}. They are read on the "
        "following days; todoku ingest --retry reads them now.",
        f"読み取り待ち: 同じ送信元({who.ja}{others.ja})から1日に届いた数が多すぎるため、{found.held:,}件を翌日以降に読み取ります。"
        "todoku ingest --retry で今すぐ読み取れます。",
    )


def _contents(found: Status) -> Iterator[Text]:
    for kind, number in found.reports.items():
        name = KINDS.get(kind, Text(kind, kind))
        about = Text("", "")
        if kind == "aggregate" and found.messages:
            about = Text(f", on {counted(found.messages, 'message')}", f"(対象メール{found.messages:,}通)")
        yield Text(f"{name.en}: {number:,}{about.en}.", f"{name.ja}: {number:,}件{about.ja}。")
    vouched = found.vouched
    if vouched.verified or vouched.unverified:
        yield Text(
            f"Senders of reports: {vouched.verified:,} verified, {vouched.unverified:,} unverified, "
            f"{vouched.unknown:,} unknown.",
            f"レポートの送信元: 確認済み{vouched.verified:,}件、未確認{vouched.unverified:,}件、不明{vouched.unknown:,}件。",
        )
    yield Text(
        f"Rows: {found.rows:,} in {counted(found.files, 'file')}.",
        f"行: 合計{found.rows:,}行({found.files:,}ファイル)。",
    )
    if found.conflicts:
        yield Text(
            f"{counted(found.conflicts, 'report')} came again with different contents (each counted once here, however often it came): of "
            "each, a verified version counts, else the newest.",
            f"異なる内容で再び届いたレポートが{found.conflicts:,}件あります(何度届いても1件と数えています)。それぞれ、確認済みのもの、"
            "なければ最新のものを集計しています。",
        )
    if found.unclaimed:
        yield Text(
            f"{_are(found.unclaimed, 'report')} about domains that [store] domains does not name, and not counted.",
            f"[store] domains にないドメインについてのレポートが{found.unclaimed:,}件あり、集計から除いています。",
        )


def _set_aside(found: Status, folder: str) -> Iterator[Line]:
    if found.aside:
        yield Line(Text("", ""))
        yield Line(
            Text(
                "Set aside, each reason with its newest item: where it came from, and its original; todoku ingest --retry reads all of "
                "it again",
                "保留(理由ごとに、最新のものの取得元と元データを表示。todoku ingest --retry で再度読み取り)",
            )
        )
    for aside in found.aside:
        text = reason_text(aside.reason, aside.values)
        yield Line(
            Text(
                f"{aside.items:,}: {text.en} [{aside.reason}]",
                f"{aside.items:,}件: {text.ja} [{aside.reason}]",
            ),
            2,
        )
        if aside.name:
            yield Line(Text(aside.name, aside.name), 4, whole=True)
        path = str(Path(folder) / aside.newest)
        yield Line(Text(path, path), 4, whole=True)


def _watching(found: Status) -> Iterator[Line]:
    if found.watched is not None or found.letters:
        yield Line(Text("", ""))
    if found.watched is not None:
        age, open_now = _age(max(0, int((found.at - found.watched).total_seconds()))), len(found.alarms)
        yield Line(
            Text(
                f"Last round of todoku watch: {age.en} ago; {counted(open_now, 'alarm')} open.",
                f"todoku watch の最終実行: {age.ja}前、継続中の警報{open_now:,}件。",
            )
        )
    for alarm in found.alarms:
        age, level = _age(max(0, int((found.at - alarm.since).total_seconds()))), RESULT_WORDS[alarm.level]
        more = len(alarm.abouts) - 1
        others = Text(f" and {more:,} more", f" ほか{more:,}件") if more > 0 else Text("", "")
        yield Line(
            Text(
                f"{level.en}: {alarm.requirement} [{alarm.tag}] {alarm.abouts[0]}{others.en}, for {age.en}",
                f"{level.ja}: {alarm.requirement} [{alarm.tag}] {alarm.abouts[0]}{others.ja}({age.ja}継続)",
            ),
            2,
        )
    for letters in found.letters:
        yield Line(
            Text(
                f"Alerts to {letters.shown}: {letters.waiting:,} waiting ({_tried(letters.attempts).en}), "
                f"{letters.given_up:,} given up.",
                f"{letters.shown} への通知: 送信待ち{letters.waiting:,}件({_tried(letters.attempts).ja})、"
                f"送信断念{letters.given_up:,}件。",
            )
        )
    if found.tidied is not None and (found.tidied.forgotten or found.tidied.removed):
        age = _age(max(0, int((found.at - found.tidied.at).total_seconds())))
        yield Line(
            Text(
                f"Tidied {age.en} ago: {counted(found.tidied.forgotten, 'item')} older than keep_months, "
                f"{counted(found.tidied.removed, 'file')} that counted for nothing.",
                f"{age.ja}前に整理: keep_months より古い元データ{found.tidied.forgotten:,}件、不要なファイル{found.tidied.removed:,}件を削除。",
            )
        )


def _tried(attempts: int) -> Text:
    """How often the letter that was tried most often was tried."""
    match attempts:
        case 0:
            return Text("not tried yet", "未試行")
        case 1:
            return Text("tried once", "1回試行")
    return Text(f"tried up to {attempts:,} times", f"最大{attempts:,}回試行")


def _are(number: int, what: str) -> str:
    return f"{counted(number, what)} {'is' if number == 1 else 'are'}"


def _time(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%SZ}"


def _size(octets: int) -> str:
    return f"{octets / 1e6:.1f} MB"


def _age(seconds: int) -> Text:
    for size, en, ja in ((86_400, "d", "日"), (3_600, "h", "時間"), (60, "min", "分")):
        if seconds >= size:
            return Text(f"{seconds // size} {en}", f"{seconds // size}{ja}")
    return Text(f"{seconds} s", f"{seconds}秒")
