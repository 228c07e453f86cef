"""What receivers' replies mean: code, words, requirement. The first rule that fits a reply decides.

This is one table, and longer than a module should be for that reason. Where a code belongs to one receiver, it names
that receiver; codes that anybody uses (5.7.1, 4.7.0, those of RFC 7372) name none. Gmail's codes are those of its page
of SMTP errors. Yahoo's 550 5.7.9 and bracketed codes, Apple's, and Microsoft's 5.7.23, 5.7.509, 5.7.512 and 5.6.11 are
told by third parties only.
"""

from __future__ import annotations

import re

import msgspec

from todoku.verdict import Receiver, Text


class Rule(msgspec.Struct, frozen=True):
    """One meaning. ``codes`` are basic (``554``), enhanced (``5.7.26``) or both (``421 4.7.0``); none: any code.

    ``words`` must be found in the reply. ``receiver`` None: whoever wrote it. ``recognised``: the reply must show by other
    words that it is this receiver's.
    """

    tag: str
    receiver: Receiver | None
    codes: tuple[str, ...]
    words: re.Pattern[str] | None
    requirements: tuple[str, ...]
    text: Text
    ambiguous: bool = False
    recognised: bool = False


def _words(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)


UNAUTHENTICATED = Text("Neither SPF nor DKIM passed.", "SPFもDKIMも認証に成功していません。")
DMARC_POLICY = Text(
    "Nothing that authenticated is aligned with From, and the From domain's own DMARC policy asks for refusal.",
    "Fromのドメインと一致する認証がなく、そのドメイン自身のDMARCポリシーに従って拒否されました。",
)
REVERSE_DNS = Text(
    "The sending address has no PTR record, or its name does not resolve back to the address.",
    "送信元IPアドレスのPTRレコードがないか、正引き・逆引きが一致していません。",
)
CLEAR_TEXT = Text("The connection did not use TLS.", "接続がTLSで暗号化されていません。")
SPF_FAILED = Text("SPF did not pass for MAIL FROM.", "MAIL FROMのSPF認証に成功していません。")
DKIM_FAILED = Text("DKIM did not pass.", "DKIM認証に成功していません。")
NO_MAILBOX = Text(
    "The mailbox does not exist or is closed: do not send to it again.",
    "宛先が存在しないか、停止されています。以後は送信しないでください。",
)
NO_DOMAIN = Text(
    "The domain of MAIL FROM or From does not exist in the DNS.",
    "MAIL FROMまたはFromのドメインがDNSに存在しません。",
)
REPUTATION = Text(
    "The message is taken for spam, or the domain or address has a bad reputation. No header mends this.",
    "迷惑メールと判断されたか、ドメインまたはIPアドレスの評価が低下しています。ヘッダーの修正では解決しません。",
)

OUTLOOK_AUTHENTICATION = "outlook-authentication"

_SES = (
    Rule(
        "ses-suppressed",
        None,
        (),
        _words(r"suppression list"),
        ("bounce-handling",),
        Text(
            "SES did not send: the address bounced or complained before and is on a suppression list.",
            "過去のバウンスまたは苦情によりサプレッションリストに載っている宛先のため、SESは送信しませんでした。",
        ),
    ),
    Rule(
        "ses-duplicate-header",
        None,
        (),
        _words(r"duplicate header '"),
        ("message-format",),
        Text(
            "A header field that is allowed once appears twice.",
            "1つしか許されないヘッダーフィールドが重複しています。",
        ),
    ),
    Rule(
        "ses-not-verified",
        None,
        (),
        _words(r"(?:email address|domain|identit(?:y|ies)).{0,60}(?:not verified|failed the check)"),
        (),
        Text(
            "SES refused: the identity is not verified in this region. Verification holds for one region only.",
            "IDがこのリージョンで検証されていないため、SESが拒否しました。検証はリージョンごとに必要です。",
        ),
    ),
    Rule(
        "ses-mail-from",
        None,
        (),
        _words(r"MailFromDomainNotVerified"),
        ("dmarc-alignment",),
        Text(
            "SES refused: the MX record of the custom MAIL FROM domain is missing, and the identity says to reject then.",
            "カスタム MAIL FROM ドメインのMXレコードが見つからず、その場合は拒否する設定のため、SESが送信しませんでした。",
        ),
    ),
)

