"""How a mailbox is opened: with a password, or with an OAuth 2.0 refresh token. The secret is read anew at each sign-in.

Secrets come from a file or the environment and go to the one server that they are meant for; no text of ours holds one.
"""

from __future__ import annotations

import os
import ssl
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

import msgspec
from imapclient import IMAPClient
from imapclient.exceptions import LoginError

from todoku.intake.source import SourceAway
from todoku.net.one_reply import NoReply, one_reply
from todoku.net.own_file import read_secret
from todoku.net.sources.mailbox import LogIn
from todoku.words.errors import UsageError
from todoku.words.verdict import Text

VARIABLE = "TODOKU_INGEST_PASSWORD"
MAX_SECRET = 16 * 1024  # octets


class Consent(msgspec.Struct, frozen=True, kw_only=True):
    """What a user's consent has left (RFC 6749 section 6): the file that ``[ingest] oauth_file`` names, as JSON."""

    token_uri: str
    client_id: str
    refresh_token: str
    client_secret: str = ""
    scope: str = ""


class _Token(msgspec.Struct):
    access_token: str


def with_password(file: str, environ: Mapping[str, str] = os.environ) -> LogIn:
    """Signs in with the password of the environment, else of the file. Raises ``UsageError`` where there is neither."""
    if not file and VARIABLE not in environ:
        raise UsageError(
            Text(
                f"the mailbox needs a password: [ingest] password_file or {VARIABLE}; or [ingest] oauth_file",
                f"メールボックスのパスワードが必要です。[ingest] password_file か {VARIABLE}、または [ingest] oauth_file を指定してください",
            )
        )

    def log_in(client: IMAPClient, user: str) -> None:
        secret = environ.get(VARIABLE) or _secret(file).partition(b"\n")[0].rstrip(b"\r").decode("ascii", "replace")
        if not secret.isascii():  # RFC 3501 9: LOGIN takes nothing else
            raise LoginError("not ASCII")
        client.login(user, secret)

    return log_in


def with_consent(file: str, trusted: ssl.SSLContext) -> LogIn:
    """Signs in with an access token that the refresh token in the file is exchanged for (RFC 7628, or XOAUTH2)."""

    def log_in(client: IMAPClient, user: str) -> None:
        token = access_token(consent_in(file), trusted)
        if client.has_capability("AUTH=OAUTHBEARER"):
            client.oauthbearer_login(user, token)
        else:
            client.oauth2_login(user, token)

    return log_in


def consent_in(file: str) -> Consent:
    """What the file holds. Raises ``UsageError``."""
    try:
        consent = msgspec.json.decode(_secret(file), type=Consent)
        is_safe = urlsplit(consent.token_uri).scheme == "https"
    except (ValueError, RecursionError):  # msgspec's are, and those of what is no URL
        is_safe = False
    if not is_safe:
        raise UsageError(
            Text(
                f"[ingest] oauth_file {file} must be JSON with token_uri (https), client_id and refresh_token",
                f"[ingest] oauth_file の {file} は、token_uri(https)・client_id・refresh_token を含むJSONにしてください",
            )
        )
    return consent


def access_token(consent: Consent, trusted: ssl.SSLContext) -> str:
    """A fresh access token. Raises ``SourceAway``: the reply's own words are not shown, it may quote the request."""
    form = {"grant_type": "refresh_token", **msgspec.structs.asdict(consent)}
    url = form.pop("token_uri")
    host = urlsplit(url).hostname
    try:
        reply = one_reply(url, form={name: value for name, value in form.items() if value}, trusted=trusted)
    except NoReply as none:
        raise SourceAway(
            Text(f"{host} gives no token: {none}", f"{host} からトークンを取得できません: {none}")
        ) from None
    try:
        return msgspec.json.decode(reply.octets, type=_Token).access_token
    except (ValueError, RecursionError):  # msgspec's are
        ended = b"invalid_grant" in reply.octets
        why = "invalid_grant" if ended else f"HTTP {reply.status}"
        raise SourceAway(
            Text(
                f"{host} gives no token ({why}){': give your consent anew' if ended else ''}",
                f"{host} からトークンを取得できません({why}){'。もう一度同意の手続きをしてください' if ended else ''}",
            )
        ) from None


def _secret(file: str) -> bytes:
    """The octets of a file with a secret. Raises ``UsageError``."""
    try:
        return read_secret(Path(file), MAX_SECRET)
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else error
        raise UsageError(Text(f"cannot read {file}: {why}", f"{file} を読み込めません: {why}")) from None
