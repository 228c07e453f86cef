"""A writer where nobody said how to write: what Route 53 holds is written there, all else by hand.

It touches what its two writers touch.
"""

from __future__ import annotations

from todoku.net.writers.dns_writer import DnsWriter, Refusal, Settling, Written
from todoku.words.change import RecordSet, RecordSetChange
from todoku.words.verdict import Text


class WriterPerName:
    """For each name the first writer that can write it; a ``DnsWriter``. ``passed_over`` says why the first one could not."""

    def __init__(self, first: DnsWriter, otherwise: DnsWriter) -> None:
        """``first`` is asked for each name once."""
        self._first, self._otherwise = first, otherwise
        self._chosen: dict[str, DnsWriter] = {}
        self.passed_over: dict[str, Text] = {}

    def zone_of(self, name: str) -> str | Refusal | None:
        """The apex of the zone that holds ``name``, by the writer that writes it."""
        return self._writer(name).zone_of(name)

    def read(self, name: str, rdtype: str) -> RecordSet | Refusal:
        """The set as its authority holds it."""
        return self._writer(name).read(name, rdtype)

    def write(self, change: RecordSetChange) -> Written:
        """What became of ``change``."""
        return self._writer(change.before.name).write(change)

    def settled(self, change_id: str) -> bool | None:
        """Whether every name server has a change; only the first writer has changes that take a while."""
        return self._first.settled(change_id) if isinstance(self._first, Settling) else True

    def _writer(self, name: str) -> DnsWriter:
        if name not in self._chosen:
            zone = self._first.zone_of(name)
            self._chosen[name] = self._first if isinstance(zone, str) else self._otherwise
            if not isinstance(zone, str):
                self.passed_over[name] = zone.detail if isinstance(zone, Refusal) else self._nowhere(name)
        return self._chosen[name]

    def _nowhere(self, name: str) -> Text:
        """That the first writer does not have the zone."""
        apex = self._otherwise.zone_of(name)
        zone = apex if isinstance(apex, str) else name
        return Text(
            f"no public hosted zone of the account is that of {zone}",
            f"{zone} のパブリックホストゾーンがアカウントにありません",
        )
