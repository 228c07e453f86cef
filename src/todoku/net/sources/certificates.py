"""The certificates that SNS signs with, each fetched once: over HTTPS, without a redirect, and no more than one can hold."""

from __future__ import annotations

import ssl
import time

import httpx2

from todoku.intake.source import SourceAway
from todoku.net.sources.sns import Forged
from todoku.verdict import Text

MAX_OCTETS = 64 * 1024
MAX_HELD = 64
SECONDS = 10.0  # for one answer of the server
ALL_SECONDS = 30.0


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
            with (
                httpx2.Client(verify=self._trusted, transport=self._transport, timeout=SECONDS) as client,
                client.stream("GET", url, headers={"accept-encoding": "identity"}) as response,
            ):
                if 400 <= response.status_code < 500:
                    raise Forged("SNS has no such certificate", "SNSにそのような証明書はありません")
                if response.status_code != 200:
                    raise _away(url, f"HTTP {response.status_code}")
                return _bounded(response, url)
        except (OSError, httpx2.HTTPError) as error:
            raise _away(url, type(error).__name__) from error


def _bounded(response: httpx2.Response, url: str) -> bytes:
    until = time.monotonic() + ALL_SECONDS
    octets = bytearray()
    for some in response.iter_raw():
        octets += some
        if len(octets) > MAX_OCTETS:
            raise _away(url, f"> {MAX_OCTETS}")
        if time.monotonic() > until:
            raise _away(url, f"> {ALL_SECONDS:.0f} s")
    return bytes(octets)


def _away(url: str, why: str) -> SourceAway:
    return SourceAway(
        Text(
            f"the certificate of SNS cannot be fetched from {url}: {why}",
            f"SNSの証明書を {url} から取得できません: {why}",
        )
    )
