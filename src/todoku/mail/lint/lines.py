"""Lines and octets, in the header and in the body: RFC 5322 sections 2.1.1 and 2.3, RFC 5321 section 2.3.8.

Nothing here looks at every octet in Python: counts and searches of the ``bytes`` type tell at once that a message is
clean, and only what is not is looked at closely.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice

from todoku.mail.lint.defect import MAX_LISTED, Defect, before, defect
from todoku.mail.message import BARE_LF, Message

MAX_LINE = 998  # octets without CRLF: RFC 5322 section 2.1.1

_BARE_CR = re.compile(rb"\r(?!\n)")
_NUL = re.compile(rb"\0")


def line_defects(message: Message) -> Iterator[Defect]:
    """Bare line ends, NUL and lines that are too long, wherever they stand."""
    raw = message.raw
    # RFC 5321 section 2.3.8: CR and LF only ever together.
    if _BARE_CR.search(raw):
        yield from _octets("bare-cr", raw, _BARE_CR, len(_BARE_CR.findall(raw)))
    if message.has_bare_lf:
        yield from _octets("bare-lf", raw, BARE_LF, len(BARE_LF.findall(raw)))
    if 0 in raw:
        yield from _octets("nul", raw, _NUL, raw.count(b"\0"))
    yield from _long_lines(raw)


def _octets(tag: str, raw: bytes, pattern: re.Pattern[bytes], count: int) -> Iterator[Defect]:
    """The first ones, each with its offset; the last one listed says how many more there are."""
    for index, match in enumerate(islice(pattern.finditer(raw), MAX_LISTED), 1):
        offset = match.start()
        more = {"more": count - MAX_LISTED} if index == MAX_LISTED < count else {}
        yield defect(tag, raw, offset, {"count": count, **more}, shown_from=before(raw, offset))


def _long_lines(raw: bytes) -> Iterator[Defect]:
    """Lines over the limit, found by leaping from one line end to the last one that is near enough."""
    start = 0
    while len(raw) - start > MAX_LINE:
        last = raw.rfind(b"\n", start, start + MAX_LINE + 2)
        if last >= 0:
            start = last + 1
            continue
        end = raw.find(b"\n", start)
        end = len(raw) if end < 0 else end
        length = end - start - (raw[end - 1] == 0x0D)
        if length > MAX_LINE:
            yield defect("line-too-long", raw, start, {"length": length, "limit": MAX_LINE})
        start = end + 1
