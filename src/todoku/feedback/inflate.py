"""Compressed octets let out a piece at a time, so that whoever reads them can stop: gzip (RFC 1952) and deflate (RFC 1951).

What is cut off or damaged is refused at the place where it shows, before the end: a caller keeps nothing until then.
"""

from __future__ import annotations

import zlib
from collections.abc import Generator, Iterator

from todoku.feedback.refusal import CORRUPT, MEMBERS, TRUNCATED, Refusal

PIECE = 256 * 1024  # octets that are let out at a time
MAX_GZIP_MEMBERS = 10_000
MAGIC = b"\x1f\x8b"  # RFC 1952 2.3.1

_GZIP, _RAW = 16 + zlib.MAX_WBITS, -zlib.MAX_WBITS
_TAKEN = 16 * 1024  # octets that are taken in at a time


def gunzip(octets: bytes) -> Iterator[bytes]:
    """What gzip octets stand for. Members follow on each other: RFC 1952 section 2.2. Raises ``Refusal``.

    Octets behind the last member that begin no further one are passed over, as gzip does.
    """
    position = 0
    for _ in range(MAX_GZIP_MEMBERS):
        position = yield from _inflated(octets, position, _GZIP)
        if not octets.startswith(MAGIC, position):
            return
    raise Refusal(MEMBERS, limit=MAX_GZIP_MEMBERS)


def inflate(octets: bytes) -> Iterator[bytes]:
    """What deflated octets stand for, as zip has them, without a header. Raises ``Refusal``."""
    yield from _inflated(octets, 0, _RAW)


def _inflated(octets: bytes, position: int, window: int) -> Generator[bytes, None, int]:
    """One stream of ``octets`` from ``position`` on; gives back where it ended."""
    stream = zlib.decompressobj(window)
    view = memoryview(octets)
    taken: bytes | memoryview = b""
    while not stream.eof:
        if not taken:
            taken = view[position : position + _TAKEN]
            position += len(taken)
        ended = not taken
        try:
            piece = stream.decompress(taken, PIECE)
        except zlib.error:
            raise Refusal(CORRUPT) from None
        taken = stream.unconsumed_tail
        if piece:
            yield piece
        elif ended:
            raise Refusal(TRUNCATED)
    return position - len(stream.unused_data)
