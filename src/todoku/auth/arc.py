"""ARC: what earlier handlers of a forwarded message say they saw. RFC 8617. Deletable: only requirements/arc.py and
evidence.py know this module.
"""

from __future__ import annotations

from datetime import datetime
from typing import Literal

import msgspec

from todoku.auth.ask import Answer, Ask
from todoku.mail.message import Message


class ArcSet(msgspec.Struct, frozen=True, kw_only=True):
    """One ARC set: who sealed it and what it says was seen."""

    instance: int
    domain: str  # the seal's d=
    selector: str
    cv: Literal["none", "pass", "fail", ""]
    authentication_results: str = ""  # the value of ARC-Authentication-Results
    message_signature: Literal["pass", "fail", "temperror", "not-evaluated"] = "not-evaluated"
    seal: Literal["pass", "fail", "temperror", "not-evaluated"] = "not-evaluated"
    offset: int = 0


class ArcResult(msgspec.Struct, frozen=True, kw_only=True):
    """The chain validation status (RFC 8617 section 5.2) and why."""

    result: Literal["none", "pass", "fail", "temperror"]
    cause: str = (
        ""  # a tag: "no-sets", "valid", "structure", "cv", "ams-N", "seal-N", "too-many-sets", "limit", "dns-failed"
    )
    detail: str = ""
    oldest_pass: int | None = None
    sets: tuple[ArcSet, ...] = ()
    answers: tuple[Answer, ...] = ()


def validate(message: Message, *, now: datetime | None) -> Ask[ArcResult]:
    """Validate the chain; at most 50 sets by the RFC and 20 key look-ups by us."""
    raise NotImplementedError
