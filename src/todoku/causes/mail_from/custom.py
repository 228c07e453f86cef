"""MAIL FROM is SES's own domain, so that SPF authenticates amazonses.com: a custom MAIL FROM domain mends it."""

from __future__ import annotations

from collections.abc import Collection

from todoku.account.identity import SesIdentity
from todoku.auth.dmarc import DmarcResult
from todoku.auth.domain import MailDomain
from todoku.auth.mail_from_name import MAIL_FROM_LABELS, MailFromName, first_free
from todoku.causes.dkim.easy_dkim import REGION_UNKNOWN
from todoku.causes.dmarc.consumer_from import CONSUMER_DOMAINS, own_organization
from todoku.mail.address import Author
from todoku.mail.ses import SesStamp
from todoku.words.change import Change, DnsRecord, Instruction, SesCall
from todoku.words.verdict import Fix, Missing, Reason, Text

SPF_OF_SES = "v=spf1 include:amazonses.com ~all"


def set_mail_from(
    author: Author,
    ses: SesStamp,
    dmarc: DmarcResult | Missing,
    reply_domain: MailDomain | Missing,
    mail_from_domain: MailDomain | Missing,
    identity: SesIdentity | Missing,
    wider: SesIdentity | Missing | None,
    mail_from_names: tuple[MailFromName, ...] | Missing,
) -> tuple[Change, ...]:
    """A custom MAIL FROM domain under the From's organizational domain, with the MX and the SPF record it needs."""
    if isinstance(identity, SesIdentity):
        return _for_identity(identity, wider, mail_from_names)
    domain = own_organization(author, dmarc)
    if not domain or ses.mail_from == "custom":
        return ()
    if not ses.sent_by_ses:
        return (_mail_from_elsewhere(domain),)
    used = {author.domain, "" if isinstance(reply_domain, Missing) else reply_domain.name}
    name = _own_mail_from(domain, mail_from_domain) or _free_name(domain, mail_from_names, ses.region, used)
    return _steps(domain, name, ses.region) if name else (_name_one(domain),)


def _free_name(domain: str, names: tuple[MailFromName, ...] | Missing, region: str, used: Collection[str] = ()) -> str:
    """The same name that ``todoku plan`` chooses."""
    seen = {} if isinstance(names, Missing) else {one.name: one for one in names}
    return first_free(domain, lambda name: name not in seen or seen[name].is_free(region), used)


def _name_one(domain: str) -> Instruction:
    tried = ", ".join(f"{label}.{domain}" for label in MAIL_FROM_LABELS)
    return Instruction(
        Text(
            f"Something stands at each of the usual names ({tried}): choose a subdomain of {domain} that is used for nothing else, and "
            "set it with todoku plan --mail-from.",
            f"候補の名前({tried})はすべて使われています。ほかの用途に使っていない {domain} のサブドメインを選び、todoku plan --mail-from で設定してください。",
        )
    )


def _for_identity(
    identity: SesIdentity, wider: SesIdentity | Missing | None, names: tuple[MailFromName, ...] | Missing
) -> tuple[Change, ...]:
    """The same for an identity that was read: below its own domain, once that is verified."""
    if identity.mail_from.domain or identity.domain in CONSUMER_DOMAINS:
        return ()
    name = _free_name(identity.domain, names, identity.region)
    steps = _steps(identity.name, name, identity.region) if name else (_name_one(identity.domain),)
    return steps if domain_is_verified(identity, wider) else (_verify_first(identity), *steps)


def domain_is_verified(identity: SesIdentity, wider: SesIdentity | Missing | None) -> bool:
    """Whether the domain of an identity, or one above it, is verified in its region: without that SES takes no MAIL FROM domain."""
    own = identity.kind == "domain" and identity.verified
    return own or (isinstance(wider, SesIdentity) and wider.verified)


