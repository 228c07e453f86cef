"""What it costs to check many domains: todoku beside checkdmarc, on one name server of this machine, in one run.

    python bench/domains.py [domains] [rounds] [domains by way of the slow resolver]

Knot (the Debian package) serves the zones of ``$TODOKU_BENCH``, else ``../shared/bench`` (``genzone.py``). checkdmarc is
that of ``$TODOKU_CHECKDMARC``, a Python that has it: as shipped, told only which name server to ask. Each contender runs in
a process of its own, and they take turns; the least of its rounds counts.

The second table is by way of a relay that gives each reply back 10 ms later, as a resolver does that has to ask others:
there the relay counts what is asked, and what counts is how many questions wait for one another.
"""

from __future__ import annotations

import asyncio
import importlib
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
SHARED = Path(os.environ.get("TODOKU_BENCH") or HERE.parent.parent / "shared" / "bench")
PEER = os.environ.get("TODOKU_CHECKDMARC") or sys.executable
CONTENDERS = {"todoku": sys.executable, "checkdmarc": PEER}
DELAY = 0.010  # seconds that the relay keeps a reply
Seen = list[Any]  # whether the SPF record is valid, whether the DMARC record is, the hosts of the MX records

CONFIGURATION = """
server:
  rundir: {folder}
  listen: 127.0.0.1@{port}
  udp-workers: 1
  tcp-workers: 1
  background-workers: 1
database:
  storage: {folder}
template:
  - id: default
    storage: {folder}
    zonefile-sync: -1
    zonefile-load: whole
    journal-content: none
zone:
  - domain: test
    file: test.zone
  - domain: 10.in-addr.arpa
    file: rev.zone
  - domain: amazonses.com
    file: amazonses.zone
"""
AMAZONSES = """
@ 300 SOA ns.test. hostmaster.test. 1 3600 600 86400 60
@ 300 NS ns.test.
@ 300 TXT "v=spf1 ip4:199.255.192.0/22 ip4:54.240.0.0/18 -all"
"""


def names(count: int) -> list[str]:
    """The domains to check."""
    return [f"d{number}.test" for number in range(count)]


