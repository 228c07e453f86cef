"""The spool: when ``put`` returns, the octets survive a loss of power."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from todoku.store.away import Away
from todoku.store.raw import SYNCHRONIZED_AT_ONCE, Spool, microseconds, moment

NOW = microseconds(datetime(2026, 11, 24, 23, 59, 59, tzinfo=UTC))


@pytest.mark.skipif(shutil.which("strace") is None, reason="strace not found: apt-get install strace")
@pytest.mark.parametrize("number", [2, 3 * SYNCHRONIZED_AT_ONCE])
def test_the_disk_is_told_in_the_right_order(tmp_path: Path, number: int) -> None:
    """L2: each file is synchronized before it gets its name, and the folder after that. A kill does not prove this."""
    script = f"from pathlib import Path\nfrom todoku.store.raw import Spool\nSpool(Path({str(tmp_path)!r}) / 'raw').put([b'%d' % one for one in range({number})], {NOW})"
    trace = tmp_path / "trace"
    calls = "trace=openat,write,fsync,rename,renameat,renameat2,mkdir"
    subprocess.run(["strace", "-f", "-y", "-o", trace, "-e", calls, sys.executable, "-c", script], check=True)
    seen = [
        re.sub(r".*/", "", found[2]) if found[1] == "fsync" else "named"
        for line in trace.read_text().splitlines()
        if (
            found := re.match(
                r"(?:\d+ +)?(fsync|rename|renameat|renameat2)\((?:\d+<)?(.*?)[>,\"]", line.replace('("', "(")
            )
        )
        and str(tmp_path) in line
    ]
    assert [re.sub(r"^\.new-.*", "file", one) for one in seen] == [
        *("raw", tmp_path.name),
        *(*["file"] * number, *["named"] * number, "2026-11-24"),
    ]


def test_octets_come_back_and_stand_once(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "raw")
    kept = spool.put([b"a", b"b", b"a"], NOW)
    assert [one.hash for one in kept] == [sha256(each).hexdigest() for each in (b"a", b"b", b"a")]
    assert [spool.read(one) for one in kept] == [b"a", b"b", b"a"]
    assert sorted((one.hash, one.size, one.received) for one in spool.all()) == sorted(
        {(one.hash, one.size, NOW) for one in kept}
    )
    assert spool.path(kept[0]).parent.name == "2026-11-24"
    assert oct((tmp_path / "raw" / "2026-11-24").stat().st_mode & 0o777) == "0o700"
    assert oct(spool.path(kept[0]).stat().st_mode & 0o777) == "0o600"


def test_the_day_is_that_of_the_folder(tmp_path: Path) -> None:
    """A backup may be copied back without the times of its files."""
    spool = Spool(tmp_path / "raw")
    (kept,) = spool.put([b"a"], NOW)
    os.utime(spool.path(kept))
    (found,) = spool.all()
    assert (found.day, moment(found.received).isoformat()) == (kept.day, "2026-11-24T23:59:59.999999+00:00")
    assert spool.read(found) == b"a"


def test_a_folder_that_is_no_day_holds_nothing(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "raw")
    (kept,) = spool.put([b"a"], NOW)
    spool.path(kept).parent.rename(tmp_path / "raw" / "2026-13-24")
    assert list(spool.all()) == []
    assert spool.has_files()


def test_dropped_octets_take_an_empty_day_with_them(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "raw")
    first, second = spool.put([b"a", b"b"], NOW)
    spool.drop(first)
    assert spool.read(first) is None
    assert spool.read(second) == b"b"
    spool.drop(second)
    assert list((tmp_path / "raw").iterdir()) == []
    spool.drop(second)


def test_half_written_file_counts_for_nothing_and_is_swept(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "raw")
    (kept,) = spool.put([b"a"], NOW)
    half = spool.path(kept).with_name(".new-0123456789abcdef")
    half.write_bytes(b"h")
    os.utime(half, ns=(NOW * 1_000, NOW * 1_000))
    assert list(spool.all()) == [kept]
    assert spool.sweep(NOW) == 0
    assert spool.sweep(NOW + 1) == 1
    assert list(spool.path(kept).parent.iterdir()) == [spool.path(kept)]


def test_what_is_gone_by_the_time_it_is_looked_at_is_left_out(tmp_path: Path) -> None:
    """Another process gives a half-written file its name, or drops one: a link to nowhere is listed and cannot be looked at."""
    spool = Spool(tmp_path / "raw")
    (kept,) = spool.put([b"a"], NOW)
    for name in ("0" * 64, ".new-0123456789abcdef"):
        spool.path(kept).with_name(name).symlink_to("nowhere")
    assert list(spool.all()) == [kept]
    assert spool.sweep(NOW + 1) == 0


def test_a_day_that_is_no_folder_is_told(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "raw")
    spool.put([b"a"], NOW)
    (tmp_path / "raw" / "2026-11-25").write_bytes(b"")
    with pytest.raises(Away, match="Not a directory"):
        list(spool.all())
    with pytest.raises(Away, match="Not a directory"):
        spool.sweep(NOW)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may mount a file system")
def test_full_disk_is_told_and_afterwards_all_is_well(tmp_path: Path) -> None:
    """L3: a real file system of 200 kB."""
    place = tmp_path / "small"
    place.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=200k", "tmpfs", place], check=False).returncode:
        pytest.skip("no file system can be mounted here")
    try:
        spool = Spool(place / "raw")
        octets = [bytes([number]) * 10_000 for number in range(40)]
        spool.put(octets[:10], NOW)
        with pytest.raises(Away, match="No space left"):
            spool.put(octets, NOW)
        assert len(list(spool.all())) == 10
        subprocess.run(["mount", "-o", "remount,size=1m", place], check=True)
        spool.put(octets, NOW)
        assert len(list(spool.all())) == 40
        spool.close()
    finally:
        subprocess.run(["umount", place], check=True)


@given(st.integers(0, 2**52))
def test_times_are_exact(received: int) -> None:
    assert microseconds(moment(received)) == received
