"""From evidence to verdicts: total, pure, and free of order. The same evidence gives the same verdicts, for ever.

One verdict comes out for each requirement and each receiver that asks for it on the day. What cannot be seen is
``unknown``, never ``fail`` and never ``pass``; a clause that is only advice turns ``fail`` into ``warn``.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from functools import cache, lru_cache
from operator import attrgetter
from types import ModuleType
from typing import Any, NamedTuple

import msgspec

from todoku import causes, requirements
from todoku.auth.ask import Answer
from todoku.evidence import Evidence
from todoku.receivers import NAMES
from todoku.verdict import (
    SEVERITY,
    Clause,
    Finding,
    Fix,
    Missing,
    Note,
    Reason,
    Receiver,
    Requirement,
    Result,
    Terms,
    Text,
    Verdict,
    Witness,
    WitnessFinding,
    worst,
)

SMALL_SENDER = Reason(
    "small-sender",
    Text("Asked of bulk senders only.", "一括送信者だけに求められる要件です。"),
)
RECEIVER_DISAGREES = Reason(
    "receiver-disagrees",
    Text(
        "Our evaluation says {ours}, but {receiver} itself said {theirs} when the message arrived.",
        "本ツールの評価は「{ours}」ですが、受信時に{receiver}自身は「{theirs}」と判定していました。",
    ),
)
CONCERNS_NOTHING = Reason(
    "not-concerned",
    Text("This rule does not concern this message.", "このメールには関係しない要件です。"),
)


class ReadyFix(msgspec.Struct, frozen=True):
    """A fix with the real names filled in, and the reasons that it mends. ``advice``: no requirement is unmet without it."""

    fix: Fix
    changes: tuple[Any, ...]
    mends: tuple[str, ...]
    advice: bool = False


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """All that there is to say of a subject: what was seen, by which terms it was judged, what follows, how it is mended.

    ``transcript`` holds every question that was asked, with its answer, in order: the proof, and what replays it.
    """

    evidence: Evidence
    terms: Terms
    verdicts: tuple[Verdict, ...]
    fixes: tuple[ReadyFix, ...]
    transcript: tuple[Answer, ...] = ()


@cache
def catalogue() -> tuple[Requirement, ...]:
    """Every requirement, found by walking the folder, in the order of its id."""
    return tuple(sorted((module.REQUIREMENT for module in _modules(requirements)), key=lambda one: one.id))


@cache
def reasons() -> dict[str, Reason]:
    """Every reason by its tag, wherever it is defined."""
    here = importlib.import_module(__name__)
    found = [
        value
        for module in (*_modules(requirements), *_modules(causes), here)
        for value in vars(module).values()
        if isinstance(value, Reason)
    ]
    return {reason.tag: reason for reason in (*found, *(requirement.elsewhere for requirement in catalogue()))}


def _modules(package: ModuleType) -> Iterator[ModuleType]:
    for module in pkgutil.iter_modules(package.__path__):
        yield importlib.import_module(f"{package.__name__}.{module.name}")


def report(evidence: Evidence, terms: Terms, transcript: Iterable[Answer] = ()) -> Report:
    """The report on some evidence: judged by the whole catalogue."""
    verdicts = judge(evidence, catalogue(), terms)
    return Report(
        evidence=evidence,
        terms=terms,
        verdicts=verdicts,
        fixes=ready_fixes(verdicts, evidence, terms),
        transcript=tuple(transcript),
    )


def judge(evidence: Evidence, asked: Iterable[Requirement], terms: Terms) -> tuple[Verdict, ...]:
    """A verdict for each requirement and receiver that asks for it on ``terms.as_of``."""
    return tuple([verdict for requirement in asked for verdict in _verdicts(requirement, evidence, terms)])


def _verdicts(requirement: Requirement, evidence: Evidence, terms: Terms) -> Iterator[Verdict]:
    """For each receiver that asks for it, the worst of what the clauses in force say."""
    hearing = _Hearing(requirement, evidence, terms)
    for receiver, clauses in _asking(requirement, terms.receivers, terms.as_of):
        binding = clauses
        if terms.volume != "bulk":
            binding = tuple(clause for clause in clauses if clause.volume == "all")
        if len(binding) == 1:
            yield _judge_clause(hearing, binding[0])
        elif binding:
            judged = [_judge_clause(hearing, clause) for clause in binding]
            decisive = max(judged, key=lambda verdict: SEVERITY[verdict.result, verdict.missing])
            notes = _each_once(note for verdict in judged for note in verdict.notes)
            yield msgspec.structs.replace(decisive, notes=notes) if notes else decisive
        else:
            yield Verdict(
                requirement=requirement.id,
                receiver=receiver,
                clause=clauses[0],
                result="notapplicable",
                reason=SMALL_SENDER,
            )


@lru_cache(maxsize=1024)  # the same few for every message of a day
def _asking(
    requirement: Requirement, receivers: tuple[Receiver, ...], day: date
) -> tuple[tuple[Receiver, tuple[Clause, ...]], ...]:
    """The receivers that ask for it on ``day``, each with its clauses."""
    found = ((receiver, clauses_in_force(requirement, receiver, day)) for receiver in receivers)
    return tuple((receiver, clauses) for receiver, clauses in found if clauses)


def clauses_in_force(requirement: Requirement, receiver: Receiver, day: date) -> tuple[Clause, ...]:
    """The receiver's clauses of a requirement that bind on ``day``."""
    return tuple(clause for clause in requirement.clauses if clause.receiver == receiver and clause.in_force(day))


