"""What ``todoku ingest`` does: take from each source, then read what is unread, and say what came of it."""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path

from todoku.cli.exit_codes import EXIT_CLEAN, EXIT_COULD_NOT, EXIT_FINDINGS
from todoku.cli.progress import Bar
from todoku.cli.senders import verification_by
from todoku.cli.stored import BUSY, WHY, clock, leased, opened, settings
from todoku.cli.terminal import Screen, tell
from todoku.intake.background_reader import reading
from todoku.intake.files import StandardInput
from todoku.intake.process import Processed
from todoku.intake.receive import Taken, take
from todoku.intake.senders import NO_VERIFICATION, Verification
from todoku.intake.source import Source, SourceAway
from todoku.intake.worker import NoWorker, Worker
from todoku.net.sources.named import source_named
from todoku.report.words import Language, counted, harmless, say
from todoku.store import senders, state
from todoku.store.away import Away, LeaseLost
from todoku.store.store import Store
from todoku.store.tidying import clear_away
from todoku.words.errors import UsageError
from todoku.words.verdict import Text

PIPE = "-"


def run(
    sources: tuple[str, ...],
    *,
    retry: bool,
    offline: bool,
    config: Path | None,
    place: str | None,
    language: Language,
) -> int:
    """Take and read; the exit code says how it went. Raises ``UsageError``.

    A mail server gives a message back to its sender for any exit code that it does not know as temporary. So with ``-`` it is told
    whether the message is stored, and nothing else: what is set aside then, or cannot be read now, is not its affair.
    """
    pipe = StandardInput() if sources == (PIPE,) else None
    try:
        code = _ingest(sources, pipe, retry=retry, offline=offline, config=config, place=place, language=language)
    except UsageError as slip:
        if pipe is None or pipe.is_too_large:
            raise
        tell(f"todoku: {harmless(say(slip.text, language))}")
        code = EXIT_COULD_NOT
    if pipe is None:
        return code
    return EXIT_CLEAN if pipe.is_safe else os.EX_TEMPFAIL


def _ingest(
    sources: tuple[str, ...],
    pipe: StandardInput | None,
    *,
    retry: bool,
    offline: bool,
    config: Path | None,
    place: str | None,
    language: Language,
) -> int:
    read = settings(config, place)
    named = sources or read.ingest.sources
    if not named and not retry:
        raise UsageError(
            Text(
                "name a SOURCE (a folder, a file, -, or an address such as imaps://USER@HOST/FOLDER), or set [ingest] sources",
                "取得元(フォルダー、ファイル、-、または imaps://USER@HOST/FOLDER などのアドレス)を指定するか、[ingest] sources を設定してください",
            )
        )
    wanted: list[Source] = [source_named(name, read.ingest) for name in named] if pipe is None else [pipe]
    verification = NO_VERIFICATION if offline else verification_by(read.ingest)
    try:
        with opened(read, make=True) as store:
            return _run(store, wanted, language, verification, retry=retry)
    except (Away, NoWorker) as away:
        tell(f"todoku: {harmless(say(away.text, language))}")
        return EXIT_COULD_NOT


def _run(store: Store, sources: list[Source], language: Language, verification: Verification, *, retry: bool) -> int:
    if retry:
        with store.database.write() as connection:
            state.retry(connection)
    taken = Taken()
    skipped: list[Text] = []
    away: list[SourceAway] = []
    with (
        Bar(language, Screen().width) as bar,
        Worker() as worker,
        reading(store, partial(leased, store), worker, clock, verification) as beside,
    ):
        for source in sources:
            try:
                for some in take(store, source, clock):
                    taken += some
                    beside.more()
                    bar.took(taken.new + taken.known)
            except SourceAway as error:  # the others are asked nevertheless, and what was taken is read
                away.append(error)
            finally:
                source.close()
            skipped += source.skipped()
    for one in skipped:
        tell(harmless(say(Text(f"not taken: {one.en}", f"取り込めませんでした: {one.ja}"), language)))
    for one_away in away:
        tell(f"todoku: {harmless(say(one_away.text, language))}")
    processed = _all(beside.results)
    Screen().write(say(told(taken, processed), language) + "\n")
    if processed is None:
        tell(say(BUSY, language))
    with suppress(LeaseLost):
        clear_away(store, partial(leased, store), clock)
    with store.database.read() as connection:
        held = senders.held(connection)
    if held:
        tell(say(told_of_held(held), language))
    if away:
        return EXIT_COULD_NOT
    return EXIT_FINDINGS if skipped or (processed is not None and processed.quarantined) else EXIT_CLEAN


def _all(results: Sequence[Processed | None]) -> Processed | None:
    """Everything that was read; None where another process is the writer, and reads the rest."""
    return None if results[-1] is None else sum((one for one in results if one is not None), Processed())


def told_of_held(held: int) -> Text:
    """That not all was read, and what to do where all of it is one's own."""
    return Text(
        f"{counted(held, 'item')} held: more than [ingest] most_of_sender of one sender on one day. They are read on the following days, or "
        "now by todoku ingest --retry",
        f"同じ送信元から1日に届いた数が [ingest] most_of_sender を超えたため、{held:,}件は翌日以降に読み取ります。"
        "todoku ingest --retry で今すぐ読み取れます",
    )


def told(taken: Taken, processed: Processed | None) -> Text:
    """One line on what was taken and read."""
    first = Text(
        f"Taken: {taken.new:,} new, {taken.known:,} known already.",
        f"取り込み: 新規{taken.new:,}件、既知{taken.known:,}件。",
    )
    if processed is None:
        return first
    return Text(
        f"{first.en} Read: {counted(processed.reports, 'report')} with {counted(processed.rows, 'row')}, "
        f"{processed.known:,} known already; {counted(processed.quarantined, 'item')} set aside{WHY.en if processed.quarantined else ''}.",
        f"{first.ja}読み取り: レポート{processed.reports:,}件({processed.rows:,}行)、既知のレポート{processed.known:,}件、"
        f"保留{processed.quarantined:,}件{WHY.ja if processed.quarantined else ''}。",
    )
