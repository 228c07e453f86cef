"""Print which file of the code carries out which section of which RFC: ``python tools/rfc_index.py > docs/rfc-index.md``.

It reads the comments and docstrings of src/todoku: ``# RFC 7208 4.6.4``, with or without the word "section", and more
text after it. In a git tree it reads the files that git knows, so that a stray file is not indexed.
"""

from __future__ import annotations

import ast
import io
import re
import shutil
import subprocess
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

Made by `make docs` from what the comments (`# RFC n section`) and docstrings of the code name; do not edit.
"""


class Reference(NamedTuple):
    """A section of an RFC, and the file below src that carries it out."""

    rfc: int
    section: str
    path: str


def references(path: Path, root: Path = SOURCE) -> Iterator[Reference]:
    """The RFC sections that the comments and docstrings of a file name."""
    text = path.read_text(encoding="utf-8")
    for words in (*_comments(text), *_docstrings(text)):
        for match in _REFERENCE.finditer(words):
            yield Reference(int(match[1]), match[2] or "", path.relative_to(root).as_posix())


def _comments(text: str) -> Iterator[str]:
    tokens = tokenize.generate_tokens(io.StringIO(text).readline)
    return (token.string for token in tokens if token.type == tokenize.COMMENT)


def _docstrings(text: str) -> Iterator[str]:
    """The strings that stand alone: docstrings, and those that tell of the name above them. A line end is a blank."""
    for node in ast.walk(ast.parse(text)):
        match node:
            case ast.Expr(value=ast.Constant(value=str(words))):
                yield " ".join(words.split())


def sources(root: Path = SOURCE) -> list[Path]:
    """The modules below a folder that git knows; outside a git tree, all of them."""
    if git := shutil.which("git"):
        command = [git, "ls-files", "-z", "--", "*.py"]
        done = subprocess.run(command, cwd=root, check=False, capture_output=True, encoding="utf-8")  # noqa: S603 -- no words of strangers
        known = sorted(path for name in done.stdout.split("\0") if (path := root / name).is_file())
        if known:
            return known
    return sorted(root.rglob("*.py"))


def index(root: Path = SOURCE) -> str:
    """The whole page, in Markdown."""
    found: dict[int, set[Reference]] = defaultdict(set)
    for path in sources(root):
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
