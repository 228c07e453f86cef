"""Print which part of the code carries out which section of which RFC: ``python tools/rfc_index.py > docs/rfc-index.md``.

It reads the comments of src/todoku: ``# RFC 7208 4.6.4``, with or without the word "section", and more text after it.
"""

from __future__ import annotations

import ast
import io
import re
import sys
import tokenize
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parent.parent
SOURCE = ROOT / "src"

_REFERENCE = re.compile(r"\bRFC (\d{3,5})(?:,? (?:section |appendix )?((?:[A-Z]|\d+)(?:\.\d+)*)(?![\w/]))?")
HEAD = """# Which line carries out which section

Made by `make docs` from the comments `# RFC n section` in the code; do not edit.
"""


class Reference(NamedTuple):
    """A section of an RFC, and the place that carries it out: a file below src, and the function or class in it."""

    rfc: int
    section: str
    path: str
    place: str


def references(path: Path, root: Path = SOURCE) -> Iterator[Reference]:
    """The RFC sections that the comments of a file name."""
    text = path.read_text(encoding="utf-8")
    places = _places(ast.parse(text))
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.COMMENT:
            for match in _REFERENCE.finditer(token.string):
                place = places.get(token.start[0], "")
                yield Reference(int(match[1]), match[2] or "", path.relative_to(root).as_posix(), place)


def index(root: Path = SOURCE) -> str:
    """The whole page, in Markdown."""
    found: dict[int, set[Reference]] = defaultdict(set)
    for path in root.rglob("*.py"):
        for reference in references(path, root):
            found[reference.rfc].add(reference)
    lines = [HEAD]
    for rfc in sorted(found):
        lines += [f"## RFC {rfc}", "", "| section | where |", "|---|---|"]
        sections: dict[str, list[str]] = defaultdict(list)
        for reference in sorted(found[rfc], key=_order):
            where = f"[{reference.path}](../src/{reference.path})"
            sections[reference.section].append(f"{where} `{reference.place}`" if reference.place else where)
        lines += [f"| {section or 'whole'} | {', '.join(places)} |" for section, places in sections.items()]
        lines.append("")
    return "\n".join(lines)


def _order(reference: Reference) -> tuple[list[tuple[bool, int, str]], str, str]:
    parts = [(not part.isdigit(), int(part) if part.isdigit() else 0, part) for part in reference.section.split(".")]
    return parts, reference.path, reference.place


def _places(tree: ast.Module) -> dict[int, str]:
    """The innermost function or class of each line, by its qualified name."""
    places: dict[int, str] = {}

    def visit(node: ast.AST, inside: str) -> None:
        for child in ast.iter_child_nodes(node):
            name = inside
            if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                name = f"{inside}.{child.name}" if inside else child.name
                places.update(dict.fromkeys(range(child.lineno, (child.end_lineno or child.lineno) + 1), name))
            visit(child, name)

    visit(tree, "")
    return places


if __name__ == "__main__":
    sys.stdout.write(index())
