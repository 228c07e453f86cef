"""What all questions share: the rows that a scope means, the day of a row, and how an answer becomes values."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import TypeVar

import duckdb
import msgspec

from todoku.feedback.answers import Scope
from todoku.store.away import unreadable
from todoku.store.read import Reader

T = TypeVar("T", bound=msgspec.Struct)

LATEST = date(9999, 12, 31)
IN_TIME = '"begin" >= $since AND "begin" < $until'
IN_SCOPE = f"""{IN_TIME} AND ($domain = ''
    OR policy_domain = $domain OR ends_with(policy_domain, '.' || $domain)
    OR header_from = $domain OR ends_with(header_from, '.' || $domain))"""
"""Rows about a domain are those under its policy, or of a policy below it, and those whose author is it or below it."""

DAY = "DATE '1970-01-01' + CAST(\"begin\" // 86400 AS INTEGER)"
UNVERIFIED = "coalesce(vouched_by = '', false)"
"""Whether a row is of a report that is known not to be signed by the reporter it names. SQL."""

PASSES = "(dkim = 'pass' OR spf = 'pass')"

Parameters = Mapping[str, str | int]


def within(scope: Scope) -> dict[str, str | int]:
    """The parameters of ``IN_SCOPE``."""
    until = min(scope.until or LATEST, LATEST - timedelta(days=1)) + timedelta(days=1)
    return {"domain": scope.domain, "since": seconds(scope.since) if scope.since else 0, "until": seconds(until)}


def seconds(day: date) -> int:
    """When a day begins, in seconds of UTC."""
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp())


def number_where(condition: str) -> str:
    """SQL: the sum of ``number`` where a condition holds, 0 where it never does."""
    return f"coalesce(sum(number) FILTER ({condition}), 0)"


def asked(reader: Reader, kind: type[T], sql: str, parameters: Parameters) -> list[T]:
    """The rows of an answer: its columns bear the names of the type's fields. Only parameters that the question names are
    handed over. Raises ``Away`` where a file cannot be read.
    """
    used = {name: value for name, value in parameters.items() if f"${name}" in sql}
    try:
        result = reader.connection.execute(sql, used)
        names = [column[0] for column in result.description or ()]
        found = result.fetchall()
    except duckdb.Error as error:  # of damage DuckDB says this and that, also a bare Error
        raise unreadable(error) from error
    return [msgspec.convert(dict(zip(names, row, strict=True)), kind) for row in found]
