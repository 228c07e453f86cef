"""A bundle is written for its owner alone, and one that somebody sent is read within bounds."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from todoku import __version__
from todoku.cli.recording import MAX_REGIONS, open_record
from todoku.net.bundle import Bundle, read_bundle, write_bundle
from todoku.words.errors import UsageError

EMPTY = Bundle(message=b"Subject: a\r\n\r\n", options={}, transcript=(), report=b"{}")


def wanted(*regions: str) -> dict:
    return {"kind": "account", "wanted": [{"profile": "", "region": region} for region in regions]}


@pytest.mark.parametrize(
    "more",
    [
        wanted(*(f"r-{number}" for number in range(MAX_REGIONS + 1))),
        wanted(*["eu-west-1"] * 20_000),
        wanted("eu-west-1", "eu-west-1"),
        {"settings": {"receivers": ["gmail"] * 80_000}},
        {"settings": {"selectors": ["a"] * 2_000}},
        {"kind": "account", "wanted": [{"profile": "", "region": "a", "identities": ["*"] * 20_000}]},
    ],
    ids=["regions", "wanted", "twice", "receivers", "selectors", "identities"],
)
def test_lists_longer_than_any_looks_are_refused(tmp_path: Path, more: dict) -> None:
    options = {"version": __version__, "name": "x", "settings": {}, **more}
    write_bundle(tmp_path / "x.zip", Bundle(message=b"", options=options, transcript=(), report=b"{}"))
    with pytest.raises(UsageError, match="cannot read"):
        open_record(tmp_path / "x.zip")


def test_nobody_else_may_read_it(tmp_path: Path) -> None:
    path = tmp_path / "x.zip"
    for _ in range(2):  # new, and in place of one that everybody could read
        write_bundle(path, EMPTY)
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        path.chmod(0o644)
    assert read_bundle(path).message == EMPTY.message
    assert [each.name for each in tmp_path.iterdir()] == ["x.zip"]


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "precious").write_bytes(b"precious")
    (tmp_path / "x.zip").symlink_to(tmp_path / "precious")
    with pytest.raises(UsageError, match="it is a link"):
        write_bundle(tmp_path / "x.zip", EMPTY)
    assert (tmp_path / "precious").read_bytes() == b"precious"


def test_what_was_there_stays_where_the_disk_is_full(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "x.zip"
    write_bundle(path, EMPTY)
    before = path.read_bytes()

    def full(_file: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(UsageError, match="No space left"):
        write_bundle(path, Bundle(message=b"other", options={}, transcript=(), report=b"{}"))
    assert path.read_bytes() == before
    assert [each.name for each in tmp_path.iterdir()] == ["x.zip"]


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "x.zip")
    with pytest.raises(UsageError, match="no ordinary file"):
        read_bundle(tmp_path / "x.zip")
