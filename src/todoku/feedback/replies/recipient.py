"""What replies say of the recipient, in words and codes that many servers share (RFC 3463): full, too much at once, unknown."""

from __future__ import annotations

from todoku.feedback.replies.japan import UNKNOWN_OR_FILTERED
from todoku.feedback.replies.meanings import MAILBOX_FULL, NO_MAILBOX, RECIPIENT_RATE, TOO_BIG
from todoku.feedback.replies.rule import Rule, matching
from todoku.words.verdict import Text

_PERMANENT = (
    "550",
    "552",
    "553",
    "554",
    "511",
    "551",
    "501 5.1.3",
    "5.0.0",
    "5.1.0",
    "5.1.1",
    "5.1.2",
    "5.2.0",
    "5.7.1",
)
_NO_SERVER = Text(
    "The recipient's domain does not exist, or has no server for mail. Check the spelling.",
    "宛先のドメインが存在しないか、メールサーバーがありません。つづりを確認してください。",
)

LIMITS = (
    Rule(
        "recipient-unknown", None, (), matching(r"mailbox .{0,40}inactivity"), ("bounce-handling",), NO_MAILBOX, "stop"
    ),
    Rule(
        "recipient-rate",
        None,
        (),
        matching(r"receiving (?:e?-?mail|messages) (?:too quickly|at a rate)|mailbox received too much"),
        (),
        RECIPIENT_RATE,
        "later",
    ),
    Rule(
        "mailbox-full",
        None,
        (),
        matching(
            r"over ?quota|quota (?:exceeded|violation)|exceeded storage|mailbox size limit|(?:mailbox|inbox) (?:is )?full|out of storage"
        ),
        (),
        MAILBOX_FULL,
        "later",
    ),
    Rule("mailbox-full", None, ("4.2.2", "5.2.2"), None, (), MAILBOX_FULL, "later"),
    Rule(
        "too-big",
        None,
        (),
        matching(
            r"message (?:size|is) (?:exceeds|too)|message too (?:large|big|long)|exceed\w{0,3} .{0,40}(?:message|maximum) size|size limit|recipsizelimit"
        ),
        (),
        TOO_BIG,
        "fix",
    ),
    Rule(
        "5.3.4",
        None,
        ("5.3.4",),
        None,
        ("message-format",),
        Text(
            "Something is too large: the message, its header, or, at Gmail, the number of attachments. The whole text of the reply tells which.",
            "メール全体のサイズ、ヘッダーのサイズ、添付ファイルの数(Gmailの場合)のいずれかが上限を超えています。どれかは応答の全文で区別できます。",
        ),
        "fix",
        ambiguous=True,
    ),
)
"""What is said of a mailbox in words that mean something else in other replies: closed, full, too much at once, too big."""

RECIPIENT = (
    Rule(
        "relay-denied",
        None,
        (),
        matching(
            r"relay(?:ing)? (?:access )?(?:denied|not)|authentication required|MX do not point|unable to relay|not (?:permitted|allowed) to relay"
        ),
        (),
        Text(
            "The server does not take mail for the recipient's domain. The address is misspelt, or the domain's MX record is wrong.",
            "サーバーが宛先のドメインのメールを扱っていません。宛先のつづりの誤りか、そのドメインのMXレコードの誤りです。",
        ),
        "find-out",
        ambiguous=True,
    ),
    Rule(
        "recipient-domain",
        None,
        (),
        matching(
            r"unknown mail server|could not find a mail server|host or domain name not found|find the recipient domain|does not accept mail|null ?MX"
        ),
        ("bounce-handling",),
        _NO_SERVER,
        "stop",
    ),
    Rule(
        "recipient-domain",
        None,
        ("5.1.2", "5.4.4", "5.4.310"),
        None,
        ("bounce-handling",),
        _NO_SERVER,
        "stop",
    ),
    UNKNOWN_OR_FILTERED,
    Rule(
        "recipient-unknown",
        None,
        ("5.1.1", "5.1.10", "5.1.6", "5.5.0"),
        None,
        ("bounce-handling",),
        NO_MAILBOX,
        "stop",
        official=True,
    ),
    Rule(
        "recipient-unknown",
        None,
        ("5.2.1", *_PERMANENT),
        matching(
            r"(?:user|mailbox|recipient|account|address|alias).{0,60}(?:unknown|unavailable(?! or access)|not? (?:be )?found|(?:does not|doesn't) exist|disabled|inactive|"
            r"no longer|discontinued|not exist|suspended|invalid)|no such [a-z]+|not an active address|user not local|bad recipient address|(?:unknown|invalid|bad|inactive|unrouteable) (?:user|mailbox|recipient|address|"
            r"destination|account|email|local part)|no mailbox here"
        ),
        ("bounce-handling",),
        NO_MAILBOX,
        "stop",
    ),
    Rule(
        "address-rejected",
        None,
        ("5.1.0", "550", "553"),
        matching(r"\baddress rejected\Z|address rejected\.|rcpt is rejected|mailbox name not allowed"),
        ("bounce-handling",),
        Text(
            "The receiver refuses an address: the recipient's, or yours. The reply does not say which.",
            "宛先または送信者のアドレスが拒否されました。どちらかは応答からは分かりません。",
        ),
        "find-out",
        ambiguous=True,
    ),
    Rule(
        "5.2.1",
        None,
        ("5.2.1",),
        None,
        ("bounce-handling",),
        Text(
            "One of two: the mailbox is disabled (RFC 3463), or, at Gmail, the recipient gets more mail than it delivers to one mailbox. The "
            "whole text of the reply tells which.",
            "次の2つのいずれかです: 宛先が停止されている(RFC 3463)、または、Gmailでその宛先に届くメールが多すぎる。どれかは応答の全文で区別できます。",
        ),
        "find-out",
        ambiguous=True,
    ),
    Rule(
        "mail-loop",
        None,
        (),
        matching(r"mail loop|too many hops|hop count|[0-9]+ hops|routing loop|email loop"),
        (),
        Text(
            "The message went round in a circle at the recipient's side: a forwarding rule.",
            "受信側の転送設定により、メールがループしています。",
        ),
        "recipient",
    ),
)
