"""What a source of reports is: it gives items, and is told which of them are safe."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol

import msgspec

MAX_ITEM = 50 * 1024 * 1024  # octets of one file, message or object; more is set down as it is told, and not read


class Item(msgspec.Struct, frozen=True):
    """Octets that arrived. ``id`` is the source's own word for them: a path, a UID, a key, a receipt handle."""

    id: str
    octets: bytes


class Source(Protocol):
    """Where reports come from. Each item may be given any number of times; the store counts it once."""

    name: str
    """As ``todoku status`` shows it; nothing secret is in it."""

    def items(self) -> Iterator[Item]:
        """What is there now. Raises ``SourceAway`` where it cannot be asked."""

    def acknowledge(self, ids: Sequence[str]) -> None:
        """Told once the octets of these items are durable: only now may the source forget them."""

    def skipped(self) -> Sequence[str]:
        """What was there and not given, each in words: too large, unreadable. It stays where it is."""
