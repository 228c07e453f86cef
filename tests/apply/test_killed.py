"""Killed before a line of the journal, after it, or after the call, at every step, and resumed: the end is the same."""

from __future__ import annotations

from pathlib import Path

import pytest

from apply.conftest import world
from apply.rig import Rig
from todoku.apply.apply import apply
from todoku.apply.journal import Journal, Line
from todoku.apply.undo import undo
from todoku.cli.plan_file import digests
from todoku.plan.step import Plan
from writers.conftest import CANARY, Knot

STEPS = ("create-identity", "dkim-1", "dkim-2", "dkim-3", "mail-from", "mail-from-mx", "mail-from-spf", "dmarc")
SETTINGS = ("mail-from", "tls-default-set")
"""What neither bears the plan's tag nor is written on a condition."""
PLACES = ("before doing", "after doing", "before done")
"""Before the line, after it, and after the call; the end of a step is the beginning of the next."""
BACK = ("before undoing", "after undoing", "before undone")


class Killed(BaseException):
    """The end of a program that nobody asked."""


class DeadlyJournal(Journal):
    """A journal at one of whose lines the program ends."""

    deadly: tuple[str, str] = ("", "")

    def append(self, line: Line) -> None:
        where = (line.step, line.state)
        if (where[0], f"before {where[1]}") == self.deadly:
            raise Killed
        super().append(line)
        if (where[0], f"after {where[1]}") == self.deadly:
            raise Killed


def deadly(rig: Rig, plan: Plan, step: str, place: str) -> DeadlyJournal:
    journal = DeadlyJournal(rig.journal_path, plan.id, digests(plan))
    if journal.is_new:
        journal.begin(())
    journal.deadly = (step, place)
    return journal


@pytest.fixture(scope="module")
def undisturbed(knot: Knot, tmp_path_factory: pytest.TempPathFactory, module_key: Path) -> object:
    """How the world is after a plan that nobody killed."""
    with world(knot, module_key, tmp_path_factory.mktemp("undisturbed")) as rig:
        rig.apply(rig.plan(require_tls=True))
        return knot.lines(), rig.account()


@pytest.fixture(scope="module")
def module_key(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("key") / "todoku.key"
    path.write_text(f'key "todoku" {{ algorithm hmac-sha256; secret "{CANARY}"; }};\n')
    path.chmod(0o600)
    return path


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("step", [*STEPS, "tls-set", "tls-default-set"])
def test_apply(rig: Rig, knot: Knot, undisturbed: object, step: str, place: str) -> None:
    before = knot.lines(), rig.account()
    plan = rig.plan(require_tls=True)
    with deadly(rig, plan, step, place) as journal, pytest.raises(Killed):
        apply(plan, rig.hands(), journal, seconds=3600)
    assert set(rig.apply(plan).values()) <= {"done", "unchanged"}
    assert (knot.lines(), rig.account()) == undisturbed
    written = rig.journal_path.read_bytes()
    assert set(rig.apply(plan).values()) == {"unchanged"}
    assert rig.journal_path.read_bytes() == written
    outcomes = rig.undo(plan, "--delete-identity")
    if place == "before done" and step in SETTINGS:  # SES sets on no condition: who did it nobody can say
        assert outcomes.pop(step) == "conflict"
        assert rig.undo(plan, "--delete-identity") == {step: "unchanged"}  # it went with the identity
    assert set(outcomes.values()) == {"done"}
    assert (knot.lines(), rig.account()) == before


@pytest.mark.parametrize("place", BACK)
@pytest.mark.parametrize("step", STEPS)
def test_undo(rig: Rig, knot: Knot, step: str, place: str) -> None:
    before = knot.lines(), rig.account()
    plan = rig.plan()
    rig.apply(plan)
    with deadly(rig, plan, step, place) as journal, pytest.raises(Killed):
        undo(plan, rig.hands(), journal, also=("--delete-identity",), seconds=3600)
    assert set(rig.undo(plan, "--delete-identity").values()) <= {"done", "unchanged"}
    assert (knot.lines(), rig.account()) == before
    with rig.journal(plan) as journal:
        assert journal.entries == ()
