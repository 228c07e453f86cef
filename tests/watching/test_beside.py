"""A watch reads what it has taken while a source still gives more, in a round and between rounds, by one lease."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence

import pytest
from sqlalchemy import func, select

from mint_reports import aggregate
from store_bench import Bench, Given
from todoku.cli.watch_run import Watcher
from todoku.intake import receive as taking
from todoku.intake.source import Item
from todoku.settings.config import Config, IngestSection
from todoku.store.store import Store
from todoku.store.tables import leases, raw, reports

REPORTS = [aggregate(number) for number in range(3)]
LONGEST = 60.0  # seconds that the source waits for what must come

Taking = Callable[[Watcher, Store, Sequence[Given]], object]


class Waiting(Given):
    """A source that gives each item when the one before was read, as a mailbox that takes its time."""

    def __init__(self, octets: Sequence[bytes], store: Store) -> None:
        super().__init__(octets)
        self.store = store
        self.epochs: set[int] = set()

    def items(self) -> Iterator[Item]:
        for number, item in enumerate(super().items()):
            end = time.monotonic() + LONGEST
            while self._read() < number:
                assert time.monotonic() < end, "nothing is read before all is taken"
                time.sleep(0.01)
            yield item

    def close(self) -> None:
        """Nothing is open."""

    def _read(self) -> int:
        with self.store.database.read() as connection:
            self.epochs.update(connection.execute(select(leases.c.epoch)).scalars())
            done = select(func.count()).select_from(reports.join(raw, reports.c.raw == raw.c.hash))
            return connection.execute(done.where(raw.c.state == "parsed")).scalar_one()


def a_round(watcher: Watcher, store: Store, sources: Sequence[Given]) -> object:
    watcher._sources = list(sources)
    return watcher.turn(store, force=True)


def between_rounds(watcher: Watcher, store: Store, sources: Sequence[Given]) -> object:
    return watcher.take(store, sources)


@pytest.mark.parametrize("takes", [a_round, between_rounds])
def test_each_report_is_read_before_the_next_one_is_taken(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, takes: Taking
) -> None:
    monkeypatch.setattr(taking, "BATCH", 1)
    watcher = Watcher(Config(ingest=IngestSection(sources=(str(bench.places.folder),))), "en", lambda: False)
    source = Waiting(REPORTS, bench.store)
    takes(watcher, bench.store, [source])
    assert source.waiting == {}
    assert bench.status().reports == {"aggregate": len(REPORTS)}
    assert len(source.epochs) == 1
