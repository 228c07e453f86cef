"""Who answers an engine's calls of our own store (``evidence/traffic.py``), and lets others answer the rest."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

import msgspec
from sqlalchemy import Connection

from todoku.auth.ask import Call, Reply
from todoku.causes.circumstances import is_within
from todoku.evidence.traffic import SERVICE
from todoku.net.drivers import CallSource
from todoku.store import days, standings
from todoku.store.away import Away
from todoku.store.store import Store
from todoku.words.verdict import Text


class StoredFacts:
    """A source of replies for the service ``store``; ``others`` answers the calls of all other services."""

    def __init__(self, store: Store, others: CallSource | None = None) -> None:
        """Ask nothing yet."""
        self._store = store
        self._others = others

    def replies(self, calls: Sequence[Call]) -> Sequence[Reply]:
        """The replies in the calls' order. A store that is away is ``unreachable``, never empty."""
        return _answered(calls, self._reply, self._others)

    def _reply(self, call: Call) -> Reply:
        try:
            with self._store.database.read() as connection:
                value = _ANSWERS[call.operation](connection, dict(call.parameters))
        except Away as away:
            return Reply(call, status="unreachable", detail=away.text.en)
        return Reply(call, {name: msgspec.to_builtins(value) for name in call.fields})


class AwayFacts:
    """In place of a store that could not be opened: it says of everything why."""

    def __init__(self, why: Text, others: CallSource | None = None) -> None:
        """``why`` is what the store's ``Away`` says."""
        self._why = why
        self._others = others

    def replies(self, calls: Sequence[Call]) -> Sequence[Reply]:
        """The replies in the calls' order."""
        return _answered(calls, lambda call: Reply(call, status="unreachable", detail=self._why.en), self._others)


def _answered(calls: Sequence[Call], own: Callable[[Call], Reply], others: CallSource | None) -> Sequence[Reply]:
    known = {call: own(call) for call in calls if call.service == SERVICE}
    rest = [call for call in calls if call.service != SERVICE]
    if others is not None and rest:
        known.update(zip(rest, others.replies(rest), strict=True))
    return [
        known.get(call) or Reply(call, status="refused", detail=f"nobody answers for {call.service}") for call in calls
    ]


def _days(connection: Connection, asked: dict[str, Any]) -> object:
    since, until = date.fromisoformat(asked["Since"]), date.fromisoformat(asked["Until"])
    return days.every_series(connection, asked["Source"], asked["About"], since, until)


def _most(connection: Connection, asked: dict[str, Any]) -> object:
    """What Google saw arrive over TLS on one day, and what SES sent to Gmail: each alone is less than all.

    Google's figure of a domain holds those of its subdomains, SES's identities are each for themselves.
    """
    organization = asked["Organization"]
    seen = days.highest(connection, "postmaster", [organization], "tls-count", "inbound")
    own = [one for one in days.abouts(connection, "ses") if is_within(_domain_of(one), organization)]
    sent = days.highest(connection, "ses", own, "send-count", "Gmail")
    return max((one for one in (seen, sent) if one is not None), default=None)


def _domain_of(about: str) -> str:
    """The domain of an identity: ``123456789012:ap-northeast-1:news@example.com``."""
    return about.rpartition(":")[2].rpartition("@")[2].lower()


def _standings(connection: Connection, asked: dict[str, Any]) -> object:
    return standings.of_domain(connection, asked["Domain"])


_ANSWERS: dict[str, Callable[[Connection, dict[str, Any]], object]] = {
    "Days": _days,
    "Most": _most,
    "Standings": _standings,
}
