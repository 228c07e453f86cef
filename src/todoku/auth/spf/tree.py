"""The tree of records behind a domain's SPF record, and what it costs to evaluate: RFC 7208 sections 4.6.4 and 5.

No address is judged: every term is taken for one that does not match, which is the dearest way through the record. What
a record asks of its own sender (``%{i}`` and its kin) counts as a look-up and is not followed, nor are the addresses of
MX hosts. All terms of one record are asked for together, so that rounds are the depth of the tree and no more.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import msgspec

from todoku.auth.ask import Allowance, Answer, Ask, ask, together
from todoku.auth.spf import macro, record
from todoku.auth.spf.check import MAX_LOOKUPS, MAX_NAMES, MAX_VOIDS, is_name
from todoku.auth.spf.macro import MacroString
from todoku.auth.spf.record import Fault, Record
from todoku.auth.spf.result import SpfCause, SpfNode

MAX_FOLLOWED = 30
"""Terms of one tree that are asked about. Each is a look-up, so that a record which hits this bound is far over RFC 7208's
ten, whatever stands behind it."""

SpfEnd = Literal["", "-all", "~all", "?all", "+all"]
ENDS: dict[str, SpfEnd] = {"fail": "-all", "softfail": "~all", "neutral": "?all", "pass": "+all"}


class SpfTree(msgspec.Struct, frozen=True, kw_only=True):
    """What stands at a domain as its SPF, whoever sends.

    ``cause`` says why no address can pass, "" that one can; with ``dns-failed`` that is not known. ``nodes`` are the
    records in the order in which they are evaluated; ``lookups`` and ``voids`` what all of them spend (section 4.6.4).
    """

    domain: str
    cause: SpfCause | Literal[""] = ""
    record: str = ""
    records: tuple[str, ...] = ()  # every SPF record at the domain
    term: str = ""  # the term that is wrong or over a limit
    term_domain: str = ""
    detail: str = ""
    end: SpfEnd = ""  # what becomes of everyone who is not named; "" where the record does not say
    included: tuple[str, ...] = ()  # every target of include: and redirect=, at whatever depth
    lookups: int = 0
    voids: int = 0
    nodes: tuple[SpfNode, ...] = ()
    answers: tuple[Answer, ...] = ()

    @property
    def failed(self) -> bool:
        """Whether DNS did not answer, so that nothing follows."""
        return self.cause in ("dns-failed", "limit")


class _Term(msgspec.Struct, frozen=True):
    """A term that costs a look-up; ``target`` is the name it asks about, "" where only a sender's address would tell."""

    text: str
    kind: Literal["include", "redirect", "a", "mx", "exists", "ptr"]
    target: str


class _Branch(msgspec.Struct, frozen=True):
    """A record with its terms, and behind each what was found there."""

    domain: str
    answer: Answer
    records: tuple[str, ...]
    compiled: Record | Fault | None
    terms: tuple[_Term, ...] = ()
    found: tuple[_Branch | Answer | None, ...] = ()


def spf_tree(domain: str) -> Ask[SpfTree]:
    """The tree of the SPF record of ``domain``."""
    root = yield from _grow(domain, Allowance(MAX_FOLLOWED))
    return _Count().counted(root)


def _grow(domain: str, allowance: Allowance) -> Ask[_Branch]:
    """The record at a name, and what its terms lead to."""
    answer = yield from ask(domain, "TXT")
    texts = tuple(text for text in answer.records if record.is_spf(text))
    compiled = record.parse(texts[0]) if len(texts) == 1 else None
    if not isinstance(compiled, Record):
        return _Branch(domain, answer, texts, compiled)
    terms = tuple(_terms(compiled, domain))
    found = yield from together(*(_follow(term, allowance) for term in terms))
    return _Branch(domain, answer, texts, compiled, terms, found)


def _follow(term: _Term, allowance: Allowance) -> Ask[_Branch | Answer | None]:
    """What stands behind a term; None where that cannot be asked without an address, or is beyond the bound."""
    if not is_name(term.target) or allowance.left <= 0 or term.kind == "ptr":
        return None
    allowance.left -= 1
    if term.kind in ("include", "redirect"):
        return (yield from _grow(term.target, allowance))
    return (yield from ask(term.target, "MX" if term.kind == "mx" else "A"))


def _terms(compiled: Record, domain: str) -> list[_Term]:
    """The terms that cost a look-up. What stands behind ``all`` is never reached: RFC 7208 5.1."""
    terms: list[_Term] = []
    for directive in compiled.directives:
        match directive.mechanism:
            case "all":
                return terms
            case "include" | "a" | "mx" | "exists" | "ptr" as kind:
                terms.append(_Term(directive.text, kind, asked_name(directive.target, domain)))
    if compiled.redirect is not None:  # RFC 7208 6.1
        terms.append(_Term(compiled.redirect_text, "redirect", asked_name(compiled.redirect, domain)))
    return terms


