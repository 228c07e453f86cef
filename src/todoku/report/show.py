"""Which renderer makes which form of a report. Each is imported when it is asked for."""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from datetime import tzinfo
from typing import Literal, cast

from todoku.judge import Report
from todoku.report.words import Language

Format = Literal["text", "json", "html", "markdown"]


def render(
    reports: Sequence[Report],
    form: Format,
    language: Language,
    *,
    colour: bool = False,
    width: int = 80,
    zone: tzinfo | None = None,
) -> str:
    """The reports in one of the forms. ``colour`` and ``width`` (columns) concern text alone."""
    module = importlib.import_module(f"todoku.report.{form}")
    if form == "json":
        return cast(str, module.render(reports))
    if form == "text":
        return cast(str, module.render(reports, language, colour=colour, width=width, zone=zone))
    return cast(str, module.render(reports, language, zone=zone))
