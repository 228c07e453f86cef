"""What a user names to be checked: a file, standard input, a domain, a list of them; read, or refused in one clear line."""

from __future__ import annotations

import sys
from difflib import get_close_matches
from pathlib import Path
from stat import S_ISDIR

from todoku.mail.domain_name import ascii_domain
from todoku.mail.message import MAX_MESSAGE
from todoku.settings.regular_file import read_given
from todoku.words.errors import UsageError
from todoku.words.verdict import Text

MOST_READ = 3 * MAX_MESSAGE
"""A file is read up to here: enough to say what it is (UTF-16 doubles a message's size)."""
MAX_LIST = 4 * 2**20  # octets of a file of subjects
MAX_NAME = 4_096  # characters of one subject: no system has longer names of files

FILES = (".eml", ".msg", ".mbox", ".txt", ".htm", ".html", ".json", ".zip", ".zone")
"""How the names of files end that people give: a missing one is not taken for a domain."""


def is_bundle(raw: bytes) -> bool:
    """Whether the bytes are a zip, which among subjects can only be a bundle."""
    return raw.startswith(b"PK\x03\x04")


def read_subject(name: str) -> bytes | None:
    """The bytes of a file, or of standard input for ``-``; None for a domain. Raises ``UsageError`` with one clear line."""
    return None if is_domain(name) else read_file(name)


def is_domain(name: str) -> bool:
    """Whether it is the name of a domain, and not of a file that is there or that a message would have."""
    if "." not in name or "/" in name or name.lower().endswith(FILES) or ascii_domain(name) is None:
        return False
    return not Path(name).exists()


def read_file(name: str) -> bytes:
    """The bytes of a file, or of standard input for ``-``. Raises ``UsageError`` with one clear line."""
    if name == "-":
        return b"" if sys.stdin is None else sys.stdin.buffer.read(MOST_READ)
    try:
        return read_given(Path(name), MOST_READ)
    except (OSError, ValueError) as error:
        raise UsageError(unreadable(name, error)) from None


def check_there(name: str) -> None:
    """Raises ``UsageError`` for a file that is not there, before others are looked at."""
    if name == "-" or is_domain(name):
        return
    try:
        if S_ISDIR(Path(name).stat().st_mode):
            raise UsageError(unreadable(name, IsADirectoryError()))
    except (OSError, ValueError) as error:
        raise UsageError(unreadable(name, error)) from None


def unreadable(name: str, error: OSError | ValueError) -> Text:
    """Why a file cannot be read."""
    if isinstance(error, FileNotFoundError):
        return _no_such_file(name)
    if isinstance(error, IsADirectoryError):
        return Text(
            f"{name} is a folder: give a message file",
            f"{name} はフォルダーです。メールのファイルを指定してください",
        )
    reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return Text(f"cannot read {name!r}: {reason}", f"{name!r} を読めません: {reason}")


def _no_such_file(name: str) -> Text:
    """A missing file; said differently where the name is an address, or nearly an SES account."""
    domain = name.rpartition("@")[2]
    if domain != name and is_domain(domain):
        return Text(
            f"there is no file {name}. To check its domain: todoku check {domain}",
            f"{name} というファイルはありません。ドメインを判定する場合: todoku check {domain}",
        )
    if get_close_matches(name.partition(":")[0].lower(), ["ses"]):
        return Text(
            f"there is no file {name}. To check an SES account: todoku check ses:ap-northeast-1",
            f"{name} というファイルはありません。SESアカウントを判定する場合: todoku check ses:ap-northeast-1",
        )
    return Text(f"there is no file {name}", f"{name} というファイルはありません")


def listed_subjects(path: Path) -> list[str]:
    """The subjects in a file, one a line; empty lines and those that begin with # are passed over."""
    octets = read_file(str(path))
    lines = [line.strip() for line in octets[:MAX_LIST].decode("utf-8", "replace").splitlines()]
    if len(octets) > MAX_LIST or any(len(line) > MAX_NAME for line in lines):
        raise UsageError(
            Text(
                f"{path} is no list of subjects: it has more than {MAX_LIST:,} bytes, or a line of more than {MAX_NAME:,} characters",
                f"{path} はSUBJECTの一覧ではありません({MAX_LIST:,}バイト、または1行{MAX_NAME:,}文字の上限を超えています)",
            )
        )
    return [line for line in lines if line and not line.startswith("#")]
