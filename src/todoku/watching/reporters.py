"""Who reported nearly every day and has stopped. Silence is no news of good mail: something on the way may be broken."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

from todoku.causes.over_time import ALL_SILENT, REPORTER_SILENT
from todoku.feedback.answers import Reporter
from todoku.verdict import Exhibit, Reason, Value
from todoku.watching.signal import Looked, Seen, Signal, SignalLevel

SILENT = timedelta(hours=48)
REGULAR_DAYS = 7  # days with a report, at least
REGULAR = 0.8  # of the days from the first to the last
KIND = "reporters"
REQUIREMENT = "dmarc-record"


def look_at(domain: str, reporters: Iterable[Reporter], today: date) -> Seen:
    """Who of a domain's regular reporters is silent. Where all are, that is one trouble, and not one for each."""
    regular = [one for one in reporters if is_regular(one)]
    if not regular:
        return Seen()
    looked = Looked(scopes=frozenset({(KIND, domain)}))
    silent = [one for one in regular if is_silent(one, today)]
    if len(silent) == len(regular):
        last = max(one.last for one in silent)
        values: dict[str, Value] = {"domain": domain, "last": last.isoformat()}
        return Seen(signals=(_signal(domain, ALL_SILENT, "fail", domain, values),), looked=looked)
    return Seen(signals=tuple(_of_one(domain, one) for one in silent), looked=looked)


def is_regular(reporter: Reporter) -> bool:
    """Whether it reported on most days as long as it did."""
    return reporter.days >= REGULAR_DAYS and reporter.days >= REGULAR * _span(reporter)


def is_silent(reporter: Reporter, today: date) -> bool:
    """Whether its next report is 48 hours late: that of a day comes during the next, and it may pause as long as it did before."""
    usual = timedelta(days=1 + reporter.longest_gap)
    return today - reporter.last > usual + SILENT


def _span(reporter: Reporter) -> int:
    return (reporter.last - reporter.first).days + 1


def _of_one(domain: str, reporter: Reporter) -> Signal:
    values: dict[str, Value] = {
        "reporter": reporter.org_name,
        "last": reporter.last.isoformat(),
        "days": reporter.days,
        "of": _span(reporter),
    }
    return _signal(domain, REPORTER_SILENT, "warn", reporter.org_name, values)


def _signal(domain: str, reason: Reason, level: SignalLevel, named: str, values: dict[str, Value]) -> Signal:
    return Signal(
        scope=KIND,
        about=domain,
        requirement=REQUIREMENT,
        reason=reason,
        level=level,
        cause=f"{reason.tag}/{named}",
        values=values,
        exhibits=(Exhibit("report", named, str(values["last"])),),
    )
