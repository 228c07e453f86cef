"""From rows to streams of mail, in SQL: each row names its own (``feedback/rows.py``)."""

from __future__ import annotations

from collections.abc import Mapping

from todoku.store.questions.asking import DAY, IN_SCOPE, PASSES, UNVERIFIED, number_where

NOTHING: Mapping[str, str] = {}
AUTHORS = 10  # From domains of a stream that are told


def streams(condition: str, told: Mapping[str, str] = NOTHING) -> str:
    """SQL that finds the streams of the rows in scope for which a condition holds, divided also by what else is ``told`` of a
    row: names and their expressions. All of these are constants of ours.
    """
    columns = "".join(f", {expression} AS {name}" for name, expression in told.items())
    names = "".join(f", {name}" for name in told)
    return f"""
    WITH alike AS (
        SELECT source_ip, header_from, stream_spf, stream_dkim, network, overridden, dkim, spf, disposition,
               {UNVERIFIED} AS strange{columns},
               sum("count") AS number, min("begin") AS earliest, max("begin") AS "begin"
        FROM aggregate WHERE {IN_SCOPE} AND {condition} GROUP BY ALL
    )
    SELECT stream_spf AS spf_domain, stream_dkim AS dkim_domain, network,
           count(DISTINCT source_ip) AS addresses, sum(number) AS messages, {number_where(PASSES)} AS passing,
           {number_where("dkim = 'pass'")} AS dkim, {number_where("spf = 'pass'")} AS spf,
           {number_where("disposition = 'quarantine'")} AS quarantined, {number_where("disposition = 'reject'")} AS rejected,
           {number_where("overridden")} AS overridden, {number_where("strange")} AS unverified,
           DATE '1970-01-01' + CAST(min(earliest) // 86400 AS INTEGER) AS "first",
           max({DAY}) AS "last", list_sort(list(DISTINCT header_from))[1:{AUTHORS}] AS authors{names}
    FROM alike GROUP BY stream_spf, stream_dkim, network{names} ORDER BY messages DESC, spf_domain, dkim_domain, network{names}
    """  # noqa: S608 -- constants of ours
