"""What receivers do with mail that does not meet a rule, each with its source: clauses share them.

None is stronger than its source. Where a text has ``{codes}``, ``receivers.clause`` puts the SMTP replies of the rule.
"""

from __future__ import annotations

from typing import Final

from todoku.verdict import Consequence, Text

GOOGLE_GUIDELINES: Final = "https://support.google.com/a/answer/81126"
GOOGLE_FAQ: Final = "https://support.google.com/a/answer/14229414"
GOOGLE_CODES: Final = "https://knowledge.workspace.google.com/admin/support/troubleshooting/gmail-smtp-errors-and-codes"
YAHOO_PAGE: Final = "https://senders.yahooinc.com/best-practices/"
YAHOO_FAQ: Final = "https://senders.yahooinc.com/faqs/"
YAHOO_CODES: Final = "https://senders.yahooinc.com/smtp-error-codes/"
MICROSOFT_BLOG: Final = "https://techcommunity.microsoft.com/blog/microsoftdefenderforoffice365blog/strengthening-email-ecosystem-outlook%E2%80%99s-new-requirements-for-high%E2%80%90volume-senders/4399730"
MICROSOFT_DMARC: Final = "https://techcommunity.microsoft.com/blog/exchange/announcing-new-dmarc-policy-handling-defaults-for-enhanced-email-security/3878883"
MICROSOFT_POLICIES: Final = "https://substrate.office.com/ip-domain-management-snds/Postmaster/Policies"
MICROSOFT_JUNK: Final = "https://substrate.office.com/ip-domain-management-snds/Postmaster/JunkEmail"
MICROSOFT_TROUBLE: Final = "https://substrate.office.com/ip-domain-management-snds/Postmaster/Troubleshooting"
APPLE_PAGE: Final = "https://support.apple.com/en-us/102322"

GMAIL_REJECTS = Consequence(
    "reject",
    Text(
        "Gmail may reject this{codes} or file it as spam.",
        "Gmailは、このメールを拒否するか{codes}、迷惑メールに振り分けることがあります。",
    ),
    source=GOOGLE_FAQ,
)
GMAIL_REJECTS_WITHOUT_DMARC = Consequence(
    "reject",
    Text(
        "Gmail may reject this{codes}, and gives no help when your mail is filed as spam.",
        "Gmailは、このメールを拒否することがあります{codes}。迷惑メールに振り分けられても、解除の依頼に応じません。",
    ),
    source=GOOGLE_CODES,
)
GMAIL_DEFERS_IMPERSONATION = Consequence(
    "defer",
    Text(
        "Gmail may defer this if you are a bulk sender, and says that it may affect delivery for others.",
        "Gmailは、一括送信者であれば受信を一時的に拒否することがあります。それ以外の送信者でも、配信に影響することがあります。",
    ),
    source=GOOGLE_FAQ,
)
GMAIL_FILES_AS_SPAM = Consequence(
    "spam",
    Text(
        "Gmail may file this as spam or not deliver it as expected.",
        "Gmailは、このメールを迷惑メールに振り分けるなど、通常どおり配信しないことがあります。",
    ),
    source=GOOGLE_GUIDELINES,
)
GMAIL_COUNTS_REPORTS = Consequence(
    "spam",
    Text(
        "Gmail files more of your mail as spam the more often people report it.",
        "Gmailは、迷惑メールとして報告されるほど、以後のメールを迷惑メールに振り分けやすくなります。",
    ),
    source=GOOGLE_GUIDELINES,
)
GMAIL_NO_SUPPORT = Consequence(
    "no-support",
    Text(
        "Gmail does not reject mail for this, but gives no help when your mail is filed as spam.",
        "Gmailは、この理由でメールを拒否しませんが、迷惑メールに振り分けられても解除の依頼に応じません。",
    ),
    source=GOOGLE_FAQ,
)
GMAIL_SPAM_RATE = Consequence(
    "no-support",
    Text(
        "Gmail files more of your mail as spam at such a rate, and gives bulk senders no help until it has been below 0.3% for 7 days.",
        "この率に達すると、Gmailは迷惑メールに振り分けやすくなり、一括送信者の解除の依頼には、7日続けて0.3%未満になるまで応じません。",
    ),
    source=GOOGLE_FAQ,
)
GMAIL_OWN_POLICY = Consequence(
    "policy",
    Text(
        "Gmail does what your own DMARC policy asks for: p=reject is rejected{codes}, p=quarantine goes to spam.",
        "Gmailは自社のDMARCポリシーに従います。p=rejectなら拒否し{codes}、p=quarantineなら迷惑メールに振り分けます。",
    ),
    source=GOOGLE_FAQ,
)
GMAIL_ADVISES = Consequence(
    "advice",
    Text(
        "Gmail recommends this and names no consequence.",
        "Gmailの推奨事項で、どう扱うかは示されていません。",
    ),
    source=GOOGLE_GUIDELINES,
)
GMAIL_UNSEEN = Consequence(
    "advice",
    Text(
        "Gmail does not reject mail for this. Without it you cannot see your spam rate or Google's compliance status.",
        "Gmailがこの理由でメールを拒否することはありません。登録がないと、迷惑メール率やGoogleによる準拠状況を確認できません。",
    ),
    source=GOOGLE_FAQ,
)

