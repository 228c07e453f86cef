"""Questions over UDP, many at a time: whose reply a datagram is.

What keeps a forger out who cannot see the questions is that he must guess (RFC 5452 section 9). So each question has an id
of its own, drawn at random, and goes out by a port that the system drew; the socket is connected, so that the kernel drops
what comes from elsewhere. A port is left after ``SHARED`` questions: whoever finds out one of them soon has nothing, and
still has to guess the id. A lone question has its port to itself.

It trusts nobody, and touches only the name servers that it was given.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from typing import Generic, TypeVar

import msgspec

from todoku.net.dns.wire import Query

W = TypeVar("W")

SHARED = 16  # questions that go out by one port: a socket for each costs as much as all else that a question needs
MAX_MESSAGE = 65_535  # octets of a DNS message: RFC 1035 4.2.2
AT_ONCE = 64  # datagrams that are taken before others have their turn: somebody may send more than we can read


class Letter(msgspec.Struct, gc=False):
    """A query over UDP that an exchange waits for the reply to, at most ``until`` (monotonic seconds)."""

    query: Query
    to: tuple[str, int]
    edns: bool
    until: float


class Port(Generic[W]):
    """A port, and who waits for a reply at it: each with its letter, by the id that the letter bears."""

    __slots__ = ("_idents", "sock", "spent", "to", "waiting")

    def __init__(self, to: tuple[str, int]) -> None:
        """Open it, for letters to one server. Raises ``OSError``."""
        self.to = to
        self.spent = 0
        self.waiting: dict[bytes, tuple[Letter, W]] = {}
        self._idents = os.urandom(2 * SHARED)
        self.sock = socket.socket(socket.AF_INET6 if ":" in to[0] else socket.AF_INET, socket.SOCK_DGRAM)
        try:
            self.sock.setblocking(False)
            self.sock.connect(to)
        except BaseException:
            self.sock.close()
            raise

    @property
    def is_over(self) -> bool:
        """Whether nobody waits, and nobody else is to."""
        return self.spent >= SHARED and not self.waiting

    def send(self, letter: Letter, who: W) -> bytes:
        """Send it for somebody who then waits; the id that it bears. Raises ``OSError``."""
        ident = self._idents[2 * self.spent : 2 * self.spent + 2]
        while ident in self.waiting:
            ident = os.urandom(2)
        self.sock.send(letter.query.message(ident, edns=letter.edns))
        self.spent += 1
        self.waiting[ident] = letter, who
        return ident

    def send_again(self, ident: bytes) -> None:
        """Send the same once more. Raises ``OSError``."""
        letter, _ = self.waiting[ident]
        self.sock.send(letter.query.message(ident, edns=letter.edns))

    def replies(self) -> Iterator[tuple[W, bytes]]:
        """The replies that have come, with whom they are for. Raises ``OSError`` where the server cannot be reached.

        What is no reply to a letter is neither believed nor ends the wait for it: CVE-2023-29483.
        """
        for _ in range(AT_ONCE):
            try:
                octets = self.sock.recv(MAX_MESSAGE)
            except BlockingIOError:  # no more, or one of which the kernel found the checksum wrong
                return
            ident = octets[:2]
            known = self.waiting.get(ident)
            if known is not None and known[0].query.is_answered_by(octets, ident):
                yield known[1], octets
            if not self.waiting:
                return
