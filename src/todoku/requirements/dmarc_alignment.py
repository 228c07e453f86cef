"""The domain in From is the one that SPF or DKIM authenticates: what SES does not do by itself."""

from __future__ import annotations

import msgspec

from todoku.account.identity import SesIdentity
from todoku.auth.setup import DomainSetup
from todoku.auth.spf import SpfResult
from todoku.causes.dkim import damage
from todoku.causes.dkim.easy_dkim import EASY_DKIM
from todoku.causes.dkim.signatures import as_notes
from todoku.causes.dmarc.setup_alignment import both_finding, prospect_finding
from todoku.causes.dmarc.strict_alignment import STRICT_DKIM, STRICT_SPF
from todoku.causes.dmarc.unaligned import (
    ALIGNED,
    Identities,
    alignment,
    alignment_exhibits,
    alignment_values,
    dkim_undecided,
    spf_undecided,
)
from todoku.causes.forwarded import sign_of
from todoku.causes.mail_from.custom import CUSTOM_MAIL_FROM, MAIL_FROM_FALLBACK
from todoku.causes.witnesses.google import google_witness
from todoku.causes.witnesses.receiver_dmarc import RECEIVER_DMARC
from todoku.causes.witnesses.receiver_results import ReceiverResults
from todoku.causes.witnesses.receiver_word import dmarc_word
from todoku.receivers import clause, docomo, gmail, outlook, yahoo
from todoku.words.pages import SES_GUIDE, ses_guide
from todoku.words.verdict import Clause, Finding, Missing, Reason, Requirement, SesDefault, Terms, Text, Witness

DKIM_ONLY = Reason(
    "dkim-only-aligned",
    Text(
        "Only {aligned} is aligned with From ({from_domain}), not the domain of SPF ({spf_domain}). Either is enough today; with "
        "both, one may break.",
        "ヘッダーFrom({from_domain})とアライメントが取れているのは{aligned}だけです(SPFのドメイン: {spf_domain})。"
        "片方で要件は満たしますが、両方で取れていれば一方が失敗しても認証が保たれます。",
    ),
    fixes=(CUSTOM_MAIL_FROM,),
)
SPF_ONLY = Reason(
    "spf-only-aligned",
    Text(
        "Only {aligned} is aligned with From ({from_domain}), no domain of DKIM (authenticated: {dkim_domains}). The first forwarding breaks "
        "SPF, and then nothing is left.",
        "ヘッダーFrom({from_domain})とアライメントが取れているのは{aligned}だけです(DKIMで認証されたドメイン: {dkim_domains})。"
        "SPFは転送されると失敗するため、DKIMでもアライメントを取ってください。",
    ),
    fixes=(EASY_DKIM,),
)
SIGNATURE_BROKEN = Reason(
    "aligned-signature-broken",
    Text(
        "Of several signatures of {organizational_domain}, that of {domain} (selector {selector}) fails. Where one fails, "
        "Yahoo gives no guarantee that the others count.",
        "{organizational_domain} の複数の署名のうち、{domain}(セレクター {selector})の検証に失敗しています。"
        "Yahooでは、1つでも失敗すると他の署名が有効に扱われる保証がありません。",
    ),
)
DIRECT_MAIL_ONLY = Reason(
    "direct-mail-only",
    Text(
        "Google asks for alignment of direct mail. This message was forwarded or went through a mailing list ({sign}), so the rule does "
        "not apply to it.",
        "Googleがアライメントを求めるのは直接送信されたメールです。このメールは転送またはメーリングリストを経由しているため({sign})、対象外です。",
    ),
)
ELSEWHERE = Reason(
    "dmarc-alignment-elsewhere",
    Text(
        "A sent message shows this; over all your mail, Postmaster Tools and DMARC aggregate reports do.",
        "送信済みのメールで確認できます。メール全体では、Postmaster ToolsやDMARCの集約レポートに表れます。",
    ),
)


def decide(clause: Clause, seen: Identities, terms: Terms) -> Finding | None:
    """The rule itself, or one of the two pieces of advice. Of a small sender the advice alone is asked: what is dark is so there."""
    if clause.aspect:
        said = ADVICE[clause.aspect](seen)
        alone = said is None and clause.aspect == "both" and terms.volume != "bulk"
        return alignment(seen) if alone and _is_dark(alignment(seen)) else said
    said, route = alignment(seen), seen.around.route
    if clause.variant == DIRECT_MAIL and route.forwarded and said.result in ("fail", "warn"):
        values = {**said.values, "sign": sign_of(route)}
        return Finding("notapplicable", DIRECT_MAIL_ONLY, values, said.exhibits, as_notes(said))
    return said


