"""The message does not violate the policy that the owner of the From domain publishes."""

from __future__ import annotations

from datetime import date

from todoku.account.identity import SesIdentity
from todoku.auth.dmarc import DmarcResult
from todoku.auth.setup import DomainSetup
from todoku.auth.spf import SpfResult
from todoku.causes.dkim.signatures import as_notes
from todoku.causes.dmarc.methods_differ import METHODS_DIFFER, differing_values, methods_differ
from todoku.causes.dmarc.record import DNS_FAILED, record_exhibits, record_values
from todoku.causes.dmarc.setup_alignment import prospect_finding
from todoku.causes.dmarc.unaligned import Identities, alignment
from todoku.causes.spf.open_record import SPF_OPEN, aligned_trees, open_notes, with_openness
from todoku.causes.witnesses.receiver_results import ReceiverResults
from todoku.causes.witnesses.receiver_word import policy_word
from todoku.receivers import au, clause, docomo, gmail, icloud, nifty, outlook, yahoo, yahoo_japan
from todoku.words.pages import SES_GUIDE, ses_guide
from todoku.words.verdict import Clause, Finding, Missing, Note, Reason, Requirement, SesDefault, Text, Witness

KEPT = Reason(
    "dmarc-policy-kept",
    Text(
        "DMARC passes for {from_domain}, so that its policy ({policy}) does not touch this message.",
        "{from_domain} のDMARCは成功しているため、ポリシー({policy})による影響はありません。",
    ),
)
NO_POLICY = Reason(
    "dmarc-policy-absent",
    Text(
        "No usable DMARC record asks for anything about mail from {from_domain}.",
        "{from_domain} には有効なDMARCレコードがなく、ポリシーによる影響はありません。",
    ),
)
POLICY_NONE = Reason(
    "dmarc-policy-none",
    Text(
        "DMARC does not pass for {from_domain}, but its policy is none: nothing is asked for. Such a policy watches and does "
        "not protect; once the reports are clean, raise it.",
        "{from_domain} のDMARCは成功していませんが、ポリシーがnoneのため影響はありません。noneは監視だけで、なりすましは防げません。"
        "レポートで問題がなくなったら引き上げてください。",
    ),
    case="F46",
)
VIOLATED = Reason(
    "own-policy-violated",
    Text(
        "DMARC fails for {from_domain}, and your own record at {name} asks receivers to {policy} such mail.",
        "{from_domain} のDMARCが失敗しており、{name} にある自社のポリシー({policy})に違反しています。受信側はこのポリシーに従ってメールを扱います。",
    ),
)
SUBDOMAINS_OPEN = Reason(
    "dmarc-subdomains-open",
    Text(
        "The record at {name} protects the domain itself, but sp={subdomain_policy} leaves every subdomain open to impersonation.",
        "{name} のレコードはドメイン自体を保護していますが、sp={subdomain_policy} のためサブドメインのなりすましは防げません。",
    ),
    case="F46",
)
MAIL_FROM_HARD_FAIL = Reason(
    "mail-from-hard-fail",
    Text(
        "SPF fails, and the record of the MAIL FROM domain {domain} ends in -all: Gmail may refuse on that alone.",
        "SPFが失敗しており、MAIL FROMのドメイン {domain} のレコードは -all です。Gmailではこれだけで拒否されることがあります。",
    ),
)
WILL_BE_KEPT = Reason(
    "dmarc-policy-will-be-kept",
    Text(
        "DMARC will pass for mail from {from_domain} by what is set up ({aligned}), so that its policy ({policy}) will not touch it.",
        "{from_domain} から送るメールは、設定済みの{aligned}によりDMARCに成功するため、ポリシー({policy})の影響を受けません。",
    ),
)
WATCHES_ONLY = Reason(
    "dmarc-policy-watches-only",
    Text(
        "The policy of {from_domain} is none: it asks for nothing and protects nothing. Once the reports show that all your mail "
        "passes, raise it to quarantine, then to reject.",
        "{from_domain} のポリシーはnoneで、監視だけを行い、なりすましは防ぎません。レポートで自社のメールがすべて成功していることを"
        "確認したら、quarantine、rejectへと引き上げてください。",
    ),
    case="F46",
)
WILL_BE_VIOLATED = Reason(
    "own-policy-would-be-violated",
    Text(
        "Nothing that is set up lets DMARC pass, and the record of {from_domain} itself asks receivers to {policy} such mail.",
        "DMARCに成功する設定がなく、{from_domain} 自身のポリシー({policy})に違反するメールになります。",
    ),
)
ELSEWHERE = Reason(
    "dmarc-policy-elsewhere",
    Text("A sent message shows this.", "送信済みのメールで確認できます。"),
)


