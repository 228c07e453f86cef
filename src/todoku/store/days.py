"""Rates day by day: every version of a day that was read is kept, and the one that was read last is shown.

A source corrects its figures for a while, and shows some only a week later; so the last days are asked for again and again,
and older ones as long as they are not known. What could not be read never takes the place of what was read.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from itertools import groupby
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Connection, Row, and_, func, select, update

from todoku.feedback.traffic import Day, Series
from todoku.store.state import chunks
from todoku.store.tables import days

AGAIN_DAYS = 14  # a source corrects itself within these
REACH_DAYS = 90  # what is older than this is not asked for


class Version(msgspec.Struct, frozen=True):
    """A day as it was read once. ``read_at``: microseconds of UTC."""

    read_at: int
    day: Day


def put(connection: Connection, series: Series, read_at: int) -> int:
    """How many days have a new version. One that is as it was has none, and one that is not known replaces nothing."""
    shown = _shown(connection, series)
    known = [day for day in series.days if day.state != "not-known"]
    fresh = [day for day in known if shown.get(day.day) != day]
    fresh += [day for day in series.days if day.state == "not-known" and day.day not in shown]
    for some in chunks([day.day.isoformat() for day in fresh if day.day in shown]):
        connection.execute(update(days).where(_is(series), days.c.day.in_(some)).values(latest=False))
    if fresh:
        connection.execute(days.insert(), [_row(series, day, read_at) for day in fresh])
    _tell_latest_cause(connection, series, shown)
    return len(fresh)


def _tell_latest_cause(connection: Connection, asked: Series, shown: Mapping[date, Day]) -> None:
    """A day that is still not known tells why it was not known the last time."""
    for day in asked.days:
        before = shown.get(day.day)
        if before and before.state == day.state == "not-known" and before.detail != day.detail:
            this = and_(_is(asked), days.c.day == day.day.isoformat(), days.c.latest.is_(True))
            connection.execute(update(days).where(this).values(detail=day.detail))


def series(connection: Connection, asked: Series, since: date, until: date) -> Series:
    """The days of a series from ``since`` to ``until``, both included. ``asked`` names it; its days do not matter."""
    found = connection.execute(
        select(days).where(_is(asked), days.c.latest.is_(True), _between(since, until)).order_by(days.c.day)
    )
    return msgspec.structs.replace(asked, days=tuple(_day(row) for row in found))


def every_series(connection: Connection, source: str, about: str, since: date, until: date) -> tuple[Series, ...]:
    """All series that a source gave about something, in the order of their metrics and parts."""
    found = connection.execute(
        select(days)
        .where(days.c.source == source, days.c.about == about, days.c.latest.is_(True), _between(since, until))
        .order_by(days.c.metric, days.c.part, days.c.day)
    )
    return tuple(
        Series(source=source, about=about, metric=metric, part=part, days=tuple(_day(row) for row in rows))
        for (metric, part), rows in groupby(found, key=lambda row: (row.metric, row.part))
    )


def history(connection: Connection, asked: Series, day: date) -> tuple[Version, ...]:
    """Every version of one day, as they were read one after the other."""
    found = connection.execute(select(days).where(_is(asked), days.c.day == day.isoformat()).order_by(days.c.read_at))
    return tuple(Version(row.read_at, _day(row)) for row in found)


def to_ask(connection: Connection, source: str, about: str, last: date) -> tuple[date, ...]:
    """The days that a source is to be asked for, up to ``last``, oldest first.

    Always the last fortnight; of the days before those of which something is not known, or which nobody asked for.
    """
    first = last - timedelta(days=REACH_DAYS - 1)
    found = connection.execute(
        select(days.c.day, days.c.state)
        .where(days.c.source == source, days.c.about == about, days.c.latest.is_(True), _between(first, last))
        .distinct()
    ).all()
    asked = {row.day for row in found} - {row.day for row in found if row.state == "not-known"}
    every = (first + timedelta(days=number) for number in range(REACH_DAYS))
    return tuple(day for day in every if day.isoformat() not in asked or (last - day).days < AGAIN_DAYS)


def abouts(connection: Connection, source: str) -> tuple[str, ...]:
    """What a source gave series about, in order."""
    return tuple(
        connection.execute(
            select(days.c.about).where(days.c.source == source).distinct().order_by(days.c.about)
        ).scalars()
    )


def highest(connection: Connection, source: str, abouts: Iterable[str], metric: str, part: str) -> float | None:
    """The most that was counted of a metric on one day, all of ``abouts`` together; None where nothing was counted."""
    total = func.sum(days.c.value).label("total")
    each = (
        select(total)
        .where(days.c.source == source, days.c.about.in_(list(abouts)), days.c.metric == metric, days.c.part == part)
        .where(days.c.latest.is_(True), days.c.state == "number")
        .group_by(days.c.day)
        .subquery()
    )
    return connection.execute(select(func.max(each.c.total))).scalar()


def _shown(connection: Connection, asked: Series) -> dict[date, Day]:
    if not asked.days:
        return {}
    reach = _between(min(day.day for day in asked.days), max(day.day for day in asked.days))
    found = connection.execute(select(days).where(_is(asked), days.c.latest.is_(True), reach))
    return {day.day: day for day in map(_day, found)}


def _is(asked: Series) -> ColumnElement[bool]:
    return and_(
        days.c.source == asked.source,
        days.c.about == asked.about,
        days.c.metric == asked.metric,
        days.c.part == asked.part,
    )


def _between(since: date, until: date) -> ColumnElement[bool]:
    return days.c.day.between(since.isoformat(), until.isoformat())


def _row(asked: Series, day: Day, read_at: int) -> Mapping[str, Any]:
    return {
        "source": asked.source,
        "about": asked.about,
        "metric": asked.metric,
        "part": asked.part,
        "day": day.day.isoformat(),
        "read_at": read_at,
        "state": day.state,
        "value": day.value,
        "of": day.of,
        "detail": day.detail,
        "latest": True,
    }


def _day(row: Row[Any]) -> Day:
    return Day(day=date.fromisoformat(row.day), state=row.state, value=row.value, of=row.of, detail=row.detail)
