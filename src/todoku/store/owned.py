"""Refuse a store that others can change: its folders and its state must be ours or root's, and not writable by everybody.

Whoever can put a file into the spool, or a row into the state, decides what the figures say. Folders above the store are not looked at:
who can write in one can only put a folder of their own in the store's place, and that is refused.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable
from pathlib import Path

from todoku.words.errors import UsageError
from todoku.words.verdict import Text


def require_own(places: Iterable[Path]) -> None:
    """Raises ``UsageError`` with what to do about it. What is not there is passed over. Root may work in anybody's store."""
    for place in places:
        try:
            found = place.stat()
        except FileNotFoundError:
            continue
        if os.geteuid() not in (0, found.st_uid) and found.st_uid != 0:
            raise UsageError(
                Text(
                    f"{place} belongs to another user, who can change what is in the store: name a folder of your own in [store] folder",
                    f"{place} は別のユーザーの所有で、ストアの内容を変更される可能性があります。[store] folder に自分のフォルダーを指定してください",
                )
            )
        if found.st_mode & stat.S_IWOTH:
            raise UsageError(
                Text(
                    f"everybody on this machine can change {place}: run chmod o-w {place}, or name a folder below it in [store] folder",
                    f"{place} は全ユーザーが書き込める状態です。chmod o-w {place} を実行するか、[store] folder にその下のフォルダーを指定してください",
                )
            )
