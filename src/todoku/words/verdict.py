"""The words of a report: what was asked for, what was seen, what follows from it.

This module imports nothing of ours: every other one speaks its words. A ``Reason``'s tag is for machines and tests; it
never changes and is never reused. Texts are templates: ``{domain}`` is filled from the finding's ``values`` only when somebody
reads it (``sentence``), so that a verdict costs microseconds and keeps its data.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Any, Literal, get_args

import msgspec

Receiver = str
"""A receiver's key: that of a file in ``receivers/``. What a user names is checked where it comes in."""
Volume = Literal["all", "bulk"]
Level = Literal["must", "should", "info"]
"""How strongly a receiver asks. ``info``: others report it, the receiver itself does not say it; nothing is judged by it."""
Result = Literal["pass", "warn", "fail", "unknown", "notapplicable"]
WitnessKind = Literal["message", "setup", "receiver", "provider"]
Purpose = Literal["marketing", "transactional", "unstated"]
Certainty = Literal["own-text", "undated", "reported"]
"""The receiver's own dated text was read; its own text in a copy without a date; only others report it."""
ConsequenceKind = Literal["reject", "defer", "spam", "no-support", "warning", "policy", "advice"]
"""What a receiver does, the hardest first. ``policy``: what the domain's own DMARC policy asks for."""
CONSEQUENCE_KINDS: tuple[ConsequenceKind, ...] = get_args(ConsequenceKind)
Value = str | int | float | bool | tuple[str, ...] | None
Values = Mapping[str, Value]


MAY_BE_NONE = ("spf_domain", "dkim_domains", "before", "after")
"""Values that say "none" where there is no domain, no record or no setting."""

PERCENT = re.compile(r"[0-9.]+ %")
"""A rate as ``percent`` writes it; in Japanese no blank stands before the sign."""


class Text(msgspec.Struct, frozen=True):
    """One sentence in the two languages the project speaks, each written for its own readers."""

    en: str
    ja: str


class Consequence(msgspec.Struct, frozen=True):
    """What a receiver does with mail that does not meet a rule: a sentence of its own, its replies, and who says so.

    ``codes`` are the SMTP replies that the receiver's pages name for the rule. ``certain`` says how sure the consequence is,
    which may be less than the rule is: many a page has the rule and not what follows from it.
    """

    kind: ConsequenceKind
    text: Text
    codes: tuple[str, ...] = ()
    source: str = ""
    certain: Certainty = "own-text"


class Clause(msgspec.Struct, frozen=True, kw_only=True, cache_hash=True):
    """One receiver's rule in our own words: whom it binds, since when, where it is written, and what follows if it is not met.

    ``aspect`` tells two clauses of one receiver and requirement apart (``dmarc-record``: the record itself, and
    ``aspect="rua"``). ``variant`` names how this receiver asks otherwise than others do for the same, where a verdict depends
    on it: so that a requirement never asks who the receiver is. ``since`` and ``until`` are the first day in force and the first day no longer in force; ``since``
    is None where nothing tells from when the receiver asks. With ``since_seen`` or ``until_seen`` the receiver names no day,
    and it is the first on which a copy of its text was seen with the rule, or without. ``codes`` are the SMTP replies that the
    receiver's own pages name for the rule, ``seen_codes`` those that only real bounces or others show. ``headline`` is what
    ``todoku rules diff`` says on the day that the clause came or went; clauses of one receiver that came on one day share it.
    """

    receiver: Receiver
    volume: Volume
    level: Level
    text: Text
    since: date | None
    source: str
    read_on: date
    consequence: Consequence
    until: date | None = None
    since_seen: bool = False
    until_seen: bool = False
    aspect: str = ""
    variant: str = ""
    codes: tuple[str, ...] = ()
    seen_codes: tuple[str, ...] = ()
    certain: Certainty = "own-text"
    headline: Text | None = None

    def in_force(self, day: date) -> bool:
        """Whether the rule binds on ``day``."""
        return (self.since is None or self.since <= day) and (self.until is None or day < self.until)


class Fix(msgspec.Struct, frozen=True):
    """A way to mend a cause. ``build`` takes facts by its parameters' names and returns typed changes (``words/change.py``)."""

    id: str
    title: Text
    build: Callable[..., tuple[Any, ...]]


class Reason(msgspec.Struct, frozen=True):
    """Why a verdict fell. ``consequence``: what follows where it is not what follows from the clause, as of a fault that hurts the
    sender and that no receiver minds. ``fixes`` mend this cause; ``case`` names its rows in our list of known failures ("F01 F02").
    """

    tag: str
    text: Text
    fixes: tuple[Fix, ...] = ()
    case: str = ""
    consequence: Consequence | None = None


class Exhibit(msgspec.Struct, frozen=True, gc=False):
    """One piece of evidence as a person can check it.

    ``kind`` says where it is from; ``source`` names it (``"DKIM-Signature"``, ``"_dmarc.example.com TXT"``), ``value`` is
    what stands there, ``offset`` the byte in the message where it stands, ``mark`` the decisive part of the value (in
    ``ap-northeast-1.amazonses.com``, ``amazonses.com``: what alignment compares), which renderers underline.
    """

    kind: Literal["header", "body", "dns", "api", "report", "computed"]
    source: str
    value: str
    offset: int | None = None
    mark: str = ""


class Missing(msgspec.Struct, frozen=True):
    """A fact that could not be had, and why.

    ``not-asked``: nothing in this subject can show it. ``could-not-look``: a time-out, a refusal, a limit that was hit.
    """

    kind: Literal["not-asked", "could-not-look"]
    reason: Reason
    values: Values = {}


class Note(msgspec.Struct, frozen=True, gc=False):
    """A further thing that a witness saw and that a person should read; it does not decide the verdict by itself."""

    reason: Reason
    values: Values = {}
    exhibits: tuple[Exhibit, ...] = ()