_GMAIL = (
    Rule(
        "gmail-dmarc-policy",
        "gmail",
        ("5.7.26", "4.7.26"),
        _words(r"dmarc policy"),
        ("dmarc-policy",),
        DMARC_POLICY,
    ),
    Rule(
        "gmail-spf-hardfail",
        "gmail",
        ("5.7.26", "4.7.26"),
        _words(r"hard ?fail|\(-all\)|-all\b"),
        ("dmarc-policy", "spf"),
        Text(
            "SPF fails for MAIL FROM, and that domain's record ends in -all.",
            "MAIL FROMのドメインのSPFレコードが -all で終わっており、SPFの検証に失敗しました。",
        ),
    ),
    Rule(
        "gmail-unauthenticated",
        "gmail",
        ("5.7.26", "4.7.26"),
        _words(
            r"unauthenticated|did not pass|requires all senders to authenticate|authentication (?:information|checks)"
        ),
        ("spf-or-dkim",),
        UNAUTHENTICATED,
    ),
    Rule(
        "gmail-5.7.26",
        "gmail",
        ("5.7.26", "4.7.26"),
        None,
        ("spf-or-dkim", "dmarc-policy"),
        Text(
            "One of three: neither SPF nor DKIM passed, the From domain's DMARC policy asks for refusal, or MAIL FROM's SPF record "
            "ends in -all and fails. The whole text of the reply tells which.",
            "次の3つのいずれかです: SPFもDKIMも失敗、FromのドメインのDMARCポリシーによる拒否、"
            "-all で終わるSPFレコードの検証失敗。どれかは応答の全文で区別できます。",
        ),
        ambiguous=True,
    ),
    Rule("gmail-spf", "gmail", ("5.7.27", "4.7.27"), None, ("spf",), SPF_FAILED),
    Rule(
        "gmail-spf-suspicious",
        "gmail",
        ("5.7.24", "4.7.24"),
        None,
        ("spf",),
        Text(
            "The SPF record of the sending domain holds suspicious entries.",
            "送信ドメインのSPFレコードに不審な記述があります。",
        ),
    ),
    Rule("gmail-dkim", "gmail", ("5.7.30", "4.7.30"), None, ("dkim",), DKIM_FAILED),
    Rule(
        "gmail-dmarc-record",
        "gmail",
        ("4.7.31", "5.7.31", "4.7.40", "5.7.40"),
        _words(r"dmarc"),
        ("dmarc-record",),
        Text(
            "The From domain has no valid DMARC record (Google's pages name two codes for this, 4.7.31 and 4.7.40).",
            "FromのドメインにDMARCレコードがないか、内容が無効です(Googleの文書には 4.7.31 と 4.7.40 の2つのコードがあります)。",
        ),
    ),
    Rule(
        "gmail-4.7.31",
        "gmail",
        ("4.7.31", "5.7.31", "4.7.40", "5.7.40"),
        None,
        ("dmarc-record",),
        Text(
            "Probably a missing DMARC record; but Google's pages disagree about this code, and the reply says no more.",
            "DMARCレコードがない可能性が高いものの、Googleの文書間でこのコードの説明が食い違っており、応答の本文からも断定できません。",
        ),
        ambiguous=True,
    ),
    Rule(
        "gmail-dmarc-alignment",
        "gmail",
        ("4.7.32", "5.7.32"),
        None,
        ("dmarc-alignment",),
        Text(
            "From is aligned with neither the SPF nor the DKIM domain.",
            "FromのドメインがSPFのドメインともDKIMのドメインとも一致(アライメント)していません。",
        ),
    ),
    Rule("gmail-reverse-dns", "gmail", ("5.7.25", "4.7.23", "4.7.25"), None, ("reverse-dns",), REVERSE_DNS),
    Rule("gmail-tls", "gmail", ("5.7.29", "4.7.29"), None, ("tls",), CLEAR_TEXT),
    Rule(
        "gmail-message-id-repeated",
        "gmail",
        ("4.7.28", "5.7.28"),
        _words(r"message-?id"),
        ("message-format",),
        Text(
            "Many messages carry the same Message-ID.",
            "同じMessage-IDのメールが大量に送られています。",
        ),
    ),
    Rule(
        "gmail-rate-limit",
        "gmail",
        ("4.7.28", "5.7.28"),
        None,
        (),
        Text(
            "A rate limit, not a requirement: wait 10 minutes, send on one connection, and grow by one.",
            "要件ではなく流量制限です。10分待ち、1接続から再開して少しずつ増やしてください。",
        ),
    ),
    Rule(
        "gmail-message-format",
        "gmail",
        ("554 5.6.0", "552 5.3.4"),
        None,
        ("message-format",),
        Text(
            "The message is malformed, or its header is too large.",
            "メールの形式に誤りがあるか、ヘッダーが大きすぎます。",
        ),
    ),
)

