"""Outlook.com, with Hotmail, Live and MSN: Microsoft's rules for senders, what follows where they are not met, and its servers."""

from __future__ import annotations

from datetime import date
from typing import Final

from todoku.words.receiver_facts import ReceiverFacts
from todoku.words.verdict import Consequence, Text

BLOG: Final = "https://techcommunity.microsoft.com/blog/microsoftdefenderforoffice365blog/strengthening-email-ecosystem-outlook%E2%80%99s-new-requirements-for-high%E2%80%90volume-senders/4399730"
DMARC: Final = "https://techcommunity.microsoft.com/blog/exchange/announcing-new-dmarc-policy-handling-defaults-for-enhanced-email-security/3878883"
POLICIES: Final = "https://substrate.office.com/ip-domain-management-snds/Postmaster/Policies"
JUNK: Final = "https://substrate.office.com/ip-domain-management-snds/Postmaster/JunkEmail"
TROUBLE: Final = "https://substrate.office.com/ip-domain-management-snds/Postmaster/Troubleshooting"

SEEN = date(2024, 1, 31)
"""The first day on which Microsoft's postmaster pages were seen with the rules that stand there; they are older."""

REJECTS = Consequence(
    "reject",
    Text(
        "Outlook.com may reject this{codes} or file it as junk: Microsoft's announcement says reject, its policy page says junk "
        "first.",
        "Outlook.comは、このメールを拒否するか{codes}、迷惑メールに振り分けることがあります(発表では拒否、ポリシーのページではまず"
        "迷惑メールに振り分けるとされています)。",
    ),
    source=POLICIES,
)

REJECTS_WITHOUT_PTR = Consequence(
    "reject",
    Text(
        "Outlook.com may not accept mail from an address without valid reverse DNS.",
        "Outlook.comは、逆引きが正しく設定されていないIPアドレスからのメールを受け付けないことがあります。",
    ),
    source=TROUBLE,
)

NO_SUPPORT = Consequence(
    "no-support",
    Text(
        "Microsoft may not help you with delivery to Outlook.com; it names no rejection for this.",
        "Microsoftは、Outlook.comへの配信に関する問い合わせに応じないことがあります。拒否するとは示されていません。",
    ),
    source=POLICIES,
)

DELIVERS_MALFORMED = Consequence(
    "no-support",
    Text(
        "Microsoft may not help you with delivery to Outlook.com. It names no rejection for this, and Outlook.com has been seen to "
        "deliver such mail.",
        "Microsoftは、Outlook.comへの配信に関する問い合わせに応じないことがあります。拒否するとは示されておらず、"
        "Outlook.comがこのようなメールを配信した例も確認されています。",
    ),
    source=POLICIES,
)

BLOCKS_SENDER = Consequence(
    "advice",
    Text(
        "Without it, Outlook.com's Unsubscribe only blocks you for that person and does not tell you.",
        "この指定がないと、Outlook.comで「登録解除」が押されても、その人に対してブロックされるだけで、送信者には通知されません。",
    ),
    source=JUNK,
)

OWN_POLICY = Consequence(
    "policy",
    Text(
        "Outlook.com does what your own DMARC policy asks for: it rejects mail that fails under p=reject or p=quarantine.",
        "Outlook.comは自社のDMARCポリシーに従い、p=rejectまたはp=quarantineのもとで失敗したメールを拒否します。",
    ),
    source=DMARC,
)

ADVISES = Consequence(
    "advice",
    Text(
        "Microsoft recommends this, and reserves the right to filter or block senders that ignore it.",
        "Microsoftの推奨事項です。従わない送信者を振り分けたりブロックしたりすることがあるとしています。",
    ),
    source=BLOG,
)

RECOMMENDS = Consequence(
    "advice",
    Text(
        "Microsoft recommends this and names no consequence.",
        "Microsoftの推奨事項で、どう扱うかは示されていません。",
    ),
    source=BLOG,
)

OFFERS_LOOP = Consequence(
    "advice",
    Text(
        "Microsoft recommends this and names no consequence.",
        "Microsoftの推奨事項で、どう扱うかは示されていません。",
    ),
    source=POLICIES,
)

FACTS = ReceiverFacts(
    key="outlook",
    name="Outlook.com",
    place=3,
    asked_by_default=True,
    letter="O",
    since=date(2025, 5, 5),
    page=BLOG,
    must=REJECTS,
    should=ADVISES,
    headline=Text(
        "Outlook.com's requirements for high-volume senders begin", "Outlook.comの一括送信者向け要件が始まりました"
    ),
    bulk=Text(
        "Bulk: more than 5,000 messages a day from one domain to Outlook.com accounts.",
        "一括送信者: 1つのドメインからOutlook.comのアカウントへ1日5,000通を超える場合。",
    ),
    mailboxes=("outlook.com", "outlook.jp", "hotmail.com", "hotmail.co.jp", "live.com", "live.jp", "msn.com"),
    hosts=("outlook.com", "office365.com", "exchangelabs.com", "hotmail.com", "live.com", "msn.com", "microsoft.com"),
    edge=r".*\.mail\.protection\.outlook\.com",
    networks="40.92.0.0/15 40.107.0.0/16 52.100.0.0/14 104.47.0.0/17 2603:1006::/32 2603:1016::/32 2603:1026::/32 2603:1036::/32 "
    "2603:1046::/32 2603:1056::/32 2603:1096::/32 2603:10a6::/32 2603:10b6::/32 2603:10c6::/32 2603:10d6::/32 "
    "2603:10e6::/32 2a01:111:f400::/48 2a01:111:f403::/48 2a01:111:e400::/48",
    results_without_id=True,
    origin_by_arc=True,  # a mail flow rule of a tenant's takes Received fields away and writes others
    reporters={"microsoft.com": ("outlook.com",)},  # writes from microsoft.com and calls itself Outlook.com
)
