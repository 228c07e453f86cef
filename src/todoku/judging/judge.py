"""From evidence to verdicts: total, pure, and free of order. The same evidence gives the same verdicts, for ever.

One verdict comes out for each requirement and each receiver that asks for it on the day. What cannot be seen is
``unknown``, never ``fail`` and never ``pass``; a clause that is only advice turns ``fail`` into ``warn``.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterable, Iterator, Sequence
from functools import cache, lru_cache
from types import ModuleType
from typing import Any

import msgspec

from todoku import causes, requirements
from todoku.auth.ask import Answer, Reply
from todoku.causes.identity_cache import forget_message
from todoku.causes.witnesses.google import SHOWN_LATER
from todoku.evidence.facts import Evidence
from todoku.judging.agenda import Docket, Hearing, Item, agenda, facts_of, unsaid_by_others
from todoku.receivers import GROUPS, NAMES
from todoku.words.accept import Accept, holding
from todoku.words.verdict import (
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
PROVIDER_DISAGREES = Reason(
    "provider-disagrees",
    Text(
        "Our evaluation says {ours}, but AWS itself still says {theirs}. What AWS shows may be hours or days old; look again "
        "tomorrow.",
        "本ツールの評価は「{ours}」ですが、AWS自身は「{theirs}」としています。AWSの表示は反映が数時間から数日遅れることがあるため、"
        "後日改めて確認してください。",
    ),
)
STILL_SAYS = Reason(
    "receiver-still-disagrees",
    Text(
        "Our evaluation says {ours}, but {receiver} itself says {theirs}. What it shows is a week old at times; look again in some "
        "days.",
        "本ツールの評価は「{ours}」ですが、{receiver}自身は「{theirs}」としています。表示には1週間ほど遅れることがあるため、"
        "数日後に改めて確認してください。",
    ),
)
REPORTED_ONLY = Reason(
    "reported-only",
    Text(
        "Others report that {receiver} looks at this; {receiver} itself does not say so. It does not count.",
        "{receiver}がこれを確認しているとの報告がありますが、{receiver}自身の説明はないため、件数に含めません。",
    ),
)
CONCERNS_NOTHING = Reason(
    "not-concerned",
    Text("This rule does not concern this message.", "このメールには関係しない要件です。"),
)


ACCEPTED = Reason(
    "accepted",
    Text(
        "Accepted until {until}, so that it does not count: {why}",
        "{until} まで許容されているため、件数に含めません: {why}",
    ),
)


class ReadyFix(msgspec.Struct, frozen=True):
    """A fix with the real names filled in, and the reasons that it mends. ``advice``: no requirement is unmet without it."""

    fix: Fix
    changes: tuple[Any, ...]
    mends: tuple[str, ...]
    advice: bool = False


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """All that there is to say of a subject: what was seen, by which terms it was judged, what follows, how it is mended.

    ``transcript`` holds every question that was asked, with its answer, in order: the proof, and what replays it. ``replies`` are
    those of a store, where one was asked.
    """

    evidence: Evidence
    terms: Terms
    verdicts: tuple[Verdict, ...]
    fixes: tuple[ReadyFix, ...]
    transcript: tuple[Answer, ...] = ()
    replies: tuple[Reply, ...] = ()


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
    for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
        yield importlib.import_module(module.name)


def report(
    evidence: Evidence, terms: Terms, transcript: Iterable[Answer] = (), replies: Iterable[Reply] = ()
) -> Report:
    """The report on some evidence: judged by the whole catalogue."""
    verdicts = judge(evidence, catalogue(), terms)
    fixes = ready_fixes(verdicts, evidence, terms)
    forget_message()
    return Report(
        evidence=evidence,
        terms=terms,
        verdicts=verdicts,
        fixes=fixes,
        transcript=tuple(transcript),
        replies=tuple(replies),
    )


def judge(evidence: Evidence, asked: Iterable[Requirement], terms: Terms) -> tuple[Verdict, ...]:
    """A verdict for each requirement and receiver that asks for it on ``terms.as_of``."""
    verdicts: list[Verdict] = []
    for item, unheard in _agenda(tuple(asked), terms, evidence.subject.kind, unsaid_by_others(evidence)):
        if unheard:
            verdicts += unheard
            continue
        facts = [wanted.of(evidence, terms) for wanted in item.facts]
        verdicts += _verdicts(item, [_said(hearing, facts[hearing.facts]) for hearing in item.hearings])
    return tuple(_with_law(verdicts, terms))


def _with_law(verdicts: Iterable[Verdict], terms: Terms) -> Iterator[Verdict]:
    """The verdicts; where Japan's receivers are judged, with what its law asks besides of advertising mail."""
    if terms.purpose == "transactional" or not {*terms.receivers} & {*GROUPS["japan"]}:
        yield from verdicts
        return
    laws = {requirement.id: Note(requirement.law) for requirement in catalogue() if requirement.law is not None}
    for verdict in verdicts:
        law = laws.get(verdict.requirement)
        yield verdict if law is None else msgspec.structs.replace(verdict, notes=(*verdict.notes, law))


