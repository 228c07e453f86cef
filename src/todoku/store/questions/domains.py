"""How each domain stands: what its newest report found published, and how much of its mail passes."""

from __future__ import annotations

from todoku.feedback.answers import DomainNow, Scope
from todoku.store.questions.asking import IN_SCOPE, PASSES, asked, within
from todoku.store.read import Reader

SQL = f"""
    SELECT policy_domain AS domain, coalesce(arg_max(p, "begin"), '') AS policy,
           coalesce(arg_max(sp, "begin"), '') AS subdomain_policy, sum(messages) AS messages,
           coalesce(sum(passing), 0) AS passing
    FROM (
        SELECT policy_domain, p, sp, max("begin") AS "begin", sum("count") AS messages,
               sum("count") FILTER ({PASSES}) AS passing
        FROM aggregate WHERE {IN_SCOPE} GROUP BY policy_domain, p, sp
    ) GROUP BY policy_domain ORDER BY messages DESC, domain
"""  # noqa: S608 -- constants of ours


def domains(reader: Reader, scope: Scope) -> list[DomainNow]:
    """The domains, those with the most mail first. Raises ``Away``."""
    return asked(reader, DomainNow, SQL, within(scope))
