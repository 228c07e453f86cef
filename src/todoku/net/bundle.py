"""A bundle: one file that holds a message, the answers that DNS gave, and what was judged from them, to judge it again.

A zip of four files with fixed names: ``message.eml`` is the message, octet for octet; ``bundle.json`` holds the options
and the rules' version; ``transcript.json`` the answers; ``report.json`` the report as it was printed. Where an API was
read too, ``calls.json`` holds its replies. The same contents always give the same octets. A bundle may come from anyone,
so that reading one is bounded in every direction; what could not be read again for its size is not written.

It reads and writes the one file that it is given.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Mapping
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

import msgspec

from todoku.auth.ask import Answer, Reply
from todoku.net.aws.calls import decode_replies, encode_replies
from todoku.net.own_file import put_own
from todoku.settings.regular_file import read_ordinary
from todoku.words.errors import UsageError
from todoku.words.verdict import Text

FORMAT = 1
MAX_SAVED = 32 * 2**20  # more than a mail service takes
MAX_JSON = 16 * 2**20
MAX_HEAD = 2**20  # its options may be anything, of which a value takes far more memory than it has octets
MAX_FILE = MAX_SAVED + 4 * MAX_JSON
LIMITS = {
    "message.eml": MAX_SAVED,
    "bundle.json": MAX_HEAD,
    "transcript.json": MAX_JSON,
    "report.json": MAX_JSON,
}
CALLS = "calls.json"
"""The one member that may be missing; as large as the other JSON at most."""

_LONG_AGO = (1980, 1, 1, 0, 0, 0)  # the first moment that a zip can hold
_END = struct.Struct("<4s4H2LH")  # the end of central directory record
_MAX_DIRECTORY = 1024


class Bundle(msgspec.Struct, frozen=True, kw_only=True):
    """What is needed to judge a message, a domain or an account again, and what was judged. ``options`` and ``report`` are JSON."""

    message: bytes
    options: Mapping[str, Any]
    transcript: tuple[Answer, ...]
    report: bytes
    rules: str = ""
    replies: tuple[Reply, ...] = ()


class _Head(msgspec.Struct, frozen=True, kw_only=True):
    bundle: int
    rules: str
    options: dict[str, Any]


def write_bundle(path: Path, bundle: Bundle) -> None:
    """Write the bundle, in place of what may be there. Raises ``UsageError`` when it cannot be written or would be too large."""
    head = _Head(bundle=FORMAT, rules=bundle.rules, options=dict(bundle.options))
    members = {
        "message.eml": bundle.message,
        "bundle.json": msgspec.json.encode(head),
        "transcript.json": msgspec.json.encode(bundle.transcript),
        "report.json": bundle.report,
    }
    if bundle.replies:
        members[CALLS] = encode_replies(bundle.replies)
    _check_sizes(path, members)
    whole = BytesIO()
    with ZipFile(whole, "w", ZIP_DEFLATED) as file:
        for name, octets in members.items():
            info = ZipInfo(name, _LONG_AGO)
            info.compress_type = ZIP_DEFLATED
            info.create_system = 3  # or else the zip would tell on which system it was made
            info.external_attr = 0o600 << 16
            file.writestr(info, octets)
    try:
        put_own(path, whole.getvalue())
    except OSError as error:
        raise UsageError(
            Text(
                f"cannot write the bundle {str(path)!r}: {error.strerror}",
                f"記録ファイル {str(path)!r} に書き込めません({error.strerror})",
            )
        ) from None


def _check_sizes(path: Path, members: Mapping[str, bytes]) -> None:
    """Refuse what ``read_bundle`` would refuse."""
    for name, octets in members.items():
        limit = LIMITS.get(name, MAX_JSON)
        if len(octets) > limit:
            raise UsageError(
                Text(
                    f"cannot write the bundle {str(path)!r}: its {name} would be {len(octets):,} octets, and {limit:,} is the most",
                    f"記録ファイル {str(path)!r} に書き込めません({name} が上限の{limit:,}オクテットを超え、{len(octets):,}オクテットになります)",
                )
            )


def read_bundle(path: Path) -> Bundle:
    """The bundle in the file. Raises ``UsageError`` when it cannot be read, or is not one that ``write_bundle`` wrote."""
    try:
        octets = read_ordinary(path, MAX_FILE).octets
    except OSError as error:
        raise UsageError(
            Text(
                f"cannot read the bundle {str(path)!r}: {error.strerror}",
                f"記録ファイル {str(path)!r} を読み込めません({error.strerror})",
            )
        ) from None
    try:
        return _unpacked(octets)
    except _NotOurs as why:
        raise UsageError(
            Text(
                f"{str(path)!r} is not a bundle that `todoku check --record` wrote: {why.text.en}",
                f"{str(path)!r} は `todoku check --record` の記録ファイルではありません({why.text.ja})",
            )
        ) from None


class _NotOurs(Exception):  # noqa: N818 -- it says what the file is not
    """Why the octets are no bundle of ours."""

    def __init__(self, en: str, ja: str) -> None:
        super().__init__(en)
        self.text = Text(en, ja)


def _unpacked(octets: bytes) -> Bundle:
    _check_directory(octets)
    try:
        with ZipFile(BytesIO(octets)) as file:
            names = sorted(file.namelist())
            if names not in (sorted(LIMITS), sorted((*LIMITS, CALLS))):
                raise _NotOurs("it holds other files", "想定外のファイルが入っています")
            members = {name: _member(file, name, LIMITS.get(name, MAX_JSON)) for name in names}
        head = msgspec.json.decode(members["bundle.json"], type=_Head)
        transcript = msgspec.json.decode(members["transcript.json"], type=tuple[Answer, ...])
        replies = decode_replies(members[CALLS]) if CALLS in members else ()
    except (BadZipFile, zlib.error, struct.error, EOFError, RuntimeError, ValueError):  # zipfile, zlib, msgspec: damage
        raise _NotOurs("it is damaged", "ファイルが壊れています") from None
    if head.bundle != FORMAT:
        raise _NotOurs(
            f"its format is {head.bundle}, this version of todoku reads {FORMAT}",
            f"形式のバージョンが{head.bundle}ですが、このtodokuが読めるのは{FORMAT}です",
        )
    return Bundle(
        message=members["message.eml"],
        options=head.options,
        transcript=transcript,
        report=members["report.json"],
        rules=head.rules,
        replies=replies,
    )


def _check_directory(octets: bytes) -> None:
    """Refuse what zipfile would need much time or memory to list: it reads the whole directory, however long."""
    if len(octets) > MAX_FILE:
        raise _NotOurs("it is too large", "ファイルが大きすぎます")
    if len(octets) < _END.size:
        raise _NotOurs("it is no zip file", "zipファイルではありません")
    magic, *_, directory_size, _, comment_size = _END.unpack_from(octets, len(octets) - _END.size)
    if magic != b"PK\5\6" or comment_size:
        raise _NotOurs("it is no zip file", "zipファイルではありません")
    if directory_size > _MAX_DIRECTORY or b"PK\6\7" in octets[-_END.size - 20 : -_END.size]:  # a zip64 locator
        raise _NotOurs("it holds other files", "想定外のファイルが入っています")


def _member(file: ZipFile, name: str, limit: int) -> bytes:
    if file.getinfo(name).compress_type not in (ZIP_STORED, ZIP_DEFLATED):  # others take what memory they please
        raise _NotOurs(f"{name} is packed in a way that it never uses", f"{name} の圧縮方式が異なります")
    with file.open(name) as member:
        octets = member.read(limit + 1)  # the size that the directory tells may be a lie
    if len(octets) > limit:
        raise _NotOurs(f"{name} is too large", f"{name} が大きすぎます")
    return octets
