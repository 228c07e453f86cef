"""Taking reports from their sources, and reading what came beside it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext

from todoku.cli.watch_checks.round import Found, Turn
from todoku.intake.background_reader import Beside, reading
from todoku.intake.process import Processed
from todoku.intake.receive import take
from todoku.intake.source import Source, SourceAway
from todoku.intake.worker import Worker
from todoku.store.away import LeaseLost
from todoku.words.errors import UsageError


def take_reports(turn: Turn, sources: Sequence[Source], found: Found) -> bool:
    """Whether every source was emptied; what came is read. Raises ``Away`` of the store, ``LeaseLost``, ``NoWorker``.

    Each is opened anew: a connection that was listened to for an hour may be dead.
    """
    whole = True
    with _reading(turn) as beside:
        for source in sources:
            source.close()
            try:
                whole = _taken(turn, source, found, beside) and whole
            finally:
                source.close()
    return whole


def take_arrived(turn: Turn, sources: Sequence[Source], found: Found) -> None:
    """Between the rounds: take from sources that have something, and read it. They stay open. Raises as ``take_reports`` does."""
    with _reading(turn) as beside:
        for source in sources:
            _taken(turn, source, found, beside)


def _taken(turn: Turn, source: Source, found: Found, beside: Beside[Processed | None]) -> bool:
    """Whether a source was emptied."""
    try:
        for _ in take(turn.store, source, turn.clock):
            beside.more()
    except (SourceAway, UsageError) as away:
        found.did_not_answer(source.name, learnt_from(source.name), away.text)
        return False
    found.answered(source.name, learnt_from(source.name))
    return True


@contextmanager
def _reading(turn: Turn) -> Iterator[Beside[Processed | None]]:
    """What was taken is read meanwhile, by the turn's own lease, and all of it by the end of the block. Raises ``LeaseLost``."""
    with Worker() as worker:
        with reading(turn.store, lambda: nullcontext(turn.lease), worker, turn.clock, turn.verification) as beside:
            yield beside
        if beside.results[-1] is None:
            raise LeaseLost


def learnt_from(source: str) -> str:
    """The requirement that is mostly learnt of from a source: a queue has the events of SES, all others have reports."""
    return "bounce-handling" if source.startswith("sqs://") else "dmarc-record"
