"""The MIME tree of a message, bounded and not recursive: RFC 2045-2049."""

from __future__ import annotations

import msgspec

from todoku.mail.message import Message

MAX_DEPTH = 64
MAX_PARTS = 1_000


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """One leaf or container. ``start``/``end`` are octets of its body in ``Message.raw``."""

    content_type: str  # "text/html", lower-case
    charset: str = ""
    encoding: str = "7bit"  # Content-Transfer-Encoding, lower-case
    boundary: str = ""
    depth: int = 0
    start: int = 0
    end: int = 0
    disposition: str = ""


class Mime(msgspec.Struct, frozen=True, kw_only=True):
    """All parts in order (containers before their children), limits that were hit, and defects (tag, offset)."""

    parts: tuple[Part, ...] = ()
    limits: tuple[str, ...] = ()  # "mime-depth", "mime-parts"
    defects: tuple[tuple[str, int], ...] = ()


def mime_tree(message: Message) -> Mime:
    """The parts of a message. Never raises; time is linear in its size."""
    raise NotImplementedError


def decoded(message: Message, part: Part, limit: int = 512 * 1024) -> bytes:
    """The part's body with its transfer encoding undone, at most ``limit`` octets of it. Never raises."""
    raise NotImplementedError
