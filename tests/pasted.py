"""What the documents paste from a terminal: each line of it stands in the real output, in the same order."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).parent.parent


def pasted(page: str, start: str) -> list[str]:
    """The lines of a page from that which begins with ``start`` to the end of its fence; without ``...`` and empty ones."""
    lines = (ROOT / page).read_text(encoding="utf-8").splitlines()
    first = next(number for number, line in enumerate(lines) if line.startswith(start))
    last = lines.index("```", first)
    return [line for line in lines[first:last] if line not in ("", "...") and not line.startswith("$ ")]


def not_said(lines: list[str], output: str) -> list[str]:
    """The lines that the output does not hold behind those before them."""
    rest = iter(output.splitlines())
    return [line for line in lines if line not in rest]
