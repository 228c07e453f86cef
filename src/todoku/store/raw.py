"""The spool: the octets of every report exactly as they came, each in a file named by its SHA-256.

What its source has proof of (an event that SNS signed) is named by a BLAKE2b of its own instead. So the name alone says
how far octets can be trusted, a lost database is made anew with that too, and nobody who sends the same octets by mail
can take their place.

The rule: when ``put`` returns, the octets survive a loss of power. So each file is written under a temporary name, the
file is synchronized with the disk, renamed, and then the folder is synchronized. All files of a batch share the
synchronizing, which is what makes thousands of them a second possible.

The layout is ``raw/2026-11-24/<sha256>``: one folder for each day of arrival. The time of arrival is the file's own time
of change, so that a lost database can be made anew from the spool alone. Where that is of another day (a backup that was copied back
without its times), the folder's day counts, and of it the last moment.
"""

from __future__ import annotations

import errno
import os
import re
import resource
import secrets
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from hashlib import blake2b, sha256
from itertools import islice
from pathlib import Path

import msgspec

from todoku.store.away import Away, disk
from todoku.words.verdict import Text

TEMPORARY = ".new-"
SYNCHRONIZED_AT_ONCE = 8
MOST_OPEN = 400  # files that are written together, and no more than a quarter of what the process may open

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_HASH = re.compile(r"[0-9a-f]{64}")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


DAY = 86_400 * 1_000_000  # microseconds


@lru_cache(maxsize=64)
def _day(number: int) -> str:
    return f"{_EPOCH + timedelta(days=number):%Y-%m-%d}"


