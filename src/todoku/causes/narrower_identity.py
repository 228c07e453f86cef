"""An identity that takes precedence over a wider one which is better set up: an address, or a subdomain.

SES goes by the narrowest identity that a From address matches (AWS: creating-identities). What is set for the domain then
counts for nothing in mail from the address.
"""

from __future__ import annotations

from shlex import quote

from todoku.account.identity import SesIdentity
from todoku.causes.ses_identity import identity_values
from todoku.words.change import Change, Instruction, SesCall
from todoku.words.verdict import Fix, Missing, Reason, Text, Value


def hides_signing(identity: SesIdentity, wider: SesIdentity) -> bool:
    """Whether mail would be signed if this identity were not there."""
    return wider.said.signs and not identity.said.signs


def hides_mail_from(identity: SesIdentity, wider: SesIdentity) -> bool:
    """Whether mail would go out with a MAIL FROM domain of its own if this identity were not there."""
    return bool(wider.mail_from.domain) and wider.said.uses_mail_from and not identity.mail_from.domain


def hidden(identity: SesIdentity | Missing, wider: SesIdentity | Missing | None) -> bool:
    """Whether an identity keeps its mail from anything that the wider one has."""
    if isinstance(identity, Missing) or not isinstance(wider, SesIdentity):
        return False
    return hides_signing(identity, wider) or hides_mail_from(identity, wider)


def narrower_values(identity: SesIdentity, wider: SesIdentity) -> dict[str, Value]:
    """What the reason names."""
    lost = {
        "DKIM": hides_signing(identity, wider),
        f"MAIL FROM {wider.mail_from.domain}": hides_mail_from(identity, wider),
    }
    return {
        **identity_values(identity),
        "wider": wider.name,
        "settings": ", ".join(what for what, is_lost in lost.items() if is_lost),
    }


def delete_or_configure(identity: SesIdentity, wider: SesIdentity | Missing | None) -> tuple[Change, ...]:
    """The identity away, so that the wider one counts; or the same settings for it."""
    if not isinstance(wider, SesIdentity) or not hidden(identity, wider):
        return ()
    delete = f"aws sesv2 delete-email-identity --email-identity {quote(identity.name)} --region {identity.region}"
    same = tuple(_same_settings(identity, wider))
    return (
        Instruction(
            Text(
                f"If nothing needs {identity.name} as an identity of its own (policies, a configuration set, tags), delete it: mail "
                f"from it then goes by the settings of {wider.name}."
                + (" Else make the calls below instead." if same else f" Else set up {identity.name} itself."),
                f"{identity.name} を個別の検証済みIDにしておく必要がなければ(ポリシー、設定セット、タグを使っていなければ)削除してください。"
                f"削除すると {wider.name} の設定が使われます。"
                + (
                    "残す場合は、代わりに次の呼び出しを実行します。"
                    if same
                    else f"残す場合は、{identity.name} 自体を設定してください。"
                ),
            ),
            (delete,),
        ),
        *same,
    )


def _same_settings(identity: SesIdentity, wider: SesIdentity) -> list[Change]:
    """What gives an address the settings of its domain: it has its domain's keys, and switches of its own."""
    calls: list[Change] = []
    named = {"EmailIdentity": identity.name}
    if identity.kind == "address" and hides_signing(identity, wider):
        calls.append(SesCall("PutEmailIdentityDkimAttributes", {**named, "SigningEnabled": True}, identity.region))
    if hides_mail_from(identity, wider) and wider.mail_from.domain.endswith(f".{identity.domain}"):
        settings = {
            "MailFromDomain": wider.mail_from.domain,
            "BehaviorOnMxFailure": wider.mail_from.on_mx_failure,
        }
        calls.append(SesCall("PutEmailIdentityMailFromAttributes", {**named, **settings}, identity.region))
    return calls


DELETE_OR_CONFIGURE = Fix(
    "narrower-identity",
    Text(
        "Delete the identity that stands in the way, or set it up like the domain",
        "優先されている検証済みIDを削除するか、ドメインと同じ設定にする",
    ),
    delete_or_configure,
)

NARROWER = Reason(
    "narrower-identity",
    Text(
        "{identity} is an identity of its own and takes precedence over {wider}, whose settings ({settings}) do not count for mail "
        "from it.",
        "{identity} は個別の検証済みIDとして {wider} より優先されるため、{wider} の設定({settings})は {identity} からのメールには"
        "使われません。",
    ),
    fixes=(DELETE_OR_CONFIGURE,),
    case="F23",
)
