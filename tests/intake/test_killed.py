"""L1: killed at any moment, nothing is lost and nothing counts twice. A loss of power is another matter: test_spool.py."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from mint_reports import aggregate, wrapped
from todoku.intake.parse import SCHEMAS
from todoku.store.read import Reader
from todoku.store.store import Places, Store
from todoku.store.tables import leases
from todoku.store.upkeep import check
from torture import often

LIVES = Path(__file__).with_name("killed_at_random.py")
KILLS = often(150, 1_000)


def live(folder: Path, kills: int, *how: str) -> tuple[int, int]:
    """How many lives were killed, and how many reports had arrived."""
    done = subprocess.run(
        [sys.executable, str(LIVES), str(folder), str(kills), "1", *how], check=True, capture_output=True, text=True
    )
    killed, arrived = done.stdout.split()
    return int(killed), int(arrived)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store(Places(folder=tmp_path / "store")) as store:
        yield store


def counted(store: Store) -> Counter[int]:
    """How many rows there are of each report, by its number; each must tell of the messages that it was made with."""
    with Reader(store, SCHEMAS) as reader:
        found = reader.connection.execute("SELECT report_id, count FROM aggregate").fetchall()
    assert all(count == int(name[1:]) + 1 for name, count in found)
    return Counter(int(name[1:]) for name, _ in found)


def test_many_kills_lose_nothing_and_count_nothing_twice(tmp_path: Path, store: Store) -> None:
    killed, arrived = live(tmp_path, KILLS)
    assert killed == KILLS
    assert counted(store) == dict.fromkeys(range(arrived), 2)
    assert list((tmp_path / "source").iterdir()) == []
    assert {one.result for one in store.proofs.all()} == {"none"}  # of those that came by mail
    assert [fault.tag for fault in check(store)] == []
    with store.database.read() as connection:
        assert connection.execute(select(leases.c.epoch)).scalar_one() > KILLS // 5  # so many came as far as reading


def test_acknowledging_first_does_lose(tmp_path: Path, store: Store) -> None:
    """The counter-proof: the test above can fail."""
    _, arrived = live(tmp_path, often(60, 1_000), "acknowledge-first")
    assert len(counted(store)) < arrived


def test_the_command_killed_at_random_goes_on_where_it_was(tmp_path: Path, store: Store) -> None:
    """The same with the command as a user runs it, and its reading process."""
    source = tmp_path / "source"
    source.mkdir()
    for number in range(60):
        (source / f"{number}.eml").write_bytes(wrapped(number, aggregate(number, count=number + 1)))
    command = [sys.executable, "-m", "todoku", "ingest", str(source), "--store", str(tmp_path / "store")]
    chance = random.Random(7)
    killed = 0
    for _ in range(12):
        running = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(0.3 + chance.random() * 2.0)
        os.kill(running.pid, signal.SIGKILL)
        killed += running.wait() == -signal.SIGKILL
    assert killed
    subprocess.run(command, check=True, capture_output=True)
    assert counted(store) == dict.fromkeys(range(60), 2)


def test_three_writers_at_once_count_once(tmp_path: Path, store: Store) -> None:
    """L19: all of them take, one of them reads, and each says so."""
    source = tmp_path / "source"
    source.mkdir()
    for number in range(120):
        (source / f"{number}.eml").write_bytes(wrapped(number, aggregate(number, count=number + 1)))
    command = [sys.executable, "-m", "todoku", "ingest", str(source), "--store", str(tmp_path / "store")]
    running = [subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) for _ in range(3)]
    assert [one.wait() for one in running] == [0, 0, 0]
    subprocess.run(command, check=True, capture_output=True)  # what came after the writer had looked
    assert counted(store) == dict.fromkeys(range(120), 2)
    assert [fault.tag for fault in check(store)] == []
