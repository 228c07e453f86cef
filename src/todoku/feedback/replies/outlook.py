"""Outlook.com, and Exchange Online, which answers from the same servers.

Official are the codes of Microsoft's page of non-delivery reports in Exchange Online, its page for high-volume senders (5.7.515),
and Outlook.com's postmaster page (RP-, SC-, DY-, OU-); the (S…) and (AS…) behind a reply are Microsoft's own and not explained.
"""

from __future__ import annotations

from todoku.feedback.replies.meanings import (
    DMARC_POLICY,
    NO_MAILBOX,
    RECIPIENT_RATE,
    RESTRICTED,
    REVERSE_DNS,
    TEMPORARY,
    TOO_FAST,
    UNAUTHENTICATED,
)
from todoku.feedback.replies.rule import Rule, matching
from todoku.words.verdict import Text

OUTLOOK_AUTHENTICATION = "outlook-authentication"

_SLOWED = Text(
    "Outlook.com slows down the sending address for its reputation. SES retries; if it lasts, send less to Outlook.com and only "
    "to people who open your mail.",
    "送信元IPアドレスの評価により、Outlook.comが流量を制限しています。SESは自動で再送します。続く場合は、Outlook.com宛ての通数を減らし、"
    "開封している宛先に絞ってください。",
)
_BLOCKED = Text(
    "The sending address or its network is on Outlook.com's block list. Dedicated addresses: ask for removal at "
    "https://sender.office.com or https://olcsupport.office.com. Shared addresses of SES: open an AWS Support case.",
    "送信元IPアドレスまたはそのネットワークが、Outlook.comのブロックリストに載っています。専用IPアドレスなら https://sender.office.com "
    "または https://olcsupport.office.com で解除を依頼し、SESの共有IPアドレスならAWSサポートに依頼してください。",
)
_BANNED = Text(
    "Microsoft has banned the sending address. Ask for removal at https://sender.office.com; 5.7.511 says to write to "
    "delist@messaging.microsoft.com with the whole reply.",
    "送信元IPアドレスがMicrosoftに拒否されています。https://sender.office.com で解除を依頼してください。"
    "5.7.511の場合は、応答の全文を delist@messaging.microsoft.com に送ります。",
)

