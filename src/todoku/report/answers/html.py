"""A page as one self-contained HTML file: no script, nothing fetched, everything from strangers escaped."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable
from hashlib import sha256
from html import escape

from todoku.report.answers.table import NEXT, Kind, Page, Table, more, written
from todoku.report.html import STYLE
from todoku.report.render_options import Manner
from todoku.report.words import Language, harmless, say
from todoku.words.verdict import Text

MANY = 7  # columns; a table with more has no room on a screen that is no wider than a sheet of paper


def _as_cards(tables: str) -> str:
    """The style that shows each row below the one before, a line for each cell with its column's title in front."""
    return (
        f"{tables},{tables} tbody,{tables} tr{{display:block}}{tables} tr:first-child{{display:none}}"
        f"{tables} tr{{border-bottom:1px solid var(--line);padding:.5rem 0}}"
        f"{tables} td{{display:flex;justify-content:space-between;gap:1rem;border:0;padding:.1rem .2rem;text-align:right}}"
        f"{tables} td::before{{content:attr(data-title);color:var(--soft);text-align:left;white-space:nowrap}}"
    )


OWN = (
    STYLE
    + "main{max-width:88rem}th,td{padding:.3rem .45rem;font-size:.92rem}td{overflow-wrap:anywhere}"
    + ".name{min-width:6rem}.number{text-align:right;font-variant-numeric:tabular-nums}td.number,.whole{white-space:nowrap}"
    + "@media(max-width:75rem){.many th,.many td{padding:.3rem;font-size:.8rem}.many .name{min-width:5rem}}"
    + f"@media(max-width:60rem){{{_as_cards('.many')}}}@media(max-width:30rem){{{_as_cards('table')}}}\n"
)
NAME = ' class="name"'
NUMBER = ' class="number"'
WHOLE = ' class="whole"'
CLASSES: dict[Kind, str] = {"text": NAME, "whole": WHOLE, "day": WHOLE, "number": NUMBER, "share": NUMBER}


def render(page: Page, manner: Manner) -> str:
    """The page."""
    digest = b64encode(sha256(OWN.encode()).digest()).decode()
    head = (
        f'<!DOCTYPE html>\n<html lang="{manner.language}">\n<head>\n<meta charset="utf-8">\n'
        f"<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'sha256-{digest}'\">\n"
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f'<meta name="referrer" content="no-referrer">\n<title>{_told(page.title, manner.language)}</title>\n'
        f"<style>{OWN}</style>\n</head>\n<body>\n<main>\n"
    )
    return head + "".join(_body(page, manner.language)) + "</main>\n</body>\n</html>\n"


def _told(text: Text, language: Language) -> str:
    return escape(harmless(say(text, language)))


def _body(page: Page, language: Language) -> Iterable[str]:
    yield f"<h1>{_told(page.title, language)}</h1>\n"
    for number, sentence in enumerate(page.said):
        how = "" if number else ' class="headline"'
        yield f"<p{how}>{_told(sentence, language)}</p>\n"
    for table in page.tables:
        yield f"<h2>{_told(table.title, language)}</h2>\n"
        yield from _table(table, language)
    yield from (f'<p class="soft">{_told(note, language)}</p>\n' for note in page.notes)
    if page.steps:
        steps = "".join(f"<li>{_told(step, language)}</li>\n" for step in page.steps)
        yield f"<h2>{_told(NEXT, language)}</h2>\n<ol>\n{steps}</ol>\n"


def _cell(shown: str, kind: Kind) -> str:
    """Text may go on in a new line behind a dot, so that a long domain name is not cut inside a word."""
    return escape(shown).replace(".", ".<wbr>") if kind == "text" else escape(shown)


def _table(table: Table, language: Language) -> Iterable[str]:
    kinds = [one.kind for one in table.columns]
    classes = [CLASSES[kind] for kind in kinds]
    titles = [escape(say(one.title, language)) for one in table.columns]
    how = ' class="many"' if len(titles) > MANY else ""
    yield f'<div class="scroll"><table{how}>\n<tr>'
    yield "".join(f"<th{kind}>{title}</th>" for kind, title in zip(classes, titles, strict=True))
    yield "</tr>\n"
    begins = [f'<td{kind} data-title="{title}">' for kind, title in zip(classes, titles, strict=True)]
    for row in table.rows:
        cells = zip(begins, row, kinds, strict=True)
        yield "<tr>"
        yield "".join(f"{begin}{_cell(written(cell, kind, language), kind)}</td>" for begin, cell, kind in cells)
        yield "</tr>\n"
    yield "</table></div>\n"
    if table.more:
        yield f'<p class="soft">{_told(more(table.more), language)}</p>\n'
