"""Replies of an API as JSON: those of a bundle, and a file that grows as they come, so that a long look can be resumed.

The file is JSON lines: a first line that says what it is, then one line for each reply with its time and the number of
the AWS account that gave it. A program that is killed while it writes leaves half a line, which is dropped. Replies
hold what an account is set to, so the file is its owner's alone to read.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import msgspec

from todoku.account.reply_shapes import check_shape
from todoku.auth.ask import Call, Reply
from todoku.net.own_file import open_to_append, write_whole
from todoku.words.errors import UsageError
from todoku.words.verdict import Text

GOOD_FOR = timedelta(days=1)
MAX_KEPT = 256 * 2**20

_HEAD = b'{"todoku":"replies","format":1}\n'


def encode_replies(replies: Iterable[Reply]) -> bytes:
    """The replies as one JSON array."""
    return msgspec.json.encode(tuple(replies))


def decode_replies(octets: bytes) -> tuple[Reply, ...]:
    """The replies in a JSON array. Raises ``ValueError``, or ``RecursionError`` where it is nested too deeply."""
    return tuple(_restored(reply) for reply in msgspec.json.decode(octets, type=tuple[Reply, ...]))


def _restored(reply: Reply) -> Reply:
    """The reply with the tuples that JSON made lists of: a call is looked up by its value. ``ValueError`` where AWS gives no such reply."""
    check_shape(reply)
    call = reply.call
    parameters = tuple((name, _frozen(value)) for name, value in call.parameters)
    return msgspec.structs.replace(reply, call=call._replace(parameters=parameters))


def _frozen(value: Any) -> Any:  # noqa: ANN401 -- as the API takes it
    if isinstance(value, list):
        return tuple(map(_frozen, value))
    if isinstance(value, dict):
        raise ValueError("a parameter of a call is no object")  # noqa: TRY004 -- the input is wrong, not our type
    return value


class _Line(msgspec.Struct, frozen=True):
    at: datetime
    owner: str
    reply: Reply


class Kept:
    """A file of replies: what it holds is not asked again for a day, and what comes is written to it at once.

    Only what is known is kept (``ok`` and ``absent``): what could not be had is asked again.
    """

    def __init__(self, path: Path, *, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        """Read the file, or begin it. Raises ``UsageError`` where it cannot be read or is something else."""
        self._now = now
        self._known: dict[tuple[str, Call], Reply] = {}
        self._path = path
        try:
            self._file = open_to_append(path)
            self._read()
        except OSError as error:
            raise self._failed(error) from None

    def __enter__(self) -> Self:
        """The file itself, closed at the end."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        """Close the file."""
        os.close(self._file)

    def __len__(self) -> int:
        """How many replies are at hand."""
        return len(self._known)

    def get(self, call: Call, owner: str) -> Reply | None:
        """The reply of less than a day ago that this AWS account gave, if there is one; of an account not known ("") none."""
        return self._known.get((owner, call)) if owner else None

    def add(self, reply: Reply, owner: str) -> None:
        """Keep a reply of the AWS account ``owner``; written before this returns. Raises ``UsageError`` where the disk is full."""
        if reply.failed:
            return
        self._known[owner, reply.call] = reply
        try:
            write_whole(self._file, msgspec.json.encode(_Line(self._now(), owner, reply)) + b"\n")
        except OSError as error:
            raise self._failed(error) from None

    def _failed(self, error: OSError) -> UsageError:
        return UsageError(
            Text(
                f"cannot keep replies in {str(self._path)!r}: {error.strerror}",
                f"応答を {str(self._path)!r} に保存できません({error.strerror})",
            )
        )

    def _read(self) -> None:
        """Take in what is there; a half-written end is cut off."""
        with os.fdopen(os.dup(self._file), "rb") as file:
            octets = file.read(MAX_KEPT + 1)
        if len(octets) > MAX_KEPT or not (octets.startswith(_HEAD) or _HEAD.startswith(octets)):
            os.close(self._file)
            raise UsageError(_not_ours(self._path, too_large=len(octets) > MAX_KEPT))
        whole = octets.rfind(b"\n") + 1
        os.ftruncate(self._file, whole)
        if not whole:
            write_whole(self._file, _HEAD)
        oldest = self._now() - GOOD_FOR
        decoder = msgspec.json.Decoder(_Line)
        for line in octets[len(_HEAD) : whole].split(b"\n"):
            kept = _decoded(decoder, line)
            if kept is not None and kept.at > oldest:
                self._known[kept.owner, kept.reply.call] = kept.reply


def _decoded(decoder: msgspec.json.Decoder[_Line], line: bytes) -> _Line | None:
    """What a line holds; None where it is damaged, so that its reply is asked again."""
    try:
        kept = decoder.decode(line)
        if kept.at.tzinfo is None:
            return None
        return msgspec.structs.replace(kept, reply=_restored(kept.reply))
    except (ValueError, RecursionError):
        return None


def _not_ours(path: Path, *, too_large: bool) -> Text:
    if too_large:
        return Text(
            f"{str(path)!r} is too large for a file of replies: delete it, or name another",
            f"{str(path)!r} は応答の保存ファイルとして大きすぎます。削除するか、別のファイルを指定してください",
        )
    return Text(
        f"{str(path)!r} is not a file of replies that todoku wrote; it is left as it is",
        f"{str(path)!r} はtodokuが作成した応答の保存ファイルではありません。内容は変更していません",
    )
