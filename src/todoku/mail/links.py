"""The visible unsubscribe link of a message's body, found by a bounded search over its bytes, not by an HTML parser."""

from __future__ import annotations

import msgspec

from todoku.mail.message import Message
from todoku.mail.mime import Mime


class BodyLinks(msgspec.Struct, frozen=True, kw_only=True):
    """``unsubscribe`` is the link whose words or address say unsubscribe (in English, Japanese and other common
    languages), with the words around it; ``offset`` is where its part begins. ``searched`` False: no readable text part.
    """

    searched: bool
    unsubscribe: str = ""
    words: str = ""
    offset: int | None = None


def body_links(message: Message, mime: Mime) -> BodyLinks:
    """Whether the body shows a way to unsubscribe. Never raises, fetches nothing."""
    raise NotImplementedError