class Kept(msgspec.Struct, frozen=True):
    """Octets in the spool: ``received`` is in microseconds of UTC and decides on the folder."""

    hash: str
    size: int
    received: int

    @property
    def day(self) -> str:
        """The folder's name."""
        return _day(self.received // DAY)


def _is_day(name: str) -> bool:
    with suppress(ValueError):
        return _DAY.fullmatch(name) is not None and bool(datetime.fromisoformat(name))
    return False


def name_of(octets: bytes, *, authentic: bool = False) -> str:
    """What octets are called, 64 hexadecimal digits."""
    return _authentic_name(octets) if authentic else sha256(octets).hexdigest()


def is_authentic(name: str, octets: bytes) -> bool:
    """Whether their source had proof of who wrote them."""
    return name == _authentic_name(octets)


def _authentic_name(octets: bytes) -> str:
    return blake2b(octets, digest_size=32, person=b"todoku event").hexdigest()


def microseconds(now: datetime) -> int:
    """An aware time as microseconds since 1970, exactly."""
    return (now - _EPOCH) // timedelta(microseconds=1)


def moment(received: int) -> datetime:
    """The same as an aware time in UTC."""
    return _EPOCH + timedelta(microseconds=received)


class Spool:
    """A folder of raw octets. Several processes may put into it at once."""

    def __init__(self, folder: Path) -> None:
        """Nothing is made on the disk before something is put."""
        self.folder = folder
        self._held: int | None = None  # the folder, open, so that no other one can be taken for it

    def put(self, octets: Sequence[bytes], received: int, *, authentic: bool = False) -> list[Kept]:
        """What was put, in order, durable on the disk. Raises ``Away`` where the disk takes it not."""
        kept = [Kept(name_of(each, authentic=authentic), len(each), received) for each in octets]
        if not kept:
            return []
        folder = self.folder / kept[0].day
        new = iter(dict(zip((one.hash for one in kept), octets, strict=True)).items())
        with disk(self.folder):
            self._hold()
            self._make(folder)
            self._hold()
            while some := dict(islice(new, _most_open())):
                self._write(folder, some, received)
        return kept

    def confirm(self, kept: Iterable[Kept]) -> None:
        """That these lie where they were put, in the same folder as before. Raises ``Away``: else it was removed or replaced meanwhile."""
        with disk(self.folder):
            self._hold()
            if not all(self.path(one).exists() for one in kept):
                raise _moved(self.folder)

    def _hold(self) -> None:
        """Hold the folder open, from when it is there; an inode's number alone is given to the next folder. Raises ``Away``, ``OSError``."""
        if self._held is None:
            with suppress(FileNotFoundError):
                self._held = os.open(self.folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        elif not (self.folder.exists() and os.path.samestat(os.fstat(self._held), self.folder.stat())):
            raise _moved(self.folder)

    def close(self) -> None:
        """Let go of the folder."""
        if self._held is not None:
            os.close(self._held)
            self._held = None

    def path(self, kept: Kept) -> Path:
        """The file of these octets."""
        return self.folder / kept.day / kept.hash

    def read(self, kept: Kept) -> bytes | None:
        """The octets, or None where they are gone or no longer what they were. Raises ``Away``."""
        with disk(self.folder):
            try:
                octets = self.path(kept).read_bytes()
            except FileNotFoundError:
                return None
        return octets if kept.hash == name_of(octets) or is_authentic(kept.hash, octets) else None

    def drop(self, kept: Kept) -> None:
        """Remove the octets; the day's folder too if nothing is left in it. Raises ``Away``."""
        path = self.path(kept)
        with disk(self.folder):
            path.unlink(missing_ok=True)
        with suppress(OSError):  # not empty, or removed by another process
            path.parent.rmdir()

    def all(self) -> Iterator[Kept]:
        """Everything in the spool, in the order of arrival. Raises ``Away``."""
        for folder in sorted(self._days()):
            yield from sorted(self._kept_in(folder), key=lambda kept: (kept.received, kept.hash))

    def has_files(self) -> bool:
        """Whether there is any file in the folder or below it, wherever it lies. Raises ``Away``."""
        with disk(self.folder):
            return any(path.is_file() for path in self.folder.rglob("*"))

    def sweep(self, before: int) -> int:
        """How many half-written files, left by writers that were killed before this time, were removed. Raises ``Away``."""
        number = 0
        for folder in self._days():
            for path, about in self._files_in(folder):
                if path.name.startswith(TEMPORARY) and about.st_mtime_ns // 1_000 < before:
                    with disk(self.folder):
                        path.unlink(missing_ok=True)
                    number += 1
        return number

    def _days(self) -> list[Path]:
        with disk(self.folder):
            return [path for path in self.folder.iterdir() if _is_day(path.name)] if self.folder.is_dir() else []

    def _kept_in(self, folder: Path) -> Iterator[Kept]:
        first = microseconds(datetime.fromisoformat(folder.name).replace(tzinfo=UTC))
        for path, about in self._files_in(folder):
            if _HASH.fullmatch(path.name):
                changed = about.st_mtime_ns // 1_000
                is_of_day = first <= changed < first + DAY
                yield Kept(path.name, about.st_size, changed if is_of_day else first + DAY - 1)

    def _files_in(self, folder: Path) -> list[tuple[Path, os.stat_result]]:
        """The files of a day. Other processes put and drop meanwhile: what is gone by the time it is looked at is left out."""
        found = []
        with disk(self.folder), suppress(FileNotFoundError):
            for path in folder.iterdir():
                with suppress(FileNotFoundError):
                    found.append((path, path.stat()))
        return found

    def _make(self, folder: Path) -> None:
        if folder.is_dir():
            return
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        synchronize(folder.parent)
        synchronize(folder.parent.parent)

    def _write(self, folder: Path, new: dict[str, bytes], received: int) -> None:
        """Write all, then synchronize all: the disk's journal takes the batch in a few strokes."""
        place = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        written: list[tuple[int, str, str]] = []
        try:
            for name, octets in new.items():
                if _holds(place, name, octets):  # the folder is synchronized below in any case
                    continue
                temporary = f"{TEMPORARY}{secrets.token_hex(8)}"
                file = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600, dir_fd=place)
                written.append((file, temporary, name))
                write_all(file, octets)
                os.utime(file, ns=(received * 1_000, received * 1_000))
            _synchronize_all([file for file, _, _ in written])
            for _, temporary, name in written:
                os.rename(temporary, name, src_dir_fd=place, dst_dir_fd=place)
            os.fsync(place)
        except OSError:
            for _, temporary, _ in written:
                with suppress(FileNotFoundError):
                    os.unlink(temporary, dir_fd=place)
            raise
        finally:
            for file, _, _ in written:
                os.close(file)
            os.close(place)


def _most_open() -> int:
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return MOST_OPEN if soft == resource.RLIM_INFINITY else max(1, min(MOST_OPEN, soft // 4))


def _moved(folder: Path) -> Away:
    return Away(
        Text(
            f"{folder} was removed or replaced while it was in use; the source keeps what was not stored",
            f"使用中に {folder} が削除されたか、置き換えられました。保存できなかったものは取得元に残っています",
        )
    )


def _holds(place: int, name: str, octets: bytes) -> bool:
    """Whether a file is there and whole: its name shows that it was so once, and no more."""
    try:
        file = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, dir_fd=place)
    except FileNotFoundError:
        return False
    except OSError as error:
        if error.errno == errno.ELOOP:  # a link: it is replaced, not followed
            return False
        raise
    with os.fdopen(file, "rb") as opened:
        return os.fstat(file).st_size == len(octets) and opened.read() == octets


def _synchronize_all(files: Sequence[int]) -> None:
    """Synchronize files with the disk, several at a time: its journal then takes many of them in one stroke."""
    if len(files) < SYNCHRONIZED_AT_ONCE:
        _synchronize_some(files)
        return
    shares = [files[first::SYNCHRONIZED_AT_ONCE] for first in range(SYNCHRONIZED_AT_ONCE)]
    try:
        with ThreadPoolExecutor(SYNCHRONIZED_AT_ONCE) as pool:
            for _ in pool.map(_synchronize_some, shares):
                pass
    except RuntimeError:  # there is no thread to be had
        _synchronize_some(files)


def _synchronize_some(files: Sequence[int]) -> None:
    for file in files:
        os.fsync(file)


def write_all(file: int, octets: bytes) -> None:
    """Write all octets: one call may take a part."""
    view = memoryview(octets)
    while view:
        view = view[os.write(file, view) :]


def synchronize(folder: Path) -> None:
    """Make the names in a folder durable."""
    file = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(file)
    finally:
        os.close(file)
