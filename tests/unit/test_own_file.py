"""Files with secrets that the settings name: mounted by links, and never another user's."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from todoku.net.own_file import open_to_read, read_named


def test_a_secret_that_is_mounted_by_links_is_read(tmp_path: Path) -> None:
    """As Kubernetes does it: the name leads to a folder that is replaced as a whole."""
    (tmp_path / "..2026").mkdir()
    (tmp_path / "..2026" / "key").write_bytes(b"secret")
    (tmp_path / "..data").symlink_to("..2026")
    (tmp_path / "key").symlink_to("..data/key")
    assert read_named(tmp_path / "key", 100) == b"secret"
    with pytest.raises(OSError, match="symbolic links"):
        os.close(open_to_read(tmp_path / "key"))


def test_no_more_is_read_than_may_be(tmp_path: Path) -> None:
    (tmp_path / "key").write_bytes(b"secret")
    assert read_named(tmp_path / "key", 3) == b"sec"


@pytest.mark.parametrize("kind", ["pipe", "folder"])
def test_what_is_no_file_is_refused_at_once(tmp_path: Path, kind: str) -> None:
    place = tmp_path / kind
    os.mkfifo(place) if kind == "pipe" else place.mkdir()
    with pytest.raises(OSError, match="ordinary"):
        read_named(place, 100)


def test_another_users_file_is_refused_and_roots_is_not(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "key").write_bytes(b"secret")
    if os.geteuid() == 0:
        os.chown(tmp_path / "key", 12_345, -1)
    monkeypatch.setattr(os, "geteuid", lambda: 54_321)
    assert read_named(Path("/etc/passwd"), 4)
    with pytest.raises(PermissionError, match="another user"):
        read_named(tmp_path / "key", 100)
