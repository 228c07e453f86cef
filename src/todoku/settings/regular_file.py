"""A file that a person names is read only where it is an ordinary one: a pipe or a device would be waited for, for ever.

It reads the one file that it is given.
"""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path
from typing import NamedTuple


class Found(NamedTuple):
    """What is in a file, and its mode and owner as ``stat`` gives them."""

    octets: bytes
    mode: int
    owner: int


NEVER_WAITED_FOR = ("/dev/null", "/dev/stdin", "/dev/fd/", "/proc/self/fd/")
"""Nothing, and the names under which a shell hands over what it has opened itself, as in ``todoku check <(cat message.eml)``."""


def read_given(path: Path, most: int) -> bytes:
    """The first ``most`` octets of a file, or of a pipe that the shell opened. Raises ``OSError``, also for any other pipe or device."""
    if not str(path).startswith(NEVER_WAITED_FOR):
        return read_ordinary(path, most).octets[:most]
    with path.open("rb") as file:
        return file.read(most)


def read_ordinary(path: Path, most: int) -> Found:
    """The file, of which no more than ``most`` + 1 octets are read: more than ``most`` are too many. Links are followed.

    Raises ``OSError``, also for what is no ordinary file.
    """
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)  # a pipe's other end is not waited for
    try:
        found = os.fstat(descriptor)
        if stat.S_ISDIR(found.st_mode):
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
        if not stat.S_ISREG(found.st_mode):
            raise OSError(errno.EINVAL, "it is no ordinary file")
        with os.fdopen(descriptor, "rb", closefd=False) as file:
            octets = file.read(min(most, found.st_size) + 1)  # as much memory as may be read
            return Found(octets, found.st_mode, found.st_uid)
    finally:
        os.close(descriptor)