def decide(_clause: Clause, dmarc: DmarcResult, spf: SpfResult | Missing, seen: Identities) -> Finding:
    """Whether DMARC fails under a policy that asks for something, and by which cause."""
    values, exhibits = record_values(dmarc), record_exhibits(dmarc)
    notes = (*_subdomains(dmarc), *_hard_fail(spf))
    if dmarc.treewalk.status == "temperror":
        return Finding("unknown", DNS_FAILED, values, exhibits, missing="could-not-look")
    if dmarc.record is None:
        return Finding("pass", NO_POLICY, values, exhibits, notes)
    if methods_differ(dmarc) and _bite(dmarc):
        return Finding("warn", METHODS_DIFFER, {**values, **differing_values(dmarc)}, exhibits, notes)
    is_aligned = seen.spf_aligned or bool(seen.aligned_signatures)
    may_bite = dmarc.psl.result == "temperror" and dmarc.psl.policy not in (None, "none")
    if (is_aligned and may_bite) or (dmarc.policy_undecided and not is_aligned):
        return Finding("unknown", DNS_FAILED, values, exhibits, missing="could-not-look")
    if dmarc.policy == "none":
        kept = KEPT if is_aligned else POLICY_NONE
        return Finding("pass", kept, values, exhibits, (*notes, *open_notes(seen.spf_trees)))
    if is_aligned:
        return with_openness(Finding("pass", KEPT, values, exhibits, notes), seen.spf_trees)
    aligned = alignment(seen)
    if aligned.result == "unknown":
        return aligned
    return Finding("fail", VIOLATED, {**values, **aligned.values}, aligned.exhibits, (*as_notes(aligned), *notes))


def decide_reported(clause: Clause, reported: ReceiverResults | None) -> Finding | None:
    """The same, by the receiver's results where we have none; where we have no record either, by what it did."""
    if reported is None or isinstance(reported.seen, Missing):
        return None
    return reported.say(decide(clause, reported.seen.dmarc, reported.spf, reported.seen)) or reported.say(
        policy_word(reported)
    )


def decide_setup(
    _clause: Clause, setup: DomainSetup, identity: SesIdentity | Missing, wider: SesIdentity | Missing | None
) -> Finding:
    """Whether the policy would be turned against the owner's own mail, and whether it protects anything."""
    dmarc = setup.dmarc
    values, exhibits = record_values(dmarc), record_exhibits(dmarc)
    if dmarc.treewalk.status == "temperror":
        return Finding("unknown", DNS_FAILED, values, exhibits, missing="could-not-look")
    if dmarc.record is None:
        return Finding("pass", NO_POLICY, values, exhibits)
    if dmarc.policy == "none" and not dmarc.policy_undecided:
        return Finding("pass", WATCHES_ONLY, values, exhibits, open_notes(aligned_trees(setup.spf_trees, dmarc)))
    notes = _subdomains(dmarc)
    aligned = prospect_finding(setup, identity, wider)
    if aligned.result == "pass":
        return Finding("pass", WILL_BE_KEPT, {**values, **aligned.values}, exhibits, notes)
    if aligned.result == "unknown" or aligned.reason is SPF_OPEN:
        return aligned
    if dmarc.policy_undecided:
        return Finding("unknown", DNS_FAILED, values, exhibits, missing="could-not-look")
    return Finding("fail", WILL_BE_VIOLATED, {**values, **aligned.values}, exhibits, (*as_notes(aligned), *notes))


def _bite(dmarc: DmarcResult) -> bool:
    """Whether one of the two ways of looking ends in a violated policy."""
    return any(found.result == "fail" and found.policy != "none" for found in (dmarc.treewalk, dmarc.psl))


