"""What SES says of an identity, as evidence; and what follows where it is not verified.

``Missing`` in its place is of two kinds: no account was looked at (then DNS alone speaks), or SES did not let it be read.
"""

from __future__ import annotations

from todoku.account.identity import SesIdentity
from todoku.causes.circumstances import unseen
from todoku.words.verdict import Exhibit, Finding, Missing, Note, Reason, Text, Value

NOT_VERIFIED = Reason(
    "identity-not-verified",
    Text(
        "{identity} is not verified in {region} ({status}): until it is, SES refuses to send from it there.",
        "{identity} は {region} で検証が完了していません({status})。完了するまで、SESは {region} でこの検証済みIDからの送信を拒否します。",
    ),
    case="F09",
)
ELSEWHERE = Reason(
    "identity-elsewhere",
    Text(
        "{identity} is not verified in {region}, but it is in {regions}. SES verifies and signs by region: send through an endpoint "
        "of {regions}, or have it verified in {region} too.",
        "{identity} は {region} では検証されていませんが、{regions} では検証済みです。SESの検証と署名の設定はリージョンごとに独立しているため、"
        "{regions} のエンドポイントから送信するか、{region} でも検証してください。",
    ),
    case="F09",
)
OTHER_REGIONS = Reason(
    "other-regions-unread",
    Text(
        "Other regions were not read. Whether {identity} is verified in one of them, --all-regions shows.",
        "他のリージョンは確認していません。別のリージョンで {identity} が検証済みかどうかは、--all-regions で確認できます。",
    ),
    case="F09",
)
SAID_ERROR = Reason(
    "ses-verification-error",
    Text(
        "SES itself gives as the reason why it could not verify {identity}: {error}.",
        "SESは、{identity} を検証できない理由を {error} としています。",
    ),
)
REPLICA_ERROR = Reason(
    "ses-replica-error",
    Text(
        "{identity} is to be signed with the keys of another region ({origin}), and SES cannot take them from there: {error}.",
        "{identity} は別のリージョン({origin})の鍵で署名する設定ですが、SESがその鍵を使えません: {error}",
    ),
)


def not_read(identity: SesIdentity | Missing) -> Finding | None:
    """The finding where SES did not let the identity be read; None where it was, and where no account was looked at."""
    return unseen(identity) if isinstance(identity, Missing) and identity.kind == "could-not-look" else None


def identity_values(identity: SesIdentity) -> dict[str, Value]:
    """What the texts about an identity name."""
    return {
        "identity": identity.name,
        "region": identity.region,
        "domain": identity.domain,
        "from_domain": identity.domain,
        "mail_from": identity.mail_from.domain,
        "dkim_status": identity.dkim.status,
        "mail_from_status": identity.mail_from.status,
    }


def dkim_exhibit(identity: SesIdentity) -> Exhibit:
    """What GetEmailIdentity says of signing."""
    said = identity.dkim
    lines = {
        "SigningEnabled": str(said.signing).lower(),
        "Status": said.status,
        "SigningAttributesOrigin": said.origin,
        "Tokens": ", ".join(said.tokens),
        "SigningHostedZone": said.zone,
        "CurrentSigningKeyLength": "" if said.bits is None else str(said.bits),
        "NextSigningKeyLength": "" if said.next_bits is None else str(said.next_bits),
    }
    return _exhibit(identity, "DkimAttributes", lines)


def mail_from_exhibit(identity: SesIdentity) -> Exhibit:
    """What GetEmailIdentity says of MAIL FROM."""
    said = identity.mail_from
    lines = {
        "MailFromDomain": said.domain or "-",
        "MailFromDomainStatus": said.status if said.domain else "",
        "BehaviorOnMxFailure": said.on_mx_failure,
    }
    return _exhibit(identity, "MailFromAttributes", lines)


def _exhibit(identity: SesIdentity, part: str, lines: dict[str, str]) -> Exhibit:
    written = "\n".join(f"{part}.{name} = {value}" for name, value in lines.items() if value)
    return Exhibit("api", f"GetEmailIdentity {identity.name} ({identity.region})", written)


def unverified(
    identity: SesIdentity | Missing, wider: SesIdentity | Missing | None, elsewhere: tuple[str, ...] | None
) -> tuple[Note, ...]:
    """That SES sends nothing for the identity here, and where it would; nothing where it does, or may because of a wider one."""
    if isinstance(identity, Missing) or identity.verified or isinstance(wider, Missing):
        return ()
    if wider is not None and wider.verified:
        return ()
    values = {**identity_values(identity), "status": identity.status}
    if elsewhere:
        return (Note(ELSEWHERE, {**values, "regions": ", ".join(elsewhere)}), *said_error(identity))
    others = (Note(OTHER_REGIONS, values),) if elsewhere is None else ()
    return (Note(NOT_VERIFIED, values), *said_error(identity), *others)


def said_error(identity: SesIdentity) -> tuple[Note, ...]:
    """Why SES could not verify the identity, by its own word: ``HOST_NOT_FOUND`` and the like."""
    if not identity.error:
        return ()
    reason = REPLICA_ERROR if identity.error.startswith("REPLICATION_") else SAID_ERROR
    values = {**identity_values(identity), "error": identity.error, "origin": identity.dkim.origin}
    return (Note(reason, values),)
