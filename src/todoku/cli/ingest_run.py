"""What ``todoku ingest`` does: take from each source, then read what is unread, and say what came of it."""

from __future__ import annotations

from pathlib import Path

from todoku.cli.stored import BUSY, EXIT_CLEAN, EXIT_COULD_NOT, EXIT_FINDINGS, clock, leased, opened, settings
from todoku.cli.terminal import Screen, tell
from todoku.config import Config
from todoku.errors import UsageError
from todoku.intake.files import Files, StandardInput
from todoku.intake.process import Processed, process
from todoku.intake.source import Source
from todoku.intake.take import Taken, take
from todoku.intake.worker import NoWorker, Worker
from todoku.report.words import Language, harmless, say
from todoku.store import state
from todoku.store.away import Away, LeaseLost
from todoku.store.store import Store
from todoku.verdict import Text


def run(sources: tuple[str, ...], *, retry: bool, config: Path | None, place: str | None, language: Language) -> int:
    """Take and read; the exit code says how it went. Raises ``UsageError``."""
    read = settings(config, place)
    named = sources or read.ingest.sources
    if not named and not retry:
        raise UsageError(
            Text("name a SOURCE: a folder, a file, or -", "取得元(フォルダー、ファイル、-)を指定してください")
        )
    wanted = [source_of(name) for name in named]
    try:
        with opened(read, make=True) as store:
            return _run(store, wanted, read, language, retry=retry)
    except (Away, NoWorker) as away:
        tell(f"todoku: {harmless(say(away.text, language))}")
        return EXIT_COULD_NOT


def source_of(name: str) -> Source:
    """The source that a word names. Raises ``UsageError``."""
    if name == "-":
        return StandardInput()
    if "://" in name:
        scheme = name.partition("://")[0]
        raise UsageError(Text(f"reports cannot be taken from {scheme}://", f"{scheme}:// からは取り込めません"))
    return Files(Path(name))


def _run(store: Store, sources: list[Source], config: Config, language: Language, *, retry: bool) -> int:
    del config
    if retry:
        with store.database.write() as connection:
            state.retry(connection)
    taken = Taken()
    skipped: list[str] = []
    for source in sources:
        taken = sum(take(store, source, clock), taken)
        skipped += source.skipped()
    for one in skipped:
        tell(harmless(say(Text(f"not taken: {one}", f"取り込めませんでした: {one}"), language)))
    processed = read_all(store)
    Screen().write(say(told(taken, processed), language) + "\n")
    if processed is None:
        tell(say(BUSY, language))
        return EXIT_FINDINGS if skipped else EXIT_CLEAN
    return EXIT_FINDINGS if processed.quarantined or skipped else EXIT_CLEAN


def read_all(store: Store) -> Processed | None:
    """What came of everything that was unread; None where another process is the writer. Raises ``Away``, ``NoWorker``."""
    with leased(store) as lease:
        if lease is None:
            return None
        try:
            with Worker() as worker:
                return sum(process(store, lease, worker, clock), Processed())
        except LeaseLost:
            return None


def told(taken: Taken, processed: Processed | None) -> Text:
    """One line on what was taken and read."""
    first = Text(
        f"Taken: {taken.new} new, {taken.known} known already.", f"取り込み: 新規{taken.new}件、既知{taken.known}件。"
    )
    if processed is None:
        return first
    return Text(
        f"{first.en} Read: {processed.reports} reports with {processed.rows} rows; {processed.known} were known already; "
        f"{processed.quarantined} items set aside.",
        f"{first.ja}読み取り: レポート{processed.reports}件({processed.rows}行)、既知のレポート{processed.known}件、"
        f"保留{processed.quarantined}件。",
    )
