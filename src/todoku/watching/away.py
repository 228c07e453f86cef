"""Sources that do not answer: a mailbox that lets nobody in, a consent that was taken back, a permission that is missing.

Silence would look like peace: what is learnt there neither raises an alarm nor ends one meanwhile. One rule for all of them
and for every cause, since a source that times out shows no more than one that refuses: it is told once it has lasted for
``LASTS``, a domain whose records could not be looked up for ``DNS_LASTS``, and over with the first answer.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta

import msgspec

from todoku.causes.witnesses.over_time import SOURCE_AWAY
from todoku.watching.signal import Looked, Seen, Signal
from todoku.words.verdict import Reason, Text

LASTS = timedelta(hours=6)
"""What passes by itself is over by then: maintenance, sign-ins that are throttled, permissions that take minutes to spread. And
nothing is lost yet: receivers report a day late, mail stays, and a queue keeps what it holds for four days by default."""
DNS_LASTS = timedelta(days=1)
"""The same for a domain that could not be looked up. Name servers are down for an afternoon now and then, senders then wait for days
(RFC 5321 4.5.4.1), and what receivers do meanwhile shows in reports."""
KIND = "away"


class Tried(msgspec.Struct, frozen=True, kw_only=True):
    """What asking a source gave: why it did not answer, nothing where it did. Causes hold nothing secret.

    ``requirement``: what would mostly be learnt there. ``lasts``: for how long that is nothing yet. ``together``: what sources are called
    that mostly fail for one cause, "" where each stands for itself.
    """

    source: str
    requirement: str
    causes: tuple[Text, ...] = ()
    lasts: timedelta = LASTS
    together: str = ""


class Absences(msgspec.Struct, frozen=True):
    """Since when each source that does not answer has not. Kept from look to look."""

    since: dict[str, datetime] = {}

    def of(self, sources: Collection[str]) -> Absences:
        """Those of these sources: others are not asked any more."""
        return Absences({name: since for name, since in self.since.items() if name in sources})


class Asked(msgspec.Struct, frozen=True):
    """A look, and what to remember of it."""

    seen: Seen
    absences: Absences


def look_at(tried: Iterable[Tried], before: Absences, at: datetime) -> Asked:
    """Which sources have not answered for long. One that was not asked this time is as it was."""
    since, signals, scopes = dict(before.since), [], set()
    for one in tried:
        scopes.add((KIND, one.source))
        if not one.causes:
            since.pop(one.source, None)
            continue
        began = min(since.get(one.source, at), at)  # a clock that was set back has not waited
        since[one.source] = began
        if at - began >= one.lasts:
            signals.append(_signal(one, began))
    return Asked(Seen(signals=tuple(signals), looked=Looked(scopes=frozenset(scopes))), Absences(since))


def _signal(tried: Tried, since: datetime) -> Signal:
    causes = list(dict.fromkeys(tried.causes))
    told = Text("; ".join(one.en for one in causes), "、".join(one.ja for one in causes))
    return Signal(
        requirement=tried.requirement,
        reason=_caused(told),
        level="fail",
        scope=KIND,
        cause=f"{SOURCE_AWAY.tag}/{tried.together or tried.source}",
        about=tried.source,
        part=tried.source if tried.together else "",
        values={"source": tried.source, "since": f"{since:%Y-%m-%d %H:%M} UTC", "cause": told.en},
    )


def _caused(by: Text) -> Reason:
    """The reason with its cause filled in: that alone has words of its own in each language."""
    text = SOURCE_AWAY.text
    return Reason(SOURCE_AWAY.tag, Text(_with_cause(text.en, by.en), _with_cause(text.ja, by.ja)))


def _with_cause(template: str, cause: str) -> str:
    return template.replace("{cause}", cause.replace("{", "{{").replace("}", "}}"))
