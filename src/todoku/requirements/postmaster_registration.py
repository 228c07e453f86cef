"""Postmaster Tools can show data for the From domain: it authenticates as itself, and its owner has added it there.

A message shows the first half. Whether the domain is added and verified only an account there can tell, so that the best
that a message can say is "not asked".
"""

from __future__ import annotations

import msgspec

from todoku.account.identity import SesIdentity
from todoku.auth.dmarc import DmarcResult
from todoku.auth.setup import DomainSetup
from todoku.causes.circumstances import is_within, organizational_domain, unseen
from todoku.causes.dkim.easy_dkim import EASY_DKIM
from todoku.causes.dkim.signatures import as_notes
from todoku.causes.dmarc.consumer_from import CONSUMER_DOMAINS, CONSUMER_FROM
from todoku.causes.dmarc.setup_alignment import Prospect, plain_prospect
from todoku.causes.dmarc.unaligned import Identities, alignment, alignment_exhibits, alignment_values
from todoku.causes.ses_identity import not_read
from todoku.causes.witnesses.google import exhibit_of, values_of
from todoku.causes.witnesses.receiver_results import ReceiverResults
from todoku.feedback.compliance import NOT_REGISTERED, REGISTRATION, Compliance, Standing
from todoku.receivers import clause, gmail
from todoku.words.change import Change, Instruction
from todoku.words.pages import google_help
from todoku.words.verdict import (
    Clause,
    Finding,
    Fix,
    Missing,
    Note,
    Reason,
    Requirement,
    Result,
    SesDefault,
    Text,
    Witness,
)

PAGE = "https://support.google.com/a/answer/14289100"


def add_domain(dmarc: DmarcResult) -> tuple[Change, ...]:
    """Adding a domain takes a person's Google account."""
    domain = dmarc.psl.organizational_domain or dmarc.author_domain
    if domain in CONSUMER_DOMAINS:
        return ()
    return (
        Instruction(
            Text(
                f"Once mail is signed as {domain}, add {domain} at https://postmaster.google.com (or with `todoku postmaster add {domain}`) "
                "and verify it with the TXT record that is shown there. Every Google account needs a record of its own; leave it in place.",
                f"{domain} の署名が付くようになったら、https://postmaster.google.com(または `todoku postmaster add {domain}`)で {domain} を追加し、"
                "表示されるTXTレコードを登録して所有権を確認します。レコードはGoogleアカウントごとに必要で、確認後も残しておきます。",
            )
        ),
    )


ADD_TO_POSTMASTER = Fix(
    "postmaster-add",
    Text("Add the domain to Postmaster Tools", "Postmaster Toolsにドメインを追加する"),
    add_domain,
)

SHOWS_NOTHING = Reason(
    "postmaster-shows-nothing",
    Text(
        "Authenticated by SPF: {spf_domain}; by DKIM: {dkim_domains}; not {organizational_domain}. Postmaster Tools will show no "
        "data for {organizational_domain}, and its spam rate stays unseen.",
        "SPFで認証されたドメイン: {spf_domain}、DKIMで認証されたドメイン: {dkim_domains}。{organizational_domain} は認証されていません。"
        "Postmaster Toolsに {organizational_domain} のデータは表示されず、迷惑メール率を確認できません。",
    ),
    fixes=(EASY_DKIM, ADD_TO_POSTMASTER),
    case="F25",
)
ADD_DOMAIN = Reason(
    "postmaster-account-unseen",
    Text(
        "{organizational_domain} authenticates as itself ({authenticated}), so that Postmaster Tools can show its data once it "
        "is added and verified there. Whether it is, only your account there shows.",
        "{organizational_domain} は自ドメインとして認証されているため({authenticated})、Postmaster Toolsに追加して所有権を確認すれば"
        "データが表示されます。登録済みかどうかは、Postmaster Toolsのアカウントで確認してください。",
    ),
)
NEEDS_DKIM = Reason(
    "postmaster-needs-dkim",
    Text(
        "Only SPF authenticates {organizational_domain}. The spam rate is counted over mail that DKIM signs: sign as "
        "{organizational_domain} too.",
        "{organizational_domain} を認証しているのはSPFだけです。迷惑メール率はDKIM署名のあるメールで集計されるため、"
        "{organizational_domain} のDKIM署名も付けてください。",
    ),
    fixes=(EASY_DKIM,),
    case="F25",
)
REGISTERED = Reason(
    "postmaster-registered",
    Text(
        "{domain} is verified in the Postmaster Tools that todoku reads (read on {read}).",
        "{domain} は、todokuが読み取るPostmaster Toolsで所有権を確認済みです({read} に取得)。",
    ),
)
NOT_VERIFIED = Reason(
    "postmaster-not-verified",
    Text(
        "{domain} stands in Postmaster Tools, but Google does not see the record by which it is verified, and shows no data (read on {read}). "
        "“todoku postmaster add {domain}” shows the record.",
        "{domain} はPostmaster Toolsに追加されていますが、所有権の確認用レコードがGoogleから見えないため、データが表示されません({read} に取得)。"
        "レコードは todoku postmaster add {domain} で確認できます。",
    ),
    fixes=(ADD_TO_POSTMASTER,),
    case="F26",
)
NOT_ADDED = Reason(
    "postmaster-not-added",
    Text(
        "{domain} is not in the Postmaster Tools that todoku reads (read on {read}), so that its spam rate stays unseen. “todoku postmaster add "
        "{domain}” adds it.",
        "{domain} は、todokuが読み取るPostmaster Toolsに追加されていないため、迷惑メール率を確認できません({read} に取得)。"
        "todoku postmaster add {domain} で追加できます。",
    ),
    fixes=(ADD_TO_POSTMASTER,),
    case="F25",
)
SAID: dict[str, tuple[Result, Reason]] = {
    "VERIFIED": ("pass", REGISTERED),
    "UNVERIFIED": ("fail", NOT_VERIFIED),
    NOT_REGISTERED: ("fail", NOT_ADDED),
}
ELSEWHERE = Reason(
    "postmaster-elsewhere",
    Text("Your Postmaster Tools account shows this.", "Postmaster Toolsのアカウントで確認できます。"),
)


