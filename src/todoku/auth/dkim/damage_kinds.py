"""What can happen to a message between its signer and its reader, by name.

The package ``damage`` finds out which of these it was. A name is given only to what was shown: by a hash that agrees again once
the damage is undone, or by a sign that has no other likely reading. All else keeps the general names of ``GENERAL``.
"""

from __future__ import annotations

from typing import Literal

import msgspec

DamageTag = Literal[
    "body-changed",  # in general
    "body-footer-added",  # at its end, or at the end of one of its parts
    "body-text-added",  # above or below the text of a part
    "body-part-added",  # a MIME part beside those that were signed, or wrapped around them
    "body-cut",
    "body-whitespace-lost",
    "body-whitespace-added",
    "body-whitespace-changed",
    "body-rewrapped",
    "body-reencoded",  # another transfer encoding or charset
    "body-line-ends-changed",
    "body-from-escaped",  # a mailbox's ">From "
    "body-dots-changed",  # the dot that SMTP doubles at the beginning of a line
    "signature-differs",  # in general: a header field or the key
    "header-differs",  # the key is right, a header field is not, and which one cannot be told
    "header-changed",
    "header-duplicated",
    "header-added",
    "header-removed",
    "ses-overwrites",  # Date and Message-ID
    "key-does-not-match",
    "key-missing",
    "key-revoked",
    "expired",
    "not-examined",  # a time-out, a limit, a signature that cannot be read: nothing is known of any damage
]

GENERAL: frozenset[DamageTag] = frozenset({"body-changed", "signature-differs", "header-differs", "not-examined"})
"""The names that say that something was changed, or nothing at all, but not what."""


class Damage(msgspec.Struct, frozen=True):
    """What was done to a message after it was signed."""

    tag: DamageTag
    octets: int | None = None  # that were added to the body, or that are missing from it
    field: str = ""  # the header field, lower-case
    detail: str = ""  # in no language: the value that was signed, or "quoted-printable -> 8bit"
    confident: bool = True  # shown by a hash or by the key, not by signs alone