@contextmanager
def knot(folder: Path) -> Iterator[int]:
    """A name server with the zones in ``folder``, for as long as the block runs; its port."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    subprocess.run([sys.executable, str(SHARED / "genzone.py")], cwd=folder, check=True)
    (folder / "amazonses.zone").write_text(AMAZONSES)
    (folder / "knot.conf").write_text(CONFIGURATION.format(folder=folder, port=port))
    program = shutil.which("knotd", path=os.environ.get("PATH", os.defpath) + ":/usr/sbin") or "knotd"
    with (folder / "knot.log").open("wb") as log:
        server = subprocess.Popen([program, "-c", str(folder / "knot.conf")], stdout=log, stderr=log)
    try:
        _wait_for(port, server)
        yield port
    finally:
        server.terminate()
        server.wait(10)


def _wait_for(port: int, server: subprocess.Popen[bytes]) -> None:
    import todoku
    from todoku.auth.ask import Question

    until = time.monotonic() + 30
    while time.monotonic() < until and server.poll() is None:
        (answer,) = todoku.Resolver(f"127.0.0.1:{port}", timeout=0.5).answers((Question("test", "SOA"),))
        if not answer.failed:
            return
        time.sleep(0.1)
    raise RuntimeError("the name server does not answer")


class Relay:
    """Passes UDP on to a name server and gives the replies back ``delay`` seconds later. ``asked`` counts."""

    def __init__(self, target: int, delay: float) -> None:
        self.target, self.delay, self.asked, self.port = target, delay, 0, 0
        self._waiting: dict[int, tuple[bytes, tuple[str, int]]] = {}

    @contextmanager
    def running(self) -> Iterator[Relay]:
        """The relay, in a thread."""
        with _bound() as down, _bound() as up:
            up.connect(("127.0.0.1", self.target))
            self.port = down.getsockname()[1]
            loop = asyncio.new_event_loop()
            loop.add_reader(down, self._pass_on, down, up)
            loop.add_reader(up, self._give_back, loop, down, up)
            thread = threading.Thread(target=loop.run_forever)
            thread.start()
            try:
                yield self
            finally:
                loop.call_soon_threadsafe(loop.stop)
                thread.join()
                loop.close()

    def _pass_on(self, down: socket.socket, up: socket.socket) -> None:
        octets, client = down.recvfrom(65_535)
        ident = self.asked % 65_536
        self.asked += 1
        self._waiting[ident] = octets[:2], client
        up.send(ident.to_bytes(2) + octets[2:])

    def _give_back(self, loop: asyncio.AbstractEventLoop, down: socket.socket, up: socket.socket) -> None:
        octets = up.recv(65_535)
        ident, client = self._waiting.pop(int.from_bytes(octets[:2]))
        loop.call_later(self.delay, down.sendto, ident + octets[2:], client)


def _bound() -> socket.socket:
    bound = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2**22)
    bound.bind(("127.0.0.1", 0))
    bound.setblocking(False)
    return bound


def by_todoku(domains: list[str], port: int) -> tuple[list[Seen], str]:
    """What todoku sees of the domains: everything that ``todoku check`` judges, without making text of it."""
    import todoku
    from todoku.api import Settings, checking_domain
    from todoku.net.many import run_many

    rounds = [0] * len(domains)

    def counted(index: int, engine: Generator[Any, Any, Any]) -> Generator[Any, Any, Any]:
        answers = None
        try:
            while True:
                questions = next(engine) if answers is None else engine.send(answers)
                rounds[index] += 1
                answers = yield questions
        except StopIteration as stop:
            return stop.value

    jobs = ((0, counted(index, checking_domain(name, Settings()))) for index, name in enumerate(domains))
    found: list[Seen] = [[] for _ in domains]
    answers, failed, distinct = 0, 0, set()
    for done in run_many(jobs, todoku.Resolver(f"127.0.0.1:{port}"), seconds=30):
        setup = done.result.evidence.setup
        hosts = sorted(record.partition(" ")[2] for record in setup.domain.mx.records)
        found[done.index] = [not setup.spf.cause, setup.dmarc.record is not None, hosts]
        answers += len(done.result.transcript)
        distinct.update(answer.question for answer in done.result.transcript)
        failed += sum(answer.failed for answer in done.result.transcript)
    each, own = answers / len(domains), len(distinct) / len(domains)
    note = f"{each:.1f} questions a domain ({own:.1f} that no other asks), {failed} unanswered"
    return found, f"{note}; {max(rounds)} rounds at most"


def by_checkdmarc(domains: list[str], port: int) -> tuple[list[Seen], str]:
    """What checkdmarc sees of them, as shipped."""
    import logging

    import checkdmarc
    import dns.nameserver

    logging.disable()  # it warns of each domain that DNSSEC does not sign
    reports = checkdmarc.check_domains(domains, nameservers=[dns.nameserver.Do53Nameserver("127.0.0.1", port)])
    by_name = {report["domain"]: report for report in reports}
    found = []
    for name in domains:
        report = by_name[name]
        hosts = sorted(host["hostname"] for host in report["mx"]["hosts"])
        found.append([bool(report["spf"]["valid"]), bool(report["dmarc"]["valid"]), hosts])
    return found, f"checkdmarc {checkdmarc.__version__}"


RUNNERS = {"todoku": by_todoku, "checkdmarc": by_checkdmarc}
MODULES = {
    "todoku": ("todoku.api", "todoku.net.many", "todoku.net.dns.resolver"),
    "checkdmarc": ("checkdmarc", "dns.nameserver"),
}
"""What is loaded before the clock runs: start-up is not what is measured here."""


def contend(name: str, count: int, port: int) -> None:
    """Run one contender and print its figures as JSON: this is what each process does."""
    for module in MODULES[name]:
        importlib.import_module(module)
    started, spent = time.perf_counter(), time.process_time()
    found, note = RUNNERS[name](names(count), port)
    wall, cpu = time.perf_counter() - started, time.process_time() - spent
    print(json.dumps({"wall": wall, "cpu": cpu, "note": note, "found": found}))


def disagreements(ours: list[Seen], theirs: list[Seen], domains: list[str]) -> list[str]:
    """Where two contenders see different things, a line for each domain."""
    pairs = zip(domains, ours, theirs, strict=True)
    return [f"{name}: {one} and {other}" for name, one, other in pairs if one != other]


def main(count: int, rounds: int, slow_count: int) -> int:
    """Run the contenders in turns, without and with the relay; 1 where they do not see the same."""
    with tempfile.TemporaryDirectory() as scratch, knot(Path(scratch)) as port:
        differing = table(f"{count} domains, Knot on this machine", count, runs(count, port, rounds))
        with Relay(port, DELAY).running() as relay:
            found: dict[str, list[dict[str, Any]]] = {}
            for name in CONTENDERS:
                before = relay.asked
                found |= runs(slow_count, relay.port, 1, name)
                found[name][0]["note"] += f"; {(relay.asked - before) / slow_count:.1f} queries a domain were sent"
        title = f"{slow_count} domains, a resolver that answers after {DELAY * 1e3:.0f} ms"
        return 1 if differing + table(title, slow_count, found) else 0


def runs(count: int, port: int, rounds: int, *only: str) -> dict[str, list[dict[str, Any]]]:
    """The figures of each contender, round by round."""
    found: dict[str, list[dict[str, Any]]] = {name: [] for name in only or CONTENDERS}
    for _ in range(rounds):
        for name, results in found.items():
            command = [CONTENDERS[name], __file__, "--contend", name, str(count), str(port)]
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            if done.returncode:
                raise RuntimeError(f"{name} failed: {done.stderr.strip().splitlines()[-1]}")
            results.append(json.loads(done.stdout))
    return found


def table(title: str, count: int, found: dict[str, list[dict[str, Any]]]) -> int:
    """Print the figures with their ratios; how many domains the contenders see differently."""
    wall = {name: min(one["wall"] for one in results) for name, results in found.items()}
    cpu = {name: min(one["cpu"] for one in results) for name, results in found.items()}
    print(f"\n{title}\n{'':12}{'wall, s':>10}{'CPU, s':>10}{'ms CPU a domain':>18}{'x faster, wall':>16}")
    for name, results in found.items():
        each, ratio = cpu[name] / count * 1e3, wall["checkdmarc"] / wall[name]
        print(f"{name:12}{wall[name]:10.2f}{cpu[name]:10.2f}{each:18.2f}{ratio:16.1f}   {results[0]['note']}")
    lines = disagreements(found["todoku"][0]["found"], found["checkdmarc"][0]["found"], names(count))
    print(f"{count - len(lines)} of {count} are seen alike (SPF record, DMARC record, MX hosts)", *lines, sep="\n  ")
    return len(lines)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--contend"]:
        contend(sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))
    elif not (SHARED / "genzone.py").exists():
        sys.exit(f"benchmark inputs not found: {SHARED} (set TODOKU_BENCH)")
    else:
        given = [int(argument) for argument in sys.argv[1:4]]
        sys.exit(main(*given, *(500, 3, 50)[len(given) :]))
