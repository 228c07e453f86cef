"""An answer as CSV (RFC 4180): a line for each entry, all columns, numbers as they are; safe to open in a spreadsheet.

Programs for spreadsheets take a cell that begins with one of ``FORMULA`` for a formula, wherever the text came from; such text
gets an apostrophe in front of it, which they take as "this is text".
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from io import StringIO

import msgspec

from todoku.report.words import harmless

FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""In Japanese settings the wide ones count as well."""

PART = re.compile(rf"(?<=;)(?=\s*[{re.escape(''.join(FORMULA))}])")
"""Where the semicolon parts cells, as in most of Europe, a quotation mark that is not behind one protects nothing."""


def render(entries: Sequence[msgspec.Struct], kind: type[msgspec.Struct]) -> str:
    """The entries, under the names of their fields."""
    return "".join((head(kind), *lines(entries)))


def head(kind: type[msgspec.Struct]) -> str:
    """The first line: the names of the fields."""
    return ",".join(kind.__struct_fields__) + "\r\n"


def lines(entries: Iterable[msgspec.Struct]) -> Iterator[str]:
    """A line for each entry: text in quotation marks, numbers bare."""
    for one in entries:
        line = StringIO()
        cells = (_cell(getattr(one, name)) for name in one.__struct_fields__)
        csv.writer(line, quoting=csv.QUOTE_NONNUMERIC).writerow(cells)
        yield line.getvalue()


def _cell(value: object) -> int | str:
    if isinstance(value, int):
        return value
    return guarded(" ".join(map(str, value)) if isinstance(value, tuple) else str(value))


def guarded(text: str) -> str:
    """Text that no spreadsheet computes, and that holds no control character."""
    shown = PART.sub("'", harmless(text).replace("\t", " "))
    return f"'{shown}" if text.lstrip(" ").startswith(FORMULA) else shown
