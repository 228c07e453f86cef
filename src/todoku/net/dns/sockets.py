"""How a DNS question travels: over UDP, over TCP where the reply does not fit, or over TLS.

Over UDP questions share ports (``datagrams.py``); each connection belongs to one exchange and is open only while that runs.

It trusts nobody, and touches only the name servers that it was given.
"""

from __future__ import annotations

import errno
import os
import socket
import ssl
import struct
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from selectors import EVENT_READ, EVENT_WRITE
from time import monotonic
from typing import NamedTuple, TypeVar

from todoku.auth.ask import Answer
from todoku.net.dns.datagrams import MAX_MESSAGE, Letter
from todoku.net.dns.exchange import Exchange, Wait
from todoku.net.dns.wire import Query, is_truncated, read_answer

T = TypeVar("T")


class Server(NamedTuple):
    """A name server to ask; with ``tls`` only over TLS (RFC 7858)."""

    ip: str
    port: int = 53
    tls: ssl.SSLContext | None = None

    def __str__(self) -> str:
        """Its name in messages, as an operator would type it."""
        host = f"[{self.ip}]" if ":" in self.ip else self.ip
        return f"tls://{host}:{self.port}" if self.tls else f"{host}:{self.port}"


def over_udp(query: Query, server: Server, until: float, *, edns: bool = True) -> Exchange[Answer]:
    """What ``server`` answers; asked again over TCP when that is truncated."""
    try:
        reply: bytes = yield Letter(query, (server.ip, server.port), edns, until)
    except OSError as error:
        return failure(query, server, error)
    if not reply:
        return failure(query, server, TimeoutError())
    if is_truncated(reply):  # RFC 7766 5
        return (yield from over_stream((query,), server, until))[query]
    return read_answer(query, reply, server)


def over_stream(queries: Sequence[Query], server: Server, until: float) -> Exchange[dict[Query, Answer]]:
    """What ``server`` answers to all the ``queries``, sent at once on one connection (RFC 7766 6.2.1.1)."""
    waiting = dict(zip(_idents(len(queries)), queries, strict=True))
    answers: dict[Query, Answer] = {}
    try:
        with closing((yield from _connected(server, until))) as sock:
            messages = [query.message(ident) for ident, query in waiting.items()]
            octets = b"".join(struct.pack("!H", len(message)) + message for message in messages)
            while octets:
                octets = octets[(yield from _when_ready(EVENT_WRITE, sock, until, sock.send, octets)) :]
            received = bytearray()
            while waiting:
                received += yield from _when_ready(EVENT_READ, sock, until, _some, sock)
                for reply in _take_messages(received):
                    query = _whose(reply, waiting)
                    answers[query] = read_answer(query, reply, server)
    except OSError as error:
        answers.update((query, failure(query, server, error)) for query in waiting.values())
    return answers


def failure(query: Query, server: Server | str, error: Exception) -> Answer:
    """The answer when the conversation failed: we could not look."""
    if isinstance(error, TimeoutError):
        return Answer(query.question, status="timeout", detail=f"no answer from {server} in time")
    said = getattr(error, "verify_message", None) or getattr(error, "strerror", None) or str(error)
    return Answer(query.question, status="servfail", detail=f"{server}: {said}")


def _connected(server: Server, until: float) -> Exchange[socket.socket]:
    """A connection, over TLS where the server is to be spoken to so."""
    sock = socket.socket(socket.AF_INET6 if ":" in server.ip else socket.AF_INET, socket.SOCK_STREAM)
    try:
        sock.setblocking(False)
        if sock.connect_ex((server.ip, server.port)) == errno.EINPROGRESS:
            yield Wait(sock, EVENT_WRITE, until)
        yield from _when_ready(EVENT_WRITE, sock, until, _prove_connected, sock)
        if server.tls:  # the certificate must be for the address that was given: RFC 8310 8.1
            sock = server.tls.wrap_socket(sock, server_hostname=server.ip, do_handshake_on_connect=False)
            yield from _when_ready(EVENT_READ, sock, until, sock.do_handshake)
    except BaseException:
        sock.close()
        raise
    return sock


def _prove_connected(sock: socket.socket) -> None:
    code = sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
    if code:
        raise OSError(code, os.strerror(code))
    sock.getpeername()  # raises when the connection never came to be


def _when_ready(
    event: int, sock: socket.socket, until: float, operation: Callable[..., T], *given: object
) -> Exchange[T]:
    """The result of ``operation(*given)``, tried again when the socket is ready for ``event``, or for what TLS needs.

    Raises ``TimeoutError`` when ``until`` has come, even if there is always something to read.
    """
    while monotonic() < until:
        try:
            return operation(*given)
        except (BlockingIOError, ssl.SSLWantReadError):
            wait = Wait(sock, event, until)
        except ssl.SSLWantWriteError:
            wait = Wait(sock, EVENT_WRITE, until)
        if not (yield wait):
            break
    raise TimeoutError


def _some(sock: socket.socket) -> bytes:
    octets = sock.recv(MAX_MESSAGE)
    if not octets:
        raise ConnectionResetError("the connection was closed before the answer")
    return octets


def _take_messages(received: bytearray) -> Iterator[bytes]:
    """The messages that have come whole, taken out of ``received``: each has its length before it (RFC 1035 4.2.2)."""
    while len(received) >= 2 and len(received) >= (end := 2 + int.from_bytes(received[:2])):
        yield bytes(received[2:end])
        del received[:end]


def _whose(reply: bytes, waiting: dict[bytes, Query]) -> Query:
    """The query that is answered, no longer waiting. Nobody else can write into a stream, so anything else ends it."""
    query = waiting.get(reply[:2])
    if query is None or not query.is_answered_by(reply, reply[:2]):
        raise ConnectionAbortedError("the server sent what was not asked for")
    del waiting[reply[:2]]
    return query


def _idents(count: int) -> list[bytes]:
    """So many different ids, at random."""
    found: set[bytes] = set()
    while len(found) < count:
        found.add(os.urandom(2))
    return list(found)
