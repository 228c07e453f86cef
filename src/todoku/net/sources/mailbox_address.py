"""Which mailbox is meant: ``imaps://USER@HOST[:PORT]/FOLDER``. A user's name with an @ in it is written with %40."""

from __future__ import annotations

from urllib.parse import unquote, urlsplit

import msgspec

from todoku.words.errors import UsageError
from todoku.words.verdict import Text

PORTS = {"imaps": 993, "imap": 143}  # RFC 8314 3.2
SCHEMES = tuple(PORTS)


class Address(msgspec.Struct, frozen=True):
    """A folder of a user's mail. ``imap`` begins in the clear and goes on under STARTTLS, or not at all."""

    scheme: str
    user: str
    host: str
    port: int
    folder: str


def mailbox_address(written: str) -> Address:
    """The address that was written. Raises ``UsageError``, also for a password in it; it is not shown then."""
    try:
        parts = urlsplit(written)
        user, password, host = parts.username, parts.password, parts.hostname
        usual = PORTS[parts.scheme]
        port = parts.port or usual
    except (ValueError, KeyError):
        raise _no_address() from None
    if password is not None:
        raise UsageError(
            Text(
                "a password may not stand in the address of a mailbox: put it into the file that [ingest] password_file "
                "names, or into TODOKU_INGEST_PASSWORD",
                "メールボックスのアドレスにパスワードを含めることはできません。[ingest] password_file で指定したファイル、"
                "または TODOKU_INGEST_PASSWORD に書いてください",
            )
        )
    folder = unquote(parts.path.strip("/")) or "INBOX"
    if not user or not host or parts.query or parts.fragment or not f"{written}{unquote(user)}{folder}".isprintable():
        raise _no_address()
    return Address(parts.scheme, unquote(user), host, port, folder)


def _no_address() -> UsageError:
    return UsageError(
        Text(
            "a mailbox is named imaps://USER@HOST/FOLDER; an @ in USER is written %40",
            "メールボックスは imaps://USER@HOST/FOLDER の形で指定してください(USERに含まれる @ は %40 と書きます)",
        )
    )
