"""What every command shares: reading options in one line of error, and writing text to a file or the terminal."""

from __future__ import annotations

import errno
import os
import shutil
import sys
from collections.abc import Iterable
from contextlib import suppress
from datetime import UTC, date, datetime, tzinfo
from itertools import chain
from pathlib import Path
from typing import TextIO

import click

from todoku.cli.output_file import put, require_writable
from todoku.words.errors import UsageError
from todoku.words.verdict import Text

CLOSED_PIPE = 141
"""The exit code when nobody reads on: 128 + SIGPIPE, what the shell shows for any program that a closed pipe ends."""

BYTE_ORDER_MARK = "\ufeff"


class Screen:
    """Where text goes: colour and width of the terminal; none of both in a file, a pipe, or under ``NO_COLOR``."""

    def __init__(self, output: Path | None = None) -> None:
        """Look at standard output, unless a file is named; ``-`` is standard output. Raises ``UsageError`` where the file
        cannot be written.
        """
        self.output = None if output is None or str(output) == "-" else output
        if self.output is not None:
            try:
                require_writable(self.output)
            except (OSError, ValueError) as error:
                raise self._unwritable(error) from None
        on_terminal = self.output is None and sys.stdout is not None and sys.stdout.isatty()
        self.colour = on_terminal and not os.environ.get("NO_COLOR")
        self.width = max(40, min(120, shutil.get_terminal_size().columns)) if on_terminal else 80

    def write(self, text: str | Iterable[str], form: str = "text") -> None:
        """Write a text, or the pieces of one, as UTF-8. Raises ``UsageError`` where that cannot be done; a pipe that nobody
        reads ends the program.

        ``form`` csv in a file of that name begins with a byte order mark: Excel, which opens such files, takes UTF-8 without one
        for the code page of the machine. Programs that read a pipe would take the mark for a part of the first name.
        """
        pieces = [text] if isinstance(text, str) else text
        if form == "csv" and self.output is not None and self.output.suffix.lower() == ".csv":
            pieces = chain((BYTE_ORDER_MARK,), pieces)
        octets = (piece.encode("utf-8", "replace") for piece in pieces)
        try:
            if self.output is None:
                _write_to(sys.stdout, octets)
            else:
                put(self.output, octets)
        except BrokenPipeError:
            raise click.exceptions.Exit(CLOSED_PIPE) from None
        except OSError as error:
            raise self._unwritable(error) from None

    def _unwritable(self, error: OSError | ValueError) -> UsageError:
        name = "" if self.output is None else f" {self.output}"
        said = error.strerror if isinstance(error, OSError) else str(error)
        return UsageError(Text(f"cannot write{name}: {said}", f"{name or '標準出力'} に書き込めません: {said}".strip()))


def _write_to(stream: TextIO | None, octets: Iterable[bytes]) -> None:
    """Write to a standard stream. Where that fails, what is left is dropped: the interpreter would try again at its end."""
    if stream is None:
        raise OSError(errno.EBADF, os.strerror(errno.EBADF))
    try:
        stream.buffer.writelines(octets)
        stream.buffer.flush()
    except OSError:
        with suppress(OSError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
        raise


def tell(line: str) -> None:
    """Write a line to standard error; one that is full or closed changes no exit code."""
    with suppress(OSError):
        _write_to(sys.stderr, [f"{line}\n".encode("utf-8", "replace")])


def parse_day(text: str) -> date:
    """A day written as YYYY-MM-DD. Raises ``UsageError``."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise UsageError(
            Text(
                f"{text!r} is not a date: write YYYY-MM-DD, e.g. 2024-02-01",
                f"{text!r} は日付として読めません。2024-02-01 のように指定してください",
            )
        ) from None


def own_time() -> tzinfo | None:
    """The reader's own time zone."""
    return datetime.now(UTC).astimezone().tzinfo
