"""Text in columns of a terminal, where a Japanese character is two cells wide.

Lines break as Japanese typesetting has it (JIS X 4051): at blanks and beside wide characters, but never before closing
punctuation or a small kana, and never behind an opening bracket.
"""

from __future__ import annotations

from collections.abc import Iterator

from wcwidth import wcwidth

NEVER_FIRST = frozenset(
    "、。，．・：；？！ー々ゝゞヽヾ…‥〜)]}>」』】〉》〕）］｝”’,.:;?!%％ぁぃぅぇぉっゃゅょゎァィゥェォッャュョヮヵヶ"
)
"""Characters that may not begin a line: closing brackets, punctuation, small kana, marks of repetition and length."""
NEVER_LAST = frozenset("「『【〈《〔（［｛([{<“‘")
"""Characters that may not end a line: opening brackets."""

JOINTS = frozenset("-./@=&_+")
"""Where a long word, such as an address, is broken rather than elsewhere."""


def cell_len(text: str) -> int:
    """How many cells a text takes on a terminal: two for a wide character, none for one that combines or is not shown."""
    if text.isascii() and text.isprintable():
        return len(text)
    return sum(max(0, int(wcwidth(character))) for character in text)


def padded(text: str, width: int) -> str:
    """Text with blanks up to a width in cells."""
    return text + " " * max(0, width - cell_len(text))


def cut(text: str, width: int) -> str:
    """Text of at most ``width`` cells; three dots stand for what is cut off."""
    if cell_len(text) <= width:
        return text
    text = text[: width - 3]
    while cell_len(text) > width - 3:
        text = text[:-1]
    return text + "..."


def wrapped(text: str, width: int) -> list[str]:
    """Text in lines of at most ``width`` cells. Only what is too long for a line of its own is broken against the rules."""
    lines: list[str] = []
    line = ""
    for piece in (short for long in _pieces(text) for short in _broken(long, width)):
        if line and cell_len(line + piece.rstrip(" ")) > width:
            lines.append(line.rstrip(" "))
            line = piece.lstrip(" ")
        else:
            line += piece
    return [*lines, line.rstrip(" ")]


def _pieces(text: str) -> Iterator[str]:
    """What may not be broken, with the blanks behind it."""
    start = 0
    for at in range(1, len(text)):
        if _may_break(text, start, at):
            yield text[start:at]
            start = at
    yield text[start:]


def _may_break(text: str, start: int, at: int) -> bool:
    """Whether a line may end before the character at ``at``, having begun at ``start``."""
    before, after = text[at - 1], text[at]
    if before != " " and before.isascii() and after.isascii():  # inside a word; most need no look at their widths
        return False
    if after == " " or after in NEVER_FIRST or cell_len(after) == 0:
        return False
    if before == " ":
        return text[start:at].rstrip(" ")[-1:] not in NEVER_LAST
    return before not in NEVER_LAST and 2 in (cell_len(before), cell_len(after))


def _broken(piece: str, width: int) -> Iterator[str]:
    """A piece in parts that fit a line each, cut where the rules allow it if there is such a place."""
    start, end = 0, len(piece.rstrip(" "))
    while (fits := start + _fitting(piece[start : start + 4 * width], width)) < end:
        places = range(fits, start + (fits - start) // 4, -1)
        good = [at for at in places if piece[at] not in NEVER_FIRST and piece[at - 1] not in NEVER_LAST]
        at = next((at for at in good if piece[at - 1] in JOINTS), good[0] if good else fits)
        yield piece[start:at]
        start = at
    yield piece[start:]


def _fitting(text: str, width: int) -> int:
    """How many characters fit a line: at least one."""
    if text.isascii() and text.isprintable():  # one cell each
        return max(1, min(len(text), width))
    count = 1
    while count < len(text) and cell_len(text[: count + 1]) <= width:
        count += 1
    return count
