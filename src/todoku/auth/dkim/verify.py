"""Verify every DKIM signature of a message, each by itself: RFC 6376 section 6."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

import msgspec

from todoku.auth.ask import Answer, Ask
from todoku.mail.message import Message

MAX_SIGNATURES = 10

DkimOutcome = Literal["pass", "fail", "neutral", "policy", "temperror", "permerror"]
DkimCause = Literal[
    "verified",
    "body-hash-differs",
    "signature-differs",
    "key-missing",  # NXDOMAIN or NODATA
    "key-revoked",  # p= empty
    "key-invalid",
    "key-too-short",  # RSA below 1024: RFC 8301 section 3.2
    "key-too-long",
    "key-service",  # s= without email or *
    "key-hash",  # the key's h= does not allow the signature's hash
    "key-type",  # k= against a=
    "key-strict",  # t=s with i= in a subdomain
    "sha1",  # rsa-sha1: RFC 8301 section 3.1
    "algorithm-unsupported",
    "expired",
    "future",
    "syntax",
    "version",
    "from-not-signed",
    "identity-mismatch",  # i= is not at or under d=
    "dns-failed",
    "not-evaluated",  # beyond MAX_SIGNATURES
    "limit",
]


class DkimResult(msgspec.Struct, frozen=True, kw_only=True):
    """One signature and what became of it, in the order of the DKIM-Signature fields."""

    result: DkimOutcome
    cause: DkimCause
    domain: str = ""  # d=, lower-case
    selector: str = ""
    identity: str = ""  # i=
    algorithm: str = ""
    canonicalization: str = ""  # "relaxed/simple"
    signed: tuple[str, ...] = ()  # h=, lower-case, as written (repeats kept: oversigning)
    b: str = ""  # the whole b= without white space; receivers show its first 8 characters
    key_bits: int | None = None
    body_length: int | None = None  # l=
    unsigned_octets: int = 0  # body octets after l=
    timestamp: int | None = None
    expires: int | None = None
    testing: bool = False  # the key says t=y
    detail: str = ""  # the tag, name or DNS status that is wrong
    offset: int = 0  # of the DKIM-Signature field
    key: Answer | None = None


def verify(message: Message, *, now: datetime | None) -> Ask[tuple[DkimResult, ...]]:
    """A result for every DKIM-Signature field; all keys are asked for in one round. ``now`` None: do not judge times."""
    raise NotImplementedError
