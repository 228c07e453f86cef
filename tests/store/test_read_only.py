"""A store on a disk that cannot be written to can be asked, as one that can be."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from mint_reports import aggregate
from test_cli_store import todoku

ASKED = (("status", "--format", "json"), ("reports", "overview", "--format", "json"), ("store", "check"))


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Path]:
    """A folder with a store; ``lock`` in it is where the store is mounted read-only once more."""
    if os.geteuid() != 0:
        pytest.skip("only root may mount a file system")
    for number in range(3):
        assert todoku(tmp_path, "ingest", "-", stdin=aggregate(number)).returncode == 0
    mounted = tmp_path / "mounted"
    mounted.mkdir()
    commands = (["mount", "--bind", tmp_path / "todoku-store", mounted], ["mount", "-o", "remount,bind,ro", mounted])
    if any(subprocess.run(command, check=False, capture_output=True).returncode for command in commands):
        subprocess.run(["umount", mounted], check=False, capture_output=True)
        pytest.skip("no file system can be mounted here")
    yield tmp_path
    subprocess.run(["umount", mounted], check=True)


def without_time(shown: str) -> object:
    return {name: value for name, value in json.loads(shown).items() if name != "at"} if shown[0] == "{" else shown


@pytest.mark.parametrize("arguments", ASKED)
def test_the_answers_are_the_same(place: Path, arguments: tuple[str, ...]) -> None:
    done = todoku(place, *arguments, "--store", "mounted")
    assert (done.returncode, done.stderr) == (0, "")
    assert without_time(done.stdout) == without_time(todoku(place, *arguments).stdout)


def test_nothing_is_taken(place: Path) -> None:
    done = todoku(place, "ingest", "-", "--store", "mounted", stdin=aggregate(9))
    assert (done.returncode, done.stderr.count("\n"), "Traceback" in done.stderr) == (75, 1, False)
