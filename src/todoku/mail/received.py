"""One Received field: who handed the message over, to whom, and how. RFC 5321 section 4.4; real forms of Gmail, Microsoft,
Postfix, Exim, SES, Yahoo, Apple.
"""

from __future__ import annotations

from datetime import datetime

import msgspec

from todoku.mail.envelope import Tls


class Received(msgspec.Struct, frozen=True, kw_only=True):
    """One hop. What is not said is ""."""

    helo: str = ""  # the name the client gave
    client_name: str = ""  # the name the server found by reverse DNS
    ip: str = ""
    by: str = ""  # the host that wrote the field
    protocol: str = ""  # "ESMTPS"
    tls: Tls
    id: str = ""
    for_address: str = ""
    date: datetime | None = None
    offset: int = 0
    raw: str = ""  # the unfolded value, for evidence


def parse_received(value: str, *, offset: int = 0) -> Received:
    """The hop in an unfolded Received value. Never raises."""
    raise NotImplementedError
