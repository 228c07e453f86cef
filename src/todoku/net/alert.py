"""Telling people: a message to each address by whatever service it names (mail, Slack, Teams, webhooks), through ``apprise``.

An address holds a secret: a token, a password. None of it reaches a text of ours; ``shown`` is what people see of one.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable

from todoku.report.alert import Letter
from todoku.words.errors import UsageError
from todoku.words.verdict import Text

SECONDS = 15  # to connect, and for each answer
KEY_FIELD = "X-Todoku-Letter"
LEFT_OUT = 1_000_000  # above every level: what apprise logs may hold an address

_SCHEME = re.compile(r"([a-z][a-z0-9+.-]{1,30})://", re.IGNORECASE)


class Channel:
    """One address that messages go to."""

    def __init__(self, url: str) -> None:
        """Raises ``UsageError`` where no service takes such an address, or the library is missing."""
        try:
            from apprise import Apprise  # noqa: PLC0415 -- a second at start-up, for those only who are told
        except ImportError:
            raise UsageError(
                Text(
                    'alerts need one more library: pip install "todoku[alerts]"',
                    '通知には追加のライブラリが必要です: pip install "todoku[alerts]"',
                )
            ) from None
        logging.getLogger("apprise").setLevel(LEFT_OUT)
        self.shown = shown(url)
        self._service = Apprise()
        if not self._service.add(_with_limits(url)):
            raise UsageError(
                Text(
                    f"no service takes alerts at {self.shown}: see Apprise's list of addresses",
                    f"{self.shown} は通知先として使えません。Appriseの書式を確認してください",
                )
            )

    def send(self, letter: Letter) -> bool:
        """Whether the service took the message. False is all that is known of why not: the reason may hold the address."""
        for service in self._service:
            fields = getattr(service, "headers", None)
            if isinstance(fields, dict):  # mail and web hooks
                fields.update(_marks(letter, mail=hasattr(service, "smtp_host")))
        try:
            return bool(
                self._service.notify(title=letter.title, body=letter.body, notify_type=letter.tone, body_format="text")
            )
        except (OSError, ValueError, TypeError):  # of a service that lets through what its own library raises
            return False


def _marks(letter: Letter, *, mail: bool) -> dict[str, str]:
    """The fields by which a letter that comes twice is known again; a mailbox shows what has the same References as one thread."""
    if not letter.key:
        return {}
    threaded = {"References": f"<{letter.key}@todoku.invalid>"} if mail else {}
    return {KEY_FIELD: letter.key, **threaded}


def channels(urls: Iterable[str]) -> dict[str, Channel]:
    """The channels of some addresses, each once. Raises ``UsageError``."""
    return {url: Channel(url) for url in dict.fromkeys(urls)}


def shown(url: str) -> str:
    """What may be shown of an address: its scheme."""
    found = _SCHEME.match(url)
    return f"{found[1].lower()}://…" if found else "…"


def _with_limits(url: str) -> str:
    """The address with times that a silent service cannot exceed. Those that it names itself stay."""
    if "cto=" in url or "rto=" in url:
        return url
    return f"{url}{'&' if '?' in url else '?'}cto={SECONDS}&rto={SECONDS}"
