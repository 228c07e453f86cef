"""What a source of reports is: it gives items, and is told which of them are safe."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Protocol, runtime_checkable

import msgspec

from todoku.store.away import Away
from todoku.words.verdict import Text

MAX_ITEM = 50 * 1024 * 1024  # octets of one file, message or object; more is set down as it is told, and not read


class SourceAway(Away):
    """The source cannot be asked now: it is out of reach, refuses us, or broke off. What it was not told stays in it."""


class Item(msgspec.Struct, frozen=True):
    """Octets that arrived. ``id`` is the source's own word for them: a path, a UID, a key, a receipt handle.

    ``name``: how a person finds them there, as ``todoku status`` shows it. ``authentic``: the source has proof of who wrote them. Of a report it makes no difference; an event of SES counts by it.
    """

    id: str
    octets: bytes
    authentic: bool = False
    name: str = ""


def too_large(name: str) -> Text:
    """What is told of an item that is not taken because of its size."""
    most = f"{MAX_ITEM // 2**20} MiB"
    return Text(f"{name}: larger than {most}, which no report is", f"{name}: {most}を超えているため取り込みません")


class Source(Protocol):
    """Where reports come from. Each item may be given any number of times; the store counts it once."""

    name: str
    """As ``todoku status`` shows it; nothing secret is in it."""

    def items(self) -> Iterator[Item]:
        """What is there now. Raises ``SourceAway`` where it cannot be asked."""

    def acknowledge(self, ids: Sequence[str]) -> None:
        """Told once the octets of these items are durable: only now may the source forget them. Raises ``SourceAway``."""

    def skipped(self) -> Sequence[Text]:
        """What was there and not given, each in words: too large, unreadable. It stays where it is."""

    def close(self) -> None:
        """Let go of whatever is open. It may be asked again afterwards."""


@runtime_checkable
class Waking(Source, Protocol):
    """A source that tells when something arrives, so that nobody need ask it again and again."""

    def listen(self) -> int | None:
        """A file descriptor that becomes readable when something may have arrived; None where the source cannot tell now.

        Listening ends with whatever the source is asked next. Raises ``SourceAway``, ``UsageError``.
        """

    def has_some(self) -> bool:
        """Whether there is something to take. Raises ``SourceAway``, ``UsageError``."""


class Memory(Protocol):
    """What a source was told is safe. Losing it costs another fetch, and nothing else."""

    def among(self, ids: Sequence[str]) -> Collection[str]:
        """Those of these items that it was told of before. Raises ``Away``."""

    def add(self, ids: Sequence[str]) -> None:
        """It was told of these. Raises ``Away``."""


@runtime_checkable
class Forgetful(Protocol):
    """A source that can keep no mark of what is safe, and is lent a memory."""

    def remember_in(self, memory: Memory) -> None:
        """Ask this memory from now on."""
