"""Gmail's spam rate of a domain as Postmaster Tools shows it, day by day: by the last seven days that have one.

Gmail helps a sender whose mail it refuses only after seven days in a row below 0.30%, so that a bad day counts for as long.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from todoku.causes.witnesses.over_time import SPAM_RATE_ELEVATED, SPAM_RATE_OVER
from todoku.feedback.traffic import Day, Traffic, percent
from todoku.words.verdict import Exhibit, Finding, Reason, Text, Values

SOURCE, METRIC = "postmaster", "spam-rate"
LIMIT, ADVICE = 0.003, 0.001
DAYS = 7
WITHIN = timedelta(days=14)  # Google shows a day up to a week later

SPAM_RATE_LOW = Reason(
    "spam-rate-low",
    Text(
        "Gmail users reported at most {rate} of the mail of {domain} as spam, on the last {days} days that Google shows ({since} to {until}).",
        "Googleの集計がある直近{days}日間({since} から {until})、{domain} の迷惑メール率は最大{rate}でした。",
    ),
)
NO_SPAM_RATE = Reason(
    "spam-rate-not-shown",
    Text(
        "Google shows no spam rate of {domain} for the last two weeks: too little mail to Gmail, or none that DKIM signs as {domain}. No data is "
        "not zero.",
        "Googleには、直近2週間の {domain} の迷惑メール率がありません。Gmail宛てのメールが少ないか、{domain} のDKIM署名がないためです。"
        "データがないことは0%を意味しません。",
    ),
    case="F25",
)
SPAM_RATE_UNREAD = Reason(
    "spam-rate-not-read",
    Text(
        "Google's spam rate of {domain} could not be read for the last two weeks ({detail}).",
        "直近2週間の {domain} の迷惑メール率をGoogleから取得できませんでした({detail})。",
    ),
)
SPAM_RATE_ENDED = Reason(
    "spam-rate-ended",
    Text(
        "Google has shown no spam rate for {domain} after {since}, and the last ones had reached the limit: {rate} on {day}. That does "
        "not mean that it is better: too little mail goes to Gmail, or none of it is DKIM-signed by {domain}.",
        "{since} より後、Googleに {domain} の迷惑メール率が表示されておらず、最後に表示された値は基準に達していました({day} に{rate})。表示がなくなったことは改善を意味しません。"
        "Gmail宛てのメールが少ないか、{domain} のDKIM署名がないためです。",
    ),
)


def spam_rate_finding(traffic: Traffic, today: date, limit: float) -> Finding | None:
    """What Google's figures say against a limit; None where the store has none for the last two weeks."""
    series = traffic.of(SOURCE, METRIC)
    recent = [day for day in series.days if today - WITHIN <= day.day <= today] if series else []
    if not recent:
        return None
    numbers = [day for day in recent if day.state == "number"][-DAYS:]
    values: Values = {"domain": traffic.domain}
    if not numbers:
        unread = [day for day in recent if day.state == "not-known"]
        if unread:
            told = {**values, "detail": unread[-1].detail}
            return Finding("unknown", SPAM_RATE_UNREAD, told, missing="could-not-look")
        return _ended(series.days if series else (), limit, values)
    return _weighed(numbers, limit, values)


def _ended(days: Sequence[Day], limit: float, values: Values) -> Finding:
    """There are no figures of the last two weeks. If the last ones before had reached the limit, that is told, as no verdict of today."""
    last = [day for day in days if day.state == "number"][-DAYS:]
    bad = next((day for day in reversed(last) if day.reaches(limit)), None)
    if bad is None:
        return Finding("unknown", NO_SPAM_RATE, values, missing="not-asked")
    told: Values = {**values, "since": str(last[-1].day), "rate": percent(_rate(bad)), "day": str(bad.day)}
    return Finding("unknown", SPAM_RATE_ENDED, told, missing="not-asked")


def _weighed(numbers: Sequence[Day], limit: float, values: Values) -> Finding:
    exhibits = tuple(
        Exhibit("api", f"Postmaster Tools, SPAM_RATE, {values['domain']}, {day.day}", percent(_rate(day)))
        for day in numbers
    )
    over = [ago for ago, day in enumerate(reversed(numbers)) if day.reaches(limit)]
    if not over:
        span: Values = {"days": len(numbers), "since": str(numbers[0].day), "until": str(numbers[-1].day)}
        told: Values = {**values, **span, "rate": percent(max(_rate(day) for day in numbers))}
        return Finding("pass", SPAM_RATE_LOW, told, exhibits)
    bad = numbers[-1 - over[0]]
    why: Values = {**values, "rate": percent(_rate(bad)), "day": str(bad.day), "quiet": over[0]}
    return Finding("fail", SPAM_RATE_OVER if limit >= LIMIT else SPAM_RATE_ELEVATED, why, exhibits)


def _rate(day: Day) -> float:
    return day.value or 0.0
