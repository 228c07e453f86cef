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
    """Whether every source was emptied; what came is read. Raises ``Away`` of the store, ``LeaseLost``, ``NoWorker``."""
    whole = True
    for source in sources:
        try:
            for _ in take(turn.store, source, turn.clock):
                pass
        except (SourceAway, UsageError) as away:
            whole = False
            found.did_not_answer(source.name, learnt_from(source.name), away.text)
        else:
            found.answered(source.name, learnt_from(source.name))
        finally:
            source.close()
    read_what_came(turn)
    return whole


def read_what_came(turn: Turn) -> None:
    """Read everything that is unread. Raises ``Away``, ``LeaseLost``, ``NoWorker``."""
    with Worker() as worker:
        for _ in process(turn.store, turn.lease, worker, turn.clock):
            pass


def learnt_from(source: str) -> str:
    """The requirement that is mostly learnt of from a source: a queue has the events of SES, all others have reports."""
    return "bounce-handling" if source.startswith("sqs://") else "dmarc-record"
