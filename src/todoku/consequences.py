"""What receivers do with mail that does not meet a rule, each with its source: clauses share them.

None is stronger than its source. Where a text has ``{codes}``, ``receivers.clause`` puts the SMTP replies of the rule.
"""

from __future__ import annotations

from typing import Final

from todoku.verdict import Consequence, Text

GOOGLE_FAQ: Final = "https://support.google.com/a/answer/14229414"
YAHOO_FAQ: Final = "https://senders.yahooinc.com/faqs/"
MICROSOFT_BLOG: Final = "https://techcommunity.microsoft.com/blog/microsoftdefenderforoffice365blog/strengthening-email-ecosystem-outlook%E2%80%99s-new-requirements-for-high%E2%80%90volume-senders/4399730"
APPLE_PAGE: Final = "https://support.apple.com/en-us/102322"

GMAIL_REJECTS = Consequence(
    "reject",
    Text(
        "Gmail may reject this{codes} or file it as spam.",
        "Gmailは、このメールを拒否する{codes}か、迷惑メールに振り分けることがあります。",
    ),
    source=GOOGLE_FAQ,
)
GMAIL_NO_SUPPORT = Consequence(
    "no-support",
    Text(
        "Gmail does not reject mail for this, but gives no help when your mail is filed as spam.",
        "Gmailは、この理由でメールを拒否しませんが、迷惑メールに振り分けられても解除の依頼に応じません。",
    ),
    source=GOOGLE_FAQ,
)
GMAIL_ADVISES = Consequence(
    "advice",
    Text(
        "Gmail recommends this and names no consequence.",
        "Gmailの推奨事項です。満たさない場合の扱いは示されていません。",
    ),
    source="https://support.google.com/a/answer/81126",
)

YAHOO_REJECTS = Consequence(
    "reject",
    Text(
        "Yahoo may reject this{codes} or file it as spam.",
        "Yahooは、このメールを拒否する{codes}か、迷惑メールに振り分けることがあります。",
    ),
    source=YAHOO_FAQ,
)
YAHOO_ADVISES = Consequence(
    "advice",
    Text(
        "Yahoo recommends this and names no consequence.",
        "Yahooの推奨事項です。満たさない場合の扱いは示されていません。",
    ),
    source="https://senders.yahooinc.com/best-practices/",
)

OUTLOOK_REJECTS = Consequence(
    "reject",
    Text(
        "Outlook.com may reject this{codes} or file it as junk: Microsoft's announcement says reject, its policy page still says junk first.",
        "Outlook.comは、このメールを拒否する{codes}か、迷惑メールに振り分けることがあります(発表では拒否、ポリシーのページでは"
        "まず迷惑メールに振り分けるとされています)。",
    ),
    source=MICROSOFT_BLOG,
)
OUTLOOK_ADVISES = Consequence(
    "advice",
    Text(
        "Microsoft recommends this and names no consequence.",
        "Microsoftの推奨事項です。満たさない場合の扱いは示されていません。",
    ),
    source=MICROSOFT_BLOG,
)

APPLE_REJECTS = Consequence(
    "reject",
    Text("iCloud may reject this{codes}.", "iCloudは、このメールを拒否することがあります{codes}。"),
    source=APPLE_PAGE,
)
APPLE_ADVISES = Consequence(
    "advice",
    Text(
        "Apple encourages this and names no consequence.",
        "Appleの推奨事項です。満たさない場合の扱いは示されていません。",
    ),
    source=APPLE_PAGE,
)
