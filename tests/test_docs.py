"""The documents are true: what they name exists, what exists is named, every example runs, nothing that is made is stale."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import click
import pytest

import todoku
import todoku.aio
from todoku.cli import main
from todoku.judging.judge import catalogue, reasons
from todoku.report.words import RESULT_WORDS

ROOT = Path(__file__).parent.parent
READMES = ("README.md", "README.ja.md")
MANUALS = ("docs/manual.md", "docs/manual.ja.md")
CATALOGUES = ("docs/catalogue.en.md", "docs/catalogue.ja.md")
PAGES = (
    *READMES,
    *MANUALS,
    *CATALOGUES,
    "docs/watching.md",
    "docs/watching.ja.md",
    "docs/python.md",
    "docs/glossary.md",
    "examples/README.md",
)
ZONE = "--dns zone:examples/dns.zone"

MESSAGES_API = (
    *("Envelope", "Layers", "NotAMessage", "Report", "Resolver", "SERVFAIL", "Settings", "TIMEOUT"),
    *("TodokuError", "UsageError", "Zone", "authenticate", "check", "check_host", "evaluate_dmarc"),
    *("parse_authentication_results", "seal_arc", "sign_dkim", "verify_arc", "verify_dkim"),
)
"""The names that other programs rely on, written by hand."""

COROUTINES = (
    "authenticate",
    "check",
    "check_host",
    "evaluate_dmarc",
    "seal_arc",
    "sign_dkim",
    "verify_arc",
    "verify_dkim",
)


def read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def fenced(page: str, language: str) -> list[str]:
    """The code in a page's fences of one language, fence by fence."""
    return re.findall(rf"^```{language}\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)


def shell_lines(page: str) -> list[tuple[str, str]]:
    """Each line of a page's shell examples: the command, and what its comment says."""
    lines = [line for block in fenced(page, "sh") for line in block.splitlines()]
    return [(command.strip(), comment.strip()) for command, _, comment in (line.partition("  #") for line in lines)]


def commands() -> Iterator[tuple[str, click.Command]]:
    """Every command, and those below it, by the words that call it."""
    for name in main.COMMANDS:
        command = main.todoku.get_command(click.Context(main.todoku), name)
        assert command is not None
        yield name, command
        if isinstance(command, click.Group):
            yield from ((f"{name} {below}", one) for below, one in command.commands.items())


def generator() -> ModuleType:
    """``tools/docs.py``, which is no package's."""
    spec = importlib.util.spec_from_file_location("tools_docs", ROOT / "tools" / "docs.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


# What is made from the code


def test_made_pages_are_fresh() -> None:
    assert generator().stale(ROOT) == [], "run `make docs`"


@pytest.mark.parametrize("name", [*READMES, *MANUALS, *CATALOGUES])
def test_a_stale_page_is_noticed(name: str, tmp_path: Path) -> None:
    for page in ("docs", "examples", *READMES):
        copy = shutil.copytree if (ROOT / page).is_dir() else shutil.copy
        copy(ROOT / page, tmp_path / page)
    path = tmp_path / name
    path.write_text(path.read_text(encoding="utf-8").replace("dmarc-alignment", "dmarc-alinement"), encoding="utf-8")
    assert name in generator().stale(tmp_path)


def test_a_page_that_lost_its_marks_is_refused() -> None:
    with pytest.raises(ValueError, match="report"):
        generator().with_blocks("no marks here", {"report": "text"})


# What exists is named


@pytest.mark.parametrize("name", MANUALS)
def test_every_command_and_option_is_in_the_manual(name: str) -> None:
    page = read(name)
    missing = [words for words, _ in commands() if not re.search(rf"\btodoku {words}\b", page)]
    options = {
        option
        for _, command in commands()
        for parameter in command.params
        if isinstance(parameter, click.Option)
        for option in (*parameter.opts, *parameter.secondary_opts)
    }
    assert missing == []
    assert sorted(option for option in options if f"`{option}" not in page) == []


@pytest.mark.parametrize("name", MANUALS)
def test_every_requirement_is_in_the_manual_and_links_to_the_catalogue(name: str) -> None:
    page = read(name)
    for requirement in catalogue():
        assert f"[`{requirement.id}`](catalogue." in page
    for variable in ("TODOKU_LANG", "NO_COLOR"):
        assert f"`{variable}`" in page


@pytest.mark.parametrize("name", CATALOGUES)
def test_every_requirement_clause_and_reason_is_in_the_catalogue(name: str) -> None:
    page = read(name)
    headings = re.findall(r"^## (.+)$", page, re.MULTILINE)
    assert headings[:-1] == [requirement.id for requirement in catalogue()]
    assert [tag for tag in reasons() if f"| `{tag}` |" not in page] == []
    assert page.count("\n| [") == sum(len(requirement.clauses) for requirement in catalogue())


def test_every_public_name_is_documented() -> None:
    page = read("docs/python.md")
    assert [name for name in todoku.__all__ if name != "__version__" and name not in page] == []


def test_the_glossary_is_whole() -> None:
    page = read("docs/glossary.md")
    rows = [line.strip("|").split("|") for line in page.splitlines() if line.startswith("| ")]
    assert [row for row in rows if len(row) != 2 or not all(cell.strip() for cell in row)] == []
    assert " / ".join(word.ja for word in RESULT_WORDS.values()) in page


# What is named exists


@pytest.mark.parametrize("name", PAGES)
def test_every_link_leads_somewhere(name: str) -> None:
    folder = (ROOT / name).parent
    for target in re.findall(r"\]\((?!https?:)([^)\s]+)\)", read(name)):
        path, _, anchor = target.partition("#")
        page = folder / path if path else ROOT / name
        assert page.is_file(), target
        assert not anchor or anchor in anchors(page.read_text(encoding="utf-8")), target


def anchors(page: str) -> set[str]:
    """By which names the headings of a page can be linked to."""
    prose = re.sub(r"^```.*?^```$", "", page, flags=re.MULTILINE | re.DOTALL)
    headings = re.findall(r"^#+ (.+)$", prose, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("name", PAGES)
def test_no_path_of_this_machine_and_no_trailing_blank(name: str) -> None:
    page = read(name)
    assert str(ROOT) not in page
    assert [line for line in page.splitlines() if line != line.rstrip()] == []


def test_a_readme_is_read_to_its_end() -> None:
    assert all(len(read(name).splitlines()) <= 200 for name in READMES)


@pytest.mark.parametrize("names", [READMES, MANUALS], ids=["readme", "manual"])
def test_both_languages_have_the_same_shape_and_examples(names: tuple[str, str]) -> None:
    english, japanese = (read(name) for name in names)
    shapes = [re.findall(r"^(#+) |^\|(?=-)|^<!-- (.+) -->$", page, re.MULTILINE) for page in (english, japanese)]
    assert shapes[0] == shapes[1]
    examples = [[command for command, _ in shell_lines(page)] for page in (english, japanese)]
    assert examples[0] == examples[1]


def test_the_public_names_exist() -> None:
    assert set(MESSAGES_API) <= set(todoku.__all__)
    assert [name for name in MESSAGES_API if not hasattr(todoku, name)] == []
    assert [name for name in COROUTINES if not callable(getattr(todoku.aio, name, None))] == []


def test_every_public_name_is_in_the_pages_on_python_and_in_dir() -> None:
    page = read("docs/python.md")
    told = set(re.findall(r"(?<=todoku\.)\w+|(?<=`)\w+", page))
    assert set(todoku.__all__) - {"__version__"} - told == set()
    assert dir(todoku) == sorted(todoku.__all__)


def test_every_coroutine_is_named_where_they_are_listed() -> None:
    section = read("docs/python.md").partition("## With asyncio")[2].partition("```")[0]
    assert sorted(set(re.findall(r"`(\w+)`", section))) == sorted(todoku.aio.__all__)


# Every example runs


@pytest.fixture
def workshop(tmp_path: Path) -> Path:
    """A folder as a reader has it: the examples, and a message of their own."""
    shutil.copytree(ROOT / "examples", tmp_path / "examples")
    shutil.copy(ROOT / "examples" / "fully-set-up.eml", tmp_path / "message.eml")
    return tmp_path


def run(command: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """A shell command with this Python's ``todoku``, in English unless it says otherwise."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environment = {"PATH": path, "HOME": str(folder), "LANG": "C.UTF-8"}
    return subprocess.run(
        command, shell=True, check=False, cwd=folder, env=environment, capture_output=True, encoding="utf-8"
    )


@pytest.mark.parametrize("name", ["README.md", "docs/manual.md", "examples/README.md"])
def test_every_shell_example_exits_as_it_says(name: str, workshop: Path) -> None:
    ran = []
    for command, comment in shell_lines(read(name)):
        if not re.match(r"(\w+=\S+ )?todoku ", command):
            assert command in ("make demo", "make test", "pipx install '.[all]'"), command
            continue
        offline = command if ZONE in command else command.replace("todoku check", f"todoku check {ZONE}")
        wanted = int(comment.removeprefix("exit code ")) if comment.startswith("exit code ") else 0
        done = run(offline, workshop)
        assert (done.returncode, "Traceback" in done.stderr) == (wanted, False), (
            f"{command}\n{done.stdout}{done.stderr}"
        )
        ran.append(command)
    assert len(ran) >= 3


def test_make_demo_runs_the_command_that_the_readme_shows(workshop: Path) -> None:
    recipe = re.search(r"^demo:.*\n\t@\$\(BIN\)/(todoku .*?) \|\|", read("Makefile"), re.MULTILINE)
    assert recipe is not None
    assert recipe[1] == f"todoku check examples/ses-default.eml {ZONE}"
    assert "make demo" in [command for command, _ in shell_lines(read("README.md"))]
    done = run(recipe[1], workshop)
    pasted = read("README.md").partition("```text\n")[2]
    assert done.returncode == 1
    assert done.stdout.splitlines()[:2] == pasted.splitlines()[:2]


def test_the_python_examples_run_without_a_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_arguments: object) -> None:
        raise AssertionError("an example asked the network")

    for method in ("connect", "connect_ex", "sendto"):
        monkeypatch.setattr(socket.socket, method, refuse)
    monkeypatch.chdir(ROOT)
    blocks = fenced(read("docs/python.md"), "python")
    assert len(blocks) > 10
    names: dict[str, object] = {}
    for block in blocks:
        exec(compile(block, "docs/python.md", "exec"), names)


def test_the_python_examples_are_typed(tmp_path: Path) -> None:
    blocks = [*fenced(read("docs/python.md"), "python"), *fenced(todoku.__doc__ or "", "python")]
    page = tmp_path / "page.py"
    page.write_text("\n".join(blocks), encoding="utf-8")
    command = [sys.executable, "-m", "mypy", "--strict", "--warn-unreachable", "--warn-unused-ignores", str(page)]
    done = subprocess.run(command, check=False, cwd=ROOT, capture_output=True, encoding="utf-8")
    assert done.stdout.splitlines()[-1:] == ["Success: no issues found in 1 source file"], done.stdout + done.stderr


def test_the_package_docstring_shows_what_works(monkeypatch: pytest.MonkeyPatch, workshop: Path) -> None:
    shutil.copy(workshop / "examples" / "dns.zone", workshop / "dns.zone")
    monkeypatch.chdir(workshop)
    (example,) = fenced(todoku.__doc__ or "", "python")
    exec(compile(example, "todoku", "exec"), {})
