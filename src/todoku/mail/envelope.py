"""The envelope: what the SMTP session said (RFC 5321), known from a session, from options, or from a Received field."""

from __future__ import annotations

from typing import Literal

import msgspec

from todoku.arguments import text
from todoku.mail.host_address import host_address
from todoku.words.errors import UsageError
from todoku.words.verdict import Text


class Tls(msgspec.Struct, frozen=True, kw_only=True):
    """The TLS of one hop as its Received field tells it. ``used`` None: the field does not say."""

    used: bool | None
    version: str = ""  # "TLS1_3", as normalised: "1.3", "1.2", "1.1", "1.0"; "" unknown
    cipher: str = ""
    evidence: str = ""  # the words that say so: "version=TLS1_3 cipher=...", "with ESMTPS"


class Envelope(msgspec.Struct, frozen=True, kw_only=True):
    """Client address, HELO name and MAIL FROM. ``mail_from`` "" is the null reverse-path; None is not known.

    ``source``: the SMTP session in which the message came just now; what a person says of a saved message, or of one that is still
    to be sent; a Received field.

    Raises ``UsageError`` for an ``ip`` that is no address.
    """

    ip: str | None = None
    helo: str | None = None
    mail_from: str | None = None
    tls: Tls | None = None
    source: Literal["session", "options", "received"] = "session"

    def __post_init__(self) -> None:
        """Refuse what a caller cannot mean; what a Received field says is as it was read."""
        if self.source == "received":
            return
        for name in ("ip", "helo", "mail_from"):
            if (value := getattr(self, name)) is not None:
                text(name, value)
        if self.ip is not None and host_address(self.ip.partition("%")[0]) is None:
            shown = repr(self.ip[:60])
            raise UsageError(
                Text(
                    f"ip={shown} is not an IP address: give one of IPv4 or IPv6, as 192.0.2.1 or 2001:db8::1",
                    f"ip={shown} はIPアドレスではありません。IPv4かIPv6のアドレスを指定してください(例: 192.0.2.1、2001:db8::1)",
                )
            )

    @property
    def mail_from_domain(self) -> str:
        """What stands after the last ``@`` of MAIL FROM, lower-case; "" where there is none."""
        _, at, domain = (self.mail_from or "").rpartition("@")
        return domain.strip("<> ").lower() if at else ""
