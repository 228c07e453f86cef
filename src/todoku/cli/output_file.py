"""The file that ``-o`` names: seen to be writable before any work is done for it, and never half-written.

What is written goes into a file beside it, which takes its place once it is on the disk. So whoever reads the file, and
a program that is killed, meets the old contents or the new ones. A pipe or a device is written to as it is.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from tempfile import mkstemp


def require_writable(path: Path) -> None:
    """Raises ``OSError`` where the file could not be written, as far as can be seen without writing it."""
    found = _found(path)
    if found is not None and stat.S_ISDIR(found.st_mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
    place = path if found is not None and not stat.S_ISREG(found.st_mode) else Path(os.path.realpath(path)).parent
    if not place.exists():
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT))
    if place != path and not place.is_dir():
        raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR))
    for each in (place, path):
        if each.exists() and not os.access(each, os.W_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))


def put(path: Path, pieces: Iterable[bytes]) -> None:
    """Write the pieces in place of what is there; its mode stays, and a link keeps leading to it. Raises ``OSError``."""
    found = _found(path)
    if found is not None and not stat.S_ISREG(found.st_mode):
        with path.open("wb") as file:
            file.writelines(pieces)
        return
    target = Path(os.path.realpath(path))
    descriptor, name = mkstemp(dir=target.parent, prefix=f".{target.name[:64]}.")
    beside = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.writelines(pieces)
            file.flush()
            os.fchmod(file.fileno(), stat.S_IMODE(found.st_mode) if found else 0o666 & ~_umask())
            os.fsync(file.fileno())
        beside.replace(target)
    except BaseException:
        with suppress(OSError):
            beside.unlink()
        raise
    _synchronize(target.parent)


def _found(path: Path) -> os.stat_result | None:
    """What is there, at the end of a link; None where there is nothing yet. Raises ``OSError`` where that cannot be seen."""
    try:
        return path.stat()
    except FileNotFoundError:
        return None


def _umask() -> int:
    """What a new file is not allowed; it can be read only by setting it."""
    mask = os.umask(0o077)
    os.umask(mask)
    return mask


def _synchronize(folder: Path) -> None:
    """So that the new name is there after a power cut; a file system that cannot do it keeps the file all the same."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        with suppress(OSError):
            os.fsync(descriptor)
    finally:
        os.close(descriptor)
