"""Who reported nearly every day and has stopped: the one rule for what ``todoku reports`` says and what raises an alarm.

Reports of a day come during the next, so that the newest day of which one may expect any is yesterday, or the last day that is
looked at. A reporter may pause for as long as it did before.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from todoku.feedback.answers import Reporter

LATE = timedelta(days=2)  # 48 hours: mail waits in queues for so long, and a weekend's work on a server is over
REGULAR_DAYS = 7  # days with a report: who has fewer has no habit to break
REGULAR = 0.8  # of the days from the first to the last


def heard(reporters: Sequence[Reporter]) -> Sequence[Reporter]:
    """Those whose silence means something: all but unverified ones, which anybody can send and stop. Where there are no others, all."""
    return [one for one in reporters if one.verification != "unverified"] or reporters


def is_regular(reporter: Reporter) -> bool:
    """Whether it reported on most days as long as it did."""
    return reporter.days >= REGULAR_DAYS and reporter.days >= REGULAR * span(reporter)


def is_silent(reporter: Reporter, newest: date) -> bool:
    """Whether a regular reporter's next report is overdue. ``newest``: the last day of which reports may be expected."""
    pause = timedelta(days=reporter.longest_gap)
    return is_regular(reporter) and newest - reporter.last > pause + LATE


def span(reporter: Reporter) -> int:
    """The days from its first report to its last."""
    return (reporter.last - reporter.first).days + 1
