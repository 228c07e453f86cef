"""What makes text from strangers safe in Markdown: a sentence, a piece of code, lines to paste."""

from __future__ import annotations

import re
from collections.abc import Iterable

ACTIVE = re.compile(r"([\\`*_{}\[\]<>#|~&]|:(?=//)|(?i:(?<=mailto):|(?<=xmpp):|(?<=\bwww)\.))")
"""Characters that Markdown or the HTML in it would act on, and those by which sites find the address of a page to link."""

MENTION = re.compile(r"(?<![A-Za-z0-9])@(?=[A-Za-z0-9])")
"""What calls people on the sites that show Markdown. It cannot be escaped there; but a comment parts it from the name."""


def plain(text: str) -> str:
    """Text that Markdown shows as it is: it links nothing and calls nobody."""
    return MENTION.sub("@<!-- -->", ACTIVE.sub(r"\\\1", text)).replace("\n", " ")


def code(text: str) -> str:
    """Text as inline code, whatever backticks it holds."""
    fence = "`" * (max((len(run) for run in re.findall(r"`+", text)), default=0) + 1)
    pad = " " if text.startswith("`") or text.endswith("`") else ""
    return f"{fence}{pad}{text}{pad}{fence}".replace("\n", " ")


def block(lines: Iterable[str]) -> list[str]:
    """Lines as a code block, whatever fences they hold."""
    inside = list(lines)
    longest = max((len(run) for line in inside for run in re.findall(r"`+", line)), default=0)
    fence = "`" * max(3, longest + 1)
    return [fence, *inside, fence]
