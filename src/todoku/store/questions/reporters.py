"""Who reports, when each was last heard of, and how long one may be silent without anything being wrong."""

from __future__ import annotations

from todoku.feedback.answers import Reporter, Scope
from todoku.store.questions.asking import DAY, IN_SCOPE, asked, within
from todoku.store.read import Reader

SQL = f"""
    WITH told AS (
        SELECT first(org_name) AS org_name, first("begin") AS "begin", sum("count") AS messages
        FROM aggregate WHERE {IN_SCOPE} GROUP BY report_key
    ), days AS (
        SELECT org_name, {DAY} AS "day", count(*) AS reports, sum(messages) AS messages FROM told GROUP BY ALL
    ), gaps AS (
        SELECT *, "day" - lag("day") OVER (PARTITION BY org_name ORDER BY "day") - 1 AS gap, max("day") OVER () AS newest
        FROM days
    )
    SELECT org_name, sum(reports) AS reports, sum(messages) AS messages, count(*) AS days, min("day") AS "first",
           max("day") AS "last", coalesce(max(gap), 0) AS longest_gap, max(newest) - max("day") AS silent
    FROM gaps GROUP BY org_name ORDER BY messages DESC, org_name
"""  # noqa: S608 -- constants of ours


def reporters(reader: Reader, scope: Scope) -> list[Reporter]:
    """The reporters, those with the most mail first. Raises ``Away``."""
    return asked(reader, Reporter, SQL, within(scope))
