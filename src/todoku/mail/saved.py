"""Every shape in which a person saves a received message, turned into the exact message: or why it is none."""

from __future__ import annotations

from typing import Literal

import msgspec

from todoku.mail.message import Message
from todoku.verdict import Text

Shape = Literal["eml", "mbox", "show-original", "headers-only", "msg"]


class Saved(msgspec.Struct, frozen=True, kw_only=True):
    """The message in a file and what was normalised to get at it.

    ``notes`` are tags: ``lf-line-ends``, ``mixed-line-ends``, ``bom``, ``utf-16``, ``from-line``, ``show-original-table``,
    ``indented-headers``, ``msg-headers``. ``headers_only`` is on the message itself.
    """

    message: Message
    shape: Shape
    notes: tuple[str, ...] = ()


NOTE_TEXTS: dict[str, Text] = {}


def read_saved(data: bytes) -> Saved:
    """The message in the bytes of a file. Raises ``errors.NotAMessage`` with what it is and what to save instead."""
    raise NotImplementedError