def _judge_clause(hearing: _Hearing, clause: Clause) -> Verdict:
    """What the witnesses together say of one clause."""
    spoken, decisive, others = hearing.decision(clause)
    if others:
        decisive = _weigh_contradiction(decisive, others, clause.receiver)
    result = decisive.result
    return Verdict(
        requirement=hearing.requirement.id,
        receiver=clause.receiver,
        clause=clause,
        result="warn" if result == "fail" and clause.level == "should" else result,
        reason=decisive.reason,
        values=decisive.values,
        exhibits=decisive.exhibits,
        notes=decisive.notes and _each_once(decisive.notes),
        witnesses=spoken,
        missing=decisive.missing,
    )


def _decision(requirement: Requirement, spoken: tuple[WitnessFinding, ...], *, asked: bool) -> _Decision:
    """Which of the findings decides, and which must be weighed against it; ``asked``: whether there was anyone to ask."""
    if len(spoken) == 1:
        return spoken, spoken[0].finding, []
    own = [said.finding for said in spoken if said.kind in ("message", "setup")]
    others = [said.finding for said in spoken if said.kind in ("receiver", "provider")]
    if own or others:
        return spoken, worst(own or others), others if own else []
    if asked:
        return spoken, Finding("notapplicable", CONCERNS_NOTHING), []
    return spoken, Finding("unknown", requirement.elsewhere, missing="not-asked"), []


def _weigh_contradiction(ours: Finding, others: list[Finding], receiver: Receiver) -> Finding:
    """Our finding, with what a receiver or provider says against it: a pass becomes a warning, all else gets a note."""
    contrary = [said for said in others if _contradicts(ours.result, said.result)]
    if not contrary:
        return ours
    theirs = contrary[0]
    values = {"ours": ours.result, "receiver": NAMES[receiver], "theirs": theirs.result}
    if ours.result == "pass":
        return msgspec.structs.replace(
            ours,
            result="warn",
            reason=RECEIVER_DISAGREES,
            values=values,
            exhibits=(*ours.exhibits, *theirs.exhibits),
            notes=(*ours.notes, Note(ours.reason, ours.values)),
        )
    return msgspec.structs.replace(ours, notes=(*ours.notes, Note(RECEIVER_DISAGREES, values, theirs.exhibits)))


def _contradicts(ours: Result, theirs: Result) -> bool:
    return {ours, theirs} == {"pass", "fail"}


_Decision = tuple[tuple[WitnessFinding, ...], Finding, list[Finding]]
"""All findings, the one that decides, and those of others that may contradict it."""


class _Hearing:
    """The witnesses of one requirement. Each is asked once for all the clauses that are alike in what it looks at."""

    __slots__ = ("_decisions", "_evidence", "_said", "_terms", "_witnesses", "requirement")

    def __init__(self, requirement: Requirement, evidence: Evidence, terms: Terms) -> None:
        self.requirement = requirement
        self._evidence = evidence
        self._terms = terms
        self._witnesses = _witnesses(requirement, evidence.subject.kind)
        self._decisions: dict[tuple[object, ...], _Decision] = {}
        self._said: dict[tuple[Callable[..., Finding | None], object], Finding | None] = {}

    def decision(self, clause: Clause) -> _Decision:
        """What the witnesses say of a clause, those left out who have nothing to say, and which finding decides."""
        subjects = _subjects(self._witnesses, clause)
        known = self._decisions.get(subjects)
        if known is None:
            heard = [
                WitnessFinding(witness.kind, finding)
                for witness, subject in zip(self._witnesses, subjects, strict=True)
                if (finding := self._ask(witness.decide, subject)) is not None
            ]
            known = self._decisions[subjects] = _decision(self.requirement, tuple(heard), asked=bool(self._witnesses))
        return known

    def _ask(self, decide: Callable[..., Finding | None], subject: object) -> Finding | None:
        if (decide, subject) in self._said:
            return self._said[decide, subject]
        facts = gather_facts(decide, self._evidence, self._terms, skip=1)
        if isinstance(facts, Missing):
            finding: Finding | None = Finding("unknown", facts.reason, facts.values, missing=facts.kind)
        else:
            finding = decide(subject, *facts)
        self._said[decide, subject] = finding
        return finding