def decide(_clause: Clause, seen: Identities) -> Finding:
    """Whether any domain of the From's organization is authenticated: strictness of DMARC does not matter here."""
    signed = [domain for domain in seen.authenticated if seen.around.is_own(domain)]
    by_spf = [seen.spf_domain] if seen.spf_passed and seen.around.is_own(seen.spf_domain) else []
    values, exhibits = alignment_values(seen), alignment_exhibits(seen)
    if signed or by_spf:
        named = {**values, "authenticated": ", ".join(dict.fromkeys((*signed, *by_spf)))}
        may_be_signed = isinstance(seen.dkim, Missing) or any(one.result == "temperror" for one in seen.own_signatures)
        notes = () if signed or may_be_signed else (Note(NEEDS_DKIM, values),)
        return Finding("unknown", ADD_DOMAIN, named, exhibits, notes, missing="not-asked")
    said = alignment(seen)
    if said.result == "unknown" or said.reason is CONSUMER_FROM:
        return said
    return Finding("fail", SHOWS_NOTHING, values, exhibits, (Note(said.reason, said.values), *said.notes))


def decide_reported(clause: Clause, reported: ReceiverResults | None) -> Finding | None:
    """The same, by the receiver's results where we have none."""
    if reported is None or isinstance(reported.seen, Missing):
        return None
    said = decide(clause, reported.seen)
    return reported.marked(said) if said.reason is ADD_DOMAIN else reported.say(said)


def decide_receiver(_clause: Clause, compliance: Compliance | Missing) -> Finding | None:
    """Whether the domain, or the one above it, is registered and verified; None where nobody has asked Google."""
    if isinstance(compliance, Missing):
        return unseen(compliance) if compliance.kind == "could-not-look" else None
    standing = _registration(compliance)
    if standing is None:
        return None
    result, reason = SAID[standing.state]
    return Finding(result, reason, values_of(compliance.domain, standing), (exhibit_of(compliance.domain, standing),))


def _registration(compliance: Compliance | Missing) -> Standing | None:
    """What Google says of it, where it has been asked, in a word that we know."""
    standing = None if isinstance(compliance, Missing) else compliance.row(REGISTRATION)
    return standing if standing is not None and standing.state in SAID else None


def decide_setup(
    _clause: Clause,
    setup: DomainSetup,
    identity: SesIdentity | Missing,
    wider: SesIdentity | Missing | None,
    compliance: Compliance | Missing,
) -> Finding | None:
    """Whether any domain of the From's organization will be authenticated by what is set up; the rest is Google's to say."""
    dmarc, own = setup.dmarc, organizational_domain(setup.dmarc)
    pairs = zip(dmarc.dkim_domains, dmarc.dkim_passed, strict=True)
    signed = [domain for domain, passed in pairs if passed and is_within(domain, own)]
    by_spf = [dmarc.spf_domain] if dmarc.spf_passed and is_within(dmarc.spf_domain, own) else []
    values = {**Prospect(setup).values, "organizational_domain": own}
    said = plain_prospect(setup, identity, wider)
    if own in CONSUMER_DOMAINS or not_read(identity):
        return said
    theirs = _registration(compliance) or (isinstance(compliance, Missing) and compliance.kind == "could-not-look")
    if theirs and (signed or by_spf or said.result == "unknown"):
        return None
    if signed or by_spf:
        named = {**values, "authenticated": ", ".join(dict.fromkeys((*signed, *by_spf)))}
        may_be_signed = isinstance(identity, Missing) or any(key.failed for key in setup.selectors)
        notes = () if signed or may_be_signed else (Note(NEEDS_DKIM, values),)
        return Finding("unknown", ADD_DOMAIN, named, said.exhibits, notes, missing="not-asked")
    if said.result == "unknown":
        return said
    return Finding("fail", SHOWS_NOTHING, values, said.exhibits, as_notes(msgspec.structs.replace(said, exhibits=())))


REQUIREMENT = Requirement(
    id="postmaster-registration",
    title=Text("Postmaster Tools", "Postmaster Toolsへの登録"),
    clauses=(
        clause(
            "gmail",
            "bulk",
            "should",
            Text(
                "Use Postmaster Tools to check that you meet the requirements: the From domain authenticates as itself and is "
                "registered there. The spam rate is shown nowhere else.",
                "Postmaster Toolsで要件への準拠状況を確認すること(Fromのドメインが自ドメインとして認証され、登録されていること)。"
                "迷惑メール率はここでしか確認できません。",
            ),
            source=PAGE,
            consequence=gmail.UNSEEN,
        ),
    ),
    ses_default=SesDefault(
        met=False,
        text=Text(
            "A domain can be added and verified, but shows no data while only amazonses.com is authenticated. Set up Easy DKIM "
            "first.",
            "ドメインの追加と所有権の確認はできますが、amazonses.comしか認証されていない間はデータが表示されません。先にEasy DKIMを設定してください。",
        ),
        source="https://support.google.com/mail/answer/9981691",
    ),
    witnesses=(
        Witness("message", decide),
        Witness("setup", decide_setup),
        Witness("receiver", decide_reported),
        Witness("receiver", decide_receiver),
    ),
    elsewhere=ELSEWHERE,
    setup_page=google_help("mail/answer/9981691"),
)
