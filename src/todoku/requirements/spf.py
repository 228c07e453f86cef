"""SPF passes for the MAIL FROM domain."""

from __future__ import annotations

import msgspec

from todoku.account.identity import SesIdentity
from todoku.auth.ask import Answer
from todoku.auth.domain import MailDomain
from todoku.auth.setup import DomainSetup
from todoku.auth.spf import SpfResult
from todoku.auth.spf.tree import SpfTree
from todoku.causes import missing_reasons
from todoku.causes.dkim.signatures import as_notes
from todoku.causes.mail_from.ses_sender import sender_finding, sends_as
from todoku.causes.own_domain import OWN_DOMAIN, by_wording
from todoku.causes.spf.from_include import apex_note, include_note
from todoku.causes.spf.open_record import with_openness
from todoku.causes.spf.own_record import own_spf_finding
from todoku.causes.spf.record import explain
from todoku.causes.witnesses.aws import aws_witness
from todoku.causes.witnesses.google import google_witness
from todoku.causes.witnesses.receiver import receiver_witness
from todoku.causes.witnesses.receiver_results import ReceiverResults
from todoku.mail.route import Route
from todoku.receivers import clause
from todoku.words.pages import SES_GUIDE, ses_guide
from todoku.words.verdict import Finding, Missing, Reason, Requirement, SesDefault, Text, Witness, worst

ELSEWHERE = Reason(
    "spf-elsewhere",
    Text(
        "A sent message shows this; over all your mail, Postmaster Tools and DMARC aggregate reports do.",
        "送信済みのメールで確認できます。メール全体では、Postmaster ToolsやDMARCの集約レポートに表れます。",
    ),
)


def decide(
    variant: str,
    spf: SpfResult | Missing,
    mail_from_domain: MailDomain | Missing,
    from_apex_txt: Answer | Missing,
    route: Route,
    spf_trees: tuple[SpfTree, ...] | Missing,
) -> Finding:
    """What check_host() says, why, and whether the records of the sender's domains let anyone pass."""
    said = explain(spf, mail_from_domain, route)
    notes = apex_note(from_apex_txt, spf)
    said = by_wording(msgspec.structs.replace(said, notes=(*said.notes, *notes)), variant)
    return said if isinstance(spf_trees, Missing) else with_openness(said, spf_trees, neutral=True)


def decide_reported(variant: str, reported: ReceiverResults | None) -> Finding | None:
    """The receiver's SPF result, where we have none."""
    if reported is None or "spf" not in reported.methods:
        return None
    said = explain(reported.spf, missing_reasons.UNSHOWN, reported.around.route)
    return reported.say(by_wording(said, variant))


def decide_setup(
    variant: str,
    setup: DomainSetup,
    from_apex_txt: Answer | Missing,
    identity: SesIdentity | Missing,
    wider: SesIdentity | Missing | None,
) -> Finding:
    """The custom MAIL FROM domains, then the record of the domain itself, which mail of SES is not judged by."""
    senders, own = sender_finding(setup, identity, wider), own_spf_finding(setup)
    decisive = senders if own is None else worst((senders, own))
    others = tuple(note for one in (senders, own) if one is not None and one is not decisive for note in as_notes(one))
    include = include_note(from_apex_txt, sends_as(setup)[0])
    notes = (*decisive.notes, *(others if decisive.result != "pass" else ()), *include)
    said = by_wording(msgspec.structs.replace(decisive, notes=notes), variant)
    return with_openness(said, setup.spf_trees, neutral=True)


RULE = Text(
    "SPF passes for the domain in MAIL FROM.",
    "MAIL FROMのドメインでSPFが成功すること。",
)

REQUIREMENT = Requirement(
    id="spf",
    title=Text("SPF", "SPF"),
    google_row="SPF",
    clauses=(
        clause(
            "gmail",
            "bulk",
            "must",
            RULE,
            variant=OWN_DOMAIN,
            codes=("421 4.7.27", "550 5.7.27", "451 4.7.24", "550 5.7.24"),
        ),
        clause("yahoo", "bulk", "must", RULE, seen_codes=("550 5.7.9",)),
        clause("outlook", "bulk", "must", RULE, codes=("550 5.7.515",), seen_codes=("550 5.7.23",)),
        clause("icloud", "bulk", "must", RULE, seen_codes=("554 5.7.1",)),
        clause("au", "all", "should", RULE),
        clause("nifty", "all", "must", RULE),
    ),
    ses_default=SesDefault(
        met=True,
        text=Text(
            "Passes as amazonses.com, SES's own MAIL FROM domain. For your own domain set a custom MAIL FROM domain.",
            "SES自身のMAIL FROMドメイン(amazonses.com)として成功します。自社ドメインで成功させるには、カスタム MAIL FROM ドメインを設定します。",
        ),
        source=f"{SES_GUIDE}send-email-authentication-spf.html",
    ),
    witnesses=(
        Witness("message", decide),
        Witness("setup", decide_setup),
        Witness("receiver", decide_reported),
        receiver_witness("spf"),
        google_witness("SPF"),
        aws_witness("SPF"),
    ),
    elsewhere=ELSEWHERE,
    setup_page=ses_guide("mail-from"),
)
