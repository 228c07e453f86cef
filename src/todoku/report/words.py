"""How results, labels and numbers read in either language, and what makes text from strangers safe to show."""

from __future__ import annotations

import re
from typing import Literal

from todoku.words.verdict import Result, Text

Language = Literal["en", "ja"]

RESULT_WORDS: dict[Result, Text] = {
    "pass": Text("pass", "適合"),
    "warn": Text("warn", "注意"),
    "fail": Text("fail", "不適合"),
    "unknown": Text("unknown", "判定不能"),
    "notapplicable": Text("n/a", "対象外"),
}

LABELS: tuple[tuple[str, Text], ...] = (
    ("From domain", Text("From domain", "Fromのドメイン")),
    ("SPF domain", Text("SPF domain", "SPFのドメイン")),
    ("DKIM domain", Text("DKIM domain", "DKIMのドメイン")),
    ("SPF records", Text("SPF records", "SPFレコード")),
    ("SPF lookups", Text("SPF lookups", "SPFのDNS参照")),
    ("SPF terms", Text("SPF terms", "SPFの該当箇所")),
    ("SPF term", Text("SPF term", "SPFの該当箇所")),
    ("SPF passes", Text("SPF passes", "SPFで許可される送信元")),
    ("DKIM of ", Text("DKIM of ", "DKIM署名: ")),
    ("CNAME of ", Text("CNAME of ", "CNAME: ")),
    ("ARC set ", Text("ARC set ", "ARCセット ")),
)
"""Labels of evidence that we worked out ourselves, by how they begin."""

COUNTED = {
    "SPF lookups": (re.compile(r"(\d+) of (\d+), void (\d+) of (\d+) (\(.*\))"), r"\2回中\1回、空振り\4回中\3回\5"),
    "SPF passes": (re.compile(r"(\S+) IPv4 addresses, (\S+) IPv6 addresses"), r"IPv4アドレス \1個、IPv6アドレス \2個"),
    "SPF domain": (re.compile("none"), "なし"),
    "DKIM domain": (re.compile("none"), "なし"),
    "SPF term": (re.compile(r"(.*) at (\S+)", re.DOTALL), r"\2 の \1"),
}
"""Evidence of ours that holds English words, by its source, and how it reads in Japanese."""

CONTROL = re.compile(
    r"[\x00-\x08\x0a-\x1f\x7f-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e]"
    r"|[\u2060-\u206f\u3164\ud800-\udfff\ufeff\uffa0\ufff9-\ufffb\U000e0000-\U000e0fff]"
)
"""What must not reach a terminal or a page: control characters and line ends, direction overrides, characters that nobody
sees, lone surrogates."""


def say(text: Text, language: Language) -> str:
    """The sentence in one language."""
    return text.ja if language == "ja" else text.en


def exhibit_label(source: str, language: Language) -> str:
    """The label of a piece of evidence in one language; a header field keeps its name."""
    for begin, text in LABELS:
        if source.startswith(begin):
            return say(text, language) + source.removeprefix(begin)
    return source


def exhibit_value(source: str, value: str, language: Language) -> str:
    """A piece of evidence in one language: what the world said stays as it is, what we counted is told."""
    if language == "en" or source not in COUNTED:
        return value
    pattern, told = COUNTED[source]
    return pattern.sub(told, value) if pattern.fullmatch(value) else value


def counted(number: int, what: str) -> str:
    """``1 report``, ``1,204 reports``: a number in groups of three, with an English word that takes an s."""
    return f"{number:,} {what}{'' if number == 1 else 's'}"


def harmless(text: str) -> str:
    r"""Text from strangers as one line, every control, direction and invisible character written out: ``\x1b``, ``\u202e``."""
    return CONTROL.sub(_written_out, text)


def _written_out(found: re.Match[str]) -> str:
    code = ord(found.group())
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