@lru_cache(maxsize=32)  # as the agenda itself
def _agenda(
    asked: tuple[Requirement, ...], terms: Terms, kind: str, unsaid: frozenset[str]
) -> tuple[tuple[Item, tuple[Verdict, ...]], ...]:
    """The agenda. Where nobody is heard the verdicts are there already: they are the same for every subject."""
    items = agenda(asked, terms, kind, unsaid)
    return tuple((item, () if item.hearings else tuple(_verdicts(item, ()))) for item in items)


def _verdicts(item: Item, said: Sequence[WitnessFinding | None]) -> list[Verdict]:
    """A verdict for each receiver that asks for it."""
    requirement = item.requirement
    decisions = [_decision(item, said, bench) for bench in item.benches]
    verdicts = []
    for docket in item.dockets:
        if len(docket.binding) == 1:  # nearly always
            clause, bench = docket.binding[0]
            verdicts.append(_of_clause(requirement, clause, decisions[bench]))
        else:
            verdicts.append(_of_several(requirement, docket, decisions))
    return verdicts


def _said(hearing: Hearing, facts: Sequence[object] | Missing) -> WitnessFinding | None:
    """What a witness says when it is asked; None where it has nothing to say."""
    if isinstance(facts, Missing):
        return WitnessFinding(hearing.kind, Finding("unknown", facts.reason, facts.values, missing=facts.kind))
    finding = hearing.decide(hearing.subject, *facts)
    return None if finding is None else WitnessFinding(hearing.kind, finding)


class _Decision(msgspec.Struct, frozen=True, gc=False):
    """All findings, the one that decides, its notes each once, and those of others that may contradict it."""

    spoken: tuple[WitnessFinding, ...]
    decisive: Finding
    others: Sequence[WitnessFinding]


def _decision(item: Item, said: Sequence[WitnessFinding | None], bench: tuple[int, ...]) -> _Decision:
    """Which of the findings of those who decide together does, and which must be weighed against it."""
    if len(bench) == 1 and (only := said[bench[0]]) is not None:  # nearly always
        return _Decision((only,), _noted_once(only.finding), ())
    spoken = tuple([one for index in bench if (one := said[index]) is not None])
    if len(spoken) == 1:
        return _Decision(spoken, _noted_once(spoken[0].finding), ())
    own = [one.finding for one in spoken if one.kind in ("message", "setup")]
    others = [one for one in spoken if one.kind in ("receiver", "provider")]
    if own and others and (theirs := _in_our_place(spoken, others)):
        decisive = theirs[0].finding
        why = tuple([note for one in own for note in (Note(one.reason, one.values), *one.notes)])
        return _Decision(
            spoken, _noted_once(msgspec.structs.replace(decisive, notes=(*decisive.notes, *why))), theirs[1:]
        )
    if own or others:
        spoken = tuple([one for one in spoken if not one.finding.reported_by])
        others = [one for one in others if not one.finding.reported_by]
        decisive = worst(own or [one.finding for one in others])
        return _Decision(spoken, _noted_once(decisive), others if own else ())
    if any(item.hearings[index].kind in ("message", "setup") for index in bench):
        return _Decision(spoken, Finding("notapplicable", CONCERNS_NOTHING), ())
    return _Decision(spoken, Finding("unknown", item.requirement.elsewhere, missing="not-asked"), ())


