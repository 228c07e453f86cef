"""From rows to streams of mail: how a stream is named, in SQL. ``feedback/answers.py`` says why."""

from __future__ import annotations

from collections.abc import Mapping

from todoku.store.questions.asking import DAY, IN_SCOPE, PASSES

NOTHING: Mapping[str, str] = {}
AUTHORS = 10  # From domains of a stream that are told
RELATED = "ends_with(header_from, '.' || one.domain) OR ends_with(one.domain, '.' || header_from)"
OWN = f"""CASE WHEN auth_dkim[1].domain = header_from THEN auth_dkim[1] ELSE coalesce(
    list_filter(auth_dkim, lambda one: one.domain = header_from OR {RELATED})[1], auth_dkim[1]) END"""
"""The signature that names a stream: the author domain's own or one related to it, else the first."""

NETWORK = """CASE
    WHEN contains(source_ip, ':') THEN regexp_replace(
        array_to_string(string_split(split_part(source_ip, '::', 1), ':')[1:3], ':'), '(:0)+$', '') || '::/48'
    WHEN source_ip = '' THEN ''
    ELSE regexp_replace(source_ip, '[.][0-9]+$', '.0/24') END"""


def streams(condition: str, told: Mapping[str, str] = NOTHING) -> str:
    """SQL that finds the streams of the rows in scope for which a condition holds, divided also by what else is ``told`` of a
    row: names and their expressions. All of these are constants of ours.
    """
    columns = "".join(f", {expression} AS {name}" for name, expression in told.items())
    names = "".join(f", {name}" for name in told)
    return f"""
    WITH mail AS (
        SELECT *, coalesce(auth_spf[1].domain, '') AS spf_domain, {OWN} AS signature,
               coalesce(auth_spf[1].result, '') = 'pass' AS spf_vouches{columns}
        FROM aggregate WHERE {IN_SCOPE} AND {condition}
    ), alike AS (
        SELECT source_ip, header_from, spf_domain{names}, coalesce(signature.domain, '') AS dkim_domain, dkim, spf, disposition,
               spf_vouches OR dkim = 'pass' OR coalesce(signature.result, '') = 'pass' AS vouched,
               len(reasons) > 0 AS excepted, sum("count") AS number, min("begin") AS earliest, max("begin") AS "begin"
        FROM mail GROUP BY ALL
    )
    SELECT spf_domain, dkim_domain, CASE WHEN vouched THEN '' ELSE {NETWORK} END AS network,
           count(DISTINCT source_ip) AS addresses, sum(number) AS messages, {_sum(PASSES)} AS passing,
           {_sum("dkim = 'pass'")} AS dkim, {_sum("spf = 'pass'")} AS spf,
           {_sum("disposition = 'quarantine'")} AS quarantined, {_sum("disposition = 'reject'")} AS rejected,
           {_sum("excepted")} AS overridden,
           DATE '1970-01-01' + CAST(min(earliest) // 86400 AS INTEGER) AS "first",
           max({DAY}) AS "last", list_sort(list(DISTINCT header_from))[1:{AUTHORS}] AS authors{names}
    FROM alike GROUP BY spf_domain, dkim_domain, network{names} ORDER BY messages DESC, spf_domain, dkim_domain, network{names}
    """  # noqa: S608 -- constants of ours


def _sum(condition: str) -> str:
    return f"coalesce(sum(number) FILTER ({condition}), 0)"
