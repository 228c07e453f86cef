"""Rows of reports as Parquet: ``rows/<kind>/month=2026-11/<batch>-<epoch>.parquet``, in a folder or in a bucket.

A file is named by the batch that SQL assigned and by the writer's epoch, so a writer that is killed and begins again
overwrites its own file and no other's. Nothing reads a file before one transaction has put it into the manifest, and none
is changed afterwards: compaction writes new ones and replaces the old in the manifest.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq
from pyarrow import fs

from todoku.errors import UsageError
from todoku.store.away import Away, disk, unreadable
from todoku.store.raw import synchronize
from todoku.store.state import Published
from todoku.verdict import Text

BUCKET = "s3://"
AGGREGATE = "aggregate"
"""The kind of rows that ``feedback/rows.py`` makes."""

ROW_GROUP = 128 * 1024
ORDER = {AGGREGATE: ("policy_domain", "header_from", "source_ip", "begin")}
"""By what the rows of a compacted file are sorted: what is alike stands together, which is half as many octets to read."""
SORTED = 2**31 - 1  # octets of a column: a string column of Arrow holds no more, and sorting makes one of it
TOGETHER = 8  # files of which the columns are looked at: in a bucket each takes its time to come


@contextmanager
def reading() -> Iterator[None]:
    """Turns what a missing or damaged file raises into ``Away``."""
    try:
        yield
    except (OSError, pa.ArrowException) as error:
        raise unreadable(error) from error


def other_columns(name: str) -> Away:
    """That a file of rows is of a version whose rows had other columns."""
    return Away(
        Text(
            f"{name} was written by another version, with other columns: todoku store rebuild makes the rows anew",
            f"{name} は別のバージョンで書かれたもので、列が異なります。todoku store rebuild で作り直してください",
        )
    )


class RowFiles:
    """Where the files are: a folder, or ``s3://bucket/prefix``."""

    def __init__(self, place: str) -> None:
        """Nothing is made or asked yet. Raises ``UsageError`` for an address of neither kind."""
        self.place = place
        self.is_local = not place.startswith(BUCKET)
        if "://" in place and self.is_local:
            raise UsageError(
                Text(
                    f"rows are kept in a folder or in s3://BUCKET/PREFIX, not in {place}",
                    f"レポートの行はフォルダーか s3://BUCKET/PREFIX に保存します。{place} は使用できません",
                )
            )
        self._bucket: fs.FileSystem | None = None
        self._durable: set[Path] = set()

    def write(self, named: Sequence[tuple[str, pa.Table]]) -> list[int]:
        """The sizes of the files, which are durable. Those of a batch share the synchronizing of their folders. Raises ``Away``."""
        if not self.is_local:
            return [self._upload(name, table) for name, table in named]
        sizes = []
        folders: dict[Path, None] = {}
        for name, table in named:
            path = Path(self.place, name)
            with disk(path):
                if not path.parent.is_dir():
                    self._durable.discard(path.parent)
                    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
                sizes.append(_write_whole(path, table))
            folders[path.parent] = None
        with disk(self.place):
            self._synchronize(folders)
        return sizes

    def _synchronize(self, folders: Collection[Path]) -> None:
        """Make the names in these folders durable, and their own where this process has not done so: who made them may have been killed."""
        new = [one for one in folders if one not in self._durable]
        above = {one: None for folder in new for one in (folder.parent, folder.parent.parent, Path(self.place).parent)}
        for folder in (*folders, *above):
            synchronize(folder)
        self._durable.update(new)

    def read(self, name: str) -> pa.Table:
        """The rows of a file. Raises ``Away``."""
        with reading(), pq.ParquetFile(self.locations([name])[0], filesystem=self._system()) as file:
            return file.read()

    def confirm(self, names: Sequence[str], columns: pa.Schema) -> None:
        """That each file has these columns, as its last octets say: a reader takes those that are missing for empty.

        Raises ``Away``.
        """
        look = partial(pq.read_schema, filesystem=self._system())
        with reading(), ThreadPoolExecutor(TOGETHER) as pool:
            found = list(pool.map(look, self.locations(names)))
        for name, schema in zip(names, found, strict=True):
            if not schema.equals(columns):
                raise other_columns(name)

    def locations(self, names: Sequence[str]) -> list[str]:
        """The files as a reader opens them: paths, or the keys of ``bucket()``."""
        return [str(Path(self.place, name)) if self.is_local else f"{self._prefix()}/{name}" for name in names]

    def remove(self, name: str) -> None:
        """Remove a file that no manifest names. Raises ``Away``."""
        with disk(self.place):
            if self.is_local:
                Path(self.place, name).unlink(missing_ok=True)
            elif self._exists(name):
                self.bucket().delete_file(f"{self._prefix()}/{name}")

    def names(self) -> Iterator[tuple[str, int]]:
        """Every file that is there with its size, half-written ones too. Raises ``Away``."""
        with disk(self.place):
            if self.is_local:
                root = Path(self.place)
                yield from (
                    (str(path.relative_to(root)), path.stat().st_size)
                    for path in sorted(root.rglob("*"))
                    if path.is_file()
                )
                return
            prefix = self._prefix()
            chosen = fs.FileSelector(prefix, recursive=True, allow_not_found=True)
            for found in self.bucket().get_file_info(chosen):
                if found.type == fs.FileType.File:
                    yield found.path.removeprefix(f"{prefix}/"), found.size

    def bucket(self) -> fs.FileSystem:
        """The file system of the bucket; credentials come from AWS's ordinary chain."""
        if self._bucket is None:
            endpoint = os.environ.get("AWS_ENDPOINT_URL_S3") or os.environ.get("AWS_ENDPOINT_URL") or None
            self._bucket = fs.S3FileSystem(endpoint_override=endpoint)
        return self._bucket

    def _system(self) -> fs.FileSystem | None:
        return None if self.is_local else self.bucket()

    def _prefix(self) -> str:
        return self.place.removeprefix(BUCKET).strip("/")

    def _exists(self, name: str) -> bool:
        return bool(self.bucket().get_file_info(f"{self._prefix()}/{name}").type == fs.FileType.File)

    def _upload(self, name: str, table: pa.Table) -> int:
        """An object appears in a bucket whole or not at all."""
        with disk(self.place):
            with self.bucket().open_output_stream(f"{self._prefix()}/{name}") as file:
                _write(table, file)
            return int(self.bucket().get_file_info(f"{self._prefix()}/{name}").size)


