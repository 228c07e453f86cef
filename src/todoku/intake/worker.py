"""The parent's side of the child that reads reports: it is started, asked, and replaced when it dies of what it read."""

from __future__ import annotations

import os
import select
import subprocess
import sys
import time
from collections.abc import Sequence
from typing import IO, Self

import msgspec

from todoku.auth.ask import Answer
from todoku.intake.child import LENGTH, Job
from todoku.intake.parse import Reading, Request
from todoku.intake.verify import Signed
from todoku.words.verdict import Text

TOGETHER = 50  # items that the child is asked for at once ...
TOGETHER_OCTETS = 2**20  # ... and their octets, but for one that is larger by itself
WALL_SECONDS = 180.0  # for what is asked at once, on a machine that is busy
START_SECONDS = 60.0
MAX_REPLY = 2**28  # the rows of 100 MiB of ordinary records are half of it
ENVIRONMENT = {"LANG": "C.UTF-8", "OMP_NUM_THREADS": "1", "MALLOC_ARENA_MAX": "2"}
"""All that the child knows of the world."""


NOT_STARTED = Text("the process that reads reports cannot be started", "レポートを読み取るプロセスを開始できません")


class Died(Exception):  # noqa: N818 -- it says what became of the child
    """The child ended or said nothing while it read. Asked for one item alone, that item has failed."""


class NoWorker(Exception):  # noqa: N818
    """The child cannot be started at all: no report is to blame."""

    def __init__(self, text: Text) -> None:
        """Keep both languages."""
        super().__init__(text.en)
        self.text = text


class Worker:
    """A child that reads, and is asked one thing after another. It is a context manager."""

    def __init__(self) -> None:
        """Start nothing yet."""
        self._child: subprocess.Popen[bytes] | None = None
        self._decoder = msgspec.msgpack.Decoder(Reading)

    def __enter__(self) -> Self:
        """The worker itself."""
        return self

    def __exit__(self, *_error: object) -> None:
        """End the child."""
        self.stop()

    def read(self, requests: Sequence[Request]) -> Reading:
        """What the child reads in these. Raises ``Died`` where it dies of one of them, ``NoWorker`` where it cannot live."""
        return self._do(Job(read=tuple(requests)))

    def verify(self, requests: Sequence[Request], answers: Sequence[Answer]) -> Sequence[Signed]:
        """Who signed these, as far as the answers tell that the child has been given so far, in order. Raises as ``read`` does."""
        return self._do(Job(verify=tuple(requests), answers=tuple(answers))).signed

    def _do(self, job: Job) -> Reading:
        child = self._running()
        request = msgspec.msgpack.encode(job)
        try:
            return self._ask(child, LENGTH.pack(len(request)) + request)
        except (BrokenPipeError, EOFError, TimeoutError, msgspec.MsgspecError) as error:
            self.stop()
            raise Died from error

    def stop(self) -> None:
        """End the child now, whatever it does."""
        child, self._child = self._child, None
        if child is None:
            return
        child.kill()
        for pipe in (child.stdin, child.stdout):
            if pipe is not None:
                _close(pipe)
        child.wait()

    @property
    def pid(self) -> int | None:
        """The child's process, if there is one."""
        return None if self._child is None else self._child.pid

    def _running(self) -> subprocess.Popen[bytes]:
        if self._child is not None and self._child.poll() is None:
            return self._child
        self.stop()
        self._child = self._started()
        empty = msgspec.msgpack.encode(Job())
        try:
            self._ask(self._child, LENGTH.pack(len(empty)) + empty, START_SECONDS)
        except (BrokenPipeError, EOFError, TimeoutError) as error:
            self.stop()
            raise NoWorker(NOT_STARTED) from error
        return self._child

    def _started(self) -> subprocess.Popen[bytes]:
        try:
            return subprocess.Popen(
                [sys.executable, "-I", "-m", "todoku.intake.child"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                bufsize=0,  # replies are read as they come, with a clock beside them
                cwd="/",  # a folder of its own would stay behind whenever this process is killed
                env=ENVIRONMENT,
                close_fds=True,
            )
        except OSError as error:  # no memory, no process or no file is to be had just now
            raise NoWorker(NOT_STARTED) from error

    def _ask(self, child: subprocess.Popen[bytes], request: bytes, seconds: float = WALL_SECONDS) -> Reading:
        requests, replies = child.stdin, child.stdout
        if requests is None or replies is None:
            raise EOFError
        view = memoryview(request)
        while view:
            view = view[requests.write(view) :]
        until = time.monotonic() + seconds
        (length,) = LENGTH.unpack(_read(replies, LENGTH.size, until))
        if length > MAX_REPLY:
            raise EOFError
        return self._decoder.decode(_read(replies, length, until))


def _read(pipe: IO[bytes], size: int, until: float) -> bytearray:
    """So many octets. Raises ``EOFError`` and ``TimeoutError``."""
    file = pipe.fileno()
    found = bytearray()
    while len(found) < size:
        ready, _, _ = select.select([file], [], [], max(0.0, until - time.monotonic()))
        if not ready:
            raise TimeoutError
        octets = os.read(file, min(size - len(found), 1 << 20))
        if not octets:
            raise EOFError
        found += octets
    return found


def _close(pipe: IO[bytes]) -> None:
    try:
        pipe.close()
    except BrokenPipeError:  # what was not yet written is of no use
        return
