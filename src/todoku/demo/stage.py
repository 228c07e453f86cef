"""The demonstration's stage: an empty SES account, a domain without records, and a mailbox, all on the loopback address.

A program that runs with ``Stage.environment`` finds this account and this DNS by itself, and nothing of the real ones: the
credentials are the demo's own, and the files that boto3 would read are left out.
"""

from __future__ import annotations

import base64
import secrets
from collections.abc import Mapping
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from threading import Event, Thread
from types import TracebackType
from typing import Self

import dns.tsig

from todoku.demo.nameserver import NameServer
from todoku.demo.ses_message import delivered
from todoku.demo.ses_server import SesServer
from todoku.demo.ses_world import World
from todoku.net.dns.zone import Zone

ACCOUNT = "123456789012"
DOMAIN = "example.com"
REGION = "ap-northeast-1"
RECORDS = "@ MX 10 mx\nmx A 192.0.2.25\n"
"""The domain receives mail, and has nothing yet for sending it."""
LOOK_AGAIN = 2.0
"""Seconds after which the demo's SES looks at DNS again, so that there is something to wait for."""
POST = 0.2  # seconds between two rounds of the postman


class Stage:
    """Everything runs while the ``with`` block does. ``folder`` holds the key for DNS updates and the inbox."""

    def __init__(self, folder: Path) -> None:
        """``folder`` is the caller's to remove."""
        self.folder = folder
        self.inbox = folder / "inbox"
        self._key = base64.b64encode(secrets.token_bytes(32)).decode()
        self._world = World(clock=lambda: datetime.now(UTC), answers=Zone.from_dict({}), verify_after=LOOK_AGAIN)
        keys = {DOMAIN: dns.tsig.Key("todoku-demo", self._key, "hmac-sha256")}
        self._dns = NameServer(keys=keys, published=self._world.published)
        self._ses = SesServer(self._world)
        self._running = ExitStack()
        self._closed = Event()
        self._postman = Thread(target=self._deliver, daemon=True)

    def __enter__(self) -> Self:
        """Start the servers, write the key, and open the inbox."""
        self.inbox.mkdir(parents=True, exist_ok=True)
        key = self.folder / "update.key"
        key.touch(mode=0o600)
        key.write_text(f'key "todoku-demo" {{ algorithm hmac-sha256; secret "{self._key}"; }};\n')
        self._dns.add_amazon()
        self._dns.add_zone(DOMAIN, RECORDS)
        self._dns.add_zone(".")
        self._world.answers = self._running.enter_context(self._dns)
        self._running.enter_context(self._ses)
        self._postman.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop everything."""
        self._closed.set()
        self._postman.join()
        self._running.close()

    @property
    def environment(self) -> Mapping[str, str]:
        """The environment of a program that is to see this account and this DNS."""
        return {
            "AWS_ENDPOINT_URL": self._ses.url,
            "AWS_ACCESS_KEY_ID": ACCOUNT,
            "AWS_SECRET_ACCESS_KEY": self._ses.secret,
            "AWS_REGION": REGION,
            "AWS_DEFAULT_REGION": REGION,  # what boto3 reads
            "AWS_CONFIG_FILE": str(self.folder / "no-config"),
            "AWS_SHARED_CREDENTIALS_FILE": str(self.folder / "no-credentials"),
            "AWS_EC2_METADATA_DISABLED": "true",
            "TODOKU_DNS": self._dns.address,
            "TODOKU_VIA": f"rfc2136://{self._dns.address}",
            "TODOKU_TSIG": str(self.folder / "update.key"),
            "TODOKU_INBOX": str(self.inbox),
        }

    def _deliver(self) -> None:
        """Put what SES sends into the inbox, as its receiver would have stored it."""
        done = 0
        while not self._closed.wait(POST):
            sent = self._world.sent
            for message in sent[done:]:
                done += 1
                (self.inbox / f"{done}.eml").write_bytes(delivered(message))
