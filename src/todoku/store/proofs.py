"""Who is proven to have sent each mail, in files beside the raw octets: keys are withdrawn, so it cannot be found out again.

``proofs/2026-11-24`` is the file of one day of arrival. Lines are appended to it: the hash of the octets, the result, the signing domain.
If the database is lost, ``todoku store rebuild`` fills it from these files and the spool. ``senders.py`` holds the same in the database.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Literal

import msgspec

from todoku.store.away import disk
from todoku.store.raw import synchronize, write_all

ProofResult = Literal["proven", "none", "past", "unknown", "absent"]
"""What the signatures of some octets prove.

``proven``: one that is aligned with the author's domain verifies (RFC 9989 section 4.4.1); ``none``: none does;
``past``: there is an aligned one whose key is gone or that has expired; ``unknown``: the DNS did not answer; ``absent``: it is no mail.
"""

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_LINE = re.compile(rb"([0-9a-f]{64}) (proven|none|past) ([!-~]*)")


class Proof(msgspec.Struct, frozen=True):
    """Who is proven to have sent some octets.

    ``hash``: their name in the spool; ``signer``: the domain that is ``proven``, or that was or may be, where it is known; else "".
    """

    hash: str
    result: ProofResult
    signer: str = ""


class Proofs:
    """The folder of proofs. Only the holder of the store's lease adds to it."""

    def __init__(self, folder: Path) -> None:
        """Name the folder; it is made when something is added."""
        self.folder = folder

    def add(self, day: str, proofs: Iterable[Proof]) -> None:
        """Make durable the proofs of octets that arrived on a day; ``unknown`` and ``absent`` are left out. Raises ``Away``."""
        lines = [
            f"\n{one.hash} {one.result} {one.signer}\n" for one in proofs if one.result not in ("unknown", "absent")
        ]
        if not lines:
            return
        with disk(self.folder):
            if not self.folder.is_dir():
                self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
                synchronize(self.folder.parent)
            is_new = not (self.folder / day).exists()
            file = os.open(self.folder / day, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
            try:
                write_all(file, "".join(lines).encode())
                os.fsync(file)
            finally:
                os.close(file)
            if is_new:
                synchronize(self.folder)

    def all(self) -> Iterator[Proof]:
        """Every proof in the order in which it was added: of the same octets the last one counts. Raises ``Away``."""
        for path in self._days():
            with disk(self.folder), path.open("rb") as file:
                for line in file:
                    if found := _LINE.fullmatch(line.rstrip(b"\n")):  # else the line was cut off by a loss of power
                        hash_, result, signer = (each.decode("ascii") for each in found.groups())
                        yield Proof(hash_, _RESULTS[result], signer)

    def forget(self, days: Sequence[str]) -> None:
        """Remove the proofs of days of which no octets are kept any more. Raises ``Away``."""
        with disk(self.folder):
            for day in days:
                (self.folder / day).unlink(missing_ok=True)

    def days(self) -> list[str]:
        """The days of which there are proofs. Raises ``Away``."""
        return [path.name for path in self._days()]

    def _days(self) -> list[Path]:
        with disk(self.folder):
            found = self.folder.iterdir() if self.folder.is_dir() else ()
            return sorted(path for path in found if _DAY.fullmatch(path.name))


_RESULTS: dict[str, ProofResult] = {"proven": "proven", "none": "none", "past": "past"}
