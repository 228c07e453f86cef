"""Whether others could deliver to us over TLS: sessions that succeeded, and those that failed by kind and server. RFC 8460."""

from __future__ import annotations

from todoku.feedback.answers import Scope, TlsSessions
from todoku.store.questions.asking import DAY, IN_TIME, asked, within
from todoku.store.read import Reader

IN_SCOPE = f"{IN_TIME} AND ($domain = '' OR policy_domain = $domain OR ends_with(policy_domain, '.' || $domain))"
SQL = f"""
    WITH policies AS (SELECT *, {DAY} AS "day" FROM tls WHERE {IN_SCOPE}),
    failed AS (SELECT policy_domain, policy_type, "day", unnest(failures) AS failure FROM policies),
    told AS (
        SELECT policy_domain, policy_type, "day", '' AS result_type, '' AS mx, successful AS sessions FROM policies
        UNION ALL
        SELECT policy_domain, policy_type, "day", failure.result_type, failure.receiving_mx_hostname, failure."count" FROM failed
    )
    SELECT policy_domain AS domain, policy_type, result_type, mx, sum(sessions) AS sessions, min("day") AS "first",
           max("day") AS "last"
    FROM told GROUP BY policy_domain, policy_type, result_type, mx HAVING sum(sessions) > 0
    ORDER BY domain, policy_type, result_type <> '', sessions DESC, result_type, mx
"""  # noqa: S608 -- constants of ours


def tls(reader: Reader, scope: Scope) -> list[TlsSessions]:
    """The sessions by domain, what succeeded before what failed. Raises ``Away``."""
    return asked(reader, TlsSessions, SQL, within(scope))
