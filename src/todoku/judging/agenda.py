"""What is to be asked of whom by some terms: worked out once, and gone through for every message.

A requirement has clauses, one or more of each receiver, and witnesses, of whom each looks at a part of a clause only. So
most of what a requirement asks is the same question for several clauses: here each stands once.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from functools import cache, lru_cache
from itertools import compress
from operator import attrgetter, is_
from typing import NamedTuple

from msgspec.structs import fields

from todoku.causes.circumstances import circumstances
from todoku.causes.dmarc.unaligned import identities
from todoku.causes.identity_cache import MANY, remembered
from todoku.evidence.facts import Evidence
from todoku.words.verdict import Clause, Finding, Missing, Receiver, Requirement, Terms, Witness, WitnessKind

SPEAK_OF: dict[str, tuple[WitnessKind, ...]] = {
    "message": ("message", "receiver"),
    "domain": ("setup", "receiver"),
    "account": ("setup", "receiver", "provider"),
}
"""Who can speak of which kind of subject."""

OF_SENDERS = frozenset({"dmarc", "mail_from_domain", "author_domain", "reply_domain", "from_apex_txt"})
"""Facts that are the same objects for all mail of a sender, as long as DNS says the same (``auth/memory.py``)."""


OF_A_STORE = frozenset({"traffic", "compliance"})
"""Facts of a domain that a store holds. A message is not looked up there, so that nobody is asked who needs one of them."""


SAID_BY_OTHERS = ("route", "receiver_dmarc", "reported", "traffic", "compliance")
"""Facts that receivers speak from, of the route by its trusted results alone. Of most subjects there are none of most of them."""

_DEFAULTS = {field.name: field.default for field in fields(Evidence)}
_looked_for = attrgetter(*SAID_BY_OTHERS[1:])
_UNSAID = tuple(_DEFAULTS[name] for name in SAID_BY_OTHERS[1:])


WORKED_OUT: dict[str, Callable[..., object]] = {"around": circumstances, "seen": identities}
"""What several requirements ask of the same facts: a parameter like the facts themselves, and made of them once for a subject."""


class Facts(NamedTuple):
    """How to look up what a function names as its parameters: all at once."""

    look_up: Callable[[Evidence], tuple[object, ...]]
    needed: tuple[int, ...]  # those that may not be missing
    terms: int | None  # where the terms go

    def of(self, evidence: Evidence, terms: Terms | None) -> Sequence[object] | Missing:
        """The facts, or the first ``Missing`` one that the function does not admit. ``terms`` None: it does not ask for them."""
        facts = self.look_up(evidence)
        if Missing in map(type, facts):
            for index in self.needed:
                fact = facts[index]
                if isinstance(fact, Missing):
                    return fact
        return facts if self.terms is None else (*facts[: self.terms], terms, *facts[self.terms :])


class Hearing(NamedTuple):
    """One witness, asked about one thing: what it looks at of some clauses."""

    kind: WitnessKind
    decide: Callable[..., Finding | None]
    subject: object
    facts: int  # which of the item's facts it needs


class Docket(NamedTuple):
    """A receiver that asks for it on the day; its clauses that bind, none for a small sender, each with the bench it is for."""

    receiver: Receiver
    first: Clause
    binding: tuple[tuple[Clause, int], ...]


class Item(NamedTuple):
    """A requirement as it is to be judged.

    ``benches``: those hearings, by index, that decide together; clauses alike in what all witnesses look at share one.
    """

    requirement: Requirement
    facts: tuple[Facts, ...]
    hearings: tuple[Hearing, ...]
    benches: tuple[tuple[int, ...], ...]
    dockets: tuple[Docket, ...]


@lru_cache(maxsize=32)  # of a day one or two
def agenda(
    asked: tuple[Requirement, ...], terms: Terms, kind: str, unsaid: frozenset[str] = frozenset()
) -> tuple[Item, ...]:
    """What these requirements ask of a subject of this kind. ``unsaid`` are facts of others in which there is nothing."""
    return tuple(_item(requirement, terms, kind, unsaid) for requirement in asked)


def unsaid_by_others(evidence: Evidence) -> frozenset[str]:
    """Those facts that receivers speak from for which nobody looked, or in which they say nothing."""
    route = evidence.route
    return _names((isinstance(route, Missing) or not route.trusted, *map(is_, _looked_for(evidence), _UNSAID)))


@cache
def _names(chosen: tuple[bool, ...]) -> frozenset[str]:
    return frozenset(compress(SAID_BY_OTHERS, chosen))


def _item(requirement: Requirement, terms: Terms, kind: str, unsaid: frozenset[str]) -> Item:
    witnesses = _witnesses(requirement, kind)
    hearings: dict[tuple[Witness, object], int] = {}
    benches: dict[tuple[int, ...], int] = {}
    dockets = []
    for receiver in terms.receivers:
        clauses = clauses_in_force(requirement, receiver, terms.as_of)
        binding = []
        for clause in clauses:
            if clause.volume == "all" or terms.volume == "bulk":
                keys = [(witness, _subject(witness, clause)) for witness in witnesses]
                bench = tuple(hearings.setdefault(key, len(hearings)) for key in keys if not _is_silent(*key, unsaid))
                binding.append((clause, benches.setdefault(bench, len(benches))))
        if clauses:
            dockets.append(Docket(receiver, clauses[0], tuple(binding)))
    facts: dict[Callable[..., object], int] = {}
    heard = tuple(
        Hearing(witness.kind, _decide(witness), subject, facts.setdefault(witness.decide, len(facts)))
        for witness, subject in hearings
    )
    looked_up = tuple(facts_of(decide, skip=1) for decide in facts)
    return Item(requirement, looked_up, heard, tuple(benches), tuple(dockets))


def _witnesses(requirement: Requirement, kind: str) -> tuple[Witness, ...]:
    """Those who can speak of such a subject."""
    able = (witness for witness in requirement.witnesses if witness.kind in SPEAK_OF[kind])
    return tuple(witness for witness in able if kind != "message" or not _rests_on_a_store(witness))


def _is_silent(witness: Witness, subject: object, unsaid: frozenset[str]) -> bool:
    """Whether a receiver has nothing to say, for want of what it speaks from: so it need not be asked each time."""
    needs = _needs(witness.decide)[1:]
    facts = [_DEFAULTS[name] for name, _ in needs if name in unsaid]
    if witness.kind != "receiver" or len(facts) < len(needs):
        return False
    admitted = all(admits or not isinstance(fact, Missing) for fact, (_, admits) in zip(facts, needs, strict=True))
    return admitted and witness.decide(subject, *facts) is None


def _rests_on_a_store(witness: Witness) -> bool:
    return any(name in OF_A_STORE for name, _ in _needs(witness.decide)[1:])


def clauses_in_force(requirement: Requirement, receiver: Receiver, day: date) -> tuple[Clause, ...]:
    """The receiver's clauses of a requirement that bind on ``day``."""
    return tuple(clause for clause in requirement.clauses if clause.receiver == receiver and clause.in_force(day))


