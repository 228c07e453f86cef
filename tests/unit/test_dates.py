"""Dates as mail writes them, right and wrong."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from todoku.mail.dates import MAX_TEXT, parse_date

MOMENT = datetime(2024, 2, 6, 1, 0, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "Tue, 6 Feb 2024 10:00:12 +0900",
        "Tue, 06 Feb 2024 10:00:12 +0900 (JST)",
        " Mon, 05 Feb 2024 17:00:12 -0800 (PST)\r\n",
        "6 Feb 2024 01:00:12 -0000",
        "Tue,6 Feb 2024 01:00:12 GMT",
        "Tue, 6 Feb 24 01:00:12 UT",
        "Mon, 05 Feb 2024 20:00:12 EST",
        "Tue, 6 Feb 2024 01:00:12 Z",
        "Tue, 6 Feb 2024 01:00:12 XYZ",
        "Tue, 6 Feb 2024 01:00:12",
        "Tue (a day), 6 Feb (month) 2024 01:00:12 (time) +0000",
        "Tue, 6\r\n Feb 2024 01:00:12 +0000",
        "Tue, 6-Feb-2024 01:00:12 +0000",
        "Tue Feb  6 01:00:12 2024",
        "Tue Feb  6 01:00:12 UTC 2024",
        "Tue, 6 February 2024 01:00:12 +0000",
        "2024-02-06 01:00:12.239856305 +0000 UTC",
        "2024-02-06T10:00:12+09:00",
        "; Tue, 6 Feb 2024 01:00:12 +0000",
    ],
)
def test_one_moment(text):
    assert parse_date(text) == MOMENT


@pytest.mark.parametrize(
    ("text", "year"),
    [
        ("1 Jan 49 00:00 +0000", 2049),
        ("1 Jan 50 00:00 +0000", 1950),
        ("1 Jan 99 00:00 +0000", 1999),
        ("1 Jan 103 00:00 +0000", 2003),
        ("1 Jan 1900 00:00 +0000", 1900),
        ("1 Jan 9998 00:00 +0000", 9998),
    ],
)
def test_years(text, year):
    found = parse_date(text)
    assert found is not None
    assert found.year == year


def test_the_zone_is_kept():
    found = parse_date("Tue, 6 Feb 2024 10:00:12 +0930")
    assert found is not None
    assert found.tzinfo == timezone(timedelta(hours=9, minutes=30))


def test_a_leap_second_is_a_time():
    assert parse_date("31 Dec 2016 23:59:60 +0000") == datetime(2016, 12, 31, 23, 59, 59, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "yesterday",
        "30 Feb 2024 00:00:00 +0000",
        "0 Feb 2024 00:00:00 +0000",
        "1 Foo 2024 00:00:00 +0000",
        "1 Feb 2024 24:00:00 +0000",
        "1 Feb 2024 00:60:00 +0000",
        "1 Feb 2024 00:00:61 +0000",
        "1 Feb 2024 00:00:00 +2400",
        "1 Feb 2024 00:00:00 +0060",
        "1 Feb 1899 00:00:00 +0000",
        "1 Feb 0000 00:00:00 +0000",
        "1 Feb 9999 00:00:00 +0000",
        "1 Feb 12345 00:00:00 +0000",
        "١ Feb 2024 00:00:00 +0000",
        "(" * 1_000,
        " " * MAX_TEXT + "1 Feb 2024 00:00:00 +0000",
    ],
)
def test_no_moment(text):
    assert parse_date(text) is None


@given(st.datetimes(datetime(1900, 1, 2), datetime(9998, 12, 30), timezones=st.just(UTC)))  # noqa: DTZ001 -- bounds are naive
def test_what_is_written_is_read(moment):
    months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
    text = f"{moment.day} {months[moment.month - 1]} {moment.year} {moment:%H:%M:%S} +0000"
    assert parse_date(text) == moment.replace(microsecond=0)


@given(st.text(st.sampled_from("0123456789:+-, ()JanFebTue\r\n\tZ;.T"), max_size=60) | st.text(max_size=60))
def test_never_raises(text):
    found = parse_date(text)
    assert found is None or found.astimezone(UTC).tzinfo is UTC