def asked_name(parts: MacroString | None, domain: str) -> str:
    """The name that a term of ``domain``'s record asks about, "" where only a sender would tell: without one ``%{d}`` alone is known."""
    if parts is None:
        return domain
    if not macro.letters(parts) <= {"d"}:
        return ""
    return macro.domain_name(parts, {"d": domain}).lower()


class _Problem(msgspec.Struct, frozen=True):
    """What is wrong, with which term of whose record."""

    cause: SpfCause
    term: str
    domain: str
    detail: str


class _Count:
    """One walk through a tree, in the order of an evaluation."""

    def __init__(self) -> None:
        self.lookups = 0
        self.voids = 0
        self.nodes: list[SpfNode] = []
        self.answers: list[Answer] = []
        self.included: list[str] = []
        self.problems: list[_Problem] = []

    def counted(self, root: _Branch) -> SpfTree:
        """The tree with its sums. What is wrong for sure comes before what could not be looked at."""
        if not root.records and not root.answer.failed:
            self.problem("no-record", "", root.domain, root.domain)
            self.answers.append(root.answer)
        else:
            self.visit(root, "", root.domain, 0)
        known = [one for one in self.problems if one.cause != "dns-failed"]
        first = next(iter(known or self.problems), None)
        return SpfTree(
            domain=root.domain,
            cause=first.cause if first else "",
            record=root.records[0] if root.records else "",
            records=root.records,
            term=first.term if first else "",
            term_domain=first.domain if first else "",
            detail=first.detail if first else "",
            end=_end(root),
            included=tuple(dict.fromkeys(self.included)),
            lookups=self.lookups,
            voids=self.voids,
            nodes=tuple(self.nodes),
            answers=tuple({one.question: one for one in self.answers}.values()),
        )

    def problem(self, cause: SpfCause, term: str, domain: str, detail: str) -> None:
        self.problems.append(_Problem(cause, term, domain, detail))

    def visit(self, branch: _Branch, via: str, parent: str, depth: int) -> None:
        """A record and what lies below it."""
        self.answers.append(branch.answer)
        if branch.answer.failed:
            self.problem("dns-failed", via, parent, f"{branch.domain} TXT {branch.answer.status}")
            return
        if len(branch.records) > 1:  # RFC 7208 4.5
            self.problem("several-records", via, branch.domain, branch.domain)
            return
        if not branch.records:  # RFC 7208 5.2, 6.1
            self.problem("target-none", via, parent, branch.domain)
            return
        index, spent = len(self.nodes), self.lookups
        node = SpfNode(branch.domain, branch.records[0], via, depth, self.lookups, self.voids)
        self.nodes.append(node)
        if isinstance(branch.compiled, Fault):  # RFC 7208 4.6
            self.problem("syntax", branch.compiled.term, branch.domain, branch.compiled.defect)
        for term, found in zip(branch.terms, branch.found, strict=True):
            self.spend(term, branch.domain)
            self.behind(term, found, branch.domain, depth)
        self.nodes[index] = SpfNode(
            node.domain, node.record, via, depth, self.lookups, self.voids, self.lookups - spent
        )

    def spend(self, term: _Term, domain: str) -> None:
        self.lookups += 1
        if self.lookups == MAX_LOOKUPS + 1:  # RFC 7208 4.6.4
            self.problem("too-many-lookups", term.text, domain, str(MAX_LOOKUPS))
        if term.kind in ("include", "redirect"):
            self.included.append(term.target)

    def behind(self, term: _Term, found: _Branch | Answer | None, domain: str, depth: int) -> None:
        """What a term leads to: another record, or a name that may not exist."""
        if isinstance(found, _Branch):
            self.visit(found, term.text, domain, depth + 1)
            return
        if found is None:
            return
        self.answers.append(found)
        if found.failed:
            self.problem(
                "dns-failed", term.text, domain, f"{found.question.name} {found.question.rdtype} {found.status}"
            )
        elif not found.records:
            self.voids += 1
            if self.voids == MAX_VOIDS + 1:  # RFC 7208 4.6.4
                self.problem("too-many-voids", term.text, domain, found.question.name)
        elif found.question.rdtype == "MX" and len(found.records) > MAX_NAMES:  # RFC 7208 4.6.4
            self.problem("too-many-names", term.text, domain, found.question.name)


def _end(root: _Branch) -> SpfEnd:
    """What the record says of everyone else: its own ``all``, else that of the record it redirects to."""
    branch: _Branch | Answer | None = root
    while isinstance(branch, _Branch) and isinstance(branch.compiled, Record):
        last: Sequence[SpfEnd] = [ENDS[one.result] for one in branch.compiled.directives if one.mechanism == "all"]
        if last:
            return last[0]
        redirects = zip(branch.terms, branch.found, strict=True)
        branch = next((found for term, found in redirects if term.kind == "redirect"), None)
    return ""
