"""The report on an SES account as a part of an HTML page."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from todoku.report.account_row import IdentityRow
from todoku.report.account_view import AccountView
from todoku.report.html_pieces import finding, fix, word


def page(shown: AccountView, number: int) -> Iterable[str]:
    """The whole report; a heading and a sentence where there is nothing to judge. ``number`` is that of the report on the page."""
    yield f'<h1>todoku {escape(shown.subject)}</h1>\n<p class="headline">{escape(shown.headline)}</p>\n'
    if not shown.rows:
        return
    yield "<dl>" + "".join(f"<dt>{escape(a)}</dt><dd>{escape(b)}</dd>" for a, b in shown.facts) + "</dl>\n"
    yield from _table(shown)
    if shown.findings:
        yield f"<h2>{escape(shown.headings.found)}</h2>\n"
        yield from (finding(one.found, number, shown.headings, one.whose) for one in shown.findings)
    if shown.fixes:
        yield f"<h2>{escape(shown.headings.to_do)}</h2>\n"
        yield from (fix(one.fix, number, one.whose) for one in shown.fixes)
        sentence, *commands = shown.further
        yield f"<p>{escape(sentence)}</p><pre>{escape(chr(10).join(commands))}</pre>\n"
    for heading, titles in ((shown.headings.met, shown.met), (shown.headings.untold, shown.untold)):
        if titles:
            yield f"<h2>{escape(heading)}</h2>\n<p>{escape(titles)}</p>\n"
    yield f'<p class="soft">{escape(shown.footer)}</p>\n'


def _table(shown: AccountView) -> Iterable[str]:
    heads = "".join(f"<th>{escape(head)}</th>" for head in shown.heads)
    yield f'<div class="scroll"><table class="identities">\n<tr>{heads}</tr>\n'
    yield from map(_row, shown.rows)
    yield "</table></div>\n"


def _row(row: IdentityRow) -> str:
    cells = "".join(f"<td>{word(how, said)}</td>" for how, said in row.cells)
    return f"<tr><td>{escape(row.name)}</td>{cells}</tr>\n"
