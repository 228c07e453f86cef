"""The Date field: whether it is one, and whether it can be true. RFC 5322 sections 3.3 and 3.6.1."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, timedelta

from todoku.mail.content_type import without_comments
from todoku.mail.dates import parse_date
from todoku.mail.lint.defect import Defect, defect, shown
from todoku.mail.message import Field, Message

LATE = timedelta(days=7)  # RFC 5321 section 4.5.4.1: queues give up after 4 or 5 days
EARLY = timedelta(days=1)  # a wrong zone or clock, yet still today somewhere

# date-time = [ day-of-week "," ] day month year hour ":" minute [ ":" second ] zone    RFC 5322 section 3.3
# with the two-digit years and the named zones of its section 4.3
_DATE_TIME = re.compile(
    rb"""\s*+ (?: (?:mon|tue|wed|thu|fri|sat|sun) \s*+,\s*+ )?
         \d{1,2} \s++ (?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec) \s++ \d{2,4}
         \s++ \d{1,2} \s*+:\s*+ \d{2} (?: \s*+:\s*+ \d{2} )? \s++ (?: [+-]\d{4} | [a-z]{1,5} ) \s*+""",
    re.VERBOSE | re.IGNORECASE,
)


def date_defects(message: Message, now: datetime | None) -> Iterator[Defect]:
    """What is wrong with each Date field; ``now`` is when a message that shows no arrival is looked at."""
    for field in message.all("date"):
        yield from _date(message, field, now)


def _date(message: Message, field: Field, now: datetime | None) -> Iterator[Defect]:
    date = parse_date(field.value) if _DATE_TIME.fullmatch(without_comments(field.body)) else None
    if date is None:
        yield defect("date-syntax", message.raw, field.offset, {"value": shown(field.body.strip())})
        return
    if now is not None and -EARLY < now - date < LATE:  # it came between these two: nothing to look for
        return
    arrival = _arrival(message)
    moment = arrival or now
    # A message that was never sent may be old: only the future is wrong with it.
    if moment and (date - moment > EARLY or (arrival and arrival - date > LATE)):
        days = round((date - moment) / timedelta(days=1))
        yield defect("date-range", message.raw, field.offset, {"value": shown(field.body.strip()), "days": days})


def _arrival(message: Message) -> datetime | None:
    """When the topmost Received field says that the message came: RFC 5321 section 4.4, after its last ``;``."""
    received = message.first("received")
    return None if received is None else parse_date(received.value.rpartition(";")[2])