def _in_our_place(spoken: Sequence[WitnessFinding], others: Sequence[WitnessFinding]) -> list[WitnessFinding]:
    """The receivers' findings on a message that stand in for ours: where we could not look, those that tell something."""
    if any(one.finding.result != "unknown" for one in spoken if one.kind == "message"):
        return []
    about_message = any(one.kind == "message" for one in spoken)
    telling = (one for one in others if one.finding.reported_by or one.finding.result != "unknown")
    return [one for one in telling if one.kind == "receiver"] if about_message else []


def _of_several(requirement: Requirement, docket: Docket, decisions: list[_Decision]) -> Verdict:
    """For one receiver the worst of what its clauses say; of a small sender none asks."""
    if not docket.binding:
        return Verdict(
            requirement=requirement.id,
            receiver=docket.receiver,
            clause=docket.first,
            result="notapplicable",
            reason=SMALL_SENDER,
        )
    judged = [_of_clause(requirement, clause, decisions[bench]) for clause, bench in docket.binding]
    decisive = max(judged, key=_severity)
    notes = [note for verdict in judged for note in verdict.notes]
    if decisive.missing == "could-not-look":  # it outranks a warning, which is sure and stays to be mended
        notes += [Note(one.reason, one.values, one.exhibits) for one in judged if one.result == "warn"]
    return msgspec.structs.replace(decisive, notes=_each_once(notes)) if notes else decisive


def _severity(verdict: Verdict) -> int:
    return SEVERITY[verdict.result, verdict.missing]


def _of_clause(requirement: Requirement, clause: Clause, decision: _Decision) -> Verdict:
    """What the witnesses together say of one clause."""
    decisive = decision.decisive
    if decision.others:
        decisive = _noted_once(_weigh_contradiction(decisive, decision.others, clause.receiver))
    if clause.level == "info" and decisive.result in ("fail", "warn"):
        decisive = Finding(
            "notapplicable", REPORTED_ONLY, {"receiver": NAMES[clause.receiver]}, decisive.exhibits, _with_own(decisive)
        )
    is_advice = clause.level == "should" or clause.certain == "reported"  # no verdict is stronger than its source
    return Verdict(
        requirement=requirement.id,
        receiver=clause.receiver,
        clause=clause,
        result="warn" if decisive.result == "fail" and is_advice else decisive.result,
        reason=decisive.reason,
        values=decisive.values,
        exhibits=decisive.exhibits,
        notes=decisive.notes,
        witnesses=decision.spoken,
        missing=decisive.missing,
        reported_by=decisive.reported_by,
    )


def _with_own(finding: Finding) -> tuple[Note, ...]:
    """What a finding says, as the first of its notes."""
    return (Note(finding.reason, finding.values), *finding.notes)


def _weigh_contradiction(ours: Finding, others: Sequence[WitnessFinding], receiver: Receiver) -> Finding:
    """Our finding, with what a receiver or provider says against it: a pass becomes a warning, all else gets a note."""
    if theirs_too := tuple([note for said in others for note in said.finding.notes]):
        ours = msgspec.structs.replace(ours, notes=(*ours.notes, *theirs_too))
    contrary = next((said for said in others if _contradicts(ours.result, said.finding.result)), None)
    if contrary is None:
        unheard = next((said.finding for said in others if said.finding.missing == "could-not-look"), None)
        return ours if unheard is None or ours.result != "pass" else _unheard(ours, unheard)
    theirs = contrary.finding
    values = {"ours": ours.result, "receiver": NAMES[receiver], "theirs": theirs.result}
    reason = _disagreement(contrary)
    their_words = () if reason is RECEIVER_DISAGREES else (Note(theirs.reason, theirs.values),)
    if ours.result == "pass":
        return msgspec.structs.replace(
            ours,
            result="warn",
            reason=reason,
            values=values,
            exhibits=(*ours.exhibits, *theirs.exhibits),
            notes=(*ours.notes, Note(ours.reason, ours.values), *their_words),
        )
    return msgspec.structs.replace(ours, notes=(*ours.notes, Note(reason, values, theirs.exhibits)))


