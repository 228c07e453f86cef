"""The consent in a file, and the token that it is exchanged for: whatever stands in either."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest
import trustme

from todoku.errors import UsageError
from todoku.intake.source import SourceAway
from todoku.net.sources.login import Consent, access_token, consent_in

pytest.importorskip("imapclient", reason="the extra for mailboxes is not installed")
WHOLE = '{"token_uri":"https://example.com/token","client_id":"a","refresh_token":"b"}'
DEEP = "[" * 100_000


class Endpoint(HTTPServer):
    """A token endpoint with one reply to everything."""

    reply = b""


class Handler(BaseHTTPRequestHandler):
    server: Endpoint

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.end_headers()
        self.wfile.write(self.server.reply)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def endpoint(ca: trustme.CA) -> Iterator[Endpoint]:
    server = Endpoint(("127.0.0.1", 0), Handler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ca.issue_cert("127.0.0.1").configure_cert(context)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def token(endpoint: Endpoint, ca_file: Path) -> str:
    consent = Consent(token_uri=f"https://127.0.0.1:{endpoint.server_port}/", client_id="a", refresh_token="b")
    return access_token(consent, ssl.create_default_context(cafile=ca_file))


@pytest.mark.parametrize(
    "written",
    [
        "", "[]", '{"token_uri":"x"}', WHOLE.replace("https", "http"), WHOLE.replace("example.com", "[x"),
        WHOLE.replace("{", f'{{"a":{DEEP},', 1),
    ],
    ids=["empty", "array", "part", "in-the-clear", "no-url", "nested"],
)  # fmt: skip
def test_consent_that_is_none_is_told(tmp_path: Path, written: str) -> None:
    file = tmp_path / "consent.json"
    file.write_text(written)
    with pytest.raises(UsageError, match="must be JSON with token_uri"):
        consent_in(str(file))


def test_consent(tmp_path: Path) -> None:
    file = tmp_path / "consent.json"
    file.write_text(WHOLE)
    assert consent_in(str(file)).client_id == "a"


def test_token_is_exchanged(endpoint: Endpoint, ca_file: Path) -> None:
    endpoint.reply = b'{"access_token":"t"}'
    assert token(endpoint, ca_file) == "t"


@pytest.mark.parametrize("reply", ["", "{}", '{"a":' + DEEP[:60_000]], ids=["empty", "no-token", "nested"])
def test_reply_without_a_token_is_told(endpoint: Endpoint, ca_file: Path, reply: str) -> None:
    endpoint.reply = reply.encode()
    with pytest.raises(SourceAway) as away:
        token(endpoint, ca_file)
    assert "127.0.0.1 gives no token" in away.value.text.en
