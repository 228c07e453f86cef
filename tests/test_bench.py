"""The benchmark cannot rot: its contenders run, and they agree on what they say of the corpus."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
INPUTS = Path(os.environ.get("TODOKU_BENCH") or ROOT.parent / "shared" / "bench")
MESSAGES = 20
PEERS = ("check", "dkimpy+pyspf", "authheaders")


def test_all_contenders_say_the_same() -> None:
    for peer in ("authheaders", "dkim", "nacl", "spf"):
        pytest.importorskip(peer)
    if not (INPUTS / "gen_mail.py").exists():
        pytest.skip(f"benchmark inputs not found: {INPUTS}")
    command = [sys.executable, str(ROOT / "bench" / "auth.py"), str(MESSAGES), "1"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    agreement = [line for line in done.stdout.splitlines() if line.startswith("verdicts of ")]
    wanted = [f"verdicts of {peer}: {MESSAGES} of {MESSAGES} agree with authenticate's" for peer in PEERS]
    assert (agreement, done.returncode) == (wanted, 0), done.stdout + done.stderr


def test_each_question_is_asked_of_the_rows() -> None:
    command = [sys.executable, str(ROOT / "bench" / "rows.py"), "--rows", "1", "--rounds", "1"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("\n| ") == 8
