"""The table of ``docs/fuzzing.md``, anew: ``python fuzz/table.py`` puts into each row what the ledger and ``cover.py`` say."""

from __future__ import annotations

import re
import sys

from cover import HERE, Step, Tracer, inputs, report
from targets import TARGETS, Target

from ledger import Total, totals

PAGE = HERE.parent / "docs" / "fuzzing.md"
_ROWS = re.compile(r"(?:^\| `\w+` \|.*\n)+", re.MULTILINE)


def row(target: Target, total: Total) -> str:
    """A target's line."""
    tracer = Tracer(target)
    seen = frozenset[Step]().union(*map(tracer.steps, inputs([HERE / "corpus" / target.name])))
    reached, lines, _ = report(target, seen)
    modules = ", ".join(f"`{one.removeprefix('todoku.')}`" for one in target.modules)
    share = 100 * reached / max(lines, 1)
    return (
        f"| `{target.name}` | {modules} | {total.executions:,} | {total.rate:,} | {reached:,} of {lines:,}, {share:.1f} % "
        f"| {total.last} |\n"
    )


def table() -> str:
    """All rows, in the order of the targets."""
    known = totals()
    return "".join(row(target, known.get(name, Total())) for name, target in TARGETS.items())


def main() -> int:
    """0."""
    rows = table()
    PAGE.write_text(_ROWS.sub(lambda _: rows, PAGE.read_text("utf-8"), count=1), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
