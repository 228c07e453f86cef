"""The address that replies go to takes mail: it is in From or Reply-To, and its domain has a mail server."""

from __future__ import annotations

from todoku.auth.domain import MailDomain
from todoku.causes.dmarc.consumer_from import CONSUMER_DOMAINS
from todoku.causes.exchanges import MAIL_SERVER, exchange_notes
from todoku.causes.exhibits import dns_exhibit
from todoku.receivers import clause
from todoku.words.change import Change, Instruction
from todoku.words.pages import SES_GUIDE, ses_guide
from todoku.words.verdict import Clause, Finding, Fix, Reason, Requirement, SesDefault, Text, Witness


def give_reply_address(reply_domain: MailDomain) -> tuple[Change, ...]:
    """Which mailbox shall take replies is the sender's choice. A provider's mail servers are not."""
    if reply_domain.name in CONSUMER_DOMAINS:
        return ()
    return (
        Instruction(
            Text(
                f"Name a mailbox that somebody reads: in SESv2 SendEmail set ReplyToAddresses (or the Reply-To field of a raw "
                f"message), or publish an MX record for {reply_domain.name} that leads to a server which takes its mail.",
                f"実際に読まれるメールボックスを指定してください。SESv2の SendEmail では ReplyToAddresses(Raw形式では "
                f"Reply-Toヘッダー)に設定するか、{reply_domain.name} のMXレコードに、受信できるメールサーバーを公開します。",
            )
        ),
    )


GIVE_REPLY_ADDRESS = Fix(
    "give-reply-address",
    Text("Give an address that takes replies", "返信を受け取れるアドレスを指定する"),
    give_reply_address,
)

TAKES_MAIL = Reason(
    "reply-takes-mail",
    Text(
        "Replies go to {domain}, which takes mail.",
        "返信先のドメイン {domain} はメールを受信できます。",
    ),
)
NO_SUCH_DOMAIN = Reason(
    "reply-no-such-domain",
    Text(
        "Replies go to {domain}, which does not exist.",
        "返信先のドメイン {domain} は存在しません。",
    ),
    fixes=(GIVE_REPLY_ADDRESS,),
)
NULL_MX = Reason(
    "reply-null-mx",
    Text(
        "Replies go to {domain}, whose null MX record says that it takes no mail (RFC 7505).",
        "返信先のドメイン {domain} は、null MXレコードによってメールを受け取らないと宣言しています(RFC 7505)。",
    ),
    fixes=(GIVE_REPLY_ADDRESS,),
)
MX_UNUSABLE = Reason(
    "reply-mx-unusable",
    Text(
        "Replies go to {domain}, whose MX records name no host that can take mail ({records}).",
        "返信先のドメイン {domain} のMXレコード({records})には、メールを受信できるホストがありません。",
    ),
    fixes=(MAIL_SERVER,),
)
NO_SERVER = Reason(
    "reply-no-server",
    Text(
        "Replies go to {domain}, which has neither an MX record nor an address.",
        "返信先のドメイン {domain} には、MXレコードもIPアドレスもありません。",
    ),
    fixes=(GIVE_REPLY_ADDRESS,),
)
UNANSWERED = Reason(
    "reply-dns-failed",
    Text(
        "DNS gave no answer about {domain}, where replies go. Try again later.",
        "返信先のドメイン {domain} についてDNSから応答がありませんでした。時間をおいて再実行してください。",
    ),
)
ELSEWHERE = Reason(
    "reply-address-elsewhere",
    Text("Only a message shows where replies to it go.", "返信先はメールから確認できます。"),
)

PROBLEMS = {
    "no-such-domain": NO_SUCH_DOMAIN,
    "null-mx": NULL_MX,
    "mx-unusable": MX_UNUSABLE,
    "no-mx-no-address": NO_SERVER,
}


def decide(_clause: Clause, reply_domain: MailDomain) -> Finding:
    """What DNS says of the domain of Reply-To, else of From."""
    values = {"domain": reply_domain.name, "records": ", ".join(reply_domain.mx.records)}
    notes = exchange_notes(reply_domain)
    exhibits = tuple(dns_exhibit(answer) for answer in (reply_domain.mx, *reply_domain.addresses))
    if reply_domain.takes_mail:
        return Finding("pass", TAKES_MAIL, values, exhibits, notes)
    if reply_domain.problem in PROBLEMS:
        return Finding("fail", PROBLEMS[reply_domain.problem], values, exhibits, notes)
    return Finding("unknown", UNANSWERED, values, exhibits, missing="could-not-look")


REQUIREMENT = Requirement(
    id="reply-address",
    title=Text("Working reply address", "返信できるアドレス"),
    clauses=(
        clause(
            "outlook",
            "bulk",
            "should",
            Text(
                "The address in From or Reply-To takes mail.",
                "FromまたはReply-Toのアドレスがメールを受信できること。",
            ),
        ),
    ),
    ses_default=SesDefault(
        met=None,
        text=Text(
            "Your responsibility: SES sends from any verified identity, whether or not it takes mail.",
            "送信者が用意します。SESは、受信できないアドレスでも検証済みIDであれば送信します。",
        ),
        source=f"{SES_GUIDE}verify-addresses-and-domains.html",
    ),
    witnesses=(Witness("message", decide), Witness("setup", decide)),
    elsewhere=ELSEWHERE,
    setup_page=ses_guide("header-fields"),
)
