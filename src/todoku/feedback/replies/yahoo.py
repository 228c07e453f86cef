"""Yahoo and AOL. The meanings are those of its page (senders.yahooinc.com/smtp-error-codes), which hardly names a code:
the wordings were seen in bounces. Yahoo! JAPAN is another company, and stands in ``japan.py``.
"""

from __future__ import annotations

from todoku.feedback.replies.meanings import DMARC_POLICY, NO_MAILBOX, UNAUTHENTICATED
from todoku.feedback.replies.rule import Rule, matching
from todoku.words.verdict import Text

_DEFERRED = Text(
    "Yahoo slows down or refuses this sender: users complain, or too much mail comes at once.",
    "利用者からの苦情または流量の急増により、Yahooが配信を遅延または拒否しています。",
)

YAHOO = (
    Rule(
        "yahoo-refused-sender",
        "yahoo",
        (),
        matching(r"\[TSS?[0-9]{2}\].{0,200}(?:permanently deferred|refused)|will be permanently deferred"),
        ("spam-rate",),
        Text(
            "Yahoo refuses all mail of this sending address: users complain, or the mail looks unsolicited. Retrying does not help.",
            "利用者からの苦情などにより、このIPアドレスからのメールがすべて拒否されています。再送しても解消しません。",
        ),
        "delist",
    ),
    Rule(
        "yahoo-deferred",
        "yahoo",
        (),
        matching(r"\[TSS?[0-9]{2}\]|deferred due to (?:unexpected volume|user complaints)"),
        ("spam-rate",),
        _DEFERRED,
        "later",
        official=True,
    ),
    Rule(
        "yahoo-block-list",
        "yahoo",
        (),
        matching(r"\[BL[0-9]{2}\]"),
        (),
        Text(
            "The sending address is on a block list that Yahoo uses.",
            "送信元IPアドレスが、Yahooの参照するブロックリストに載っています。",
        ),
        "delist",
    ),
    Rule(
        "yahoo-content",
        "yahoo",
        (),
        matching(r"\[PH[0-9]{2}\]"),
        (),
        Text(
            "Yahoo refuses the content or a link in it: phishing, a virus or other harm.",
            "本文またはリンクが、フィッシングやウイルスなど有害と判断されました。",
        ),
        "fix",
        official=True,
    ),
    Rule(
        "yahoo-unknown",
        "yahoo",
        ("554", "552", "550"),
        matching(
            r"\bdd (?:this user|not a valid|sorry|requested mail|.{0,80}(?:no longer|not|disabled))|doesn't have a \S{1,80} account|"
            r"^(?:smtp; )?(?:554 )?delivery error: dd"
        ),
        ("bounce-handling",),
        NO_MAILBOX,
        "stop",
        official=True,
    ),
    Rule(
        "yahoo-many-unknown",
        "yahoo",
        (),
        matching(r"excessive unknown recipients"),
        ("bounce-handling",),
        Text(
            "Too much of your mail goes to addresses that do not exist. This address may be a good one.",
            "存在しない宛先への送信が多すぎます。この宛先自体は有効な場合があります。",
        ),
        "fix",
        official=True,
    ),
    Rule(
        "yahoo-domain-unresolved",
        "yahoo",
        (),
        matching(r"unresolvable RFC\.?532[12]|unresolvable.{0,20}from domain"),
        ("sender-domain",),
        Text(
            "Yahoo cannot resolve the domain of MAIL FROM (RFC.5321) or From (RFC.5322): it looks for an SOA, and for A or MX. With "
            "451 a name server did not answer.",
            "MAIL FROM(RFC.5321)またはFrom(RFC.5322)のドメインを解決できません。SOAレコードと、AまたはMXレコードが必要です。"
            "451の場合は、ネームサーバーが応答しませんでした。",
        ),
        "fix",
        official=True,
    ),
    Rule(
        "yahoo-unauthenticated",
        "yahoo",
        ("550", "550 5.7.9"),
        matching(r"requires all senders to authenticate|sender is unauthenticated"),
        ("spf-or-dkim",),
        UNAUTHENTICATED,
        "fix",
        official=True,
        recognised=True,
    ),
    Rule("yahoo-dmarc-policy", "yahoo", ("554 5.7.9",), None, ("dmarc-policy",), DMARC_POLICY, "fix", recognised=True),
    Rule(
        "yahoo-unauthenticated",
        "yahoo",
        ("550 5.7.9",),
        None,
        ("spf-or-dkim",),
        UNAUTHENTICATED,
        "fix",
        recognised=True,
    ),
)

YAHOO_AFTERWARDS = (
    Rule(
        "yahoo-policy",
        "yahoo",
        ("550", "554"),
        matching(r"message not allowed|policy reasons|not accepted|action not taken"),
        ("spam-rate", "dmarc-policy", "message-format"),
        Text(
            "Refused for policy reasons: the content, authentication, or the form of the header. The reply says no more.",
            "ポリシーによる拒否です。内容、送信ドメイン認証、ヘッダーの書式のいずれが理由かは、応答からは分かりません。",
        ),
        "fix",
        official=True,
        ambiguous=True,
        recognised=True,
    ),
)
"""What is Yahoo's where no words, which others use too, decide."""
