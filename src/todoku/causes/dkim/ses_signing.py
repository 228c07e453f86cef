"""Whether SES signs for the domain of an identity: what SES says of it, weighed with the key records that DNS holds.

SES adds its own signature, of amazonses.com, to every message: so DKIM passes whatever is set up, and a signature of one's
own that is not there yet is a note. One that SES makes and that cannot be verified fails; one that SES would make if its
records were right is a warning.
"""

from __future__ import annotations

import msgspec

from todoku.account.identity import SesIdentity
from todoku.auth.setup import DomainSetup
from todoku.causes.dkim.easy_dkim import EASY_DKIM
from todoku.causes.dkim.selector_records import published, selectors_finding
from todoku.causes.dmarc.consumer_from import CONSUMER_DOMAINS, CONSUMER_FROM
from todoku.causes.narrower_identity import NARROWER, hides_signing, narrower_values
from todoku.causes.ses_identity import dkim_exhibit, identity_values, not_read, said_error
from todoku.words.change import Change, Instruction, SesCall
from todoku.words.verdict import Finding, Fix, Missing, Note, Reason, Text


def restart_verification(identity: SesIdentity) -> tuple[Change, ...]:
    """The call that has SES look for the records again; of a key of one's own it takes the private key, which only its owner has."""
    named = {"EmailIdentity": identity.name, "SigningAttributesOrigin": identity.dkim.origin}
    if identity.dkim.easy:
        return (SesCall("PutEmailIdentityDkimSigningAttributes", named, identity.region),)
    selector = next(iter(identity.dkim.tokens), "")
    return (
        Instruction(
            Text(
                f"Give SES your own key once more: PutEmailIdentityDkimSigningAttributes for {identity.name} in {identity.region}, "
                f"with SigningAttributesOrigin EXTERNAL, the selector {selector} and the private key. SES then looks for the "
                "record again.",
                f"ご自身の鍵をSESにもう一度登録してください。{identity.region} で {identity.name} に対し、SigningAttributesOriginに EXTERNAL、"
                f"セレクターに {selector}、さらに秘密鍵を指定して PutEmailIdentityDkimSigningAttributes を実行すると、SESがレコードの確認を再開します。",
            )
        ),
    )


RESTART = Fix(
    "restart-verification",
    Text("Have SES look for the DKIM records again", "SESによるDKIMレコードの確認を再開する"),
    restart_verification,
)

SIGNS = Reason(
    "ses-signs",
    Text(
        "SES signs mail from {identity} as {signer}, and the keys are published: {keys}.",
        "SESは {identity} からのメールに {signer} の署名を付けており、公開鍵も公開されています({keys})。",
    ),
)
BY_SES_ALONE = Reason(
    "signed-by-ses-alone",
    Text(
        "SES signs mail from {identity} as amazonses.com, so that DKIM passes; nothing is signed as {domain}.",
        "{identity} からのメールにはSESが amazonses.com の署名を付けるため、DKIMは成功します。{domain} の署名は付いていません。",
    ),
)
NOT_SET_UP = Reason(
    "ses-dkim-not-set-up",
    Text(
        "Easy DKIM is not set up for {identity} in {region}.",
        "{region} の {identity} にはEasy DKIMが設定されていません。",
    ),
    fixes=(EASY_DKIM,),
    case="F01",
)
ADDRESS_ALONE = Reason(
    "address-without-domain",
    Text(
        "{identity} is verified as a single address. SES signs as {domain} only where {domain} itself is a verified identity in "
        "{region}, and it is not.",
        "{identity} はメールアドレスとして検証されています。SESが {domain} の署名を付けるには、{region} で {domain} 自体を検証済みIDにする必要が"
        "ありますが、まだ検証済みIDではありません。",
    ),
    fixes=(EASY_DKIM,),
    case="F01 F02",
)
OFF = Reason(
    "ses-dkim-off",
    Text(
        "DKIM signing is switched off for {identity} in {region}.",
        "{region} の {identity} では、DKIM署名が無効になっています。",
    ),
    fixes=(EASY_DKIM,),
    case="F01",
)
PENDING = Reason(
    "ses-dkim-pending",
    Text(
        "SES does not sign as {domain} yet: its status is {dkim_status}. It looks for the records for 72 hours at most.",
        "SESはまだ {domain} の署名を付けていません(状態: {dkim_status})。SESは最長72時間、レコードを定期的に確認します。",
    ),
    case="F03",
)
LAPSED = Reason(
    "ses-dkim-lapsed",
    Text(
        "The records are right now ({keys}), but SES gave up looking for them after 72 hours ({dkim_status}) and will not sign as "
        "{domain} until it is told to look again.",
        "レコードは正しく登録されていますが({keys})、SESは72時間で確認を打ち切っており(状態: {dkim_status})、再開を指示するまで "
        "{domain} の署名を付けません。",
    ),
    fixes=(RESTART,),
    case="F10",
)
UNSEEN = Reason(
    "ses-dkim-unseen",
    Text(
        "SES could not see the records of {domain} when it last looked ({dkim_status}), and does not sign as {domain} meanwhile. It looks "
        "again for up to 72 hours; after that it has to be told to.",
        "SESが最後に確認した時点で {domain} のレコードが見えず(状態: {dkim_status})、その間 {domain} の署名は付きません。SESは最長72時間確認を続け、"
        "それを過ぎると再開の指示が必要になります。",
    ),
    case="F06",
)
GAVE_UP = Reason(
    "ses-dkim-failed",
    Text(
        "SES gave up looking for the records of {domain} ({dkim_status}): once they are right, it has to be told to look again.",
        "SESは {domain} のレコードの確認を打ち切っています(状態: {dkim_status})。レコードを正しく登録した後、確認の再開を指示してください。",
    ),
    fixes=(RESTART,),
    case="F10",
)


