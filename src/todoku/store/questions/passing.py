"""How much mail passes, by domain and by day, week or month."""

from __future__ import annotations

from todoku.feedback.answers import Passing, Period, Scope
from todoku.store.questions.asking import DAY, IN_SCOPE, PASSES, asked, within
from todoku.store.read import Reader

SQL = f"""
    SELECT CAST(date_trunc($by, {DAY}) AS DATE) AS start, policy_domain AS domain, sum(messages) AS messages,
           coalesce(sum(passing), 0) AS passing, coalesce(sum(dkim), 0) AS dkim, coalesce(sum(spf), 0) AS spf,
           coalesce(sum(quarantined), 0) AS quarantined, coalesce(sum(rejected), 0) AS rejected
    FROM (
        SELECT "begin", policy_domain, sum("count") AS messages, sum("count") FILTER ({PASSES}) AS passing,
               sum("count") FILTER (dkim = 'pass') AS dkim, sum("count") FILTER (spf = 'pass') AS spf,
               sum("count") FILTER (disposition = 'quarantine') AS quarantined,
               sum("count") FILTER (disposition = 'reject') AS rejected
        FROM aggregate WHERE {IN_SCOPE} GROUP BY ALL
    ) GROUP BY ALL ORDER BY start DESC, domain
"""  # noqa: S608 -- constants of ours


def passing(reader: Reader, scope: Scope, by: Period) -> list[Passing]:
    """The periods, the newest first. Raises ``Away``."""
    return asked(reader, Passing, SQL, {**within(scope), "by": by})
