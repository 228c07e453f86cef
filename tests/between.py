"""A relay in front of a name server, by which a test steps between question and answer."""

from __future__ import annotations

import contextlib
import socket
import socketserver
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import dns.message
import dns.opcode

Step = Callable[[bytes, Callable[[bytes], bytes]], bytes | None]
"""From a query and the way to the server to the reply; None: the connection is closed without one."""


def is_update(query: bytes) -> bool:
    """Whether it is an update that would change something: one without records only looks."""
    return query[2] >> 3 & 0xF == dns.opcode.UPDATE and query[8:10] != b"\0\0"


@contextmanager
def relay(port: int, step: Step) -> Iterator[int]:
    """A port on which ``step`` is asked for each reply, while the block runs."""

    def forward(query: bytes) -> bytes:
        with socket.create_connection(("127.0.0.1", port), 5) as sock:
            sock.sendall(struct.pack("!H", len(query)) + query)
            with sock.makefile("rb") as file:
                return file.read(*struct.unpack("!H", file.read(2)))

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            with contextlib.suppress(ConnectionError):
                query = self.rfile.read(*struct.unpack("!H", self.rfile.read(2)))
                reply = step(query, forward)
                if reply is not None:
                    self.wfile.write(struct.pack("!H", len(reply)) + reply)

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield server.server_address[1]
        finally:
            server.shutdown()
            thread.join()


def unsigned(query: bytes, rcode: int, *, authoritative: bool = True) -> bytes:
    """A reply that carries no signature."""
    reply = dns.message.make_response(dns.message.from_wire(query, keyring=False))
    reply.set_rcode(rcode)
    reply.flags |= 0x0400 if authoritative else 0
    return reply.to_wire()
