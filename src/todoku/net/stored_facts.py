"""Who answers an engine's calls of our own store (``traffic_evidence.py``), and lets others answer the rest."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from types import TracebackType
from typing import Any, Self

import msgspec
from sqlalchemy import Connection

from todoku.auth.ask import Call, Reply
from todoku.net.drive import CallSource
from todoku.store import days, standings
from todoku.store.away import Away
from todoku.store.store import Store
from todoku.traffic_evidence import SERVICE


class StoredFacts:
    """A source of replies for the service ``store``. It is a context manager, used by one thread at a time."""

    def __init__(self, store: Store, others: CallSource | None = None) -> None:
        """``others`` answers the calls of all other services."""
        self._store = store
        self._others = others

    def __enter__(self) -> Self:
        """The source itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        """Let go of the store."""
        self._store.database.close()

    def replies(self, calls: Sequence[Call]) -> Sequence[Reply]:
        """The replies in the calls' order. A store that is away is ``unreachable``, never empty."""
        known = {call: self._reply(call) for call in calls if call.service == SERVICE}
        rest = [call for call in calls if call.service != SERVICE]
        if rest and self._others is None:
            known.update(
                {call: Reply(call, status="refused", detail=f"nobody answers for {call.service}") for call in rest}
            )
        elif rest and self._others is not None:
            known.update(zip(rest, self._others.replies(rest), strict=True))
        return [known[call] for call in calls]

    def _reply(self, call: Call) -> Reply:
        try:
            with self._store.database.read() as connection:
                value = _ANSWERS[call.operation](connection, dict(call.parameters))
        except Away as away:
            return Reply(call, status="unreachable", detail=away.text.en)
        return Reply(call, {name: msgspec.to_builtins(value) for name in call.fields})


def _days(connection: Connection, asked: dict[str, Any]) -> object:
    since, until = date.fromisoformat(asked["Since"]), date.fromisoformat(asked["Until"])
    return days.every_series(connection, asked["Source"], asked["About"], since, until)


def _most(connection: Connection, asked: dict[str, Any]) -> object:
    """What Google saw arrive over TLS on one day, and what SES sent to Gmail: each alone is less than all."""
    seen = [days.highest(connection, "postmaster", [name], "tls-count", "inbound") for name in asked["Domains"]]
    sent = days.highest(connection, "ses", asked["Domains"], "send", "Gmail")
    return max((one for one in (*seen, sent) if one is not None), default=None)


def _standings(connection: Connection, asked: dict[str, Any]) -> object:
    return standings.of_domain(connection, asked["Domain"])


_ANSWERS: dict[str, Callable[[Connection, dict[str, Any]], object]] = {
    "Days": _days,
    "Most": _most,
    "Standings": _standings,
}
