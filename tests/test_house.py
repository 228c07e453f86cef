"""The rules of the house that no other tool holds: see docs/why.md.

The arrows between modules are import-linter's (``pyproject.toml``); what stands here is about what a module may do.
"""

from __future__ import annotations

import ast
import re
import runpy
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine_calls import forgotten

ROOT = Path(__file__).parent.parent
SOURCE = ROOT / "src"
SHELLS = ("net", "cli", "demo", "store", "intake", "apply", "settings", "__init__.py", "api", "aio.py")
"""What touches the world, or lends a source that does. Everything else is the core."""

PURE = {
    *("__future__", "base64", "binascii", "bisect", "calendar", "codecs", "collections", "contextlib", "csv"),
    *(
        "dataclasses",
        "datetime",
        "decimal",
        "enum",
        "functools",
        "hashlib",
        "heapq",
        "hmac",
        "html",
        "importlib",
        "io",
        "ipaddress",
    ),
    *("itertools", "json", "math", "operator", "pkgutil", "re", "shlex", "string", "struct", "textwrap", "types"),
    *("typing", "unicodedata", "urllib.parse", "zlib"),
    *("cryptography", "idna", "lxml", "msgspec", "pyarrow", "todoku", "wcwidth"),
}
"""Modules that the core may import. ``importlib`` and ``pkgutil`` are for the catalogue, which is a folder of modules."""

PURE_NAMES = {("click", "style"), ("fnmatch", "fnmatchcase"), ("threading", "local")}
"""Colours as characters of a text, a shell pattern held against a name, a tool for each thread: none touches the world."""
BANNED_NAMES = {"open", "input", "print", "eval", "exec", "__import__", "breakpoint"}
BANNED_ATTRIBUTES = {"now", "utcnow", "today", "open", "open_code", "FileIO"}
"""Clocks (``datetime.now``, ``date.today``) and files (``io.open``)."""

HEAVY = (
    "alembic",
    "asyncio",
    "boto3",
    "botocore",
    "moto",
    "cryptography",
    "dns",
    "duckdb",
    "fastapi",
    "httpx2",
    "pyarrow",
    "sqlalchemy",
    "ssl",
    "wcwidth",
)
JAPANESE = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]")
ENGLISH = re.compile(r"\b[a-z]{3,}")
NO_WORD = re.compile(r"\btodoku\b|https?://\S+|\S+[.@=_-]\S+|\{[^}]*\}|`[^`]*`")
"""What is the same in every language: values, code, links, names of domains and tags."""


def modules() -> dict[str, str]:
    """Every module's source by its name."""
    return {
        ".".join(path.relative_to(SOURCE).with_suffix("").parts).removesuffix(".__init__"): path.read_text("utf-8")
        for path in sorted(SOURCE.rglob("*.py"))
    }


def core() -> dict[str, str]:
    shells = {f"todoku.{name.removesuffix('.py')}" for name in SHELLS}
    return {
        name: source
        for name, source in modules().items()
        if name != "todoku" and not any(name == shell or name.startswith(f"{shell}.") for shell in shells)
    }


