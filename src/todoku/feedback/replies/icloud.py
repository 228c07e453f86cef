"""iCloud Mail. Apple publishes no list of replies (support.apple.com/102322 only says that there are some): all were seen."""

from __future__ import annotations

from todoku.feedback.replies.meanings import NO_MAILBOX, UNAUTHENTICATED
from todoku.feedback.replies.rule import Rule, matching
from todoku.words.verdict import Text

_RATE = Text(
    "A rate limit or a temporary block, not a requirement: slow down and try again later.",
    "要件ではなく、流量制限または一時的な拒否です。送信速度を落として再送してください。",
)

ICLOUD = (
    Rule(
        "icloud-unauthenticated",
        "icloud",
        (),
        matching(r"\[HME1\]|failing both SPF and DKIM"),
        ("spf-or-dkim",),
        UNAUTHENTICATED,
        "fix",
    ),
    Rule(
        "icloud-reputation",
        "icloud",
        (),
        matching(r"\[CS[0-9]{2}\]|\[HM[0-9]{2}\]|rejected due to local policy.{0,60}apple\.com"),
        (),
        Text(
            "iCloud Mail takes the message for spam, or the sender has a bad reputation.",
            "迷惑メールと判断されたか、送信元の評価が低下しています。",
        ),
        "later",
    ),
    Rule("icloud-rate-limit", "icloud", (), matching(r"deferred due to excessive volume"), (), _RATE, "later"),
    Rule("icloud-rate-limit", "icloud", ("421 4.7.1",), None, (), _RATE, "later", recognised=True),
    Rule(
        "icloud-unknown",
        "icloud",
        ("550", "5.1.1", "5.1.6"),
        matching(r"no longer on server|inactive email address|unknown or illegal alias|user does not exist"),
        ("bounce-handling",),
        NO_MAILBOX,
        "stop",
        recognised=True,
    ),
    Rule(
        "icloud-no-connection",
        "icloud",
        (),
        matching(r"ESMTP not accepting|not accepting connections|too many errors"),
        (),
        Text(
            "iCloud Mail takes no connections from the sending address now: it is busy, or the address has a bad reputation.",
            "iCloudメールが、送信元IPアドレスからの接続を受け付けていません。混雑しているか、IPアドレスの評価が低下しています。",
        ),
        "later",
        ambiguous=True,
        recognised=True,
    ),
)
