"""What ``todoku store`` does."""

from __future__ import annotations

from pathlib import Path

from todoku.cli.senders import verification_by
from todoku.cli.stored import BUSY, EXIT_CLEAN, EXIT_COULD_NOT, EXIT_FINDINGS, clock, leased, opened, settings
from todoku.cli.terminal import Screen, tell
from todoku.config import Config
from todoku.intake.parse import SCHEMAS
from todoku.intake.process import Processed
from todoku.intake.rebuild import rebuild
from todoku.intake.worker import NoWorker, Worker
from todoku.report.words import Language, counted, harmless, say
from todoku.store.away import Away, LeaseLost
from todoku.store.lease import Lease
from todoku.store.store import Store
from todoku.store.upkeep import FAULTS, check, compact, expire, sweep
from todoku.verdict import Text


def run(name: str, *, config: Path | None, place: str | None, language: Language) -> int:
    """Do it; the exit code says how it went. Raises ``UsageError``."""
    read = settings(config, place)
    try:
        with opened(read, make=name == "rebuild") as store:
            if name == "check":
                return _check(store, language)
            with leased(store) as lease:
                if lease is None:
                    tell(say(BUSY, language))
                    return EXIT_COULD_NOT
                told = _compact(store, lease, read) if name == "compact" else _rebuild(store, lease, read)
    except (Away, NoWorker) as away:
        tell(f"todoku: {harmless(say(away.text, language))}")
        return EXIT_COULD_NOT
    except LeaseLost:
        tell(say(BUSY, language))
        return EXIT_COULD_NOT
    Screen().write(say(told, language) + "\n")
    return EXIT_CLEAN


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


def _rebuild(store: Store, lease: Lease, config: Config) -> Text:
    with Worker() as worker:
        done = sum(rebuild(store, lease, worker, clock, verification_by(config.ingest)), Processed())
    return Text(
        f"Read again: {counted(done.reports, 'report')} with {counted(done.rows, 'row')}; {counted(done.quarantined, 'item')} set aside.",
        f"読み取り直し: レポート{done.reports}件({done.rows}行)、保留{done.quarantined}件。",
    )
