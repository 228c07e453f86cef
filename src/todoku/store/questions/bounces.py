"""What SES told of mail that did not arrive or was not wanted: by receiver and by what the receiver's reply means.

An event counts once, whichever way it came, and so does a recipient of a message who was delayed several times. A complaint counts for its
message: SES names every recipient who may have complained. A delay is no bounce, and in no rate.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Literal

import msgspec

from todoku.feedback.answers import Bounces, Diagnosed, Grouping, Outcomes, ReceiverDay, Scope
from todoku.feedback.bounce import diagnose
from todoku.feedback.bounce_causes import likely_causes
from todoku.feedback.bounce_codes import MEANINGS, UNKNOWN
from todoku.feedback.recipients import DOMAINS
from todoku.feedback.replies.ses import SUBTYPES
from todoku.store.questions.asking import asked, within
from todoku.store.read import Reader

OTHERS = ""  # the receiver of all domains that no receiver gives mailboxes under


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _one_of(domains: tuple[str, ...]) -> str:
    names = "|".join(domain.replace(".", r"\.") for domain in domains)
    return _quoted(rf"(^|\.)({names})$")


_RECEIVER = " ".join(
    f"WHEN regexp_matches(recipient_domain, {_one_of(domains)}) THEN {_quoted(name)}"
    for name, domains in DOMAINS.items()
)
_SUBTYPE = " ".join(f"WHEN subtype = {_quoted(word)} THEN {_quoted(tag)}" for word, tag in SUBTYPES.items())
_TYPE = " ".join(f'WHEN "type" = {_quoted(word)} THEN {_quoted(tag)}' for word, tag in SUBTYPES.items())
TOLD = f"""
    SELECT *, CASE {_RECEIVER} ELSE '{OTHERS}' END AS receiver, DATE '1970-01-01' + CAST("at" // 86400 AS INTEGER) AS "day",
           CASE WHEN diagnosis NOT IN ('', 'unknown') THEN diagnosis {_SUBTYPE} {_TYPE} ELSE diagnosis END AS tag,
           CASE WHEN kind = 'complaint' THEN message_id
                ELSE message_id || ' ' || recipient_domain || ' ' || recipient END AS counted
    FROM event
    WHERE "at" >= $since AND "at" < $until AND NOT (kind = 'complaint' AND "type" = 'not-spam') AND ($domain = ''
        OR from_domain = $domain OR ends_with(from_domain, '.' || $domain) OR identity = $domain OR ends_with(identity, '.' || $domain))
"""  # noqa: S608 -- constants of ours

_PARTS: Mapping[Grouping | Literal[""], str] = {
    "": "''",
    "day": """strftime("day", '%Y-%m-%d')""",
    "week": """strftime(date_trunc('week', "day"), '%Y-%m-%d')""",
    "month": """strftime("day", '%Y-%m')""",
    "configuration-set": "configuration_set",
    "tag": "unnest(CASE WHEN len(tags) = 0 THEN [''] ELSE tags END)",
}
_KINDS = "('bounce', 'complaint', 'delivery-delay', 'reject', 'rendering-failure')"


class _Row(msgspec.Struct, frozen=True, kw_only=True):
    part: str
    kind: str
    receiver: str
    tag: str
    number: int
    permanent: int
    domains: int
    first: date
    last: date
    reply: str


def _sql(by: Grouping | Literal[""]) -> str:
    return f"""
        WITH told AS ({TOLD}), parted AS (SELECT *, {_PARTS[by]} AS part FROM told WHERE kind IN {_KINDS})
        SELECT part, kind, receiver, coalesce(tag, '') AS tag, count(DISTINCT counted) AS number,
               count(DISTINCT counted) FILTER (kind = 'bounce' AND "type" = 'Permanent') AS permanent,
               count(DISTINCT recipient_domain) AS domains, min("day") AS "first", max("day") AS "last",
               coalesce(arg_max(coalesce(nullif(diagnostic_code, ''), reason), "at"), '') AS reply
        FROM parted GROUP BY part, kind, receiver, tag
        ORDER BY part DESC, number DESC, kind, receiver, tag
    """  # noqa: S608 -- constants of ours


OUTCOMES = f"""
    WITH told AS ({TOLD})
    SELECT receiver, count(DISTINCT counted) FILTER (kind = 'delivery') AS delivered,
           count(DISTINCT counted) FILTER (kind = 'bounce') AS bounced,
           count(DISTINCT counted) FILTER (kind = 'complaint') AS complaints,
           count(DISTINCT counted) FILTER (kind = 'delivery-delay') AS delayed, min("day") AS "first", max("day") AS "last"
    FROM told WHERE kind IN ('delivery', 'bounce', 'complaint', 'delivery-delay')
    GROUP BY receiver ORDER BY bounced DESC, receiver
"""  # noqa: S608 -- constants of ours


def bounces(reader: Reader, scope: Scope, by: Grouping | None = None) -> list[Bounces]:
    """What did not arrive or was not wanted, the most frequent first; with ``by`` the newest or last part first. Raises ``Away``."""
    return [_explained(row) for row in asked(reader, _Row, _sql(by or ""), within(scope))]


def _explained(row: _Row) -> Bounces:
    tag = row.tag
    if row.kind in ("reject", "rendering-failure") and row.reply:
        tag = diagnose(row.reply).tag
    meaning = MEANINGS.get(tag, UNKNOWN)
    requirements = ("spam-rate",) if row.kind == "complaint" else meaning.requirements
    return Bounces(
        part=row.part,
        kind=row.kind,
        receiver=row.receiver,
        diagnosis=tag,
        requirements=requirements,
        handling="stop" if row.kind == "complaint" else meaning.handling,
        cause=next(iter(likely_causes(tag, requirements)), ""),
        recipients=row.number,
        permanent=row.permanent,
        domains=row.domains,
        first=row.first,
        last=row.last,
        reply=row.reply,
    )


def outcomes(reader: Reader, scope: Scope) -> list[Outcomes]:
    """What became of mail at each receiver, those with the most bounces first. Raises ``Away``."""
    return asked(reader, Outcomes, OUTCOMES, within(scope))


_SENDER = "coalesce(nullif(identity, ''), nullif(from_domain, ''), mail_from_domain)"
DAYS = f"""
    WITH told AS ({TOLD})
    SELECT "day", {_SENDER} AS domain, receiver, count(DISTINCT counted) FILTER (kind = 'delivery') AS delivered,
           count(DISTINCT counted) FILTER (kind = 'bounce') AS bounced
    FROM told WHERE kind IN ('delivery', 'bounce') GROUP BY ALL ORDER BY "day", domain, receiver
"""  # noqa: S608 -- constants of ours
DIAGNOSED = f"""
    WITH told AS ({TOLD})
    SELECT {_SENDER} AS domain, receiver, tag AS diagnosis, count(DISTINCT counted) AS recipients, min("day") AS "first",
           max("day") AS "last"
    FROM told WHERE kind = 'bounce' AND tag NOT IN ('', 'unknown') GROUP BY ALL ORDER BY domain, receiver, diagnosis
"""  # noqa: S608 -- constants of ours


def receiver_days(reader: Reader, scope: Scope) -> list[ReceiverDay]:
    """What was delivered and what bounced, by day, sending domain and receiver, the oldest first. Raises ``Away``."""
    return asked(reader, ReceiverDay, DAYS, within(scope))


def diagnosed(reader: Reader, scope: Scope) -> list[Diagnosed]:
    """Why mail bounces, by sending domain and receiver, where the reason is known. Raises ``Away``."""
    return asked(reader, Diagnosed, DIAGNOSED, within(scope))
