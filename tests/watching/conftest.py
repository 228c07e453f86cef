"""A web hook that is told."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from imap_server import ca, ca_file, dovecot, running
from store_bench import bench, worker

__all__ = ["bench", "ca", "ca_file", "dovecot", "running", "worker"]


@pytest.fixture
def hook() -> Iterator[Any]:
    class Hook(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            server: Any = self.server
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            server.asked.set()
            if not server.held.is_set():
                server.held.wait(60)
                return  # who asked is gone by now
            if server.status == 200:
                server.bodies.append(body)
            self.send_response(server.status)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server: Any = HTTPServer(("127.0.0.1", 0), Hook)
    server.bodies, server.status = [], 200
    server.asked, server.held = threading.Event(), threading.Event()  # somebody asked; cleared: nobody gets an answer
    server.held.set()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()
