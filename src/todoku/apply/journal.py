"""The journal of a plan: what is being done and what was done, on the disk before and after each call.

A plan may be killed at any moment. What stands in the journal as ``doing`` may have been done or not: whoever resumes
looks at the world. What stands there as ``done`` this plan did, ``told`` it told a person to do; undo takes back nothing
else, but for what bears the plan's tag, and for records that were not there when they were begun.

The file is JSON lines beside the plan, its owner's alone to read: a first line that says of which plan it is, then a line
before and after each call, written and synchronized with the disk before anything else happens. A program that is killed
while it writes leaves half a line, which is cut off. A journal of which all has been undone gives way to another plan's.
The file is locked as long as a plan is carried out, by ``flock``, which ends with the process however it ends. Nothing
secret is in it: no reply of an API, no credentials. It bears the digest of its plan, and belongs to the user
who runs this: a journal that another user laid there is refused, by root too.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Literal, Self

import msgspec

from todoku.net.own_file import open_to_append, open_to_read, write_whole
from todoku.plan.step import Step
from todoku.words.change import Irreversible, RecordSetChange, SesCall
from todoku.words.errors import UsageError
from todoku.words.verdict import Result, Text

FORMAT = 1
MAX_JOURNAL = 16 * 2**20  # octets: ours
_BEGINNING = b'{"journal":'

State = Literal["doing", "told", "done", "undoing", "undone"]


class Before(msgspec.Struct, frozen=True, array_like=True):
    """A verdict before the plan was begun."""

    requirement: str
    receiver: str
    result: Result
    reason: str
    missing: Literal["not-asked", "could-not-look"] | None = None


class Head(msgspec.Struct, frozen=True, kw_only=True):
    """The first line: of which plan the journal is, and how it stood with the domain when that was begun."""

    journal: int
    plan: str
    digest: str = ""  # of the plan that was begun
    before: tuple[Before, ...] = ()


class Line(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What happens to a step. ``what``, ``undo`` and ``undo_with`` stand with ``doing`` alone.

    A change of a record set has as its ``before`` the set as it was read just then, and takes itself back; ``undo`` is of
    calls. They stand here and not only in the plan, since a plan that is made anew no longer has the steps that were done.
    """

    step: str
    state: State
    at: str  # UTC, ISO 8601
    what: RecordSetChange | SesCall | None = None
    undo: tuple[SesCall, ...] | Irreversible = ()
    undo_with: str = ""


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """What the journal knows of a step that has been begun and not been undone."""

    step: str
    state: State
    what: RecordSetChange | SesCall
    undo: tuple[SesCall, ...] | Irreversible = ()
    undo_with: str = ""


def beside(plan: Path) -> Path:
    """Where the journal of a plan is: ``plan.journal`` beside ``plan.json``, and by whatever link that is named, the same one."""
    plan = plan.resolve() if plan.is_symlink() else plan
    return plan.with_suffix(".journal") if plan.suffix == ".json" else plan.with_name(f"{plan.name}.journal")


def begun(step: Step, what: RecordSetChange | SesCall, at: str) -> Line:
    """The line that stands in the journal before a step is done."""
    return Line(step=step.id, state="doing", at=at, what=what, undo=step.undo, undo_with=step.undo_with)


def entries_in(path: Path, plan_id: str, digests: Sequence[str] = ("",)) -> tuple[Entry, ...]:
    """What a journal knows, without opening it to write; nothing where there is none. Raises ``UsageError`` as ``Journal`` does."""
    try:
        with os.fdopen(open_to_read(path), "rb") as file:
            octets = file.read(MAX_JOURNAL + 1)
    except FileNotFoundError:
        return ()
    except OSError as error:
        raise _failed(path, error) from None
    whole = _whole(octets, path)
    return tuple(_parsed(octets[:whole], path, plan_id, digests)[1].values()) if whole else ()