def impurities(source: str) -> Iterator[str]:
    """What a core module may not do: input, output, a clock, chance."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if not _is_pure(alias.name))
        elif isinstance(node, ast.ImportFrom) and not _is_pure(node.module or ""):
            yield from (
                f"{node.module}.{alias.name}" for alias in node.names if (node.module, alias.name) not in PURE_NAMES
            )
        elif isinstance(node, ast.Name) and node.id in BANNED_NAMES:
            yield node.id
        elif isinstance(node, ast.Call) and ast.unparse(node.func).endswith("import_module"):
            yield from (each.value for each in node.args if isinstance(each, ast.Constant) and not _is_pure(each.value))
        elif isinstance(node, ast.Attribute) and node.attr in BANNED_ATTRIBUTES:
            yield ast.unparse(node)


def _is_pure(module: str) -> bool:
    return module in PURE or any(module.startswith(f"{pure}.") for pure in PURE)


class TestPurity:
    @pytest.mark.parametrize("module", core())
    def test_core_does_no_input_or_output_and_reads_no_clock(self, module):
        assert list(impurities(core()[module])) == []

    @pytest.mark.parametrize(
        "planted",
        [
            *("import socket", "import urllib.request", "from pathlib import Path", "import time", "import random"),
            *("def f():\n    import os", "from os import environ", "import dns.resolver", "import asyncio"),
            *("x = datetime.now(UTC)", "x = datetime.datetime.utcnow()", "x = date.today()", "clock = datetime.now"),
            *("import click", "from click import echo", "from click import style, echo"),
            *("x = open('a')", "import io\nio.open('a')", "print('x')", "from . import net", "import collectionsx"),
            "import_module('socket')",
        ],
    )
    def test_planted_impurity_is_found(self, planted):
        assert list(impurities(planted))

    @pytest.mark.parametrize(
        "fine",
        [
            "import urllib.parse",
            "from datetime import datetime",
            "from todoku.mail import x",
            "from click import style",
        ],
    )
    def test_pure_import_is_let_through(self, fine):
        assert list(impurities(fine)) == []

    def test_the_core_is_not_empty(self):
        assert {"todoku.judging.judge", "todoku.auth.ask", "todoku.mail.message"} <= set(core())
        assert "todoku.net.dns.resolver" not in core()


ENGINES = """
from todoku.auth.ask import Ask, ask, together
def look(name: str) -> Ask[int]:
    answer = yield from ask(name, "TXT")
    return answer.ttl
class Walk:
    def step(self, name: str) -> Ask[int]:
        return (yield from look(name))
