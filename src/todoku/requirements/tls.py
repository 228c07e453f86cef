"""TLS on the connection that handed the message to the receiver."""

from __future__ import annotations

from datetime import date

from todoku.causes.exhibits import computed
from todoku.change import Change, Instruction
from todoku.mail.envelope import Tls
from todoku.mail.route import Route
from todoku.mail.ses import SesStamp
from todoku.pages import SES_GUIDE, ses_guide
from todoku.receivers import clause
from todoku.verdict import (
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


def require_tls(ses: SesStamp) -> tuple[Change, ...]:
    """Advice, not a change to apply: REQUIRE drops mail to receivers that offer no TLS, which only the sender can weigh."""
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
        Instruction(
            Text(
                "The price: SES then drops mail to every receiver that offers no TLS, where it now sends it in clear text. Every "
                "sending path needs the set.",
                "ただし、TLSに対応しない受信側には平文で送られる代わりに、まったく届かなくなります。送信経路が複数ある場合は、"
                "すべてにこの設定セットが必要です。",
            )
        ),
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


def _exhibits(tls: Tls, route: Route | Missing) -> tuple[Exhibit, ...]:
    if isinstance(route, Missing) or route.border is None:
        return (computed("TLS", tls.evidence),) if tls.evidence else ()
    hop = route.hops[route.border]
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
                "Mail is handed over on a TLS connection.",
                "メールをTLS接続で配送すること。",
            ),
            since=date(2023, 12, 1),
            codes=("421 4.7.0", "421 4.7.29", "550 5.7.29"),
            headline=Text("Gmail asks for TLS", "GmailがTLSでの配送を求めるようになりました"),
        ),
    ),
    ses_default=SesDefault(
        met=True,
        text=Text(
            "SES uses TLS wherever the receiver offers it, and Gmail does. Where TLS cannot be had it falls back to clear text, "
            "unless TlsPolicy is REQUIRE.",
            "SESは受信側が対応していればTLSで配送し、Gmailは対応しています。TLSを使えない相手には、TlsPolicyがREQUIREでない限り平文で配送します。",
        ),
        source=f"{SES_GUIDE}security-protocols.html",
    ),
    witnesses=(Witness("message", decide),),
    elsewhere=ELSEWHERE,
    setup_page=ses_guide("security-protocols"),
)
