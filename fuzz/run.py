"""Attack the parsers: ``python fuzz/run.py --seconds 60 [TARGET ...]``, or ``--self-test`` to see that faults are.

Trusts nothing that a parser says. Reads ``fuzz/corpus`` and the cases of the tests, with ``--suites`` the standards' suites
too; writes to ``fuzz/found``: inputs that reach new code, and those that break a promise, as ``crash-*``; enters each run
in ``fuzz/ledger.csv``. Needs atheris, which ``make fuzz`` installs; nothing else needs it.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from planted import FAULTS

import ledger

HERE = Path(__file__).parent
SLOWEST = 10  # seconds for one input
MOST_MEMORY = 2_048  # MiB
PLANTED = "planted"
PLANT = "--plant"
SELF_TEST_RUNS = 500_000  # in all of which chance alone would hardly find four octets among 2**32
SELF_TEST_SECONDS = 120


def attack(name: str, modules: list[str], arguments: list[str]) -> None:
    """Never returns: libFuzzer ends the process, with an exit code other than 0 where a promise was broken."""
    import atheris

    packages = sorted({module.partition(".")[0] for module in modules})
    with atheris.instrument_imports(include=packages, exclude=_all_but(modules)):
        import targets
        from targets.registry import Target, planted
    if name == PLANTED:
        atheris.Setup([sys.argv[0], *arguments], planted)
    else:
        from mutate import Mutator

        target: Target = targets.TARGETS[name]
        if PLANT in arguments:
            setattr(sys.modules[f"todoku.{FAULTS[name].module}"], FAULTS[name].name, FAULTS[name].broken)
            arguments.remove(PLANT)

        def native(data: bytes, most: int) -> bytes:
            return atheris.Mutate(data, most)  # looked up each time: Fuzz() puts another in its place

        change = Mutator(target, native)
        atheris.Setup([sys.argv[0], *arguments], target.run, custom_mutator=change)
    atheris.Fuzz()


def _all_but(modules: list[str]) -> list[str]:
    """The modules that are not meant, nor below one that is: to watch them would only cost time."""
    names = []
    for package, folder in (("todoku", HERE.parent / "src" / "todoku"), ("targets", HERE / "targets")):
        for path in folder.rglob("*.py"):
            inner = path.relative_to(folder).with_suffix("").parts
            names.append(".".join((package, *inner)).removesuffix(".__init__"))
    return [name for name in names if not any(f"{name}.".startswith(f"{module}.") for module in modules)]


class Run(NamedTuple):
    """What a process with one target did."""

    code: int
    executions: str
    seconds: float
    output: str


def process(name: str, limits: list[str], folders: list[Path], *, planted: bool = False) -> Run:
    """One target in a process of its own. It begins with what the folders hold; the first gets what it finds."""
    from targets import TARGETS

    target = TARGETS.get(name)  # the planted one is none of them
    with TemporaryDirectory(prefix="todoku-fuzz-") as scratch:
        words = Path(scratch, "words")
        words.write_text("".join(f'"{_escaped(word)}"\n' for word in (target.words if target else ()) or (b"x",)))
        options = [*limits, f"-timeout={SLOWEST}", f"-rss_limit_mb={MOST_MEMORY}", f"-dict={words}"]
        options += [f"-max_len={target.longest if target else 100}", f"-artifact_prefix={folders[0]}/"]
        options += ["-print_final_stats=1", "-verbosity=0", *([PLANT] if planted else [])]
        watched = ",".join(target.modules if target else ("targets.registry",))
        command = [sys.executable, __file__, "--one", name, watched, *options, *map(str, folders)]
        start = time.monotonic()
        done = subprocess.run(command, capture_output=True, text=True, errors="replace", check=False)
    executed = [line.split(":")[-1].strip() for line in done.stderr.splitlines() if "number_of_executed_units" in line]
    seconds = time.monotonic() - start
    return Run(done.returncode, executed[0] if executed else "?", seconds, (done.stdout + done.stderr)[-6_000:])


def attacked(name: str, limits: list[str], *, suites: bool) -> int:
    """The exit code of an attack on a target, with all that is known to begin with; prints how it went."""
    from seeds import of_suites, own, write
    from targets import TARGETS

    target = TARGETS[name]
    found, corpus = HERE / "found" / (f"{name}.suites" if suites else name), HERE / "corpus" / name
    for folder in (found, corpus):
        folder.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(prefix="todoku-fuzz-") as seeds:
        made = chain(own(target), of_suites(target) if suites else ())
        write(Path(seeds), (one for one in made if len(one) <= target.longest))
        run = process(name, limits, [found, corpus, Path(seeds)])
    result = "broken" if run.code else "ok"
    if run.executions.isdigit():
        ledger.enter(f"{datetime.now(UTC):%Y-%m-%d}", name, int(run.executions), run.seconds, result)
    print(f"{name:15} {result:7} {run.executions:>10} executions {run.seconds:6.0f} s", flush=True)
    if run.code:
        print(run.output, flush=True)
    return run.code


def self_test(names: list[str]) -> int:
    """0 where every planted fault is found: the one of this program by who begins with nothing, others as ``_harmless``."""
    from seeds import write

    missed = 0
    for name in names or [PLANTED, *FAULTS]:
        with TemporaryDirectory(prefix="todoku-fuzz-") as folder:
            write(Path(folder), _harmless(name) if name in FAULTS else ())
            limits = [f"-runs={SELF_TEST_RUNS}", f"-max_total_time={SELF_TEST_SECONDS}"]
            run = process(name, limits, [Path(folder)], planted=name in FAULTS)
            crashes = [path.read_bytes() for path in Path(folder).glob("crash-*")]
        what = f"found in {run.executions} executions: {crashes[0][:60]!r}" if crashes else "NOT FOUND"
        print(f"{name:15} {what}", flush=True)
        if not crashes:
            print(run.output, flush=True)
            missed = 1
    return missed


def _harmless(name: str) -> Iterator[bytes]:
    """What an attack begins with, but for what shows the target's planted fault."""
    from cover import Tracer, inputs
    from seeds import own
    from targets import TARGETS

    tracer = Tracer(TARGETS[name])
    with FAULTS[name].planted():
        for data in inputs([HERE / "corpus" / name], own(TARGETS[name])):
            tracer.forget_all()
            try:
                TARGETS[name].run(data)
            except Exception:  # noqa: BLE001 -- whatever the fault makes of it
                continue
            yield data


