"""Streams of mail that are new and pass nothing in alignment: a mailer that somebody forgot to tell of, or a forger."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

from todoku.causes.witnesses.over_time import STREAM_UNALIGNED, STREAMS_MANY
from todoku.feedback.answers import Stream
from todoku.watching import flood_cap
from todoku.watching.signal import Seen, Signal
from todoku.words.verdict import Exhibit

ENOUGH = 20  # messages: less is what forgers send at everybody
LEARNT = timedelta(days=14)
"""What is seen in the first two weeks of reports was there before; `todoku reports` shows it."""
GONE = timedelta(days=14)  # without mail for so long, a stream is over
KIND = "streams"
REQUIREMENT = "dmarc-alignment"


def look_at(domain: str, unaligned: Iterable[Stream], since: date, today: date) -> Seen:
    """What the unaligned streams of a domain say. ``since``: the first day with a report, from which on streams are counted.

    Without a fortnight of reports nothing can be called new. A stream stays a signal until it aligns or ends, however old it gets.
    """
    if today - since < LEARNT:
        return Seen()
    fresh = [
        one
        for one in unaligned
        if one.first >= since + LEARNT and today - one.last <= GONE and one.messages - one.overridden >= ENOUGH
    ]
    signals = [_signal(domain, one) for one in fresh]
    return flood_cap.told(KIND, domain, signals, requirement=REQUIREMENT, reason=STREAMS_MANY)


def _signal(domain: str, stream: Stream) -> Signal:
    return Signal(
        scope=KIND,
        about=domain,
        requirement=REQUIREMENT,
        reason=STREAM_UNALIGNED,
        level="warn",
        cause=f"{STREAM_UNALIGNED.tag}/{named(stream)}",
        values={
            "stream": named(stream),
            "first": stream.first.isoformat(),
            "last": stream.last.isoformat(),
            "messages": stream.messages,
        },
        exhibits=(Exhibit("report", named(stream), f"{stream.messages} ({stream.addresses} IP)"),),
    )


def named(stream: Stream) -> str:
    """A stream in the words of mail: what SPF and DKIM looked at, and where it comes from if neither vouches."""
    told = [
        f"SPF {stream.spf_domain}" if stream.spf_domain else "",
        f"DKIM {stream.dkim_domain}" if stream.dkim_domain else "",
    ]
    return ", ".join(one for one in (*told, stream.network) if one) or "?"
