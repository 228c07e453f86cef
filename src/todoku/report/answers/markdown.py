"""A page as Markdown: for an issue, a wiki page, a mail to colleagues."""

from __future__ import annotations

from collections.abc import Iterable

from todoku.report.answers.table import LEFT, NEXT, Page, Table, more, written
from todoku.report.markup import plain
from todoku.report.render_options import Manner
from todoku.report.words import Language, harmless, say
from todoku.words.verdict import Text


def render(page: Page, manner: Manner) -> str:
    """The page."""
    return "\n".join(_lines(page, manner.language)) + "\n"


def _lines(page: Page, language: Language) -> Iterable[str]:
    def told(text: Text) -> str:
        return plain(harmless(say(text, language)))

    yield f"# {told(page.title)}"
    yield from (f"\n{told(sentence)}" for sentence in page.said)
    for table in page.tables:
        yield f"\n## {told(table.title)}\n"
        yield from _table(table, language)
        if table.more:
            yield f"\n{told(more(table.more))}"
    yield from (f"\n{told(note)}" for note in page.notes)
    if page.steps:
        yield f"\n## {told(NEXT)}\n"
    yield from (f"{number}. {told(step)}" for number, step in enumerate(page.steps, 1))


def _table(table: Table, language: Language) -> Iterable[str]:
    yield f"| {' | '.join(plain(say(one.title, language)) for one in table.columns)} |"
    yield f"|{'|'.join('---' if one.kind in LEFT else '---:' for one in table.columns)}|"
    kinds = [one.kind for one in table.columns]
    for row in table.rows:
        cells = (plain(written(cell, kind, language)) for cell, kind in zip(row, kinds, strict=True))
        yield f"| {' | '.join(cells)} |"
