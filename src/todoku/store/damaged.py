"""A state that SQLite can no longer read is set aside, so that ``todoku store rebuild`` makes it anew from the originals.

It is renamed and not removed: what is in no original (figures of Postmaster Tools, alarms, letters that wait) may be saved from it by hand.
"""

from __future__ import annotations

import sqlite3
from datetime import datetime
from pathlib import Path
from urllib.parse import quote

from todoku.store.away import disk
from todoku.store.raw import synchronize

DAMAGE = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
BESIDE = ("", "-wal", "-shm")  # SQLite's own files


def is_damage(error: BaseException | None) -> bool:
    """Whether this says that the file is damaged, and not only that it cannot be used now."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF in DAMAGE


def is_damaged(state: Path) -> bool:
    """Whether a file is no whole database of SQLite; one that is not there, or is empty, is not damaged. It is read whole."""
    if not state.exists():
        return False
    try:
        connection = sqlite3.connect(f"file:{quote(str(state))}?mode=rw", uri=True)
        try:
            return bool(connection.execute("PRAGMA integrity_check(1)").fetchone() != ("ok",))
        finally:
            connection.close()
    except sqlite3.Error as error:
        return is_damage(error)


def set_aside(state: Path, now: datetime) -> Path:
    """The name under which a damaged state is kept from now on. Raises ``Away``."""
    kept = state.with_name(f"{state.name}.damaged-{now:%Y%m%dT%H%M%SZ}")
    with disk(state.parent):
        for suffix in reversed(BESIDE):
            beside = state.with_name(state.name + suffix)
            if beside.exists():
                beside.rename(kept.with_name(kept.name + suffix))
        synchronize(state.parent)
    return kept
