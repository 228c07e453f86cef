"""A page on a terminal: columns as wide as what stands in them, those of text made narrower until the screen holds all."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from click import style

from todoku.report.answers.table import LEFT, NEXT, Column, Page, Table, more, written
from todoku.report.columns import cell_len, cut, padded, wrapped
from todoku.report.render_options import Manner
from todoku.report.words import harmless, say
from todoku.words.verdict import Text

ROOMY = 100  # cells, from which on a terminal shows further columns
ENOUGH = 30  # cells that a column has before another one is shown beside it
NARROWEST = 10
BETWEEN = 2
MOST_LINES = 4  # of one cell; a name from a stranger may be long


def render(page: Page, manner: Manner) -> str:
    """The page."""
    return "".join(f"{line.rstrip()}\n" for line in _lines(page, manner))


def _lines(page: Page, manner: Manner) -> Iterable[str]:
    yield from _paragraph(page.title, manner, bold=True)
    for sentence in page.said:
        yield from _paragraph(sentence, manner)
    for table in page.tables:
        yield ""
        yield from _paragraph(table.title, manner, bold=True)
        yield from _table(table, manner)
    if page.notes:
        yield ""
    for note in page.notes:
        yield from _paragraph(note, manner)
    if page.steps:
        yield ""
        yield from _paragraph(NEXT, manner, bold=True)
    for number, step in enumerate(page.steps, 1):
        first, *rest = wrapped(harmless(say(step, manner.language)), manner.width - 4)
        yield f"{number:>2}. {first}"
        yield from (f"    {line}" for line in rest)


def _paragraph(text: Text, manner: Manner, *, bold: bool = False) -> Iterable[str]:
    lines = wrapped(harmless(say(text, manner.language)), manner.width)
    return [style(line, bold=True) for line in lines] if bold and manner.colour else lines


def _table(table: Table, manner: Manner) -> Iterable[str]:
    kinds = [one.kind for one in table.columns]
    lines = [[say(one.title, manner.language) for one in table.columns]]
    lines += [
        [written(cell, kind, manner.language) for cell, kind in zip(row, kinds, strict=True)] for row in table.rows
    ]
    widths = [max(map(cell_len, stack)) for stack in zip(*lines, strict=True)]
    kept = _kept(table.columns, widths, manner.width)
    columns, widths = [table.columns[place] for place in kept], [widths[place] for place in kept]
    heads, *rows = ([line[place] for place in kept] for line in lines)
    room = manner.width - BETWEEN * (len(widths) - 1)
    left = [one.kind in LEFT for one in columns]
    least = [max(cell_len(head), NARROWEST) for head in heads]
    for yielding in (("text",), ("text", "whole")):
        widths = _narrowed(widths, least, [one.kind in yielding for one in columns], room)
    for head in _row(heads, widths, left):
        yield style(head, dim=True) if manner.colour else head
    for row in rows:
        yield from _row(row, widths, left)
    if table.more:
        yield f"  {say(more(table.more), manner.language)}"


def _kept(columns: Sequence[Column], widths: Sequence[int], screen: int) -> list[int]:
    """The places of the columns that are shown: on a roomy screen wide ones too, as far as none is squeezed for them."""
    kept = [place for place, one in enumerate(columns) if not one.wide]
    left = screen - sum(min(widths[place], ENOUGH) + BETWEEN for place in kept)
    for place, one in enumerate(columns):
        if one.wide and screen >= ROOMY and widths[place] <= left:
            kept.append(place)
            left -= widths[place] + BETWEEN
    return sorted(kept)


def _narrowed(widths: Sequence[int], least: Sequence[int], yielding: Sequence[bool], room: int) -> list[int]:
    """The widest of the columns that yield give way first, each down to its least."""
    given = list(widths)
    while sum(given) > room:
        able = [place for place, width in enumerate(given) if yielding[place] and width > least[place]]
        if not able:
            break
        given[max(able, key=lambda place: given[place])] -= 1
    return given


def _row(cells: Sequence[str], widths: Sequence[int], left: Sequence[bool]) -> Iterable[str]:
    """Text from the left, in several lines where it is long; numbers to the right."""
    columns = [
        [padded(part, width) for part in wrapped(cut(cell, width * MOST_LINES), width)]
        if from_left
        else [" " * max(0, width - cell_len(cell)) + cell]
        for cell, width, from_left in zip(cells, widths, left, strict=True)
    ]
    for number in range(max(map(len, columns))):
        parts = (
            column[number] if number < len(column) else " " * width
            for column, width in zip(columns, widths, strict=True)
        )
        yield (" " * BETWEEN).join(parts)
