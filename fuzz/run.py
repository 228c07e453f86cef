"""Attack the parsers: ``python fuzz/run.py --seconds 60 [TARGET ...]``, or ``--self-test`` to see that a fault is found.

Trusts nothing that a parser says. Reads ``fuzz/corpus`` and the cases of the tests, with ``--suites`` the standards' suites
too; writes to ``fuzz/found``: inputs that reach new code, and those that break a promise, as ``crash-*``. Needs atheris,
which ``make fuzz`` installs; nothing else needs it.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

HERE = Path(__file__).parent
SLOWEST = 10  # seconds for one input
PLANTED = "planted"
SELF_TEST_RUNS = 2_000_000  # in all of which chance alone finds nothing: there are 2**32 beginnings


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


def process(name: str, limits: list[str], *, suites: bool = False) -> int:
    """One target in a process of its own; its exit code."""
    from seeds import of_suites, own, write
    from targets import TARGETS

    target = TARGETS.get(name)
    found, corpus = HERE / "found" / (f"{name}.suites" if suites else name), HERE / "corpus" / name
    for folder in (found, corpus):
        folder.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(prefix="todoku-fuzz-") as scratch:
        begin, words = Path(scratch, "seeds"), Path(scratch, "words")
        made = [] if target is None else [*own(target), *(of_suites(target) if suites else ())]
        write(begin, [one for one in made if target and len(one) <= target.longest])
        words.write_text("".join(f'"{_escaped(word)}"\n' for word in (target.words if target else ())))
        options = [*limits, f"-timeout={SLOWEST}", "-rss_limit_mb=2048"]
        options += [f"-artifact_prefix={found}/", "-print_final_stats=1", "-verbosity=0"]
        options += [f"-max_len={target.longest if target else 100}"]
        options += [f"-dict={words}"] if target and target.words else []
        include = ",".join(target.modules if target else ("targets.registry",))
        command = [sys.executable, __file__, "--one", name, include, *options, str(found), str(corpus), str(begin)]
        start = time.monotonic()
        done = subprocess.run(command, capture_output=True, text=True, errors="replace", check=False)
    executed = [line.split(":")[-1].strip() for line in done.stderr.splitlines() if "number_of_executed_units" in line]
    state = "ok" if done.returncode == 0 else "BROKEN"
    seconds = time.monotonic() - start
    print(f"{name:15} {state:7} {executed[0] if executed else '?':>10} executions {seconds:6.0f} s", flush=True)
    if done.returncode:
        print((done.stdout + done.stderr)[-6_000:], flush=True)
    return done.returncode


def _escaped(word: bytes) -> str:
    """A word as libFuzzer's dictionaries have it; of one that stands for many, which are slow, the piece alone."""
    word = word.partition(b"*")[2].removesuffix(b"}}") or b"}}" if word.startswith(b"{{") else word
    return "".join(chr(octet) if 0x20 < octet < 0x7F and octet not in b'"\\' else f"\\x{octet:02x}" for octet in word)


def self_test() -> int:
    """0 where the planted fault is found."""
    folder = HERE / "found" / PLANTED
    shutil.rmtree(folder, ignore_errors=True)
    code = process(PLANTED, [f"-runs={SELF_TEST_RUNS}"])
    crashes = list(folder.glob("crash-*"))
    for crash in crashes:
        print(f"found: {crash.read_bytes()!r}")
        crash.unlink()
    return 0 if code and crashes else 1


def main() -> int:
    """The worst exit code of the targets."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("targets", nargs="*", metavar="TARGET")
    parser.add_argument("--seconds", type=int, default=60, help="for each target")
    parser.add_argument("--minutes", type=int, help="for all targets together")
    parser.add_argument("--executions", type=int, help="of each target, however long they take")
    parser.add_argument("--suites", action="store_true", help="begin with the standards' suites too")
    parser.add_argument("--self-test", action="store_true", help="is a planted fault found?")
    wanted = parser.parse_args()
    if wanted.self_test:
        return self_test()
    from targets import TARGETS

    names = wanted.targets or list(TARGETS)
    seconds = wanted.seconds if wanted.minutes is None else max(1, wanted.minutes * 60 // len(names))
    limits = [f"-max_total_time={seconds}" if wanted.executions is None else f"-runs={wanted.executions}"]
    return max(process(name, limits, suites=wanted.suites) for name in names)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--one"]:
        attack(sys.argv[2], sys.argv[3].split(","), sys.argv[4:])
    sys.exit(main())
