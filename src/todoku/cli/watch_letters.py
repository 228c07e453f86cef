"""Telling people from ``todoku watch``: which letters go where, and what becomes of each try.

Addresses stay here: the store has only what tells them apart, too short to guess one by it, and what may be shown.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import cast, get_args

import msgspec

from todoku.net.alert import Channel, channels
from todoku.net.own_file import read_secret
from todoku.report.alert import Letter, Tone, letter
from todoku.report.words import Language
from todoku.settings.config import AlertsSection, Route
from todoku.store import outbox
from todoku.store.outbox import Post
from todoku.store.raw import microseconds
from todoku.store.store import Store
from todoku.watching.alarm import Notice
from todoku.words.errors import UsageError
from todoku.words.verdict import Text

MAX_FILE = 64 * 1024
MOST_FAILURES = 3


class Desk:
    """Everybody who may be told, by the routes of the settings."""

    def __init__(self, section: AlertsSection) -> None:
        """Raises ``UsageError`` where an address is none, a route has none, or a file of them cannot be read."""
        own = (Route(urls=section.urls, urls_file=section.urls_file),) if section.urls or section.urls_file else ()
        self._routes = [(one, _urls(one)) for one in (*section.routes, *own)]
        if not all(urls for _, urls in self._routes):  # what fits it would be told to nobody
            raise UsageError(
                Text(
                    "[alerts]: a route names no address; [[accept]] is for what nobody is to be told",
                    "[alerts]: 宛先のないルートがあります。通知しないものは [[accept]] で指定してください",
                )
            )
        known = channels(url for _, urls in self._routes for url in urls)
        self._channels: dict[str, Channel] = {_id(url): channel for url, channel in known.items()}
        self._shown = {_id(url): channel.shown for url, channel in known.items()}

    @property
    def is_empty(self) -> bool:
        """Whether nobody is to be told of anything."""
        return not self._channels

    def posts(self, notices: Iterable[Notice], language: Language) -> list[Post]:
        """The letters of some notices: each to the addresses of the first route that fits."""
        return [
            Post(route=route, shown=self._shown[route], **msgspec.structs.asdict(letter(one, language)))
            for one in notices
            for route in self._takers(one)
        ]

    def _takers(self, notice: Notice) -> Sequence[str]:
        """The addresses of the first route that fits, for each requirement that it is about: no letter hides from its readers."""
        found = [next((urls for route, urls in self._routes if _fits(route, *what)), ()) for what in _each_kind(notice)]
        return tuple(dict.fromkeys(_id(url) for urls in found for url in urls))

    def due(self, store: Store, now: datetime) -> tuple[Post, ...]:
        """The letters that are to be sent now. Raises ``Away``."""
        with store.database.read() as connection:
            return outbox.due(connection, self._channels, microseconds(now))

    def send(self, store: Store, clock: Callable[[], datetime]) -> int:
        """How many letters could not be sent of those that were tried. Raises ``Away``.

        Each is claimed first: another watcher may be at the same ones. An address that takes none of ``MOST_FAILURES`` is left
        until the next time: each may be waited for.
        """
        failures: Counter[str] = Counter()
        for post in self.due(store, clock()):
            if failures[post.route] == MOST_FAILURES:
                continue
            with store.database.write() as connection:
                claimed = outbox.claim(connection, post, microseconds(clock()))
            if not claimed:
                continue
            sent = self._channels[post.route].send(_letter(post))
            failures[post.route] += not sent
            with store.database.write() as connection:
                outbox.settle(connection, post, microseconds(clock()), sent=sent)
        with store.database.write() as connection:
            outbox.tidy(connection, microseconds(clock()))
        return failures.total()


def _each_kind(notice: Notice) -> Iterable[tuple[str, str, str]]:
    """The requirement, tag and level of each part of a notice, each once."""
    return dict.fromkeys((one.requirement, one.tag, notice.level) for one in notice.said)


def _fits(route: Route, requirement: str, tag: str, level: str) -> bool:
    return route.requirement in ("", requirement) and route.tag in ("", tag) and route.level in ("", level)


def _letter(post: Post) -> Letter:
    """The letter of a post as it was entered. A tone of another version is told as a warning."""
    tone = post.tone if post.tone in get_args(Tone) else "warning"
    return Letter(post.title, post.body, cast("Tone", tone), post.key)


def _id(url: str) -> str:
    return sha256(url.encode()).hexdigest()[:6]


def _urls(route: Route) -> tuple[str, ...]:
    return (*route.urls, *(_in_file(Path(route.urls_file)) if route.urls_file else ()))


def _in_file(path: Path) -> tuple[str, ...]:
    """The addresses in a file, one a line; empty lines and those that begin with # are passed over."""
    try:
        lines = [line.strip() for line in read_secret(path, MAX_FILE).decode().splitlines()]
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) and error.strerror else "UTF-8"
        raise UsageError(
            Text(f"cannot read [alerts] urls_file {path}: {why}", f"[alerts] urls_file の {path} を読めません: {why}")
        ) from None
    return tuple(line for line in lines if line and not line.startswith("#"))