@lru_cache(maxsize=128)  # each requirement once for each kind
def _witnesses(requirement: Requirement, kind: str) -> tuple[Witness, ...]:
    """Those who can speak of such a subject: of a domain what DNS holds for it, of a message all others."""
    return tuple(witness for witness in requirement.witnesses if (witness.kind == "setup") is (kind == "domain"))


@lru_cache(maxsize=1024)  # the same few for every message
def _subjects(witnesses: tuple[Witness, ...], clause: Clause) -> tuple[object, ...]:
    """What each witness looks at of a clause, as the name of its first parameter says; of ``_clause`` nothing."""
    looks_at = (_needs(witness.decide)[0][0] for witness in witnesses)
    return tuple([clause if name == "clause" else getattr(clause, name, None) for name in looks_at])


def gather_facts(
    function: Callable[..., object], evidence: Evidence, terms: Terms, *, skip: int = 0
) -> list[object] | Missing:
    """The facts that a function names as its parameters, or the first ``Missing`` one that it does not admit."""
    asked = _facts_of(function, skip)
    facts: list[object] = list(asked.look_up(evidence))
    for index in asked.needed:
        fact = facts[index]
        if isinstance(fact, Missing):
            return fact
    if asked.terms is not None:
        facts.insert(asked.terms, terms)
    return facts


class _Facts(NamedTuple):
    """How to look up what a function names: all at once, for it is done dozens of times for each message."""

    look_up: Callable[[Evidence], tuple[object, ...]]
    needed: tuple[int, ...]  # those that may not be missing
    terms: int | None  # where the terms go


@cache
def _facts_of(function: Callable[..., object], skip: int) -> _Facts:
    needs = _needs(function)[skip:]
    names = [name for name, _ in needs]
    terms = names.index("terms") if "terms" in names else None
    seen = [need for need in needs if need[0] != "terms"]
    needed = tuple(index for index, (_, admits_missing) in enumerate(seen) if not admits_missing)
    if len(seen) > 1:
        return _Facts(attrgetter(*(name for name, _ in seen)), needed, terms)
    return _Facts(lambda evidence: tuple([getattr(evidence, name) for name, _ in seen]), needed, terms)


@cache
def _needs(function: Callable[..., object]) -> tuple[tuple[str, bool], ...]:
    """The parameters of a function, and whether each one's annotation admits ``Missing``."""
    code = function.__code__
    annotations = function.__annotations__
    return tuple((name, "Missing" in str(annotations.get(name, ""))) for name in code.co_varnames[: code.co_argcount])


def _each_once(notes: Iterable[Note]) -> tuple[Note, ...]:
    """The notes without repeats: two with the same reason and values are one."""
    unique: list[Note] = []  # a handful at most
    for note in notes:
        if not any(note.reason.tag == one.reason.tag and note.values == one.values for one in unique):
            unique.append(note)
    return tuple(unique)


def ready_fixes(verdicts: Iterable[Verdict], evidence: Evidence, terms: Terms) -> tuple[ReadyFix, ...]:
    """The fixes of all that failed or is worth a note, each once; what mends the worst comes first, advice last."""
    mends: dict[str, dict[str, None]] = {}
    fixes: dict[str, Fix] = {}
    needed: set[str] = set()
    worth_mending = [verdict for verdict in verdicts if verdict.notes or verdict.result in ("fail", "warn")]
    for verdict in sorted(worth_mending, key=lambda verdict: -SEVERITY[verdict.result, verdict.missing]):
        for reason in mendable(verdict):
            for fix in reason.fixes:
                fixes.setdefault(fix.id, fix)
                mends.setdefault(fix.id, {}).setdefault(reason.tag)
                if _is_unmet(verdict):
                    needed.add(fix.id)
    ready = []
    for fix_id, fix in sorted(fixes.items(), key=lambda one: one[0] not in needed):
        facts = gather_facts(fix.build, evidence, terms)
        changes = () if isinstance(facts, Missing) else fix.build(*facts)
        if changes:
            ready.append(ReadyFix(fix, changes, tuple(mends[fix_id]), advice=fix_id not in needed))
    return tuple(ready)


def _is_unmet(verdict: Verdict) -> bool:
    """Whether a receiver's demand, not its advice, is in question."""
    return verdict.result == "fail" or (verdict.result == "warn" and verdict.clause.level == "must")


def mendable(verdict: Verdict) -> tuple[Reason, ...]:
    """The reasons of a verdict that something can be done about: its own where it failed, and those of its notes."""
    notes = tuple(note.reason for note in verdict.notes)
    return (verdict.reason, *notes) if verdict.result in ("fail", "warn") else notes