"""


class TestEngines:
    def test_none_is_forgotten(self):
        assert forgotten(modules()) == []

    @pytest.mark.parametrize(
        "body",
        [
            "ask('a', 'TXT')",
            "answer = ask('a', 'TXT')",
            "if look('a'): pass",
            "x = [look(n) for n in 'ab']",
            "print(look('a'))",
            "return look('a')",
            "x = other('a')",
            "x = module.look('a')",
            "yield from together(*names)\n    look('a')",
            "def inner():\n        look('a')\n    yield from ask('a', 'TXT')",
        ],
    )
    def test_planted_one_is_found(self, body):
        planted = f"import m as module\nfrom m import ask, look, look as other, together\ndef f(names):\n    {body}\n"
        assert len(forgotten({"m": ENGINES, "planted": planted, **_ask_module()})) == 1

    def test_planted_read_of_an_api_is_found(self):
        planted = "from todoku.auth.ask import Look, call\ndef f() -> Look[int]:\n    x = call('sesv2', '', '', 'Get', ())\n    return 1\n    yield\n"
        assert len(forgotten({"planted": planted, **_ask_module()})) == 1

    def test_planted_method_is_found(self):
        planted = (
            ENGINES
            + "    def walk(self) -> Ask[int]:\n        self.step('a')\n        return (yield from self.step('b'))\n"
        )
        assert [where.split()[1] for where in forgotten({"m": planted, **_ask_module()})] == ["self.step"]

    @pytest.mark.parametrize(
        "body",
        [
            "x = yield from look('a')",
            "x = yield from together(look('a'), look('b'))",
            "x = yield from together(*(look(n) for n in names))",
            "engines = [look(n) for n in names]\n    return (yield from together(*engines))",
            "engine = look('a')\n    yield from engine",
            "yield from (look('a') if names else look('b'))",
            "return run(look('a'), names)",
            "x = yield from cast(Ask[int], look('a'))",
        ],
    )
    def test_one_that_is_run_is_let_through(self, body):
        fine = f"from m import look, together\ndef run(engine: Ask[T], source): pass\ndef f(names):\n    {body}\n"
        assert forgotten({"m": ENGINES, "fine": fine, **_ask_module()}) == []


def _ask_module() -> dict[str, str]:
    return {"todoku.auth.ask": modules()["todoku.auth.ask"]}


class TestImports:
    @pytest.mark.parametrize("module", ["todoku.words.verdict", "todoku.auth.ask"])
    def test_words_and_questions_import_nothing_of_ours(self, module):
        assert imported_from_us(module) == set()

    def test_changes_know_only_texts(self):
        assert imported_from_us("todoku.words.change") == {"todoku.words.verdict"}

    def test_import_todoku_is_light(self):
        script = "import sys, todoku; print(*sys.modules)"
        loaded = subprocess.run(
            [sys.executable, "-c", script], check=True, capture_output=True, text=True
        ).stdout.split()
        assert "todoku" in loaded
        assert set(loaded).isdisjoint(HEAVY)


def imported_from_us(module: str) -> set[str]:
    return {
        node.module
        for node in ast.walk(ast.parse(modules()[module]))
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("todoku")
    }


class TestTexts:
    @pytest.mark.parametrize("module", modules())
    def test_each_is_in_both_languages(self, module):
        assert list(lonely_texts(modules()[module])) == []

    @pytest.mark.parametrize(
        "planted",
        [
            *(
                'Text("the receiver")',
                'Text("", "受信側")',
                'Text("the receiver", "")',
                'Text(en="the receiver", ja="")',
            ),
            *(
                'Text("the receiver", "the receiver")',
                'Text("受信側です", "受信側です")',
                'Text(f"not {x} here", f"{x}")',
            ),
        ],
    )
    def test_planted_one_is_found(self, planted):
        assert list(lonely_texts(planted))

    @pytest.mark.parametrize(
        "fine",
        [
            *('Text("the receiver", "受信側")', 'Text("{value}", "{value}")', 'Text("DKIM", "DKIM")', "Text(en, ja)"),
            *('Text("https://example.com/en", "https://example.com/ja")', 'Text(f"{x} of {y}", f"{y}の{x}")'),
        ],
    )
    def test_one_in_both_is_let_through(self, fine):
        assert list(lonely_texts(fine)) == []


def lonely_texts(source: str) -> Iterator[str]:
    """The ``Text`` calls in which one language is silent or speaks the other's words.

    A text without a word of its own (a value, a link, a name such as DKIM) may be the same in both.
    """
    for node in ast.walk(ast.parse(source)):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Text"):
            continue
        given = [*node.args, *(keyword.value for keyword in node.keywords)]
        if any(isinstance(each, ast.Starred) for each in given):
            continue
        if not _speaks_both([_written(each) for each in given]):
            yield ast.unparse(node)


def _speaks_both(words: list[str | None]) -> bool:
    if words == ["", ""]:
        return True  # nothing, in both languages
    if len(words) != 2 or "" in words:
        return False
    en, ja = words
    if en is not None and JAPANESE.search(en):
        return False
    return en is None or ja is None or not ENGLISH.search(NO_WORD.sub("", en)) or bool(JAPANESE.search(ja))


def _written(node: ast.expr) -> str | None:
    """The literal text of an expression, its values as ``{}``; None where it is made elsewhere."""
    match node:
        case ast.Constant(value=str(text)):
            return text.strip()
        case ast.JoinedStr(values=parts):
            return "".join(part.value if isinstance(part, ast.Constant) else "{}" for part in parts).strip()
    return None


def test_rfc_index_is_up_to_date():
    index = runpy.run_path(str(ROOT / "tools" / "rfc_index.py"))["index"]
    assert (ROOT / "docs" / "rfc-index.md").read_text("utf-8") == index(), "run `make docs`"


def test_rfc_index_reads_comments_and_docstrings_of_the_files_that_git_knows(tmp_path: Path) -> None:
    (tmp_path / "todoku").mkdir()
    known, stray = tmp_path / "todoku" / "known.py", tmp_path / "todoku" / "stray.py"
    known.write_text('"""Folding: RFC 5322 section\n2.2.3."""\n\nLONGEST = 998  # RFC 5322 2.1.1\nNAME = "RFC 822 9"\n')
    stray.write_text("# RFC 5321 4.5.3.1.6\n")
    index = runpy.run_path(str(ROOT / "tools" / "rfc_index.py"))["index"]
    assert "RFC 5321" in index(tmp_path)
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    subprocess.run(["git", "add", known], cwd=tmp_path, check=True)
    page = index(tmp_path)
    assert "RFC 5321" not in page
    assert "RFC 822" not in page
    assert [line.split()[1] for line in page.splitlines() if "known.py" in line] == ["2.1.1", "2.2.3"]
