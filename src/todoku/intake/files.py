"""Reports from files, folders and standard input. Files stay where they are: they are read and never changed."""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Iterator, Sequence
from functools import partial
from itertools import chain
from pathlib import Path

from todoku.intake.source import MAX_ITEM, Item, too_large
from todoku.mail.mbox import from_line_end, mbox_messages_in
from todoku.settings.regular_file import read_ordinary
from todoku.words.errors import UsageError
from todoku.words.verdict import Text

PIECE = 2**20  # octets of a mailbox file that are read at a time
MAILDIR = ("cur", "new")  # the folders of a Maildir that hold messages; in ``tmp`` they are being delivered


class Files:
    """A file, or every file below a folder, in the order of their names.

    What is hidden is passed over, but for the folders of a Maildir (Maildir++), of which only the messages are read. A link to a folder
    is not followed, and is told: it may lead anywhere.
    """

    def __init__(self, path: Path) -> None:
        """Raises ``UsageError`` where there is nothing, or a pipe or a device, which has no end."""
        try:
            mode = path.stat().st_mode
        except (FileNotFoundError, NotADirectoryError, ValueError):
            raise UsageError(Text(f"there is no file or folder {path}", f"{path} が見つかりません")) from None
        except OSError as error:
            why = error.strerror
            raise UsageError(Text(f"cannot read {path}: {why}", f"{path} を読み込めません: {why}")) from None
        if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):
            raise UsageError(
                Text(
                    f"{path} is neither a file nor a folder: - reads standard input",
                    f"{path} はファイルでもフォルダーでもありません。標準入力から読むには - を指定してください",
                )
            )
        self.path = path
        # Each mail may be a file: it is no source of its own.
        place = path.absolute() if stat.S_ISDIR(mode) else path.absolute().parent
        self.name = str(place).encode("utf-8", "backslashreplace").decode()  # a name need not be UTF-8
        self._skipped: list[Text] = []

    def items(self) -> Iterator[Item]:
        """Each file's octets."""
        for path in self._paths():
            try:
                about = path.stat()
                if not stat.S_ISREG(about.st_mode):
                    continue
                if about.st_size > MAX_ITEM:
                    yield from self._of_large_mailbox(path)
                    continue
                octets = read_ordinary(path, MAX_ITEM).octets
            except FileNotFoundError:  # moved away by a mail reader just now
                continue
            except OSError as error:
                self._skip(f"{path}: {error.strerror}")
                continue
            if len(octets) > MAX_ITEM:  # it has grown
                self._skipped.append(too_large(str(path)))
                continue
            yield Item(str(path), octets, name=_shown(path))

    def _of_large_mailbox(self, path: Path) -> Iterator[Item]:
        """The messages of a mailbox file (mbox), one after the other; any other file of this size is passed over. Raises ``OSError``."""
        number = 0
        with open(path, "rb", opener=_without_waiting) as file:
            first = file.read(PIECE)
            if not from_line_end(first):
                self._skipped.append(too_large(str(path)))
                return
            pieces = chain((first,), iter(partial(file.read, PIECE), b""))
            try:
                for number, octets in enumerate(mbox_messages_in(pieces, MAX_ITEM), 1):
                    yield Item(str(path), octets, name=f"{_shown(path)} ({number})")
            except OverflowError:
                self._skipped.append(too_large(f"{path} ({number + 1}, ...)"))

    def acknowledge(self, ids: Sequence[str]) -> None:
        """Nothing is to be done: a file is its owner's."""

    def skipped(self) -> Sequence[Text]:
        """Files that could not be read."""
        return self._skipped

    def close(self) -> None:
        """Nothing is open."""

    def _paths(self) -> Iterator[Path]:
        if not self.path.is_dir():
            yield self.path
            return
        for folder, below, names in os.walk(self.path, onerror=self._unreadable):
            is_maildir = set(MAILDIR).issubset(below)
            wanted = sorted(name for name in below if _is_wanted(Path(folder), name, is_maildir=is_maildir))
            for name in wanted:
                if Path(folder, name).is_symlink():
                    self._skipped.append(_link(Path(folder, name)))
            below[:] = wanted
            if not is_maildir:
                yield from (Path(folder, name) for name in sorted(names) if not name.startswith("."))

    def _skip(self, why: str) -> None:
        self._skipped.append(Text(why, why))

    def _unreadable(self, error: OSError) -> None:
        self._skip(f"{error.filename}: {error.strerror}")


def _shown(path: Path) -> str:
    return str(path).encode("utf-8", "backslashreplace").decode()


def _without_waiting(path: str, flags: int) -> int:
    """Open what was an ordinary file; a pipe that was put in its place meanwhile is not waited for."""
    return os.open(path, flags | os.O_NONBLOCK | os.O_CLOEXEC)


def _is_wanted(folder: Path, name: str, *, is_maildir: bool) -> bool:
    """Whether to look into a folder that is in this one."""
    if not name.startswith("."):
        return not (is_maildir and name == "tmp")
    return is_maildir and all(Path(folder, name, one).is_dir() for one in MAILDIR)


def _link(path: Path) -> Text:
    return Text(
        f"{path}: a link to a folder: name the folder itself as a source",
        f"{path}: フォルダーへのリンクです。リンク先のフォルダーを取得元に指定してください",
    )


class StandardInput:
    """One item: everything on standard input, as a mail server's pipe hands over a message.

    ``is_safe``: it is stored, or there was nothing; the mail server need not try again.
    """

    name = "-"

    def __init__(self) -> None:
        """Read nothing yet."""
        self.is_safe = self.is_too_large = False

    def items(self) -> Iterator[Item]:
        """Its octets, unless there are none. Raises ``UsageError`` where they are too many, or it is closed."""
        if sys.stdin is None:
            raise UsageError(Text("standard input is closed", "標準入力が閉じられています"))
        octets = sys.stdin.buffer.read(MAX_ITEM + 1)
        if len(octets) > MAX_ITEM:
            self.is_too_large = True  # and will be the next time
            raise UsageError(
                Text(
                    f"standard input holds more than {MAX_ITEM} bytes",
                    f"標準入力が上限の{MAX_ITEM}バイトを超えています",
                )
            )
        if octets:
            yield Item("-", octets, name="-")
        else:
            self.is_safe = True

    def acknowledge(self, ids: Sequence[str]) -> None:
        """The exit code says it."""
        self.is_safe = bool(ids)

    def skipped(self) -> Sequence[Text]:
        """Nothing."""
        return ()

    def close(self) -> None:
        """Nothing is open."""
