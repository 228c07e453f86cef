"""What it costs to check many domains: todoku beside checkdmarc, on one name server of this machine, in one run.

    make bench-domains      (or: python bench/domains.py [domains] [rounds] [domains by way of the slow resolver])

Knot (the Debian package) serves the zones of ``domain_zone.py``. checkdmarc is that of ``$TODOKU_CHECKDMARC``, a Python that
has it: as shipped, told only which name server to ask. Each contender runs in a process of its own, and they take turns; the
least of its rounds counts. ``todoku`` is what ``todoku check --subjects`` does before it draws anything, in a process for each
core; "one process" is the same in one.

The second table is by way of a relay that gives each reply back 10 ms later, as a resolver does that has to ask others:
there the relay counts what is asked, and what counts is how many questions wait for one another.
"""

from __future__ import annotations

import asyncio
import importlib
import json
import os
import resource
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from domain_zone import Truth, domain, zones

if TYPE_CHECKING:
    from todoku.cli.many_run import Looked

HERE = Path(__file__).parent
PEER = os.environ.get("TODOKU_CHECKDMARC") or sys.executable
OURS, ALONE, THEIRS = "todoku", "one process", "checkdmarc"
CONTENDERS = {OURS: sys.executable, ALONE: sys.executable, THEIRS: PEER}
DELAY = 0.010  # seconds that the relay keeps a reply

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
    file: "%s"
zone:
"""


def names(count: int) -> list[str]:
    """The domains to check."""
    return [f"d{number}.test" for number in range(count)]


@contextmanager
def knot(folder: Path, count: int) -> Iterator[int]:
    """A name server with the zones of so many domains, for as long as the block runs; its port."""
    port = _free_port()
    configuration = CONFIGURATION.format(folder=folder, port=port)
    for name, text in zones(count).items():
        (folder / name).write_text(text)
        configuration += f"  - domain: {name}\n"
    (folder / "knot.conf").write_text(configuration)
    program = shutil.which("knotd", path=os.environ.get("PATH", os.defpath) + ":/usr/sbin") or "knotd"
    with (folder / "knot.log").open("wb") as log:
        server = subprocess.Popen([program, "-c", str(folder / "knot.conf")], stdout=log, stderr=log)
    try:
        if not _answers(port, server):
            raise RuntimeError(f"the name server does not answer: {(folder / 'knot.log').read_text()}")
        yield port
    finally:
        server.terminate()
        server.wait(10)


def _free_port() -> int:
    """A port that is free for UDP and for TCP."""
    with socket.socket() as stream, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as datagram:
        stream.bind(("127.0.0.1", 0))
        port: int = stream.getsockname()[1]
        try:
            datagram.bind(("127.0.0.1", port))
        except OSError:
            return _free_port()
        return port


def _answers(port: int, server: subprocess.Popen[bytes]) -> bool:
    """Whether the name server answers before it ends, or half a minute is over."""
    import todoku
    from todoku.auth.ask import Question

    until = time.monotonic() + 30
    while time.monotonic() < until and server.poll() is None:
        (answer,) = todoku.Resolver(f"127.0.0.1:{port}", timeout=0.5).answers((Question("test", "SOA"),))
        if not answer.failed:
            return True
        time.sleep(0.1)
    return False


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


def by_todoku(domains: list[str], port: int, workers: int | None = None) -> tuple[list[Truth], str]:
    """What todoku sees of the domains: everything that ``todoku check`` judges, without making text of it."""
    from todoku.api import Settings
    from todoku.cli import many_run

    looks = list(many_run.look(domains, (f"127.0.0.1:{port}",), Settings(), workers, take=seen))
    asked, unanswered = sum(asked for _, asked, _ in looks) / len(looks), sum(failed for *_, failed in looks)
    return [truth for truth, *_ in looks], f"{asked:.1f} questions a domain, {unanswered} unanswered"


def seen(look: Looked, _: int) -> tuple[Truth, int, int]:
    """What a look at a domain found of what is known of it; how many questions it asked, and how many had no answer."""
    (report,) = look.reports
    setup = report.evidence.setup
    valid, record = not setup.spf.cause, setup.dmarc.record
    hosts = tuple(sorted(record.partition(" ")[2] for record in setup.domain.mx.records))
    truth = Truth(valid, setup.spf.lookups if valid else 0, "" if record is None else record.policy, hosts)
    return truth, len(report.transcript), sum(answer.failed for answer in report.transcript)


def in_one_process(domains: list[str], port: int) -> tuple[list[Truth], str]:
    """The same in one process."""
    return by_todoku(domains, port, workers=1)


def by_checkdmarc(domains: list[str], port: int) -> tuple[list[Truth], str]:
    """What checkdmarc sees of them, as shipped."""
    import logging

    import checkdmarc
    import dns.nameserver

    logging.disable()  # it warns of each domain that DNSSEC does not sign
    reports = checkdmarc.check_domains(domains, nameservers=[dns.nameserver.Do53Nameserver("127.0.0.1", port)])
    by_name = {report["domain"]: report for report in reports}
    found = []
    for name in domains:
        spf, dmarc, mx = (by_name[name][part] for part in ("spf", "dmarc", "mx"))
        policy = dmarc["tags"]["p"]["value"] if dmarc["valid"] else ""
        hosts = tuple(sorted(host["hostname"] for host in mx["hosts"]))
        found.append(Truth(spf["valid"], spf["dns_lookups"] if spf["valid"] else 0, policy, hosts))
    return found, f"checkdmarc {checkdmarc.__version__}"


RUNNERS = {OURS: by_todoku, ALONE: in_one_process, THEIRS: by_checkdmarc}
MODULES = {
    OURS: ("todoku.cli.many_run", "todoku.net.dns.resolver"),
    ALONE: ("todoku.cli.many_run", "todoku.net.dns.resolver"),
    THEIRS: ("checkdmarc", "dns.nameserver"),
}
"""What is loaded before the clock runs: start-up is not what is measured here."""


def contend(name: str, count: int, port: int) -> None:
    """Run one contender and print its figures as JSON: this is what each process does."""
    for module in MODULES[name]:
        importlib.import_module(module)
    started, spent = time.perf_counter(), _cpu()
    found, note = RUNNERS[name](names(count), port)
    wall, cpu = time.perf_counter() - started, _cpu() - spent
    print(json.dumps({"wall": wall, "cpu": cpu, "note": note, "found": found}))


def _cpu() -> float:
    """Seconds of CPU of this process and of those that it started and that are over."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def mistaken(found: list[Any], domains: list[str]) -> list[str]:
    """Where a contender sees something else than what is true, a line for each domain."""
    told = [Truth(*one[:3], tuple(one[3])) for one in found]
    pairs = zip(domains, told, map(domain, range(len(domains))), strict=True)
    return [f"{name}: {one} instead of {made.truth}" for name, one, made in pairs if one != made.truth]


