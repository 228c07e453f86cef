"""``todoku check ses:`` on a real account, read-only: ``TODOKU_LIVE_SES=1 make test-live``, or the subject in place of 1."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

LIVE = os.environ.get("TODOKU_LIVE_SES", "")
BIN = Path(sys.executable).parent


@pytest.mark.skipif(not LIVE, reason="asks a real SES account only where TODOKU_LIVE_SES is set")
def test_an_account_is_read_and_nothing_else() -> None:
    subject = LIVE if LIVE.startswith("ses:") else "ses:"
    command = [BIN / "todoku", "check", subject, "--json", "--lang", "en"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode in (0, 1, 3), done.stderr  # 3: the account has no identity, or its policy hides something
    report = json.loads(done.stdout)
    reports = report if isinstance(report, list) else [report]
    calls = [call for one in reports for call in one["calls"]]
    assert ("GetAccount", "ok") in {(call["operation"], call["status"]) for call in calls}, calls
    assert [call for call in calls if not call["operation"].startswith(("Get", "List", "BatchGet"))] == []