def _unheard(ours: Finding, theirs: Finding) -> Finding:
    """One who may contradict our pass could not be asked. What we found is told."""
    notes = (*ours.notes, Note(ours.reason, ours.values))
    return msgspec.structs.replace(theirs, exhibits=(*ours.exhibits, *theirs.exhibits), notes=notes)


def _disagreement(contrary: WitnessFinding) -> Reason:
    """What a contradiction is called: by when the other one said it."""
    if contrary.kind == "provider":
        return PROVIDER_DISAGREES
    return STILL_SAYS if contrary.finding.reason in SHOWN_LATER else RECEIVER_DISAGREES


def _contradicts(ours: Result, theirs: Result) -> bool:
    return {ours, theirs} == {"pass", "fail"}


def _noted_once(finding: Finding) -> Finding:
    """The finding, its notes without repeats."""
    if len(finding.notes) < 2:
        return finding
    notes = _each_once(finding.notes)
    return finding if len(notes) == len(finding.notes) else msgspec.structs.replace(finding, notes=notes)


def _each_once(notes: Iterable[Note]) -> tuple[Note, ...]:
    """The notes without repeats: two with the same reason and values are one."""
    unique: list[Note] = []  # a handful at most
    for note in notes:
        if not any(note.reason.tag == one.reason.tag and note.values == one.values for one in unique):
            unique.append(note)
    return tuple(unique)


def accepting(judged: Report, accepts: Sequence[Accept]) -> Report:
    """The report, with what its owner has accepted marked as such on the day by whose rules it was judged."""
    if not accepts:
        return judged
    evidence, day = judged.evidence, judged.terms.as_of
    about = evidence.subject.name
    if evidence.subject.kind == "message":
        about = "" if isinstance(evidence.author, Missing) else evidence.author.domain
    verdicts = tuple(
        _accepted(one, holding(accepts, one.requirement, about, day, one.receiver)) for one in judged.verdicts
    )
    return msgspec.structs.replace(judged, verdicts=verdicts)


def _accepted(verdict: Verdict, accept: Accept | None) -> Verdict:
    if accept is None or verdict.result not in ("fail", "warn"):
        return verdict
    note = Note(ACCEPTED, {"until": accept.until.isoformat(), "why": accept.reason})
    return msgspec.structs.replace(verdict, accepted=True, notes=(note, *verdict.notes))


def ready_fixes(verdicts: Iterable[Verdict], evidence: Evidence, terms: Terms) -> tuple[ReadyFix, ...]:
    """The fixes of all that failed or is worth a note, each once; what mends the worst comes first, advice last."""
    mends: dict[str, dict[str, None]] = {}
    fixes: dict[str, Fix] = {}
    needed: set[str] = set()
    worth_mending = [verdict for verdict in verdicts if verdict.notes or verdict.result in ("fail", "warn")]
    for verdict in sorted(worth_mending, key=_severity, reverse=True):
        for reason in mendable(verdict):
            for fix in reason.fixes:
                if fix.id not in fixes:
                    fixes[fix.id], mends[fix.id] = fix, {}
                mends[fix.id].setdefault(reason.tag)
                if _is_unmet(verdict):
                    needed.add(fix.id)
    ready = []
    for fix_id, fix in sorted(fixes.items(), key=lambda one: one[0] not in needed):
        facts = facts_of(fix.build).of(evidence, terms)
        changes = () if isinstance(facts, Missing) else fix.build(*facts)
        if changes:
            ready.append(ReadyFix(fix, changes, tuple(mends[fix_id]), advice=fix_id not in needed))
    return tuple(ready)


def _is_unmet(verdict: Verdict) -> bool:
    """Whether a receiver's demand, not its advice, is in question."""
    return verdict.result == "fail" or (verdict.result == "warn" and verdict.clause.level == "must")


def mendable(verdict: Verdict) -> tuple[Reason, ...]:
    """The reasons of a verdict that something can be done about: its own where it failed, and those of its notes."""
    notes = tuple([note.reason for note in verdict.notes]) if verdict.notes else ()
    return (verdict.reason, *notes) if verdict.result in ("fail", "warn") else notes
