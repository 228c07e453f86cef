"""In which language to speak: ``TODOKU_LANG``, else the locale; a command's ``--lang`` has the last word."""

from __future__ import annotations

import os
from typing import Literal

Language = Literal["en", "ja"]


def locale_language() -> Language:
    """The language of the environment: the first of these variables that says anything decides, as POSIX has it."""
    for name in ("TODOKU_LANG", "LC_ALL", "LC_MESSAGES", "LANG"):
        if value := os.environ.get(name, ""):
            return "ja" if value.lower().startswith("ja") else "en"
    return "en"


def here(en: str, ja: str) -> str:
    """One of two sentences, by the environment's language: for help texts and for messages before ``--lang`` is read."""
    return ja if locale_language() == "ja" else en