_YAHOO = (
    Rule(
        "yahoo-deferred",
        "yahoo",
        (),
        _words(r"\[TSS[0-9]{2}\]"),
        ("spam-rate",),
        Text(
            "Yahoo slows down or refuses this sender: users complain, or too much mail comes at once.",
            "利用者からの苦情または流量の急増により、Yahooが配信を遅延または拒否しています。",
        ),
    ),
    Rule(
        "yahoo-block-list",
        "yahoo",
        (),
        _words(r"\[BL[0-9]{2}\]"),
        (),
        Text(
            "The sending address is on a block list that Yahoo uses.",
            "送信元IPアドレスが、Yahooの参照するブロックリストに載っています。",
        ),
    ),
    Rule(
        "yahoo-content",
        "yahoo",
        (),
        _words(r"\[PH[0-9]{2}\]"),
        (),
        Text(
            "Yahoo takes the content or a link for phishing.",
            "本文またはリンクがフィッシングと判断されました。",
        ),
    ),
    Rule("yahoo-dmarc-policy", "yahoo", ("554 5.7.9",), None, ("dmarc-policy",), DMARC_POLICY),
    Rule("yahoo-unauthenticated", "yahoo", ("550 5.7.9",), None, ("spf-or-dkim",), UNAUTHENTICATED),
)

_OUTLOOK = (
    Rule(
        OUTLOOK_AUTHENTICATION,
        "outlook",
        ("5.7.515",),
        None,
        ("spf-and-dkim",),
        Text(
            "Outlook.com asks high-volume senders for SPF and DKIM, one of them aligned with From.",
            "Outlook.comは一括送信者に対し、SPFとDKIMの両方の成功と、少なくとも一方がFromと一致することを求めています。",
        ),
    ),
    Rule("outlook-dmarc-policy", "outlook", ("5.7.509",), None, ("dmarc-policy",), DMARC_POLICY),
    Rule(
        "outlook-message-format",
        "outlook",
        ("5.7.512",),
        None,
        ("message-format",),
        Text("From is missing or malformed.", "Fromフィールドがないか、書式が正しくありません。"),
    ),
    Rule(
        "outlook-bare-linefeed",
        "outlook",
        ("5.6.11",),
        None,
        ("message-format",),
        Text(
            "The message holds line feeds without a carriage return.",
            "改行がCRLFではなくLFだけの行があります。",
        ),
    ),
    Rule(
        "outlook-reputation",
        "outlook",
        (),
        _words(r"\b(?:RP|SC|DY|OU)-00[0-9]\b|\bS31[45]0\b"),
        (),
        Text(
            "Outlook.com limits or blocks the sending address for its reputation.",
            "送信元IPアドレスの評価により、Outlook.comが流量の制限または拒否を行っています。",
        ),
    ),
)

_ICLOUD = (
    Rule("icloud-unauthenticated", "icloud", (), _words(r"\[HME1\]"), ("spf-or-dkim",), UNAUTHENTICATED),
    Rule(
        "icloud-reputation",
        "icloud",
        (),
        _words(r"\[CS01\]"),
        (),
        Text(
            "iCloud Mail takes the message for spam, or the sender has a bad reputation.",
            "迷惑メールと判断されたか、送信元の評価が低下しています。",
        ),
    ),
    Rule(
        "icloud-rate-limit",
        "icloud",
        ("421 4.7.1",),
        None,
        (),
        Text(
            "A rate limit or a temporary block, not a requirement: slow down and try again later.",
            "要件ではなく、流量制限または一時的な拒否です。送信速度を落として再送してください。",
        ),
        recognised=True,
    ),
)

