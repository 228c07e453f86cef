"""Who complained, by the domain that mail was sent as and by its Feedback-ID, which names a campaign where the sender sets it."""

from __future__ import annotations

from todoku.feedback.answers import Complaints, Scope
from todoku.feedback.feedback_types import COMPLAINTS
from todoku.store.questions.asking import asked, within
from todoku.store.read import Reader

SQL = f"""
    WITH told AS (
        SELECT *, coalesce(nullif(reported_domain[1], ''), nullif(dkim_domain, ''), from_domain, '') AS domain FROM feedback
        WHERE "at" >= $since AND "at" < $until AND feedback_type IN {COMPLAINTS}
    )
    SELECT domain, coalesce(feedback_id, '') AS feedback_id, feedback_type, sum(incidents) AS incidents,
           DATE '1970-01-01' + CAST(min("at") // 86400 AS INTEGER) AS "first",
           DATE '1970-01-01' + CAST(max("at") // 86400 AS INTEGER) AS "last"
    FROM told WHERE $domain = '' OR domain = $domain OR ends_with(domain, '.' || $domain)
    GROUP BY ALL ORDER BY incidents DESC, domain, feedback_id, feedback_type
"""  # noqa: S608 -- constants of ours


def complaints(reader: Reader, scope: Scope) -> list[Complaints]:
    """The complaints, the most frequent first. Raises ``Away``."""
    return asked(reader, Complaints, SQL, within(scope))
