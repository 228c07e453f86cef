"""A store that others own or can change is not used, and one line says what to do."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from todoku.store.store import Places, Store
from todoku.words.errors import UsageError


@pytest.mark.parametrize("which", [".", "raw", "proofs", "rows", "state.sqlite"])
def test_what_everybody_can_change_is_refused(tmp_path: Path, which: str) -> None:
    places = Places(folder=tmp_path / "store")
    with Store(places) as store:
        store.prepare()
    part = places.folder / which
    if not part.exists():
        part.mkdir()
    part.chmod(0o777)
    with Store(places) as store, pytest.raises(UsageError, match=f"chmod o-w {part}"):
        store.prepare()
    part.chmod(0o775)  # a group may share a store
    with Store(places) as store:
        store.prepare()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may give files away")
def test_a_folder_of_another_user_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    places = Places(folder=tmp_path / "store")
    with Store(places) as store:
        store.prepare()
    os.chown(places.folder, 12_345, -1)
    monkeypatch.setattr(os, "geteuid", lambda: 54_321)
    with Store(places) as store, pytest.raises(UsageError, match="another user"):
        store.prepare()
    os.chown(places.folder, 0, -1)  # root's is no stranger's
    with Store(places) as store:
        store.prepare()
