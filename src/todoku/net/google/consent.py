"""A user's consent to be let into his Postmaster Tools: OAuth 2.0 for a program on his own machine (RFC 8252).

The browser is sent back to a port of the loopback address. What comes there counts only with the state that was sent out,
and the code is of use only with the verifier that never left this process (RFC 7636).
"""

from __future__ import annotations

import os
import secrets
from base64 import urlsafe_b64encode
from contextlib import suppress
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from time import monotonic
from typing import Self
from urllib.parse import parse_qs, urlencode, urlsplit

import msgspec

from todoku.net.google.credentials import SCOPES, Client, Consent
from todoku.net.one_reply import NoReply, one_reply
from todoku.net.own_file import open_to_append, write_whole
from todoku.words.errors import UsageError
from todoku.words.verdict import Text

SECONDS = 600.0  # in which the user consents

PAGE = """<!DOCTYPE html><meta charset="utf-8"><title>todoku</title>
<p>You can close this window and go back to the terminal.</p>
<p lang="ja">このウィンドウを閉じて、ターミナルに戻ってください。</p>
"""


class _Token(msgspec.Struct):
    refresh_token: str


class _Server(HTTPServer):
    """Who goes away before he has his answer, or sends what is no request, is no error of ours."""

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing, in the place of socketserver's traceback."""


class Asking:
    """A request for consent that waits for the browser. It is a context manager."""

    def __init__(self, client: Client, port: int = 0) -> None:
        """Listen on the loopback address. Raises ``UsageError`` where the port is taken."""
        self._client = client
        self._verifier = secrets.token_urlsafe(64)
        self._state = secrets.token_urlsafe(32)
        self._code: str | None = None
        self._refused = False
        try:
            self._server = _Server(("127.0.0.1", port), self._handler())
        except OSError as error:
            raise UsageError(
                Text(
                    f"cannot listen on port {port}: {error.strerror}",
                    f"ポート {port} で待ち受けできません: {error.strerror}",
                )
            ) from None
        self._redirect = f"http://127.0.0.1:{self._server.server_address[1]}/"

    def __enter__(self) -> Self:
        """The request itself."""
        return self

    def __exit__(self, *_error: object) -> None:
        """Listen no longer."""
        self._server.server_close()

    @property
    def url(self) -> str:
        """Where the user consents. It holds no secret."""
        asked = {
            "response_type": "code",
            "client_id": self._client.client_id,
            "redirect_uri": self._redirect,
            "scope": " ".join(SCOPES),
            "state": self._state,
            "code_challenge": urlsafe_b64encode(sha256(self._verifier.encode()).digest()).rstrip(b"=").decode(),
            "code_challenge_method": "S256",
            "access_type": "offline",  # without it Google gives no refresh token
            "prompt": "consent",
        }
        return f"{self._client.auth_uri}?{urlencode(asked)}"

    def wait(self, seconds: float = SECONDS) -> Consent | Text:
        """What the user's consent has left, or why there is none."""
        end = monotonic() + seconds
        while self._code is None and not self._refused and (left := end - monotonic()) > 0:
            self._server.timeout = left
            self._server.handle_request()
        if self._code is None:
            return Text("no consent was given", "アクセスが許可されませんでした")
        return self._exchanged(self._code)

    def _exchanged(self, code: str) -> Consent | Text:
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "code_verifier": self._verifier,
            "redirect_uri": self._redirect,
            "client_id": self._client.client_id,
            "client_secret": self._client.client_secret,
        }
        try:
            reply = one_reply(self._client.token_uri, form=form)
        except NoReply as none:
            return _no_token(str(none))
        try:
            token = msgspec.json.decode(reply.octets, type=_Token).refresh_token
        except (ValueError, RecursionError):  # msgspec's; its own words are not shown: they may quote the request
            return _no_token(f"HTTP {reply.status}")
        return Consent(
            token_uri=self._client.token_uri,
            client_id=self._client.client_id,
            client_secret=self._client.client_secret,
            refresh_token=token,
        )

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        asking = self

        class Handler(BaseHTTPRequestHandler):
            timeout = 10.0  # whoever connects and says nothing holds up nobody for longer

            def do_GET(self) -> None:
                asking.answer(self)

            def log_message(self, *_told: object) -> None:  # the request's line holds the code
                """Nothing is logged."""

        return Handler

    def answer(self, request: BaseHTTPRequestHandler) -> None:
        """Take what the browser brings; anything without our state is answered 404 and counts for nothing."""
        given = {name: values[0] for name, values in parse_qs(urlsplit(request.path).query).items()}
        ours = secrets.compare_digest(given.get("state", "").encode(), self._state.encode())
        if ours:
            self._code = given.get("code")
            self._refused = self._code is None
        octets = PAGE.encode() if ours else b""
        request.send_response(200 if ours else 404)
        request.send_header("Content-Type", "text/html; charset=utf-8")
        request.send_header("Content-Length", str(len(octets)))
        request.end_headers()
        request.wfile.write(octets)


def keep(place: Path, consent: Consent) -> None:
    """Write the consent to a file that its owner alone can read, whole or not at all. Raises ``UsageError``."""
    fresh = place.with_name(f".{place.name}.{secrets.token_hex(4)}")
    try:
        place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        file = open_to_append(fresh)
        try:
            write_whole(file, msgspec.json.encode(consent))
            os.fsync(file)
        finally:
            os.close(file)
        fresh.replace(place)
    except OSError as error:
        with suppress(OSError):
            fresh.unlink()
        raise UsageError(
            Text(f"cannot write {place}: {error.strerror}", f"{place} に書き込めません: {error.strerror}")
        ) from None


def _no_token(why: str) -> Text:
    return Text(f"Google gives no token: {why}", f"Googleからトークンを取得できません: {why}")
