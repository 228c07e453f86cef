"""What could be changed in the world to mend a cause: typed, so that it can be shown, rendered, applied and undone.

Two vocabularies, for two times. A report says what *should stand*: ``DnsRecord``, ``SesCall``, ``Instruction``. A plan
says what *will be done to what was read*: ``RecordSetChange`` knows the record set as it was, so that it touches nothing
else, notices when someone changed it meanwhile, and can be taken back.

This module imports nothing of ours but `Text`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from todoku.words.verdict import Text


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


class RecordSet(msgspec.Struct, frozen=True, tag="set"):
    """All records of one name and type (RFC 2181 section 5) as their zone holds them; none: ``values`` is empty.

    ``name`` is lower-case, without its last dot. ``values`` are written as in ``auth.ask.Answer``: TXT as its strings joined, one character for each octet;
    MX ``"10 mx.example.com"``; names without their last dot. ``ttl`` is in seconds, 0 where the set is empty.
    """

    name: str
    rdtype: str
    values: tuple[str, ...] = ()
    ttl: int = 0


class RecordSetChange(msgspec.Struct, frozen=True, tag="record-set"):
    """Values to add to a record set and to remove from it; all others stay as they are.

    ``before`` is the set as it was read: what carries the change out refuses when a value to remove is gone, and keeps
    values that came meanwhile. ``ttl`` is the set's afterwards. A part of name or value that only a reply knows is written
    ``{0}``, ``{1}`` ... and stands in ``outputs``; ``filled()`` puts it in.
    """

    before: RecordSet
    add: tuple[str, ...]
    remove: tuple[str, ...] = ()
    ttl: int = 3600
    outputs: tuple[Output, ...] = ()

    @property
    def after(self) -> RecordSet:
        """The set as it will be."""
        kept = tuple(value for value in self.before.values if value not in self.remove)
        values = (*kept, *(value for value in self.add if value not in kept))
        return RecordSet(self.before.name, self.before.rdtype, values, self.ttl if values else 0)

    @property
    def undone(self) -> RecordSetChange:
        """The change that takes this one back: what was added goes, what was removed returns, the TTL as it was."""
        came = tuple(value for value in self.add if value not in self.before.values)
        gone = tuple(value for value in self.remove if value in self.before.values)
        ttl = self.before.ttl if self.before.values else self.ttl
        return RecordSetChange(self.after, add=gone, remove=came, ttl=ttl)

    def filled(self, *known: str) -> RecordSetChange:
        """The change with what the outputs turned out to be, in their order."""
        before = msgspec.structs.replace(self.before, name=self.before.name.format(*known).lower())
        add = tuple(value.format(*known) for value in self.add)
        return RecordSetChange(before, add, self.remove, self.ttl)


class Irreversible(msgspec.Struct, frozen=True, tag="irreversible"):
    """Why a change cannot be taken back."""

    why: Text