def _write_whole(path: Path, table: pa.Table) -> int:
    """The size of a file that is synchronized before it has its name."""
    temporary = path.with_name(f".{path.name}.new")
    with temporary.open("wb") as file:
        _write(table, file)
        file.flush()
        os.fsync(file.fileno())
        size = file.tell()
    temporary.rename(path)
    return size


def _write(table: pa.Table, file: Any) -> None:  # noqa: ANN401 -- a file of Python or of Arrow
    pq.write_table(table, file, compression="zstd", row_group_size=ROW_GROUP)


def in_order(kind: str, table: pa.Table) -> pa.Table:
    """The rows as a compacted file holds them."""
    order = ORDER.get(kind)
    if order is None or any(column.nbytes > SORTED for column in table.columns):
        return table
    return table.sort_by([(name, "ascending") for name in order])


def month_of(begin: int) -> str:
    """The month, in UTC, in which a report's period begins."""
    return f"{datetime.fromtimestamp(begin, UTC):%Y-%m}"


def file_name(kind: str, month: str, stem: str) -> str:
    """The name of a file of rows, below the place."""
    return f"{kind}/month={month}/{stem}.parquet"


class Rows(NamedTuple):
    """Rows of one kind and month, which are to be a file."""

    kind: str
    month: str
    table: pa.Table


def written(files: RowFiles, stem: str, rows: Sequence[Rows]) -> list[Published]:
    """The files of a batch, written and described. Raises ``Away``."""
    names = [file_name(one.kind, one.month, stem) for one in rows]
    sizes = files.write([(name, one.table) for name, one in zip(names, rows, strict=True)])
    return [
        Published(name, one.kind, one.month, one.table.num_rows, size)
        for name, one, size in zip(names, rows, sizes, strict=True)
    ]
