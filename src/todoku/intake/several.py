"""A mailbox file (mbox) is several items: each message is kept by itself, and its own signature says who sent it.

This is all that is read of what arrives outside of the process that reads reports, and it looks for nothing but the ``From ``
lines between the messages. What is no mailbox is handed on as it came.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from todoku.feedback.inflate import MAGIC, gunzip
from todoku.feedback.refusal import Refusal
from todoku.mail.mbox import from_line_end, mbox_messages

MAX_UNPACKED = 50 * 2**20  # octets of a mailbox in gzip; a larger one is kept as it came, and set aside with its reason


def messages_in(octets: bytes) -> Iterator[bytes]:
    """Each message of a mailbox, which may be in gzip; else the octets as they are."""
    mailbox = _unpacked_mailbox(octets) if octets.startswith(MAGIC) else octets
    return mbox_messages(mailbox) if mailbox else iter((octets,))


def _unpacked_mailbox(octets: bytes) -> bytes:
    """The mailbox in gzip; nothing where it is none, is damaged or is too large: the process that reads reports says which."""
    try:
        return _joined(gunzip(octets))
    except Refusal:
        return b""


def _joined(pieces: Iterable[bytes]) -> bytes:
    found = bytearray()
    for piece in pieces:
        if len(found) + len(piece) > MAX_UNPACKED or not (found or from_line_end(piece)):
            return b""
        found += piece
    return bytes(found)
