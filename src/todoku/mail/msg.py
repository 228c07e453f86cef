"""The header inside a message saved by Outlook as ``.msg``: a compound file of MAPI properties ([MS-OXMSG] section 2).

Outlook keeps no copy of the message as it came, only its header as text; so this gives the header alone. Of the container
([MS-CFB]) only what leads there is read. What a file says of its sizes is held against its own: no chain of sectors is followed
farther than the file has sectors, and nothing is kept that is longer than the file.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from itertools import islice

import msgspec

from todoku.words.errors import NotAMessage
from todoku.words.verdict import Text

MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # [MS-CFB] section 2.2

# PidTagTransportMessageHeaders ([MS-OXOMSG] section 2.2.1.61) as Unicode, and as text of the sender's code page.
_UNICODE = "__substg1.0_007d001f"
_EIGHT_BIT = "__substg1.0_007d001e"
_EXCHANGE_LINE = b"Microsoft Mail Internet Headers Version 2.0"  # Exchange writes it above the first field

_NO_HEADERS = Text(
    "This .msg file holds no Internet headers: it is a draft, a sent copy or an item that is no mail. Save a message that "
    "was received.",
    "この .msg ファイルにはインターネットヘッダーがありません(下書き、送信済みの控え、またはメール以外の項目です)。"
    "受信したメールを保存してください。",
)
_BROKEN = Text(
    "This file begins like an Outlook .msg file but cannot be read as one. Save the message again.",
    "このファイルはOutlookの .msg ファイルのように始まりますが、読み取れません。メールを保存し直してください。",
)


def transport_headers(octets: bytes) -> bytes:
    """The header of the message in a ``.msg`` file, its lines as they were. Raises ``NotAMessage`` where there is none."""
    try:
        compound = _Compound(octets)
        unicode, eight_bit = compound.stream(_UNICODE), compound.stream(_EIGHT_BIT)
    except (ValueError, IndexError, struct.error):
        raise NotAMessage(_BROKEN) from None
    header = eight_bit or b""
    if unicode is not None:
        header = unicode.decode("utf-16-le", "replace").encode("utf-8", "replace")
    header = header.strip(b"\0").removeprefix(_EXCHANGE_LINE).strip(b"\r\n")
    if not header:
        raise NotAMessage(_NO_HEADERS)
    return header + b"\r\n"


# [MS-CFB] 2.2: sector shifts; first directory sector; first mini FAT sector; first DIFAT sector; 109 sectors of the FAT
_HEADER = struct.Struct("<30xHH14xI8xI4xI4x109I")
# [MS-CFB] 2.6.1: name and its length, type; left, right and child entry; first sector, size
_ENTRY = struct.Struct("<64sHBxIII36xII4x")
_ROOT, _STREAM = 5, 2
_MINI_CUTOFF, _MINI_SHIFT = 4096, 6  # [MS-CFB] 2.2: shorter streams lie in 64-octet sectors of the root's own stream


class _Entry(msgspec.Struct, frozen=True):
    """An entry of the directory: a stream, or a storage with entries of its own. Names are the same in any case."""

    name: str
    kind: int
    left: int
    right: int
    child: int
    start: int
    size: int


class _Compound:
    """A compound file. Raises ``ValueError``, ``IndexError`` or ``struct.error`` where it is broken."""

    def __init__(self, octets: bytes) -> None:
        shift, mini_shift, directory, mini_fat, difat, *sectors = _HEADER.unpack_from(octets)
        if shift not in (9, 12) or mini_shift != _MINI_SHIFT:
            raise ValueError
        self._octets, self._shift = octets, shift
        self._count = max(0, (len(octets) - 1) >> shift)  # sectors after the one that the header fills
        self._fat = self._table(self._fat_sectors(sectors, difat), self._count)
        entries = self._read(directory, self._count << shift)
        self._entries = [_entry(entries, start) for start in range(0, len(entries) - _ENTRY.size + 1, _ENTRY.size)]
        root = self._entries[0]
        if root.kind != _ROOT:
            raise ValueError
        self._mini = self._read(root.start, root.size)
        self._mini_fat = self._table(self._chain(mini_fat), _ceil(len(self._mini), _MINI_SHIFT))

    def stream(self, name: str) -> bytes | None:
        """A stream right below the root (not of a message attached), None where there is none of this name, in lower case."""
        waiting, seen = [self._entries[0].child], set[int]()
        while waiting:
            index = waiting.pop()
            if index >= len(self._entries) or index in seen:
                continue
            seen.add(index)
            entry = self._entries[index]
            if entry.kind == _STREAM and entry.name == name:
                return self._read_mini(entry) if entry.size < _MINI_CUTOFF else self._read(entry.start, entry.size)
            waiting += (entry.left, entry.right)
        return None

    def _sector(self, index: int) -> bytes:
        start = (index + 1) << self._shift
        return self._octets[start : start + (1 << self._shift)]

    def _fat_sectors(self, first: list[int], difat: int) -> Iterator[int]:
        """The sectors of the FAT: 109 in the header, more in a chain of their own ([MS-CFB] 2.5)."""
        yield from first
        for _ in range(self._count):
            if difat >= self._count:
                return
            *more, difat = _numbers(self._sector(difat))
            yield from more

    def _table(self, sectors: Iterator[int], most: int) -> list[int]:
        """Which sector follows which, of so many as there are."""
        table: list[int] = []
        for sector in sectors:
            if len(table) >= most:
                break
            if sector < self._count:
                table += _numbers(self._sector(sector))
        return table[:most]

    def _chain(self, sector: int) -> Iterator[int]:
        """The sectors of a stream from the first one on."""
        for _ in range(self._count):
            if sector >= min(self._count, len(self._fat)):
                return
            yield sector
            sector = self._fat[sector]

    def _read(self, start: int, size: int) -> bytes:
        """A stream of whole sectors, as much of it as there is."""
        sectors = islice(self._chain(start), _ceil(size, self._shift))
        return b"".join(map(self._sector, sectors))[:size]

    def _read_mini(self, entry: _Entry) -> bytes:
        """A short stream, which lies in the root's."""
        pieces, sector = [], entry.start
        for _ in range(_ceil(entry.size, _MINI_SHIFT)):
            if sector >= len(self._mini_fat):
                break
            start = sector << _MINI_SHIFT
            pieces.append(self._mini[start : start + (1 << _MINI_SHIFT)])
            sector = self._mini_fat[sector]
        return b"".join(pieces)[: entry.size]


def _entry(directory: bytes, start: int) -> _Entry:
    name, length, kind, left, right, child, first, size = _ENTRY.unpack_from(directory, start)
    text = name[: max(0, min(length, 64) - 2)].decode("utf-16-le", "replace")
    return _Entry(text.lower(), kind, left, right, child, first, size)


def _ceil(size: int, shift: int) -> int:
    """How many sectors of 2**shift octets hold so many."""
    return -(-size >> shift)


def _numbers(sector: bytes) -> tuple[int, ...]:
    return struct.unpack_from(f"<{len(sector) // 4}I", sector)