def _both(seen: Identities) -> Finding | None:
    """Whether both methods are aligned; nothing where nothing shows the second.

    A forwarder's MAIL FROM does not show whether the sender's was aligned. Where none is, a bulk sender fails the rule itself;
    of others this alone is asked.
    """
    if seen.around.route.by_forwarder:
        return None
    values, exhibits = alignment_values(seen), alignment_exhibits(seen)
    by_spf, by_dkim = seen.spf_aligned, bool(seen.aligned_signatures)
    if by_spf and by_dkim:
        return Finding("pass", ALIGNED, values, exhibits)
    if by_dkim and seen.dmarc.relaxed_spf:
        return Finding("fail", STRICT_SPF, values, exhibits)
    if by_spf and any(seen.dmarc.relaxed_dkim):
        return Finding("fail", STRICT_DKIM, values, exhibits)
    dark = spf_undecided(seen) if by_dkim else dkim_undecided(seen) if by_spf else None
    if dark is not None:
        return msgspec.structs.replace(dark, exhibits=(*exhibits, *dark.exhibits)) if _is_dark(dark) else None
    if by_dkim and isinstance(seen.spf, SpfResult):
        fallback = seen.around.ses.mail_from == "default"
        return Finding("fail", MAIL_FROM_FALLBACK if fallback else DKIM_ONLY, values, exhibits)
    if by_spf and not isinstance(seen.dkim, Missing):
        return Finding("fail", SPF_ONLY, values, exhibits)
    return None if by_spf or by_dkim or seen.around.route.forwarded else _failing(alignment(seen))


def _failing(said: Finding) -> Finding | None:
    return said if said.result == "fail" else None


def _every_signature(seen: Identities) -> Finding | None:
    """Whether all signatures of the organization verify, where there are several."""
    if len(seen.own_signatures) < 2:
        return None
    values, exhibits = alignment_values(seen), alignment_exhibits(seen)
    broken = [damage.explain(one, seen.around) for one in seen.own_signatures if one.result != "pass"]
    for said in broken:
        if said.result == "fail" and seen.aligned_signatures:
            named = {**said.values, **values}
            return Finding("fail", SIGNATURE_BROKEN, named, (*exhibits, *said.exhibits), as_notes(said))
    return next((said for said in broken if _is_dark(said)), None)


ADVICE = {"both": _both, "every-signature": _every_signature}


def _is_dark(said: Finding) -> bool:
    return said.missing == "could-not-look"


def decide_reported(clause: Clause, reported: ReceiverResults | None, terms: Terms) -> Finding | None:
    """The same by the receiver's results where we have none; of the rule itself else by its own word on DMARC."""
    if reported is None or isinstance(reported.seen, Missing):
        return None
    said = reported.say(decide(clause, reported.seen, terms))
    return said if said is not None or clause.aspect else reported.say(dmarc_word(reported))


def decide_setup(
    aspect: str, setup: DomainSetup, identity: SesIdentity | Missing, wider: SesIdentity | Missing | None
) -> Finding | None:
    """What will be aligned by all that is set up; of signatures that do not exist yet there is nothing to say."""
    if aspect == "every-signature":
        return None
    if aspect == "both":
        rule = prospect_finding(setup, identity, wider)
        return both_finding(setup, identity, wider) or (rule if _is_dark(rule) else _failing(rule))
    return prospect_finding(setup, identity, wider)


DIRECT_MAIL = "direct-mail"
"""The variant of a clause that binds mail which comes straight from its sender."""

RULE = Text(
    "The From domain is aligned, relaxed mode being enough, with the domain of SPF or of DKIM.",
    "ヘッダーFromがSPFかDKIMの認証ドメインとアライメントが取れていること(組織ドメインの一致で可)。",
)
BOTH = Text(
    "From should be aligned with SPF and with DKIM.",
    "SPFとDKIMの両方でヘッダーFromとアライメントが取れていることを推奨。",
)

REQUIREMENT = Requirement(
    id="dmarc-alignment",
    title=Text("DMARC alignment", "DMARCアライメント"),
    google_row="DMARC_ALIGNMENT",
    clauses=(
        clause("gmail", "bulk", "must", RULE, variant=DIRECT_MAIL, codes=("421 4.7.32", "421 5.7.32")),
        clause("gmail", "all", "should", BOTH, aspect="both", source=gmail.FAQ),
        clause("yahoo", "bulk", "must", RULE),
        clause(
            "yahoo",
            "bulk",
            "should",
            Text(
                "Where a message has several signatures of the From domain, all of them should verify.",
                "Fromのドメインの署名が複数ある場合は、すべて検証に成功することを推奨。",
            ),
            aspect="every-signature",
            source=yahoo.FAQ,
        ),
        clause("outlook", "bulk", "must", RULE, codes=("550 5.7.515",)),
        clause("outlook", "bulk", "should", BOTH, aspect="both", consequence=outlook.RECOMMENDS),
        clause(
            "docomo", "all", "must", RULE, since=docomo.WARNING_SHOWN, since_seen=True, headline=docomo.WARNING_BEGINS
        ),
    ),
    ses_default=SesDefault(
        met=False,
        text=Text(
            "With an address identity SES authenticates only amazonses.com. With a domain identity and Easy DKIM, DKIM is "
            "aligned; with a custom MAIL FROM domain SPF is too.",
            "メールアドレスだけの検証では amazonses.com しか認証されず、アライメントが取れません。ドメインを検証してEasy DKIMを"
            "有効にするとDKIMで、カスタム MAIL FROM ドメインを設定するとSPFでもアライメントが取れます。",
        ),
        source=f"{SES_GUIDE}send-email-authentication-dmarc.html",
    ),
    witnesses=(
        Witness("message", decide),
        Witness("setup", decide_setup),
        Witness("receiver", decide_reported),
        RECEIVER_DMARC,
        google_witness("DMARC_ALIGNMENT"),
    ),
    elsewhere=ELSEWHERE,
    setup_page=ses_guide("send-email-authentication-dmarc"),
)
