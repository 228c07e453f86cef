"""Telling how a plan goes: each step on standard output, what is waited for on standard error."""

from __future__ import annotations

import sys
from contextlib import suppress

from todoku.apply.execution import Outcome, Waiting
from todoku.cli.terminal import Screen, own_time, tell
from todoku.plan.step import Plan
from todoku.report.apply_progress import line, waited
from todoku.report.plan.words import title
from todoku.report.render_options import Manner
from todoku.report.words import Language, harmless, say
from todoku.words.verdict import Text

QUIET = 600.0  # seconds between two lines about what is waited for, where there is no terminal


def manner_of(screen: Screen, language: Language) -> Manner:
    """How to show things on this screen."""
    return Manner(language=language, colour=screen.colour, width=screen.width, zone=own_time())


class Narrator:
    """Tells how it goes: each step on standard output, what is waited for on standard error."""

    def __init__(self, plan: Plan, language: Language, *, back: bool = False) -> None:
        """The steps are numbered as in the plan. ``back``: they are taken back."""
        self._back = back
        self._screen = Screen()
        self._manner = manner_of(self._screen, language)
        self._steps = {step.id: step for step in plan.steps}
        self._numbers = {step.id: number for number, step in enumerate(plan.steps, 1)}
        self._on_terminal = sys.stderr is not None and sys.stderr.isatty()
        self._told_at = -QUIET
        self._is_open = False  # a line on the terminal that is written over

    def __call__(self, said: Outcome | Waiting) -> None:
        """Tell it."""
        if isinstance(said, Waiting):
            self._waiting(said)
        else:
            self._close()
            self._screen.write(self.line(said))

    def line(self, outcome: Outcome) -> str:
        """What came of a step, in a line or more."""
        step = self._steps.get(outcome.step)
        place = f"{self._numbers[outcome.step]:>3}/{len(self._numbers)}" if step else ""
        named = title(step) if step else Text(outcome.step, outcome.step)
        return line(place, outcome.status, named, outcome.detail, self._manner, back=self._back)

    def say(self, text: Text) -> None:
        """A sentence on standard output."""
        self._close()
        lines = say(text, self._manner.language).split("\n")
        self._screen.write("".join(f"{harmless(line)}\n" for line in lines))

    def _waiting(self, said: Waiting) -> None:
        left = Text(
            "; ".join(f"{one.step}: {one.detail.en}" for one in said.outcomes),
            "、".join(f"{one.step}: {one.detail.ja}" for one in said.outcomes),
        )
        text = waited(said.elapsed, left, self._manner)
        if self._on_terminal:
            from todoku.report.columns import cut  # noqa: PLC0415 -- wcwidth, where there is a terminal

            self._draw(cut(text, self._manner.width - 1))
        elif said.elapsed - self._told_at >= QUIET:
            self._told_at = said.elapsed
            tell(text)

    def _close(self) -> None:
        if self._is_open:
            self._draw("")

    def _draw(self, text: str) -> None:
        """Write over the line on the terminal; one that has gone stops nothing."""
        with suppress(OSError):
            sys.stderr.write(f"\r\x1b[K{text}")
            sys.stderr.flush()
        self._is_open = bool(text)
