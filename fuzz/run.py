"""Attack the parsers: ``python fuzz/run.py --seconds 60 [TARGET ...]``, or ``--self-test`` to see that a fault is found.

Trusts nothing that a parser says. Touches ``fuzz/corpus`` to read and ``fuzz/found`` to write: inputs that reach new code,
and those that break a promise, as ``crash-*``. Needs atheris, which ``make fuzz`` installs; nothing else needs it.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
MAX_LENGTH = 4_096  # octets of an input
SLOWEST = 10  # seconds for one input


def attack(name: str, arguments: list[str]) -> None:
    """Never returns: libFuzzer ends the process, with an exit code other than 0 where a promise was broken."""
    import atheris

    with atheris.instrument_imports(include=["todoku", "targets"]):
        import targets
    target = targets.planted if name == "planted" else targets.TARGETS[name]
    atheris.Setup([sys.argv[0], *arguments], target)
    atheris.Fuzz()


def process(name: str, seconds: int) -> int:
    """One target in a process of its own; its exit code."""
    found, corpus = HERE / "found" / name, HERE / "corpus" / name
    found.mkdir(parents=True, exist_ok=True)
    corpus.mkdir(parents=True, exist_ok=True)
    options = [f"-max_total_time={seconds}", f"-max_len={MAX_LENGTH}", f"-timeout={SLOWEST}", "-rss_limit_mb=1024"]
    options += [f"-artifact_prefix={found}/", "-print_final_stats=1", "-verbosity=0"]
    command = [sys.executable, __file__, "--one", name, *options, str(found), str(corpus)]
    done = subprocess.run(command, capture_output=True, text=True, errors="replace", check=False)
    executed = [line.split(":")[-1].strip() for line in done.stderr.splitlines() if "number_of_executed_units" in line]
    state = "ok" if done.returncode == 0 else "BROKEN"
    print(f"{name:12} {state:7} {executed[0] if executed else '?':>10} executions", flush=True)
    if done.returncode:
        print((done.stdout + done.stderr)[-6_000:], flush=True)
    return done.returncode


def self_test() -> int:
    """0 where the planted fault is found."""
    shutil.rmtree(HERE / "found" / "planted", ignore_errors=True)
    code = process("planted", 120)
    for crash in (HERE / "found" / "planted").glob("crash-*"):
        print(f"found: {crash.read_bytes()!r}")
        crash.unlink()
    return 0 if code else 1


def main() -> int:
    """The worst exit code of the targets."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("targets", nargs="*", metavar="TARGET")
    parser.add_argument("--seconds", type=int, default=60, help="for each target")
    parser.add_argument("--minutes", type=int, help="for all targets together")
    parser.add_argument("--self-test", action="store_true", help="is a planted fault found?")
    chosen = parser.parse_args()
    if chosen.self_test:
        return self_test()
    import targets

    names = chosen.targets or list(targets.TARGETS)
    seconds = chosen.seconds if chosen.minutes is None else max(1, chosen.minutes * 60 // len(names))
    return max(process(name, seconds) for name in names)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--one"]:
        attack(sys.argv[2], sys.argv[3:])
    sys.exit(main())
