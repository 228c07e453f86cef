"""One round of watching as an AWS Lambda function, started by an EventBridge schedule (``rate(1 hour)``).

The function needs a store that outlives it: the state in PostgreSQL (``TODOKU_STORE_STATE``), rows in a bucket
(``TODOKU_STORE_ROWS``), and the folder of raw reports on a file system of EFS (``TODOKU_STORE_FOLDER``); a time-out of 15 minutes, no
second instance at once (a second one would only wait for the first's lease). Its role has what ``todoku iam watch`` prints.
Settings come from the environment; todoku.toml, with lists of tables, may lie beside this file.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
SECONDS = 14 * 60
FINDINGS = 1  # an alarm is open: people are told of it by [alerts], and the round itself went well


def handler(_event: object, _context: object) -> dict[str, Any]:
    """The exit code of the round and what it told. Raises where the round could not be made, so that Lambda counts an error."""
    environment = dict(os.environ)
    if (HERE / "todoku.toml").is_file():
        environment.setdefault("TODOKU_CONFIG", str(HERE / "todoku.toml"))
    command = [sys.executable, "-m", "todoku", "watch", "--once"]
    done = subprocess.run(command, env=environment, capture_output=True, encoding="utf-8", timeout=SECONDS, check=False)
    if done.returncode > FINDINGS:
        raise RuntimeError(f"todoku watch ended with {done.returncode}: {done.stderr[-1000:]}")
    return {"code": done.returncode, "told": done.stdout[-10_000:]}
