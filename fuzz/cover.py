"""Which lines a target's inputs reach: ``python fuzz/cover.py [TARGET ...]`` replays what is kept and says what it misses.

``--keep`` chooses anew what is kept: of the inputs in ``corpus`` and ``found`` and of the seeds from the project's own cases,
the smallest that between them take every step from line to line that any of them takes, each cut down as far as it still
does. Needs nothing but the project.
"""

from __future__ import annotations

import argparse
import ast
import hashlib
import inspect
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages
from types import CodeType, FrameType, ModuleType
from typing import Any

from seeds import own
from targets import TARGETS, Target

from todoku.feedback.values import Memo

HERE = Path(__file__).parent
LONGEST = 8_000  # octets of an input that is kept
TRIES = 400  # cuts that are tried on one input

Step = tuple[CodeType, int, int]
"""In a function, from one line to another; from 0 where it begins."""


@cache
def modules(target: Target) -> list[ModuleType]:
    """The modules that a target is meant to reach, with all below them."""
    found = []
    for name in (one for one in target.modules if one.startswith("todoku.")):
        top = import_module(name)
        below = walk_packages(top.__path__, f"{name}.") if hasattr(top, "__path__") else ()
        found += [top, *(import_module(one.name) for one in below)]
    return found


def _functions(code: CodeType, *, inside: bool = False) -> Iterator[CodeType]:
    """The code of every function in a module; what runs when it is imported, a table's comprehension too, is none."""
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            is_function = bool(constant.co_flags & inspect.CO_OPTIMIZED) and (inside or constant.co_name[0] != "<")
            if is_function:
                yield constant
            yield from _functions(constant, inside=is_function)


def executable(module: ModuleType) -> set[int]:
    """The lines inside functions that an input can make run."""
    path = Path(str(module.__file__))
    text = path.read_text("utf-8")
    whole = compile(text, str(path), "exec")
    lines = {
        line
        for code in _functions(whole)
        for _, _, line in code.co_lines()
        if line is not None and line != code.co_firstlineno
    }
    return lines.difference(*map(_lines_of, filter(_is_of_the_system, ast.walk(ast.parse(text)))))


_OF_THE_SYSTEM = ("OSError", "FileNotFoundError", "ImportError", "RecursionError", "UnsupportedAlgorithm")


def _is_of_the_system(node: ast.AST) -> bool:
    """Whether it answers for the disk, a library that is missing or its settings, or a full stack, on which nothing is watched."""
    if isinstance(node, ast.ExceptHandler):
        return node.type is not None and ast.unparse(node.type) in _OF_THE_SYSTEM
    takes = node.args.args[-1:] if isinstance(node, ast.FunctionDef) else ()
    return any(one.annotation is not None and ast.unparse(one.annotation) in _OF_THE_SYSTEM for one in takes)


def _lines_of(node: ast.AST) -> range:
    assert isinstance(node, ast.stmt | ast.ExceptHandler)
    return range(node.lineno, (node.end_lineno or node.lineno) + 1)


def memories(module: ModuleType) -> Iterator[Callable[[], None]]:
    """What makes the module forget results that it remembers, which would hide the steps to them."""
    for name, value in vars(module).items():
        if hasattr(value, "cache_clear"):
            yield value.cache_clear
        elif isinstance(value, Memo) or (name == "_known" and isinstance(value, dict)):
            yield value.clear
        elif isinstance(value, dict):
            yield from (one.clear for one in value.values() if isinstance(one, Memo))
        elif inspect.isfunction(value) and "runs" in (runs := inspect.getclosurevars(value).nonlocals):  # auth.memory
            yield runs["runs"].clear


class Tracer:
    """Runs a target and sees the steps that it takes inside its modules."""

    def __init__(self, target: Target) -> None:
        """Begin with nothing seen."""
        self.target = target
        self.files = {str(module.__file__) for module in modules(target)}
        self.forget = [forget for module in modules(target) for forget in memories(module)]

    def forget_all(self) -> None:
        """Make the modules forget what they remember."""
        for forget in self.forget:
            forget()

    def steps(self, data: bytes) -> frozenset[Step]:
        """The steps of one run, which begins with nothing remembered."""
        seen: set[Step] = set()
        self.forget_all()

        def enter(frame: FrameType, event: str, _: Any) -> Any:
            return inside(frame.f_code) if event == "call" and frame.f_code.co_filename in self.files else None

        def inside(code: CodeType) -> Any:
            last = 0

            def step(frame: FrameType, event: str, _: Any) -> Any:
                nonlocal last
                if event == "line":
                    seen.add((code, last, frame.f_lineno))
                    last = frame.f_lineno
                return step

            return step

        sys.settrace(enter)
        try:
            self.target.run(data)
        finally:
            sys.settrace(None)
        return frozenset(seen)


