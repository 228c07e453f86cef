"""Codes and words that many servers share: RFC 3463, RFC 7372, and what Postfix, Exim, Sendmail and Exchange say by default."""

from __future__ import annotations

import msgspec

from todoku.feedback.replies.meanings import (
    BLOCK_LIST,
    CLEAR_TEXT,
    CONTENT,
    DKIM_FAILED,
    DMARC_POLICY,
    MALFORMED,
    NO_DOMAIN,
    REPUTATION,
    RESTRICTED,
    REVERSE_DNS,
    SPF_FAILED,
    TEMPORARY,
    TOO_FAST,
    UNAUTHENTICATED,
)
from todoku.feedback.replies.rule import Rule, matching
from todoku.words.verdict import Text

_TRANSIENT = ("421", "450", "451", "452")

_NO_REASON = Text(
    "The receiver refuses the message, and the reply does not say why. Follow the link in it, if there is one.",
    "受信側がメールを拒否しましたが、理由は応答から分かりません。応答にリンクがあれば、その説明を確認してください。",
)
REFUSED = Rule(
    "refused",
    None,
    ("550", "552", "554"),
    matching(r"transaction failed|not accepted|reject|refus|denied"),
    (),
    _NO_REASON,
    "find-out",
    ambiguous=True,
)
REFUSED_BY_POLICY = msgspec.structs.replace(REFUSED, codes=(), words=matching(r"policy restrictions"))
"""GMX begins it with "mailbox unavailable", which it is not."""

FIRST = (
    Rule(
        "sender-domain",
        None,
        (),
        matching(r"sender.{0,40}null ?MX|invalid DNS MX"),  # RFC 7505 4.2, whose 5.7.27 Gmail uses for SPF
        ("sender-domain",),
        NO_DOMAIN,
        "fix",
        official=True,
    ),
)

ANYONE = (
    Rule(
        "reverse-dns",
        None,
        (),
        matching(
            r"\bPTR\b|reverse (?:dns|hostname|lookup)|IPv6 sending guidelines|cannot find your (?:reverse )?hostname"
        ),
        ("reverse-dns",),
        REVERSE_DNS,
        "fix",
    ),
    Rule("tls", None, ("4.7.0",), matching(r"\bTLS\b|encrypt"), ("tls",), CLEAR_TEXT, "fix"),
    Rule(
        "tls",
        None,
        (),
        matching(r"must issue a STARTTLS|(?:TLS|encryption) (?:is )?required"),
        ("tls",),
        CLEAR_TEXT,
        "fix",
    ),
    Rule(
        "message-format",
        None,
        (),
        matching(
            r"RFC ?5322|RFC ?2822|not RFC compliant|multiple (?:addresses|subject|reply-to|from|\S{1,60} headers)|header is missing|missing a valid|"
            r"duplicate|address(?:es)? in the from|unicode character|encoded-word syntax|malformed .{0,30}header|missing from: header"
        ),
        ("message-format",),
        MALFORMED,
        "fix",
    ),
    Rule(
        "dmarc-policy",
        None,
        ("550", "554", "5.7.1", "5.7.0"),
        matching(r"dmarc"),
        ("dmarc-policy",),
        DMARC_POLICY,
        "fix",
    ),
    Rule(
        "unauthenticated",
        None,
        (),
        matching(r"(?:either|both) SPF (?:or|and) DKIM|fails? to pass authentication"),
        ("spf-or-dkim",),
        UNAUTHENTICATED,
        "fix",
    ),
    Rule(
        "block-list",
        None,
        (),
        matching(
            r"spamhaus|spamcop|barracuda|proofpoint\S{0,60}dnsbl|block ?list|black ?list(?:ed)?|\bdnsbl\b|\bRBL\b|client host .{0,60}blocked"
        ),
        (),
        BLOCK_LIST,
        "delist",
    ),
    Rule(
        "content-refused",
        None,
        (),
        matching(
            r"virus|malware|phish|attachment.{0,40}(?:not|block|reject|refus)|content.{0,20}(?:reject|filter)|suspicious attachment|banned file|banned_file|content denied|rejected as dangerous"
        ),
        (),
        CONTENT,
        "fix",
    ),
    Rule(
        "recipient-restricted",
        None,
        ("550", "552", "554", "541", "5.7.1", "4.7.1"),
        matching(
            r"rejected by (?:recipient|destination)|delivery not authorized|not (?:accept|authorized).{0,40}(?:sender|from you)|"
            r"(?:email|security|spoofing) polic(?:y|ies)|policy (?:error|rejection)|mail ?policy violation|BLOCK-SEND-ER|blocked senders|envelope blocked|"
            r"blocked by (?:the |this )?(?:recipient|user)|sender address rejected: access denied"
        ),
        (),
        RESTRICTED,
        "recipient",
    ),
    REFUSED_BY_POLICY,
    Rule(
        "sender-blocked",
        None,
        (),
        matching(
            r"\b(?:your |from )?IP (?:address )?.{0,40}(?:is rejected|(?:been|is) (?:temporarily )?blocked|blocked\Z)|spams? from your IP"
        ),
        ("spam-rate",),
        Text("The receiver blocks the sending address.", "受信側が送信元IPアドレスを拒否しています。"),
        "delist",
    ),
    Rule(
        "sender-unverified",
        None,
        (),
        matching(r"sender verif(?:y|ication) failed|verification failed for"),
        (),
        Text(
            "The receiver asked the server of the MAIL FROM domain whether the address exists, and was told no.",
            "受信側がMAIL FROMのドメインのサーバーにアドレスの存在を問い合わせ、存在しないと判断しました。",
        ),
        "fix",
    ),
    Rule(
        "reputation",
        None,
        ("5.7.1", "5.7.0", "550", "552", "554"),
        matching(r"unsolicited|reputation|spam|suspicious|blocked"),
        ("spam-rate",),
        REPUTATION,
        "later",
    ),
    Rule("reputation", None, _TRANSIENT, matching(r"\breputation\b"), ("spam-rate",), REPUTATION, "later"),
    Rule("spf", None, ("5.7.23",), None, ("spf",), SPF_FAILED, "fix", official=True),  # RFC 7372 3.2
    Rule(
        "spf",
        None,
        ("550", "5.7.1", "5.7.0"),
        matching(r"\bSPF\b.{0,40}(?:fail|policy|not allowed|invalid)|fail\w{0,5} .{0,20}SPF|not allowed to send from"),
        ("spf",),
        SPF_FAILED,
        "fix",
    ),
    Rule(
        "dkim", None, ("5.7.20", "5.7.21", "5.7.22"), None, ("dkim",), DKIM_FAILED, "fix", official=True
    ),  # RFC 7372 3.1
    Rule(
        "reverse-dns", None, ("5.7.25", "4.7.25"), None, ("reverse-dns",), REVERSE_DNS, "fix", official=True
    ),  # RFC 7372 3.3
    Rule(
        "sender-domain",
        None,
        ("450", "451", "550", "553", "554", "4.1.8", "5.1.8"),
        matching(
            r"(?:sender|from|domain).{0,60}(?:not found|(?:does not|doesn't) (?:exist|resolve)|can(?:not|'t) be resolved|"
            r"not resolvable)"
        ),
        ("sender-domain",),
        NO_DOMAIN,
        "fix",
    ),
    Rule("sender-domain", None, ("4.1.8", "5.1.8"), None, ("sender-domain",), NO_DOMAIN, "fix"),
)
"""What is wrong with the message or its sender."""

