"""The report on a terminal: 80 columns, wide characters counted as two, no colour where none is wanted."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import tzinfo
from io import StringIO

from rich.cells import cell_len
from rich.console import Console
from rich.markup import escape

from todoku.judge import Report
from todoku.report.columns import cut, padded, wrapped
from todoku.report.view import MatrixRow, ShownExhibit, ShownFinding, ShownFix, View, view
from todoku.report.words import Language, say
from todoku.verdict import Result, Text

COLOURS: dict[Result, str] = {
    "pass": "green",
    "warn": "yellow",
    "fail": "bold red",
    "unknown": "magenta",
    "notapplicable": "dim",
}
INDENT = "  "
LONGEST = 200
"""Cells of one piece of evidence that a terminal shows; the other forms show it whole."""


def render(
    reports: Sequence[Report], language: Language, *, colour: bool = False, width: int = 80, zone: tzinfo | None = None
) -> str:
    """The reports one below the other, ``width`` columns wide; times in ``zone``."""
    console = Console(
        file=StringIO(),
        width=width,
        force_terminal=colour,
        no_color=not colour,
        color_system="standard" if colour else None,
        highlight=False,
        emoji=False,
        legacy_windows=False,
    )
    for index, report in enumerate(reports):
        if index:
            console.rule(characters="=")
        _Page(console, view(report, language, zone)).draw()
    drawn = console.file
    assert isinstance(drawn, StringIO)  # noqa: S101 -- it was handed in above
    return "".join(line.rstrip() + "\n" for line in drawn.getvalue().splitlines())


class _Page:
    """One report, drawn from top to bottom."""

    def __init__(self, console: Console, shown: View) -> None:
        self.console = console
        self.view = shown
        self.exhibited: set[ShownExhibit] = set()

    def say(self, text: Text) -> str:
        return say(text, self.view.language)

    def line(self, text: str = "", style: str = "", indent: int = 0) -> None:
        """A paragraph, wrapped at the width, every line indented."""
        pad = INDENT * indent
        for part in wrapped(text, self.console.width - len(pad)):
            self.console.print(pad + escape(part), style=style, soft_wrap=True)

    def heading(self, text: Text) -> None:
        self.line()
        self.line(self.say(text), "bold")

    def draw(self) -> None:
        shown = self.view
        self.line(f"todoku  {shown.subject}", "bold")
        self.line(shown.headline)
        self.line()
        self.pairs(shown.facts)
        self.line()
        self.matrix(shown.matrix)
        self.authentication()
        if shown.findings:
            self.heading(Text("What was found", "判定の詳細"))
            for finding in shown.findings:
                self.finding(finding)
        if shown.fixes:
            self.heading(Text("How to mend it", "対処方法"))
            for fix in shown.fixes:
                self.fix(fix)
        if shown.met:
            self.heading(Text("Met", "適合している要件"))
            for finding in shown.met:
                self.met(finding)
        if shown.untold:
            self.heading(
                Text("Not to be seen in a message, or not asked of it", "メールからは判定できない要件・対象外の要件")
            )
            for finding in shown.untold:
                self.line(f"{finding.title} ({finding.requirement})", COLOURS[finding.result])
                self.line(finding.text, indent=1)
        self.line()
        self.line(shown.footer, "dim")

    def pairs(self, rows: Iterable[tuple[str, str]]) -> None:
        """Labels and values in two columns."""
        rows = list(rows)
        column = max((cell_len(label) for label, _ in rows), default=0) + 2
        for label, value in rows:
            lines = wrapped(value, self.console.width - column)
            for index, part in enumerate(lines):
                self.console.print(
                    f"[dim]{escape(padded(label if index == 0 else '', column))}[/dim]{escape(part)}", soft_wrap=True
                )

    def matrix(self, rows: Sequence[MatrixRow]) -> None:
        """Requirements down, receivers across; it holds at 80 columns with wide characters."""
        names = self.view.receivers
        words = [cell[1] for row in rows for cell in row.cells if cell is not None]
        column = max((cell_len(word) for word in (*words, *names)), default=8) + 1
        title = max(20, self.console.width - column * len(names))
        self.console.print(
            " " * title + "".join(padded(name, column) for name in names).rstrip(), style="bold", soft_wrap=True
        )
        for row in rows:
            cells = (
                " " * column if cell is None else coloured(padded(shown_word(cell), column), cell[0])
                for cell in row.cells
            )
            start = escape(padded(cut(row.title, title - 2), title))
            self.console.print(start + "".join(cells), soft_wrap=True)

    def authentication(self) -> None:
        """Our evaluation beside the receiver's own."""
        rows = self.view.authentication
        if not rows:
            return
        self.heading(Text("Authentication", "送信ドメイン認証"))
        said = any(row.theirs for row in rows)
        if said:
            ours = self.say(Text("todoku", "todoku"))
            theirs = self.say(Text(f"{self.view.receiver_name} wrote", f"{self.view.receiver_name}の記録"))
            self.line(f"{padded('', 13)}{padded(ours, 22)}{theirs}", "dim")
        for row in rows:
            differs = self.say(Text("  (differs)", "  (相違あり)")) if row.differs else ""
            start = f"{padded(row.method, 13)}{padded(row.ours, 22)}"
            self.line(start + (f"{row.theirs or '-'}{differs}" if said else ""))
            if row.about:
                self.line(" " * 13 + row.about, "dim")

    def finding(self, found: ShownFinding) -> None:
        """One finding: what, for whom, why, the proof, the way to its fix."""
        self.line()
        self.console.print(
            f"{coloured(shown_word((found.result, found.word)), found.result)}  [bold]{escape(found.title)}[/bold]"
            f"  [dim]{escape(found.requirement)}: {escape(found.tag)}[/dim]",
            soft_wrap=True,
        )
        self.line(found.text, indent=1)
        for scope in found.scopes:
            self.line(f"{scope.receivers}: {scope.how}", "dim", indent=1)
        self.exhibits(found.exhibits)
        for note in found.notes:
            self.line(f"- {note.text}", indent=1)
            self.exhibits(note.exhibits, indent=2)
        self.line(self.say(Text(f"SES: {found.ses_default}", f"SESの既定: {found.ses_default}")), "dim", indent=1)
        if found.fixes:
            numbers = ", ".join(map(str, found.fixes))
            self.line(self.say(Text(f"Fix: {numbers} below", f"対処方法: 下記 {numbers}")), "bold", indent=1)
        self.line(self.say(Text(f"Set up: {found.setup_page}", f"設定手順: {found.setup_page}")), "dim", indent=1)

    def met(self, found: ShownFinding) -> None:
        """A requirement that is met, with its proof."""
        receivers = ", ".join(scope.receivers for scope in found.scopes)
        self.line(f"{found.title} ({found.requirement})  {receivers}", COLOURS["pass"])
        self.line(found.text, indent=1)
        self.exhibits(found.exhibits)
        for note in found.notes:
            self.line(f"- {note.text}", indent=1)

    def exhibits(self, exhibits: Iterable[ShownExhibit], indent: int = 1) -> None:
        """The evidence, each piece under its label and once in a report; its decisive part is underlined in text too."""
        for exhibit in exhibits:
            if exhibit in self.exhibited:
                continue
            self.exhibited.add(exhibit)
            label = f"{exhibit.label}: " if exhibit.label else ""
            for line in exhibit.lines:
                shown = cut(label + line, LONGEST)
                if exhibit.as_typed:
                    self.console.print(INDENT * (indent + 1) + escape(shown), style="cyan", soft_wrap=True)
                else:
                    self.line(shown, "cyan", indent=indent + 1)
                if exhibit.mark and exhibit.mark in shown:
                    before = cell_len(shown[: shown.rindex(exhibit.mark)])
                    self.line(" " * before + "~" * cell_len(exhibit.mark), "cyan", indent=indent + 1)

    def fix(self, fix: ShownFix) -> None:
        """A fix with its steps, each line as it is typed or pasted: never wrapped."""
        self.line()
        self.line(f"{fix.number}. {fix.title}", "bold")
        for kind, lines in fix.steps:
            for line in lines:
                self.console.print(f"{INDENT}[dim]{escape(padded(kind, 6))}[/dim]{escape(line)}", soft_wrap=True)


def shown_word(cell: tuple[Result, str]) -> str:
    """A result's word; a failure in capitals, so that it stands out without colour."""
    return cell[1].upper() if cell[0] == "fail" else cell[1]


def coloured(text: str, result: Result) -> str:
    """Text in the colour of a result, for rich."""
    return f"[{COLOURS[result]}]{escape(text)}[/]"