OUTLOOK = (
    Rule(
        OUTLOOK_AUTHENTICATION,
        "outlook",
        ("5.7.515",),
        None,
        ("spf-and-dkim",),
        Text(
            "Outlook.com asks high-volume senders for SPF and DKIM, one of them aligned with From.",
            "Outlook.comは一括送信者に対し、SPFとDKIMの両方で認証に成功し、少なくとも一方がFromとアライメントが取れていることを求めています。",
        ),
        "fix",
        official=True,
    ),
    Rule("outlook-dmarc-policy", "outlook", ("5.7.509",), None, ("dmarc-policy",), DMARC_POLICY, "fix", official=True),
    Rule(
        "unauthenticated",
        "outlook",
        (),
        matching(r"must pass either SPF or DKIM"),
        ("spf-or-dkim",),
        UNAUTHENTICATED,
        "fix",
        official=True,
    ),
    Rule(
        "outlook-message-format",
        "outlook",
        ("5.7.512",),
        None,
        ("message-format",),
        Text("From is missing or malformed.", "Fromフィールドがないか、書式が正しくありません。"),
        "fix",
        official=True,
    ),
    Rule(
        "outlook-bare-linefeed",
        "outlook",
        ("5.6.11",),
        None,
        ("message-format",),
        Text("The message holds line feeds without a carriage return.", "改行がCRLFではなくLFだけの行があります。"),
        "fix",
        official=True,
    ),
    Rule(
        "outlook-banned",
        "outlook",
        (),
        matching(r"banned send(?:er|ing IP)"),
        (),
        _BANNED,
        "delist",
        official=True,
    ),
    Rule(
        "outlook-banned",
        "outlook",
        ("5.7.511", *(f"5.7.{number}" for number in range(606, 650))),
        None,
        (),
        _BANNED,
        "delist",
        official=True,
    ),
    Rule(
        "outlook-blocked",
        "outlook",
        (),
        matching(
            r"\bA?S31[45]0\b|on our block list|\b(?:SC|DY|OU)-00[0-9]\b|5\.7\.708|traffic not accepted from this IP"
        ),
        (),
        _BLOCKED,
        "delist",
        official=True,
    ),
    Rule(
        "outlook-reputation",
        "outlook",
        (),
        matching(r"\bRP-00[0-9]\b|\bS31[0-9]{2}\b|\(S775\)|rate limited due to IP reputation"),
        (),
        _SLOWED,
        "later",
        official=True,
    ),
    Rule("outlook-reputation", "outlook", ("4.7.650", "4.7.651"), None, (), _SLOWED, "later"),
    Rule(
        "outlook-throttled",
        "outlook",
        (*(f"4.7.{number}" for number in (*range(500, 650), *range(652, 700), *range(850, 900))),),
        None,
        (),
        Text(
            "Outlook.com or Exchange Online has restricted the sending address for a while, because it sees unusual traffic. SES retries.",
            "通常と異なる送信とみなされ、Outlook.com(Exchange Online)が送信元IPアドレスを一時的に制限しています。SESは自動で再送します。",
        ),
        "later",
        official=True,
    ),
    Rule(
        "outlook-recipient-refused",
        "outlook",
        ("5.4.1",),
        matching(r"recipient address rejected"),
        ("bounce-handling",),
        Text(
            "The organization's directory at Exchange Online does not have this address, or its domain is not set up there. Check the spelling.",
            "Exchange Onlineの組織のディレクトリにこの宛先がないか、そのドメインの設定が完了していません。宛先のつづりを確認してください。",
        ),
        "find-out",
        ambiguous=True,
    ),
    Rule(
        "outlook-5.4.1",
        "outlook",
        ("5.4.1",),
        None,
        ("bounce-handling",),
        Text(
            "The server takes no mail for the recipient's domain, or, at Exchange Online, does not have the address.",
            "サーバーが宛先のドメインのメールを扱っていないか、Exchange Onlineでは宛先が存在しません。",
        ),
        "find-out",
        official=True,
        ambiguous=True,
        recognised=True,
    ),
    Rule(
        "recipient-restricted",
        "outlook",
        ("5.7.507", "5.7.513", "5.7.12", "5.7.124", "5.7.129", "5.7.133", "5.7.134", "5.7.135", "5.7.136"),
        None,
        (),
        RESTRICTED,
        "recipient",
        official=True,
    ),
    Rule(
        "outlook-spam",
        "outlook",
        ("5.7.501", "5.7.502", "5.7.503"),
        None,
        ("spam-rate",),
        Text(
            "Microsoft saw spam from this sender and refuses it.",
            "この送信元から迷惑メールが検知され、拒否されています。",
        ),
        "delist",
        official=True,
    ),
    Rule(
        "recipient-unknown",
        "outlook",
        ("5.7.504", "5.7.505", "5.1.10"),
        None,
        ("bounce-handling",),
        NO_MAILBOX,
        "stop",
        official=True,
    ),
    Rule(
        "recipient-unknown",
        "outlook",
        (),
        matching(r"recipnotfound|recipient not found by SMTP"),
        ("bounce-handling",),
        NO_MAILBOX,
        "stop",
        official=True,
    ),
    Rule("recipient-rate", "outlook", ("5.2.121", "5.2.122"), None, (), RECIPIENT_RATE, "later", official=True),
    Rule(
        "recipient-rate", "outlook", ("4.3.2",), matching(r"thread limit"), (), RECIPIENT_RATE, "later", official=True
    ),
    Rule("rate-limit", "outlook", ("5.7.508",), None, (), TOO_FAST, "later", official=True),
    Rule(
        "reverse-dns",
        "outlook",
        (),
        matching(r"must have a reverse dns record"),
        ("reverse-dns",),
        REVERSE_DNS,
        "fix",
        official=True,
    ),
    Rule(
        "temporary",
        "outlook",
        ("4.3.2", "4.4.0", "4.4.3", "4.4.24", "4.4.25", "4.4.28", "4.7.3", "4.7.700", "4.4.316", "4.4.318"),
        None,
        (),
        TEMPORARY,
        "later",
        recognised=True,
    ),
)