def inputs(folders: Iterable[Path], more: Iterable[bytes] = ()) -> list[bytes]:
    """Every input in the folders, and more, once, the shortest first."""
    files = (path for folder in folders if folder.is_dir() for path in folder.iterdir())
    different = {*more, *(path.read_bytes() for path in files)}
    return sorted(different, key=lambda one: (len(one), one))


def report(target: Target, seen: Iterable[Step]) -> tuple[int, int, list[str]]:
    """How many lines of the target's modules were run, of how many, and which were not."""
    ran: dict[str, set[int]] = {}
    for code, _, line in seen:
        ran.setdefault(code.co_filename, set()).add(line)
    reached = total = 0
    missed = []
    for module in modules(target):
        lines = executable(module)
        hit = lines & ran.get(str(module.__file__), set())
        reached, total = reached + len(hit), total + len(lines)
        if lines - hit:
            missed.append(f"{module.__name__}: {_ranges(sorted(lines - hit))}")
    return reached, total, missed


def _ranges(lines: Sequence[int]) -> str:
    shown: list[list[int]] = []
    for line in lines:
        if shown and line == shown[-1][-1] + 1:
            shown[-1][1:] = [line]
        else:
            shown.append([line])
    return " ".join("-".join(map(str, one)) for one in shown)


def chosen(tracer: Tracer, candidates: Iterable[bytes], begin: Iterable[Step] = ()) -> list[bytes]:
    """The inputs worth keeping: each takes a step that none before it took, and nothing can be cut from it."""
    known = set(begin)
    kept = []
    for data in candidates:
        if len(data) > LONGEST:
            break
        new = tracer.steps(data) - known
        if new:
            kept.append(_cut_down(tracer, data, new))
            known |= tracer.steps(kept[-1])
    return kept


def _cut_down(tracer: Tracer, data: bytes, wanted: frozenset[Step]) -> bytes:
    left = TRIES
    size = max(len(data) // 2, 1)
    while size and left > 0:
        at = 0
        while at < len(data) and left > 0:
            shorter = data[:at] + data[at + size :]
            left -= 1
            if wanted <= tracer.steps(shorter):
                data = shorter
            else:
                at += size
        size //= 2
    return data


def keep(target: Target) -> int:
    """Choose what is kept of a target's inputs; how many they are. Those with a number for a name were written by hand."""
    corpus = HERE / "corpus" / target.name
    corpus.mkdir(parents=True, exist_ok=True)
    tracer = Tracer(target)
    by_hand = [path.read_bytes() for path in sorted(corpus.iterdir()) if len(path.name) == 2]
    known = frozenset[Step]().union(*map(tracer.steps, by_hand))
    kept = chosen(tracer, inputs([corpus, HERE / "found" / target.name], own(target)), known)
    for path in corpus.iterdir():
        if len(path.name) > 2:
            path.unlink()
    for data in kept:
        (corpus / hashlib.sha256(data).hexdigest()[:12]).write_bytes(data)
    return len(kept)


def main() -> int:
    """0; what is missed is no fault."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("targets", nargs="*", metavar="TARGET")
    parser.add_argument("--keep", action="store_true", help="choose anew what is kept")
    parser.add_argument("--found", action="store_true", help="replay what was found, and the seeds, too")
    wanted = parser.parse_args()
    for name in wanted.targets or list(TARGETS):
        target = TARGETS[name]
        if wanted.keep:
            keep(target)
        tracer = Tracer(target)
        folders = [HERE / "corpus" / name, *([HERE / "found" / name] if wanted.found else [])]
        replayed = inputs(folders, own(target) if wanted.found else ())
        seen: set[Step] = set()
        for data in replayed:
            seen |= tracer.steps(data)
        reached, total, missed = report(target, seen)
        share = 100 * reached / max(total, 1)
        print(f"{name:15} {reached:5} of {total:5} lines {share:5.1f} %  {len(replayed):5} inputs")
        for line in missed:
            print(f"    {line}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
