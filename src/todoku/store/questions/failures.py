"""Which messages failed, as reports about single messages tell (ruf): from where, as which domain, and what failed. RFC 6591, 9991."""

from __future__ import annotations

from todoku.feedback.answers import Failures, Scope
from todoku.store.questions.asking import asked, within
from todoku.store.read import Reader

SQL = """
    WITH told AS (
        SELECT *, coalesce(nullif(reported_domain[1], ''), nullif(from_domain, ''), dkim_domain, '') AS domain,
               DATE '1970-01-01' + CAST("at" // 86400 AS INTEGER) AS "day"
        FROM feedback WHERE "at" >= $since AND "at" < $until AND feedback_type = 'auth-failure'
    )
    SELECT domain, source_ip, auth_failure, delivery_result, dkim_domain, dkim_selector, sum(incidents) AS incidents,
           min("day") AS "first", max("day") AS "last"
    FROM told WHERE $domain = '' OR domain = $domain OR ends_with(domain, '.' || $domain)
    GROUP BY ALL ORDER BY incidents DESC, domain, source_ip, auth_failure, delivery_result, dkim_domain, dkim_selector
"""


def failures(reader: Reader, scope: Scope) -> list[Failures]:
    """The failures, the most frequent first. Raises ``Away``."""
    return asked(reader, Failures, SQL, within(scope))
