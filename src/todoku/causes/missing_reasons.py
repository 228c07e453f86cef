"""Why a fact could not be had: the reasons of every ``Missing``."""

from __future__ import annotations

from todoku.words.verdict import Missing, Reason, Text

NOT_SENT = Reason(
    "not-sent",
    Text(
        "This message has no Received field: it was never sent, so there is no sending address, envelope or TLS to look at. "
        "Send it, and save the copy that arrives.",
        "このメールにはReceivedヘッダーがなく、まだ送信されていません。送信元IPアドレス、エンベロープ、TLSを確認できません。"
        "一度送信し、届いたメールを保存してください。",
    ),
)
RECEIVED_CUT_OFF = Reason(
    "received-cut-off",
    Text(
        "The Received fields were not copied, so nothing shows who wrote the Authentication-Results in this header. Copy the whole "
        "header. To have the line explained as it is, use “todoku explain”; if you know that it is the receiver's, name its "
        "authserv-id with --trust (outlook.com for a line that has none).",
        "Receivedヘッダーがコピーされていないため、Authentication-Resultsが受信側の記録かどうか確認できません。ヘッダー全体をコピーしてください。"
        "行の意味だけを調べるには todoku explain を使います。受信側の記録だと分かっている場合は、--trust でauthserv-idを指定してください"
        "(記載のない行は outlook.com)。",
    ),
)
NO_ENVELOPE = Reason(
    "no-envelope",
    Text(
        "The message does not show for sure which address handed it to the receiver, and with which MAIL FROM. Give them with --ip, "
        "--helo and --mail-from.",
        "受信側に接続したIPアドレスとMAIL FROMを、メールから確実に読み取ることができません。--ip、--helo、--mail-from で指定してください。",
    ),
)
BY_FORWARDER = Reason(
    "forwarders-session",
    Text(
        "The message was forwarded before it arrived: the address and the TLS that are shown for sure are the forwarder's, not yours. "
        "Check a message that was not forwarded.",
        "到着前に転送されたメールです。確実に読み取れる送信元IPアドレスとTLSは転送元のものです。転送されていないメールで確認してください。",
    ),
    case="F42",
)
HEADERS_ONLY = Reason(
    "headers-only",
    Text(
        "Only the header was saved. Without the body neither a DKIM signature nor a link in it can be judged. Save the whole "
        "message.",
        "ヘッダーだけが保存されています。本文がないと、DKIM署名も本文のリンクも判定できません。メール全体を保存してください。",
    ),
)
OVER_LIMIT = Reason(
    "over-limit",
    Text(
        "The message is over a limit of ours ({limit}), so this was not looked at.",
        "メールが本ツールの上限({limit})を超えているため、確認していません。",
    ),
)
NO_AUTHOR = Reason(
    "no-author-domain",
    Text(
        "There is no single From domain to look at.",
        "Fromのドメインが1つに定まらないため、確認できません。",
    ),
)
NO_CLOCK = Reason(
    "no-date",
    Text(
        "The message does not show when it arrived; its Date field is only the sender's word.",
        "メールから受信日時を読み取れません。Dateヘッダーは送信者の申告にすぎないため、判定には使いません。",
    ),
)
NO_MAIL_FROM = Reason(
    "null-reverse-path",
    Text(
        "The envelope sender is empty (a bounce or an automatic reply).",
        "エンベロープFromが空です(バウンスや自動応答)。",
    ),
)

NO_MESSAGE = Reason(
    "no-message",
    Text(
        "A domain alone does not show this; check a message that was sent from it.",
        "ドメインだけでは確認できません。そのドメインから送信したメールで確認してください。",
    ),
)
NO_SETUP = Reason(
    "no-domain",
    Text(
        "What DNS holds for sending from the domain was not looked at; check the domain by its name.",
        "送信に必要なDNS設定は確認していません。ドメイン名を指定して確認してください。",
    ),
)
SES_UNASKED = Reason(
    "no-account",
    Text(
        "Only the SES account shows this: look at it with “todoku check ses:”.",
        "SESアカウントの設定から確認できます(todoku check ses:)。",
    ),
)
SES_CLOSED = Reason(
    "ses-not-read",
    Text(
        "{operation} could not be read in {region}: {detail}",
        "{operation} を読み取れませんでした({region}): {detail}",
    ),
)
SES_DENIED = Reason(
    "ses-permission-missing",
    Text(
        "{operation} could not be read in {region}: the IAM permission {action} is missing (todoku iam read prints all that are needed).",
        "{operation} を読み取れませんでした({region})。IAMの権限 {action} がありません(必要な権限は todoku iam read で確認できます)。",
    ),
)
SET_GONE = Reason(
    "configuration-set-gone",
    Text(
        "The default configuration set of this identity, {name}, does not exist in {region} any more: SES refuses what would be "
        "sent through it. Name another one, or none.",
        "この検証済みIDの既定の設定セット {name} が {region} に存在しないため、SESは送信を拒否します。別の設定セットを指定するか、指定を解除してください。",
    ),
)
STORE_UNASKED = Reason(
    "no-store",
    Text(
        "What Gmail and SES count is not known here: “todoku postmaster poll” reads it into a store, and --store names one.",
        "GmailとSESの集計値がありません。todoku postmaster poll でストアに取り込み、--store で指定してください。",
    ),
)
STORE_EMPTY = Reason(
    "store-without-rates",
    Text(
        "The store holds nothing about {domain}: “todoku postmaster poll” reads what Gmail counts and says.",
        "ストアに {domain} の集計値と判定がありません。todoku postmaster poll で取り込めます。",
    ),
)
STORE_CLOSED = Reason(
    "store-not-read",
    Text(
        "The store could not be read: {detail}",
        "ストアを読み取れませんでした: {detail}",
    ),
)
NO_STORE = Missing("not-asked", STORE_UNASKED)
"""Every fact of the store, where none was looked at."""
NO_ACCOUNT = Missing("not-asked", SES_UNASKED)
"""Every fact of an SES account, where a message or a domain was looked at."""
UNSHOWN = Missing("not-asked", NO_MESSAGE)
"""Every fact of a message, where a domain was looked at."""


def not_asked(reason: Reason, **values: str) -> Missing:
    """Nothing in this subject can show it."""
    return Missing("not-asked", reason, values)


def could_not_look(reason: Reason, **values: str) -> Missing:
    """A time-out, a refusal, or a limit that was hit."""
    return Missing("could-not-look", reason, values)
