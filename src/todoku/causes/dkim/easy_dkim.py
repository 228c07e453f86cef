"""No signature of your own domain: the SES identity is an address, or its Easy DKIM is off. Easy DKIM mends it."""

from __future__ import annotations

from todoku.account.identity import SesIdentity
from todoku.auth.dkim.damage_kinds import DamageTag
from todoku.auth.dkim.verify import DkimResult
from todoku.auth.dmarc import DmarcResult
from todoku.auth.setup import DomainSetup
from todoku.causes.circumstances import is_amazon, is_within
from todoku.causes.dkim.easy_dkim_steps import cname_records, sign_identity
from todoku.causes.dmarc.consumer_from import own_organization
from todoku.mail.address import Author
from todoku.mail.ses import SesStamp, is_easy_selector
from todoku.words.change import Change, Instruction, SesCall
from todoku.words.verdict import Fix, Missing, Reason, Text

REGION_UNKNOWN = Instruction(
    Text(
        "Nothing here shows the SES region. Make the call in the region that you send from: it stands in the name "
        "of your endpoint, as in email-smtp.ap-northeast-1.amazonaws.com.",
        "SESのリージョンを読み取れません。送信に使っているリージョンで実行してください。"
        "リージョンはエンドポイント名(例: email-smtp.ap-northeast-1.amazonaws.com)で確認できます。",
    )
)


def has_easy_dkim(domain: str, ses: SesStamp, dkim: tuple[DkimResult, ...] | Missing) -> bool:
    """Whether Easy DKIM signed for the domain, be the signature good or not: what is set up already is not to be advised."""
    if ses.easy_dkim and is_within(ses.own_signature, domain):
        return True
    return not isinstance(dkim, Missing) and any(is_easy_dkim(one) and is_within(one.domain, domain) for one in dkim)


def is_easy_dkim(signature: DkimResult) -> bool:
    """Whether a signature's key is one that SES keeps: by the form of its selector, or by the CNAME that led to the key."""
    followed = () if signature.key is None else signature.key.chain
    return is_easy_selector(signature.selector) or any(map(is_amazon, followed))


def create_identity(
    author: Author,
    ses: SesStamp,
    dmarc: DmarcResult | Missing,
    dkim: tuple[DkimResult, ...] | Missing,
    identity: SesIdentity | Missing,
    wider: SesIdentity | Missing | None,
    setup: DomainSetup | Missing,
) -> tuple[Change, ...]:
    """A domain identity for the From's organizational domain, and its three CNAMEs; of an identity that was read what it lacks."""
    if isinstance(identity, SesIdentity):
        keys = () if isinstance(setup, Missing) else setup.selectors
        return sign_identity(identity, wider, frozenset(key.name for key in keys if not key.problem))
    domain = own_organization(author, dmarc)
    if not domain or has_easy_dkim(domain, ses, dkim):
        return ()
    if not ses.sent_by_ses:
        return (_sign_elsewhere(domain),)
    named = {"EmailIdentity": domain}
    return (
        SesCall("CreateEmailIdentity", named, ses.region),
        *cname_records(domain),
        _if_it_exists(domain),
        SesCall("GetEmailIdentity", named, ses.region),
        SesCall("PutEmailIdentityDkimAttributes", {**named, "SigningEnabled": True}, ses.region),
        _narrower_identities(domain),
        *(() if ses.region else (REGION_UNKNOWN,)),
    )


def _sign_elsewhere(domain: str) -> Instruction:
    """Where nothing shows SES: a call to it would change nothing for the server that sent this."""
    return Instruction(
        Text(
            f"This message shows no sign of SES: the server that sent it has to sign it with d={domain}. If it was meant to go "
            f"through SES, give it to SES's SMTP endpoint or API, verify {domain} there as a domain identity "
            "(CreateEmailIdentity), and publish the three CNAME records that its reply names.",
            f"このメールにはSESから送信された形跡がありません。送信したサーバーで d={domain} のDKIM署名を付けてください。SESから送るはずだった場合は、"
            f"SESのSMTPエンドポイントまたはAPIに渡し、{domain} をドメインIDとして登録して(CreateEmailIdentity)、応答に示される3つのCNAMEレコードを"
            "公開してください。",
        )
    )


