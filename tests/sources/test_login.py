"""A mailbox opened with an OAuth 2.0 consent: the refresh token is exchanged over real TLS, the access token taken by Dovecot."""

from __future__ import annotations

import json
import os
import ssl
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qsl

import pytest
import trustme

from imap_server import Dovecot, token
from todoku.intake.source import SourceAway
from todoku.net import one_reply
from todoku.net.one_reply import MAX_OCTETS
from todoku.net.sources.login import with_password
from todoku.net.sources.named import source_named
from todoku.settings.config import IngestSection
from todoku.words.errors import UsageError

REFRESH, SECRET = "canary-refresh-77", "canary-secret-78"


class Authority:
    """Where tokens come from."""

    def __init__(self, ca: trustme.CA) -> None:
        authority = self
        self.asked: list[dict[str, str]] = []
        self.status, self.reply = 200, b""

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                form = self.rfile.read(int(self.headers["Content-Length"])).decode()
                authority.asked.append(dict(parse_qsl(form)))
                self.send_response(authority.status)
                self.end_headers()
                self.wfile.write(authority.reply)

            def log_message(self, *_arguments: object) -> None:
                return

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        ca.issue_cert("127.0.0.1").configure_cert(context)
        self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.02,))
        self.thread.start()

    @property
    def url(self) -> str:
        return f"https://127.0.0.1:{self.server.server_port}/token"

    def give(self, dovecot: Dovecot, **changes: object) -> None:
        """Give a good token from now on."""
        given = token(str(changes.get("user", "dmarc")), dovecot.key, float(changes.get("expires", time.time() + 600)))
        self.status, self.reply = 200, json.dumps({"access_token": given, "token_type": "Bearer"}).encode()

    def close(self) -> None:
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()


@pytest.fixture
def authority(ca: trustme.CA) -> Iterator[Authority]:
    authority = Authority(ca)
    yield authority
    authority.close()


@pytest.fixture
def settings(authority: Authority, ca_file: Path, tmp_path: Path) -> IngestSection:
    file = tmp_path / "consent.json"
    consent = {"token_uri": authority.url, "client_id": "todoku", "client_secret": SECRET, "refresh_token": REFRESH}
    file.touch(mode=0o600)
    file.write_text(json.dumps(consent))
    return IngestSection(oauth_file=str(file), ca_file=str(ca_file))


def read(dovecot: Dovecot, settings: IngestSection) -> int:
    source = source_named(f"imaps://dmarc@127.0.0.1:{dovecot.port}", settings)
    try:
        return len(list(source.items()))
    finally:
        source.close()


def test_consent_opens_the_mailbox(dovecot: Dovecot, authority: Authority, settings: IngestSection) -> None:
    dovecot.deliver(b"Subject: x\r\n\r\n")
    authority.give(dovecot)
    assert read(dovecot, settings) == 1
    wanted = {"grant_type": "refresh_token", "client_id": "todoku", "client_secret": SECRET, "refresh_token": REFRESH}
    assert authority.asked == [wanted]


def test_server_that_knows_only_xoauth2(
    dovecot: Dovecot, authority: Authority, settings: IngestSection, monkeypatch: pytest.MonkeyPatch
) -> None:
    from imapclient import IMAPClient  # noqa: PLC0415

    real = IMAPClient.has_capability
    monkeypatch.setattr(
        IMAPClient, "has_capability", lambda self, name: name != "AUTH=OAUTHBEARER" and real(self, name)
    )
    authority.give(dovecot)
    assert read(dovecot, settings) == 0


@pytest.mark.parametrize("changes", [{"expires": 1_000_000_000}, {"user": "another"}], ids=["expired", "another"])
def test_token_that_the_server_refuses(
    dovecot: Dovecot, authority: Authority, settings: IngestSection, changes: dict[str, object]
) -> None:
    authority.give(dovecot, **changes)
    with pytest.raises(SourceAway) as told:
        read(dovecot, settings)
    assert "canary" not in f"{told.value.text}"


@pytest.mark.parametrize(
    ("status", "reply", "why"),
    [
        (
            400,
            b'{"error": "invalid_grant", "error_description": "' + REFRESH.encode() + b'"}',
            "give your consent anew",
        ),
        (500, b"<html>" + SECRET.encode(), "HTTP 500"),
        (200, b"", "HTTP 200"),
        (200, b'{"access_token": 7}', "HTTP 200"),
        (200, b'{"x": "' + b"y" * MAX_OCTETS + b'", "access_token": "z"}', "HTTP 200"),
    ],
    ids=["revoked", "broken", "empty", "number", "endless"],
)
def test_authority_that_gives_no_token(
    dovecot: Dovecot, authority: Authority, settings: IngestSection, status: int, reply: bytes, why: str
) -> None:
    authority.status, authority.reply = status, reply
    with pytest.raises(SourceAway, match=why) as told:
        read(dovecot, settings)
    assert "canary" not in f"{told.value.text} {told.value.__cause__}"


def test_authority_that_is_away(dovecot: Dovecot, settings: IngestSection, authority: Authority) -> None:
    Path(settings.oauth_file).write_text(
        json.dumps({"token_uri": "https://127.0.0.1:1/", "client_id": "todoku", "refresh_token": REFRESH})
    )
    with pytest.raises(SourceAway, match=r"127\.0\.0\.1 gives no token: ConnectError"):
        read(dovecot, settings)


def test_authority_that_answers_by_drops(
    dovecot: Dovecot, authority: Authority, settings: IngestSection, monkeypatch: pytest.MonkeyPatch
) -> None:
    authority.give(dovecot)
    monkeypatch.setattr(one_reply, "ALL_SECONDS", -1.0)
    with pytest.raises(SourceAway, match="gives no token: ReadTimeout"):
        read(dovecot, settings)


@pytest.mark.parametrize(
    "consent",
    [
        "",
        "[]",
        '{"token_uri": "https://a/", "client_id": "b"}',
        '{"token_uri": "http://a/", "client_id": "b", "refresh_token": "c"}',
    ],
    ids=["empty", "list", "no-token", "in-the-clear"],
)
def test_file_that_is_no_consent(dovecot: Dovecot, settings: IngestSection, consent: str) -> None:
    Path(settings.oauth_file).write_text(consent)
    with pytest.raises(UsageError, match="oauth_file"):
        read(dovecot, settings)


def test_password_file_that_is_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "password")
    log_in = with_password(str(tmp_path / "password"), environ={})
    with pytest.raises(UsageError, match="ordinary"):
        log_in(None, "dmarc")
