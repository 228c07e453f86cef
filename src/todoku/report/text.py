"""The report on a terminal: 80 columns, wide characters counted as two, no colour where none is wanted."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from todoku.judging.account_report import AccountReport
from todoku.judging.judge import Report
from todoku.report import account_text
from todoku.report.account_view import AccountView, view_of
from todoku.report.columns import cell_len, padded, wrapped
from todoku.report.published import TONES
from todoku.report.render_options import Manner
from todoku.report.rendered import Drawn
from todoku.report.terminal_page import BOLD, COLOURS, DIM, PLAIN, Cell, Paper, shown_word
from todoku.report.view import MatrixRow, View
from todoku.words.verdict import Result, Text


def render(reports: Sequence[Report | AccountReport | Drawn], manner: Manner) -> Iterator[str]:
    """The reports one below the other, as wide as the reader's screen."""
    before: View | AccountView | Drawn | None = None
    for report in reports:
        shown = report if isinstance(report, Drawn) else view_of(report, manner.language, manner.zone)
        if before is not None:
            yield "\n" if _is_brief(before) and _is_brief(shown) else "\n" + "=" * manner.width + "\n\n"
        yield shown.text if isinstance(shown, Drawn) else _page(shown, manner)
        before = shown


def drawn(report: Report | AccountReport, manner: Manner, _number: int) -> Drawn:
    """The report as one of several."""
    shown = view_of(report, manner.language, manner.zone)
    return Drawn(shown.subject, _page(shown, manner), _is_brief(shown))


def _is_brief(shown: View | AccountView | Drawn) -> bool:
    """Whether there is nothing but a sentence: of 17 regions most have no identities."""
    return shown.brief if isinstance(shown, Drawn) else isinstance(shown, AccountView) and not shown.rows


def _page(report: View | AccountView, manner: Manner) -> str:
    return account_text.drawn(report, manner) if isinstance(report, AccountView) else _Page(report, manner).drawn()


LEAST = 20
"""Columns that the requirements' titles get at least, beside the receivers."""


class _Page(Paper):
    """One report, drawn from top to bottom."""

    def __init__(self, shown: View, manner: Manner) -> None:
        super().__init__(manner, shown.headings)
        self.view = shown

    def drawn(self) -> str:
        """The whole page."""
        shown = self.view
        self.line(f"todoku  {shown.subject}", BOLD)
        self.line(shown.headline)
        self.line()
        self.pairs(shown.facts)
        self.line()
        if shown.matrix:
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
        return self.text

    def matrix(self, rows: Sequence[MatrixRow]) -> None:
        """Requirements down, receivers across; it holds at 60 columns with wide characters."""
        cells = [[_cell(cell) for cell in row.cells] for row in rows]
        for number, (start, end) in enumerate(self._parts(cells)):
            if number:
                self.line()
            asked = [(row.title, part[start:end]) for row, part in zip(rows, cells, strict=True)]
            shown = [(title, part) for title, part in asked if any(word for word, _ in part)]
            self.table(("", *self.view.receivers[start:end]), shown)

    def _parts(self, cells: Sequence[Sequence[Cell]]) -> Iterator[tuple[int, int]]:
        """Which receivers stand in one table: as many as the screen is wide enough for, the last ones in a table below."""
        start, room = 0, self.width - LEAST
        for index, name in enumerate(self.view.receivers):
            wide = max(cell_len(word) for word in (name, *(row[index][0] for row in cells))) + 2
            if room < wide and index > start:
                yield start, index
                start, room = index, self.width - LEAST
            room -= wide
        yield start, len(self.view.receivers)

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


def _cell(cell: tuple[Result, str] | None) -> Cell:
    return ("", PLAIN) if cell is None else (shown_word(cell), COLOURS[cell[0]])
