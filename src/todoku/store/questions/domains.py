"""How each domain stands: what its newest report found published, and how much of its mail passes."""

from __future__ import annotations

from todoku.feedback.answers import DomainNow, Scope
from todoku.store.questions.asking import DAY, IN_SCOPE, PASSES, asked, within
from todoku.store.read import Reader

SQL = f"""
    WITH seen AS (SELECT * FROM aggregate WHERE {IN_SCOPE}), proven AS (
        SELECT policy_domain AS domain, sum("count") AS verified, count(DISTINCT {DAY}) AS verified_days,
               list_sort(list(DISTINCT vouched_by)) AS verified_reporters
        FROM seen WHERE vouched_by <> '' GROUP BY policy_domain
    ), published AS (
        SELECT policy_domain AS domain, coalesce(arg_max(p, "begin"), '') AS policy,
               coalesce(arg_max(sp, "begin"), '') AS subdomain_policy, sum(messages) AS messages,
               coalesce(sum(passing), 0) AS passing
        FROM (
            SELECT policy_domain, p, sp, max("begin") AS "begin", sum("count") AS messages,
                   sum("count") FILTER ({PASSES}) AS passing
            FROM seen GROUP BY policy_domain, p, sp
        ) GROUP BY policy_domain
    )
    SELECT published.*, coalesce(verified, 0) AS verified, coalesce(verified_days, 0) AS verified_days,
           coalesce(verified_reporters, []) AS verified_reporters
    FROM published LEFT JOIN proven USING (domain) ORDER BY messages DESC, domain
"""  # noqa: S608 -- constants of ours


def domains(reader: Reader, scope: Scope) -> list[DomainNow]:
    """The domains, those with the most mail first. Raises ``Away``."""
    return asked(reader, DomainNow, SQL, within(scope))