def _subject(witness: Witness, clause: Clause) -> object:
    """What the witness looks at of a clause, as the name of its first parameter says; of ``_clause`` nothing."""
    name = _needs(witness.decide)[0][0]
    return clause if name == "clause" else getattr(clause, name, None)


@cache
def _decide(witness: Witness) -> Callable[..., Finding | None]:
    """How the witness decides; what rests on the facts of a sender's domains alone is decided once for all of its mail."""
    names = {name for name, _ in _needs(witness.decide)[1:]}
    return remembered(witness.decide, keep=MANY) if names and names <= OF_SENDERS else witness.decide


@cache
def facts_of(function: Callable[..., object], *, skip: int = 0) -> Facts:
    """How to look up the facts that a function names as its parameters, all but the first ``skip``."""
    needs = _needs(function)[skip:]
    names = [name for name, _ in needs]
    terms = names.index("terms") if "terms" in names else None
    seen = [need for need in needs if need[0] != "terms"]
    needed = tuple(index for index, (_, admits_missing) in enumerate(seen) if not admits_missing)
    if len(seen) > 1 and not any(name in WORKED_OUT for name, _ in seen):
        return Facts(attrgetter(*(name for name, _ in seen)), needed, terms)
    look_ups = [_look_up(name) for name, _ in seen]
    return Facts(lambda evidence: tuple([look_up(evidence) for look_up in look_ups]), needed, terms)


@cache
def _look_up(name: str) -> Callable[[Evidence], object]:
    """How to look up one fact, or to work it out: where a fact is missing that this takes, it is missing for the same reason."""
    function = WORKED_OUT.get(name)
    if function is None:
        return attrgetter(name)
    facts = facts_of(function)

    def work_out(evidence: Evidence) -> object:
        known = facts.of(evidence, None)
        return known if isinstance(known, Missing) else function(*known)

    return remembered(work_out)


@cache
def _needs(function: Callable[..., object]) -> tuple[tuple[str, bool], ...]:
    """The parameters of a function, and whether each one's annotation admits ``Missing``."""
    code = function.__code__
    annotations = function.__annotations__
    return tuple((name, "Missing" in str(annotations.get(name, ""))) for name in code.co_varnames[: code.co_argcount])
