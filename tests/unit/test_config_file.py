"""Which file is taken for the settings: an ordinary one, within bounds."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from todoku.settings.config import MAX_FILE, read_config
from todoku.words.errors import UsageError


def test_no_pipe_is_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "pipe", Path("/dev/zero")):
        with pytest.raises(UsageError, match="no ordinary file"):
            read_config(path, {})


@pytest.mark.parametrize(("more", "fine"), [(0, True), (1, False)], ids=["most", "more"])
def test_the_largest(tmp_path: Path, *, more: int, fine: bool) -> None:
    path = tmp_path / "todoku.toml"
    path.write_text("#" * (MAX_FILE + more))
    if fine:
        assert read_config(path, {}).store.folder
        return
    with pytest.raises(UsageError, match="larger than any settings"):
        read_config(path, {})


def test_settings_that_everybody_can_change_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "todoku.toml"
    path.write_text('[store]\nfolder = "there"\n')
    path.chmod(0o666)
    with pytest.raises(UsageError, match=f"chmod o-w {path}"):
        read_config(path, {})
    path.chmod(0o664)
    assert read_config(path, {}).store.folder == "there"


@pytest.mark.parametrize(
    ("written", "is_secret"),
    [
        ('[alerts]\nurls = ["json://token@example.com"]\n', True),
        ('[[alerts.routes]]\nurls = ["json://token@example.com"]\n', True),
        ('[store]\nstate = "postgresql://todoku:secret@db.example.com/todoku"\n', True),
        ('[store]\nstate = "postgresql://todoku@db.example.com:5432/todoku"\n', False),
        ('[alerts]\nurls_file = "/run/secrets/alerts"\n', False),
    ],
)
def test_settings_with_secrets_are_not_everybodys_to_read(tmp_path: Path, written: str, *, is_secret: bool) -> None:
    path = tmp_path / "todoku.toml"
    path.write_text(written)
    path.chmod(0o644)
    if is_secret:
        with pytest.raises(UsageError, match=f"chmod 600 {path}") as raised:
            read_config(path, {})
        assert "token" not in str(raised.value)
        assert ":secret" not in str(raised.value)
        path.chmod(0o640)
    assert read_config(path, {}).store.folder == "todoku-store"


def test_only_who_uses_a_secret_asks_for_its_mode(tmp_path: Path) -> None:
    path = tmp_path / "todoku.toml"
    path.write_text('[alerts]\nurls = ["json://token@example.com"]\n')
    path.chmod(0o644)
    for secrets in ((), ("store",)):
        assert read_config(path, {}, secrets=secrets).alerts.urls == ("json://token@example.com",)
    with pytest.raises(UsageError, match="chmod 600"):
        read_config(path, {}, secrets=("alerts",))


@pytest.mark.parametrize("text", ["a." * 200_000 + "a = 1\n", "x = { " + "a." * 200_000 + "a = 1 }\n"])
def test_a_key_of_very_many_parts_is_refused_before_it_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    monkeypatch.setattr("tomllib.loads", lambda _text: pytest.fail("it takes a minute"))
    (tmp_path / "todoku.toml").write_text(text)
    with pytest.raises(UsageError, match="key of too many parts"):
        read_config(tmp_path / "todoku.toml", {})


def test_a_link_is_followed(tmp_path: Path) -> None:
    (tmp_path / "real.toml").write_text('[store]\nfolder = "elsewhere"\n')
    (tmp_path / "todoku.toml").symlink_to(tmp_path / "real.toml")
    assert read_config(tmp_path / "todoku.toml", {}).store.folder == "elsewhere"


def test_settings_of_another_user_that_lie_in_the_folder_count_only_where_they_are_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a shared folder they would send the password of the environment to any mailbox."""
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "todoku.toml"
    path.write_text('[store]\nfolder = "there"\n')
    if os.geteuid() == 0:
        os.chown(path, 12_345, -1)
    owner = path.stat().st_uid
    monkeypatch.setattr(os, "geteuid", lambda: 54_321)
    with pytest.raises(UsageError, match="another user"):
        read_config(environ={"SUDO_UID": str(owner)})
    assert read_config(path, environ={}).store.folder == "there"
    assert read_config(environ={"TODOKU_CONFIG": str(path)}).store.folder == "there"
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    with pytest.raises(UsageError, match="another user"):
        read_config(environ={})
    assert read_config(environ={"SUDO_UID": str(owner)}).store.folder == "there"
