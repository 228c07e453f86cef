"""``--lang`` is accepted by every command and every group, wherever it stands."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest


@pytest.mark.parametrize(
    "words",
    [
        ("store", "--lang", "ja", "--help"),
        ("store", "check", "--lang", "ja", "--help"),
        ("postmaster", "--lang", "ja", "--help"),
        ("iam", "--lang", "ja", "--help"),
        ("schema", "--lang", "ja", "--help"),
        ("completion", "--lang", "ja", "--help"),
        ("reports", "--lang", "ja", "--help"),
        ("--lang", "ja", "schema", "--help"),
    ],
    ids=" ".join,
)
def test_it_is_accepted_anywhere(words: tuple[str, ...]) -> None:
    done = todoku(*words)
    assert (done.returncode, done.stderr) == (0, "")
    assert "使い方" in done.stdout
    assert "表示言語" in done.stdout


def test_a_command_without_words_takes_it_too() -> None:
    done = todoku("schema", "plan", "--lang", "ja")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("{")


def test_an_error_is_cut() -> None:
    done = todoku("check", "a" * 100_000)
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1
    assert len(done.stderr) < 2_200


def todoku(*words: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "LC_ALL": "C.UTF-8"}
    command = [sys.executable, "-m", "todoku", *words]
    return subprocess.run(command, env=environment, capture_output=True, encoding="utf-8", check=False)
