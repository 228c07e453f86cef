"""Rows of aggregate reports in files that were written before rows had the columns of streams, as if they had them.

What these columns say is worked out from the lists of each row, in SQL: the same as ``feedback/rows.py`` works out when a row
is made, only dearer. Compaction writes such files anew, so that it is paid once.
"""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa

from todoku.feedback.rows import OF_STREAM, SCHEMA
from todoku.feedback.streams import EXEMPT
from todoku.store.rows import RowFiles

BEFORE = pa.schema([field for field in SCHEMA if field.name not in OF_STREAM])
"""The columns of such a file."""

_RELATED = "ends_with(header_from, '.' || one.domain) OR ends_with(one.domain, '.' || header_from)"
_SIGNATURE = f"""coalesce(
    list_filter(auth_dkim, lambda one: one.domain = header_from OR {_RELATED})[1], auth_dkim[1])"""
_VOUCHED = "dkim = 'pass' OR coalesce(auth_spf[1].result, '') = 'pass' OR coalesce(signature.result, '') = 'pass'"
_NETWORK = """CASE WHEN contains(source_ip, ':') THEN regexp_replace(
        array_to_string(string_split(split_part(source_ip, '::', 1), ':')[1:3], ':'), '(:0)+$', '') || '::/48'
    ELSE regexp_replace(source_ip, '[.][0-9]+$', '.0/24') END"""
_COLUMNS = {
    "stream_spf": "coalesce(auth_spf[1].domain, '')",
    "stream_dkim": "coalesce(signature.domain, '')",
    "network": f"CASE WHEN {_VOUCHED} THEN '' ELSE {_NETWORK} END",
    "overridden": "len(reasons) > 0",
    "excepted": f"""CASE WHEN len(reasons) = 0 THEN ''
        ELSE coalesce(list_filter(reasons, lambda one: one.type IN {EXEMPT})[1].type, '') END""",
}


def among(files: RowFiles, names: Sequence[str]) -> frozenset[str]:
    """Which of these files of aggregate rows are older. Raises ``Away``."""
    schemas = files.schemas(names)
    return frozenset(name for name, schema in zip(names, schemas, strict=True) if not _has_all(schema.names))


def _has_all(names: Sequence[str]) -> bool:
    return OF_STREAM.keys() <= {*names}


def completed(source: str) -> str:
    """SQL: the rows of a source with the columns of ``BEFORE``, with all columns of ``SCHEMA``."""
    columns = ", ".join(f'{_COLUMNS[name]} AS "{name}"' if name in _COLUMNS else f'"{name}"' for name in SCHEMA.names)
    return f"SELECT {columns} FROM (SELECT *, {_SIGNATURE} AS signature FROM {source})"  # noqa: S608 -- names of ours


def complete(table: pa.Table) -> pa.Table:
    """The rows of a file of aggregate rows with all columns."""
    if _has_all(table.column_names):
        return table
    import duckdb  # noqa: PLC0415 -- only such a file needs it

    with duckdb.connect() as connection:
        connection.register("older", table)
        return connection.sql(completed("older")).to_arrow_table().cast(SCHEMA)
