"""The words of a plan: steps in the order in which they depend on each other, and what stands against it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from todoku.words.change import Instruction, Irreversible, RecordSet, RecordSetChange, SesCall
from todoku.words.verdict import Text

VERSION = 1
"""Of the plan's document: a plan of another version is not carried out."""

TAG = "todoku:plan"
"""The tag that everything bears which a plan creates at AWS; its value is the plan's id. Undo deletes nothing without it."""


class Wait(msgspec.Struct, frozen=True, kw_only=True, tag="wait"):
    """Wait until a reply of SES holds one of the values ``until`` at ``path``; with one of ``hopeless`` it never will."""

    call: SesCall
    path: str  # "DkimAttributes.Status"
    until: tuple[str, ...]
    hopeless: tuple[str, ...] = ()
    usually: Text  # how long it takes


Action = RecordSetChange | SesCall | Wait | Instruction


class Expectation(msgspec.Struct, frozen=True, kw_only=True):
    """What must still be true of SES before a step: what the reply of ``call`` held at ``path`` when the plan was made.

    ``absent``: there must be no such thing at all (the call's answer is ``absent``).
    """

    call: SesCall
    path: str = ""
    value: Any = None
    absent: bool = False


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """One thing to do. ``id`` never changes within a plan; ``after`` are the ids of the steps that must be done before.

    ``undo`` are the calls that take back one of SES, in their order; a change of a record set takes itself back, from the set as it
    is found when it is made. ``undo_with`` names the option without which it is left as it is. ``risk``
    is what may go wrong by it, where it may.
    """

    id: str
    action: Action
    why: Text
    after: tuple[str, ...] = ()
    expects: tuple[Expectation, ...] = ()
    undo: tuple[SesCall, ...] | Irreversible = ()
    undo_with: str = ""
    risk: Text | None = None


class Conflict(msgspec.Struct, frozen=True, kw_only=True):
    """Something that is there already and that no program may decide about: the plan stops at it. ``tag`` never changes."""

    tag: str
    text: Text
    found: tuple[RecordSet, ...] = ()


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be done for one domain in one region of one account.

    ``profile`` gives the credentials, as in ``auth.ask.Call``; ``account`` is the number of the account that was read, and
    a plan is carried out in no other. ``unread``: what could not be looked at, so that the plan cannot be made. ``zones`` are
    the zones that its records lie in, as DNS says, the deepest first. ``earlier`` are the digests of the plans that this one was
    made anew from, whose journal it goes on with; their steps, where they are done, it no longer has.
    """

    id: str
    made: str  # when, UTC, ISO 8601
    account: str
    profile: str
    region: str
    domain: str
    steps: tuple[Step, ...] = ()
    conflicts: tuple[Conflict, ...] = ()
    unread: tuple[Text, ...] = ()
    options: Mapping[str, Any] = {}  # what it was asked with, so that --refresh asks the same
    zones: tuple[str, ...] = ()
    earlier: tuple[str, ...] = ()

    @property
    def ready(self) -> bool:
        """Whether it may be carried out."""
        return not self.conflicts and not self.unread

    def zone_of(self, name: str) -> str:
        """The zone that a name lies in; the plan's domain where none is known to hold it."""
        holding = (zone for zone in self.zones if name == zone or name.endswith(f".{zone}"))
        return next(holding, self.domain)

    def number_of(self, step_id: str) -> int:
        """The place of a step in the order of the plan, counted from 1."""
        return next(number for number, step in enumerate(self.steps, 1) if step.id == step_id)

    @property
    def waits_for_ses(self) -> bool:
        """Whether values of its records are known only after a call: ``plan --refresh`` fills them in afterwards."""
        return any(isinstance(step.action, RecordSetChange) and step.action.outputs for step in self.steps)
