"""What ``todoku store`` does."""

from __future__ import annotations

from pathlib import Path

from todoku.cli.exit_codes import EXIT_CLEAN, EXIT_COULD_NOT, EXIT_FINDINGS
from todoku.cli.senders import verification_by
from todoku.cli.stored import BUSY, WHY, clock, leased, opened, settings
from todoku.cli.terminal import Screen, tell
from todoku.intake.parse import SCHEMAS
from todoku.intake.process import Processed
from todoku.intake.rebuild import rebuild
from todoku.intake.worker import NoWorker, Worker
from todoku.report.words import Language, counted, harmless, say
from todoku.settings.config import Config
from todoku.store.away import Away, LeaseLost
from todoku.store.damaged import is_damaged, set_aside
from todoku.store.lease import Lease
from todoku.store.store import STATE, Store
from todoku.store.upkeep import FAULTS, check, compact, expire, sweep
from todoku.words.verdict import Text


def run(name: str, *, config: Path | None, place: str | None, language: Language) -> int:
    """Do it; the exit code says how it went. Raises ``UsageError``."""
    read = settings(config, place)
    try:
        if name == "rebuild" and not read.store.state:
            _set_damaged_state_aside(Path(read.store.folder), language)
        with opened(read, make=name == "rebuild") as store:
            if name == "check":
                return _check(store, language)
            with leased(store) as lease:
                if lease is None:
                    tell(say(BUSY, language))
                    return EXIT_COULD_NOT
                if name == "rebuild":
                    return _rebuild(store, lease, read, language)
                told = _compact(store, lease, read)
    except (Away, NoWorker) as away:
        tell(f"todoku: {harmless(say(away.text, language))}")
        return EXIT_COULD_NOT
    except LeaseLost:
        tell(say(BUSY, language))
        return EXIT_COULD_NOT
    Screen().write(say(told, language) + "\n")
    return EXIT_CLEAN


def _set_damaged_state_aside(folder: Path, language: Language) -> None:
    """Raises ``Away``."""
    if is_damaged(folder / STATE):
        kept = set_aside(folder / STATE, clock())
        told = Text(
            f"the database was damaged, and is kept as {kept}; figures of Postmaster Tools and SES, alarms and alerts that waited are in it "
            "alone",
            f"データベースが破損していたため、{kept} として残しました(Postmaster ToolsとSESの数値、警報、送信待ちの通知は、"
            "そこにしかありません)",
        )
        tell(f"todoku: {harmless(say(told, language))}")


def _check(store: Store, language: Language) -> int:
    found = list(check(store, SCHEMAS))
    for fault in found:
        Screen().write(f"{say(FAULTS[fault.tag], language)} [{fault.tag}]: {fault.about}\n")
    if not found:
        Screen().write(say(Text("All is there, and as it was.", "異常はありません。"), language) + "\n")
    return EXIT_FINDINGS if found else EXIT_CLEAN


def _compact(store: Store, lease: Lease, config: Config) -> Text:
    forgotten = expire(store, lease, clock, config.store.keep_months)
    merged = compact(store, lease, clock)
    removed = sweep(store, lease, clock)
    return Text(
        f"Files of rows made into fewer: {merged}. Forgotten: {counted(forgotten, 'item')}. Removed: {counted(removed, 'file')}.",
        f"まとめた行ファイル{merged}件、期限切れで削除した元データ{forgotten}件、削除したファイル{removed}件。",
    )


def _rebuild(store: Store, lease: Lease, config: Config, language: Language) -> int:
    with Worker() as worker:
        done = sum(rebuild(store, lease, worker, clock, verification_by(config.ingest)), Processed())
    told = Text(
        f"Read again: {counted(done.reports, 'report')} with {counted(done.rows, 'row')}; "
        f"{counted(done.quarantined, 'item')} set aside{WHY.en if done.quarantined else ''}.",
        f"読み取り直し: レポート{done.reports:,}件({done.rows:,}行)、保留{done.quarantined:,}件{WHY.ja if done.quarantined else ''}。",
    )
    Screen().write(say(told, language) + "\n")
    if not (done.reports or done.quarantined) and store.spool.has_files():
        folder = store.spool.folder
        nothing = Text(
            f"{folder} holds files, and none of them lies where an original does: {folder}/DAY/SHA-256",
            f"{folder} にファイルがありますが、元データの置き場所({folder}/日付/SHA-256)にあるものがありません",
        )
        tell(f"todoku: {harmless(say(nothing, language))}")
        return EXIT_COULD_NOT
    return EXIT_FINDINGS if done.quarantined else EXIT_CLEAN
