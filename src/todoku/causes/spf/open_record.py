"""An SPF record by which anyone passes as the sender's domain: SPF, and with it DMARC, then protects nothing.

Looked at are the records of the From domain, of its organization and of MAIL FROM, for a stranger may put any of them in his
MAIL FROM. Which sets of addresses are so large that anyone finds one to send from, ``auth/spf/reach.py`` says.

``?all`` is another thing. It gives neutral, and neutral is no pass (RFC 7208 section 8.2): DMARC does not pass by it, and no
policy is undone. But of strangers it says no more than having no record does, so that it is a warning, at SPF alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from todoku.auth.dmarc import DmarcResult
from todoku.auth.setup import DomainSetup
from todoku.auth.spf.reach import Opening, SpfReach, spf_reach
from todoku.auth.spf.tree import SpfTree
from todoku.causes.circumstances import is_amazon, is_within, organizational_domain
from todoku.causes.dmarc.consumer_from import CONSUMER_DOMAINS
from todoku.causes.exhibits import computed, dns_exhibit
from todoku.causes.identity_cache import remembered_of_senders
from todoku.causes.spf.record import DNS_FAILED
from todoku.causes.spf.term_edit import OPEN_ALL, with_milder_all, with_ses
from todoku.mail.ses import SesStamp
from todoku.words.change import Change, DnsRecord, Instruction
from todoku.words.verdict import Consequence, Exhibit, Finding, Fix, Missing, Note, Reason, Text, Value, worst

NAMED = 5  # terms that an exhibit and an instruction name at most


def close_spf(spf_trees: tuple[SpfTree, ...], setup: DomainSetup | Missing, ses: SesStamp) -> tuple[Change, ...]:
    """``~all`` in place of ``+all`` and ``?all``; what else lets everyone in only the owner can narrow without losing mail."""
    senders = () if isinstance(setup, Missing) else tuple(one.name for one in setup.mail_from)
    changes: list[Change] = []
    for tree in _own(spf_trees):
        reach = spf_reach(tree)
        if reach.is_open or _is_neutral(tree):
            of_ses = tree.domain in senders or (
                isinstance(setup, Missing) and ses.mail_from == "custom" and tree is spf_trees[0]
            )
            closed = with_milder_all(with_ses(tree.record) if of_ses else tree.record)
            if OPEN_ALL.search(tree.record):
                changes.append(DnsRecord(tree.domain, "TXT", closed, replaces=tree.record))
            changes += [_narrow(tree, one) for one in _wide(reach, tree)]
    return tuple(changes)


def _wide(reach: SpfReach, tree: SpfTree) -> list[Opening]:
    """The terms to narrow: those beside the record's own ``all``, as long as they leave it open."""
    own_all = [one for one in reach.openings if one.domain == tree.domain and OPEN_ALL.fullmatch(f" {one.term}", 1)]
    others = tuple(one for one in reach.openings if one not in own_all)
    return list(others[:NAMED]) if SpfReach(reach.domain, others).is_open else []


def _narrow(tree: SpfTree, opening: Opening) -> Instruction:
    """A network that is too wide, or somebody else's record that is."""
    if not opening.via:
        return Instruction(
            Text(
                f"In the SPF record of {tree.domain}, replace {opening.term} with the addresses that send for you.",
                f"{tree.domain} のSPFレコードの {opening.term} を、実際に送信しているアドレスだけに置き換えてください。",
            )
        )
    return Instruction(
        Text(
            f"Take {opening.via[0]} out of the SPF record of {tree.domain}, or have {opening.domain} narrow {opening.term}: as long as "
            "it is there, anyone passes SPF as you.",
            f"{tree.domain} のSPFレコードから {opening.via[0]} を外すか、{opening.domain} の管理者に {opening.term} の範囲を狭めてもらってください。"
            "残っている限り、誰でも自社としてSPFで認証に成功できます。",
        )
    )


SPF_CLOSED = Fix(
    "spf-close",
    Text("Let only your own senders pass SPF", "SPFで許可する送信元を自社のものだけにする"),
    close_spf,
)

