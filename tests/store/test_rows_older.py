"""Files of rows that were written before rows had the columns of streams: every answer is the same, and compaction mends them."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings

from ledger import ledger
from record_lists import REPORTS
from store_bench import Bench
from todoku.feedback.answers import Scope
from todoku.feedback.rows import SCHEMA, rows
from todoku.intake.parse import SCHEMAS
from todoku.store.questions.passing import passing
from todoku.store.questions.reporters import reporters
from todoku.store.questions.sources import sources
from todoku.store.questions.unaligned import unaligned
from todoku.store.questions.whatif import whatif
from todoku.store.read import Reader
from todoku.store.rows_older import BEFORE, complete
from todoku.store.upkeep import check, compact

# fmt: off
OLDER = [
    "report_key", "org_name", "email", "report_id", "begin", "end", "policy_domain", "adkim", "aspf", "p", "sp", "np", "t",
    "source_ip", "count", "disposition", "dkim", "spf", "header_from", "envelope_from", "envelope_to", "auth_dkim",
    "auth_spf", "reasons",
]
# fmt: on


@settings(deadline=None)  # DuckDB is started each time
@given(REPORTS)
def test_sql_and_python_work_out_the_same(report):
    made = pa.Table.from_batches([rows(report)])
    assert complete(made.select(OLDER)).equals(made)
    assert complete(made) is made


def test_the_older_columns():
    assert BEFORE.names == OLDER


@pytest.fixture
def filled(bench: Bench) -> Bench:
    """A store of twenty days in several files, of which nothing was compacted yet."""
    octets = ledger(20).octets
    for start in range(0, len(octets), 40):
        bench.ingest(*octets[start : start + 40])
    return bench


def files_of(bench: Bench) -> list[Path]:
    return sorted(bench.places.folder.glob("rows/aggregate/*/*.parquet"))


def make_older(path: Path) -> None:
    table = pq.read_table(path, partitioning=None)
    pq.write_table(table.select(OLDER), path, compression="zstd")


def answers(bench: Bench) -> list[object]:
    with Reader(bench.store, SCHEMAS) as reader:
        return [
            *(
                ask(reader, scope)
                for ask in (sources, unaligned, reporters)
                for scope in (Scope(), Scope("example.com"))
            ),
            *(whatif(reader, Scope(), policy, "quarantine") for policy in ("reject", "none")),
            passing(reader, Scope(), "day"),
        ]


@pytest.mark.parametrize("which", [slice(None), slice(0, 1), slice(1, None)], ids=["all", "the-first", "all-others"])
def test_answers_are_the_same(filled: Bench, which: slice) -> None:
    expected, every = answers(filled), filled.every_row()
    assert len(files_of(filled)) > 2
    for path in files_of(filled)[which]:
        make_older(path)
    assert answers(filled) == expected
    assert filled.every_row() == every


def test_compaction_writes_them_with_all_columns(filled: Bench) -> None:
    expected, every = answers(filled), filled.every_row()
    older = files_of(filled)[:2]
    for path in older:
        make_older(path)
    made = compacted(filled)
    assert answers(filled) == expected
    assert filled.every_row() == every
    assert [pq.read_schema(path).names for path in made] == [SCHEMA.names] * len(made)


def test_a_lone_older_file_is_written_anew_and_once(bench: Bench) -> None:
    bench.ingest(*ledger(5).octets)
    expected = answers(bench)
    compacted(bench)
    (path,) = live(bench)
    make_older(path)
    (made,) = compacted(bench)
    assert (pq.read_schema(made).names, answers(bench)) == (SCHEMA.names, expected)
    assert compacted(bench) == [made]
    assert [fault.tag for fault in check(bench.store)] == []


def compacted(bench: Bench) -> list[Path]:
    """The files after compaction."""
    lease = bench.lease()
    compact(bench.store, lease, bench.clock)
    lease.release(bench.store.database)
    return live(bench)


def live(bench: Bench) -> list[Path]:
    with bench.store.database.read() as connection:
        names = connection.exec_driver_sql("SELECT file FROM manifest WHERE kind = 'aggregate' AND replaced IS NULL")
        return [bench.places.folder / "rows" / name for name in sorted(names.scalars())]
