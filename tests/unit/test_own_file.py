"""Files with secrets that the settings name: mounted by links, and never another user's."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from todoku.net.own_file import open_to_read, read_named, read_secret
from todoku.words.errors import UsageError


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


def a_secret(folder: Path, mode: int) -> Path:
    place = folder / "password"
    place.write_bytes(b"secret")
    place.chmod(mode)
    return place


@pytest.mark.parametrize(
    ("mode", "fine"), [(0o600, True), (0o400, True), (0o640, False), (0o604, False), (0o602, False), (0o644, False)]
)
def test_a_secret_that_others_can_read_is_refused_with_what_to_run(tmp_path: Path, mode: int, *, fine: bool) -> None:
    place = a_secret(tmp_path, mode)
    if fine:
        assert read_secret(place, 100) == b"secret"
        return
    with pytest.raises(UsageError, match=f"chmod 600 {place}"):
        read_secret(place, 100)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has files of root's")
@pytest.mark.parametrize(("mode", "fine"), [(0o640, True), (0o644, False)])
def test_a_secret_of_roots_may_be_its_groups(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mode: int, *, fine: bool
) -> None:
    """As for a service whose group may read it, or by Kubernetes' ``fsGroup``."""
    place = a_secret(tmp_path, mode)
    monkeypatch.setattr(os, "geteuid", lambda: 54_321)
    if fine:
        assert read_secret(place, 100) == b"secret"
        return
    with pytest.raises(UsageError, match="chmod 600"):
        read_secret(place, 100)


@pytest.mark.skipif(os.geteuid() != 0 or shutil.which("mount") is None, reason="only root may mount a file system")
def test_a_secret_that_is_mounted_read_only_has_the_mode_of_its_mount(tmp_path: Path) -> None:
    """Kubernetes mounts secrets with 0644, Docker with 0444; ``chmod`` is refused there."""
    place = tmp_path / "mounted"
    place.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=100k", "tmpfs", place], check=False).returncode:
        pytest.skip("no file system can be mounted here")
    try:
        secret = a_secret(place, 0o644)
        with pytest.raises(UsageError, match="chmod 600"):
            read_secret(secret, 100)
        subprocess.run(["mount", "-o", "remount,ro", place], check=True)
        assert read_secret(secret, 100) == b"secret"
    finally:
        subprocess.run(["umount", place], check=True)
