"""What ``todoku ingest`` says where the machine has too little: files that may be open, processes."""

from __future__ import annotations

import resource
import subprocess
import sys
from pathlib import Path

import pytest

from mint_reports import aggregate
from todoku.cli import ingest_run
from todoku.store.away import TOO_FEW_FILES


def limited(folder: Path, files: int, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "todoku", *arguments],
        check=False,
        cwd=folder,
        capture_output=True,
        text=True,
        env={"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "HOME": str(folder)},
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (files, files)),
    )


def put_reports(folder: Path, number: int) -> None:
    (folder / "reports").mkdir()
    for one in range(number):
        (folder / "reports" / f"{one}.xml").write_bytes(aggregate(one))


def test_files_that_are_open_at_once_are_bounded_by_the_limit(tmp_path: Path) -> None:
    put_reports(tmp_path, 300)
    done = limited(tmp_path, 128, "ingest", "reports", "--offline")
    assert (done.returncode, done.stderr) == (0, "")
    assert "300 new" in done.stdout


def test_the_limit_is_named(tmp_path: Path) -> None:
    put_reports(tmp_path, 40)
    assert limited(tmp_path, 1024, "ingest", "reports", "--offline").returncode == 0
    seen = set()
    for files in (7, 8, 9, 10, 12, 16, 24):  # which of them is too few depends on the Python
        for arguments in (("ingest", "reports", "--offline"), ("reports", "sources"), ("store", "check")):
            done = limited(tmp_path, files, *arguments)
            if done.returncode == 3:
                seen.add(done.stderr.strip())
    assert f"todoku: {TOO_FEW_FILES.en}" in seen


def test_a_process_that_cannot_be_started_is_told_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refuse(*_given: object, **_named: object) -> None:
        raise BlockingIOError(11, "Resource temporarily unavailable")

    put_reports(tmp_path, 500)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(subprocess, "Popen", refuse)
    code = ingest_run.run(("reports",), retry=False, offline=True, config=None, place=None, language="en")
    assert (code, capsys.readouterr().err) == (3, "todoku: the process that reads reports cannot be started\n")
