"""What was added to a body: a footer or banner in one of its texts, a MIME part, or a multipart around it.

Lines are those of the canonical body, which has as many as the body itself but for empty ones at its end. Only what was
added in one piece is found.
"""

from __future__ import annotations

import binascii
import hashlib
from bisect import bisect_left
from collections.abc import Iterator
from itertools import accumulate, pairwise

from todoku.auth.dkim.damage.encodings import in_lines
from todoku.auth.dkim.damage.search import LARGE, Guess, Letter, Search
from todoku.auth.dkim.damage_kinds import Damage, DamageTag
from todoku.mail.mime import Part, decoded

MAX_LINES = 200  # that are taken from the end of the body
MAX_PART_LINES = 60  # from the end of one part
MAX_BANNER_LINES = 20  # from its beginning: each costs a hash of all that follows
MAX_PARTS = 8


class _Lines:
    """A canonical body line by line, each with its CRLF, and where in the body itself each begins."""

    def __init__(self, letter: Letter, canonical: bytes) -> None:
        self.body = letter.body
        self.lines = [line + b"\r\n" for line in canonical.split(b"\r\n")[:-1]]
        self.offsets = [0, *accumulate(len(line) + 2 for line in letter.body.split(b"\r\n"))]
        self.start = letter.start

    def join(self, first: int, end: int | None = None) -> bytes:
        """The lines from ``first`` up to ``end``."""
        return b"".join(self.lines[first:end])

    def damage(self, tag: DamageTag, first: int, end: int) -> Damage:
        """That these lines were added; of nothing but blanks it is said as of blanks."""
        start, stop = self.offsets[first], min(self.offsets[end], len(self.body))
        blank = not self.body[start:stop].strip()
        return Damage("body-whitespace-added" if blank else tag, octets=stop - start)

    def span(self, part: Part) -> tuple[int, int]:
        """The numbers of a part's first line and of the one after its last."""
        first = bisect_left(self.offsets, part.start - self.start)
        end = bisect_left(self.offsets, part.end - self.start + 1)
        return min(first, len(self.lines)), min(end, len(self.lines))


def added_lines(letter: Letter, search: Search) -> Damage | None:
    """What was added to the body, where the body without it is the one that was signed."""
    if search.length is not None:  # RFC 6376 3.5: what stands after l= was never signed
        return None
    canonical = search.canonical(letter.body)
    if (octets := _at_the_end(letter, search, canonical)) is not None:
        blank = not letter.body[len(letter.body) - octets :].strip()
        return Damage("body-whitespace-added" if blank else "body-footer-added", octets=octets)
    if letter.is_large:
        return None
    lines = _Lines(letter, canonical)
    texts = letter.texts[:MAX_PARTS]
    last = () if letter.leaves[-1:] == texts[-1:] else letter.leaves[-1:]
    for found in (*_whole_parts(letter, lines, search), *_below_texts((*texts, *last), lines, search)):
        return found
    return next(_above_texts(texts, lines, search), None)


def _at_the_end(letter: Letter, search: Search, canonical: bytes) -> int | None:
    """The octets after which the body ended: one pass, and a hash at the end of each line that is not empty."""
    if hashlib.sha256(search.canonical(b"")).digest() == search.bh:
        return len(letter.body)
    start = len(canonical)
    for _ in range(MAX_LINES + 2):  # one is the last line end, one is before the lowest line that is kept
        start = max(0, canonical.rfind(b"\r\n", 0, start))
    start += 2 if start else 0
    state = hashlib.sha256(memoryview(canonical)[:start])
    end = canonical.find(b"\r\n", start)
    while end >= 0:
        state.update(canonical[start : end + 2])
        if end > start and state.copy().digest() == search.bh:
            return len(letter.body) - _end_of_line(letter.body, canonical.count(b"\r\n", 0, end + 2))
        start = end + 2
        end = canonical.find(b"\r\n", start)
    return None


