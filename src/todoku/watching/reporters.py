"""Who reported nearly every day and has stopped. Silence is no news of good mail: something on the way may be broken."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

from todoku.causes.witnesses.over_time import ALL_SILENT, REPORTER_SILENT, REPORTERS_MANY
from todoku.feedback.answers import Reporter
from todoku.feedback.silence import heard, is_regular, is_silent, span
from todoku.watching import flood_cap
from todoku.watching.signal import Looked, Seen, Signal, SignalLevel
from todoku.words.verdict import Exhibit, Reason, Value

DAY = timedelta(days=1)  # reports of a day come during the next
KIND = "reporters"
REQUIREMENT = "dmarc-record"


def look_at(domain: str, reporters: Iterable[Reporter], today: date) -> Seen:
    """Who of a domain's regular reporters is silent. Where all are, that is one trouble, and not one for each."""
    regular = [one for one in heard(tuple(reporters)) if is_regular(one)]
    if not regular:
        return Seen()
    silent = [one for one in regular if is_silent(one, today - DAY)]
    if len(silent) == len(regular):
        last = max(one.last for one in silent)
        values: dict[str, Value] = {"domain": domain, "last": last.isoformat()}
        looked = Looked(scopes=frozenset({(KIND, domain)}))
        return Seen(signals=(_signal(domain, ALL_SILENT, "fail", domain, values),), looked=looked)
    signals = [_of_one(domain, one) for one in silent]
    return flood_cap.told(KIND, domain, signals, requirement=REQUIREMENT, reason=REPORTERS_MANY)


def _of_one(domain: str, reporter: Reporter) -> Signal:
    values: dict[str, Value] = {
        "reporter": reporter.org_name,
        "last": reporter.last.isoformat(),
        "days": reporter.days,
        "of": span(reporter),
    }
    named = reporter.org_name
    if reporter.vouched_by not in ("", named.lower()):  # anybody may bear a name, and another of that name is another
        named = f"{named} ({reporter.vouched_by})"
    return _signal(domain, REPORTER_SILENT, "warn", named, {**values, "reporter": named})


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
