"""The SPF record of the From domain itself: mail of SES is not judged by it, all other mail of the domain is."""

from __future__ import annotations

from todoku.auth.setup import DomainSetup
from todoku.auth.spf.tree import SpfTree
from todoku.causes.dmarc.consumer_from import CONSUMER_DOMAINS
from todoku.causes.mail_from.records import delete_others
from todoku.causes.mail_from.setup import tree_exhibits, tree_values
from todoku.causes.spf.record import BY_CAUSE, DNS_FAILED
from todoku.causes.spf.term_edit import keeps_out, merged, with_milder_all, without_term
from todoku.words.change import Change, DnsRecord, Instruction
from todoku.words.verdict import Finding, Fix, Note, Reason, Text


def mend_own_spf(setup: DomainSetup) -> tuple[Change, ...]:
    """The record as it should be, where that can be told; else what only its owner can decide."""
    tree = setup.spf
    if not tree.cause or tree.failed or tree.cause == "no-record" or tree.domain in CONSUMER_DOMAINS:
        return ()
    if tree.cause == "several-records" and tree.term_domain == tree.domain:
        if any(map(_redirects, tree.records)):
            return (_merge_by_hand(tree),)
        one = DnsRecord(tree.domain, "TXT", merged(tree.records), replaces=tree.records[0])
        return (one, *delete_others(tree.domain, "TXT", tree.records[1:]))
    if tree.cause == "too-many-lookups":
        return (_costs(tree),)
    if tree.term_domain == tree.domain and tree.cause in ("target-none", "too-many-voids") and not keeps_out(tree.term):
        kept = with_milder_all(without_term(tree.record, tree.term))
        return (DnsRecord(tree.domain, "TXT", kept, replaces=tree.record),)
    return (
        Instruction(
            Text(
                f"Correct the term {tree.term or tree.detail} in the SPF record at {tree.term_domain}, or take it out"
                + (
                    "."
                    if tree.term_domain == tree.domain
                    else f"; that record is not yours: tell whoever runs {tree.term_domain}."
                ),
                f"{tree.term_domain} のSPFレコードの {tree.term or tree.detail} を修正するか、削除してください。"
                + (
                    ""
                    if tree.term_domain == tree.domain
                    else f"他社のレコードの場合は、{tree.term_domain} の管理者に連絡してください。"
                ),
            )
        ),
    )


def _redirects(record: str) -> bool:
    return any(term.lower().startswith("redirect=") for term in record.split())


def _merge_by_hand(tree: SpfTree) -> Instruction:
    """A redirect= hands over everything after it (RFC 7208 6.1): whose senders are meant only the owner knows."""
    return Instruction(
        Text(
            f"Put the terms of all SPF records of {tree.domain} into one and delete the others. One of them hands over to another "
            "domain by redirect=, which counts only where nothing before it matches and no all stands in the record: where "
            "both are meant, write include: in its place. The records now:",
            f"{tree.domain} のSPFレコードを1つにまとめ、残りを削除してください。redirect= のあるレコードは別のドメインに評価を引き継ぎますが、"
            "ほかの項目に一致せず、allもない場合にしか使われません。両方の送信元を許可するには、redirect= を include: に書き換えます。現在のレコード:",
        ),
        tree.records,
    )


def _costs(tree: SpfTree) -> Instruction:
    """What each term of the record costs, dearest first: which sender is no longer needed only the owner knows."""
    costs = sorted(((node.cost + 1, node.via) for node in tree.nodes if node.depth == 1), reverse=True)
    return Instruction(
        Text(
            f"The record of {tree.domain} costs {tree.lookups} look-ups. Take out services that no longer send, or give them a "
            "subdomain of their own as MAIL FROM, until at most 10 are left. What each include costs:",
            f"{tree.domain} のレコードのDNS参照は{tree.lookups}回です。10回以下になるまで、使っていないサービスを外すか、サービスごとに"
            "サブドメインをMAIL FROMとして割り当ててください。includeごとの参照回数:",
        ),
        tuple(f"{cost:>3}  {via}" for cost, via in costs),
    )


MEND_OWN_SPF = Fix(
    "mend-own-spf", Text("Fix the domain's own SPF record", "ドメイン自身のSPFレコードを直す"), mend_own_spf
)

OWN_SPF_BROKEN = Reason(
    "own-spf-broken",
    Text(
        "The SPF record of {domain} itself cannot be evaluated (permerror). Mail from SES is not judged by it, but other mail "
        "that has {domain} in MAIL FROM fails SPF.",
        "{domain} 自身のSPFレコードは評価できません(permerror)。SESのメールの判定には使われませんが、{domain} をMAIL FROMとするほかのメールは"
        "SPFに失敗します。",
    ),
    fixes=(MEND_OWN_SPF,),
    case="F18",
)


def own_spf_finding(setup: DomainSetup) -> Finding | None:
    """What is wrong with the domain's own record, its exact cause as a note; None where nothing is."""
    tree = setup.spf
    if not tree.cause or tree.cause == "no-record":
        return None
    values, exhibits = tree_values(tree), tree_exhibits(tree)
    if tree.failed:
        return Finding("unknown", DNS_FAILED, values, exhibits, missing="could-not-look")
    return Finding("warn", OWN_SPF_BROKEN, values, exhibits, (Note(BY_CAUSE[tree.cause], values),))
