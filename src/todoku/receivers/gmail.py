"""Gmail: Google's sender guidelines, what follows where they are not met, and its servers."""

from __future__ import annotations

from datetime import date
from typing import Final

from todoku.words.receiver_facts import ReceiverFacts
from todoku.words.verdict import Consequence, Text

GUIDELINES: Final = "https://support.google.com/a/answer/81126"
FAQ: Final = "https://support.google.com/a/answer/14229414"
CODES: Final = "https://knowledge.workspace.google.com/admin/support/troubleshooting/gmail-smtp-errors-and-codes"
LOOP: Final = "https://support.google.com/a/answer/6254652"

REJECTS = Consequence(
    "reject",
    Text(
        "Gmail may reject this{codes} or file it as spam.",
        "Gmailは、このメールを拒否するか{codes}、迷惑メールに振り分けることがあります。",
    ),
    source=FAQ,
)

REJECTS_WITHOUT_DMARC = Consequence(
    "reject",
    Text(
        "Gmail may reject this{codes}, and gives no help when your mail is filed as spam.",
        "Gmailは、このメールを拒否することがあります{codes}。迷惑メールに振り分けられても、解除の依頼に応じません。",
    ),
    source=CODES,
)

DEFERS_IMPERSONATION = Consequence(
    "defer",
    Text(
        "Gmail may defer this if you are a bulk sender, and says that it may affect delivery for others.",
        "Gmailは、一括送信者であれば受信を一時的に拒否することがあります。それ以外の送信者でも、配信に影響することがあります。",
    ),
    source=FAQ,
)

FILES_AS_SPAM = Consequence(
    "spam",
    Text(
        "Gmail may file this as spam or not deliver it as expected.",
        "Gmailは、このメールを迷惑メールに振り分けるなど、通常どおり配信しないことがあります。",
    ),
    source=GUIDELINES,
)

COUNTS_REPORTS = Consequence(
    "spam",
    Text(
        "Gmail files more of your mail as spam the more often people report it.",
        "Gmailは、迷惑メールとして報告されるほど、以後のメールを迷惑メールに振り分けやすくなります。",
    ),
    source=GUIDELINES,
)

NO_SUPPORT = Consequence(
    "no-support",
    Text(
        "Gmail does not reject mail for this, but gives no help when your mail is filed as spam.",
        "Gmailは、この理由でメールを拒否しませんが、迷惑メールに振り分けられても解除の依頼に応じません。",
    ),
    source=FAQ,
)

MAY_NOT_HELP = Consequence(
    "no-support",
    Text(
        "Gmail may give no help when your mail is filed as spam.",
        "Gmailは、迷惑メールに振り分けられても解除の依頼に応じないことがあります。",
    ),
    source=GUIDELINES,
)

SPAM_RATE = Consequence(
    "no-support",
    Text(
        "Gmail files more of your mail as spam at such a rate, and gives bulk senders no help until it has been below 0.3% for 7 days.",
        "この率に達すると、Gmailは迷惑メールに振り分けやすくなり、一括送信者の解除の依頼には、7日続けて0.3%未満になるまで応じません。",
    ),
    source=FAQ,
)

OWN_POLICY = Consequence(
    "policy",
    Text(
        "Gmail generally does what your own DMARC policy asks for: p=reject is rejected{codes}, p=quarantine goes to spam.",
        "Gmailは原則として自社のDMARCポリシーに従います。p=rejectなら拒否し{codes}、p=quarantineなら迷惑メールに振り分けます。",
    ),
    source=FAQ,
)

ADVISES = Consequence(
    "advice",
    Text(
        "Gmail recommends this and names no consequence.",
        "Gmailの推奨事項で、どう扱うかは示されていません。",
    ),
    source=GUIDELINES,
)

OFFERS_LOOP = Consequence(
    "advice",
    Text(
        "Gmail offers this to large-volume senders and names no consequence.",
        "Gmailが一括送信者向けに提供している機能で、どう扱うかは示されていません。",
    ),
    source=LOOP,
)

UNSEEN = Consequence(
    "advice",
    Text(
        "Gmail does not reject mail for this. Without it you cannot see your spam rate or Google's compliance status.",
        "Gmailがこの理由でメールを拒否することはありません。登録がないと、迷惑メール率やGoogleによる準拠状況を確認できません。",
    ),
    source=FAQ,
)

FACTS = ReceiverFacts(
    key="gmail",
    name="Gmail",
    place=1,
    asked_by_default=True,
    letter="G",
    since=date(2024, 2, 1),
    page=GUIDELINES,
    must=REJECTS,
    should=ADVISES,
    headline=Text("Gmail's sender requirements begin", "Gmailの送信者要件が始まりました"),
    bulk=Text(
        "Bulk: close to 5,000 or more messages to personal Gmail accounts in 24 hours, all subdomains of one primary "
        "domain together. Once bulk, always bulk.",
        "一括送信者: 24時間に個人のGmailアカウントへ約5,000通以上(同じプライマリドメインのサブドメインは合算)。"
        "一度でも該当すると、以後ずっと一括送信者とみなされます。",
    ),
    mailboxes=("gmail.com", "googlemail.com"),
    hosts=("google.com", "gmail.com", "googlemail.com"),
    edge=r".*\bmx\.google\.com",
    networks="35.190.247.0/24 64.233.160.0/19 66.102.0.0/20 66.249.80.0/20 72.14.192.0/18 74.125.0.0/16 108.177.8.0/21 "
    "108.177.96.0/19 142.250.0.0/15 172.217.0.0/16 172.253.0.0/16 173.194.0.0/16 209.85.128.0/17 216.58.192.0/19 "
    "216.239.32.0/19 2001:4860:4000::/36 2404:6800:4000::/36 2607:f8b0:4000::/36 2800:3f0:4000::/36 "
    "2a00:1450:4000::/36 2c0f:fb50:4000::/36",
    results_below="one-field",
    received_spf="google.com",
)
