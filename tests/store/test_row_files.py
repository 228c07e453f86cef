"""Files of rows as they lie on the disk: damaged ones are named in one line, compacted ones are in order."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from sqlalchemy import update

from ledger import ledger
from mint_reports import BEGIN, aggregate
from store_bench import Bench
from todoku.cli.reports import command
from todoku.feedback.rows import SCHEMA
from todoku.intake.process import Processed
from todoku.intake.rebuild import rebuild
from todoku.store import rows
from todoku.store.away import Away
from todoku.store.tables import manifest
from todoku.store.upkeep import MANY, check, compact

Damage = Callable[[Path], object]
Change = Callable[[pa.Table], pa.Table]


def overwrite(path: Path) -> None:
    """The rows themselves, from behind the first four octets up to the length of the footer."""
    octets = path.read_bytes()
    end = len(octets) - 8 - int.from_bytes(octets[-8:-4], "little")
    path.write_bytes(octets[:4] + random.Random(3).randbytes(end - 4) + octets[end:])


DAMAGE: dict[str, Damage] = {
    "gone": lambda path: path.unlink(),
    "empty": lambda path: path.write_bytes(b""),
    "something-else": lambda path: path.write_text("hello"),
    "cut": lambda path: path.write_bytes(path.read_bytes()[:-100]),
    "rows-overwritten": overwrite,
    "a-folder": lambda path: (path.unlink(), path.mkdir()),
}


@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE)
@pytest.mark.parametrize("question", ["overview", "sources"])
def test_a_damaged_file_is_told_in_one_line(
    bench: Bench, capsys: pytest.CaptureFixture[str], damage: Damage, question: str
) -> None:
    bench.ingest(*ledger(3).octets)
    damage(next(bench.places.folder.glob("rows/aggregate/*/*.parquet")))
    words = [question, "--store", str(bench.places.folder), "--lang", "en"]
    assert command.main(words, "reports", standalone_mode=False) == 3
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.startswith("todoku: the rows cannot be read: ")
    assert told.err.count("\n") == 1


class TestOneBit:
    """A disk may give back other octets than it was given, and Parquet does not notice all of it."""

    @pytest.fixture
    def path(self, bench: Bench) -> Path:
        bench.ingest(*ledger(3).octets)
        return next(bench.places.folder.glob("rows/aggregate/*/*.parquet"))

    def test_wherever_it_is_it_is_found(self, bench: Bench, path: Path) -> None:
        octets = path.read_bytes()
        for place in range(0, len(octets), len(octets) // 60):
            path.write_bytes(octets[:place] + bytes([octets[place] ^ 1 << place % 8]) + octets[place + 1 :])
            assert "rows-changed" in [fault.tag for fault in check(bench.store)]
            with pytest.raises(Away, match="the rows cannot be read"):
                bench.totals()
        path.write_bytes(octets)
        assert list(check(bench.store)) == []
        assert bench.totals().rows

    def test_it_is_not_merged_with_others(self, bench: Bench, path: Path) -> None:
        octets = path.read_bytes()
        path.write_bytes(octets[:9] + bytes([octets[9] ^ 1]) + octets[10:])
        bench.ingest(*ledger(4).octets)
        with pytest.raises(Away, match="todoku store rebuild"):
            compact(bench.store, bench.lease(), bench.clock)

    def test_a_file_of_an_older_version_is_read_without(self, bench: Bench, path: Path) -> None:
        with bench.store.database.write() as connection:
            connection.execute(update(manifest).values(digest=""))
        assert list(check(bench.store)) == []
        assert bench.totals().rows

    def test_a_file_is_looked_at_once_by_each_process(
        self, bench: Bench, path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        bench.totals()
        monkeypatch.setattr(rows, "file_digest", None)
        assert bench.totals().rows


CHANGES: dict[str, Change] = {
    "one-less": lambda table: table.drop_columns("stream_spf"),
    "one-more": lambda table: table.append_column("more", table["org_name"]),
    "another-type": lambda table: table.set_column(
        table.column_names.index("count"), "count", table["count"].cast(pa.int32())
    ),
}


class TestColumnsOfAnotherVersion:
    """Rows are made anew from the raw reports, and until then nothing is answered: a column that is not there is no empty one."""

    @pytest.fixture
    def files(self, bench: Bench) -> list[Path]:
        octets = ledger(4).octets
        bench.ingest(*octets[:20])
        bench.ingest(*octets[20:])
        return sorted(bench.places.folder.glob("rows/aggregate/*/*.parquet"))

    @pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
    @pytest.mark.parametrize("which", [0, -1], ids=["the-first", "the-last"])
    def test_no_question_is_answered(
        self,
        bench: Bench,
        files: list[Path],
        change: Change,
        which: int,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        rewrite(files[which], change)
        words = ["sources", "--store", str(bench.places.folder), "--lang", "en"]
        assert command.main(words, "reports", standalone_mode=False) == 3
        name = files[which].relative_to(bench.places.folder / "rows")
        told = f"todoku: {name} was written by another version, with other columns: todoku store rebuild makes the rows anew\n"
        assert capsys.readouterr() == ("", told)

    def test_check_names_the_file_and_rebuild_mends_it(self, bench: Bench, files: list[Path]) -> None:
        rows_before = bench.every_row()
        rewrite(files[0], CHANGES["one-less"])
        assert "rows-other-columns" in [fault.tag for fault in check(bench.store)]
        lease = bench.lease()
        sum(rebuild(bench.store, lease, bench.worker, bench.clock), Processed())
        lease.release(bench.store.database)
        assert [fault.tag for fault in check(bench.store)] == []
        assert bench.every_row() == rows_before

    def test_they_are_not_merged_with_others(self, bench: Bench, files: list[Path]) -> None:
        rewrite(files[-1], CHANGES["one-less"])
        with pytest.raises(Away, match="todoku store rebuild"):
            compact(bench.store, bench.lease(), bench.clock)


def rewrite(path: Path, change: Change) -> None:
    pq.write_table(change(pq.read_table(path, partitioning=None)), path)


def test_compacted_rows_that_are_alike_stand_together(bench: Bench) -> None:
    octets = ledger(6).octets
    for start in range(0, len(octets), 30):
        bench.ingest(*octets[start : start + 30])
    old = {path.name for path in bench.places.folder.glob("rows/aggregate/*/*.parquet")}
    lease = bench.lease()
    compact(bench.store, lease, bench.clock)
    made = [path for path in bench.places.folder.glob("rows/aggregate/*/*.parquet") if path.name not in old]
    assert made
    for path in made:
        table = pq.read_table(path, partitioning=None).select(rows.ORDER["aggregate"])
        found = [tuple(row.values()) for row in table.to_pylist()]
        assert found == sorted(found)
        assert len(set(found)) > 10


class TestSmallFilesAreKeptFew:
    REPORTS = tuple(aggregate(number, count=number + 1, records=6, begin=BEGIN) for number in range(5 * MANY))

    def test_however_many_times_reports_come(self, bench: Bench, another: Callable[..., Bench]) -> None:
        most = 0
        for one in self.REPORTS:
            bench.ingest(one)
            most = max(most, bench.status().files)
        assert (most, bench.status().files) == (4 + MANY - 1, 5)  # four of 96 rows and fifteen of six; then five
        at_once = another("at-once")
        at_once.ingest(*self.REPORTS)
        assert bench.every_row() == at_once.every_row()
        assert [fault.tag for fault in check(bench.store)] == []

    def test_a_batch_synchronizes_each_folder_once(self, bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
        """Three months are three files: their folders, and those above them once for all, since they might be new."""
        seen: list[str] = []
        real = rows.synchronize
        monkeypatch.setattr(rows, "synchronize", lambda folder: (seen.append(folder.name), real(folder)))
        begins = [1_700_000_000 + number * 30 * 86_400 for number in range(3)]
        bench.ingest(*(aggregate(number, begin=begin) for number, begin in enumerate(begins)))
        months = ["month=2023-11", "month=2023-12", "month=2024-01"]
        assert seen == [*months, "aggregate", "rows", "store"]
        seen.clear()
        bench.ingest(*(aggregate(3 + number, begin=begin) for number, begin in enumerate(begins)))
        assert seen == months

    def test_those_that_were_replaced_go_a_day_later(self, bench: Bench) -> None:
        for one in self.REPORTS[:MANY]:
            bench.ingest(one)
        assert (bench.status().files, self.on_disk(bench)) == (1, MANY + 1)
        bench.now += timedelta(hours=23)
        bench.ingest(self.REPORTS[MANY])
        assert self.on_disk(bench) == MANY + 2
        bench.now += timedelta(hours=2)
        bench.ingest(self.REPORTS[MANY + 1])
        assert self.on_disk(bench) == 3
        assert bench.totals().reports == MANY + 2

    @pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE)
    def test_a_damaged_one_holds_nothing_up(self, bench: Bench, damage: Damage) -> None:
        bench.ingest(self.REPORTS[0])
        (path,) = bench.places.folder.glob("rows/aggregate/*/*.parquet")
        damage(path)
        for one in self.REPORTS[1 : 2 * MANY]:
            assert bench.ingest(one).reports == 1
        tags = {fault.tag for fault in check(bench.store)}
        assert tags >= {"rows-missing" if damage is DAMAGE["gone"] or path.is_dir() else "rows-changed"}

    @staticmethod
    def on_disk(bench: Bench) -> int:
        return len([*bench.places.folder.glob("rows/aggregate/*/*.parquet")])


def test_rows_of_other_kinds_stay_as_they_are() -> None:
    table = pa.table({"at": [2, 1]})
    assert rows.in_order("feedback", table) is table


@pytest.mark.parametrize("octets", [0, 1])
def test_a_column_that_is_larger_than_arrow_can_sort_stays_as_it_is(
    monkeypatch: pytest.MonkeyPatch, octets: int
) -> None:
    row = {name: "b" if kind == pa.string() else 0 if kind == pa.int64() else None for name, kind in named()}
    table = pa.Table.from_pylist([row, {**row, "policy_domain": "a"}], schema=SCHEMA)
    largest = max(column.nbytes for column in table.columns)
    monkeypatch.setattr(rows, "SORTED", largest - octets)
    assert rows.in_order("aggregate", table)["policy_domain"].to_pylist() == (["b", "a"] if octets else ["a", "b"])


def named() -> list[tuple[str, pa.DataType]]:
    return list(zip(SCHEMA.names, SCHEMA.types, strict=True))
