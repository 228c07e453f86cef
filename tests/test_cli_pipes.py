"""A file that a person names is read; a pipe or a device that nobody feeds is refused in one line, and never waited for."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
MESSAGE = ROOT / "examples" / "ses-default.eml"
ZONE = f"zone:{ROOT / 'examples' / 'dns.zone'}"
TODOKU = f"{sys.executable} -m todoku"


def shell(line: str, folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["bash", "-c", line],
        check=False,
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=20,
        stdin=subprocess.DEVNULL,
    )


@pytest.mark.parametrize(
    "arguments",
    [
        "check pipe",
        "check --subjects pipe",
        "check example.com --dns zone:pipe",
        "check example.com --config pipe",
        "check /dev/zero",
        "apply pipe",
        "undo pipe",
        "replay pipe",
        "ingest pipe --store store",
    ],
)
def test_a_pipe_that_nobody_feeds_is_refused(tmp_path: Path, arguments: str) -> None:
    os.mkfifo(tmp_path / "pipe")
    done = shell(f"{TODOKU} {arguments}", tmp_path)
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert "Traceback" not in done.stderr


def test_what_the_shell_opened_is_read(tmp_path: Path) -> None:
    alone = shell(f"{TODOKU} check {MESSAGE} --dns {ZONE} --format csv", tmp_path)
    piped = shell(f"{TODOKU} check <(cat {MESSAGE}) --dns {ZONE} --format csv", tmp_path)
    assert (piped.returncode, piped.stderr) == (1, "")
    assert len(piped.stdout.splitlines()) == len(alone.stdout.splitlines())
    empty = shell(f"{TODOKU} check {MESSAGE} --dns zone:/dev/null --format csv", tmp_path)
    assert empty.stderr == ""
