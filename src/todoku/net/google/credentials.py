"""Google credentials of files: a service account's key, or what a user's consent has left. They stay inside google-auth."""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import msgspec

from todoku.net.own_file import read_secret
from todoku.settings.config import PostmasterSection
from todoku.words.errors import UsageError
from todoku.words.verdict import Text

if TYPE_CHECKING:
    from google.auth.credentials import Credentials

    from todoku.net.google.api import Api, Limits

SCOPES = (
    "https://www.googleapis.com/auth/postmaster.domain",
    "https://www.googleapis.com/auth/postmaster.traffic.readonly",
)
"""To list, add and verify domains, and to read what Google counts; not to let others in."""

ENDPOINT_VARIABLE = "TODOKU_POSTMASTER_ENDPOINT"
"""Another address than Google's: for tests."""

MAX_FILE = 64 * 1024


class Consent(msgspec.Struct, frozen=True, kw_only=True):
    """The file that ``todoku postmaster login`` writes (RFC 6749 section 6)."""

    token_uri: str
    client_id: str
    client_secret: str
    refresh_token: str
    scopes: tuple[str, ...] = SCOPES


class Client(msgspec.Struct, frozen=True, kw_only=True):
    """An OAuth client of the type "desktop app", as Google Cloud gives it."""

    client_id: str
    client_secret: str
    auth_uri: str
    token_uri: str


class _ClientFile(msgspec.Struct):
    installed: Client


class _Key(msgspec.Struct):
    type: str = ""
    token_uri: str = ""


def token_place(section: PostmasterSection, environ: Mapping[str, str] = os.environ) -> Path:
    """Where the consent is kept: ``token_file``, else in the user's own configuration, outside any working folder."""
    if section.token_file:
        return Path(section.token_file)
    own = environ.get("XDG_CONFIG_HOME") or str(Path("~/.config").expanduser())
    return Path(own) / "todoku" / "postmaster.json"


def open_api(
    section: PostmasterSection, *, limits: Limits | None = None, environ: Mapping[str, str] = os.environ
) -> Api:
    """The API with the credentials of the files. Raises ``UsageError`` where there are none, or the library is missing."""
    try:
        from google.auth.transport.requests import AuthorizedSession  # noqa: PLC0415 -- an extra
    except ModuleNotFoundError:
        raise UsageError(
            Text(
                'Postmaster Tools needs more libraries: pip install "todoku[google]"',
                'Postmaster Toolsには追加のライブラリが必要です: pip install "todoku[google]"',
            )
        ) from None
    from todoku.net.google.api import ENDPOINT, Api, Session  # noqa: PLC0415

    session: Session = AuthorizedSession(_credentials(section, environ))  # type: ignore[no-untyped-call]
    return Api(session, environ.get(ENDPOINT_VARIABLE) or ENDPOINT, limits)


def client_in(file: str) -> Client:
    """The OAuth client of a file. Raises ``UsageError``."""
    try:
        client = msgspec.json.decode(_octets(file), type=_ClientFile).installed
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        client = None
    if client is None or not (is_safe(client.token_uri) and is_safe(client.auth_uri)):
        raise UsageError(
            Text(
                f"{file} is neither an OAuth client of the type “Desktop app” nor a service account's key: download its JSON from "
                "Google Cloud",
                f"{file} は、種類「デスクトップアプリ」のOAuthクライアントでもサービスアカウントのキーでもありません。Google CloudからJSONを"
                "ダウンロードしてください",
            )
        )
    return client


def is_safe(url: str) -> bool:
    """Whether secrets may be sent there: over TLS, or on this machine."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in ("127.0.0.1", "::1"))


def _credentials(section: PostmasterSection, environ: Mapping[str, str]) -> Credentials:
    file = section.credentials_file
    octets = _octets(file) if file else b""
    if octets and _kind(octets) == "service_account":
        return _of_service_account(file, octets)
    if octets:
        client_in(file)  # or it is nothing that todoku can use
    place = token_place(section, environ)
    if not _is_there(place):
        raise UsageError(
            Text(
                "there are no credentials for Postmaster Tools: name a service account's key in [postmaster] credentials_file, "
                f"or run `todoku postmaster login`, which writes {place}",
                f"Postmaster Toolsの認証情報がありません。[postmaster] credentials_file にサービスアカウントのキーを指定するか、"
                f"`todoku postmaster login` を実行してください(許可の保存先: {place})",
            )
        )
    return _of_consent(place)


def _is_there(place: Path) -> bool:
    """Whether a file is there; so is one of which that cannot be seen, and who reads it tells why."""
    try:
        return place.exists()
    except OSError:
        return True


def _kind(octets: bytes) -> str:
    try:
        return msgspec.json.decode(octets, type=_Key).type
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return ""


def _of_service_account(file: str, octets: bytes) -> Credentials:
    from google.auth.exceptions import GoogleAuthError  # noqa: PLC0415 -- an extra
    from google.oauth2 import service_account  # noqa: PLC0415

    key: dict[str, Any] = msgspec.json.decode(octets)
    if is_safe(str(key.get("token_uri", ""))):
        with suppress(ValueError, TypeError, GoogleAuthError):  # whose words may quote the key
            made = service_account.Credentials.from_service_account_info(key, scopes=list(SCOPES))  # type: ignore[no-untyped-call]
            made.signer.sign(b"")  # else a key of another kind than RSA fails only when Google is asked
            usable: Credentials = made
            return usable
    raise UsageError(
        Text(
            f"{file} is no key of a service account: make a new one in Google Cloud",
            f"{file} はサービスアカウントのキーではありません。Google Cloudで新しいキーを作成してください",
        )
    )


def _of_consent(place: Path) -> Credentials:
    from google.oauth2.credentials import Credentials as UserCredentials  # noqa: PLC0415 -- an extra

    try:
        consent = msgspec.json.decode(_octets(str(place)), type=Consent)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        consent = None
    if consent is None or not is_safe(consent.token_uri):
        raise UsageError(
            Text(
                f"{place} holds no consent: run `todoku postmaster login`",
                f"{place} に認可の情報がありません。`todoku postmaster login` を実行してください",
            )
        )
    return UserCredentials(  # type: ignore[no-untyped-call]
        None,
        refresh_token=consent.refresh_token,
        token_uri=consent.token_uri,
        client_id=consent.client_id,
        client_secret=consent.client_secret,
        scopes=list(consent.scopes),
    )


def _octets(file: str) -> bytes:
    """The octets of a file with a secret. Raises ``UsageError``."""
    try:
        return read_secret(Path(file), MAX_FILE)
    except OSError as error:
        raise UsageError(
            Text(f"cannot read {file}: {error.strerror}", f"{file} を読み込めません: {error.strerror}")
        ) from None