class Journal:
    """The journal of one plan, open and locked. ``entries`` are the steps to undo, in the order in which they were begun."""

    def __init__(self, path: Path, plan_id: str, digests: Sequence[str] = ("",)) -> None:
        """Open it, or begin it. Raises ``UsageError`` where another process has it, or where it is not this plan's.

        ``digests``: that of the plan, then those of the plans that it was made anew from; the journal bears one of them.
        """
        self.path = path
        self._digests = digests
        self.head = Head(journal=FORMAT, plan=plan_id, digest=digests[0])
        self.is_new = True
        self._entries: dict[str, Entry] = {}
        try:
            self._file = open_to_append(path)
        except OSError as error:
            raise _failed(path, error) from None
        try:
            self._lock()
            self._read()
        except BaseException:
            os.close(self._file)
            raise

    def __enter__(self) -> Self:
        """The journal itself; closed, and so unlocked, at the end."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        """Close it."""
        os.close(self._file)

    @property
    def entries(self) -> tuple[Entry, ...]:
        """Every step that has been begun and not been undone."""
        return tuple(self._entries.values())

    def entry(self, step: str) -> Entry | None:
        """What is known of a step; None where there is nothing of it to undo."""
        return self._entries.get(step)

    def begin(self, before: Iterable[Before]) -> None:
        """Write the first line. Raises ``UsageError`` where the disk does not take it, as ``append`` does."""
        self.head = msgspec.structs.replace(self.head, before=tuple(before))
        self._write(msgspec.json.encode(self.head))
        self.is_new = False
        folder = os.open(self.path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)  # so that the file itself is there after a power cut
        finally:
            os.close(folder)

    def append(self, line: Line) -> None:
        """Write a line: when this returns it is on the disk."""
        self._write(msgspec.json.encode(line))
        _apply(self._entries, line)

    def _write(self, octets: bytes) -> None:
        try:
            write_whole(self._file, octets + b"\n")
            os.fsync(self._file)
        except OSError as error:
            raise _failed(self.path, error) from None

    def _lock(self) -> None:
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise UsageError(
                Text(
                    f"another todoku is carrying out this plan (it holds {str(self.path)!r}): wait until it is done",
                    f"この計画は別のtodokuが実行中です({str(self.path)!r} がロックされています)。終了を待ってください",
                )
            ) from None

    def _read(self) -> None:
        """Take in what is there; a half-written end is cut off, once it is sure that the file is a journal."""
        try:
            with os.fdopen(os.dup(self._file), "rb") as file:
                octets = file.read(MAX_JOURNAL + 1)
            whole = _whole(octets, self.path)
            if whole:
                head, self._entries = _parsed(octets[:whole], self.path, self.head.plan, self._digests)
                self.is_new = (
                    head.plan != self.head.plan or head.digest not in self._digests
                )  # that of a plan of which nothing is left to undo
                whole, self.head = (0, self.head) if self.is_new else (whole, head)
            if whole < len(octets):
                os.ftruncate(self._file, whole)
        except OSError as error:
            raise _failed(self.path, error) from None


def _whole(octets: bytes, path: Path) -> int:
    """How many octets are whole lines. Raises ``UsageError`` where there is none, and no beginning of one of ours either."""
    whole = octets.rfind(b"\n") + 1
    if not whole and not (octets.startswith(_BEGINNING) or _BEGINNING.startswith(octets)):
        raise _not_a_journal(path)
    return whole


def _parsed(octets: bytes, path: Path, plan_id: str, digests: Sequence[str]) -> tuple[Head, dict[str, Entry]]:
    """What whole lines say. Raises ``UsageError`` where they are no journal, or that of another plan, with something to undo."""
    first, *lines = octets.splitlines()
    entries: dict[str, Entry] = {}
    try:
        head = msgspec.json.decode(first, type=Head)
        known = msgspec.json.Decoder(Line)
        for line in lines:
            _apply(entries, known.decode(line))
    except (ValueError, RecursionError):
        raise _not_a_journal(path) from None
    if head.journal != FORMAT or len(octets) > MAX_JOURNAL:
        raise _not_a_journal(path)
    if (head.plan != plan_id or head.digest not in digests) and entries:
        raise UsageError(
            Text(
                f"{str(path)!r} is the journal of another plan ({head.plan}), which needs it to be undone: "
                "give this plan another name",
                f"{str(path)!r} は別の計画({head.plan})の実行記録で、その取り消しに必要です。"
                "この計画には別のファイル名を付けてください",
            )
        )
    return head, entries


def _apply(entries: dict[str, Entry], line: Line) -> None:
    """Take a line into what is known. Raises ``ValueError`` where it cannot follow what stands before it."""
    if line.state == "doing":
        if line.what is None:
            raise ValueError(line.step)
        entries.pop(line.step, None)  # done anew, it is the last that was begun
        entries[line.step] = Entry(
            step=line.step, state="doing", what=line.what, undo=line.undo, undo_with=line.undo_with
        )
    elif line.step not in entries:
        raise ValueError(line.step)
    elif line.state == "undone":
        del entries[line.step]
    else:
        entries[line.step] = msgspec.structs.replace(entries[line.step], state=line.state)


def _failed(path: Path, error: OSError) -> UsageError:
    return UsageError(
        Text(
            f"the journal {str(path)!r} cannot be kept: {error.strerror}; nothing is done without it",
            f"実行記録 {str(path)!r} を書き込めないため、処理を中止しました({error.strerror})",
        )
    )


def _not_a_journal(path: Path) -> UsageError:
    return UsageError(
        Text(
            f"{str(path)!r} is not a journal that this version can read; it is left as it is",
            f"{str(path)!r} はこのバージョンで読める実行記録ではありません。内容は変更していません",
        )
    )
