"""Rows of several reports, made together: a batch of Arrow costs nearly as much for one small report as for fifty."""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa

from todoku.feedback.rows import Part, batch

LARGE = 1_000  # rows of one part that are made by themselves, so that what they were made of need not be held


class Gathered:
    """Rows of reports that were read whole; those of the same version once."""

    def __init__(self) -> None:
        """Start with none."""
        self._versions: set[str] = set()
        self._waiting: list[Part] = []
        self._made: dict[str, list[pa.RecordBatch]] = {}

    def add(self, kind: str, version: str, rows: pa.RecordBatch) -> None:
        """The rows of a report."""
        if self._is_new(version):
            self._made.setdefault(kind, []).append(rows)

    def add_aggregate(self, version: str, parts: Sequence[Part | pa.RecordBatch]) -> None:
        """The parts of an aggregate report, which has ended without ``Refused``."""
        if not self._is_new(version):
            return
        for part in parts:
            if isinstance(part, tuple):
                self._waiting.append(part)
            else:
                self._made.setdefault("aggregate", []).append(part)

    def streams(self) -> dict[str, bytes]:
        """All rows of each kind, as a stream of Arrow."""
        if self._waiting:
            self._made.setdefault("aggregate", []).append(batch(self._waiting))
            self._waiting = []
        return {kind: _stream(parts) for kind, parts in self._made.items()}

    def _is_new(self, version: str) -> bool:
        known = version in self._versions
        self._versions.add(version)
        return not known


def _stream(parts: Sequence[pa.RecordBatch]) -> bytes:
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, parts[0].schema) as writer:
        for part in parts:
            writer.write_batch(part)
    return bytes(sink.getvalue())


def table_in(stream: bytes) -> pa.Table:
    """The rows of a stream."""
    with pa.ipc.open_stream(stream) as reader:
        return reader.read_all()
