"""TLS on the connection that handed the message to the receiver."""

from __future__ import annotations

from shlex import quote

from todoku.account.identity import SesIdentity
from todoku.account.sending import ConfigurationSet
from todoku.causes.circumstances import unseen
from todoku.causes.dmarc.consumer_from import CONSUMER_DOMAINS
from todoku.causes.exhibits import computed
from todoku.causes.witnesses.google import google_witness
from todoku.mail.envelope import Tls
from todoku.mail.route import Route
from todoku.mail.ses import SesStamp
from todoku.receivers import clause
from todoku.words.change import Change, Instruction
from todoku.words.pages import SES_GUIDE, ses_guide
from todoku.words.verdict import (
    Clause,
    Exhibit,
    Finding,
    Fix,
    Missing,
    Note,
    Reason,
    Requirement,
    SesDefault,
    Text,
    Witness,
)

OLD_VERSIONS = ("1.0", "1.1")  # RFC 8996: not to be used any more


def require_tls(
    ses: SesStamp, identity: SesIdentity | Missing, configuration_set: ConfigurationSet | Missing | None
) -> tuple[Change, ...]:
    """Advice, not a change to apply: REQUIRE drops mail to receivers that offer no TLS, which only the sender can weigh."""
    if isinstance(identity, SesIdentity):
        return _for_identity(identity, configuration_set)
    if not ses.sent_by_ses:
        return (
            Instruction(
                Text(
                    "Let your mail server use TLS whenever the receiver offers it (Postfix: smtp_tls_security_level = may), "
                    "or not send at all without it (encrypt).",
                    "受信側が対応していれば必ずTLSを使うようにメールサーバーを設定してください"
                    "(Postfixでは smtp_tls_security_level = may。TLSなしでは送信しない場合は encrypt)。",
                )
            ),
        )
    named, where = "--configuration-set-name SET", f" --region {ses.region or 'REGION'}"
    return (
        Instruction(
            Text(
                "Make TLS a condition of the configuration set that you send with, and that set the default of the identity. Put "
                "your own names in; add --sending-pool-name and --max-delivery-seconds with the values that the first line shows.",
                "送信に使う設定セットでTLSを必須にし、その設定セットを検証済みIDの既定にします。大文字の部分は自社の名前に置き換え、"
                "1行目で表示された値があれば --sending-pool-name と --max-delivery-seconds にそのまま指定してください。",
            ),
            (
                f"aws sesv2 get-configuration-set {named}{where}",
                f"aws sesv2 put-configuration-set-delivery-options {named} --tls-policy REQUIRE{where}",
                f"aws sesv2 put-email-identity-configuration-set-attributes {named} --email-identity IDENTITY{where}",
            ),
        ),
        PRICE,
    )


def _for_identity(identity: SesIdentity, configuration_set: ConfigurationSet | Missing | None) -> tuple[Change, ...]:
    """The same with the set that the identity has, its other options sent back as they are; or with a new set."""
    if isinstance(configuration_set, Missing) or identity.domain in CONSUMER_DOMAINS:
        return ()
    region, name = f"--region {identity.region}", quote(identity.name)
    if configuration_set is not None:
        named = f"--configuration-set-name {configuration_set.name}"
        options = f"--tls-policy REQUIRE {_kept(configuration_set)}"
        text = Text(
            f"Make TLS a condition of the configuration set {configuration_set.name}, the default of {identity.name}. What else is "
            "set for its delivery is sent along: what the call leaves out, SES may clear.",
            f"{identity.name} の既定の設定セット {configuration_set.name} でTLSを必須にします。省略した項目は消える可能性があるため、"
            "ほかの配送オプションも現在の値のまま指定します。",
        )
        command = f"aws sesv2 put-configuration-set-delivery-options {named} {options}{region}"
        return (Instruction(text, (command,)), PRICE)
    new = f"--configuration-set-name {f'tls-{identity.domain}'.replace('.', '-')[:64]}"
    return (
        Instruction(
            Text(
                f"Make a configuration set that requires TLS, and have it be the default of {identity.name}, which has none.",
                f"TLSを必須にした設定セットを作成し、{identity.name} の既定に指定します(現在は既定の設定セットがありません)。",
            ),
            (
                f"aws sesv2 create-configuration-set {new} --delivery-options TlsPolicy=REQUIRE {region}",
                f"aws sesv2 put-email-identity-configuration-set-attributes --email-identity {name} {new} {region}",
            ),
        ),
        PRICE,
    )


def _kept(configuration_set: ConfigurationSet) -> str:
    """The other delivery options of the set, as the command takes them."""
    options = {"SendingPoolName": "--sending-pool-name", "MaxDeliverySeconds": "--max-delivery-seconds"}
    there = {option: configuration_set.delivery.get(name) for name, option in options.items()}
    return "".join(f"{option} {value} " for option, value in there.items() if value is not None)


PRICE = Instruction(
    Text(
        "The price: SES then drops mail to every receiver that offers no TLS, where it now sends it in clear text. Every "
        "sending path needs the set.",
        "ただし、TLSに対応しない受信側には平文で送られる代わりに、まったく届かなくなります。送信経路が複数ある場合は、"
        "すべてにこの設定セットが必要です。",
    )
)

REQUIRE_TLS = Fix("require-tls", Text("Send only over TLS", "TLSでのみ送信する"), require_tls)