class Finding(msgspec.Struct, frozen=True, gc=False):
    """What one witness says about one clause. ``missing`` is set with ``unknown`` and tells its two kinds apart.

    ``reported_by``: the finding rests on what this receiver reported, because we could not look ourselves; it counts only
    where we could not.
    """

    result: Result
    reason: Reason
    values: Values = {}
    exhibits: tuple[Exhibit, ...] = ()
    notes: tuple[Note, ...] = ()
    missing: Literal["not-asked", "could-not-look"] | None = None
    reported_by: str = ""


SEVERITY: dict[tuple[Result, str | None], int] = {
    ("fail", None): 5,
    ("unknown", "could-not-look"): 4,
    ("warn", None): 3,
    ("unknown", "not-asked"): 2,
    ("pass", None): 1,
    ("notapplicable", None): 0,
}
"""What decides where several things are said of one requirement. A fail is sure, whatever else is not known. What could not
be looked at may hide a fail, so that it outranks a warning: the exit code must not say "clean". What nothing in the subject
can show outranks a pass, which would promise too much, but not a warning, which someone can act on."""


def worst(findings: Iterable[Finding]) -> Finding:
    """The finding that decides; of equals the first."""
    return max(findings, key=lambda said: SEVERITY[said.result, said.missing])


class Witness(msgspec.Struct, frozen=True):
    """One independent way to see whether a requirement is met.

    ``decide(clause, *facts)`` names the facts it needs as parameters after the clause: fields of ``Evidence``, what
    ``agenda.WORKED_OUT`` makes of them, or ``terms``.
    Its first parameter's name says what it looks at of a clause, and it is asked once for clauses that are alike in that:
    ``clause`` (all of it), ``aspect``, ``variant``, or ``_clause`` (nothing). A fact that is ``Missing`` makes the finding
    ``unknown`` before ``decide`` is called, unless the parameter's annotation admits ``Missing``. It may return None: "this clause does not concern this subject and I have
    nothing to say" (the verdict is then left to the other witnesses).
    """

    kind: WitnessKind
    decide: Callable[..., Finding | None]


class SesDefault(msgspec.Struct, frozen=True):
    """Whether SES meets the requirement by itself: yes, no, or None where it depends on what you do; and who says so.

    ``source`` is "" where no page says so, and it was only seen in real mail.
    """

    met: bool | None
    text: Text
    source: str


class Requirement(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """One thing that receivers ask for, complete in one file of ``requirements/``.

    ``elsewhere`` is said when no witness of the subject could speak: it names what would tell.
    ``setup_page`` is where a reader sets it up, in each language.
    """

    id: str
    title: Text
    clauses: tuple[Clause, ...]
    ses_default: SesDefault
    witnesses: tuple[Witness, ...]
    elsewhere: Reason
    setup_page: Text
    google_row: str = ""  # its name in Postmaster Tools v2's compliance status
    law: Reason | None = None  # what Japanese law asks besides: a note where Japan's receivers are judged


class Terms(msgspec.Struct, frozen=True, kw_only=True):
    """By which rules to judge: those of a day, of some receivers, for a sender of this volume and a mail of this purpose."""

    as_of: date
    receivers: tuple[Receiver, ...]
    volume: Volume | Literal["small"] = "bulk"
    purpose: Purpose = "unstated"


class WitnessFinding(msgspec.Struct, frozen=True, gc=False):
    """A witness with what it found for the verdict's receiver."""

    kind: WitnessKind
    finding: Finding


class Verdict(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What holds for one requirement, one receiver, and one thing it is about (None for a message or a domain).

    ``accepted``: its owner has said that it may be so; it is shown, with a note of why, and does not count.
    """

    requirement: str
    receiver: Receiver
    clause: Clause  # the clause that decided
    result: Result
    reason: Reason
    values: Values = {}
    exhibits: tuple[Exhibit, ...] = ()
    notes: tuple[Note, ...] = ()
    witnesses: tuple[WitnessFinding, ...] = ()
    missing: Literal["not-asked", "could-not-look"] | None = None
    about: tuple[str, str] | None = None  # (identity, region)
    accepted: bool = False
    reported_by: str = ""  # the receiver on whose word it rests, where we could not look ourselves

    @property
    def consequence(self) -> Consequence:
        """What follows if it is not met: from the reason where that has its own, else from the receiver's rule."""
        return self.reason.consequence or self.clause.consequence

    def text(self, language: Literal["en", "ja"] = "en") -> str:
        """The sentence that a report shows, filled in. What strangers wrote stands in it as they wrote it."""
        told = sentence(self)
        return told.ja if language == "ja" else told.en


def fill(text: Text, values: Mapping[str, Value]) -> Text:
    """A template with its values filled in, in both languages."""
    shown = {name: show_value(value) for name, value in values.items()}
    japanese = {name: _in_japanese(name, value) for name, value in shown.items()}
    return Text(text.en.format_map(shown), text.ja.format_map(japanese))


def _in_japanese(name: str, shown: str) -> str:
    if name in MAY_BE_NONE and shown == "none":
        return "なし"
    return shown.replace(" ", "") if PERCENT.fullmatch(shown) else shown


def sentence(said: Verdict | Finding | Note) -> Text:
    """What a verdict, a finding or a note says; by whose word, where it is not our own."""
    told = fill(said.reason.text, said.values)
    who = "" if isinstance(said, Note) else said.reported_by
    return Text(f"As {who} reported: {told.en}", f"{who}の判定による: {told.ja}") if who else told


def show_value(value: Value) -> str:
    """A value as it stands in a sentence."""
    if isinstance(value, tuple):
        return ", ".join(value)
    return "" if value is None else str(value)
