"""A file that is its owner's alone: opened so that no link, pipe or other person's file is taken for it.

Others may be able to write in the folder (``/tmp``, a shared one): what they put there under the name is refused, not
followed, not waited for and not written to.
"""

from __future__ import annotations

import errno
import os
import stat
from contextlib import suppress
from pathlib import Path
from tempfile import mkstemp

from todoku.words.errors import UsageError
from todoku.words.verdict import Text


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
    return _read(path, most, is_secret=False)


def read_secret(path: Path, most: int) -> bytes:
    """As ``read_named``, of a secret: refused where others can read it or write to it, as OpenSSH does with a key.

    A file that is mounted read-only, as Kubernetes, Docker and systemd mount secrets, is read whatever its mode: ``chmod`` could not
    change it, and who may see the mount decides who may read it. Raises ``OSError``, and ``UsageError`` with what to run.
    """
    return _read(path, most, is_secret=True)


def _read(path: Path, most: int, *, is_secret: bool) -> bytes:
    file = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    try:
        found = os.fstat(file)
        _require_own(found, or_root=True)
        if is_secret and is_open_to_others(found) and not os.fstatvfs(file).f_flag & os.ST_RDONLY:
            raise _open_to_others(path)
        with os.fdopen(file, "rb", closefd=False) as opened:
            return opened.read(most)
    finally:
        os.close(file)


def is_open_to_others(found: os.stat_result) -> bool:
    """Whether others can read a file or write to it. The group of our own file are others; that of root's file may be ours."""
    return bool(found.st_mode & (0o077 if found.st_uid == os.geteuid() else 0o007))


def _open_to_others(path: Path) -> UsageError:
    return UsageError(
        Text(
            f"{path} holds a secret, and others on this machine can read or change it: run chmod 600 {path}, and consider whether it is still secret",
            f"{path} は秘密情報ですが、ほかのユーザーが閲覧または変更できる状態です。chmod 600 {path} を実行し、漏れた可能性がないか確認してください",
        )
    )


def put_own(path: Path, octets: bytes) -> None:
    """Write a file that nobody else may read, in place of what is there: whole or not at all. Raises ``OSError``.

    A link is refused, and not followed; so is what is no ordinary file.
    """
    with suppress(FileNotFoundError):
        if not stat.S_ISREG(path.lstat().st_mode):
            raise OSError(errno.EINVAL, "it is a link, or no ordinary file")
    file, name = mkstemp(dir=path.parent, prefix=f".{path.name[:64]}.")  # of mode 0600
    try:
        try:
            write_whole(file, octets)
            os.fsync(file)
        finally:
            os.close(file)
        Path(name).replace(path)
    except BaseException:
        with suppress(OSError):
            Path(name).unlink()
        raise


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
    """Raises ``OSError`` where it is no ordinary file of ours; with ``or_root`` it may be root's, and root may have everybody's."""
    if not stat.S_ISREG(found.st_mode):
        raise OSError(errno.EINVAL, "it is no ordinary file")
    if os.geteuid() not in (*((0,) if or_root else ()), found.st_uid) and not (or_root and found.st_uid == 0):
        raise PermissionError(errno.EPERM, "it is another user's")
