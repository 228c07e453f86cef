"""How much mail passes, by domain and by day, week or month."""

from __future__ import annotations

from todoku.feedback.answers import Passing, Period, Scope
from todoku.store.questions.asking import DAY, IN_SCOPE, PASSES, asked, number_where, within
from todoku.store.read import Reader

SQL = f"""
    SELECT CAST(date_trunc($by, {DAY}) AS DATE) AS start, policy_domain AS domain, sum(number) AS messages,
           {number_where(PASSES)} AS passing, {number_where("dkim = 'pass'")} AS dkim, {number_where("spf = 'pass'")} AS spf,
           {number_where("disposition = 'quarantine'")} AS quarantined, {number_where("disposition = 'reject'")} AS rejected
    FROM (
        SELECT "begin", policy_domain, dkim, spf, disposition, sum("count") AS number
        FROM aggregate WHERE {IN_SCOPE} GROUP BY ALL
    ) GROUP BY start, policy_domain ORDER BY start DESC, domain
"""  # noqa: S608 -- constants of ours


def passing(reader: Reader, scope: Scope, by: Period) -> list[Passing]:
    """The periods, the newest first. Raises ``Away``."""
    return asked(reader, Passing, SQL, {**within(scope), "by": by})
