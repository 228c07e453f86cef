"""Changes that know where an input's pieces begin: half of the mutations, the others are libFuzzer's own.

A piece is what stands between two matches of the target's ``cut``: a header line, a tag, a term. Pieces are dropped,
doubled, moved, many times repeated, exchanged for one of another input, and words of the grammar put beside them.
"""

from __future__ import annotations

import random
import re
from collections import deque
from collections.abc import Callable

from targets import Target
from targets.registry import MANY

Native = Callable[[bytes, int], bytes]

KEPT = 2_000  # pieces of earlier inputs that may stand in for others
MAX_PIECE = 400  # octets of one of them


class Mutator:
    """The changes of one target. The same inputs and seeds in the same order give the same changes."""

    def __init__(self, target: Target, native: Native) -> None:
        """``native`` is libFuzzer's own change of an input."""
        words = target.words or (b"\0", b"\xff", b"\0\0")
        self.words = tuple(word for word in words if not word.startswith(b"{{"))
        self.many = tuple(word for word in words if word.startswith(b"{{")) or self.words
        self.cut = re.compile(b"(" + target.cut + b")")
        self.native = native
        self.pool: deque[bytes] = deque(self.words, KEPT)
        self.random = random.Random()

    def __call__(self, data: bytes, most: int, seed: int) -> bytes:
        """A changed input of at most ``most`` octets."""
        draw = self.random
        draw.seed(seed)
        if not data or draw.random() < 0.5:
            changed = self.native(data, most)
            return self.with_word(changed)[:most] if draw.random() < 0.1 else changed
        pieces = self.cut.split(data)
        self.pool.extend(piece for piece in pieces[::2][:8] if 0 < len(piece) <= MAX_PIECE)
        for _ in range(draw.randrange(1, 4)):
            if not pieces:
                break
            at = draw.randrange(len(pieces))
            draw.choice(CHANGES)(self, pieces, at)
        return b"".join(pieces)[:most]

    def with_word(self, data: bytes) -> bytes:
        """A word of the grammar put somewhere into the input."""
        at = self.random.randrange(len(data) + 1)
        return data[:at] + self.word() + data[at:]

    def piece(self) -> bytes:
        """A word, or a piece of an earlier input."""
        return self.word() if self.random.random() < 0.5 else self.random.choice(self.pool)

    def word(self) -> bytes:
        """A word of the grammar; seldom one that stands for many, because these are slow."""
        return self.random.choice(self.many if self.random.random() < 0.02 else self.words)


def _dropped(_: Mutator, pieces: list[bytes], at: int) -> None:
    del pieces[at]


def _doubled(_: Mutator, pieces: list[bytes], at: int) -> None:
    pieces.insert(at, pieces[at])


def _moved(change: Mutator, pieces: list[bytes], at: int) -> None:
    pieces.insert(change.random.randrange(len(pieces)), pieces.pop(at))


def _exchanged(change: Mutator, pieces: list[bytes], at: int) -> None:
    pieces[at] = change.piece()


def _joined(change: Mutator, pieces: list[bytes], at: int) -> None:
    pieces.insert(at, change.piece())


def _grown(change: Mutator, pieces: list[bytes], at: int) -> None:
    pieces[at] = change.with_word(pieces[at])


def _repeated(change: Mutator, pieces: list[bytes], at: int) -> None:
    if change.random.random() < 0.1:
        pieces[at] = MANY + pieces[at] + b"}}"


def _changed(change: Mutator, pieces: list[bytes], at: int) -> None:
    pieces[at] = change.native(pieces[at], len(pieces[at]) + 16)


CHANGES = (
    *(_dropped, _doubled, _moved, _repeated),
    *2 * (_exchanged, _joined, _grown, _changed),
)  # the latter twice as often
