"""Who sends as us: every stream, the largest first."""

from __future__ import annotations

from todoku.feedback.answers import Scope, Stream
from todoku.store.questions.asking import asked, within
from todoku.store.questions.streams import streams
from todoku.store.read import Reader

SQL = streams("true")


def sources(reader: Reader, scope: Scope) -> list[Stream]:
    """All streams. Raises ``Away``."""
    return asked(reader, Stream, SQL, within(scope))
