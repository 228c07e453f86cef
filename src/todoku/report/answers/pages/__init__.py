"""An answer in words and tables, one file for each question."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from todoku.report.answers.document import Answers, Question
from todoku.report.answers.pages import (
    bounces,
    complaints,
    failures,
    overview,
    passing,
    reporters,
    senders,
    streams,
    tls,
    whatif,
)
from todoku.report.answers.table import Page

PAGES: dict[Question, Callable[[Answers, int], Page]] = {
    "overview": overview.page,
    "sources": streams.sources,
    "passing": passing.page,
    "unaligned": streams.unaligned,
    "reporters": reporters.page,
    "whatif": whatif.page,
    "tls": tls.page,
    "bounces": bounces.page,
    "complaints": complaints.page,
    "failures": failures.page,
}


def page_of(answers: Answers, limit: int) -> Page:
    """The page of what was asked; no table has more than ``limit`` rows, unless it is 0."""
    page = PAGES[answers.question](answers, limit)
    return msgspec.structs.replace(page, notes=(*page.notes, *senders.notes(answers)))
