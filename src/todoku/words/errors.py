"""Every exception that a caller of todoku can meet.

    TodokuError
    ├── UsageError          the operator's slip: a missing file, a bad option, a broken zone file (exit 2)
    ├── NotAMessage         the bytes are no e-mail message; it says what they are and what to save instead (exit 2)
    ├── NotSeen             a fact was asked for that could not be had; ``missing`` says why
    └── ReportRefused       nothing in the bytes can be read as a report; ``tag`` says why for programs (exit 2)

Bad mail, bad records and dead DNS are *results*, never exceptions.
"""

from __future__ import annotations

from typing import TypeVar

from todoku.words.verdict import Missing, Text, fill

T = TypeVar("T")


class TodokuError(Exception):
    """The root: its text is one clear sentence for a person, in English and Japanese."""

    def __init__(self, text: Text) -> None:
        """Keep both languages; ``str()`` gives the English one."""
        super().__init__(text.en)
        self.text = text

    def __reduce__(self) -> tuple[type[TodokuError], tuple[object, ...]]:
        """What makes it anew: it may come out of another process."""
        return type(self), (self.text,)


class UsageError(TodokuError):
    """What was asked for cannot be done as it was asked: exit code 2."""


class NotAMessage(TodokuError):  # noqa: N818 -- it says what the input is
    """The input is not an e-mail message (a picture, a web page, nothing at all): exit code 2."""


class NotSeen(TodokuError):  # noqa: N818 -- it says what became of the fact
    """A fact that ``known`` was asked for could not be had. ``missing`` says why, and which of the two kinds it is."""

    def __init__(self, missing: Missing) -> None:
        """Say why as a report does."""
        super().__init__(fill(missing.reason.text, missing.values))
        self.missing = missing

    def __reduce__(self) -> tuple[type[NotSeen], tuple[object, ...]]:
        """What makes it anew."""
        return type(self), (self.missing,)


def known(fact: T | Missing) -> T:
    """The fact itself, for who needs it to go on: ``known(auth.spf).domain``. Raises ``NotSeen`` where it could not be had."""
    if isinstance(fact, Missing):
        raise NotSeen(fact)
    return fact


class ReportRefused(TodokuError):  # noqa: N818 -- it says what became of the input
    """Nothing in the input can be read as a report: exit code 2. ``tag`` is that of ``feedback/refusal.py``."""

    def __init__(self, text: Text, tag: str) -> None:
        """Keep the reason's tag, which never changes, beside its text."""
        super().__init__(text)
        self.tag = tag

    def __reduce__(self) -> tuple[type[TodokuError], tuple[object, ...]]:
        """What makes it anew."""
        return type(self), (self.text, self.tag)
