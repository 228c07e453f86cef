"""Lines as relays break and join them: undo it, as far as it can be undone.

A wrapper breaks a line at the last blank before its width, or right at it. So a line end may have been put in where the
next word would not have fitted; and a line that was joined can be broken again where the wrapper would have.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from itertools import pairwise

LONGEST = 0
"""A width: that of the longest line there is."""

_HARD_WIDTHS = (LONGEST, 998, 990, 1000)  # RFC 5321 4.5.3.1.6 allows 1000 octets with the line end
_TEXT_WIDTHS = (76, 72, 78, 74, 70, 75, 77, 79, 80, 71, 65, 64, 60)  # where programs break lines for people


def _join_full(text: bytes, width: int, lead: bytes) -> bytes:
    """Each line of just this width joined with the next, which begins with ``lead``: the break was made for SMTP."""
    lines = text.split(b"\r\n")
    width = width or max(map(len, lines))
    pieces = [lines[0]]
    for before, line in pairwise(lines):
        full = len(before.removeprefix(lead)) == width or len(before) == width
        joined = full and line and line.startswith(lead)
        pieces.append(line.removeprefix(lead) if joined else b"\r\n" + line)
    return b"".join(pieces)


def _join_words(text: bytes, width: int, glue: bytes) -> bytes:
    """Each line joined with the next where the next one's first word would not have fitted into the width."""
    lines = text.split(b"\r\n")
    width = max(width, *map(len, lines)) if len(lines) > 1 else width
    pieces = [lines[0]]
    for before, line in pairwise(lines):
        word = line.split(b" ", 1)[0]
        wrapped = before and word and len(before.rstrip(b" ")) + 1 + len(word) > width
        pieces += [glue if wrapped else b"\r\n", line]
    return b"".join(pieces)


def _break_words(text: bytes, width: int, keep: int) -> bytes:
    """Each longer line broken at its last blank within the width; ``keep`` 1 leaves the blank at the line's end."""
    lines = []
    for line in text.split(b"\r\n"):
        start = 0
        while len(line) - start > width:
            blank = line.rfind(b" ", start + 1, start + width + 1 - keep)
            blank = line.find(b" ", start + width) if blank < 0 else blank
            if blank < 0:
                break
            lines.append(line[start : blank + keep])
            start = blank + 1
        lines.append(line[start:])
    return b"\r\n".join(lines)


def _reflow(text: bytes, width: int, keep: int) -> bytes:
    """Each paragraph joined to one line, then broken anew."""
    content = text.rstrip(b"\r\n")
    paragraphs = re.split(rb"((?:\r\n){2,})", content)
    joined = [b" ".join(one.replace(b" \r\n", b"\r\n").split(b"\r\n")) for one in paragraphs[::2]]
    paragraphs[::2] = [_break_words(one, width, keep) for one in joined]
    return b"".join((*paragraphs, text[len(content) :]))


def _break_full(text: bytes, width: int) -> bytes:
    """Each longer line broken right at the width."""
    lines = text.split(b"\r\n")
    return b"\r\n".join(line[start : start + width] for line in lines for start in range(0, max(1, len(line)), width))


REWRAPPINGS: tuple[Callable[[bytes], bytes], ...] = (
    *(partial(_join_full, width=width, lead=lead) for width in _HARD_WIDTHS for lead in (b"", b" ")),
    *(partial(_join_words, width=width, glue=glue) for width in (LONGEST, *_TEXT_WIDTHS) for glue in (b" ", b"")),
    *(partial(_break_words, width=width, keep=keep) for width in _TEXT_WIDTHS for keep in (0, 1)),
    *(partial(_reflow, width=width, keep=keep) for width in _TEXT_WIDTHS for keep in (0, 1)),
    *(partial(_break_full, width=width) for width in (998, 990, *_TEXT_WIDTHS[:3])),
)
"""Ways to undo what was done to the line ends of a text: join what was broken, break what was joined."""

MAX_ESCAPES = 8  # ">" before one "From "


def without_from_escapes(text: bytes) -> bytes:
    """Without the ">" that mailboxes put before "From ": RFC 4155 appendix A."""
    text = b"\n" + text
    # One ">" goes from each line: what loses it in one turn is not seen in a later one.
    for depth in range(MAX_ESCAPES):
        text = text.replace(b"\n" + b">" * depth + b">From ", b"\n" + b">" * depth + b"From ")
    return text[1:]


def flowed(text: bytes) -> bytes:
    """With a blank at the end of each line that goes on in the next: RFC 3676 section 4.2. Such blanks get lost."""
    lines = text.split(b"\r\n")
    return b"\r\n".join(
        [
            line + b" " if line and following and line != b"--" and not line.endswith(b" ") else line
            for line, following in pairwise(lines)
        ]
        + lines[-1:]
    )


def with_signature_blank(text: bytes) -> bytes:
    """With the blank that belongs behind the two dashes above a person's signature: RFC 3676 section 4.3."""
    return re.sub(rb"^--(?=\r\n)", b"-- ", text, flags=re.MULTILINE)


def has_trailing_blanks(text: bytes) -> bool:
    """Whether a line ends in white space."""
    return b" \r\n" in text or b"\t\r\n" in text or text.endswith((b" ", b"\t"))


def without_trailing_blanks(text: bytes) -> bytes:
    """Without white space at the ends of lines."""
    return b"\r\n".join(line.rstrip(b" \t") for line in text.split(b"\r\n"))
