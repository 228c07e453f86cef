"""Taking reports from their sources, and reading what came."""

from __future__ import annotations

from collections.abc import Sequence

from todoku.cli.looks.turn import Found, Turn
from todoku.errors import UsageError
from todoku.intake.process import process
from todoku.intake.source import Source, SourceAway
from todoku.intake.take import take
from todoku.intake.worker import Worker


def take_reports(turn: Turn, sources: Sequence[Source], found: Found) -> bool:
    """Whether every source was emptied; what came is read. Raises ``Away`` of the store, ``LeaseLost``, ``NoWorker``.

    Each is opened anew: a connection that was listened to for an hour may be dead.
    """
    whole = True
    for source in sources:
        source.close()
        try:
            whole = _taken(turn, source, found) and whole
        finally:
            source.close()
    _read(turn)
    return whole


def take_arrived(turn: Turn, sources: Sequence[Source], found: Found) -> None:
    """Between the rounds: take from sources that have something, and read it. They stay open. Raises as ``take_reports`` does."""
    for source in sources:
        _taken(turn, source, found)
    _read(turn)


def _taken(turn: Turn, source: Source, found: Found) -> bool:
    """Whether a source was emptied."""
    try:
        for _ in take(turn.store, source, turn.clock):
            pass
    except (SourceAway, UsageError) as away:
        found.did_not_answer(source.name, learnt_from(source.name), away.text)
        return False
    found.answered(source.name, learnt_from(source.name))
    return True


def _read(turn: Turn) -> None:
    """Read everything that is unread."""
    with Worker() as worker:
        for _ in process(turn.store, turn.lease, worker, turn.clock, turn.proving):
            pass


def learnt_from(source: str) -> str:
    """The requirement that is mostly learnt of from a source: a queue has the events of SES, all others have reports."""
    return "bounce-handling" if source.startswith("sqs://") else "dmarc-record"
