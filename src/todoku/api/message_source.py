"""A message as a caller has it: its octets, the path of a file, or an ``EmailMessage`` of the standard library."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from todoku.arguments import refuse
from todoku.mail.message import MAX_MESSAGE
from todoku.settings.regular_file import read_ordinary
from todoku.words.errors import UsageError
from todoku.words.verdict import Text

if TYPE_CHECKING:
    from email.message import Message
    from typing import TypeAlias

    MessageSource: TypeAlias = bytes | str | os.PathLike[str] | Message[Any, Any]
else:
    MessageSource = object

_MESSAGE_TEXT = re.compile(r"[!-9;-~]{1,76}:[ \t]|[\s\S]{0,9999}[\r\n]")
"""How a text begins that somebody took for a message: a field (RFC 5322 section 2.2), or more lines than a path has."""


def octets_of(given: object) -> bytes:
    """The octets of a message. A ``str`` is a path; an ``EmailMessage`` is written as SMTP carries it, its lines as they are.

    Raises ``UsageError`` for a file that cannot be read, a text that is no path, and a value that is none of these.
    """
    if isinstance(given, bytes):
        return given
    if isinstance(given, (str, os.PathLike)):
        return _of_file(given)
    from email.message import Message  # noqa: PLC0415 -- who has one has it loaded

    if not isinstance(given, Message):
        refuse("raw", given, "bytes, a path or an EmailMessage", "bytes、ファイルのパス、EmailMessage のいずれか")
    return _of_email(given)


def _of_file(path: str | os.PathLike[Any]) -> bytes:
    name = os.fspath(path)
    if not isinstance(name, str):
        refuse("raw", path, "bytes, or a path as str", "bytes、または str のパス")
    shown = repr(name) if len(name) <= 60 else f"{name[:57]!r}..."
    try:
        return read_ordinary(Path(name), MAX_MESSAGE).octets
    except (OSError, ValueError) as error:  # a NUL in a path is a ValueError
        if isinstance(path, str) and _MESSAGE_TEXT.match(name):
            raise UsageError(
                Text(
                    f"raw={shown} is the text of a message, and a str is taken for a path: give the message as bytes "
                    "(read the file with read_bytes())",
                    f"raw={shown} はメールの本文のようですが、str はファイルのパスとして扱われます。メールは bytes で渡してください"
                    "(ファイルは read_bytes()で読み込む)",
                )
            ) from None
        why = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise UsageError(
            Text(
                f"raw={shown} cannot be read: {why}. A str is the path of a file; give a message itself as bytes",
                f"raw={shown} を読み込めません: {why}。str はファイルのパスです。メールそのものは bytes で渡してください",
            )
        ) from error


def _of_email(message: Message[Any, Any]) -> bytes:
    from email.message import EmailMessage  # noqa: PLC0415 -- as above
    from email.policy import SMTP  # noqa: PLC0415 -- as above

    # What was parsed keeps its folds, or a signature over it would no longer verify.
    if isinstance(message, EmailMessage):
        policy: Any = SMTP.clone(refold_source="none")
    else:
        policy = message.policy.clone(linesep="\r\n", max_line_length=None)
    try:
        return message.as_bytes(policy=policy)
    except Exception as error:  # the standard library raises what it happens to meet: KeyError, TypeError, ...
        why = " ".join(f"{type(error).__name__}: {error}".split())[:200]
        raise UsageError(
            Text(f"the EmailMessage cannot be written as octets: {why}", f"EmailMessage をバイト列にできません: {why}")
        ) from error
