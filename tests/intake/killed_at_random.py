"""A program that lives many short lives: each takes, reads and publishes, and is killed at some moment of it.

    python killed_at_random.py FOLDER KILLS SEED [acknowledge-first]

It lives once itself, so that everything is loaded and every statement compiled, and forks each life from there. A life reads reports in its
own process (starting the reading process would take longer than a life); ``test_killed.py`` also kills the real command.
"""

from __future__ import annotations

import os
import random
import signal
import sys
import time
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

from todoku.cli.stored import clock, leased
from todoku.intake import process as processing
from todoku.intake import receive as taking
from todoku.intake.background_reader import reading
from todoku.intake.parse import Reading, Request, read
from todoku.intake.senders import Verification
from todoku.intake.source import Item
from todoku.intake.verify import Verifier
from todoku.net.suffix_list import bundled_suffixes
from todoku.store.store import Places, Store

sys.path.insert(0, str(Path(__file__).parent.parent))

from mint_reports import aggregate, wrapped
from senders import Dns

VERIFICATION = Verification(Dns(), bundled_suffixes())
EACH = 3  # items that arrive before each life


class Folder:
    """A source that forgets an item when it is acknowledged, as a queue does; or, for the counter-proof, when it gives it."""

    name = "folder"

    def __init__(self, folder: Path, *, acknowledge_first: bool) -> None:
        self.folder = folder
        self.acknowledge_first = acknowledge_first

    def items(self) -> Iterator[Item]:
        for path in sorted(self.folder.glob("*.item")):
            octets = path.read_bytes()
            if self.acknowledge_first:
                path.unlink()
            yield Item(path.name, octets)

    def acknowledge(self, ids: Sequence[str]) -> None:
        for name in ids:
            (self.folder / name).unlink(missing_ok=True)

    def skipped(self) -> Sequence[str]:
        return ()


class Here:
    """Reads in this process."""

    def __init__(self) -> None:
        self.verify = Verifier().verify

    def read(self, requests: Sequence[Request]) -> Reading:
        return read(requests)


def live(store: Store, source: Folder) -> None:
    """One life: everything that an ingest does."""
    with store.prepare(), reading(store, partial(leased, store), Here(), clock, VERIFICATION) as beside:
        for _ in taking.take(store, source, clock):
            beside.more()


def arrive(folder: Path, numbers: range, chance: random.Random) -> None:
    """Reports arrive; one in ten arrives once more, in another wrapping or the same."""
    for number in numbers:
        report = aggregate(number, count=number + 1)
        names = [f"{number:06}.item"]
        if chance.random() < 0.1:
            names.append(f"{number:06}-again.item")
        for place, name in enumerate(names):
            new = folder / f"{name}.new"
            new.write_bytes(wrapped(number + place * chance.randrange(4), report))
            new.rename(folder / name)


def life(store: Store, source: Folder) -> int:
    """The process of a new life."""
    pid = os.fork()
    if pid:
        return pid
    try:
        live(store, source)
        os._exit(0)
    except BaseException as error:  # noqa: BLE001 -- whatever it is, this process ends here
        sys.stderr.write(f"{error!r}\n")
        sys.stderr.flush()
        os._exit(1)


def main(folder: Path, kills: int, seed: int, *, acknowledge_first: bool) -> None:
    """Kill so many lives, then let one come to its end. Prints how many were killed and how many reports had arrived."""
    chance = random.Random(seed)
    taking.BATCH, processing.BATCH = 7, 4  # many batches, so that a kill meets each step
    store = Store(Places(folder=folder / "store"))
    source = Folder(folder / "source", acknowledge_first=acknowledge_first)
    source.folder.mkdir()
    arrive(source.folder, range(EACH), chance)
    live(store, source)
    killed, arrived = 0, EACH
    longest = 0.05  # seconds of a life: it follows how fast the machine is, so that about one in seven comes to its end
    while killed < kills:
        arrive(source.folder, range(arrived, arrived + EACH), chance)
        arrived += EACH
        pid = life(store, source)
        time.sleep(chance.random() * longest)
        os.kill(pid, signal.SIGKILL)
        _, status = os.waitpid(pid, 0)
        if os.WIFSIGNALED(status):
            killed += 1
            longest *= 1.03
        elif os.WEXITSTATUS(status):
            sys.exit(1)
        else:
            longest *= 0.85
    _, status = os.waitpid(life(store, source), 0)
    print(killed, arrived)
    sys.exit(os.waitstatus_to_exitcode(status))


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), acknowledge_first="acknowledge-first" in sys.argv)
