"""Reading everything again from the raw octets: after the database is lost, or when a newer version reads more."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime

from todoku.intake.process import Processed, process
from todoku.intake.senders import NO_VERIFICATION, Verification
from todoku.intake.worker import Worker
from todoku.store import senders, state
from todoku.store.lease import Lease
from todoku.store.raw import microseconds
from todoku.store.store import Store
from todoku.store.upkeep import adopt

SOURCE = "spool"


def rebuild(
    store: Store,
    lease: Lease,
    worker: Worker,
    clock: Callable[[], datetime],
    verification: Verification = NO_VERIFICATION,
) -> Iterator[Processed]:
    """Make all reports and rows anew, and say after each batch what came of it. Meanwhile rows that are not yet read are
    missing from answers. What was proven of a sender stays, though its key may be gone. Killed, it goes on where it was.
    Raises as ``process`` does.
    """
    adopt(store, SOURCE)
    for some in state.chunks(store.proofs.all()):
        with store.database.write() as connection:
            lease.confirm(connection, microseconds(clock()))
            senders.restore(connection, some)
    with store.database.write() as connection:
        now = microseconds(clock())
        lease.confirm(connection, now)
        state.forget_reading(connection, now)
    yield from process(store, lease, worker, clock, verification)
