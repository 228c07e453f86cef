"""What ``todoku status`` does: ask the store how it stands, and show it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec

from todoku.cli.stored import EXIT_CLEAN, EXIT_COULD_NOT, EXIT_FINDINGS, clock, opened, settings
from todoku.cli.terminal import Screen, tell
from todoku.intake.reasons import reason_text
from todoku.report.words import RESULT_WORDS, Language, harmless, say
from todoku.store.away import Away
from todoku.store.status import Status, status
from todoku.verdict import Text

KINDS = {
    "aggregate": Text("DMARC aggregate reports", "DMARC集約レポート"),
    "event": Text("Events of SES", "SESのイベント"),
    "feedback": Text("Complaints and failure reports", "苦情・失敗レポート"),
    "tls": Text("SMTP TLS reports", "SMTP TLSレポート"),
}
"""What each kind of report is called."""


def run(*, form: str, config: Path | None, place: str | None, language: Language) -> int:
    """Show the status; the exit code says whether something was set aside. Raises ``UsageError``."""
    try:
        with opened(settings(config, place), make=False) as store:
            found = status(store, clock())
    except Away as away:
        tell(f"todoku: {harmless(say(away.text, language))}")
        return EXIT_COULD_NOT
    if form == "json":
        Screen().write(msgspec.json.format(msgspec.json.encode(as_json(found)), indent=2).decode() + "\n")
    else:
        Screen().write("".join(f"{harmless(say(line, language))}\n" for line in lines(found)))
    return EXIT_FINDINGS if found.quarantined else EXIT_CLEAN


def as_json(found: Status) -> dict[str, Any]:
    """The status as a document; fields are added to it, never renamed or dropped."""
    document: dict[str, Any] = msgspec.to_builtins(found)
    for aside in document["aside"]:
        text = reason_text(aside["reason"], aside["values"])
        aside["text"] = {"en": text.en, "ja": text.ja}
    return document


def lines(found: Status) -> Iterator[Text]:
    """The status in words, line by line."""
    yield Text(
        f"Items: {found.parsed} read, {found.unparsed} waiting, {found.quarantined} set aside; {_size(found.octets)}.",
        f"受信データ: 読み取り済み{found.parsed}件、未読{found.unparsed}件、保留{found.quarantined}件({_size(found.octets)})。",
    )
    if found.oldest is not None:
        since, age = _time(found.oldest.received), found.oldest.seconds
        yield Text(
            f"The oldest that waits came {_age(age).en} ago ({since}), from {found.oldest.source}.",
            f"最も古い未読データは{_age(age).ja}前({since})に {found.oldest.source} から届いたものです。",
        )
    for kind, number in found.reports.items():
        name = KINDS.get(kind, Text(kind, kind))
        yield Text(f"{name.en}: {number}.", f"{name.ja}: {number}件。")
    yield Text(
        f"Messages in aggregate reports: {found.messages}. All rows: {found.rows}, in {found.files} files.",
        f"集約レポートの対象メール: {found.messages}通。行の合計: {found.rows}行({found.files}ファイル)。",
    )
    yield from _remarks(found)
    yield from _watching(found)
    for source in found.sources:
        yield Text(
            f"Source {source.name}: last looked at {_time(source.succeeded)}; {source.new} new, {source.known} known.",
            f"取得元 {source.name}: 最終確認 {_time(source.succeeded)}、新規{source.new}件、既知{source.known}件。",
        )


def _watching(found: Status) -> Iterator[Text]:
    if found.watched is not None:
        age = _age(max(0, int((found.at - found.watched).total_seconds())))
        yield Text(
            f"Last round of todoku watch: {age.en} ago; {len(found.alarms)} alarms open.",
            f"todoku watch の最終実行: {age.ja}前、継続中の警報{len(found.alarms)}件。",
        )
    for alarm in found.alarms:
        age, level = _age(max(0, int((found.at - alarm.since).total_seconds()))), RESULT_WORDS[alarm.level]
        more = len(alarm.abouts) - 1
        others = Text(f" and {more} more", f" ほか{more}件") if more > 0 else Text("", "")
        yield Text(
            f"  {level.en}: {alarm.requirement} [{alarm.tag}] {alarm.abouts[0]}{others.en}, for {age.en}",
            f"  {level.ja}: {alarm.requirement} [{alarm.tag}] {alarm.abouts[0]}{others.ja}({age.ja}継続)",
        )
    for letters in found.letters:
        yield Text(
            f"Alerts to {letters.shown}: {letters.waiting} waiting after up to {letters.attempts} tries, {letters.given_up} given up.",
            f"{letters.shown} への通知: 送信待ち{letters.waiting}件(最大{letters.attempts}回試行)、送信断念{letters.given_up}件。",
        )


def _remarks(found: Status) -> Iterator[Text]:
    if found.conflicts:
        yield Text(
            f"{found.conflicts} reports came again with other contents; the newest of each counts.",
            f"内容の異なる同一のレポートが{found.conflicts}件あり、それぞれ最新のものを集計しています。",
        )
    if found.unclaimed:
        yield Text(
            f"{found.unclaimed} reports are about domains that are not yours, and do not count.",
            f"自社以外のドメインについてのレポートが{found.unclaimed}件あり、集計から除いています。",
        )
    for aside in found.aside:
        text = reason_text(aside.reason, aside.values)
        yield Text(
            f"Set aside {aside.items}: {text.en} [{aside.reason}] newest: {aside.newest}",
            f"保留{aside.items}件: {text.ja} [{aside.reason}] 最新: {aside.newest}",
        )


def _time(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%SZ}"


def _size(octets: int) -> str:
    return f"{octets / 1e6:.1f} MB"


def _age(seconds: int) -> Text:
    for size, en, ja in ((86_400, "d", "日"), (3_600, "h", "時間"), (60, "min", "分")):
        if seconds >= size:
            return Text(f"{seconds // size} {en}", f"{seconds // size}{ja}")
    return Text(f"{seconds} s", f"{seconds}秒")
