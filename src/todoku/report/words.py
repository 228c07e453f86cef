"""From a reason and its values to a sentence, in either language, and what makes text from strangers safe to show."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Literal

from todoku.verdict import Finding, Note, Result, Text, Value, Verdict

Language = Literal["en", "ja"]

RESULT_WORDS: dict[Result, Text] = {
    "pass": Text("pass", "適合"),
    "warn": Text("warn", "注意"),
    "fail": Text("fail", "不適合"),
    "unknown": Text("unknown", "判定不能"),
    "notapplicable": Text("not applicable", "対象外"),
}

CONTROL = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]|[\ud800-\udfff]"
)
"""What must not reach a terminal or a page: control characters, direction overrides, invisible ones, lone surrogates."""


def say(text: Text, language: Language) -> str:
    """The sentence in one language."""
    return text.ja if language == "ja" else text.en


def fill(text: Text, values: Mapping[str, Value]) -> Text:
    """A template with its values filled in, in both languages."""
    shown = {name: show_value(value) for name, value in values.items()}
    return Text(text.en.format_map(shown), text.ja.format_map(shown))


def sentence(said: Verdict | Finding | Note) -> Text:
    """What a verdict, a finding or a note says."""
    return fill(said.reason.text, said.values)


def show_value(value: Value) -> str:
    """A value as it stands in a sentence."""
    if isinstance(value, tuple):
        return ", ".join(value)
    return "" if value is None else str(value)


def harmless(text: str) -> str:
    r"""Text from strangers, every control, direction and invisible character written out: ``\x1b``, ``\u202e``."""
    return CONTROL.sub(lambda found: found.group().encode("ascii", "backslashreplace").decode(), text)
