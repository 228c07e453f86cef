"""What a source was told is safe, where the source itself keeps no mark of it: an object of a bucket by its key and ETag.

It spares fetching it again and nothing else: octets that come once more are known by their hash.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select

from todoku.store.database import Database, insert_new
from todoku.store.state import chunks
from todoku.store.tables import seen


class Seen:
    """Of one source, by its name."""

    def __init__(self, database: Database, source: str) -> None:
        """Ask nothing yet."""
        self._database = database
        self._source = source

    def among(self, ids: Sequence[str]) -> set[str]:
        """Those of these that were acknowledged before. Raises ``Away``."""
        found: set[str] = set()
        with self._database.read() as connection:
            for some in chunks(ids):
                known = select(seen.c.id).where(seen.c.source == self._source, seen.c.id.in_(some))
                found.update(connection.execute(known).scalars())
        return found

    def add(self, ids: Sequence[str]) -> None:
        """These are now. Raises ``Away``."""
        with self._database.write() as connection:
            insert_new(connection, seen, [{"source": self._source, "id": one} for one in ids])
