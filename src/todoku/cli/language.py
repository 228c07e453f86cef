"""In which language to speak: ``--lang``, else ``TODOKU_LANG``, else the locale."""

from __future__ import annotations

import os
from typing import Literal

import click

Language = Literal["en", "ja"]

_asked_for: list[Language] = []
"""What ``--lang`` said, for errors that are told after the options were read."""


def language() -> Language:
    """The language of this run: the first of these that says anything decides, as POSIX has it for the locale."""
    if _asked_for:
        return _asked_for[-1]
    for name in ("TODOKU_LANG", "LC_ALL", "LC_MESSAGES", "LANG"):
        if value := os.environ.get(name, ""):
            return "ja" if value.lower().startswith("ja") else "en"
    return "en"


def here(en: str, ja: str) -> str:
    """One of two sentences: for help texts and errors."""
    return ja if language() == "ja" else en


def _read(_ctx: click.Context, _param: click.Parameter, value: Language | None) -> Language:
    if value is not None:
        _asked_for.append(value)
    return language()


LANG = click.option(
    "--lang",
    type=click.Choice(["en", "ja"]),
    callback=_read,
    is_eager=True,
    help=here("Language. Default: the locale's.", "表示言語。既定はロケールに従います。"),
)
"""The option that every command with words has."""
