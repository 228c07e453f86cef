"""The DMARC verdict for an author domain: RFC 9989 section 5.3, and RFC 7489 section 6.6 from the same answers.

Time is rounds: the whole walk of the author domain is asked at once. Another domain can only be aligned when it lies at
or below the author's organizational domain, so a second round asks for the few names between the two, if any.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Literal

import msgspec

from todoku.auth.ask import Answer, Ask, Question
from todoku.auth.dmarc.discovery import Node, Walk, applicable, bounded, read_node, walk, walk_names
from todoku.auth.dmarc.discovery import related as are_related
from todoku.auth.dmarc.record import DmarcRecord, Mode, Policy
from todoku.auth.suffixes import Suffixes
from todoku.mail.address import is_domain_name
from todoku.mail.domain_name import MAX_NAME

MAX_WALKS = 10  # domains of SPF and DKIM whose organizational domains are looked up; ours, not the standard's

DmarcOutcome = Literal["pass", "fail", "none", "temperror", "permerror"]
Status = Literal["found", "none", "several", "invalid", "temperror"]
PolicySource = Literal["", "p", "sp", "np"]
Related = Mapping[str, bool | None]
Identifier = tuple[str, bool | None]
"""A domain and whether it was authenticated; None: SPF or DKIM could not find out."""
Identifiers = Sequence[Identifier]

TESTED: Mapping[Policy, Policy] = {"reject": "quarantine", "quarantine": "none", "none": "none"}
"""What ``t=y`` makes of each policy: one level lower (RFC 9989 4.7)."""


class Discovery(msgspec.Struct, frozen=True, kw_only=True):
    """What one way of looking found: the tree walk of RFC 9989 section 4.10, or the public suffix list of RFC 7489.

    A receiver of RFC 7489 knows neither ``np`` nor ``t``; ``psl`` is what such a one would say.
    """

    method: Literal["treewalk", "psl"]
    status: Status
    record: DmarcRecord | None = None
    organizational_domain: str = ""
    policy: Policy | None = None  # what is asked for this author domain: p, sp or np, after t=y
    policy_source: PolicySource = ""
    spf_aligned: bool = False  # SPF passed and its domain is aligned
    dkim_aligned: tuple[bool, ...] = ()  # one for each signature given, passed and aligned
    result: DmarcOutcome = "none"
    unusable: DmarcRecord | None = None  # with status "invalid": the record that receivers do not use
    spf_undecided: bool = False  # whether SPF passes and is aligned could not be found out
    dkim_undecided: tuple[bool, ...] = ()  # the same of each signature


class Alignment(msgspec.Struct, frozen=True):
    """What passed and is aligned with From: SPF, and each of the signatures in the order in which they were given."""

    spf: bool
    dkim: tuple[bool, ...] = ()


class DmarcResult(msgspec.Struct, frozen=True, kw_only=True):
    """The verdict by RFC 9989 (``treewalk``), the one by the suffix list beside it, and all that was seen.

    ``records_at`` keeps every TXT record seen at each ``_dmarc`` name, so that two records, a record with a typo or a
    wildcard's SPF record can be shown. ``relaxed_spf``, ``relaxed_dkim``: alignment as it would be without aspf=s,
    adkim=s (so that strictness can be named as the cause). ``spf_related``, ``dkim_related``: the names alone share an
    organizational domain, authenticated or not. ``undetermined``: domains of which that could not be found out.
    """

    author_domain: str
    result: DmarcOutcome
    treewalk: Discovery
    psl: Discovery
    spf_domain: str = ""
    spf_passed: bool = False
    dkim_domains: tuple[str, ...] = ()
    dkim_passed: tuple[bool, ...] = ()
    relaxed_spf: bool = False
    relaxed_dkim: tuple[bool, ...] = ()
    records_at: tuple[tuple[str, tuple[str, ...]], ...] = ()
    answers: tuple[Answer, ...] = ()
    cname_at_dmarc: tuple[str, ...] = ()  # CNAME chain seen at _dmarc.<author domain>
    spf_related: bool = False
    dkim_related: tuple[bool, ...] = ()
    undetermined: tuple[str, ...] = ()

    @property
    def policy(self) -> Policy | None:
        """What the owner asks for, by the tree walk."""
        return self.treewalk.policy

    @property
    def policy_undecided(self) -> bool:
        """Whether DNS did not say if the author domain exists, where ``np`` and ``sp`` or ``p`` ask for different things."""
        return any(answer.failed and answer.question.rdtype == "SOA" for answer in self.answers)

    @property
    def record(self) -> DmarcRecord | None:
        """The record that applies, by the tree walk."""
        return self.treewalk.record

    @property
    def record_domain(self) -> str | None:
        """Whose ``_dmarc`` name holds the record that applies; None where no record does."""
        return None if self.record is None else self.record.domain

    @property
    def discovery(self) -> Literal["treewalk", "psl"]:
        """Which way of looking ``result`` rests on."""
        return self.treewalk.method

    @property
    def alignment(self) -> Alignment:
        """What is aligned with From, by the tree walk."""
        return Alignment(self.treewalk.spf_aligned, self.treewalk.dkim_aligned)

    @property
    def organizational_domain(self) -> str:
        """The organizational domain of the author domain, by the tree walk."""
        return self.treewalk.organizational_domain

    @property
    def methods_differ(self) -> bool:
        """Whether the tree walk and the suffix list give another result, policy or alignment."""
        tree, psl = self.treewalk, self.psl
        return (tree.result, tree.policy, tree.spf_aligned, tree.dkim_aligned) != (
            psl.result,
            psl.policy,
            psl.spf_aligned,
            psl.dkim_aligned,
        )


def evaluate(
    author_domain: str,
    *,
    spf: Identifier | None,
    dkim: Identifiers,
    suffixes: Suffixes,
) -> Ask[DmarcResult]:
    """The DMARC verdict for an author domain (A-labels), from an SPF identity (MAIL FROM domain, passed) and signatures
    (d=, passed). Both discoveries are made from the same answers, in as few rounds as possible.

    ``passed`` None says that SPF or DKIM could not look: if that may decide, the verdict is ``temperror``.
    """
    author = _name(author_domain)
    identifiers = tuple((_name(domain), passed) for domain, passed in (spf or ("", False), *dkim))
    nodes: dict[str, Node] = {}
    answers: dict[Question, Answer] = {}
    if not is_domain_name(author):
        tree = _nothing("treewalk", identifiers, result="permerror")
        return _assemble(author, identifiers, tree, _nothing("psl", identifiers, result="permerror"), {}, answers)
    listed = suffixes.organizational_domain(author)
    yield from _look((*walk_names(author), listed), nodes, answers)
    walked = walk(author, nodes)
    status = _status(walked)
    record = applicable(walked)
    related: dict[str, bool | None] = {author: True}  # one name is one organization, wherever that ends
    if record is not None and status == "found":
        near = _near(walked, identifiers)
        names = [name for domain in near[:MAX_WALKS] for name in walk_names(domain)]
        yield from _look(names, nodes, answers, *_existence(author, record))
        related.update((domain, _related(walked, domain, nodes)) for domain in near)
    tree = _treewalk(walked, status, record, identifiers, related, answers)
    psl = _psl(author, listed, identifiers, nodes, suffixes)
    return _assemble(author, identifiers, tree, psl, related, answers)


def _name(domain: str) -> str:
    return domain.lower().rstrip(".")


def _look(
    domains: Iterable[str], nodes: dict[str, Node], answers: dict[Question, Answer], *further: Question
) -> Ask[None]:
    """Ask for the ``_dmarc`` names of domains not looked at yet, and for ``further``, in one round or none."""
    wanted = {}
    for domain in dict.fromkeys(domains):
        if domain in nodes:
            continue
        name = f"_dmarc.{domain}"
        if len(name) > MAX_NAME:  # no such name can exist
            nodes[domain] = Node(domain)
        else:
            wanted[domain] = Question(name, "TXT")
    batch = (*wanted.values(), *further)
    if not batch:
        return
    answers.update(zip(batch, map(bounded, (yield batch)), strict=True))
    nodes.update((domain, read_node(domain, answers[question])) for domain, question in wanted.items())


def _status(walked: Walk) -> Status:
    """What the author domain's walk found. A name on the way that stayed dark may hold the record: ``temperror``."""
    author = walked.visited[0]
    if author.failed or (author.record is None and not walked.organizational_domain):
        return "temperror"
    record = applicable(walked)
    if record is None:
        return "several" if any(node.several for node in walked.visited) else "none"
    return "found" if record.usable else "invalid"


