"""The report on an SES account on a terminal: a table of its identities, each cause and each fix once."""

from __future__ import annotations

from todoku.report.account_view import AccountView
from todoku.report.manner import Manner
from todoku.report.paper import BOLD, COLOURS, DIM, Paper, shown_word


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
        rows = [(row.name, [(shown_word(cell), COLOURS[cell[0]]) for cell in row.cells]) for row in shown.rows]
        self.table(shown.heads, rows)
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

    def further(self, shown: AccountView) -> None:
        """How to come by the fixes of the other identities."""
        if shown.further:
            sentence, *commands = shown.further
            self.line()
            self.line(sentence)
            for command in commands:
                self.whole(command, indent=1)
