"""One round of watching as an AWS Lambda function, started by an EventBridge schedule (``rate(1 hour)``).

The function needs a store that outlives it: the state in PostgreSQL (``TODOKU_STORE_STATE``), rows in a bucket
(``TODOKU_STORE_ROWS``), and the folder of raw reports on a file system of EFS (``TODOKU_STORE_FOLDER``); a time-out of 15 minutes, no
second instance at once (a second one would only wait for the first's lease). Its role has what ``todoku iam watch`` prints.
Settings come from the environment; todoku.toml, with lists of tables, may lie beside this file.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
MARGIN = 60.0  # seconds before Lambda's own time-out: the round is asked to end and writes down what it has seen
TOLD = (0, 1)  # 1: an alarm is open: people are told of it by [alerts], and the round itself went well


def handler(_event: object, context: Any) -> dict[str, Any]:  # noqa: ANN401 -- Lambda's own
    """The exit code of the round and what it told. Raises where the round could not be made, so that Lambda counts an error."""
    seconds = context.get_remaining_time_in_millis() / 1000 - MARGIN
    command = [sys.executable, "-m", "todoku", "watch", "--once"]
    with subprocess.Popen(
        command, env=_environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8"
    ) as process:
        try:
            out, err = process.communicate(timeout=max(0.0, seconds))
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGTERM)
            out, err = process.communicate()
    if process.returncode not in TOLD:
        raise RuntimeError(f"todoku watch ended with {process.returncode}: {err[-1000:]}")
    return {"code": process.returncode, "told": out[-10_000:]}


def _environment() -> dict[str, str]:
    """That of the function, with the settings beside this file. Lambda has no home, and only /tmp can be written."""
    given = {"HOME": "/tmp", **os.environ}  # noqa: S108 -- Lambda's own, of one function alone
    if (HERE / "todoku.toml").is_file():
        given.setdefault("TODOKU_CONFIG", str(HERE / "todoku.toml"))
    return given
