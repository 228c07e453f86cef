"""What could be changed in the world to mend a cause: typed, so that it can be shown, rendered, applied and undone.

This module imports nothing of ours but `Text`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from todoku.verdict import Text


class Output(msgspec.Struct, frozen=True, tag="output"):
    """A value that is known only after a step: ``path`` into the reply of the ``step``-th change (counted from 1)."""

    step: int
    path: str  # e.g. "DkimAttributes.Tokens[0]"


class DnsRecord(msgspec.Struct, frozen=True, tag="dns"):
    """A DNS record that should stand at ``name`` (no last dot). ``replaces`` is the record that it takes the place of.

    A part of name or value that only a reply knows is written ``{0}``, ``{1}`` ... and stands in ``outputs``.
    """

    name: str
    rdtype: str
    value: str
    ttl: int = 3600
    outputs: tuple[Output, ...] = ()
    replaces: str = ""


class SesCall(msgspec.Struct, frozen=True, tag="ses"):
    """A call of the SES API v2 in one region: operation and parameters as botocore names them."""

    operation: str
    parameters: Mapping[str, Any]
    region: str


class Instruction(msgspec.Struct, frozen=True, tag="instruction"):
    """Something only a person can do, because no API exists for it or because it is in their own program.

    ``lines`` are what they type or paste in doing so: header fields, a record with an address of their own.
    """

    text: Text
    lines: tuple[str, ...] = ()


Change = DnsRecord | SesCall | Instruction
