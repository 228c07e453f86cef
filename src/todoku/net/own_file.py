"""A file that is its owner's alone: opened so that no link, pipe or other person's file is taken for it.

Others may be able to write in the folder (``/tmp``, a shared one): what they put there under the name is refused, not
followed, not waited for and not written to.
"""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path


def open_to_append(path: Path) -> int:
    """A descriptor that reads and appends; the file is begun where there is none. Raises ``OSError``."""
    return _checked(os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | _SAFELY, 0o600), keep=True)


def open_to_read(path: Path) -> int:
    """A descriptor that reads. Raises ``OSError``."""
    return _checked(os.open(path, os.O_RDONLY | _SAFELY), keep=False)


def read_named(path: Path, most: int) -> bytes:
    """A file that the settings name, of which no more than ``most`` octets are read. Links are followed, as secrets are mounted by
    them; whatever they lead to is ours or root's, so that nobody else has put it there. Raises ``OSError``.
    """
    file = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    try:
        _require_own(os.fstat(file), or_root=True)
        with os.fdopen(file, "rb", closefd=False) as opened:
            return opened.read(most)
    finally:
        os.close(file)


def write_whole(file: int, octets: bytes) -> None:
    """Write all of it: a disk that is almost full takes a part without a word. Raises ``OSError``."""
    left = memoryview(octets)
    while left:
        left = left[os.write(file, left) :]


_SAFELY = os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK
"""A link is refused (``ELOOP``); a pipe is opened without waiting for its other end, to be refused as well."""


def _checked(file: int, *, keep: bool) -> int:
    """The descriptor, closed where it is not of an ordinary file of our own; ``keep``: nobody else may read it from now on."""
    try:
        found = os.fstat(file)
        _require_own(found)
        if keep and found.st_mode & 0o077:
            os.fchmod(file, 0o600)
    except OSError:
        os.close(file)
        raise
    return file


def _require_own(found: os.stat_result, *, or_root: bool = False) -> None:
    """Raises ``OSError`` where it is no ordinary file of ours; root may have everybody's."""
    if not stat.S_ISREG(found.st_mode):
        raise OSError(errno.EINVAL, "it is no ordinary file")
    if os.geteuid() not in (0, found.st_uid) and not (or_root and found.st_uid == 0):
        raise PermissionError(errno.EPERM, "it is another user's")
