"""The figures of the house: how long its functions are, how often a reader jumps, which names stand twice. ``make house``.

They are a mirror and no goal: a function of four lines that is called once makes a reader jump for nothing, and a class name
that is defined twice makes a search find the wrong one.
"""

from __future__ import annotations

import ast
import re
import statistics
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

SOURCE = Path(__file__).parent.parent / "src" / "todoku"
Function = ast.FunctionDef | ast.AsyncFunctionDef


def modules() -> dict[Path, str]:
    """Every module's text."""
    return {path: path.read_text("utf-8") for path in sorted(SOURCE.rglob("*.py"))}


def functions(tree: ast.Module) -> Iterator[Function]:
    """Every function and method of a module."""
    yield from (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


def lengths(trees: dict[Path, ast.Module]) -> list[int]:
    """Lines of every function, its decorators left out."""
    return sorted((one.end_lineno or one.lineno) - one.lineno + 1 for tree in trees.values() for one in functions(tree))


def called_once(sources: dict[Path, str], trees: dict[Path, ast.Module]) -> tuple[int, int]:
    """How many private functions of modules stand at one other place of their file only, and how many there are."""
    once = private = 0
    for path, tree in trees.items():
        for node in tree.body:
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("_"):
                private += 1
                once += len(re.findall(rf"\b{re.escape(node.name)}\b", sources[path])) == 2
    return once, private


def class_names(trees: dict[Path, ast.Module]) -> dict[str, list[str]]:
    """The classes by their names, each with the modules that define it; private ones count too."""
    found: dict[str, list[str]] = {}
    for path, tree in trees.items():
        for node in tree.body:
            if isinstance(node, ast.ClassDef):
                found.setdefault(node.name, []).append(str(path.relative_to(SOURCE)))
    return found


def imports(path: Path, tree: ast.Module) -> set[str]:
    """The modules of ours that a file imports anywhere, inside functions too."""
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] == "todoku":
            for alias in node.names:
                inner = f"{node.module}.{alias.name}"
                found.add(inner if _is_module(inner) else node.module)
        elif isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names if alias.name.split(".")[0] == "todoku"}
    return found - {module_name(path)}


def module_name(path: Path) -> str:
    """``todoku.mail.route`` for its file; a package for its ``__init__.py``."""
    return ".".join(("todoku", *path.relative_to(SOURCE).with_suffix("").parts)).removesuffix(".__init__")


def _is_module(name: str) -> bool:
    path = SOURCE.joinpath(*name.split(".")[1:])
    return path.with_suffix(".py").exists() or (path / "__init__.py").exists()


def circles(trees: dict[Path, ast.Module]) -> list[tuple[str, ...]]:
    """Groups of modules that import each other, at whatever distance: Tarjan's strongly connected components."""
    graph = {module_name(path): imports(path, tree) for path, tree in trees.items()}
    index: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    found: list[tuple[str, ...]] = []

    def visit(node: str) -> None:
        index[node] = low[node] = len(index)
        stack.append(node)
        for other in graph.get(node, ()):
            if other not in graph:
                continue
            if other not in index:
                visit(other)
                low[node] = min(low[node], low[other])
            elif other in stack:
                low[node] = min(low[node], index[other])
        if low[node] == index[node]:
            group = []
            while True:
                group.append(stack.pop())
                if group[-1] == node:
                    break
            if len(group) > 1:
                found.append(tuple(sorted(group)))

    for node in graph:
        if node not in index:
            visit(node)
    return sorted(found)


def report() -> Iterator[str]:
    """The figures, a line each."""
    sources = modules()
    trees = {path: ast.parse(text) for path, text in sources.items()}
    long = lengths(trees)
    once, private = called_once(sources, trees)
    folders = Counter(str(path.parent.relative_to(SOURCE)) for path in sources)
    twice = {name: places for name, places in class_names(trees).items() if len(places) > 1}
    noqa = Counter(rule for text in sources.values() for rule in re.findall(r"# noqa: ([A-Z]+[0-9]+)", text))
    yield f"lines                    {sum(text.count(chr(10)) for text in sources.values()):,} in {len(sources)} files"
    middle = f"median {statistics.median(long):.0f}, p90 {long[len(long) * 9 // 10]}, longest {long[-1]}"
    yield f"functions                {len(long)}: {middle}"
    yield f"private, called once     {once} of {private} ({once / private:.0%})"
    yield f"class names twice        {len(twice)}"
    yield from (f"    {name}: {', '.join(places)}" for name, places in sorted(twice.items()))
    yield f"circles of modules       {len(circles(trees))}"
    yield from (f"    {' '.join(group)}" for group in circles(trees))
    rules = ", ".join(f"{rule} {count}" for rule, count in noqa.most_common(5))
    yield f"noqa                     {sum(noqa.values())}: {rules}"
    yield f"files per folder         {', '.join(f'{folder} {count}' for folder, count in folders.most_common(8))}"


if __name__ == "__main__":
    sys.stdout.writelines(f"{line}\n" for line in report())
