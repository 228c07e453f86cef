"""How a sender gets the header fields of one-click unsubscribe (RFC 8058) onto a message, and both of them signed."""

from __future__ import annotations

from todoku.causes.dmarc.consumer_from import CONSUMER_DOMAINS
from todoku.mail.address import Author
from todoku.mail.ses import SesStamp
from todoku.mail.unsubscribe import Unsubscribe
from todoku.words.change import Change, Instruction
from todoku.words.verdict import Fix, Text


def set_headers(author: Author, ses: SesStamp, unsubscribe: Unsubscribe) -> tuple[Change, ...]:
    """The two fields with the sender's own addresses in them, and the calls that can carry them."""
    if author.domain in CONSUMER_DOMAINS:
        return ()
    own = author.domain or "example.com"
    https = unsubscribe.https or f"https://{own}/unsubscribe?u=..."
    mailto = unsubscribe.mailto or f"mailto:unsubscribe@{own}?subject=..."
    region = _region(ses)
    return (
        Instruction(
            Text(
                "Send these two fields, with addresses of yours that tell you who the recipient is:",
                "次の2つのヘッダーを付けて送信してください。URLとアドレスは、受信者を特定できる自社のものにします。",
            ),
            (f"List-Unsubscribe: <{https}>, <{mailto}>", "List-Unsubscribe-Post: List-Unsubscribe=One-Click"),
        ),
        Instruction(
            Text(
                f"In SESv2{region.en} they go into SendEmail's Content.Simple.Headers or Content.Template.Headers, or "
                "SendBulkEmail's BulkEmailEntries[].ReplacementHeaders; the SendEmail of API v1 cannot carry them, SendRawEmail "
                "can. A POST to the https address unsubscribes at once, without log-in, cookie or redirect; a GET only shows a "
                "page.",
                f"SESv2{region.ja}では、SendEmail の Content.Simple.Headers または Content.Template.Headers、SendBulkEmail の "
                "BulkEmailEntries[].ReplacementHeaders に指定します。APIのv1の SendEmail では指定できません(SendRawEmail を使います)。"
                "httpsのURLへのPOSTでは、ログイン・Cookie・リダイレクトなしで直ちに解除し、GETではページを表示するだけにしてください。",
            )
        ),
    )


def _region(ses: SesStamp) -> Text:
    """Behind the name of an API: in which region it is called, where that is known."""
    return Text(f" ({ses.region})", f"({ses.region})") if ses.region else Text("", "")


def use_list_management(author: Author, ses: SesStamp) -> tuple[Change, ...]:
    """SES's own list management, which adds both fields and answers the requests."""
    if not ses.sent_by_ses or author.domain in CONSUMER_DOMAINS:
        return ()
    region = _region(ses)
    own = Text(f" for {author.domain}" if author.domain else "", f"{author.domain} の" if author.domain else "")
    return (
        Instruction(
            Text(
                f"Or let SES do it: make a contact list with CreateContactList{region.en} and name it in SendEmail's "
                f"ListManagementOptions. SES then adds both fields and unsubscribes people itself. It needs Easy DKIM{own.en} and one "
                "recipient a message; SendBulkEmail has no such option. An account has one contact list (use topics for several), and "
                "mail to somebody who opted out gives a bounce event.",
                f"または、SESに任せることもできます。CreateContactList{region.ja}で連絡先リストを作成し、SendEmail の "
                f"ListManagementOptions で指定すると、SESが両方のヘッダーを付け、登録解除も処理します。{own.ja}Easy DKIMが必要で、"
                "1通につき宛先は1件に限られます。SendBulkEmail では使えません。連絡先リストは1アカウントに1つで(複数の配信はトピックで分けます)、"
                "登録解除した人に送るとバウンスのイベントになります。",
            )
        ),
    )


def sign_both(author: Author, ses: SesStamp) -> tuple[Change, ...]:
    """Which signature is to cover the fields: that of SES for the sender's domain."""
    if author.domain in CONSUMER_DOMAINS:
        return ()
    own = Text(author.domain or "your domain", author.domain or "自社ドメイン")
    if not ses.sent_by_ses:
        return (
            Instruction(
                Text(
                    f"Let the server that signs with d={own.en} set both fields first and add list-unsubscribe:list-unsubscribe-post "
                    "to h=. If the message was meant to go through SES: Easy DKIM has been seen to sign both.",
                    f"d={own.ja} で署名するサーバーで、両方のヘッダーを付けてから署名し、h= に list-unsubscribe:list-unsubscribe-post を"
                    "加えてください。SESから送るはずだった場合、Easy DKIMの署名が両方を対象に含むことを確認しています。",
                )
            ),
        )
    region = _region(ses)
    return (
        Instruction(
            Text(
                f"Let SES{region.en} sign with Easy DKIM for {own.en} and do not sign the message yourself: SES's signature for "
                "your domain has been seen to cover both fields (AWS does not document it; look at h= of a message that arrived). If your own program signs, add list-unsubscribe:list-unsubscribe-post to h=, "
                "and sign after the fields are set.",
                f"SES{region.ja}に {own.ja} のEasy DKIMで署名させ、自前では署名しないでください。SESによる自社ドメインの署名は、両方の"
                "ヘッダーを対象に含むことを確認しています(AWSの文書に記載はないため、届いたメールの h= を確認してください)。自前で署名する場合は、h= に list-unsubscribe:list-unsubscribe-post を加え、"
                "ヘッダーを付けた後に署名します。",
            )
        ),
    )


SET_HEADERS = Fix(
    "one-click-headers", Text("Send both header fields", "List-UnsubscribeとList-Unsubscribe-Postを付ける"), set_headers
)
LIST_MANAGEMENT = Fix(
    "list-management", Text("Use SES's list management", "SESのリスト管理を使う"), use_list_management
)
SIGN_BOTH = Fix(
    "sign-unsubscribe",
    Text("Sign List-Unsubscribe and List-Unsubscribe-Post (h=)", "2つのヘッダーをDKIM署名(h=)に含める"),
    sign_both,
)
