"""The way a message took: its hops, the border hop into the receiver, and what may be believed. Rulebook section 7.

Walking down from the top, the **border hop** is the first Received field written by the receiver whose client lies outside
it. Only fields above it can be the receiver's own; everything below was written by strangers.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from todoku.mail.authres import AuthenticationResults
from todoku.mail.envelope import Envelope
from todoku.mail.message import Message
from todoku.mail.received import Received
from todoku.verdict import Receiver


class Route(msgspec.Struct, frozen=True, kw_only=True):
    """All hops, topmost first, and what follows from them.

    ``border`` is the index of the border hop in ``hops`` (None: never sent, or not to be told). ``receiver`` is which of the
    four it belongs to, None for another one, whose host is then ``receiver_name``. ``trusted`` are the receiver's own
    Authentication-Results. ``forwarded`` says that the message was handed on before it arrived; ``forward_signs`` name why
    (header name, value, offset). A receiver's own ARC set (Gmail puts one on direct mail) is not forwarding.
    """

    hops: tuple[Received, ...] = ()
    border: int | None = None
    receiver: Receiver | None = None
    receiver_name: str = ""
    trusted: tuple[AuthenticationResults, ...] = ()
    untrusted: tuple[AuthenticationResults, ...] = ()
    trusted_by: Literal["", "border", "option"] = ""
    forwarded: bool = False
    mailing_list: bool = False
    forward_signs: tuple[tuple[str, str, int], ...] = ()
    own_arc_instances: tuple[int, ...] = ()  # ARC sets that the receiver itself put there
    envelope: Envelope | None = None  # of the border hop, with Return-Path; None: not sent


def trace(message: Message, *, trust: str | None = None) -> Route:
    """The route of a message. ``trust``: an authserv-id to believe instead of the border's receiver, or "none"."""
    raise NotImplementedError
