"""With which MAIL FROM domain SES sends for an identity: what SES says of it, weighed with the records that DNS holds.

Without a MAIL FROM domain of one's own, or while SES does not find its MX record, SES sends with its own: SPF then passes as
amazonses.com. So what is wrong with a domain that SES does not use is a warning, and what is wrong with one that it uses
fails. Where SES was told to refuse rather than to fall back, nothing is sent at all.
"""

from __future__ import annotations

import msgspec

from todoku.account.identity import SesIdentity
from todoku.auth.mail_from import MailFrom
from todoku.auth.setup import DomainSetup
from todoku.causes.dkim.signatures import as_notes
from todoku.causes.dmarc.consumer_from import CONSUMER_DOMAINS, CONSUMER_FROM
from todoku.causes.mail_from.custom import CUSTOM_MAIL_FROM, domain_is_verified
from todoku.causes.mail_from.records import MAIL_FROM_MX
from todoku.causes.mail_from.setup import judge_mail_from, mail_from_finding, mail_from_values, tree_values
from todoku.causes.narrower_identity import NARROWER, hides_mail_from, narrower_values
from todoku.causes.ses_identity import identity_values, mail_from_exhibit, not_read
from todoku.words.change import Change, SesCall
from todoku.words.verdict import Finding, Fix, Missing, Note, Reason, Text


def set_again(identity: SesIdentity) -> tuple[Change, ...]:
    """The same setting once more: SES then looks for the MX record again."""
    return (_put(identity, identity.mail_from.on_mx_failure),) if identity.mail_from.domain else ()


def fall_back(identity: SesIdentity) -> tuple[Change, ...]:
    """The setting with which SES sends with its own domain while the MX record is not there."""
    return (_put(identity, "USE_DEFAULT_VALUE"),) if identity.mail_from.domain else ()


def _put(identity: SesIdentity, on_mx_failure: str) -> SesCall:
    parameters = {
        "EmailIdentity": identity.name,
        "MailFromDomain": identity.mail_from.domain,
        "BehaviorOnMxFailure": on_mx_failure,
    }
    return SesCall("PutEmailIdentityMailFromAttributes", parameters, identity.region)


SET_AGAIN = Fix(
    "mail-from-again",
    Text("Set the MAIL FROM domain once more", "カスタム MAIL FROM ドメインを設定し直す"),
    set_again,
)
FALL_BACK = Fix(
    "mail-from-fall-back",
    Text(
        "Let SES send with its own MAIL FROM domain meanwhile",
        "MXレコードが確認されるまで、SES既定のMAIL FROMドメインで送信させる",
    ),
    fall_back,
)

IN_USE = Reason(
    "mail-from-in-use",
    Text(
        "SES sends with {domain} in MAIL FROM, and its SPF record lets SES send ({record}).",
        "SESは {domain} をMAIL FROMに使って送信しており、SPFレコードもSESからの送信を許可しています({record})。",
    ),
)
AS_SES = Reason(
    "spf-as-amazonses",
    Text(
        "SES sends from {identity} with its own MAIL FROM domain, so that SPF passes as amazonses.com, not as {from_domain}.",
        "{identity} からのメールには、SES自身のMAIL FROMドメインが使われます。SPFは amazonses.com として成功しますが、{from_domain} としての"
        "認証にはなりません。",
    ),
)
NOT_SET = Reason(
    "mail-from-not-set",
    Text(
        "No custom MAIL FROM domain is set for {identity} in {region}.",
        "{region} の {identity} には、カスタム MAIL FROM ドメインが設定されていません。",
    ),
    fixes=(CUSTOM_MAIL_FROM,),
    case="F12",
)
NEEDS_IDENTITY = Reason(
    "mail-from-needs-identity",
    Text(
        "A custom MAIL FROM domain can be set for {identity} only once {domain} is verified in {region}; before that SES answers "
        "InvalidParameterValue, “… or its parents are not verified”. Verify first, then set it, by its full name.",
        "{identity} にカスタム MAIL FROM ドメインを設定できるのは、{region} で {domain} の検証が完了してからです。それまでSESは "
        "InvalidParameterValue(… or its parents are not verified)を返します。先に検証を済ませ、その後で完全なドメイン名を指定してください。",
    ),
    fixes=(CUSTOM_MAIL_FROM,),
    case="F16",
)
NOT_IN_USE = Reason(
    "mail-from-not-in-use",
    Text(
        "The custom MAIL FROM domain {mail_from} is set, but SES does not use it now ({mail_from_status}): it silently sends with "
        "its own, and SPF passes as amazonses.com, not as {from_domain}.",
        "カスタム MAIL FROM ドメイン {mail_from} は設定済みですが、現在は使われていません(状態: {mail_from_status})。SESは通知なしに自身のドメインで"
        "送信するため、SPFは {from_domain} ではなく amazonses.com として成功します。",
    ),
    case="F11",
)
REJECTS = Reason(
    "mail-from-rejects",
    Text(
        "SES sends nothing from {identity}: its MAIL FROM domain {mail_from} is not in use ({mail_from_status}), and SES is told to refuse "
        "then (REJECT_MESSAGE). Sending ends in MailFromDomainNotVerifiedException.",
        "{identity} からは送信できません。カスタム MAIL FROM ドメイン {mail_from} が使える状態になく({mail_from_status})、その場合は送信を拒否する設定"
        "(REJECT_MESSAGE)のため、MailFromDomainNotVerifiedException になります。",
    ),
    fixes=(FALL_BACK,),
    case="F13",
)
LAPSED = Reason(
    "mail-from-lapsed",
    Text(
        "The MX record of {mail_from} is right now, but SES gave up looking for it after 72 hours ({mail_from_status}): set the domain once "
        "more. Until then SES does not use it.",
        "{mail_from} のMXレコードは正しく登録されていますが、SESは72時間で確認を打ち切っています(状態: {mail_from_status})。もう一度設定するまで、"
        "このドメインは使われません。",
    ),
    fixes=(SET_AGAIN,),
    case="F11",
)
SET_LATER = Reason(
    "mail-from-failed",
    Text(
        "SES gave up looking for the MX record of {mail_from} ({mail_from_status}): once it is right, set the domain once more.",
        "SESは {mail_from} のMXレコードの確認を打ち切っています(状態: {mail_from_status})。正しく登録した後、もう一度設定してください。",
    ),
    fixes=(SET_AGAIN,),
    case="F11",
)
OTHER_REGION = Reason(
    "mail-from-other-region",
    Text(
        "The MX record of {domain} leads to SES in {mx_region} ({mx}), but the identity is in {region}: SES does not accept it.",
        "{domain} のMXレコードは {mx_region} のSESを指していますが({mx})、検証済みIDは {region} にあるため、受け付けられません。",
    ),
    fixes=(MAIL_FROM_MX,),
    case="F14",
)


