"""What the reports in the store show: pass rates, new streams, and who is silent."""

from __future__ import annotations

from datetime import timedelta

from todoku.cli.looks.turn import Found, Turn
from todoku.cli.looks.watched import is_watched
from todoku.feedback.answers import Scope
from todoku.intake.parse import SCHEMAS
from todoku.store.questions.extent import extent
from todoku.store.questions.passing import passing
from todoku.store.questions.reporters import reporters
from todoku.store.questions.unaligned import unaligned
from todoku.store.read import Reader
from todoku.watching import passing as rates
from todoku.watching import reporters as silence
from todoku.watching import streams

PASSING_DAYS = 70  # eight weeks, and what they are held against


def ask_rows(turn: Turn, *, whole: bool, found: Found) -> None:
    """What reports show; of silence only if every mailbox could be read. Raises ``Away``."""
    today = turn.clock().date()
    yesterday = today - timedelta(days=1)
    with Reader(turn.store, SCHEMAS) as reader:
        every = passing(reader, Scope("", today - timedelta(days=PASSING_DAYS), yesterday), "day")
        daily = [one for one in every if is_watched(turn.config, one.domain)]
        found.seen.append(rates.look_at(daily, today))
        for domain in sorted({one.domain for one in daily}):
            reach = extent(reader, Scope(domain))
            if reach is not None:
                found.seen.append(streams.look_at(domain, unaligned(reader, Scope(domain)), reach.first, today))
            if whole:
                found.seen.append(silence.look_at(domain, reporters(reader, Scope(domain)), today))
