"""Dates as mail writes them: RFC 5322 section 3.3, its obsolete forms (section 4.3), and what real servers write beside.

The standard library's reader takes some impossible dates and raises on others; this one gives None for every date that
no calendar holds, and never raises. A zone that nobody can know (``-0000``, a military letter, an unknown name) is read
as UTC.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone
from functools import lru_cache

MAX_TEXT = 400  # octets; no date is longer, comments included

_MONTHS = {
    name: number
    for number, name in enumerate(
        ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"), start=1
    )
}
_ZONES = {"ut": 0, "gmt": 0, "est": -5, "edt": -4, "cst": -6, "cdt": -5, "mst": -7, "mdt": -6, "pst": -8, "pdt": -7}

# date-time = [ day-of-week "," ] date time          RFC 5322 3.3, 4.3
# date      = day month year                         year = 4*DIGIT, obs-year = 2*DIGIT
# time      = hour ":" minute [ ":" second ] zone    zone = ( "+" / "-" ) 4DIGIT, obs-zone = a name
_TIME = r"(?P<hour>[0-9]{1,2})[ \t]*:[ \t]*(?P<minute>[0-9]{2})(?:[ \t]*:[ \t]*(?P<second>[0-9]{2})(?:\.[0-9]{1,9})?)?"
_ZONE = r"(?:[ \t]*(?P<zone>[+-][0-9]{4}|[A-Za-z]{1,5})(?![0-9A-Za-z]))?"
_DATE_TIME = re.compile(
    r"(?:[A-Za-z]{3,9}[ \t]*,?[ \t]*)?(?P<day>[0-9]{1,2})[ \t-]*(?P<month>[A-Za-z]{3})[a-z]{0,6}\.?[ \t-]*"
    r"(?P<year>[0-9]{2,4}),?[ \t]+" + _TIME + _ZONE
)
# What C's asctime() writes: "Tue Oct 14 20:25:16 2010", also with a zone before or after the year.
_ASCTIME = re.compile(
    r"(?:[A-Za-z]{3,9}[ \t]*,?[ \t]*)?(?P<month>[A-Za-z]{3})[a-z]{0,6}[ \t]+(?P<day>[0-9]{1,2}),?[ \t]+"
    + _TIME
    + r"(?:[ \t]+(?P<zone_first>[A-Za-z]{1,5}))?[ \t]+(?P<year>[0-9]{4})"
    + _ZONE
)
_ISO = re.compile(
    r"(?P<year>[0-9]{4})-(?P<iso_month>[0-9]{2})-(?P<day>[0-9]{2})[T \t]"
    + _TIME
    + r"[ \t]*(?P<zone>[+-][0-9]{2}:?[0-9]{2}|Z|[A-Z]{3})?"
)
_COMMENT = re.compile(r"\([^()]*\)")


def parse_date(text: str) -> datetime | None:
    """The moment that ``text`` names, with its zone; None where it names none. Never raises."""
    text = text[:MAX_TEXT].replace("\r\n", "")
    match = _DATE_TIME.match(text.lstrip())  # nearly every date is right from the start
    if match is None:
        text = _COMMENT.sub(" ", text).strip(" \t\r\n;,")
        match = _DATE_TIME.match(text) or _ASCTIME.match(text) or _ISO.match(text)
    return None if match is None else _moment(match.groupdict())


def _moment(part: dict[str, str | None]) -> datetime | None:
    """The datetime of the named parts, or None where the calendar has no such day, the clock no such time."""
    month = _MONTHS.get((part.get("month") or "").lower()) or int(part.get("iso_month") or 0)
    second = int(part["second"] or 0)
    zone = _zone(part.get("zone_first") or part["zone"] or "")
    if zone is None or second > 60:
        return None
    try:
        moment = datetime(
            _year(part["year"] or ""),
            month,
            int(part["day"] or 0),
            int(part["hour"] or 0),
            int(part["minute"] or 0),
            min(second, 59),  # the leap second of RFC 5322 3.3 is a time, which datetime does not have
            tzinfo=zone,
        )
    except ValueError:
        return None
    # RFC 5322 3.3: a year is 1900 or later; 9999 has moments that cannot be told in every zone.
    return moment if 1900 <= moment.year < 9999 else None


def _year(digits: str) -> int:
    """The year; two and three digits by RFC 5322 section 4.3."""
    year = int(digits)
    if len(digits) == 2:
        return year + (2000 if year < 50 else 1900)  # RFC 5322 4.3
    return year + 1900 if len(digits) == 3 else year


@lru_cache(maxsize=256)
def _zone(name: str) -> timezone | None:
    """The zone of ``+0900`` or ``PST``; None for a number that is no zone (``+9960``)."""
    if name[:1] not in ("+", "-"):
        hours = _ZONES.get(name.lower(), 0)  # RFC 5322 4.3: other names are -0000
        return timezone(timedelta(hours=hours)) if hours else UTC
    digits = name[1:].replace(":", "")
    hours, minutes = int(digits[:2]), int(digits[2:])
    if hours > 23 or minutes > 59:
        return None
    offset = timedelta(hours=hours, minutes=minutes)
    return timezone(-offset if name[0] == "-" else offset) if offset else UTC