def _end_of_line(body: bytes, number: int) -> int:
    """Where the line of this number ends, its CRLF included. Halving and counting takes no memory, as splitting does."""
    return bisect_left(range(len(body)), number, key=lambda end: body.count(b"\r\n", 0, end))


def _below_texts(texts: tuple[Part, ...], lines: _Lines, search: Search) -> Iterator[Damage]:
    """Lines at the end of a text, or before the end of a page."""
    for part in texts:
        first, end = lines.span(part)
        for stop in {end, _end_of_page(lines, first, end)}:
            begin = max(first, stop - MAX_PART_LINES)
            for kept in search.finds_pieces(lines.join(0, begin), lines.join(stop), lines.lines[begin:stop]):
                yield lines.damage("body-footer-added", begin + kept, stop)
        if (inserted := _within_a_line(lines, _end_of_page(lines, first, end), search)) is not None:
            yield inserted


def _end_of_page(lines: _Lines, first: int, end: int) -> int:
    """The number of the last line in which a page closes; ``end`` where none does."""
    for index in range(end - 1, max(first, end - MAX_PART_LINES) - 1, -1):
        if b"</body" in lines.lines[index].lower():
            return index
    return end


def _within_a_line(lines: _Lines, index: int, search: Search) -> Damage | None:
    """Elements right before the end of a page, in the same line: a counter's picture, a notice."""
    if index == len(lines.lines):
        return None
    line = lines.lines[index]
    close = line.lower().find(b"</body")
    marks = [at for at in range(max(0, close)) if line[at] == 0x3C][-MAX_PART_LINES:]
    pieces = [line[start:stop] for start, stop in pairwise((*marks, close))] if marks else []
    head = lines.join(0, index) + line[: marks[0] if marks else max(0, close)]
    for kept in search.finds_pieces(head, line[max(0, close) :] + lines.join(index + 1), pieces):
        return Damage("body-footer-added", octets=sum(map(len, pieces[kept:])))
    return None


def _above_texts(texts: tuple[Part, ...], lines: _Lines, search: Search) -> Iterator[Damage]:
    """Lines at the beginning of a text: a banner that warns of mail from outside."""
    for part in texts[:2]:
        first, end = lines.span(part)
        head = lines.join(0, first)
        for index in range(first + 1, min(end, first + MAX_BANNER_LINES)):
            if search.finds(head + lines.join(index)):
                yield lines.damage("body-text-added", first, index)


def _whole_parts(letter: Letter, lines: _Lines, search: Search) -> Iterator[Damage]:
    """A part of the outermost multipart that was not there, or a part that was the whole body."""
    if not letter.top.boundary:
        return
    delimiter = b"--" + letter.top.boundary.encode("latin-1")
    marks = [i for i, line in enumerate(lines.lines) if line.rstrip() in (delimiter, delimiter + b"--")]
    for first, end in list(pairwise(marks))[:MAX_PARTS]:
        if search.finds(lines.join(0, first) + lines.join(end)):
            yield lines.damage("body-part-added", first, end)
        header_end = next((i for i in range(first, end) if lines.lines[i] == b"\r\n"), end - 1)
        inner = lines.join(header_end + 1, end)
        if search.finds(inner):
            yield Damage("body-part-added", octets=max(0, len(letter.body) - len(inner)))


def footers_in_base64(letter: Letter) -> Iterator[Guess]:
    """Texts in base64 without their last lines: what adds to them decodes and encodes them."""
    for part in [part for part in letter.texts if part.encoding == "base64"][:2]:
        text = decoded(letter.message, part, LARGE)
        end = len(text)
        for _ in range(MAX_BANNER_LINES):
            end = text.rfind(b"\n", 0, max(0, end))
            if end < 0:
                break
            for stop in (end + 1, end - 1 if text[end - 1 : end] == b"\r" else end):
                content = in_lines(binascii.b2a_base64(text[:stop], newline=False), 76)
                damage = Damage("body-footer-added", octets=len(text) - stop)
                yield Guess(letter.with_contents([(part, content)]), damage)