YAHOO_REJECTS = Consequence(
    "reject",
    Text(
        "Yahoo may reject this{codes} or file it as spam.",
        "Yahooは、このメールを拒否するか{codes}、迷惑メールに振り分けることがあります。",
    ),
    source=YAHOO_FAQ,
)
YAHOO_REJECTS_FOR_POLICY = Consequence(
    "reject",
    Text(
        "Yahoo may reject or defer this{codes}.",
        "Yahooは、このメールを拒否または一時的に拒否することがあります{codes}。",
    ),
    source=YAHOO_CODES,
)
YAHOO_DEFERS_COMPLAINTS = Consequence(
    "reject",
    Text(
        "Yahoo may defer mail from a domain with many complaints{codes}, reject it or file it as spam.",
        "Yahooは、苦情の多いドメインのメールを一時的に拒否するか{codes}、拒否または迷惑メールに振り分けることがあります。",
    ),
    source=YAHOO_FAQ,
)
YAHOO_OWN_POLICY = Consequence(
    "policy",
    Text(
        "Yahoo does what your own DMARC policy asks for: p=reject is rejected{codes}.",
        "Yahooは自社のDMARCポリシーに従います。p=rejectなら拒否します{codes}。",
    ),
    source=YAHOO_FAQ,
)
YAHOO_ADVISES = Consequence(
    "advice",
    Text(
        "Yahoo recommends this and names no consequence.",
        "Yahooの推奨事項で、どう扱うかは示されていません。",
    ),
    source=YAHOO_PAGE,
)

OUTLOOK_REJECTS = Consequence(
    "reject",
    Text(
        "Outlook.com may reject this{codes} or file it as junk: Microsoft's announcement says reject, its policy page says junk "
        "first.",
        "Outlook.comは、このメールを拒否するか{codes}、迷惑メールに振り分けることがあります(発表では拒否、ポリシーのページではまず"
        "迷惑メールに振り分けるとされています)。",
    ),
    source=MICROSOFT_POLICIES,
)
OUTLOOK_REJECTS_WITHOUT_PTR = Consequence(
    "reject",
    Text(
        "Outlook.com may not accept mail from an address without valid reverse DNS.",
        "Outlook.comは、逆引きが正しく設定されていないIPアドレスからのメールを受け付けないことがあります。",
    ),
    source=MICROSOFT_TROUBLE,
)
OUTLOOK_NO_SUPPORT = Consequence(
    "no-support",
    Text(
        "Microsoft may not help you with delivery to Outlook.com; it names no rejection for this.",
        "Microsoftは、Outlook.comへの配信に関する問い合わせに応じないことがあります。拒否するとは示されていません。",
    ),
    source=MICROSOFT_POLICIES,
)
OUTLOOK_DELIVERS_MALFORMED = Consequence(
    "no-support",
    Text(
        "Microsoft may not help you with delivery to Outlook.com. It names no rejection for this, and Outlook.com has been seen to "
        "deliver such mail.",
        "Microsoftは、Outlook.comへの配信に関する問い合わせに応じないことがあります。拒否するとは示されておらず、"
        "Outlook.comがこのようなメールを配信した例も確認されています。",
    ),
    source=MICROSOFT_POLICIES,
)
OUTLOOK_BLOCKS_SENDER = Consequence(
    "advice",
    Text(
        "Without it, Outlook.com's Unsubscribe only blocks you for that person and does not tell you.",
        "この指定がないと、Outlook.comで「登録解除」が押されても、その人に対してブロックされるだけで、送信者には通知されません。",
    ),
    source=MICROSOFT_JUNK,
)
OUTLOOK_OWN_POLICY = Consequence(
    "policy",
    Text(
        "Outlook.com does what your own DMARC policy asks for: it rejects mail that fails under p=reject or p=quarantine.",
        "Outlook.comは自社のDMARCポリシーに従い、p=rejectまたはp=quarantineのもとで失敗したメールを拒否します。",
    ),
    source=MICROSOFT_DMARC,
)
OUTLOOK_ADVISES = Consequence(
    "advice",
    Text(
        "Microsoft recommends this, and reserves the right to filter or block senders that ignore it.",
        "Microsoftの推奨事項です。従わない送信者を振り分けたりブロックしたりすることがあるとしています。",
    ),
    source=MICROSOFT_BLOG,
)

APPLE_REJECTS = Consequence(
    "reject",
    Text(
        "Apple says that iCloud rejects bulk mail that does not meet this.",
        "Appleは、この要件を満たさない一括メールをiCloudが拒否するとしています。",
    ),
    source=APPLE_PAGE,
)
APPLE_OWN_POLICY = Consequence(
    "policy",
    Text(
        "iCloud does what your own DMARC policy asks for.",
        "iCloudは自社のDMARCポリシーに従って処理します。",
    ),
    source=APPLE_PAGE,
)
APPLE_ADVISES = Consequence(
    "advice",
    Text(
        "Apple encourages this and names no consequence.",
        "Appleの推奨事項で、どう扱うかは示されていません。",
    ),
    source=APPLE_PAGE,
)
