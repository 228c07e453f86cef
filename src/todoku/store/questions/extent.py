"""How far the rows of a scope reach, which is the first thing to know: where there are none, nothing else is asked."""

from __future__ import annotations

import msgspec

from todoku.feedback.answers import Extent, Scope
from todoku.store.questions.asking import DAY, IN_SCOPE, UNVERIFIED, asked, within
from todoku.store.read import Reader

SQL = f"""
    SELECT {DAY} AS "first", last_day AS "last", messages, verified, unverified FROM (
        SELECT min("begin") AS "begin", DATE '1970-01-01' + CAST(max("begin") // 86400 AS INTEGER) AS last_day,
               sum("count") AS messages, coalesce(sum("count") FILTER (vouched_by <> ''), 0) AS verified,
               coalesce(sum("count") FILTER ({UNVERIFIED}), 0) AS unverified
        FROM aggregate WHERE {IN_SCOPE}
    ) WHERE messages IS NOT NULL
"""  # noqa: S608 -- constants of ours
CONFLICTS = f"""
    SELECT count(DISTINCT report_key) AS number FROM aggregate
    WHERE report_key IN (SELECT version FROM conflicting) AND {IN_SCOPE}
"""  # noqa: S608 -- constants of ours


class _Number(msgspec.Struct, frozen=True):
    number: int


def extent(reader: Reader, scope: Scope) -> Extent | None:
    """The days and messages of aggregate reports; None where there is no row. Raises ``Away``."""
    reach = next(iter(asked(reader, Extent, SQL, within(scope))), None)
    if reach is None or not reader.has_conflicts:
        return reach
    (conflicts,) = asked(reader, _Number, CONFLICTS, within(scope))
    return msgspec.structs.replace(reach, conflicts=conflicts.number)
