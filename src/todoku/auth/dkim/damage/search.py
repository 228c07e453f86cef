"""The search for the body that was signed: what is looked for, what it may cost, and where parts and lines stand."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import NamedTuple

from todoku.auth.dkim.canonical import relaxed_body, simple_body
from todoku.auth.dkim.damage_kinds import Damage
from todoku.auth.dkim.signature import Signature
from todoku.mail.message import Message
from todoku.mail.mime import Mime, Part, mime_tree

MAX_HASHES = 200
"""Whole bodies that are hashed for one signature."""

MAX_OCTETS = 4 * 1024 * 1024
"""Octets in all of the bodies that are put together and hashed for one signature: some 50 ms."""

LARGE = 256 * 1024
"""A body of more octets gets only the tests that need one pass."""

MANY_LINES = 10_000
"""So does one of more lines."""


class Guess(NamedTuple):
    """A body that may have been the one signed, and what was done to it if it was."""

    body: bytes
    damage: Damage


class Search:
    """What the signed body hashes to, and how many guesses are left."""

    def __init__(self, signature: Signature) -> None:
        """Begin with all guesses left."""
        self.form = signature.forms[1]
        self.length = signature.length
        self.bh = signature.bh
        self.hashes = MAX_HASHES
        self.octets = MAX_OCTETS

    def canonical(self, body: bytes) -> bytes:
        """The body in the form that the signature names."""
        return relaxed_body(body) if self.form == "relaxed" else simple_body(body)

    def finds(self, body: bytes) -> bool:
        """Whether this body was signed. False too when no guess is left."""
        if self.spent:
            return False
        self.hashes -= 1
        self.octets -= len(body)
        canonical = self.canonical(body)
        if self.length is not None:
            if self.length > len(canonical):
                return False
            canonical = canonical[: self.length]
        return hashlib.sha256(canonical).digest() == self.bh

    def finds_pieces(self, head: bytes, tail: bytes, lines: Sequence[bytes]) -> Iterator[int]:
        """Every number of ``lines`` that, between head and tail, make the signed body; all of it is canonical.

        What is common to all is hashed once, so that only octets are counted.
        """
        state = hashlib.sha256(head)
        for count, line in enumerate((*lines, b"")):
            self.octets -= len(tail) + len(line)
            if self.octets < 0:
                return
            whole = state.copy()
            whole.update(tail)
            if whole.digest() == self.bh:
                yield count
            state.update(line)

    @property
    def spent(self) -> bool:
        """Whether no guess is left."""
        return self.hashes <= 0 or self.octets <= 0


class Letter:
    """A message's body with its parts, each found when it is first asked for."""

    def __init__(self, message: Message) -> None:
        """Look at nothing yet."""
        self.message = message
        self.body = message.body
        self.start = len(message.raw) if message.body_start is None else message.body_start

    @cached_property
    def mime(self) -> Mime:
        """The MIME tree."""
        return mime_tree(self.message)

    @cached_property
    def is_large(self) -> bool:
        """Whether to try only what is cheap."""
        return len(self.body) > LARGE or self.body.count(b"\n") > MANY_LINES

    @property
    def top(self) -> Part:
        """The part that is the whole body."""
        return self.mime.parts[0]

    @cached_property
    def leaves(self) -> tuple[Part, ...]:
        """The parts that hold no others."""
        return tuple(part for part in self.mime.parts if not part.is_multipart and not part.is_message)

    @cached_property
    def texts(self) -> tuple[Part, ...]:
        """The leaves that are text: what relays rewrite."""
        return tuple(part for part in self.leaves if part.content_type.startswith("text/"))

    def content(self, part: Part) -> bytes:
        """A part as it stands in the message, still encoded."""
        return self.message.raw[part.start : part.end]

    def with_contents(self, contents: Sequence[tuple[Part, bytes]]) -> bytes:
        """The body with other contents in these parts, which come in order."""
        pieces, position = [], self.start
        for part, content in contents:
            pieces += [self.message.raw[position : part.start], content]
            position = part.end
        return b"".join((*pieces, self.message.raw[position:]))