def main(count: int, rounds: int, slow_count: int) -> int:
    """Run the contenders in turns, without and with the relay; 1 where one of them is mistaken."""
    with tempfile.TemporaryDirectory() as scratch, knot(Path(scratch), max(count, slow_count)) as port:
        wrong = table(f"{count} domains, Knot on this machine", count, runs(count, port, rounds))
        with Relay(port, DELAY).running() as relay:
            found: dict[str, list[dict[str, Any]]] = {}
            for name in CONTENDERS:
                before = relay.asked
                found |= runs(slow_count, relay.port, 1, name)
                found[name][0]["note"] += f"; {(relay.asked - before) / slow_count:.1f} queries a domain were sent"
        title = f"{slow_count} domains, a resolver that answers after {DELAY * 1e3:.0f} ms"
        return 1 if wrong + table(title, slow_count, found) else 0


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
    """Print the figures with their ratios; how often the contenders are mistaken."""
    wall = {name: min(one["wall"] for one in results) for name, results in found.items()}
    cpu = {name: min(one["cpu"] for one in results) for name, results in found.items()}
    print(f"\n{title}\n{'':12}{'wall, s':>10}{'CPU, s':>10}{'ms CPU a domain':>18}{'x faster, wall':>16}")
    wrong = []
    for name, results in found.items():
        each, ratio = cpu[name] / count * 1e3, wall[THEIRS] / wall[name]
        print(f"{name:12}{wall[name]:10.2f}{cpu[name]:10.2f}{each:18.2f}{ratio:16.1f}   {results[0]['note']}")
        wrong += [f"{name}, {line}" for line in mistaken(results[0]["found"], names(count))]
    print("what they say of the SPF record, its look-ups, the DMARC policy and the MX hosts:")
    print(*(wrong or ["all of it is true, of each domain"]), sep="\n  ")
    return len(wrong)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--contend"]:
        contend(sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))
    else:
        given = [int(argument) for argument in sys.argv[1:4]]
        sys.exit(main(*given, *(500, 3, 50)[len(given) :]))
