"""A table and a page as every form draws them. What stands in a cell may come from a stranger: forms make it harmless."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from datetime import date
from typing import Any, Literal

import msgspec

from todoku.report.words import Language, harmless, say
from todoku.words.verdict import Text

Cell = str | int | float | date | Text | None
Kind = Literal["text", "whole", "day", "number", "share"]
"""What a cell is. ``whole`` is text that is hard to read in two lines, such as a network."""
LEFT: tuple[Kind, ...] = ("text", "whole", "day")
"""Kinds that stand from the left; numbers stand to the right."""


class Column(msgspec.Struct, frozen=True):
    """A column with what stands in it. ``wide``: a terminal leaves it out unless there is room."""

    title: Text
    kind: Kind = "text"
    wide: bool = False


class Table(msgspec.Struct, frozen=True):
    """Rows under a heading, of which there may be ``more`` than are shown."""

    title: Text
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    more: int = 0


class Page(msgspec.Struct, frozen=True, kw_only=True):
    """What is told: a title, sentences, tables, and what to do next."""

    title: Text
    said: tuple[Text, ...] = ()
    tables: tuple[Table, ...] = ()
    notes: tuple[Text, ...] = ()
    steps: tuple[Text, ...] = ()


Told = tuple[Column, Callable[[Any], Cell]]
"""A column with what it takes of an entry."""

NEXT = Text("What to do next", "次にすること")


def table(title: Text, columns: Sequence[Told], entries: Sequence[Any], limit: int) -> Table:
    """The first ``limit`` entries, 0 for all, each column with what it takes of an entry."""
    shown = entries[:limit] if limit else entries
    rows = tuple(tuple(take(one) for _, take in columns) for one in shown)
    return Table(title, tuple(column for column, _ in columns), rows, len(entries) - len(shown))


def more(number: int) -> Text:
    """That not all rows are shown."""
    return Text(f"and {number:,} more: --limit 0 shows all", f"ほか{number:,}件(--limit 0 ですべて表示)")


def written(value: Cell, kind: Kind, language: Language) -> str:
    """A cell as text: numbers in groups of three, shares in per cent, nothing as a dash."""
    match value:
        case None | "":
            return "–"
        case Text():
            return harmless(say(value, language)) or "–"
        case float() if kind == "share":
            return share_text(value)
        case int() if kind == "number":
            return f"{value:,}"
    return harmless(str(value))


def share(part: int, whole: int) -> float | None:
    """A part of a whole; None where there is nothing."""
    return part / whole if whole else None


def share_text(value: float | None) -> str:
    """A share in per cent with one decimal, rounded down: 100.0% is all of it, and 99.9% is not."""
    return "–" if value is None else f"{math.floor(value * 1000 + 1e-9) / 10:.1f}%"


def column(en: str, ja: str, take: Callable[[Any], Cell], kind: Kind = "text", *, wide: bool = False) -> Told:
    """A column with what it takes of an entry."""
    return Column(Text(en, ja), kind, wide), take
