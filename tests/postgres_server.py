"""A real PostgreSQL on the loopback address, in a folder of its own, for as long as it is asked for."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path

import pytest

ACCOUNT = "postgres"  # PostgreSQL refuses to run as root


def binaries() -> Path:
    """The folder of its programs. Skips the test where there are none."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if not found:
        pytest.skip("PostgreSQL not found: apt-get install postgresql")
    return found[-1].parent


class Postgres:
    """The server: it can be stopped and started again, as if it had been away."""

    def __init__(self) -> None:
        self.binaries = binaries()
        self.folder = Path(tempfile.mkdtemp(prefix="todoku-postgres-"))
        self.account = ACCOUNT if os.geteuid() == 0 else None
        if self.account is not None:
            shutil.chown(self.folder, self.account)
        self.port = _free_port()
        self._run("initdb", "--username=todoku", "--auth=trust", "--no-sync", "--pgdata", str(self.data))
        self.server: subprocess.Popen[bytes] | None = None

    @property
    def data(self) -> Path:
        return self.folder / "data"

    def url(self, database: str) -> str:
        return f"postgresql://todoku@127.0.0.1:{self.port}/{database}"

    def start(self) -> None:
        options = (
            "-c",
            "listen_addresses=127.0.0.1",
            "-c",
            f"unix_socket_directories={self.folder}",
            "-p",
            str(self.port),
        )
        self.server = subprocess.Popen(
            [self.binaries / "postgres", "-D", self.data, *options],
            user=self.account,
            cwd=self.folder,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        for _ in range(200):
            ready = self._try("pg_isready", "--host=127.0.0.1", f"--port={self.port}")
            if ready.returncode == 0:
                return
            time.sleep(0.1)
        raise AssertionError("PostgreSQL does not start")

    def stop(self) -> None:
        """At once, as when its machine fails."""
        if self.server is not None:
            self.server.send_signal(signal.SIGQUIT)
            self.server.wait()
            self.server = None

    def make(self, database: str) -> str:
        """The URL of a new database."""
        self._run("createdb", "--host=127.0.0.1", f"--port={self.port}", "--username=todoku", database)
        return self.url(database)

    def close(self) -> None:
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _run(self, program: str, *arguments: str) -> None:
        done = self._try(program, *arguments)
        assert done.returncode == 0, done.stderr

    def _try(self, program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [self.binaries / program, *arguments],
            check=False,
            capture_output=True,
            text=True,
            user=self.account,
            cwd=self.folder,
            env={"LANG": "C.UTF-8", "PATH": os.defpath},
        )


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
