"""What it costs to read DMARC aggregate reports: todoku beside parsedmarc, on one corpus, in one run.

    python bench/reports.py [--rounds 3] [--peer PYTHON]

The corpus is that of ``$TODOKU_BENCH``, else ``../shared/bench`` (``gen_dmarc.py``). Every contender runs in a process of its
own; they take turns, round after round, and the best round of each counts, as CPU time. parsedmarc is installed into a
virtual environment that is thrown away, unless ``--peer`` names the Python of one that has it. The floor is what no program
can avoid: to unpack the XML and to have expat look at each octet of it once. A last process reads 200,000 records as a
stream and tells its memory.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import pickle
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
SHARED = Path(os.environ.get("TODOKU_BENCH") or HERE.parent.parent / "shared" / "bench")
PARSEDMARC = "parsedmarc==11.1.0"
CASES = ("small", "large 7489", "large 9990", "e-mail")
CONTENDERS = ("floor", "parse_aggregate", "stream to Arrow", "parsedmarc")
Reader = Callable[[bytes], int]  # octets -> how many records it read
RECORDS = 200_000


def corpus(folder: Path) -> dict[str, list[bytes]]:
    """The inputs of each case: XML of 2,000 small reports, gzip of two of 20,000 records, 1,000 messages."""
    small = pickle.loads((folder / "small.pkl").read_bytes())
    large = {name: next(folder.glob(f"large/*{name}.xml.gz")).read_bytes() for name in ("7489", "9990")}
    mail = [path.read_bytes() for path in sorted(folder.glob("eml/*.eml"))]
    return {
        "small": [xml for xml, _ in small],
        "large 7489": [large["7489"]],
        "large 9990": [large["9990"]],
        "e-mail": mail,
    }


def floor() -> Reader:
    """Unpack, and let expat find that it is well-formed. Of a message it does not even look for the attachment."""
    from xml.parsers import expat

    def read(octets: bytes) -> int:
        xml = gzip.decompress(octets) if octets[:2] == b"\x1f\x8b" else octets
        if xml[:1] == b"<":
            expat.ParserCreate().Parse(xml, True)
        return xml.count(b"<record>")

    return read


def parse_aggregate() -> Reader:
    """todoku: reports as values of Python."""
    import todoku

    return lambda octets: sum(len(report.records) for report in todoku.parse_aggregate(octets))


def stream_to_arrow() -> Reader:
    """todoku: reports as rows of Arrow, as they are stored."""
    from todoku.feedback.aggregate import Columns, Head, stream
    from todoku.feedback.rows import batch
    from todoku.feedback.wrapping import unwrap

    waiting: list[Any] = []

    def read(octets: bytes) -> int:
        number = 0
        for document in unwrap(octets):
            for part in stream(document.pieces()):
                if isinstance(part, Head):
                    head = part
                elif isinstance(part, Columns):
                    number += len(part.count)
                    waiting.append((head, part, ""))
                    if len(waiting) == 50 or len(part.count) > 1_000:
                        batch(waiting)
                        waiting.clear()
        return number

    return read


def parsedmarc() -> Reader:
    """parsedmarc, with every look-up turned off; a large report is handed over unpacked."""
    import logging

    logging.disable(logging.CRITICAL)
    import parsedmarc as peer

    offline = {"offline": True, "always_use_local_files": True}

    def read(octets: bytes) -> int:
        if octets[:2] == b"\x1f\x8b":
            octets = gzip.decompress(octets)
        if octets[:1] == b"<":
            return len(peer.parse_aggregate_report_xml(octets, **offline)["records"])
        return len(peer.parse_report_email(octets, **offline)["report"]["records"])

    return read


READERS = {
    "floor": floor,
    "parse_aggregate": parse_aggregate,
    "stream to Arrow": stream_to_arrow,
    "parsedmarc": parsedmarc,
}


def one(name: str, folder: Path) -> dict[str, tuple[float, int]]:
    """CPU seconds and records of each case, the first input of each read once before."""
    read, found = READERS[name](), {}
    for case, inputs in corpus(folder).items():
        if case == "e-mail" or name != "parsedmarc" or "large" not in case:
            read(inputs[0])
        start = time.process_time()
        records = sum(read(octets) for octets in inputs)
        found[case] = (time.process_time() - start, records)
    return found


def memory() -> dict[str, float]:
    """MiB that a process has at most when it reads 200,000 records as a stream, and what it had before."""
    import resource

    sys.path.insert(0, str(HERE.parent / "tests"))
    from reports import RECORD, REPORT

    read = stream_to_arrow()
    assert read(REPORT.encode()) == 1
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    with tempfile.TemporaryFile() as file:  # made a piece at a time, so that making it costs no memory
        with gzip.GzipFile(fileobj=file, mode="wb", compresslevel=6) as writer:
            head, _, tail = REPORT.partition(RECORD)
            writer.write(head.encode())
            for _ in range(RECORDS // 1_000):
                writer.write(RECORD.encode() * 1_000)
            writer.write(tail.encode())
        file.seek(0)
        raw = file.read()
    assert read(raw) == RECORDS
    return {"before": before, "most": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}


def process(python: str, *arguments: str) -> Any:
    done = subprocess.run([python, __file__, *arguments], capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(done.stderr)
    return json.loads(done.stdout.splitlines()[-1])


def peer_python(folder: Path) -> str:
    """The Python of a new virtual environment with parsedmarc."""
    print(f"Installing {PARSEDMARC} into a virtual environment that is thrown away ...", file=sys.stderr)
    subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
    pip = [str(folder / "bin" / "pip"), "install", "-qq", "--disable-pip-version-check", PARSEDMARC]
    subprocess.run(pip, check=True, stderr=subprocess.DEVNULL)
    return str(folder / "bin" / "python")


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--peer", metavar="PYTHON", help="one that has parsedmarc")
    parser.add_argument("--one", nargs=2, help=argparse.SUPPRESS)
    parser.add_argument("--memory", action="store_true", help=argparse.SUPPRESS)
    wanted = parser.parse_args()
    if wanted.one:
        print(json.dumps(one(wanted.one[0], Path(wanted.one[1]))))
    elif wanted.memory:
        print(json.dumps(memory()))
    else:
        with tempfile.TemporaryDirectory(prefix="todoku-bench-") as scratch:
            compare(Path(scratch), wanted.rounds, wanted.peer)


def compare(scratch: Path, rounds: int, peer: str | None) -> None:
    subprocess.run([sys.executable, str(SHARED / "gen_dmarc.py")], cwd=scratch, check=True, stdout=subprocess.DEVNULL)
    peer = peer or peer_python(scratch / "peer")
    best: dict[tuple[str, str], tuple[float, int]] = {}
    for _ in range(rounds):
        for name in CONTENDERS:
            told = process(peer if name == "parsedmarc" else sys.executable, "--one", name, str(scratch / "dm"))
            for case, (seconds, records) in told.items():
                known = best.get((name, case))
                best[name, case] = (min(seconds, known[0]) if known else seconds, records)
    for case in CASES:
        report(case, {name: best[name, case] for name in CONTENDERS})
    told = process(sys.executable, "--memory")
    print(f"\n{RECORDS:,} records as a stream: {told['most']:.0f} MiB at most, {told['before']:.0f} MiB before")


def report(case: str, found: dict[str, tuple[float, int]]) -> None:
    records = {name: number for name, (_, number) in found.items() if name != "floor" or case != "e-mail"}
    agree = "all read the same number" if len(set(records.values())) == 1 else f"they do not agree: {records}"
    number = max(records.values())
    print(f"\n{case}: {number:,} records; {agree}")
    slowest, least = found["parsedmarc"][0], found["floor"][0]
    for name, (seconds, _) in found.items():
        if case == "e-mail" and name == "floor":
            continue
        share = "" if case == "e-mail" else f"{least / seconds:8.0%} of the floor"
        print(f"  {name:16} {seconds / number * 1e6:8.1f} us a record {slowest / seconds:8.1f} x parsedmarc {share}")


if __name__ == "__main__":
    main()
