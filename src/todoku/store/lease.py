"""One writer at a time: who holds the lease reads raw octets into rows; everybody may put octets into the spool.

A lease runs out by itself, so that a writer on a machine that is gone is followed by another. A clock that is wrong can
make two believe that they are the writer, and a writer can be asleep longer than its lease: so each holder has a number
of its own, the epoch, and every transaction that publishes something confirms it first. The older one publishes nothing.
"""

from __future__ import annotations

import os
import secrets
import socket
from typing import Self

from sqlalchemy import Connection, select, update

from todoku.store.away import LeaseLost
from todoku.store.database import Database, insert_new
from todoku.store.tables import leases

SECONDS = 120
LONGEST = 3_600  # seconds: a lease that ends later is of a clock that was wrong, and holds nobody up
WRITER = "writer"


class Lease:
    """The right to publish. It is confirmed and prolonged with every transaction that does."""

    def __init__(self, holder: str, epoch: int) -> None:
        """Made by ``acquire``."""
        self.holder = holder
        self.epoch = epoch

    @classmethod
    def acquire(cls, database: Database, now: int) -> Self | None:
        """The lease, or None while another process has it. Raises ``Away``."""
        holder = f"{socket.gethostname()[:30]}:{os.getpid()}:{secrets.token_hex(8)}"
        with database.write() as connection:
            insert_new(connection, leases, [{"name": WRITER, "holder": "", "epoch": 0, "until": 0}])
            found = connection.execute(select(leases).where(leases.c.name == WRITER).with_for_update()).one()
            if now < found.until <= now + LONGEST * 1_000_000 and not _is_gone(found.holder):
                return None
            taken = {"holder": holder, "epoch": found.epoch + 1, "until": now + SECONDS * 1_000_000}
            connection.execute(update(leases).where(leases.c.name == WRITER).values(**taken))
        return cls(holder, found.epoch + 1)

    def confirm(self, connection: Connection, now: int) -> None:
        """Prolong the lease in this transaction. Raises ``LeaseLost``, which undoes the transaction."""
        done = connection.execute(
            update(leases)
            .where(leases.c.name == WRITER, leases.c.holder == self.holder, leases.c.epoch == self.epoch)
            .values(until=now + SECONDS * 1_000_000)
        )
        if done.rowcount != 1:
            raise LeaseLost

    def release(self, database: Database) -> None:
        """Let another process have it at once. Raises ``Away``."""
        with database.write() as connection:
            connection.execute(update(leases).where(leases.c.holder == self.holder).values(until=0))


def _is_gone(holder: str) -> bool:
    """Whether the holder was a process of this machine that no longer runs: nobody needs to wait for it."""
    host, _, rest = holder.rpartition(":")[0].rpartition(":")
    if host != socket.gethostname()[:30] or not rest.isdigit():
        return False
    try:
        os.kill(int(rest), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return False
