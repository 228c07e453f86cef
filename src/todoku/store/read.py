"""Questions to the rows, answered by DuckDB over the files of the manifest and no others.

DuckDB downloads extensions when it meets a word that it does not know; here it may not, and needs none: Parquet is part
of it, and files in a bucket are read by Arrow.
"""

from __future__ import annotations

from typing import Literal, Self

import duckdb
import pyarrow as pa
import pyarrow.dataset as ds
from sqlalchemy import Connection, select

from todoku.store.away import unreadable
from todoku.store.rows import RowFiles
from todoku.store.store import Store
from todoku.store.tables import manifest, reports

SETTINGS = {"autoinstall_known_extensions": "false", "autoload_known_extensions": "false", "threads": "2"}

ASIDE = "aside"
"""The folder, below the store's, for what does not fit into memory; it is there only meanwhile."""


Vouched = Literal["all", "credible", "verified"]
"""Reports of all; without those of which it is known that their reporter did not sign them; those that it signed."""

OF: dict[Vouched, str] = {
    "all": "true",
    "credible": "vouched_by IS DISTINCT FROM ''",
    "verified": "vouched_by <> ''",
}
_SHOWN = "report_key NOT IN (SELECT version FROM hidden)"
_AMENDED = """(SELECT aside.* REPLACE (CASE WHEN amended.version IS NULL THEN aside.vouched_by ELSE amended.vouched_by END
    AS vouched_by) FROM {} AS aside LEFT JOIN amended ON amended.version = aside.report_key)"""
"""Rows with who vouches for them, where that was learnt after they were written."""


class Reader:
    """The rows as they stood at one moment. It is a context manager.

    ``has_conflicts``: whether ``conflicting`` has any. ``connection`` has a view for each kind of row: those of reports that are shown, and about a domain of ours unless
    ``everything`` is asked for. ``of`` says which reports count. Files that are replaced meanwhile stay a day.
    """

    def __init__(
        self, store: Store, schemas: dict[str, pa.Schema], *, everything: bool = False, of: Vouched = "all"
    ) -> None:
        """Raises ``Away``."""
        with store.database.read() as state:
            files = {kind: _files(state, kind) for kind in schemas}
            hidden = _hidden(state, everything=everything)
            amended = _amended(state)
            conflicting = _conflicting(state)
        for kind, schema in schemas.items():
            store.files.confirm(files[kind], schema)
        # Else it is in the working folder, whosever that is; with "" nothing is put aside.
        aside = "" if store.is_read_only else str(store.places.folder.absolute() / ASIDE)
        self.connection = duckdb.connect(config={**SETTINGS, "temp_directory": aside})
        self.connection.register("hidden", pa.table({"version": pa.array(hidden, pa.string())}))
        self.connection.register("amended", amended)
        self.connection.register("conflicting", pa.table({"version": pa.array(conflicting, pa.string())}))
        self.has_conflicts = bool(conflicting)
        try:
            for kind, schema in schemas.items():
                of_kind = self._source(kind, schema, store.files, [*files[kind]])
                may_be_forged = "vouched_by" in schema.names
                rows = _AMENDED.format(of_kind) if may_be_forged and amended.num_rows else of_kind
                conditions = [_SHOWN] if hidden else []
                conditions += [OF[of]] if may_be_forged else []
                self._view(kind, rows, " AND ".join(conditions) or "true")
        except (duckdb.Error, pa.ArrowException, OSError) as error:
            self.connection.close()
            raise unreadable(error) from error

    def __enter__(self) -> Self:
        """The reader itself."""
        return self

    def __exit__(self, *_error: object) -> None:
        """Let go of everything."""
        self.connection.close()

    def _view(self, kind: str, rows: str, condition: str) -> None:
        self.connection.execute(f'CREATE VIEW "{kind}" AS SELECT * FROM {rows} WHERE {condition}')  # noqa: S608 -- names of ours

    def _source(self, name: str, schema: pa.Schema, files: RowFiles, names: list[str]) -> str:
        """What stands in SQL for these files."""
        locations = files.locations(names)
        if names and files.is_local:
            listed = ", ".join("'{}'".format(one.replace("'", "''")) for one in locations)
            return f"read_parquet([{listed}], hive_partitioning=false)"
        stored = ds.dataset(locations, schema=schema, format="parquet", filesystem=files.bucket()) if names else None
        self.connection.register(f"{name}_files", schema.empty_table() if stored is None else stored)
        return f'"{name}_files"'


def _files(state: Connection, kind: str) -> dict[str, str]:
    """The files of a kind, and what each was when it was written."""
    listed = select(manifest.c.file, manifest.c.digest).where(manifest.c.kind == kind, manifest.c.replaced.is_(None))
    return {row.file: row.digest for row in state.execute(listed.order_by(manifest.c.month, manifest.c.file))}


def _hidden(state: Connection, *, everything: bool) -> list[str]:
    """The reports whose rows do not count: superseded by a newer version, or about a domain that is not ours."""
    unseen = reports.c.shown.is_(False)
    chosen = unseen if everything else unseen | reports.c.claimed.is_(False)
    return list(state.execute(select(reports.c.version).where(chosen)).scalars())


def _conflicting(state: Connection) -> list[str]:
    """The reports that are shown, of which there are others that say something else."""
    return list(state.execute(select(reports.c.version).where(reports.c.conflict, reports.c.shown)).scalars())


def _amended(state: Connection) -> pa.Table:
    """Who vouches for reports whose rows say something else."""
    found = state.execute(select(reports.c.version, reports.c.vouched_by).where(reports.c.amended)).all()
    columns = {"version": [row.version for row in found], "vouched_by": [row.vouched_by for row in found]}
    return pa.table({name: pa.array(values, pa.string()) for name, values in columns.items()})