def signing_finding(
    setup: DomainSetup, identity: SesIdentity | Missing, wider: SesIdentity | Missing | None
) -> Finding:
    """Whether DKIM passes and in whose name; of a domain without an account what its selectors show."""
    shut = not_read(identity)
    if shut is not None or isinstance(identity, Missing):
        return shut or selectors_finding(setup)
    values, said = identity_values(identity), (dkim_exhibit(identity),)
    why = _unsigned(identity, wider)
    if why is not None:
        return Finding("pass", BY_SES_ALONE, values, said, (why,))
    keys = selectors_finding(setup)
    exhibits = (*said, *keys.exhibits)
    if keys.result != "pass":
        return _with_wrong_records(msgspec.structs.replace(keys, exhibits=exhibits), identity)
    named = {**values, "keys": published(setup), "signer": setup.selectors[0].domain}
    if identity.said.signs:
        return Finding("pass", SIGNS, named, exhibits, keys.notes)
    if identity.dkim.status == "FAILED":
        return Finding("warn", LAPSED, named, exhibits, said_error(identity))
    notes = (Note(_waiting(identity), values), *said_error(identity))
    return Finding("pass", BY_SES_ALONE, values, exhibits, notes)


def _waiting(identity: SesIdentity) -> Reason:
    """Why SES does not sign although it is to."""
    if identity.dkim.status == "FAILED":
        return GAVE_UP
    return UNSEEN if identity.dkim.status == "TEMPORARY_FAILURE" else PENDING


def _unsigned(identity: SesIdentity, wider: SesIdentity | Missing | None) -> Note | None:
    """Why nothing is to be signed with a key of the domain; None where it is."""
    values = identity_values(identity)
    if identity.dkim.signing and identity.dkim.tokens:
        return None
    if identity.domain in CONSUMER_DOMAINS:
        return Note(CONSUMER_FROM, values)
    if isinstance(wider, SesIdentity) and hides_signing(identity, wider):
        return Note(NARROWER, narrower_values(identity, wider))
    if identity.kind == "address" and wider is None:
        return Note(ADDRESS_ALONE, values)
    return Note(OFF if identity.dkim.tokens else NOT_SET_UP, values)


def _with_wrong_records(keys: Finding, identity: SesIdentity) -> Finding:
    """What is wrong with the records: a fail where SES signs with them, a warning where it does not, which SES's own signature saves."""
    values = identity_values(identity)
    if identity.said.signs:
        return msgspec.structs.replace(keys, notes=(*keys.notes, *said_error(identity)))
    state = Note(_waiting(identity), values)
    result = "warn" if keys.result == "fail" else keys.result
    return msgspec.structs.replace(keys, result=result, notes=(*keys.notes, state, *said_error(identity)))


def signs_as(setup: DomainSetup) -> tuple[str, ...]:
    """The domains in whose name mail that SES sends is signed, as far as they are known."""
    if setup.said is not None and not setup.said.signs:
        return ("amazonses.com",)
    return tuple(dict.fromkeys(key.domain for key in setup.selectors)) or ("amazonses.com",)
