"""The answers of ``todoku reports`` in one document, version 1: what ``--format json`` writes and every other form is made of.

Only what was asked is there. Fields are added, never renamed or dropped, within a version.
"""

from __future__ import annotations

from datetime import date
from typing import Literal, get_args

import msgspec

from todoku.feedback.answers import (
    Bounces,
    Complaints,
    DomainNow,
    Extent,
    Failures,
    Grouping,
    Outcomes,
    Passing,
    Period,
    Reporter,
    Stream,
    TlsSessions,
    WhatIf,
)

REPORTS_VERSION = 1

Question = Literal[
    "overview", "sources", "passing", "unaligned", "reporters", "whatif", "tls", "bounces", "complaints", "failures"
]
QUESTIONS: tuple[Question, ...] = get_args(Question)


class Tool(msgspec.Struct, frozen=True):
    """Which program wrote the document."""

    version: str
    reports: int = REPORTS_VERSION


class Answers(msgspec.Struct, frozen=True, kw_only=True):
    """What was asked, and the answers. ``extent``: which aggregate reports there are in it; null where there is none.

    ``asked_on``: the day of UTC. ``verified``: only reports that their reporter signed were asked.
    """

    todoku: Tool
    question: Question
    domain: str
    since: date | None
    until: date | None
    extent: Extent | None
    asked_on: date | None = None
    verified: bool = False
    by: Period = "week"
    domains: tuple[DomainNow, ...] | msgspec.UnsetType = msgspec.UNSET
    sources: tuple[Stream, ...] | msgspec.UnsetType = msgspec.UNSET
    passing: tuple[Passing, ...] | msgspec.UnsetType = msgspec.UNSET
    unaligned: tuple[Stream, ...] | msgspec.UnsetType = msgspec.UNSET
    reporters: tuple[Reporter, ...] | msgspec.UnsetType = msgspec.UNSET
    whatif: WhatIf | msgspec.UnsetType = msgspec.UNSET
    tls: tuple[TlsSessions, ...] | msgspec.UnsetType = msgspec.UNSET
    bounces_by: Grouping | None = None
    bounces: tuple[Bounces, ...] | msgspec.UnsetType = msgspec.UNSET
    outcomes: tuple[Outcomes, ...] | msgspec.UnsetType = msgspec.UNSET
    complaints: tuple[Complaints, ...] | msgspec.UnsetType = msgspec.UNSET
    failures: tuple[Failures, ...] | msgspec.UnsetType = msgspec.UNSET


def render_json(answers: Answers) -> str:
    """The document."""
    return msgspec.json.format(msgspec.json.encode(answers), indent=2).decode() + "\n"
