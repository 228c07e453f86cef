"""Finds the one trap of engines: a call without ``yield from`` makes a generator, asks nothing and says nothing.

An engine is a function whose result is annotated ``Ask[...]`` or ``Look[...]``. Its call is right where somebody runs
what it makes: after ``yield from``; as an argument of a function that takes engines (its parameter is annotated with one
of the two); returned by a function that itself gives one; or given a name that is used in one of these ways. ``cast``
changes nothing of that. Anything else is reported.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping

Function = ast.FunctionDef | ast.AsyncFunctionDef
Name = tuple[str, str]  # module, name in it
ENGINES = ("Ask[", "Look[")


def forgotten(sources: Mapping[str, str]) -> list[str]:
    """``module:line name`` of each engine call that nobody runs, in modules given as ``{"package.module": source}``."""
    house = _House({module: ast.parse(source) for module, source in sources.items()})
    return [f"{module}:{line} {name}" for module in sources for line, name in house.forgotten_in(module)]


class _House:
    """All modules, with which of their functions are engines and which take engines."""

    def __init__(self, trees: Mapping[str, ast.Module]) -> None:
        self.trees = trees
        self.names = {module: dict(_imports(module, tree)) for module, tree in trees.items()}
        self.engines: set[Name] = set()
        self.takers: set[Name] = set()
        for module, tree in trees.items():
            for function in _functions(tree):
                if _gives_engine(function):
                    self.engines.add((module, function.name))
                annotations = [ast.unparse(each.annotation) for each in _parameters(function) if each.annotation]
                if any(engine in annotation for engine in ENGINES for annotation in annotations):
                    self.takers.add((module, function.name))

    def forgotten_in(self, module: str) -> Iterator[tuple[int, str]]:
        for function in _functions(self.trees[module]):
            own = list(_own_nodes(function))
            run = self._run_expressions(module, function, own)
            run_names = {node.id for node in run if isinstance(node, ast.Name)}
            for node in own:
                if isinstance(node, ast.Assign | ast.AnnAssign) and node.value and _targets(node) & run_names:
                    run.update(_made_by(node.value))
            for node in own:
                if isinstance(node, ast.Call) and node not in run and self._name(module, node.func) in self.engines:
                    yield node.lineno, ast.unparse(node.func)

    def _run_expressions(self, module: str, function: Function, own: Iterable[ast.AST]) -> set[ast.AST]:
        """The expressions whose value somebody runs."""
        run: set[ast.AST] = set()
        for node in own:
            if isinstance(node, ast.YieldFrom) or (
                isinstance(node, ast.Return) and node.value and _gives_engine(function)
            ):
                run.update(_made_by(node.value))
            elif isinstance(node, ast.Call) and self._name(module, node.func) in self.takers:
                for argument in (*node.args, *(keyword.value for keyword in node.keywords)):
                    run.update(_made_by(argument))
        return run

    def _name(self, module: str, node: ast.expr) -> Name:
        """The function that an expression names, through imports, aliases and re-exports, where it was defined."""
        written = ast.unparse(node)
        if written.startswith(("self.", "cls.")):
            return module, written.partition(".")[2]
        first, _, rest = written.partition(".")
        home, name = self.names[module].get(first, (module, first))
        if rest:  # ``spf.check_host`` after ``from todoku.auth import spf``
            home, name = f"{home}.{name}".rstrip("."), rest
        seen = set()
        while home in self.names and name in self.names[home] and (home, name) not in seen:
            seen.add((home, name))
            home, name = self.names[home][name]
        return home, name


def _imports(module: str, tree: ast.Module) -> Iterator[tuple[str, Name]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module:
            yield from ((alias.asname or alias.name, (node.module, alias.name)) for alias in node.names)
        elif isinstance(node, ast.Import):
            yield from ((alias.asname or alias.name, (alias.name, "")) for alias in node.names)


def _functions(tree: ast.Module) -> Iterator[Function]:
    return (node for node in ast.walk(tree) if isinstance(node, Function))


def _own_nodes(function: Function) -> Iterator[ast.AST]:
    """The nodes of a function without those of the functions inside it."""
    waiting: list[ast.AST] = list(function.body)
    while waiting:
        node = waiting.pop()
        yield node
        if not isinstance(node, Function):
            waiting.extend(ast.iter_child_nodes(node))


def _parameters(function: Function) -> Iterator[ast.arg]:
    arguments = function.args
    yield from (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)
    yield from (each for each in (arguments.vararg, arguments.kwarg) if each)


def _gives_engine(function: Function) -> bool:
    return function.returns is not None and ast.unparse(function.returns).startswith(ENGINES)


def _targets(node: ast.Assign | ast.AnnAssign) -> set[str]:
    targets = node.targets if isinstance(node, ast.Assign) else [node.target]
    return {target.id for target in targets if isinstance(target, ast.Name)}


def _made_by(expression: ast.expr | None) -> Iterator[ast.AST]:
    """The expressions that a value comes from: through ``*``, branches, lists, comprehensions and lambdas."""
    match expression:
        case None:
            return
        case ast.Starred(value=inner) | ast.Lambda(body=inner) | ast.NamedExpr(value=inner) | ast.Await(value=inner):
            yield from _made_by(inner)
        case ast.Call(func=ast.Name(id="cast"), args=[_, inner]):
            yield from _made_by(inner)
        case ast.GeneratorExp(elt=inner) | ast.ListComp(elt=inner):
            yield from _made_by(inner)
        case ast.IfExp(body=first, orelse=second):
            yield from _made_by(first)
            yield from _made_by(second)
        case ast.Tuple(elts=several) | ast.List(elts=several) | ast.BoolOp(values=several):
            for each in several:
                yield from _made_by(each)
        case _:
            yield expression
