"""``todoku demo``: from an empty account to all that can be green and back, by the commands that the README shows."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from pasted import not_said, pasted

BIN = Path(sys.executable).parent
TOUR = """
set -e
todoku plan example.com -o plan.json > plan.txt
todoku apply plan.json > shown.txt
test ! -e plan.journal
todoku apply plan.json --yes > applied.txt
todoku apply plan.json --yes --lang ja > applied.ja.txt
todoku apply plan.json --yes --only dmarc --via hand > by-hand.txt
todoku plan other.example > nowhere.txt || echo $? > nowhere.code
todoku check ses: --lang en > account.txt
python - <<'END'
import boto3
boto3.client("sesv2").send_email(
    FromEmailAddress="news@example.com",
    Destination={"ToAddresses": ["somebody@gmail.com"]},
    Content={"Simple": {"Subject": {"Data": "Hello"}, "Body": {"Text": {"Data": "Hello.\\n"}}}},
)
END
while ! test -e "$TODOKU_INBOX/1.eml"; do sleep 0.1; done
todoku check "$TODOKU_INBOX/1.eml" --mail transactional > message.txt || echo $? > message.code
todoku undo plan.json --yes --delete-identity > undone.txt
todoku check ses: > empty.txt 2>&1 || echo $? > empty.code
"""


def test_the_tour(tmp_path: Path) -> None:
    environment = {**os.environ, "PATH": f"{BIN}:{os.environ['PATH']}", "LC_ALL": "C.UTF-8", "AWS_PROFILE": "real"}
    tour = subprocess.run(
        ["todoku", "demo", "--", "sh", "-c", TOUR],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert tour.returncode == 0, tour.stdout + tour.stderr
    said = {path.name: path.read_text() for path in tmp_path.iterdir() if path.suffix in (".txt", ".code")}
    assert "nothing has been changed yet" in said["plan.txt"]
    assert "All is done. The proof:" in said["applied.txt"]
    proof = said["applied.txt"].partition("The proof:")[2]
    assert "FAIL     pass" in proof
    doubtful = [line.split("  ")[0] for line in proof.splitlines() if line.endswith(("FAIL", "warn"))]
    assert doubtful == ["Forward and reverse DNS"], proof  # names that AWS gives, and that nobody else can change
    assert not_said(pasted("README.md", "All is done."), said["applied.txt"]) == []
    assert not_said(pasted("README.ja.md", "すべて完了しました。"), said["applied.ja.txt"]) == []
    assert "unchanged" in said["by-hand.txt"]
    assert said["nowhere.code"].strip() == "1", said["nowhere.txt"]
    assert "other.example is not delegated" in said["nowhere.txt"]
    assert "example.com" in said["account.txt"]
    assert "message.code" not in said, said["message.txt"]
    assert "Undone." in said["undone.txt"]
    assert said["empty.code"].strip() == "3", said["empty.txt"]


def test_a_command_that_is_not_there_is_one_line(tmp_path: Path) -> None:
    tour = subprocess.run(
        [BIN / "todoku", "demo", "--", "no-such-command"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert (tour.returncode, len(tour.stderr.splitlines())) == (2, 1)


def test_the_shell_finds_the_todoku_that_opened_it(tmp_path: Path) -> None:
    """It may have been called by its path, as after ``make demo``."""
    found = subprocess.run(
        [BIN / "todoku", "demo", "--", "sh", "-c", "command -v todoku"],
        cwd=tmp_path,
        env={"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (found.returncode, found.stdout) == (0, f"{BIN / 'todoku'}\n"), found.stderr
