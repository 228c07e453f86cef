"""``todoku ingest -`` in a mail server's pipe: a message is stored, or the server keeps it and tries again."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from mint_reports import aggregate, mailed
from test_cli_store import todoku

AWAY = "postgresql://todoku@127.0.0.1:1/x"


@pytest.mark.parametrize(
    "octets", [mailed(aggregate(1)), mailed(aggregate(1)[:-60]), b"Subject: no report\n\nText\n", b""]
)
def test_what_is_stored_is_done_with(tmp_path: Path, octets: bytes) -> None:
    """Also what is set aside: to send it back would lose it."""
    assert todoku(tmp_path, "ingest", "-", stdin=octets).returncode == 0
    assert todoku(tmp_path, "ingest", "-", stdin=octets, LANG="ja_JP.UTF-8").returncode == 0


@pytest.mark.parametrize(
    ("arguments", "environment"),
    [
        ((), {"TODOKU_STORE_STATE": AWAY}),
        (("--store", "file"), {}),
        (("--store", "file/below"), {}),
        (("--config", "missing.toml"), {}),
        ((), {"TODOKU_STORE_KEEP_MONTHS": "many"}),
        ((), {"TMPDIR": "/nowhere", "TODOKU_STORE_FOLDER": "file"}),
    ],
)
def test_what_is_not_stored_is_tried_again(
    tmp_path: Path, arguments: tuple[str, ...], environment: dict[str, str]
) -> None:
    (tmp_path / "file").write_bytes(b"")
    done = todoku(tmp_path, "ingest", "-", *arguments, stdin=mailed(aggregate(1)), **environment)
    assert (done.returncode, done.stderr.count("\n")) == (os.EX_TEMPFAIL, 1)
    again = todoku(tmp_path, "ingest", "-", stdin=mailed(aggregate(1)))
    assert (again.returncode, "1 new" in again.stdout) == (0, True)


def test_beside_other_sources_the_exit_code_is_as_ever(tmp_path: Path) -> None:
    (tmp_path / "broken.xml").write_bytes(aggregate(1)[:-60])
    assert todoku(tmp_path, "ingest", "-", "broken.xml", stdin=mailed(aggregate(1))).returncode == 1
