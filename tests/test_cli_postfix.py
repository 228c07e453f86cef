"""``todoku ingest -`` in the pipe of a real Postfix: no report is sent back, and none is lost."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path

from mint_reports import aggregate, mailed
from postfix_server import Postfix
from test_cli_store import todoku

AWAY = {"TODOKU_STORE_STATE": "postgresql://todoku@127.0.0.1:1/x"}


def until(condition: Callable[[], bool]) -> None:
    """Wait, for as long as a machine that is busy may need."""
    deadline = time.monotonic() + 120
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.2)


def test_a_report_waits_in_the_queue_until_it_is_stored(tmp_path: Path) -> None:
    environment: dict[str, str] = dict(AWAY)
    codes: list[int] = []

    def command(message: bytes) -> int:
        codes.append(todoku(tmp_path, "ingest", "-", stdin=message, **environment).returncode)
        return codes[-1]

    with Postfix(command) as server:
        server.deliver(mailed(aggregate(1)))
        until(lambda: len(codes) >= 2)
        assert (set(codes), server.waiting()) == ({75}, 1)
        environment.clear()
        until(lambda: "status=sent" in server.log())
        server.deliver(mailed(aggregate(2)[:-60]))
        until(lambda: server.log().count("status=sent") == 2)
        until(lambda: server.waiting() == 0)
        assert codes[-2:] == [0, 0]
        assert "status=bounced" not in server.log()
    shown = json.loads(todoku(tmp_path, "status", "--format", "json").stdout)
    assert (shown["parsed"], shown["quarantined"]) == (1, 1)
