"""The store as one thing: spool, state and files of rows, opened from where they are."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Self

import msgspec

from todoku.feedback.claims import is_claimed
from todoku.store.away import disk
from todoku.store.database import Database, database_url, sqlite_url
from todoku.store.owned import require_own
from todoku.store.proofs import Proofs
from todoku.store.raw import Spool
from todoku.store.rows import RowFiles

STATE = "state.sqlite"


class Places(msgspec.Struct, frozen=True, kw_only=True):
    """Where a store is. ``state`` "": SQLite in the folder; ``rows`` "": below the folder.

    ``domains``: those whose reports count as ours, with all names below them; none named means that all do.
    """

    folder: Path
    state: str = ""
    rows: str = ""
    domains: tuple[str, ...] = ()

    def claims(self, domain: str) -> bool:
        """Whether a report about this domain is about one of ours."""
        return not self.domains or is_claimed(domain, self.domains)


class Store:
    """An open store. It is a context manager."""

    def __init__(self, places: Places) -> None:
        """Connect to nothing yet. Raises ``UsageError`` where a place is none."""
        self.places = places
        self.spool = Spool(places.folder / "raw")
        self.proofs = Proofs(places.folder / "proofs")
        self.files = RowFiles(places.rows or str(places.folder / "rows"))
        self.is_read_only = places.folder.is_dir() and not os.access(places.folder, os.W_OK)
        url = database_url(places.state) if places.state else sqlite_url(places.folder / STATE)
        self.database = Database(url, read_only=self.is_read_only)

    def prepare(self) -> Self:
        """Make what is missing: the folder and the state's file, which are their owner's alone, and the tables. A folder that cannot be
        written to is taken as it is: it can be asked, and nothing can be put into it.

        Raises ``Away``, ``UsageError``.
        """
        with disk(self.places.folder):
            self.places.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            require_own(self._own_places())
            if self.database.is_sqlite and not self.is_read_only:
                _begin_alone(self.places.folder / STATE)
        self.database.migrate()
        return self

    def _own_places(self) -> Iterator[Path]:
        """What of the store lies on this machine."""
        yield from (self.places.folder, self.spool.folder, self.proofs.folder)
        if self.files.is_local:
            yield Path(self.files.place)
        if self.database.is_sqlite:
            yield self.places.folder / STATE

    def __enter__(self) -> Self:
        """The store itself."""
        return self

    def __exit__(self, *_error: object) -> None:
        """Let go of the connections and the spool."""
        self.database.close()
        self.spool.close()


def _begin_alone(path: Path) -> None:
    """Begin a file that is its owner's alone, whoever may read in the folder; SQLite's files beside it get its mode.

    One that is there is not touched: to close it would end the locks that SQLite has on it.
    """
    with suppress(FileExistsError):
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