def sender_finding(setup: DomainSetup, identity: SesIdentity | Missing, wider: SesIdentity | Missing | None) -> Finding:
    """Whether SPF passes and in whose name; of a domain without an account what its MAIL FROM domains show."""
    shut = not_read(identity)
    if shut is not None or isinstance(identity, Missing):
        return shut or mail_from_finding(setup)
    values, said = identity_values(identity), (mail_from_exhibit(identity),)
    if not identity.mail_from.domain or not setup.mail_from:
        return Finding("pass", AS_SES, values, said, (_not_set(identity, wider),))
    records = _of_region(judge_mail_from(setup.mail_from[0]), setup.mail_from[0], identity)
    exhibits = (*said, *records.exhibits)
    if identity.said.uses_mail_from:
        reason = IN_USE if records.result == "pass" else records.reason
        return msgspec.structs.replace(records, reason=reason, exhibits=exhibits)
    wrong = () if records.result == "pass" else as_notes(msgspec.structs.replace(records, exhibits=()))
    lapsed = identity.mail_from.status == "FAILED"
    if identity.said.rejects:
        again = (Note(LAPSED, values),) if lapsed and not wrong else ()
        return Finding("fail", REJECTS, values, exhibits, (*wrong, *again))
    if records.result == "pass":
        return Finding("warn", LAPSED if lapsed else NOT_IN_USE, values, exhibits)
    later = (Note(SET_LATER, values),) if lapsed else ()
    if records.result == "unknown":  # DNS did not answer; that SES does not use the domain is known all the same
        return Finding("warn", NOT_IN_USE, values, exhibits, (*wrong, *later))
    notes = (*records.notes, Note(NOT_IN_USE, values), *later)
    return msgspec.structs.replace(records, result="warn", exhibits=exhibits, notes=notes)


def _not_set(identity: SesIdentity, wider: SesIdentity | Missing | None) -> Note:
    """Why no MAIL FROM domain is set, or what is to come before it."""
    values = identity_values(identity)
    if identity.domain in CONSUMER_DOMAINS:
        return Note(CONSUMER_FROM, values)
    if isinstance(wider, SesIdentity) and hides_mail_from(identity, wider):
        return Note(NARROWER, narrower_values(identity, wider))
    may_be = isinstance(wider, Missing) or domain_is_verified(identity, wider)
    return Note(NOT_SET if may_be else NEEDS_IDENTITY, values)


def _of_region(records: Finding, one: MailFrom, identity: SesIdentity) -> Finding:
    """What DNS shows, with a question that DNS alone does not ask: whether the MX record is that of the identity's region."""
    if one.failed or not one.region or one.region == identity.region:
        return records
    values = {**tree_values(one.spf), **mail_from_values(one), "mx_region": one.region, "region": identity.region}
    notes = as_notes(records) if records.result == "fail" else ()
    return Finding("fail", OTHER_REGION, values, records.exhibits, notes)


def sends_as(setup: DomainSetup) -> tuple[str, ...]:
    """The domains by which SPF judges mail that SES sends, as far as they are known."""
    if setup.said is not None and not setup.said.uses_mail_from:
        return ("amazonses.com",)
    return tuple(one.name for one in setup.mail_from) or ("amazonses.com",)
