"""The report on a terminal: 80 columns, wide characters counted as two, no colour where none is wanted."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TypedDict, TypeVar

from click import style
from rich.cells import cell_len

from todoku.judge import Report
from todoku.report.columns import cut, padded, wrapped
from todoku.report.fixes import ShownFix
from todoku.report.manner import Manner
from todoku.report.published import TONES
from todoku.report.view import MatrixRow, ShownExhibit, ShownFinding, View, view
from todoku.report.words import say
from todoku.verdict import Result, Text

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


def render(reports: Sequence[Report], manner: Manner) -> str:
    """The reports one below the other, as wide as the reader's screen."""
    pages = (_Page(view(report, manner.language, manner.zone), manner).drawn() for report in reports)
    return ("\n" + "=" * manner.width + "\n\n").join(pages)


class _Page:
    """One report, drawn from top to bottom."""

    def __init__(self, shown: View, manner: Manner) -> None:
        self.view = shown
        self.colour = manner.colour
        self.width = manner.width
        self.lines: list[str] = []

    def drawn(self) -> str:
        self.draw()
        return "".join(line.rstrip() + "\n" for line in self.lines)

    def say(self, text: Text) -> str:
        return say(text, self.view.language)

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

    def draw(self) -> None:
        shown = self.view
        self.line(f"todoku  {shown.subject}", BOLD)
        self.line(shown.headline)
        self.line()
        self.pairs(shown.facts)
        self.line()
        self.matrix(shown.matrix)
        self.authentication()
        self.published()
        self.chapter(shown.headings.found, shown.findings, self.finding)
        self.chapter(shown.headings.to_do, shown.fixes, self.fix)
        self.chapter(shown.headings.met, shown.met, self.met)
        self.chapter(shown.headings.untold, shown.untold, self.untold)
        self.line()
        self.line(shown.footer, DIM)
        self.line()
        self.line(shown.headline, BOLD)

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

    def matrix(self, rows: Sequence[MatrixRow]) -> None:
        """Requirements down, receivers across; it holds at 60 columns with wide characters."""
        names = self.view.receivers
        between = 2 if self.width >= 80 else 1
        words = ((name, *(row.cells[index] for row in rows)) for index, name in enumerate(names))
        columns = [
            max(cell_len(one if isinstance(one, str) else one[1]) for one in column if one) + between
            for column in words
        ]
        title = max(20, self.width - sum(columns))
        head = "".join(padded(name, column) for name, column in zip(names, columns, strict=True))
        self.lines.append(self.styled(" " * title + head, BOLD))
        for row in rows:
            cells = (
                " " * column if cell is None else self.styled(padded(shown_word(cell), column), COLOURS[cell[0]])
                for cell, column in zip(row.cells, columns, strict=True)
            )
            first, *further = wrapped(row.title, title - 1)
            self.lines.append(padded(first, title) + "".join(cells))
            self.lines += [INDENT + line for line in further]

    def authentication(self) -> None:
        """Our evaluation beside the receiver's own."""
        rows = self.view.authentication
        if not rows:
            return
        self.heading(self.view.headings.authentication)
        said = any(row.theirs for row in rows)
        if said:
            ours = self.say(Text("todoku", "todoku"))
            theirs = self.say(Text(f"{self.view.receiver_name} wrote", f"{self.view.receiver_name}の記録"))
            self.line(f"{padded('', 13)}{padded(ours, 22)}{theirs}", DIM)
        for row in rows:
            unseen = row.ours.startswith("temperror")
            contrary = Text("not looked up", "確認できず") if unseen else Text("differs", "相違あり")
            differs = f"  ({self.say(contrary)})" if row.differs else ""
            start = f"{padded(row.method, 13)}{padded(row.ours, 22)}"
            self.line(start + (f"{row.theirs or '-'}{differs}" if said else ""))
            if row.about:
                self.line(" " * 13 + row.about, DIM)

    def published(self) -> None:
        """The records of a domain."""
        rows = self.view.published
        if not rows:
            return
        self.heading(self.view.headings.published)
        column = max(cell_len(row.word) for row in rows) + 2
        for row in rows:
            word = self.styled(padded(row.word, column), COLOURS[TONES[row.state]])
            self.lines.append(f"{padded(row.what, 11)}{word}{row.name}")
            if row.value:
                pad = " " * (11 + column)
                self.lines += [self.styled(pad + part, DIM) for part in wrapped(row.value, self.width - len(pad))]

    def finding(self, found: ShownFinding) -> None:
        """One finding: what, for whom, why, the proof, the way to its fix."""
        self.line()
        word = self.styled(shown_word((found.result, found.word)), COLOURS[found.result])
        self.lines.append(f"{word}  {self.styled(found.titles, BOLD)}")
        self.line(found.text, indent=1)
        self.scopes(found)
        self.proof(found, Text("To do: {} below", "対処方法: 下記 {}"))
        for about in found.abouts:
            self.line(f"SES: {about.ses_default}", DIM, indent=1)
        for page in found.setup_pages:
            self.whole(f"{self.view.headings.set_up}: {page}", DIM, indent=1)

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
        self.proof(found, Text("To do: {} above", "対処方法: 上記 {}"))

    def untold(self, found: ShownFinding) -> None:
        """A requirement of which nothing is to be told here, and why."""
        for about in found.abouts:
            self.line(f"{about.title} ({about.requirement})", COLOURS[found.result])
        self.line(found.text, indent=1)

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

    def fix(self, fix: ShownFix) -> None:
        """A fix with its steps: what is typed or pasted stands on a line of its own, never wrapped."""
        self.line()
        self.line(f"{fix.number}. {fix.title}", BOLD)
        column = max(cell_len(step.kind) for step in fix.steps) + 2
        for step in fix.steps:
            room = self.width - column - len(INDENT)
            lines = step.lines if step.typed else [part for line in step.lines for part in wrapped(line, room)]
            for index, line in enumerate(lines):
                self.whole(self.styled(padded("" if index else step.kind, column), DIM) + line, indent=1)


def shown_word(cell: tuple[Result, str]) -> str:
    """A result's word; a failure in capitals, so that it stands out without colour."""
    return cell[1].upper() if cell[0] == "fail" else cell[1]