def _near(walked: Walk, identifiers: Identifiers) -> list[str]:
    """The other domains at or below a possible organizational domain of the author, authenticated ones first."""
    ordered = sorted(identifiers, key=lambda identifier: identifier[1] is not True)
    domains = dict.fromkeys(domain for domain, _ in ordered if domain != walked.domain and is_domain_name(domain))
    return [domain for domain in domains if any(f".{domain}".endswith(f".{possible}") for possible in walked.possible)]


def _related(walked: Walk, domain: str, nodes: Mapping[str, Node]) -> bool | None:
    """Whether ``domain`` has the author's organizational domain; None where a name on the way could not be looked at."""
    if any(name not in nodes for name in walk_names(domain)):  # beyond MAX_WALKS
        return None
    return are_related(walked, walk(domain, nodes), nodes)


def _existence(author: str, record: DmarcRecord) -> tuple[Question, ...]:
    """The question whether the author domain exists, where the answer decides between ``np`` and ``sp`` or ``p``."""
    decides = record.domain != author and record.nonexistent_policy not in (
        None,
        record.subdomain_policy or record.policy,
    )
    return (Question(author, "SOA"),) if decides else ()


def _treewalk(
    walked: Walk,
    status: Status,
    record: DmarcRecord | None,
    identifiers: Identifiers,
    related: Related,
    answers: Mapping[Question, Answer],
) -> Discovery:
    organization = walked.organizational_domain
    if record is None or status != "found":
        return _nothing("treewalk", identifiers, status, organization=organization, record=record)
    soa = answers.get(Question(walked.domain, "SOA"))
    policy, source = _policy(record, walked.domain, exists=soa is None or soa.status != "nxdomain")  # RFC 9989 3.2.13
    return _something(
        "treewalk",
        record,
        TESTED[policy] if record.testing else policy,
        source,
        organization,
        _alignment(record, walked.domain, identifiers, related),
    )