SPF_OPEN = Reason(
    "spf-open",
    Text(
        "Anyone can send as {domain} and pass SPF: {term} in the SPF record of {term_domain} lets them. DMARC then passes by SPF as "
        "well, so that your DMARC policy stops nobody.",
        "誰でも {domain} としてSPFで認証に成功できます。{term_domain} のSPFレコードの {term} が、誰にでも送信を許可しているためです。"
        "SPFを通じてDMARCにも成功するため、DMARCポリシーではなりすましを防げません。",
    ),
    fixes=(SPF_CLOSED,),
    consequence=Consequence(
        "policy",
        Text(
            "Receivers do not reject your mail for this. They take forged mail for yours, and its complaints count against your domain.",
            "これを理由に自社のメールが拒否されることはありません。なりすましメールが自社のメールとして扱われ、その苦情が自社ドメインの評価に響きます。",
        ),
        source="https://www.rfc-editor.org/rfc/rfc7208#section-8.3",
    ),
)
SPF_OPEN_NEUTRAL = Reason(
    "spf-open-neutral",
    Text(
        "The SPF record of {domain} ends in ?all: of every other sender it says nothing, as if there were no record. Strangers do not "
        "pass by it, but receivers cannot tell them from you. End it in ~all.",
        "{domain} のSPFレコードは ?all で終わっており、ほかの送信元については何も示していません(レコードがないのと同じ扱いです)。"
        "第三者が認証に成功するわけではありませんが、受信側は自社のメールと区別できません。末尾を ~all にしてください。",
    ),
    fixes=(SPF_CLOSED,),
)


def with_openness(said: Finding, spf_trees: Iterable[SpfTree], *, neutral: bool = False) -> Finding:
    """What was said, unless anyone passes by one of the records, or it could not be looked at whether anyone does."""
    opened = _openness(tuple(_own(spf_trees)), neutral)
    if opened is None:
        return said
    decisive = worst((opened, said))
    other = said if decisive is opened else opened
    if other.result == "pass":
        return decisive
    beside = (Note(other.reason, other.values, other.exhibits), *other.notes)
    return msgspec.structs.replace(decisive, notes=(*decisive.notes, *beside))


def open_notes(spf_trees: Iterable[SpfTree]) -> tuple[Note, ...]:
    """The same as a note, where the verdict is about something else."""
    opened = _openness(tuple(_own(spf_trees)), neutral=False)
    return () if opened is None or opened.result != "fail" else (Note(opened.reason, opened.values, opened.exhibits),)


def aligned_trees(spf_trees: Iterable[SpfTree], dmarc: DmarcResult) -> tuple[SpfTree, ...]:
    """The records of the names that are aligned with From in MAIL FROM: RFC 9989 4.10.2."""
    strict = dmarc.record is not None and dmarc.record.aspf == "s"
    return tuple(
        tree
        for tree in spf_trees
        if tree.domain == dmarc.author_domain or (not strict and is_within(tree.domain, organizational_domain(dmarc)))
    )


def _openness(trees: Sequence[SpfTree], neutral: bool) -> Finding | None:
    """What decides of several records: that one is open, that one was not seen, and where it is asked, that one is neutral."""
    said = [_of_tree(tree) for tree in trees]
    decisive = next((one for one in said if one is not None and one.result == "fail"), None)
    decisive = decisive or next((one for one in said if one is not None and one.result == "unknown"), None)
    return decisive or (next((one for one in said if one is not None), None) if neutral else None)


@remembered_of_senders
def _of_tree(tree: SpfTree) -> Finding | None:
    """What there is to say of one record: fail, unknown or warn; None where it lets in whom it names."""
    reach = spf_reach(tree)
    if reach.is_open:
        return Finding("fail", SPF_OPEN, _values(reach), _exhibits(tree, reach))
    if reach.unseen:
        silent = [one for one in tree.answers if one.failed]
        name, rdtype = silent[0].question
        values: dict[str, Value] = {"domain": tree.domain, "detail": f"{name} {rdtype} {silent[0].status}"}
        return Finding("unknown", DNS_FAILED, values, tuple(map(dns_exhibit, silent)), missing="could-not-look")
    return (
        Finding("warn", SPF_OPEN_NEUTRAL, {"domain": tree.domain}, _exhibits(tree, reach))
        if _is_neutral(tree)
        else None
    )


def _own(trees: Iterable[SpfTree]) -> list[SpfTree]:
    """The records that their owner can change: not those of SES and of mailbox providers."""
    return [tree for tree in trees if tree.domain not in CONSUMER_DOMAINS and not is_amazon(tree.domain)]


def _is_neutral(tree: SpfTree) -> bool:
    return tree.end == "?all" and not tree.cause


def _values(reach: SpfReach) -> dict[str, Value]:
    widest = reach.openings[0]
    return {"domain": reach.domain, "term": widest.term, "term_domain": widest.domain}


def _exhibits(tree: SpfTree, reach: SpfReach) -> tuple[Exhibit, ...]:
    """The record, the widest terms with the way to them, and how many addresses pass."""
    record = tuple(dns_exhibit(one) for one in tree.answers[:1])
    paths = [" -> ".join((*one.via, one.term)) for one in reach.openings[:NAMED] if one.share >= 1 / 16]
    named = (computed("SPF terms", "\n".join(paths)),) if paths else ()
    return (*record, *named, computed("SPF passes", f"{reach.ipv4:,} IPv4 addresses, {reach.ipv6:.3g} IPv6 addresses"))