_ANYONE = (
    Rule(
        "reverse-dns",
        None,
        ("4.7.0", "5.7.1"),
        _words(r"\bPTR\b|reverse dns|IPv6 sending guidelines"),
        ("reverse-dns",),
        REVERSE_DNS,
    ),
    Rule("tls", None, ("4.7.0",), _words(r"\bTLS\b|encrypt"), ("tls",), CLEAR_TEXT),
    Rule(
        "message-format",
        None,
        ("5.7.1",),
        _words(
            r"RFC ?5322|multiple (?:addresses|subject|reply-to|from)|header is missing|missing a valid|duplicate|"
            r"address(?:es)? in the from"
        ),
        ("message-format",),
        Text(
            "The header breaks RFC 5322: a field is missing, repeated or malformed.",
            "ヘッダーがRFC 5322に違反しています(フィールドの欠落、重複、書式の誤り)。",
        ),
    ),
    Rule("dmarc-policy", None, ("550", "554", "5.7.1", "5.7.0"), _words(r"dmarc"), ("dmarc-policy",), DMARC_POLICY),
    Rule(
        "reputation",
        None,
        ("5.7.1", "5.7.0"),
        _words(r"unsolicited|reputation|spam|suspicious|blocked"),
        ("spam-rate",),
        REPUTATION,
    ),
    Rule("spf", None, ("5.7.23",), None, ("spf",), SPF_FAILED),  # RFC 7372 3.2
    Rule("dkim", None, ("5.7.20", "5.7.21", "5.7.22"), None, ("dkim",), DKIM_FAILED),  # RFC 7372 3.1
    Rule("reverse-dns", None, ("5.7.25",), None, ("reverse-dns",), REVERSE_DNS),  # RFC 7372 3.3
    Rule(
        "sender-domain",
        None,
        ("450", "451", "550", "553", "554", "4.1.8", "5.1.8"),
        _words(
            r"(?:sender|from|domain).{0,60}(?:not found|(?:does not|doesn't) (?:exist|resolve)|can(?:not|'t) be resolved|"
            r"not resolvable)"
        ),
        ("sender-domain",),
        NO_DOMAIN,
    ),
    Rule("sender-domain", None, ("4.1.8", "5.1.8"), None, ("sender-domain",), NO_DOMAIN),
    Rule("recipient-unknown", None, ("5.1.1", "5.1.10", "5.2.1", "5.5.0"), None, ("bounce-handling",), NO_MAILBOX),
    Rule(
        "recipient-unknown",
        None,
        ("550", "554", "552"),
        _words(r"(?:user|mailbox|recipient|account).{0,30}(?:unknown|unavailable|not found|does not exist|disabled)"),
        ("bounce-handling",),
        NO_MAILBOX,
    ),
    Rule(
        "mailbox-full",
        None,
        ("4.2.2", "5.2.2"),
        None,
        (),
        Text("The mailbox is full.", "宛先のメールボックスがいっぱいです。"),
    ),
    Rule(
        "gmail-unsolicited-rate",
        "gmail",
        ("4.7.0", "5.7.0"),
        _words(r"unsolicited|unusual rate|suspicious"),
        ("spam-rate",),
        Text(
            "Gmail sees unsolicited mail from this address and slows it down.",
            "このIPアドレスから迷惑メールが送られていると判断され、流量を制限されました。",
        ),
        recognised=True,
    ),
    Rule(
        "gmail-4.7.0",
        "gmail",
        ("421 4.7.0",),
        None,
        ("reverse-dns", "tls", "spam-rate"),
        Text(
            "Gmail uses this code for a missing PTR record, for missing TLS, and for unsolicited mail; the reply says no more.",
            "このコードは、PTRレコードがない、TLSでない、迷惑メールが多い、のいずれにも使われます。応答の本文からは区別できません。",
        ),
        ambiguous=True,
        recognised=True,
    ),
    Rule(
        "refused-5.7.1",
        None,
        ("5.7.1",),
        None,
        ("spam-rate", "message-format"),
        Text(
            "Refused by policy. This code is mostly spam or reputation, sometimes a malformed message: the words of the reply decide.",
            "ポリシーによる拒否です。多くは迷惑メール判定や評価の低下ですが、書式の誤りの場合もあり、応答の本文で区別します。",
        ),
        ambiguous=True,
    ),
)

RULES = (*_SES, *_YAHOO, *_OUTLOOK, *_ICLOUD, *_GMAIL, *_ANYONE)

UNKNOWN = Rule(
    "unknown",
    None,
    (),
    None,
    (),
    Text(
        "This reply names no sender requirement that todoku knows.",
        "todokuが把握している送信者要件に該当する応答ではありません。",
    ),
)