def _if_it_exists(domain: str) -> Instruction:
    """What a message cannot show: whether the domain is an identity already."""
    return Instruction(
        Text(
            f"If {domain} is an identity already, the first line fails. Read the values and switch signing on instead:",
            f"{domain} がすでに検証済みIDの場合、最初のコマンドはエラーになります。代わりに、次のコマンドで値を確認し、署名を有効にしてください。",
        )
    )


def _narrower_identities(domain: str) -> Instruction:
    """What a message cannot show: whether an identity below the domain hides it."""
    return Instruction(
        Text(
            f"The identity of a single address or a subdomain takes precedence over that of {domain}: check that its own DKIM "
            "settings do not override it, or delete it.",
            f"メールアドレスやサブドメインの検証済みIDは {domain} のものより優先されるため、そのDKIM設定を確認し、不要なら削除してください。",
        )
    )


EASY_DKIM = Fix(
    "easy-dkim",
    Text("Sign as your own domain with Easy DKIM", "Easy DKIMで自社ドメインのDKIM署名を付ける"),
    create_identity,
)


HEADER_DAMAGE: frozenset[DamageTag] = frozenset(
    {"header-differs", "header-changed", "header-duplicated", "header-added", "header-removed"}
)
"""What shows that the key is the signer's and the header is not what was signed."""


def lacks_its_key(signature: DkimResult) -> bool:
    """Whether the key record may be why a signature fails: the key, and nothing else that was found."""
    if signature.cause == "signature-differs":
        return signature.damage is None or signature.damage.tag not in HEADER_DAMAGE
    return signature.cause.startswith("key-")


def restore_records(
    author: Author, ses: SesStamp, dmarc: DmarcResult | Missing, dkim: tuple[DkimResult, ...]
) -> tuple[Change, ...]:
    """The key of the sender's own signature, published again: CNAMEs for Easy DKIM, else the TXT record of BYODKIM."""
    own = own_organization(author, dmarc)
    broken = [one for one in dkim if lacks_its_key(one) and not is_amazon(one.domain)]
    if not own or not broken:
        return ()
    signature = broken[0]
    name = f"{signature.selector}._domainkey.{signature.domain}"
    if is_easy_dkim(signature) and not ses.sent_by_ses:
        return (
            Instruction(
                Text(
                    f"{name} belongs to Easy DKIM, by its form: it is a CNAME that SES names, and SES keeps the key. Look the "
                    f"record up (GetEmailIdentity for {signature.domain}, DkimAttributes) and publish it as it stands there.",
                    f"{name} は、形式からEasy DKIMのレコードです。SESが指定するCNAMEで、鍵はSESが管理しています。GetEmailIdentity "
                    f"({signature.domain} の DkimAttributes)で値を確認し、そのまま登録してください。",
                )
            ),
        )
    if not is_easy_dkim(signature):
        return (
            Instruction(
                Text(
                    f"Publish the public half of your private key in the TXT record {name}.",
                    f"秘密鍵と対になる公開鍵を、TXTレコード {name} に登録してください。",
                )
            ),
        )
    call = SesCall("GetEmailIdentity", {"EmailIdentity": signature.domain}, ses.region)
    panel = Instruction(
        Text(
            "Enter the names as your DNS panel wants them: many append the domain by themselves. At Cloudflare set the "
            "records to DNS only.",
            "レコード名はDNS管理画面の形式に合わせて入力してください(ドメイン名が自動で補われる画面では、その部分を除きます)。"
            "Cloudflareでは「DNSのみ」に設定します。",
        )
    )
    region = () if ses.region else (REGION_UNKNOWN,)
    return (call, *cname_records(signature.domain), panel, *region)


DKIM_RECORDS = Fix(
    "dkim-records",
    Text("Publish the DKIM key again", "DKIMの公開鍵レコードを登録し直す"),
    restore_records,
)

UNSIGNED = Reason(
    "unsigned",
    Text("The message has no DKIM signature.", "DKIM署名がありません。"),
    fixes=(EASY_DKIM,),
    case="F21",
)
