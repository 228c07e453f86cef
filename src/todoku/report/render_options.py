"""How a report is to be shown: in which form, in which language, for which reader's screen and clock."""

from __future__ import annotations

from datetime import tzinfo
from typing import Literal, get_args

import msgspec

from todoku.report.words import Language

Format = Literal["text", "json", "html", "markdown", "csv"]
FORMATS: tuple[Format, ...] = get_args(Format)


class Manner(msgspec.Struct, frozen=True, kw_only=True):
    """What a renderer minds besides the reports. ``colour`` and ``width`` (columns) concern text alone; JSON minds nothing."""

    language: Language
    colour: bool = False
    width: int = 80
    zone: tzinfo | None = None  # of the times that are shown; UTC where there is none
