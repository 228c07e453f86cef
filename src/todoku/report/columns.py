"""Text in columns of a terminal, where a Japanese character is two cells wide."""

from __future__ import annotations

from rich.cells import cell_len


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
    """Text in lines of at most ``width`` cells: broken at blanks, and between wide characters, which have none."""
    lines: list[str] = []
    line = ""
    for piece in (short for long in _pieces(text) for short in _broken(long, width)):
        if line and cell_len(line + piece.rstrip()) > width:
            lines.append(line.rstrip())
            line = piece.lstrip(" ")
        else:
            line += piece
    return [*lines, line.rstrip()]


def _broken(piece: str, width: int) -> list[str]:
    """A piece that is too long for a line, cut where it must be; any other as it is."""
    if len(piece) <= width or cell_len(piece) <= width:
        return [piece]
    return [piece[start : start + width] for start in range(0, len(piece), width)]


NEVER_FIRST = "、。,.」』)!?:;ー・々"
"""Characters that may not begin a line in Japanese typesetting."""


def _pieces(text: str) -> list[str]:
    """What may not be broken: words with the blanks behind them, single wide characters with the punctuation behind them."""
    pieces: list[str] = []
    word = ""
    for character in text:
        if cell_len(character) == 2:
            if character in NEVER_FIRST and (word or pieces):
                if word:
                    pieces.append(word + character)
                    word = ""
                else:
                    pieces[-1] += character
                continue
            if word:
                pieces.append(word)
                word = ""
            pieces.append(character)
        else:
            word += character
            if character == " ":
                pieces.append(word)
                word = ""
    return [*pieces, word] if word else pieces
