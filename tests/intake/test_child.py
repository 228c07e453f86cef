"""The process that reads reports holds no secret and can reach nothing; what kills it is set aside."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from threading import Thread

import pytest

from mint_reports import aggregate
from store_bench import Bench
from todoku.intake import child
from todoku.intake import worker as reading
from todoku.intake.background_reader import Beside
from todoku.intake.parse import Reading, Request
from todoku.intake.worker import ENVIRONMENT, Died, NoWorker, Worker
from todoku.store.state import POISON
from torture import often

CANARY = "canary-3f9a"
NOW = 1_790_000_000_000_000


def renounced(code: str) -> subprocess.CompletedProcess[str]:
    """Run some Python as the reading process would: after it has read samples and given everything up."""
    start = "from todoku.intake.child import renounce, warm_up\nwarm_up()\nrenounce()\n"
    return subprocess.run(
        [sys.executable, "-I", "-c", f"import os, sys\n{start}{code}\nos.write(1, b'done')"],
        check=False,
        capture_output=True,
        text=True,
        env=ENVIRONMENT,
    )


@pytest.mark.parametrize(
    "attempt",
    [
        "import socket; socket.socket()",
        "import _socket; _socket.socket()",
        "import socket; socket.getaddrinfo('localhost', 25)",
        "import urllib.request; urllib.request.urlopen('http://127.0.0.1/')",
        "import subprocess; subprocess.run(['true'])",
        "os.system('true')",
        "os.fork()",
        "os.execv('/bin/true', ['true'])",
        "os.posix_spawn('/bin/true', ['true'], {})",
        "open('/etc/hostname')",
        "open('/proc/self/environ')",
        "open('/proc/1/environ', 'rb')",
        "os.open('/etc/hostname', os.O_RDONLY)",
        "open(os.__file__, 'a')",
        "open(os.path.dirname(os.__file__) + '/../../../../etc/hostname')",
        "os.listdir('/')",
        "os.remove('/nothing')",
        "import ctypes; ctypes.CDLL(None)",
        "try:\n    open('/etc/hostname')\nexcept BaseException:\n    pass",
    ],
)
def test_whatever_is_tried_ends_it(attempt: str) -> None:
    done = renounced(attempt)
    assert (done.returncode, done.stdout) == (70, "")
    assert done.stderr.startswith("refused: ")


@pytest.mark.parametrize("fine", ["x = 1", "import colorsys", "from email import message", "'x'.encode('iso2022_jp')"])
def test_what_reading_needs_is_let_through(fine: str) -> None:
    done = renounced(fine)
    assert (done.returncode, done.stdout, done.stderr) == (0, "done", "")


def test_it_is_given_no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_SECRET_ACCESS_KEY", "TODOKU_INGEST_PASSWORD", "PGPASSWORD", "PYTHONPATH"):
        monkeypatch.setenv(name, CANARY)
    with Worker() as worker:
        worker.read([Request(NOW, aggregate(1))])
        held = Path(f"/proc/{worker.pid}/environ").read_bytes()
        files = [str(entry.readlink()) for entry in Path(f"/proc/{worker.pid}/fd").iterdir()]
    assert dict(one.split(b"=", 1) for one in held.strip(b"\0").split(b"\0")) == {
        name.encode(): value.encode() for name, value in ENVIRONMENT.items()
    }
    assert all(name.startswith("pipe:") or name == "/dev/null" for name in files)


def test_it_is_bounded() -> None:
    with Worker() as worker:
        worker.read([Request(NOW, aggregate(1))])
        limits = Path(f"/proc/{worker.pid}/limits").read_text()
    bounds = {line[:25].strip(): line[25:].split()[0] for line in limits.splitlines()}
    assert bounds["Max address space"] == str(child.MEMORY)
    assert bounds["Max file size"] == "0"
    assert 0 < int(bounds["Max cpu time"]) <= 2 * child.ITEM_SECONDS


def test_one_that_dies_is_replaced() -> None:
    with Worker() as worker:
        worker.read([Request(NOW, b"")])
        first = worker.pid
        assert first is not None
        os.kill(first, signal.SIGKILL)
        with suppress(Died):  # it may have been noticed before it was asked
            worker.read([Request(NOW, aggregate(1))])
        assert worker.read([Request(NOW, aggregate(1))]).parsed[0].found
        assert worker.pid != first


def test_more_rows_than_there_is_memory_for_are_not_taken_in(monkeypatch: pytest.MonkeyPatch) -> None:
    """A mail of 300 KB can hold 300,000 records below a name of a thousand letters."""
    monkeypatch.setattr(reading, "MAX_REPLY", 20_000)
    with Worker() as worker:
        assert worker.read([Request(NOW, aggregate(1))]).parsed[0].found
        with pytest.raises(Died):
            worker.read([Request(NOW, aggregate(1, records=200))])


def test_nothing_is_left_behind_by_one_that_is_killed(tmp_path: Path) -> None:
    """Of the process that reads, and of the one that has started it."""
    script = "import os, signal\nfrom todoku.intake.worker import Worker\nfrom todoku.intake.parse import Request\n"
    script += "worker = Worker()\nworker.read([Request(0, b'')])\nos.kill(os.getpid(), signal.SIGKILL)"
    environment = {"TMPDIR": str(tmp_path), "PATH": os.defpath}
    done = subprocess.run([sys.executable, "-c", script], check=False, env=environment)
    assert done.returncode == -signal.SIGKILL
    assert list(tmp_path.iterdir()) == []


class Deadly:
    """A reading process that dies of certain octets, as one with a fault would."""

    def __init__(self, worker: Worker, poison: bytes) -> None:
        self.worker = worker
        self.poison = poison
        self.deaths = 0

    def read(self, requests: Sequence[Request]) -> Reading:
        if any(one.octets == self.poison for one in requests):
            self.deaths += len(requests) == 1  # alone: nothing else can be to blame
            self.worker.stop()
            raise Died
        return self.worker.read(requests)


def test_poison_is_set_aside_after_three_deaths_and_the_queue_moves_on(bench: Bench) -> None:
    """L14: one among ten thousand, in the middle of them."""
    number = often(500, 10_000)
    poison = aggregate(number)
    bench.take(*(aggregate(one) for one in range(number // 2)), poison)
    bench.take(*(aggregate(one) for one in range(number // 2, number)))
    with Worker() as worker:
        bench.worker = Deadly(worker, poison)
        done = bench.process()
    assert bench.worker.deaths == 3
    assert (done.reports, done.quarantined) == (number, 1)
    assert [(aside.reason, aside.items) for aside in bench.status().aside] == [(POISON, 1)]
    assert bench.status().unparsed == 0


def test_without_a_thread_reading_is_not_started(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_thread: Thread) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(Thread, "start", refuse)
    assert bench.take(*(aggregate(number) for number in range(20))).new == 20
    with pytest.raises(NoWorker), Beside(lambda calls: (one for one in calls)):
        pass