def _subdomains(dmarc: DmarcResult) -> tuple[Note, ...]:
    """A strict policy whose sp=none undoes it below."""
    record = dmarc.record
    if record is None or record.policy == "none" or record.subdomain_policy != "none":
        return ()
    return (Note(SUBDOMAINS_OPEN, {**record_values(dmarc), "subdomain_policy": "none"}),)


def _hard_fail(spf: SpfResult | Missing) -> tuple[Note, ...]:
    if isinstance(spf, Missing) or spf.result != "fail":
        return ()
    return (Note(MAIL_FROM_HARD_FAIL, {"domain": spf.domain}),)


RULE = Text(
    "Mail does not fail the From domain's own policy of quarantine or reject.",
    "Fromのドメイン自身のポリシー(quarantine、reject)に違反しないこと。",
)

REQUIREMENT = Requirement(
    id="dmarc-policy",
    title=Text("Your own DMARC policy", "自社のDMARCポリシーに抵触しないこと"),
    clauses=(
        clause(
            "gmail",
            "all",
            "must",
            RULE,
            since=date(2023, 3, 6),
            since_seen=True,
            source=gmail.CODES,
            codes=("550 5.7.26", "451 4.7.26"),
            consequence=gmail.OWN_POLICY,
        ),
        clause(
            "yahoo",
            "all",
            "must",
            RULE,
            since=date(2023, 12, 28),
            since_seen=True,
            source=yahoo.FAQ,
            seen_codes=("554 5.7.9",),
            consequence=yahoo.OWN_POLICY,
        ),
        clause(
            "outlook",
            "all",
            "must",
            RULE,
            since=date(2023, 7, 19),
            source=outlook.DMARC,
            headline=Text(
                "Outlook.com rejects what fails DMARC under p=reject or p=quarantine",
                "Outlook.comが、p=rejectとp=quarantineのもとでDMARCに失敗したメールを拒否するようになりました",
            ),
            seen_codes=("550 5.7.509",),
            consequence=outlook.OWN_POLICY,
        ),
        clause(
            "icloud",
            "all",
            "must",
            RULE,
            since=date(2018, 8, 9),
            since_seen=True,
            seen_codes=("554 5.7.1",),
            consequence=icloud.OWN_POLICY,
        ),
        clause(
            "docomo",
            "all",
            "must",
            RULE,
            since=date(2022, 8, 23),
            headline=Text("docomo begins to check DMARC and DKIM", "ドコモがDMARCとDKIMの判定を始めました"),
            source=docomo.POLICY.source,
            consequence=docomo.POLICY,
            certain="reported",
        ),
        clause(
            "au",
            "all",
            "should",
            RULE,
            since=date(2023, 10, 5),
            headline=au.FILTER_BEGINS,
            source=au.JUNK_FILTER.source,
            consequence=au.JUNK_FILTER,
            certain="own-text",
        ),
        clause(
            "softbank",
            "all",
            "must",
            RULE,
            since=date(2024, 4, 1),
            since_seen=True,
            headline=Text("SoftBank begins to apply DMARC", "ソフトバンクがDMARCの適用を始めました"),
        ),
        clause(
            "yahoo-japan",
            "all",
            "must",
            RULE,
            since=date(2020, 3, 4),
            headline=Text(
                "Yahoo! JAPAN begins to apply DMARC policies", "Yahoo!メールがDMARCポリシーの適用を始めました"
            ),
            since_seen=True,
            source=yahoo_japan.REFUSES.source,
            seen_codes=("554 [895]",),
            certain="undated",
        ),
        clause(
            "nifty",
            "all",
            "must",
            RULE,
            source=nifty.POLICY.source,
            consequence=nifty.POLICY,
        ),
    ),
    ses_default=SesDefault(
        met=None,
        text=Text(
            "Not met where your record says quarantine or reject and only an address identity sends; met with Easy DKIM.",
            "ポリシーがquarantineまたはrejectで、メールアドレスの検証だけで送信している場合は違反になります。Easy DKIMを設定すれば対応できます。",
        ),
        source=f"{SES_GUIDE}send-email-authentication-dmarc.html",
    ),
    witnesses=(Witness("message", decide), Witness("setup", decide_setup), Witness("receiver", decide_reported)),
    elsewhere=ELSEWHERE,
    setup_page=ses_guide("send-email-authentication-dmarc"),
)
