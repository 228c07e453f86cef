"""The process that reads reports: it trusts nothing that it is given, and it holds nothing that could be taken.

``worker.py`` starts it with an empty environment, in the root folder, with two pipes and nothing else open. Before
it reads the first octet it gives up what it could do harm with:

- **No network, no other program, no file.** An audit hook of the interpreter, which cannot be removed again, ends the
  process on the first attempt to make a socket, start a program, or open a file that is no part of the interpreter or of
  an installed package (code that is needed seldom is loaded when it is). This holds against code written in Python. It is no wall around the C code of libxml2, zlib or Arrow: a fault there would have to be kept in by the
  system (a container, systemd's ``PrivateNetwork``).
- **Bounds.** Memory, processor time for what is asked at once, and the size of files that it may write (none).

What is asked is a length and a ``Job``; the reply a length and a ``Reading``.
"""

from __future__ import annotations

import os
import resource
import signal
import struct
import sys
import time
from typing import Any, BinaryIO

import msgspec

from todoku.auth.ask import Answer
from todoku.intake.parse import Reading, Request, read
from todoku.intake.verify import Verifier

MEMORY = 3 * 2**30  # octets of address space; Arrow reserves much and uses little
ITEM_SECONDS = 60  # of the processor, for what is asked at once
ARRIVED = 172_800_000_000  # microseconds: so that the samples, of 1970, are read and load all code
FORBIDDEN = (
    *("socket.", "subprocess.", "os.exec", "os.fork", "os.posix_spawn", "os.spawn", "os.system", "pty.", "ctypes."),
    *("os.remove", "os.rename", "os.mkdir", "os.rmdir", "os.link", "os.symlink", "os.scandir", "sqlite3.", "winreg."),
    *(
        "os.chmod",
        "os.chown",
        "os.truncate",
        "os.kill",
        "os.putenv",
        "shutil.",
        "urllib.",
        "http.",
        "ftplib.",
        "smtplib.",
    ),
)
LENGTH = struct.Struct(">Q")
CODE = tuple({os.path.join(os.path.realpath(path), "") for path in sys.path if path})  # noqa: PTH118 -- no objects in a hook
"""Where code is loaded from. ``-I`` keeps the working place and the environment out of it."""
WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND


class Job(msgspec.Struct, frozen=True):
    """What is asked: reports to read, or mail whose signatures to verify, with answers of the DNS to the questions that this raised."""

    read: tuple[Request, ...] = ()
    verify: tuple[Request, ...] = ()
    answers: tuple[Answer, ...] = ()


def serve(requests: BinaryIO, replies: BinaryIO) -> None:
    """Answer whatever is asked until there is no more."""
    decoder, encoder = msgspec.msgpack.Decoder(Job), msgspec.msgpack.Encoder()
    verifier = Verifier()
    warm_up()
    renounce()
    while head := requests.read(LENGTH.size):
        job = decoder.decode(requests.read(*LENGTH.unpack(head)))
        _allow(ITEM_SECONDS)
        octets = encoder.encode(_done(job, verifier))
        replies.write(LENGTH.pack(len(octets)))
        replies.write(octets)
        replies.flush()


def _done(job: Job, verifier: Verifier) -> Reading:
    signed = verifier.verify(job.verify, job.answers)
    return msgspec.structs.replace(read(job.read, time.process_time), signed=signed)


def warm_up() -> None:
    """Load what reading loads when it is first needed."""
    from todoku.intake.sample import EVENT, KEY, SAMPLES, SIGNED  # noqa: PLC0415 -- the child alone needs it

    for sample in SAMPLES:
        read([Request(ARRIVED, sample)])
    read([Request(ARRIVED, EVENT, authentic=True)])
    Verifier().verify([Request(ARRIVED, SIGNED)], [KEY])


def renounce() -> None:
    """Give up files, network, programs and more memory, for good."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    sys.addaudithook(_refuse)


def _refuse(event: str, arguments: tuple[Any, ...]) -> None:
    looks = event in ("open", "os.listdir")
    if not _loads_code(*arguments[:3:2]) if looks else event.startswith(FORBIDDEN):
        os.write(2, f"refused: {event}\n".encode())
        os._exit(70)  # at once: an exception could be caught


def _loads_code(path: object, flags: int = 0) -> bool:
    """Whether this is how Python loads code: reading, from where code is."""
    return isinstance(path, str) and not flags & WRITES and os.path.realpath(path).startswith(CODE)


def _allow(seconds: int) -> None:
    """So much of the processor from now on; then the kernel ends the process."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    resource.setrlimit(resource.RLIMIT_CPU, (int(used.ru_utime + used.ru_stime) + seconds, resource.RLIM_INFINITY))


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent ends it, by closing the pipe
    serve(sys.stdin.buffer, sys.stdout.buffer)