def _policy(record: DmarcRecord, author: str, *, exists: bool) -> tuple[Policy, PolicySource]:
    """The policy for the author domain and the tag it is from: RFC 9989 section 4.10.1."""
    if record.domain == author:
        return record.policy, "p"
    if not exists and record.nonexistent_policy is not None:
        return record.nonexistent_policy, "np"
    if record.subdomain_policy is not None:
        return record.subdomain_policy, "sp"
    return record.policy, "p"


def _psl(
    author: str, listed: str, identifiers: Identifiers, nodes: Mapping[str, Node], suffixes: Suffixes
) -> Discovery:
    """What a receiver of RFC 7489 finds: the author domain's record, else that of the listed organizational domain."""
    node = nodes[author]
    if node.record is None and not node.several and not node.failed:  # RFC 7489 6.6.3 step 3
        node = nodes[listed]
    record = node.record
    if record is None or not record.usable:
        status: Status = "temperror" if node.failed else "several" if node.several else "invalid" if record else "none"
        return _nothing("psl", identifiers, status, organization=listed, record=record)
    policy, source = _policy(record, author, exists=True)
    related = {
        domain: suffixes.organizational_domain(domain) == listed for domain, _ in identifiers if is_domain_name(domain)
    }
    return _something("psl", record, policy, source, listed, _alignment(record, author, identifiers, related))


def _alignment(record: DmarcRecord, author: str, identifiers: Identifiers, related: Related) -> list[bool | None]:
    """Whether each identifier, SPF's first, is authenticated and aligned: RFC 9989 section 4.4."""
    modes: list[Mode] = [record.aspf] + [record.adkim] * (len(identifiers) - 1)
    return [
        _both(passed, domain == author if mode == "s" else related.get(domain, False))
        for mode, (domain, passed) in zip(modes, identifiers, strict=True)
    ]


def _both(left: bool | None, right: bool | None) -> bool | None:
    """Whether both are true, where None is "could not find out"."""
    if left is False or right is False:
        return False
    return None if left is None or right is None else True


def _something(
    method: Literal["treewalk", "psl"],
    record: DmarcRecord,
    policy: Policy,
    source: PolicySource,
    organization: str,
    aligned: Sequence[bool | None],
) -> Discovery:
    return Discovery(
        method=method,
        status="found",
        record=record,
        organizational_domain=organization,
        policy=policy,
        policy_source=source,
        spf_aligned=aligned[0] is True,
        dkim_aligned=tuple(one is True for one in aligned[1:]),
        spf_undecided=aligned[0] is None,
        dkim_undecided=tuple(one is None for one in aligned[1:]),
        result="pass" if True in aligned else "temperror" if None in aligned else "fail",
    )


def _nothing(
    method: Literal["treewalk", "psl"],
    identifiers: Identifiers,
    status: Status = "invalid",
    *,
    organization: str = "",
    record: DmarcRecord | None = None,
    result: DmarcOutcome | None = None,
) -> Discovery:
    may = [status == "temperror" and authenticated is not False for _, authenticated in identifiers]
    return Discovery(
        method=method,
        status=status,
        organizational_domain=organization,
        spf_undecided=may[0],
        dkim_undecided=tuple(may[1:]),
        dkim_aligned=(False,) * (len(identifiers) - 1),
        result=result or ("temperror" if status == "temperror" else "none"),
        unusable=record if status == "invalid" else None,
    )


def _assemble(
    author: str,
    identifiers: Identifiers,
    tree: Discovery,
    psl: Discovery,
    related: Related,
    answers: Mapping[Question, Answer],
) -> DmarcResult:
    passed = tuple(authenticated is True for _, authenticated in identifiers)
    kin = tuple(related.get(domain, False) for domain, _ in identifiers)
    unknown = [
        domain
        for (domain, authenticated), one in zip(identifiers, kin, strict=True)
        if one is None or (one and authenticated is None)
    ]
    own = answers.get(Question(f"_dmarc.{author}", "TXT"))
    return DmarcResult(
        author_domain=author,
        result=tree.result,
        treewalk=tree,
        psl=psl,
        spf_domain=identifiers[0][0],
        spf_passed=passed[0],
        dkim_domains=tuple(domain for domain, _ in identifiers[1:]),
        dkim_passed=passed[1:],
        relaxed_spf=passed[0] and kin[0] is True,
        relaxed_dkim=tuple(one and two is True for one, two in zip(passed[1:], kin[1:], strict=True)),
        records_at=tuple(
            (question.name, answer.records)
            for question, answer in answers.items()
            if answer.records and question.rdtype == "TXT"
        ),
        answers=tuple(answers.values()),
        cname_at_dmarc=own.chain if own else (),
        spf_related=kin[0] is True,
        dkim_related=tuple(one is True for one in kin[1:]),
        undetermined=tuple(dict.fromkeys(unknown)),
    )
