"""The store's folder goes away while an ingest runs: nothing is acknowledged that is not where it was put."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from mint_reports import aggregate
from store_bench import Bench, Given
from todoku.intake import receive as taking
from todoku.intake.receive import take
from todoku.intake.source import Item
from todoku.store.away import Away


def made_anew(folder: Path) -> None:
    shutil.rmtree(folder)
    folder.mkdir()


def spool_made_anew(folder: Path) -> None:
    made_anew(folder / "raw")


def moved_away(folder: Path) -> None:
    folder.rename(folder.with_name("elsewhere"))


def swapped(folder: Path) -> None:
    folder.rename(folder.with_name("elsewhere"))
    shutil.copytree(folder.with_name("elsewhere"), folder)


REMOVALS: list[Callable[[Path], object]] = [shutil.rmtree, made_anew, spool_made_anew, moved_away, swapped]


class Removing(Given):
    """A source during which the store is removed, before the item of that number is given."""

    def __init__(self, number: int, remove: Callable[[], object]) -> None:
        super().__init__([aggregate(one) for one in range(10)])
        self.number = number
        self.remove = remove

    def items(self) -> Iterator[Item]:
        for number, item in enumerate(super().items()):
            if number == self.number:
                self.remove()
            yield item


@pytest.mark.parametrize("remove", REMOVALS)
@pytest.mark.parametrize("number", [2, 3, 9])
def test_what_was_not_stored_stays_in_its_source(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, remove: Callable[[Path], object], number: int
) -> None:
    monkeypatch.setattr(taking, "BATCH", 2)
    source = Removing(number, lambda: remove(bench.places.folder))
    with pytest.raises(Away):
        list(take(bench.store, source, bench.clock))
    assert len(source.acknowledged) == number // 2 * 2
    assert len(source.waiting) == 10 - number // 2 * 2


def test_removed_after_the_octets_were_written(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """At the last moment: they were durable, and are gone."""
    enter = taking.enter

    def removing(*given: object) -> int:
        shutil.rmtree(bench.places.folder / "raw")
        return enter(*given)

    source = Given([aggregate(1)])
    monkeypatch.setattr(taking, "enter", removing)
    with pytest.raises(Away, match="was removed or replaced"):
        list(take(bench.store, source, bench.clock))
    assert source.acknowledged == []
