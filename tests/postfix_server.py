"""A real Postfix on the loopback address, in a folder of its own, whose ``todoku:`` transport is a pipe to a test.

Postfix runs no pipe as root, and the tests' Python may be nobody else's. So what it runs is a few lines that hand the message over a
socket to the test, which runs ``todoku`` and gives its exit code back.
"""

from __future__ import annotations

import os
import shutil
import smtplib
import socket
import socketserver
import subprocess
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Self

import pytest

PROGRAM, DAEMONS = Path("/usr/sbin/postfix"), Path("/usr/lib/postfix/sbin")
RECIPIENT = "reports@example.com"

MAIN = """
compatibility_level = 3.6
queue_directory = {folder}/queue
data_directory = {folder}/data
daemon_directory = {daemons}
command_directory = /usr/sbin
meta_directory = /etc/postfix
maillog_file = {folder}/log
maillog_file_prefixes = {folder}
myhostname = mx.example.com
mydestination =
relay_domains = example.com
transport_maps = inline:{{ {{ example.com = todoku: }} }}
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
smtpd_relay_restrictions = permit_mynetworks, reject
queue_run_delay = 2s
minimal_backoff_time = 4s
maximal_backoff_time = 4s
"""
MASTER = """
127.0.0.1:{port} inet n - n - - smtpd
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
smtp unix - - n - - smtp
relay unix - - n - - smtp
error unix - - n - - error
retry unix - - n - - error
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
todoku unix - n n - 2 pipe
  flags=Rq user=nobody argv=/usr/bin/python3 {folder}/hand_over.py {folder}/socket
"""
HAND_OVER = """
import socket, sys
with socket.socket(socket.AF_UNIX) as there:
    there.connect(sys.argv[1])
    there.sendall(sys.stdin.buffer.read())
    there.shutdown(socket.SHUT_WR)
    sys.exit(there.recv(1)[0])
"""


class Postfix:
    """The server. ``command`` is given each message that it pipes, and gives the exit code. It is a context manager."""

    def __init__(self, command: Callable[[bytes], int]) -> None:
        if not PROGRAM.exists() or os.geteuid() != 0:
            pytest.skip("Postfix not found, or not root: apt-get install postfix")
        self.folder = Path(tempfile.mkdtemp(prefix="todoku-postfix-"))
        self.folder.chmod(0o755)
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        words = {"folder": self.folder, "daemons": DAEMONS, "port": self.port}
        (self.folder / "queue").mkdir()
        (self.folder / "data").mkdir()
        shutil.chown(self.folder / "data", "postfix")
        (self.folder / "main.cf").write_text(MAIN.format(**words))
        (self.folder / "master.cf").write_text(MASTER.format(**words))
        (self.folder / "hand_over.py").write_text(HAND_OVER)

        class Pipe(socketserver.StreamRequestHandler):
            def handle(self) -> None:
                self.wfile.write(bytes([command(self.rfile.read())]))

        self.pipe = socketserver.ThreadingUnixStreamServer(str(self.folder / "socket"), Pipe)
        (self.folder / "socket").chmod(0o666)
        self.thread = threading.Thread(target=self.pipe.serve_forever)

    def __enter__(self) -> Self:
        self.thread.start()
        self._run("start")
        return self

    def __exit__(self, *_error: object) -> None:
        self._run("stop")
        self.pipe.shutdown()
        self.thread.join()
        self.pipe.server_close()
        shutil.rmtree(self.folder)

    def deliver(self, message: bytes) -> None:
        with smtplib.SMTP("127.0.0.1", self.port) as session:
            session.sendmail("dmarc@receiver.example", [RECIPIENT], message)

    def log(self) -> str:
        path = self.folder / "log"
        return path.read_text() if path.exists() else ""

    def waiting(self) -> int:
        """How many messages are in the queue."""
        return sum(
            1
            for place in ("incoming", "active", "deferred")
            for one in (self.folder / "queue" / place).rglob("*")
            if one.is_file()
        )

    def _run(self, word: str) -> None:
        subprocess.run([PROGRAM, "-c", self.folder, word], check=True, capture_output=True)
