"""The pieces of a report on a terminal: wide characters counted as two columns, no colour where none is wanted.

A page is drawn on a ``Paper`` from top to bottom; ``text.py`` and ``account_text.py`` say in which order.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TypedDict, TypeVar

from click import style

from todoku.report.columns import cell_len, cut, padded, wrapped
from todoku.report.fixes import ShownFix
from todoku.report.headings import Headings
from todoku.report.render_options import Manner
from todoku.report.view import ShownExhibit, ShownFinding
from todoku.report.words import say
from todoku.words.verdict import Result, Text

T = TypeVar("T")


class Style(TypedDict, total=False):
    """How words stand out, as click names it."""

    fg: str
    bold: bool
    dim: bool


COLOURS: dict[Result, Style] = {
    "pass": {"fg": "green"},
    "warn": {"fg": "yellow"},
    "fail": {"fg": "red", "bold": True},
    "unknown": {"fg": "magenta"},
    "notapplicable": {"dim": True},
}
PLAIN: Style = {}
BOLD: Style = {"bold": True}
DIM: Style = {"dim": True}
PROOF: Style = {"fg": "cyan"}
INDENT = "  "
LONGEST = 280
"""Cells of one piece of evidence that a terminal shows; the other forms show it whole."""

Cell = tuple[str, Style]


class Paper:
    """A page as wide as the reader's screen."""

    def __init__(self, manner: Manner, headings: Headings) -> None:
        """Start with an empty one."""
        self.language = manner.language
        self.headings = headings
        self.colour = manner.colour
        self.width = manner.width
        self.lines: list[str] = []

    @property
    def text(self) -> str:
        """What stands on it by now."""
        return "".join(line.rstrip() + "\n" for line in self.lines)

    def say(self, text: Text) -> str:
        return say(text, self.language)

    def styled(self, text: str, how: Style) -> str:
        return style(text, **how) if self.colour and how and text else text

    def line(self, text: str = "", how: Style = PLAIN, indent: int = 0) -> None:
        """A paragraph, wrapped at the width, every line indented."""
        pad = INDENT * indent
        self.lines += [self.styled(pad + part, how) for part in wrapped(text, self.width - len(pad))]

    def item(self, text: str, how: Style = PLAIN, indent: int = 0, hang: int = 1) -> None:
        """A paragraph whose further lines stand deeper than its first, which keeps the blanks before it."""
        pad = INDENT * indent + " " * (len(text) - len(text.lstrip(" ")))
        for index, part in enumerate(wrapped(text.lstrip(" "), self.width - len(pad) - len(INDENT) * hang)):
            self.lines.append(self.styled(pad + INDENT * (hang if index else 0) + part, how))

    def whole(self, text: str, how: Style = PLAIN, indent: int = 0) -> None:
        """A line that is typed or pasted: never wrapped."""
        self.lines.append(self.styled(INDENT * indent + text, how))

    def heading(self, text: str) -> None:
        self.line()
        self.line(text, BOLD)

    def chapter(self, heading: str, entries: Iterable[T], draw: Callable[[T], None]) -> None:
        """What stands under one heading; nothing where there is none."""
        for number, entry in enumerate(entries):
            if number == 0:
                self.heading(heading)
            draw(entry)

    def pairs(self, rows: Iterable[tuple[str, str]]) -> None:
        """Labels and values in two columns."""
        rows = list(rows)
        column = max((cell_len(label) for label, _ in rows), default=0) + 2
        for label, value in rows:
            for index, part in enumerate(wrapped(value, self.width - column)):
                self.lines.append(self.styled(padded("" if index else label, column), DIM) + part)

    def table(self, heads: Sequence[str], rows: Sequence[tuple[str, Sequence[Cell]]], least: int = 20) -> None:
        """A name and its cells in each row. Names have the columns that the cells leave, ``least`` of them at least, and may
        take several lines.
        """
        between = 2 if self.width >= 80 else 1
        columns = [
            max(cell_len(word) for word in (head, *(cells[index][0] for _, cells in rows))) + between
            for index, head in enumerate(heads[1:])
        ]
        room = max(least, self.width - sum(columns))
        head = "".join(padded(name, column) for name, column in zip(heads[1:], columns, strict=True))
        self.lines.append(self.styled(padded(heads[0], room) + head, BOLD))
        for name, cells in rows:
            shown = (self.styled(padded(word, column), how) for (word, how), column in zip(cells, columns, strict=True))
            first, *further = wrapped(name, room - 1)
            self.lines.append(padded(first, room) + "".join(shown))
            self.lines += [INDENT + line for line in further]

    def finding(self, found: ShownFinding, whose: str = "") -> None:
        """One finding: what, of which identities where there are several, for whom, why, the proof, the way to its fix."""
        self.line()
        word = shown_word((found.result, found.word))
        first, *further = wrapped(found.titles, self.width - cell_len(word) - 2)
        self.lines.append(f"{self.styled(word, COLOURS[found.result])}  {self.styled(first, BOLD)}")
        self.lines += [self.styled(INDENT + line, BOLD) for line in further]
        self.identities(whose)
        self.line(found.text, indent=1)
        self.scopes(found)
        self.proof(found, Text("To do: {} below", "対処方法: 下記 {}"))
        for about in found.abouts:
            self.line(f"SES: {about.ses_default}", DIM, indent=1)
            self.whole(about.ses_source, DIM, indent=2)
        for page in found.setup_pages:
            self.whole(f"{self.headings.set_up}: {page}", DIM, indent=1)
        if found.consequence:
            self.line(found.consequence, indent=1)

    def scopes(self, found: ShownFinding) -> None:
        """Which requirement it is, and for which receivers it holds."""
        for about in found.abouts:
            self.line(f"{about.requirement}: {found.tag}", DIM, indent=1)
            for scope in about.scopes:
                self.line(f"{scope.receivers}: {scope.how}", DIM, indent=2)

    def met(self, found: ShownFinding) -> None:
        """A requirement that is met: for whom, why, and the proof that stands nowhere else in the report."""
        titles = " / ".join(f"{about.title} ({about.requirement})" for about in found.abouts)
        self.line(f"{titles}  {found.receivers}", COLOURS["pass"])
        self.line(found.text, indent=1)
        self.ses_sources(found)
        self.proof(found, Text("To do: {} above", "対処方法: 上記 {}"))

    def untold(self, found: ShownFinding) -> None:
        """A requirement of which nothing is to be told here, and why."""
        for about in found.abouts:
            self.line(f"{about.title} ({about.requirement})", COLOURS[found.result])
        self.line(found.text, indent=1)
        self.ses_sources(found)

    def ses_sources(self, found: ShownFinding) -> None:
        """Who says that SES meets by default what it is counted for."""
        for about in found.abouts:
            if about.by_ses:
                self.whole(f"SES: {about.ses_source}", DIM, indent=1)

    def proof(self, found: ShownFinding, to_do: Text) -> None:
        """The evidence and the notes of a finding, and the way to its fixes."""
        self.exhibits(found.exhibits)
        for note in found.notes:
            self.item(f"- {note.text}", indent=1)
            self.exhibits(note.exhibits, indent=2)
        if found.fixes:
            self.line(self.say(to_do).format(", ".join(map(str, found.fixes))), BOLD, indent=1)

    def exhibits(self, exhibits: Iterable[ShownExhibit], indent: int = 1) -> None:
        """The evidence, each piece under its label; its decisive part is underlined in text too."""
        exhibits = tuple(exhibits)
        column = max((cell_len(exhibit.label) for exhibit in exhibits if exhibit.mark), default=0)
        room = self.width - len(INDENT) * (indent + 2)
        for exhibit in exhibits:
            label = f"{padded(exhibit.label, column if exhibit.mark else 0)}: " if exhibit.label else ""
            if label and len(exhibit.lines) > 1:
                self.line(label.rstrip(), PROOF, indent=indent + 1)
                label = INDENT
            for line in exhibit.lines:
                shown = cut(label + line, LONGEST)
                if exhibit.as_typed:
                    self.whole(shown, PROOF, indent=indent + 1)
                else:
                    self.item(shown, PROOF, indent=indent + 1, hang=2)
                if exhibit.mark and exhibit.mark in shown and cell_len(shown) <= room:
                    before = cell_len(shown[: shown.rindex(exhibit.mark)])
                    self.line(" " * before + "~" * cell_len(exhibit.mark), PROOF, indent=indent + 1)

    def identities(self, whose: str) -> None:
        """Which identities something is about; nothing where that goes without saying."""
        if whose:
            self.item(whose, indent=1)

    def fix(self, fix: ShownFix, whose: str = "") -> None:
        """A fix with its steps: what is typed or pasted stands on a line of its own, never wrapped."""
        self.line()
        self.line(f"{fix.number}. {fix.title}", BOLD)
        self.identities(whose)
        column = max(cell_len(step.kind) for step in fix.steps) + 2
        for step in fix.steps:
            room = self.width - column - len(INDENT)
            lines = step.lines if step.typed else [part for line in step.lines for part in wrapped(line, room)]
            for index, line in enumerate(lines):
                self.whole(self.styled(padded("" if index else step.kind, column), DIM) + line, indent=1)


def shown_word(cell: tuple[Result, str]) -> str:
    """A result's word; a failure in capitals, so that it stands out without colour."""
    return cell[1].upper() if cell[0] == "fail" else cell[1]
