"""The envelope: what the SMTP session said (RFC 5321), known from a session, from options, or from a Received field."""

from __future__ import annotations

from typing import Literal

import msgspec


class Tls(msgspec.Struct, frozen=True, kw_only=True):
    """The TLS of one hop as its Received field tells it. ``used`` None: the field does not say."""

    used: bool | None
    version: str = ""  # "TLS1_3", as normalised: "1.3", "1.2", "1.1", "1.0"; "" unknown
    cipher: str = ""
    evidence: str = ""  # the words that say so: "version=TLS1_3 cipher=...", "with ESMTPS"


class Envelope(msgspec.Struct, frozen=True, kw_only=True):
    """Client address, HELO name and MAIL FROM. ``mail_from`` "" is the null reverse-path; None is not known."""

    ip: str | None = None
    helo: str | None = None
    mail_from: str | None = None
    tls: Tls | None = None
    source: Literal["session", "options", "received"] = "session"

    @property
    def mail_from_domain(self) -> str:
        """What stands after the last ``@`` of MAIL FROM, lower-case; "" where there is none."""
        _, at, domain = (self.mail_from or "").rpartition("@")
        return domain.strip("<> ").lower() if at else ""
