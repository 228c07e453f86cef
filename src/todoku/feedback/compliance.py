"""What Google says of a domain in words: the rows of Postmaster Tools' compliance page, and whether the domain is registered.

The words are Google's own (``COMPLIANT``, ``NEEDS_WORK``). What Google does not say is absent, and never compliant.
"""

from __future__ import annotations

from datetime import datetime

import msgspec

REGISTRATION = "REGISTRATION"  # a row of ours: what domains.list says of the domain
DELIVERABILITY = "DELIVERABILITY"  # a row of ours: the verdict that stands beside Google's rows
NOT_REGISTERED = "NOT_REGISTERED"  # of REGISTRATION, beside Google's VERIFIED and UNVERIFIED


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """One row. ``state`` and ``reason`` are Google's words; ``reason`` is empty where there is none to give.

    ``since``: when it was first read to be so; ``read``: when it was last.
    """

    row: str
    state: str
    reason: str = ""
    since: datetime | None = None
    read: datetime | None = None


class Compliance(msgspec.Struct, frozen=True, kw_only=True):
    """All rows of a domain, in the order of their names, each once."""

    domain: str
    rows: tuple[Standing, ...] = ()

    def row(self, name: str) -> Standing | None:
        """The row of this name; None where Google does not speak of it."""
        return next((one for one in self.rows if one.row == name), None)
