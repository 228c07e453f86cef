"""What the receivers' rules are on a day, and what changed between two days."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import msgspec

from todoku.words.verdict import Clause, Requirement, Text


class RuleChange(msgspec.Struct, frozen=True):
    """A day on which rules came or went: in a sentence, with the requirements and receivers that it concerns."""

    day: date
    headline: Text
    came: tuple[tuple[str, Clause], ...]
    went: tuple[tuple[str, Clause], ...]


def rules_on(requirements: Sequence[Requirement], day: date) -> tuple[tuple[Requirement, tuple[Clause, ...]], ...]:
    """Each requirement with its clauses in force on ``day``; those that nobody asks for then are left out."""
    pairs = ((one, tuple(clause for clause in one.clauses if clause.in_force(day))) for one in requirements)
    return tuple((requirement, clauses) for requirement, clauses in pairs if clauses)


def rule_changes(requirements: Sequence[Requirement], first: date, last: date) -> tuple[RuleChange, ...]:
    """What came or went after ``first`` and up to ``last``, by day; what shares a day and a headline is one change.

    The first day on which a rule was merely seen is no change, unless an older copy was without it: then it has a headline.
    """
    came: dict[tuple[date, Text], list[tuple[str, Clause]]] = {}
    went: dict[tuple[date, Text], list[tuple[str, Clause]]] = {}
    for requirement in requirements:
        for clause in requirement.clauses:
            began = None if clause.since_seen and clause.headline is None else clause.since
            for day, changes in ((began, came), (clause.until, went)):
                if day is not None and first < day <= last:
                    key = (day, clause.headline or requirement.title)
                    changes.setdefault(key, []).append((requirement.id, clause))
    days = sorted({*came, *went}, key=lambda key: (key[0], key[1].en))
    return tuple(
        RuleChange(day, text, tuple(came.get((day, text), ())), tuple(went.get((day, text), ()))) for day, text in days
    )