LATER = (
    Rule(
        "5.7.9",
        None,
        ("5.7.9",),
        None,
        ("spf-or-dkim", "dmarc-policy"),
        Text(
            "From Yahoo: 550 says that neither SPF nor DKIM passed, 554 that the From domain's DMARC policy asks for refusal. From others: "
            "the login is too weak (RFC 4954), which is none of your recipients.",
            "Yahooの場合、550はSPFもDKIMも認証に失敗したこと、554はFromのドメインのDMARCポリシーによる拒否を表します。"
            "ほかのサーバーの場合は、認証方式が弱すぎること(RFC 4954)を表し、宛先とは関係ありません。",
        ),
        "fix",
        ambiguous=True,
    ),
    Rule(
        "greylisted",
        None,
        (),
        matching(r"gr[ea]y-?list"),
        (),
        Text(
            "The receiver lets a sender wait that it does not know yet. SES retries; nothing is to be done.",
            "初めての送信元を一時的に待たせる仕組みです。SESが自動で再送するため、対応は不要です。",
        ),
        "later",
    ),
    Rule(
        "rate-limit",
        None,
        (*_TRANSIENT, "550", "552", "554"),
        matching(
            r"too many (?:messages|sessions|connections|concurrent|recipients|requests|errors)|rate limit|too (?:quickly|fast|frequent)|frequency limit|throttl|limit exceeded|max message per connection|exceeded .{0,30}limit"
        ),
        (),
        TOO_FAST,
        "later",
    ),
    Rule(
        "unreachable",
        None,
        (),
        matching(
            r"connection (?:timed out|refused|reset|dropped|expired|was closed)|timeout|message expired|no route to host"
        ),
        (),
        Text(
            "The receiver's server did not answer, or broke off.",
            "受信側のサーバーが応答しないか、接続が切断されました。",
        ),
        "later",
    ),
    Rule(
        "unreachable",
        None,
        ("4.4.1", "4.4.2", "4.4.7", "5.4.7"),
        None,
        (),
        Text(
            "The receiver's server did not answer, or broke off.",
            "受信側のサーバーが応答しないか、接続が切断されました。",
        ),
        "later",
    ),
)
"""What passes by itself."""

LAST = (
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
        "find-out",
        ambiguous=True,
    ),
    REFUSED,
    Rule(
        "temporary",
        None,
        _TRANSIENT,
        matching(
            r"temporar|system storage|try (?:again|your message)|later|unavailable|busy|internal (?:server )?error|service not|"
            r"error in processing|deferred|unverified address|invalid recipient|action aborted"
        ),
        (),
        TEMPORARY,
        "later",
    ),
    Rule("temporary", None, ("4.3.0", "4.3.1", "4.3.2", "4.4.5"), None, (), TEMPORARY, "later"),
)
"""What is left when nothing else fits."""
