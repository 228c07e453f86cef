"""How much mail passes, by domain and by day, week or month."""

from __future__ import annotations

from datetime import date

from todoku.feedback.answers import Passing, Period, Scope
from todoku.store.questions.asking import DAY, IN_SCOPE, PASSES, asked, number_where, seconds, within
from todoku.store.read import Reader

HEARD_DAYS = 7  # that a reporter must have reported of, to be one that was heard
WHO = "coalesce(vouched_by, org_name)"  # of whom nothing is known, the name: it counts if somebody of that domain was heard

SQL = f"""
    SELECT CAST(date_trunc($by, {DAY}) AS DATE) AS start, policy_domain AS domain, sum(number) AS messages,
           {number_where(PASSES)} AS passing, {number_where("dkim = 'pass'")} AS dkim, {number_where("spf = 'pass'")} AS spf,
           {number_where("disposition = 'quarantine'")} AS quarantined, {number_where("disposition = 'reject'")} AS rejected
    FROM (
        SELECT "begin", policy_domain, dkim, spf, disposition, sum("count") AS number
        FROM aggregate WHERE {IN_SCOPE} AND ($heard_before = 0 OR {WHO} IN (
            SELECT {WHO} FROM aggregate WHERE "begin" < $heard_before GROUP BY {WHO} HAVING count(DISTINCT {DAY}) >= {HEARD_DAYS}
        )) GROUP BY ALL
    ) GROUP BY start, policy_domain ORDER BY start DESC, domain
"""  # noqa: S608 -- constants of ours


def passing(reader: Reader, scope: Scope, by: Period, *, heard_before: date | None = None) -> list[Passing]:
    """The periods, the newest first. Raises ``Away``.

    ``heard_before``: reports count only of those, by signing domain or else by name, who had reported of ``HEARD_DAYS`` days before that day.
    """
    before = 0 if heard_before is None else seconds(heard_before)
    return asked(reader, Passing, SQL, {**within(scope), "by": by, "heard_before": before})
