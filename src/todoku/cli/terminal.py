"""What every command shares: reading options in one line of error, and writing text to a file or the terminal."""

from __future__ import annotations

import os
import shutil
import sys
from datetime import date
from pathlib import Path

from todoku.errors import UsageError
from todoku.verdict import Text


class Screen:
    """Where text goes: colour and width of the terminal; none of both in a file, a pipe, or under ``NO_COLOR``."""

    def __init__(self, output: Path | None = None) -> None:
        """Look at standard output, unless a file is named."""
        self.output = output
        on_terminal = output is None and sys.stdout.isatty()
        self.colour = on_terminal and not os.environ.get("NO_COLOR")
        self.width = max(40, min(120, shutil.get_terminal_size().columns)) if on_terminal else 80

    def write(self, text: str) -> None:
        """Write as UTF-8. Raises ``UsageError`` where the file cannot be written."""
        if self.output is None:
            sys.stdout.buffer.write(text.encode("utf-8", "replace"))
            sys.stdout.buffer.flush()
            return
        try:
            self.output.write_text(text, encoding="utf-8")
        except OSError as error:
            raise UsageError(
                Text(
                    f"cannot write {self.output}: {error.strerror}", f"{self.output} に書き込めません: {error.strerror}"
                )
            ) from None


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
