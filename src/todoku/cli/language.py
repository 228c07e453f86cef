"""In which language to speak: ``--lang``, else ``TODOKU_LANG``, else the locale.

Help texts are chosen when their command's module is imported, which is before click reads any option. So ``--lang`` is
looked for among the arguments themselves.
"""

from __future__ import annotations

import os
import sys
from typing import Literal

Language = Literal["en", "ja"]


def language() -> Language:
    """The language of this run: the first of these that says anything decides, as POSIX has it for the locale."""
    asked = _asked_for(sys.argv[1:])
    if asked in ("en", "ja"):
        return "ja" if asked == "ja" else "en"
    for name in ("TODOKU_LANG", "LC_ALL", "LC_MESSAGES", "LANG"):
        if value := os.environ.get(name, ""):
            return "ja" if value.lower().startswith("ja") else "en"
    return "en"


def _asked_for(arguments: list[str]) -> str:
    """What the last ``--lang`` among the options says, or ""."""
    options = arguments[: arguments.index("--")] if "--" in arguments else arguments
    asked = ""
    for option, value in zip(options, [*options[1:], ""], strict=False):
        if option == "--lang":
            asked = value
        elif option.startswith("--lang="):
            asked = option.removeprefix("--lang=")
    return asked


def here(en: str, ja: str) -> str:
    """One of two sentences: for help texts and errors."""
    return ja if language() == "ja" else en
