"""Which renderer makes which form of a report. Each is imported when it is asked for."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator, Sequence
from datetime import tzinfo

from todoku.judging.account_report import AccountReport
from todoku.judging.judge import Report
from todoku.report.render_options import Format, Manner
from todoku.report.rendered import Drawn
from todoku.report.words import Language

Renderer = Callable[[Sequence[Report | AccountReport | Drawn], Manner], Iterator[str]]
"""What every renderer's ``render`` is."""


def render(
    reports: Sequence[Report | AccountReport],
    form: Format,
    language: Language,
    *,
    colour: bool = False,
    width: int = 80,
    zone: tzinfo | None = None,
) -> str:
    """The reports in one of the forms: see ``Manner`` for what the rest means."""
    return "".join(pieces(reports, form, Manner(language=language, colour=colour, width=width, zone=zone)))


def drawn(report: Report | AccountReport, form: Format, manner: Manner, number: int) -> Drawn:
    """The report as the one of several that has this number; no other may have it."""
    draw: Callable[[Report | AccountReport, Manner, int], Drawn] = importlib.import_module(
        f"todoku.report.{form}"
    ).drawn
    return draw(report, manner, number)


def pieces(reports: Sequence[Report | AccountReport | Drawn], form: Format, manner: Manner) -> Iterator[str]:
    """The same piece by piece: of an account with 2,000 identities the JSON is hundreds of megabytes."""
    renderer: Renderer = importlib.import_module(f"todoku.report.{form}").render
    return renderer(reports, manner)