def _verify_first(identity: SesIdentity) -> Instruction:
    return Instruction(
        Text(
            f"First have {identity.domain} verified in {identity.region}; until then SES refuses the call below.",
            f"先に {identity.region} で {identity.domain} の検証を完了してください。完了するまで、次の呼び出しはSESに拒否されます。",
        )
    )


def _steps(identity: str, name: str, region: str) -> tuple[Change, ...]:
    call = SesCall(
        "PutEmailIdentityMailFromAttributes",
        {"EmailIdentity": identity, "MailFromDomain": name, "BehaviorOnMxFailure": "USE_DEFAULT_VALUE"},
        region,
    )
    return (call, *feedback_mx(name, region), DnsRecord(name, "TXT", SPF_OF_SES), _only_mx(name))


def _mail_from_elsewhere(domain: str) -> Instruction:
    """Where nothing shows SES: a call to it would change nothing for the server that sent this."""
    return Instruction(
        Text(
            f"This message shows no sign of SES: let the server that sent it use {domain} or a name under it in MAIL FROM, with "
            "an SPF record there that allows this server. If it was meant to go through SES, set a custom MAIL FROM domain for "
            f"the identity {domain} instead (PutEmailIdentityMailFromAttributes).",
            f"このメールにはSESから送信された形跡がありません。送信したサーバーのMAIL FROMを {domain} またはそのサブドメインにし、そのサーバーを許可する"
            f"SPFレコードを登録してください。SESから送るはずだった場合は、代わりに検証済みID {domain} にカスタム MAIL FROM ドメインを設定します"
            "(PutEmailIdentityMailFromAttributes)。",
        )
    )


def _only_mx(name: str) -> Instruction:
    """What a message cannot show: whether the name already takes mail."""
    return Instruction(
        Text(
            f"{name} must have no other MX record and take no other mail: with a second one SES falls back to its own MAIL "
            "FROM domain. If the name is in use, take another subdomain.",
            f"{name} には他のMXレコードを置かず、受信にも使わないでください。MXレコードが複数あるとSESは既定のMAIL FROMドメインに戻ります。"
            "すでに使っている場合は、別のサブドメインを指定してください。",
        )
    )


def _own_mail_from(domain: str, mail_from_domain: MailDomain | Missing) -> str:
    """The MAIL FROM domain that is already in use under the organization, or ""."""
    if isinstance(mail_from_domain, Missing):
        return ""
    return mail_from_domain.name if mail_from_domain.name.endswith(f".{domain}") else ""


def feedback_mx(name: str, region: str) -> tuple[Change, ...]:
    """The one MX record that SES looks for; it names the region."""
    if region:
        return (DnsRecord(name, "MX", f"10 feedback-smtp.{region}.amazonses.com"),)
    return (
        REGION_UNKNOWN,
        Instruction(
            Text(
                f"Publish exactly one MX record at {name}: preference 10, host feedback-smtp, then your SES region, then "
                "amazonses.com, as in feedback-smtp.ap-northeast-1.amazonses.com.",
                f"{name} にMXレコードを1つだけ登録してください。優先度は10、ホスト名はSESのリージョンを含む名前です"
                "(例: feedback-smtp.ap-northeast-1.amazonses.com)。",
            )
        ),
    )


CUSTOM_MAIL_FROM = Fix(
    "custom-mail-from",
    Text("Use a MAIL FROM domain of your own", "カスタム MAIL FROM ドメインを設定する"),
    set_mail_from,
)

MAIL_FROM_FALLBACK = Reason(
    "mail-from-fallback",
    Text(
        "Only {aligned} is aligned with From: MAIL FROM is SES's own {spf_domain}. Either no custom MAIL FROM "
        "domain is set, or its MX record was not found and SES silently fell back.",
        "ヘッダーFromとアライメントが取れているのは{aligned}だけで、MAIL FROMはSESの {spf_domain} です。"
        "カスタム MAIL FROM ドメインが未設定か、MXレコードが見つからずSESが自動的に既定値へ戻しています。",
    ),
    fixes=(CUSTOM_MAIL_FROM,),
    case="F11",
)
