"""SPF and DKIM both pass; Outlook.com wants one of them aligned with From as well."""

from __future__ import annotations

import msgspec

from todoku.account.identity import SesIdentity
from todoku.auth.dkim.verify import DkimResult
from todoku.auth.domain import MailDomain
from todoku.auth.setup import DomainSetup
from todoku.auth.spf import SpfResult
from todoku.causes import missing_reasons
from todoku.causes.circumstances import Circumstances
from todoku.causes.dkim.ses_signing import signing_finding, signs_as
from todoku.causes.dkim.signatures import as_notes, signatures
from todoku.causes.dmarc.setup_alignment import prospect_finding
from todoku.causes.dmarc.unaligned import Identities, alignment
from todoku.causes.mail_from.ses_sender import sender_finding, sends_as
from todoku.causes.own_domain import OWN_DOMAIN, by_wording
from todoku.causes.spf import record
from todoku.causes.witnesses.google import google_witness
from todoku.causes.witnesses.receiver_results import ReceiverResults
from todoku.receivers import clause
from todoku.words.pages import SES_GUIDE, ses_guide
from todoku.words.verdict import Finding, Missing, Reason, Requirement, SesDefault, Text, Witness, worst

BOTH_PASS = Reason(
    "both-pass",
    Text(
        "SPF passes ({spf_domain}) and DKIM passes ({dkim_domains}).",
        "SPF({spf_domain})とDKIM({dkim_domains})の両方が成功しています。",
    ),
)
BOTH_READY = Reason(
    "both-ready",
    Text(
        "SPF ({spf_domain}) and DKIM ({dkim_domains}) are both set up to pass.",
        "SPF({spf_domain})とDKIM({dkim_domains})は、どちらも成功するように設定されています。",
    ),
)
ELSEWHERE = Reason(
    "spf-and-dkim-elsewhere",
    Text("A sent message shows this.", "送信済みのメールで確認できます。"),
)


def decide(
    variant: str,
    spf: SpfResult | Missing,
    dkim: tuple[DkimResult, ...] | Missing,
    mail_from_domain: MailDomain | Missing,
    around: Circumstances,
    seen: Identities | Missing,
) -> Finding:
    """The cause of the one that does not pass; with both passing, whether one is aligned where the clause asks for that."""
    spf_said = record.explain(spf, mail_from_domain, around.route)
    dkim_said = signatures(dkim, around)
    decisive = worst((spf_said, dkim_said))
    other = dkim_said if decisive is spf_said else spf_said
    if decisive.result != "pass":
        others = as_notes(other) if other.result != "pass" else ()
        return msgspec.structs.replace(decisive, notes=(*decisive.notes, *others))
    if variant == ALIGNED and not isinstance(seen, Missing):
        aligned = alignment(seen)
        if aligned.result != "pass":
            return aligned
    values = {"spf_domain": spf_said.values["domain"], "dkim_domains": dkim_said.values["domains"]}
    both = Finding("pass", BOTH_PASS, values, (*spf_said.exhibits, *dkim_said.exhibits))
    return by_wording(both, variant, spf_said, dkim_said)


def decide_reported(variant: str, reported: ReceiverResults | None) -> Finding | None:
    """The same, by the receiver's results where we have none."""
    if reported is None:
        return None
    said = decide(variant, reported.spf, reported.dkim, missing_reasons.UNSHOWN, reported.around, reported.seen)
    return reported.say(said)


def decide_setup(
    variant: str, setup: DomainSetup, identity: SesIdentity | Missing, wider: SesIdentity | Missing | None
) -> Finding:
    """The worse of the two, and whether one is aligned where the clause asks for that."""
    senders, keys = sender_finding(setup, identity, wider), signing_finding(setup, identity, wider)
    decisive = worst((senders, keys))
    if variant == ALIGNED and decisive.result in ("pass", "warn"):
        aligned = prospect_finding(setup, identity, wider)
        if aligned.result != "pass":
            return aligned
    if decisive.result != "pass":
        other = keys if decisive is senders else senders
        notes = as_notes(other) if other.result not in ("pass", "unknown") else ()
        return msgspec.structs.replace(decisive, notes=(*decisive.notes, *notes))
    values = {"spf_domain": ", ".join(sends_as(setup)), "dkim_domains": ", ".join(signs_as(setup))}
    both = Finding("pass", BOTH_READY, values, (*senders.exhibits, *keys.exhibits))
    return by_wording(both, variant, senders, keys)


RULE = Text(
    "SPF and DKIM both pass.",
    "SPFとDKIMの両方が成功すること。",
)
ALIGNED = "aligned"
"""The variant of a clause that asks besides for one of the two to be aligned."""

RULE_ALIGNED = Text(
    "SPF and DKIM both pass, and at least one of them for the From domain.",
    "SPFとDKIMの両方が成功し、少なくとも一方でヘッダーFromとアライメントが取れていること。",
)

REQUIREMENT = Requirement(
    id="spf-and-dkim",
    title=Text("SPF and DKIM together", "SPFとDKIMの両方で認証成功"),
    google_row="SPF_AND_DKIM",
    clauses=(
        clause("gmail", "bulk", "must", RULE, variant=OWN_DOMAIN),
        clause("yahoo", "bulk", "must", RULE),
        clause("outlook", "bulk", "must", RULE_ALIGNED, variant=ALIGNED, codes=("550 5.7.515",)),
        clause("icloud", "bulk", "must", RULE),
    ),
    ses_default=SesDefault(
        met=None,
        text=Text(
            "Both pass as amazonses.com. Outlook.com's requirement that one of them be aligned with From is not met until Easy DKIM "
            "or a custom MAIL FROM domain is set up.",
            "両方ともamazonses.comとして成功します。Outlook.comが求める「少なくとも一方のアライメント」は、"
            "Easy DKIMまたはカスタム MAIL FROM ドメインを設定するまで満たせません。",
        ),
        source=f"{SES_GUIDE}send-email-authentication-dmarc.html",
    ),
    witnesses=(
        Witness("message", decide),
        Witness("setup", decide_setup),
        Witness("receiver", decide_reported),
        google_witness("SPF_AND_DKIM"),
    ),
    elsewhere=ELSEWHERE,
    setup_page=ses_guide("send-email-authentication-dmarc"),
)
