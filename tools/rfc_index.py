"""Print which file of the code carries out which section of which RFC: ``python tools/rfc_index.py > docs/rfc-index.md``.

It reads the comments of src/todoku: ``# RFC 7208 4.6.4``, with or without the word "section", and more text after it.
"""

from __future__ import annotations

import io
import re
import sys
import tokenize
from collections import defaultdict
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parent.parent
SOURCE = ROOT / "src"

_REFERENCE = re.compile(r"\bRFC (\d{3,5})(?:,? (?:section |appendix )?((?:[A-Z]|\d+)(?:\.\d+)*)(?![\w/]))?")
HEAD = """# Which file carries out which section

Made by `make docs` from the comments `# RFC n section` in the code; do not edit.
"""


class Reference(NamedTuple):
    """A section of an RFC, and the file below src that carries it out."""

    rfc: int
    section: str
    path: str


def references(path: Path, root: Path = SOURCE) -> Iterator[Reference]:
    """The RFC sections that the comments of a file name."""
    text = path.read_text(encoding="utf-8")
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.COMMENT:
            for match in _REFERENCE.finditer(token.string):
                yield Reference(int(match[1]), match[2] or "", path.relative_to(root).as_posix())


def index(root: Path = SOURCE) -> str:
    """The whole page, in Markdown."""
    found: dict[int, set[Reference]] = defaultdict(set)
    for path in root.rglob("*.py"):
        for reference in references(path, root):
            found[reference.rfc].add(reference)
    lines = [HEAD]
    for rfc in sorted(found):
        lines += [f"## RFC {rfc}", "", "| section | where |", "|---|---|"]
        for section, several in groupby(sorted(found[rfc], key=_order), key=lambda reference: reference.section):
            where = (f"[{one.path.partition('/')[2]}](../src/{one.path})" for one in several)
            lines.append(f"| {section or 'whole'} | {', '.join(where)} |")
        lines.append("")
    return "\n".join(lines)


def _order(reference: Reference) -> tuple[list[tuple[bool, int, str]], str]:
    parts = [(not part.isdigit(), int(part) if part.isdigit() else 0, part) for part in reference.section.split(".")]
    return parts, reference.path


if __name__ == "__main__":
    sys.stdout.write(index())
