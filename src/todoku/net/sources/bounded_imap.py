"""An IMAP connection on which each answer is bounded in octets, lines and time, whatever the server says that it will send.

``imaplib`` waits for the end of a line for as long as it comes drop by drop, reserves what a literal announces, and keeps
every line that nobody asked for. Here each of these ends with the allowance of the command.
"""

from __future__ import annotations

import imaplib
import socket
import ssl
from time import monotonic
from typing import Any

from imapclient import IMAPClient
from imapclient.imap4 import IMAP4WithTimeout
from imapclient.tls import IMAP4_TLS

from todoku.intake.source import MAX_ITEM

OCTETS = MAX_ITEM + 16 * 2**20  # of all answers to one step: the largest message alone, or a portion of small ones
SECONDS = 10 * 60.0
GREETING_SECONDS = 60.0
A_LINE = 200  # octets that a line counts for beside its own: it is kept as an object
MAX_LINE = 1_000_000  # as imaplib has it
AT_ONCE = 64 * 1024


class _Bounded:
    """Reading, for ``imaplib.IMAP4``: straight from the socket, as far as the allowance goes."""

    sock: socket.socket

    def open(self, *given: Any, **named: Any) -> None:  # noqa: ANN401 -- imaplib's own
        """Connect, with an allowance for the greeting."""
        self._buffer = bytearray()
        self._of: socket.socket | None = None
        self.allow(GREETING_SECONDS)
        super().open(*given, **named)  # type: ignore[misc]

    def allow(self, seconds: float = SECONDS) -> None:
        """A full allowance, from now on."""
        self._left = OCTETS
        self._until = monotonic() + seconds

    def read(self, size: int) -> bytes:
        """The octets of a literal; fewer where the connection ends. Raises ``imaplib.IMAP4.abort``, ``OSError``."""
        if size > self._left:  # nothing is reserved for what only an announcement says
            raise self._too_long()
        self._forget_other_socket()
        while len(self._buffer) < size and self._more():
            pass
        return self._taken(size)

    def readline(self) -> bytes:
        """A line with its end; what there is of it where the connection ends. Raises as ``read`` does."""
        self._spend(A_LINE)
        self._forget_other_socket()
        seen = 0
        while (end := self._buffer.find(b"\n", seen)) < 0:
            seen = len(self._buffer)
            if seen > MAX_LINE:
                raise imaplib.IMAP4.abort(f"a line of more than {MAX_LINE} octets")
            if not self._more():
                return self._taken(seen)
        return self._taken(end + 1)

    def _more(self) -> bool:
        """Whether something came. Raises ``TimeoutError`` where the time is over, though it come drop by drop."""
        if monotonic() > self._until:
            raise TimeoutError
        octets = self.sock.recv(AT_ONCE)
        self._spend(len(octets))
        self._buffer += octets
        return bool(octets)

    def _spend(self, octets: int) -> None:
        self._left -= octets
        if self._left < 0:
            raise self._too_long()

    def _too_long(self) -> imaplib.IMAP4.abort:
        return imaplib.IMAP4.abort(f"an answer of more than {OCTETS} octets")

    def _taken(self, size: int) -> bytes:
        octets = bytes(self._buffer[:size])
        del self._buffer[:size]
        return octets

    def _forget_other_socket(self) -> None:
        """What was sent in the clear before STARTTLS had its answer is nobody's: CVE-2011-0411."""
        if self._of is not self.sock:
            self._of = self.sock
            self._buffer.clear()


class _Tls(_Bounded, IMAP4_TLS):  # type: ignore[misc]
    """TLS at once."""


class _Clear(_Bounded, IMAP4WithTimeout):  # type: ignore[misc]
    """In the clear, until STARTTLS."""


class BoundedClient(IMAPClient):  # type: ignore[misc]
    """``IMAPClient`` over such a connection. ``allow`` is called before each step."""

    def allow(self, seconds: float = SECONDS) -> None:
        """A full allowance for what is asked next."""
        self._imap.allow(seconds)

    def _create_IMAP4(self) -> _Tls | _Clear:  # noqa: N802 -- imapclient's name
        context: ssl.SSLContext | None = self.ssl_context
        if self.ssl:
            return _Tls(self.host, self.port, context, self._timeout.connect)
        return _Clear(self.host, self.port, self._timeout.connect)
