"""Rows of reports as Parquet: ``rows/<kind>/month=2026-11/<batch>-<epoch>.parquet``, in a folder or in a bucket.

A file is named by the batch that SQL assigned and by the writer's epoch, so a writer that is killed and begins again
overwrites its own file and no other's. Nothing reads a file before one transaction has put it into the manifest, and none
is changed afterwards: compaction writes new ones and replaces the old in the manifest.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from hashlib import file_digest, sha256
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq
from pyarrow import fs

from todoku.store.away import Away, disk, unreadable
from todoku.store.raw import synchronize
from todoku.store.state import Published
from todoku.words.errors import UsageError
from todoku.words.verdict import Text

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


def changed(name: str) -> Away:
    """That a file of rows is no longer what was written."""
    return Away(
        Text(
            f"the rows cannot be read: {name} is not what was written: todoku store rebuild makes the rows anew",
            f"レポートの行を読み取れません: {name} の内容が書き込み時と異なります。todoku store rebuild で作り直してください",
        )
    )


def other_columns(name: str) -> Away:
    """That a file of rows is of a version whose rows had other columns."""
    return Away(
        Text(
            f"{name} was written by another version, with other columns: todoku store rebuild makes the rows anew",
            f"{name} は別のバージョンで書かれたもので、列が異なります。todoku store rebuild で作り直してください",
        )
    )


class Written(NamedTuple):
    """A file as it was written: its octets and their SHA-256."""

    size: int
    digest: str


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
        self._confirmed: dict[
            str, tuple[int, int, int]
        ] = {}  # inode, size and time of files that are as they were written

    def write(self, named: Sequence[tuple[str, pa.Table]]) -> list[Written]:
        """What the files are, which are durable. Those of a batch share the synchronizing of their folders. Raises ``Away``."""
        if not self.is_local:
            return [self._upload(name, table) for name, table in named]
        made = []
        folders: dict[Path, None] = {}
        for name, table in named:
            path = Path(self.place, name)
            with disk(path):
                if not path.parent.is_dir():
                    self._durable.discard(path.parent)
                    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
                made.append(_write_whole(path, table))
            folders[path.parent] = None
        with disk(self.place):
            self._synchronize(folders)
        return made

    def _synchronize(self, folders: Collection[Path]) -> None:
        """Make the names in these folders durable, and their own where this process has not done so: who made them may have been killed."""
        new = [one for one in folders if one not in self._durable]
        above = {one: None for folder in new for one in (folder.parent, folder.parent.parent, Path(self.place).parent)}
        for folder in (*folders, *above):
            synchronize(folder)
        self._durable.update(new)

    def read(self, name: str, digest: str = "") -> pa.Table:
        """The rows of a file. ``digest``: what it must be, "" where that is not known. Raises ``Away``."""
        with reading():
            octets = self._octets(name)
            if digest and sha256(octets).hexdigest() != digest:
                raise changed(name)
            with pq.ParquetFile(pa.BufferReader(octets)) as file:
                return file.read()

    def confirm(self, digests: Mapping[str, str], columns: pa.Schema) -> None:
        """That each file has these columns, as its last octets say: a reader takes those that are missing for empty; and that in a
        folder it is what was written. A bucket sees to that itself. ``digests``: by name, "" where one is not known.

        Raises ``Away``.
        """
        look = partial(pq.read_schema, filesystem=self._system())
        with reading(), ThreadPoolExecutor(TOGETHER) as pool:
            found = list(pool.map(look, self.locations([*digests])))
            for name, schema in zip(digests, found, strict=True):
                if not schema.equals(columns):
                    raise other_columns(name)
            if self.is_local:
                for name, same in zip(digests, pool.map(self._is_same, digests, digests.values()), strict=True):
                    if not same:
                        raise changed(name)

    def _is_same(self, name: str, digest: str) -> bool:
        """Whether a file is what was written. It is read once by each process: none is changed afterwards."""
        path = Path(self.place, name)
        about = path.stat()
        seen = (about.st_ino, about.st_size, about.st_mtime_ns)
        if not digest or self._confirmed.get(name) == seen:
            return True
        with path.open("rb") as file:
            is_same = file_digest(file, "sha256").hexdigest() == digest
        if is_same:
            self._confirmed[name] = seen
        return is_same

    def digest(self, name: str) -> str:
        """What a file is now. Raises ``Away``."""
        with reading():
            return sha256(self._octets(name)).hexdigest()

    def _octets(self, name: str) -> bytes:
        if self.is_local:
            return Path(self.place, name).read_bytes()
        with self.bucket().open_input_file(self.locations([name])[0]) as file:
            return bytes(file.read())

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

    def _upload(self, name: str, table: pa.Table) -> Written:
        """An object appears in a bucket whole or not at all."""
        with disk(self.place), self.bucket().open_output_stream(f"{self._prefix()}/{name}") as file:
            return _write(table, file)


def _write_whole(path: Path, table: pa.Table) -> Written:
    """A file that is synchronized before it has its name."""
    temporary = path.with_name(f".{path.name}.new")
    with temporary.open("wb") as file:
        written = _write(table, file)
        file.flush()
        os.fsync(file.fileno())
    temporary.rename(path)
    return written


class _Counted:
    """What is written to a file, on its way there."""

    closed = False

    def __init__(self, file: Any) -> None:  # noqa: ANN401 -- a file of Python or of Arrow
        self._file = file
        self._digest = sha256()
        self._size = 0

    def write(self, octets: Any) -> int:  # noqa: ANN401 -- whatever has octets
        self._file.write(octets)
        self._digest.update(octets)
        self._size += len(octets)
        return len(octets)

    def flush(self) -> None:
        """Whoever has opened the file does it."""

    def written(self) -> Written:
        return Written(self._size, self._digest.hexdigest())


def _write(table: pa.Table, file: Any) -> Written:  # noqa: ANN401 -- a file of Python or of Arrow
    counted = _Counted(file)
    pq.write_table(table, counted, compression="zstd", row_group_size=ROW_GROUP)
    return counted.written()


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
    made = files.write([(name, one.table) for name, one in zip(names, rows, strict=True)])
    return [
        Published(name, one.kind, one.month, one.table.num_rows, file.size, file.digest)
        for name, one, file in zip(names, rows, made, strict=True)
    ]
