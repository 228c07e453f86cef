"""A name server on the loopback address whose every reply a test decides: over UDP, TCP, TLS and HTTPS."""

from __future__ import annotations

import errno
import http.server
import socket
import socketserver
import ssl
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import dns.flags
import dns.message
import dns.rcode
import dns.rrset

Script = Callable[[bytes, str], list[bytes]]
"""From the octets of a query and its transport (``udp``, ``tcp``) to the octets of the replies, in order."""


class Running:
    """What a test sees of the server: its address, and what it was asked over which connections."""

    def __init__(self, script: Script, drip: float, tls: ssl.SSLContext | None) -> None:
        self.address = ""  # IP:port
        self.asked: list[tuple[str, str, str]] = []  # (transport, name, type) of each query that came
        self.connections = 0
        self.stopped = threading.Event()
        self.script = script
        self.drip = drip  # seconds that pass before each octet on a stream
        self.tls = tls

    def replies(self, query: bytes, transport: str) -> list[bytes]:
        (question,) = dns.message.from_wire(query).question
        self.asked.append((transport, question.name.to_text(omit_final_dot=True), question.rdtype.name))
        return self.script(query, transport)


def reply(query: bytes, *records: str, rcode: str = "NOERROR", flags: str = "QR RD RA", authority: str = "") -> bytes:
    """A reply to the query: records as lines of a master file."""
    asked = dns.message.from_wire(query)
    message = dns.message.make_response(asked)
    message.flags = dns.flags.from_text(flags)
    message.set_rcode(dns.rcode.from_text(rcode))
    message.answer += [_rrset(record) for record in records]
    message.authority += [_rrset(authority)] if authority else []
    return message.to_wire(max_size=65_535)


def name_of(query: bytes) -> str:
    return dns.message.from_wire(query).question[0].name.to_text(omit_final_dot=True)


def _rrset(record: str) -> dns.rrset.RRset:
    owner, ttl, rdtype, value = record.split(" ", 3)
    return dns.rrset.from_text(owner, int(ttl), "IN", rdtype, value)


RECEIVE_BUFFER = 4 * 2**20  # octets: hundreds of questions that come at once must wait, not be dropped


class _Datagram(socketserver.BaseRequestHandler):
    def handle(self) -> None:
        query, sock = self.request
        for each in self.server.running.replies(query, "udp"):
            sock.sendto(each, self.client_address)


class _Stream(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        while len(prefix := self.rfile.read(2)) == 2:
            query = self.rfile.read(*struct.unpack("!H", prefix))
            for each in self.server.running.replies(query, "tcp"):
                self.send(struct.pack("!H", len(each)) + each)

    def send(self, octets: bytes) -> None:
        running = self.server.running
        if not running.drip:
            self.wfile.write(octets)
            return
        for octet in octets:
            if running.stopped.wait(running.drip):
                return
            self.wfile.write(bytes((octet,)))


class _Quiet:
    def handle_error(self, request: object, client_address: object) -> None:
        """A client that hangs up is part of the game."""


class _Streams(_Quiet, socketserver.ThreadingTCPServer):
    running: Running

    def get_request(self) -> tuple[socket.socket, object]:
        sock, address = super().get_request()
        self.running.connections += 1
        return (self.running.tls.wrap_socket(sock, server_side=True) if self.running.tls else sock), address


def _bound(threads: bool, tcp: bool) -> tuple[socketserver.UDPServer, list[socketserver.BaseServer]]:
    """The servers on one free port. A port that is free for UDP may be taken for TCP: then on another one."""
    while True:
        udp = (socketserver.ThreadingUDPServer if threads else socketserver.UDPServer)(("127.0.0.1", 0), _Datagram)
        udp.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER)
        try:
            return udp, [udp, *([_Streams(udp.server_address, _Stream)] if tcp else [])]
        except OSError as error:
            udp.server_close()
            if error.errno != errno.EADDRINUSE:
                raise


@contextmanager
def nameserver(
    script: Script, *, tcp: bool = True, threads: bool = False, tls: ssl.SSLContext | None = None, drip: float = 0
) -> Iterator[Running]:
    """A server that runs while the block does; with ``tls`` its TCP side speaks TLS."""
    running = Running(script, drip, tls)
    udp, servers = _bound(threads, tcp)
    for server in servers:
        server.running = running
    running.address = f"127.0.0.1:{udp.server_address[1]}"
    with _serving(*servers):
        yield running
        running.stopped.set()


@contextmanager
def slow_server(quiet: float = 0.2) -> Iterator[tuple[str, list[int]]]:
    """Knows no name, and answers nobody until for ``quiet`` seconds nothing came: its address, how many then waited each time."""
    waiting: list[int] = []
    stopped = threading.Event()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER)
        server.bind(("127.0.0.1", 0))
        server.settimeout(quiet)

        def serve() -> None:
            come: list[tuple[bytes, tuple[str, int]]] = []
            while not stopped.is_set():
                try:
                    come.append(server.recvfrom(65_535))
                except TimeoutError:
                    waiting.append(len(come))
                    for query, client in come:
                        server.sendto(reply(query, rcode="NXDOMAIN"), client)
                    come.clear()

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield f"127.0.0.1:{server.getsockname()[1]}", waiting
        finally:
            stopped.set()
            thread.join()


@contextmanager
def doh_server(answer: Callable[[bytes], tuple[int, str, bytes]], tls: ssl.SSLContext) -> Iterator[str]:
    """A DNS over HTTPS server; ``answer`` gives status, media type and body. The value is its URL."""

    class Post(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            assert self.headers["content-type"] == "application/dns-message"
            status, media_type, body = answer(self.rfile.read(int(self.headers["content-length"])))
            self.send_response(status)
            self.send_header("content-type", media_type)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args: object) -> None:
            """Say nothing."""

    class Server(_Quiet, http.server.ThreadingHTTPServer):
        """It says nothing of clients that hang up."""

    server = Server(("127.0.0.1", 0), Post)
    server.socket = tls.wrap_socket(server.socket, server_side=True)
    with _serving(server):
        yield f"https://127.0.0.1:{server.server_address[1]}/dns-query"


@contextmanager
def _serving(*servers: socketserver.BaseServer) -> Iterator[None]:
    threads = [threading.Thread(target=server.serve_forever, args=(0.01,)) for server in servers]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        for server in servers:
            server.shutdown()
        for thread in threads:
            thread.join()
        for server in servers:
            server.server_close()
