"""The certificates that SNS signs with, each fetched once: over HTTPS, without a redirect, and no more than one can hold."""

from __future__ import annotations

import ssl

import httpx2

from todoku.intake.source import SourceAway
from todoku.net.one_reply import MAX_OCTETS, NoReply, one_reply
from todoku.net.sources.sns import Forged
from todoku.words.verdict import Text

MAX_HELD = 64
NOT_NOW = (408, 429)  # RFC 9110 15.5.9, RFC 6585 4: of what is asked for they say nothing


class Certificates:
    """Fetches and remembers. ``transport`` is how the host is reached, if not as this machine does it."""

    def __init__(self, trusted: ssl.SSLContext, transport: httpx2.BaseTransport | None = None) -> None:
        """Fetch nothing yet."""
        self._trusted = trusted
        self._transport = transport
        self._held: dict[str, bytes] = {}

    def fetch(self, url: str) -> bytes:
        """The octets at the URL. Raises ``Forged`` where SNS has none there; ``SourceAway`` where it gives no answer, so that
        nothing is known of the message.
        """
        if url not in self._held:
            octets = self._fetched(url)
            if len(self._held) >= MAX_HELD:
                self._held.clear()
            self._held[url] = octets
        return self._held[url]

    def _fetched(self, url: str) -> bytes:
        try:
            reply = one_reply(url, trusted=self._trusted, transport=self._transport)
        except NoReply as none:
            raise _away(url, str(none)) from None
        if 400 <= reply.status < 500 and reply.status not in NOT_NOW:
            raise Forged("SNS has no such certificate", "SNSにそのような証明書はありません")
        if reply.status != 200:
            raise _away(url, f"HTTP {reply.status}")
        if not reply.is_whole:
            raise _away(url, f"> {MAX_OCTETS}")
        return reply.octets


def _away(url: str, why: str) -> SourceAway:
    return SourceAway(
        Text(
            f"the certificate of SNS cannot be fetched from {url}: {why}",
            f"SNSの証明書を {url} から取得できません: {why}",
        )
    )
