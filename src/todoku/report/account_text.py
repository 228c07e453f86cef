"""The report on an SES account on a terminal: a table of its identities, each cause and each fix once."""

from __future__ import annotations

from todoku.report.account_view import AccountView
from todoku.report.render_options import Manner
from todoku.report.terminal_page import BOLD, COLOURS, DIM, Paper, shown_word


def drawn(shown: AccountView, manner: Manner) -> str:
    """The whole page; two lines where there is nothing to judge."""
    return _Page(manner, shown.headings).drawn(shown)


class _Page(Paper):
    """One report, drawn from top to bottom."""

    def drawn(self, shown: AccountView) -> str:
        self.line(f"todoku  {shown.subject}", BOLD)
        self.line(shown.headline)
        if not shown.rows:
            return self.text
        self.line()
        self.pairs(shown.facts)
        self.line()
        self.identities_table(shown)
        self.chapter(shown.headings.found, shown.findings, lambda one: self.finding(one.found, one.whose))
        self.chapter(shown.headings.to_do, shown.fixes, lambda one: self.fix(one.fix, one.whose))
        self.further(shown)
        for heading, titles in ((shown.headings.met, shown.met), (shown.headings.untold, shown.untold)):
            if titles:
                self.heading(heading)
                self.line(titles, indent=1)
        self.line()
        self.line(shown.footer, DIM)
        self.line()
        self.line(shown.headline, BOLD)
        return self.text

    def identities_table(self, shown: AccountView) -> None:
        """An identity a row. On a narrow screen the kind is left out, which an @ tells too."""
        out = 0 if self.width >= 80 else 1
        rows = [(row.name, [(shown_word(cell), COLOURS[cell[0]]) for cell in row.cells[out:]]) for row in shown.rows]
        self.table((shown.heads[0], *shown.heads[1 + out :]), rows, least=16)

    def further(self, shown: AccountView) -> None:
        """How to come by the fixes of the other identities."""
        if shown.further:
            sentence, *commands = shown.further
            self.line()
            self.line(sentence)
            for command in commands:
                self.whole(command, indent=1)
