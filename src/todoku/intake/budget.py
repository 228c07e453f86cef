"""How much one file or message may cost: rows by its size, and time of the processor. Whoever mails it pays for neither."""

from __future__ import annotations

from collections.abc import Callable

from todoku.feedback.refusal import ROWS, SLOW, Refusal

MIN_ROWS = 10_000  # and as many more as it has octets: of real reports, however well they are packed, a row takes three or more
MAX_SECONDS = (
    20  # of the processor: a million records take half as many again on a slow machine, and no report has so many
)


def no_clock() -> float:
    """Where time is not counted."""
    return 0.0


class Budget:
    """What is left for one file or message, all reports in it together."""

    def __init__(self, size: int, spent: Callable[[], float] = no_clock) -> None:
        """``size``: its octets as they came; ``spent``: seconds of the processor so far."""
        self._size = size
        self._limit = self._left = MIN_ROWS + size
        self._spent = spent
        self._until = spent() + MAX_SECONDS

    def take(self, rows: int = 0) -> None:
        """Spend so many rows. Raises ``Refusal`` where more was spent, of rows or of time, than there is."""
        self._left -= rows
        if self._left < 0:
            raise Refusal(ROWS, limit=self._limit, size=self._size)
        if self._spent() > self._until:
            raise Refusal(SLOW, limit=MAX_SECONDS)
