"""Why the store cannot be used just now. Nothing is lost by it: what was not stored is not acknowledged."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from todoku.verdict import Text


class Away(Exception):  # noqa: N818 -- it says how things stand, and ends when they do
    """The database, the disk or the bucket cannot be used now: try again later. ``text`` says which and why."""

    def __init__(self, text: Text) -> None:
        """Keep both languages."""
        super().__init__(text.en)
        self.text = text


class LeaseLost(Exception):  # noqa: N818 -- another process has become the writer, which is no error of this one
    """Another process is the store's writer now. What this one was about to publish is not published."""


@contextmanager
def disk(place: object) -> Iterator[None]:
    """Turns what the disk refuses (full, read-only, gone) into ``Away``."""
    try:
        yield
    except OSError as error:
        why = error.strerror or str(error)
        raise Away(Text(f"{place} cannot be used: {why}", f"{place} を使用できません: {why}")) from error


def unreadable(error: Exception) -> Away:
    """That rows could not be read: a file is gone or damaged, or there is too little memory."""
    why = str(error).strip().partition("\n")[0]
    return Away(Text(f"the rows cannot be read: {why}", f"レポートの行を読み取れません: {why}"))
