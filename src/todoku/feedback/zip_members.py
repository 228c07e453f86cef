"""The members of a zip archive, from its octets in memory: nothing is ever written, least of all by a member's name.

The archive's word is not taken for anything that costs: what a member says that it holds is not what is reserved for it,
and what it lets out is checked against its CRC only when it has ended. (APPNOTE.TXT 6.3.10 of PKWARE.)
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator

import msgspec

from todoku.feedback.inflate import inflate
from todoku.feedback.refusal import COMPRESSION, CORRUPT, ENCRYPTED, MEMBERS, TRUNCATED, Refusal

MAGIC = b"PK\x03\x04"
MAGIC_EMPTY = b"PK\x05\x06"

_END = struct.Struct("<4s4H2LH")  # 4.3.16 end of central directory record
_ENTRY = struct.Struct("<4s6H3L5H2L")  # 4.3.12 central directory structure
_LOCAL = struct.Struct("<4s5H3L2H")  # 4.3.7 local file header
_MAX_COMMENT = 65_535
_STORED, _DEFLATED = 0, 8
_ENCRYPTED = 1 << 0  # 4.4.4 general purpose bit flag
_UTF8 = 1 << 11


class Member(msgspec.Struct, frozen=True):
    """One member as the central directory describes it. ``name`` is for display only."""

    name: str
    flags: int
    method: int
    crc: int
    packed: int
    offset: int

    @property
    def is_directory(self) -> bool:
        """Whether it holds nothing, or only what macOS notes down beside the files."""
        return self.name.endswith("/") or self.name.startswith("__MACOSX/")


def members(octets: bytes, most: int) -> list[Member]:
    """The members in the central directory's order. Raises ``Refusal``."""
    at = octets.rfind(MAGIC_EMPTY, max(0, len(octets) - _END.size - _MAX_COMMENT))
    if at < 0 or at + _END.size > len(octets):
        raise Refusal(TRUNCATED)  # it is the last thing in an archive
    _, _, _, _, number, size, offset, _ = _END.unpack_from(octets, at)
    if number > most:
        raise Refusal(MEMBERS, limit=most)
    start = at - size
    before = start - offset  # what stands before the archive itself
    if before < 0:
        raise Refusal(CORRUPT)
    found = []
    for _ in range(number):
        entry, start = _entry(octets, start, at)
        found.append(msgspec.structs.replace(entry, offset=entry.offset + before))
    return found


def _entry(octets: bytes, start: int, end: int) -> tuple[Member, int]:
    """One entry of the central directory, and where the next one begins."""
    if start + _ENTRY.size > end:
        raise Refusal(CORRUPT)
    fields = _ENTRY.unpack_from(octets, start)
    magic, _, _, flags, method, _, _, crc, packed, _, name, extra, comment, _, _, _, offset = fields
    if magic != b"PK\x01\x02":
        raise Refusal(CORRUPT)
    start += _ENTRY.size
    written = octets[start : start + name].decode("utf-8" if flags & _UTF8 else "cp437", "replace")
    return Member(written, flags, method, crc, packed, offset), start + name + extra + comment


def packed(octets: bytes, member: Member) -> bytes:
    """A member's octets as they are in the archive. Raises ``Refusal``."""
    if member.offset + _LOCAL.size > len(octets):
        raise Refusal(CORRUPT)
    magic, _, flags, *_, name, extra = _LOCAL.unpack_from(octets, member.offset)
    if magic != MAGIC:
        raise Refusal(CORRUPT)
    if (flags | member.flags) & _ENCRYPTED:
        raise Refusal(ENCRYPTED)
    if member.method not in (_STORED, _DEFLATED):
        raise Refusal(COMPRESSION, method=member.method)
    start = member.offset + _LOCAL.size + name + extra
    return octets[start : start + member.packed]


def unpacked(member: Member, octets: bytes) -> Iterator[bytes]:
    """What a member's packed octets stand for, a piece at a time. Raises ``Refusal``, at the end where the CRC is wrong."""
    crc = 0
    for piece in inflate(octets) if member.method == _DEFLATED else (octets,):
        crc = zlib.crc32(piece, crc)
        yield piece
    if crc != member.crc:
        raise Refusal(CORRUPT if len(octets) == member.packed else TRUNCATED)
