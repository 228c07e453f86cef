"""The messages in a mailbox file (mbox): each stands below a ``From `` line (RFC 4155), and an empty line is above each further one.

A ``>From`` in a body stays as it is: nobody can tell whether the mailbox or the author wrote the ``>``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

# RFC 4155 appendix A with its date, Mozilla's "From - ", or the address alone.
_FROM_LINE = re.compile(rb">?From (?![ \t]*:)(?:(\S)|$)")
_FROM_ADDRESS = re.compile(rb">?From [^\s:@]++@[^\s:@]++[ \t\r]*+")
_NEXT_FROM_LINE = re.compile(rb"\n\r?\nFrom (?=\S)")
_TIME = re.compile(rb"[0-9]{2}:[0-9]{2}")
_YEAR = re.compile(rb"[0-9]{4}")
_FIELD = re.compile(rb"[A-Za-z][A-Za-z0-9-]*+[ \t]*+:")


def from_line_end(data: bytes) -> int:
    """Where the first line ends, if it is the one that a mailbox puts above a message; else 0."""
    end = data.find(b"\n") + 1
    if not end or not _FROM_LINE.match(data, 0, end - 1):
        return 0
    return end if _TIME.search(data, 0, end) or _FROM_ADDRESS.fullmatch(data, 0, end - 1) else 0


def message_end(data: bytes, start: int) -> int:
    """Where the message ends below which the mailbox goes on with a further one; 0 where it does not."""
    for line in _NEXT_FROM_LINE.finditer(data, start):
        end = data.find(b"\n", line.end())
        end = len(data) if end < 0 else end
        time = _TIME.search(data, line.end(), end)
        is_dated = time and _YEAR.search(data, time.end(), end)
        if is_dated or (_FROM_ADDRESS.fullmatch(data, line.end() - len("From "), end) and _FIELD.match(data, end + 1)):
            return line.start() + 1
    return 0


def is_mbox(data: bytes) -> bool:
    """Whether this is a mailbox of more than one message."""
    start = from_line_end(data)
    return bool(start) and bool(message_end(data, start))


def mbox_messages(data: bytes) -> Iterator[bytes]:
    """Each message of a mailbox with the ``From `` line above it; of what is no mailbox all of it, as it is. Linear in its size."""
    begin = 0
    start = from_line_end(data)
    while start and (end := message_end(data, start)):
        yield data[begin:end]
        begin = data.index(b"From ", end)
        start = data.find(b"\n", begin) + 1
    yield data[begin:] if begin else data


def mbox_messages_in(pieces: Iterable[bytes], most: int) -> Iterator[bytes]:
    """The same of a mailbox that comes in pieces, of which no more than ``most`` octets and a piece are held. Raises ``OverflowError``
    where a message is longer.
    """
    data, looked = b"", 0
    for piece in pieces:
        data += piece
        start = from_line_end(data)
        end = message_end(data, max(start, looked)) if start else 0
        if end:
            yield data[:end]
            *whole, data = mbox_messages(data[data.index(b"From ", end) :])
            yield from whole
        if len(data) > most:
            raise OverflowError
        looked = _decided(data)
    yield data


def _decided(data: bytes) -> int:
    """Up to where no message ends, whatever follows: the line above, the empty one, the ``From `` line and the field are whole there."""
    at = len(data)
    for _ in range(4):
        at = max(0, data.rfind(b"\n", 0, at))
    return at
