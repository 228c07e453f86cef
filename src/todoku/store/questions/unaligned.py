"""Which streams fail DMARC: mail of which neither DKIM nor SPF is aligned, the largest stream first."""

from __future__ import annotations

from todoku.feedback.answers import Scope, Stream
from todoku.store.questions.asking import PASSES, asked, within
from todoku.store.questions.streams import streams
from todoku.store.read import Reader

SQL = streams(f"NOT {PASSES}")


def unaligned(reader: Reader, scope: Scope) -> list[Stream]:
    """The streams, with only their mail that fails. Raises ``Away``."""
    return asked(reader, Stream, SQL, within(scope))
