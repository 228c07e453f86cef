"""How often each target was attacked: a line of ``ledger.csv`` for each run, and their sums.

Runs add up over days and versions. What a line tells is of the code as it was then; that nothing has come back since,
``tests/test_fuzz.py`` shows by replaying what was kept.
"""

from __future__ import annotations

import csv
from pathlib import Path
from typing import NamedTuple

LEDGER = Path(__file__).parent / "ledger.csv"
_COLUMNS = ("date", "target", "executions", "seconds", "result")


class Total(NamedTuple):
    """What all runs of a target come to: ``seconds`` with starting, ``last`` the day of the last one (ISO 8601)."""

    executions: int = 0
    seconds: int = 0
    last: str = ""

    @property
    def rate(self) -> int:
        """Executions in a second."""
        return self.executions // max(self.seconds, 1)


def enter(day: str, target: str, executions: int, seconds: float, result: str, *, ledger: Path = LEDGER) -> None:
    """Add a run."""
    is_new = not ledger.exists()
    with ledger.open("a", encoding="utf-8", newline="") as file:
        lines = csv.writer(file, lineterminator="\n")
        if is_new:
            lines.writerow(_COLUMNS)
        lines.writerow((day, target, executions, round(seconds), result))


def totals(ledger: Path = LEDGER) -> dict[str, Total]:
    """The sums by target; a run that found something counts as far as it came."""
    found: dict[str, Total] = {}
    with ledger.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            so_far = found.get(row["target"], Total())
            found[row["target"]] = Total(
                so_far.executions + int(row["executions"]), so_far.seconds + int(row["seconds"]), row["date"]
            )
    return found
