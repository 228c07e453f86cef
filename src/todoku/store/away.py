"""Why the store cannot be used just now. Nothing is lost by it: what was not stored is not acknowledged."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager

from todoku.words.verdict import Text


class Away(Exception):  # noqa: N818 -- it says how things stand, and ends when they do
    """The database, the disk or the bucket cannot be used now: try again later. ``text`` says which and why."""

    def __init__(self, text: Text) -> None:
        """Keep both languages."""
        super().__init__(text.en)
        self.text = text


class LeaseLost(Exception):  # noqa: N818 -- another process has become the writer, which is no error of this one
    """Another process is the store's writer now. What this one was about to publish is not published."""


TOO_FEW_FILES = Text(
    "this process may open too few files (ulimit -n): 256 are enough",
    "このプロセスが開けるファイル数の上限(ulimit -n)が小さすぎます。256あれば足ります",
)
"""What is told, whichever file was to be opened."""


@contextmanager
def disk(place: object) -> Iterator[None]:
    """Turns what the disk refuses (full, read-only, gone) into ``Away``."""
    try:
        yield
    except OSError as error:
        raise away(place, error) from error


def away(place: object, error: OSError) -> Away:
    """That a place cannot be used, or that the process may open no more files, for which no place is to blame."""
    if error.errno in (errno.EMFILE, errno.ENFILE):
        return Away(TOO_FEW_FILES)
    why = error.strerror or str(error)
    return Away(Text(f"{place} cannot be used: {why}", f"{place} を使用できません: {why}"))


def unreadable(error: Exception) -> Away:
    """That rows could not be read: a file is gone or damaged, there is too little memory, or too many files are open."""
    why = str(error).strip().partition("\n")[0]
    if getattr(error, "errno", None) in (errno.EMFILE, errno.ENFILE) or os.strerror(errno.EMFILE) in why:
        return Away(TOO_FEW_FILES)
    return Away(Text(f"the rows cannot be read: {why}", f"レポートの行を読み取れません: {why}"))