USED = Reason(
    "tls-used",
    Text(
        "The message was handed over with {session}.",
        "受信側への配送に {session} が使われました。",
    ),
)
USED_UNNAMED = Reason(
    "tls-used-unnamed",
    Text(
        "The message was handed over with TLS ({evidence}); the receiver does not say which version.",
        "受信側への配送にTLSが使われました({evidence})。バージョンは記録されていません。",
    ),
)
OLD_VERSION = Reason(
    "tls-old-version",
    Text(
        "TLS {version} is obsolete (RFC 8996); receivers are switching it off.",
        "TLS {version} は廃止されたバージョンです(RFC 8996)。受信側で順次無効化されています。",
    ),
)
NOT_USED = Reason(
    "tls-not-used",
    Text(
        "The message was handed over in clear text ({evidence}).",
        "受信側への配送が暗号化されていません({evidence})。",
    ),
    fixes=(REQUIRE_TLS,),
    case="F43",
)
NOT_SHOWN = Reason(
    "tls-not-shown",
    Text(
        "The receiver's Received field does not say whether TLS was used.",
        "受信側のReceivedヘッダーに、TLSを使ったかどうかの記録がありません。",
    ),
)
REQUIRED = Reason(
    "tls-required",
    Text(
        "The configuration set {name}, the default of {identity}, requires TLS: SES never delivers in clear text.",
        "{identity} の既定の設定セット {name} でTLSが必須になっているため、平文では配送されません。",
    ),
)
OFFERED = Reason(
    "tls-by-default",
    Text(
        "SES uses TLS wherever the receiver offers it, and Gmail does.",
        "SESは受信側が対応していればTLSで配送します。Gmailは対応しています。",
    ),
)
OPPORTUNISTIC = Reason(
    "tls-opportunistic",
    Text(
        "Mail from {identity} goes in clear text to a receiver that offers no TLS.",
        "TLSに対応していない受信側には、{identity} からのメールが平文で配送されます。",
    ),
    fixes=(REQUIRE_TLS,),
    case="F43",
)
ELSEWHERE = Reason(
    "tls-elsewhere",
    Text(
        "A received message shows this; over all your mail, the encryption page of Postmaster Tools does.",
        "受信したメールで確認できます。メール全体での割合は、Postmaster Toolsの暗号化のページに表示されます。",
    ),
)


def decide(_clause: Clause, tls: Tls, route: Route | Missing) -> Finding:
    """What the Received field of the border hop says of its connection."""
    session = ", ".join(filter(None, (f"TLS {tls.version}", tls.cipher)))
    values = {"version": tls.version, "cipher": tls.cipher, "session": session, "evidence": tls.evidence or "-"}
    exhibits = _exhibits(tls, route)
    if tls.used is None:
        return Finding("unknown", NOT_SHOWN, values, exhibits, missing="not-asked")
    if not tls.used:
        return Finding("fail", NOT_USED, values, exhibits)
    if not tls.version:
        return Finding("pass", USED_UNNAMED, values, exhibits)
    old = (Note(OLD_VERSION, values),) if tls.version in OLD_VERSIONS else ()
    return Finding("pass", USED, values, exhibits, notes=old)


def decide_setup(
    _clause: Clause, identity: SesIdentity | Missing, configuration_set: ConfigurationSet | Missing | None
) -> Finding:
    """Whether the identity's default configuration set lets SES deliver without TLS; of a domain alone only a message can tell."""
    if isinstance(identity, Missing):
        return _untold(identity)
    if isinstance(configuration_set, Missing):
        return _untold(configuration_set)
    values = {"identity": identity.name, "name": configuration_set.name if configuration_set else ""}
    exhibit = _delivery(identity, configuration_set)
    if configuration_set is not None and configuration_set.require_tls:
        return Finding("pass", REQUIRED, values, (exhibit,))
    return Finding("pass", OFFERED, values, (exhibit,), (Note(OPPORTUNISTIC, values),))


def _untold(missing: Missing) -> Finding:
    """Of a domain alone only a message can tell; what SES did not let be read is another thing."""
    looked = missing.kind == "could-not-look"
    return unseen(missing) if looked else Finding("unknown", ELSEWHERE, missing="not-asked")


def _delivery(identity: SesIdentity, configuration_set: ConfigurationSet | None) -> Exhibit:
    if configuration_set is None:
        source = f"GetEmailIdentity {identity.name} ({identity.region})"
        return Exhibit("api", source, "ConfigurationSetName = -")
    policy = configuration_set.delivery.get("TlsPolicy") or "OPTIONAL"
    return Exhibit("api", f"GetConfigurationSet {configuration_set.name}", f"DeliveryOptions.TlsPolicy = {policy}")


def _exhibits(tls: Tls, route: Route | Missing) -> tuple[Exhibit, ...]:
    hop = None if isinstance(route, Missing) else route.judged
    if hop is None:
        return (computed("TLS", tls.evidence),) if tls.evidence else ()
    return (Exhibit("header", "Received", hop.raw, hop.offset),)


REQUIREMENT = Requirement(
    id="tls",
    title=Text("TLS on delivery", "TLSによる配送"),
    google_row="ENCRYPTION",
    clauses=(
        clause(
            "gmail",
            "all",
            "must",
            Text(
                "Mail is delivered over TLS.",
                "メールをTLS接続で配送すること。",
            ),
            codes=("421 4.7.0", "421 4.7.29", "550 5.7.29"),
        ),
    ),
    ses_default=SesDefault(
        met=True,
        text=Text(
            "SES uses TLS wherever the receiver offers it, and Gmail does. Where the receiver offers none it delivers in clear text, "
            "unless TlsPolicy is REQUIRE.",
            "SESは受信側が対応していればTLSで配送し、Gmailは対応しています。TLSを使えない相手には、TlsPolicyがREQUIREでない限り平文で配送します。",
        ),
        source=f"{SES_GUIDE}security-protocols.html",
    ),
    witnesses=(Witness("message", decide), Witness("setup", decide_setup), google_witness("ENCRYPTION")),
    elsewhere=ELSEWHERE,
    setup_page=ses_guide("security-protocols"),
)
