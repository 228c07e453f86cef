"""Who reports, when each was last heard of, and how long one may be silent without anything being wrong."""

from __future__ import annotations

from todoku.feedback.answers import Reporter, Scope
from todoku.store.questions.asking import DAY, IN_SCOPE, asked, within
from todoku.store.read import Reader

SQL = f"""
    WITH told AS (
        SELECT first(org_name) AS org_name, first(email) AS email, first("begin") AS "begin", sum("count") AS messages, first(vouched_by) AS domain
        FROM aggregate WHERE {IN_SCOPE} GROUP BY report_key
    ), known AS (
        SELECT org_name, email, arg_max(domain, messages) AS domain FROM told WHERE domain <> '' GROUP BY ALL
    ), whose AS (
        SELECT told.* REPLACE (coalesce(told.domain, known.domain) AS domain) FROM told LEFT JOIN known USING (org_name, email)
    ), days AS (
        SELECT org_name, domain, {DAY} AS "day", count(*) AS reports, sum(messages) AS messages FROM whose GROUP BY ALL
    ), gaps AS (
        SELECT *, "day" - lag("day") OVER (PARTITION BY org_name, domain ORDER BY "day") - 1 AS gap,
               max("day") OVER () AS newest
        FROM days
    )
    SELECT org_name, coalesce(domain, '') AS vouched_by,
           CASE WHEN domain IS NULL THEN 'unknown' WHEN domain = '' THEN 'unverified' ELSE 'verified' END AS verification,
           sum(reports) AS reports, sum(messages) AS messages, count(*) AS days, min("day") AS "first",
           max("day") AS "last", coalesce(max(gap), 0) AS longest_gap, max(newest) - max("day") AS silent
    FROM gaps GROUP BY org_name, domain ORDER BY messages DESC, org_name, vouched_by
"""  # noqa: S608 -- constants of ours


def reporters(reader: Reader, scope: Scope) -> list[Reporter]:
    """The reporters, those with the most mail first. Raises ``Away``."""
    return asked(reader, Reporter, SQL, within(scope))
