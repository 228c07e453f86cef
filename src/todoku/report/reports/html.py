"""A page as one self-contained HTML file: no script, nothing fetched, everything from strangers escaped."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable
from hashlib import sha256
from html import escape

from todoku.report.html import STYLE
from todoku.report.manner import Manner
from todoku.report.reports.table import NEXT, Kind, Page, Table, more, written
from todoku.report.words import Language, harmless, say
from todoku.verdict import Text

OWN = (
    STYLE
    + "main{max-width:88rem}th,td{padding:.3rem .45rem;font-size:.92rem}td{overflow-wrap:break-word}.number{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}.whole{white-space:nowrap}\n"
)
NUMBER = ' class="number"'
WHOLE = ' class="whole"'
CLASSES: dict[Kind, str] = {"text": "", "whole": WHOLE, "day": WHOLE, "number": NUMBER, "share": NUMBER}


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
    heads = zip(classes, table.columns, strict=True)
    yield '<div class="scroll"><table>\n<tr>'
    yield "".join(f"<th{how}>{escape(say(one.title, language))}</th>" for how, one in heads)
    yield "</tr>\n"
    for row in table.rows:
        cells = zip(classes, row, kinds, strict=True)
        yield "<tr>"
        yield "".join(f"<td{how}>{_cell(written(cell, kind, language), kind)}</td>" for how, cell, kind in cells)
        yield "</tr>\n"
    yield "</table></div>\n"
    if table.more:
        yield f'<p class="soft">{_told(more(table.more), language)}</p>\n'
