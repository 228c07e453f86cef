"""What it costs to start: CPU over a bare interpreter, the least of 20 starts each.

python bench/startup.py
"""

from __future__ import annotations

import resource
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
ZONE = ["--dns", f"zone:{ROOT / 'examples' / 'dns.zone'}"]
STARTS = {
    "--version": ["--version"],
    "--help": ["--help"],
    "offline check": ["check", str(ROOT / "examples" / "ses-default.eml"), *ZONE],
    "offline check, JSON": ["check", str(ROOT / "examples" / "ses-default.eml"), *ZONE, "--json"],
}
TIMES = 20


def cpu(command: list[str]) -> float:
    """Milliseconds of CPU, user and system, of the cheapest of some runs."""
    spent = []
    for _ in range(TIMES):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run(command, capture_output=True, check=False)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        spent.append(after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime)
    return min(spent) * 1e3


def main() -> None:
    """Print the table."""
    bare = cpu([sys.executable, "-c", "pass"])
    print(f"{'bare interpreter':22}{bare:6.0f} ms")
    for name, arguments in STARTS.items():
        print(f"{name:22}{cpu([sys.executable, '-m', 'todoku', *arguments]) - bare:+6.0f} ms")


if __name__ == "__main__":
    main()
