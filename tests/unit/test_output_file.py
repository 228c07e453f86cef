"""What ``-o`` writes: whole or not at all, with the mode that was there, through links, and into pipes."""

from __future__ import annotations

import os
import threading

import pytest

from todoku.cli.output_file import put, require_writable


def interrupted():
    yield b"new"
    raise KeyboardInterrupt


def test_what_is_not_whole_takes_nothings_place(tmp_path):
    path = tmp_path / "plan.json"
    path.write_bytes(b"old")
    with pytest.raises(KeyboardInterrupt):
        put(path, interrupted())
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_whoever_has_it_open_reads_on(tmp_path):
    path = tmp_path / "plan.json"
    path.write_bytes(b"old")
    with path.open("rb") as before:
        put(path, [b"n", b"ew"])
        assert before.read() == b"old"
    assert path.read_bytes() == b"new"


@pytest.mark.parametrize("mode", [0o600, 0o640, 0o644])
def test_its_mode_stays(tmp_path, mode):
    path = tmp_path / "plan.json"
    path.touch()
    path.chmod(mode)
    put(path, [b"new"])
    assert path.stat().st_mode & 0o777 == mode


def test_a_new_one_has_the_mode_that_the_user_gives(tmp_path):
    before = os.umask(0o027)
    try:
        put(tmp_path / "plan.json", [b"new"])
    finally:
        os.umask(before)
    assert (tmp_path / "plan.json").stat().st_mode & 0o777 == 0o640


def test_a_link_keeps_leading_to_it(tmp_path):
    (tmp_path / "folder").mkdir()
    link, path = tmp_path / "link", tmp_path / "folder" / "plan.json"
    link.symlink_to(path)
    for contents in (b"first", b"second"):
        require_writable(link)
        put(link, [contents])
        assert link.is_symlink()
        assert path.read_bytes() == contents


def test_a_pipe(tmp_path):
    path = tmp_path / "pipe"
    os.mkfifo(path)
    read = []
    reader = threading.Thread(target=lambda: read.append(path.read_bytes()))
    reader.start()
    require_writable(path)
    put(path, [b"n", b"ew"])
    reader.join()
    assert read == [b"new"]
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("name", ["folder", "none/plan.json", "file/plan.json", "link/plan.json", "nul\0"])
def test_what_cannot_be_written(tmp_path, name):
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").touch()
    (tmp_path / "link").symlink_to(tmp_path / "nowhere")
    with pytest.raises((OSError, ValueError)):
        require_writable(tmp_path / name)


def test_what_can_be_seen_to_be_writable(tmp_path):
    (tmp_path / "file").touch()
    for name in ("file", "new"):
        require_writable(tmp_path / name)