def _escaped(word: bytes) -> str:
    """A word as libFuzzer's dictionaries have it; of one that stands for many, which are slow, the piece alone."""
    word = word.partition(b"*")[2].removesuffix(b"}}") or b"}}" if word.startswith(b"{{") else word
    return "".join(chr(octet) if 0x20 < octet < 0x7F and octet not in b'"\\' else f"\\x{octet:02x}" for octet in word)


def main() -> int:
    """The worst exit code of the targets."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("targets", nargs="*", metavar="TARGET")
    parser.add_argument("--seconds", type=int, help="for each target; 60 where nothing else is said")
    parser.add_argument("--minutes", type=int, help="for all targets together")
    parser.add_argument(
        "--executions", type=int, help="of each target, however long they take, or until its time is over"
    )
    parser.add_argument("--suites", action="store_true", help="begin with the standards' suites too")
    parser.add_argument("--self-test", action="store_true", help="are planted faults found?")
    wanted = parser.parse_args()
    if wanted.self_test:
        return self_test(wanted.targets)
    from targets import TARGETS

    names = wanted.targets or list(TARGETS)
    seconds = wanted.seconds if wanted.minutes is None else max(1, wanted.minutes * 60 // len(names))
    limits = [f"-runs={wanted.executions}"] if wanted.executions else []
    if seconds or not limits:
        limits.append(f"-max_total_time={seconds or 60}")
    return max(attacked(name, limits, suites=wanted.suites) for name in names)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--one"]:
        attack(sys.argv[2], sys.argv[3].split(","), sys.argv[4:])
    sys.exit(main())
