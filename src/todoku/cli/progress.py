"""How far a look at an account or the taking of reports is, in one line on the terminal; nothing at all where standard error is none."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from time import monotonic
from types import TracebackType
from typing import Self, TextIO

from todoku.auth.ask import Answer, Question
from todoku.net.aws.ses import Progress
from todoku.net.drivers import Source
from todoku.report.columns import cut
from todoku.report.words import Language, harmless, say
from todoku.words.verdict import Text

BAR = 24  # columns
EVERY = 0.1  # seconds between two drawings
WORTH_TELLING = 60.0  # seconds that are left


class Bar:
    """The line. It is drawn over as calls are answered, and gone at the end."""

    def __init__(
        self,
        language: Language,
        width: int,
        *,
        stream: TextIO | None = None,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        """Start with an empty line."""
        self._language = language
        self._width = width
        self._stream = sys.stderr if stream is None else stream
        self._clock = clock
        self._is_shown = self._stream is not None and self._stream.isatty()
        self._began = self._drawn_at = clock()
        self._kept: int | None = None
        self._answers = 0

    def __enter__(self) -> Self:
        """The line itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        """Take the line away."""
        if self._is_shown:
            self._write("\r\x1b[K")

    def __call__(self, progress: Progress) -> None:
        """A call was answered."""
        done, total, call = progress
        if self._kept is None and self._clock() - self._began > 1:
            self._kept = done  # what a file of replies had at once says nothing of the pace
        if self._is_due(done == total):
            filled = BAR * done // max(total, 1)
            bar = "#" * filled + "-" * (BAR - filled)
            self._draw(f"SES [{bar}] {done:,}/{total:,}{self._left(done, total)}  {call.region} {call.operation}")

    def looked_up(self, answers: int) -> None:
        """Some DNS questions were answered."""
        self._answers += answers
        if self._is_due(last=False):
            self._draw(say(Text(f"DNS: {self._answers:,} answers", f"DNS: {self._answers:,}件の応答"), self._language))

    def took(self, items: int) -> None:
        """So many items were taken in all."""
        if self._is_due(last=False):
            self._draw(say(Text(f"taken: {items:,}", f"取り込み中: {items:,}件"), self._language))

    def _is_due(self, last: bool) -> bool:
        if not self._is_shown or (self._clock() - self._drawn_at < EVERY and not last):
            return False
        self._drawn_at = self._clock()
        return True

    def _left(self, done: int, total: int) -> str:
        """How long it may still take, where that is worth telling."""
        asked = done - (self._kept or 0)
        if asked <= 0:
            return ""
        seconds = (total - done) * (self._clock() - self._began) / asked
        if seconds < WORTH_TELLING:
            return ""
        minutes = round(seconds / 60)
        return say(Text(f", about {minutes} min left", f"、残り約{minutes}分"), self._language)

    def _draw(self, text: str) -> None:
        self._write("\r\x1b[K" + cut(harmless(text), self._width - 1))

    def _write(self, text: str) -> None:
        with suppress(OSError):  # a terminal that is gone changes nothing
            self._stream.write(text)
            self._stream.flush()


class Watched:
    """A source of DNS answers that tells how many it gave."""

    def __init__(self, source: Source, bar: Bar) -> None:
        """Answer from ``source``."""
        self._source = source
        self._bar = bar

    def answers(self, questions: Sequence[Question], *, seconds: float | None = None) -> Sequence[Answer]:
        """The source's answers."""
        answers = self._source.answers(questions, seconds=seconds)
        self._bar.looked_up(len(answers))
        return answers
