"""iCloud Mail: Apple's rules for bulk senders, what follows where they are not met, and its servers."""

from __future__ import annotations

from datetime import date
from typing import Final

from todoku.words.receiver_facts import ReceiverFacts
from todoku.words.verdict import Consequence, Text

PAGE: Final = "https://support.apple.com/en-us/102322"

REJECTS = Consequence(
    "reject",
    Text(
        "Apple says that iCloud rejects bulk mail that does not meet this.",
        "Appleは、この要件を満たさない一括メールをiCloudが拒否するとしています。",
    ),
    source=PAGE,
)

OWN_POLICY = Consequence(
    "policy",
    Text(
        "iCloud does what your own DMARC policy asks for.",
        "iCloudは自社のDMARCポリシーに従って処理します。",
    ),
    source=PAGE,
)

ADVISES = Consequence(
    "advice",
    Text(
        "Apple encourages this and names no consequence.",
        "Appleの推奨事項で、どう扱うかは示されていません。",
    ),
    source=PAGE,
)

FACTS = ReceiverFacts(
    key="icloud",
    name="iCloud",
    place=4,
    asked_by_default=True,
    letter="I",
    since=date(2025, 2, 25),
    page=PAGE,
    must=REJECTS,
    should=ADVISES,
    headline=Text("Apple publishes iCloud Mail's requirements", "AppleがiCloudメールの要件を公開しました"),
    bulk=Text("Bulk: Apple names no number.", "一括送信者: Appleは通数を示していません。"),
    mailboxes=("icloud.com", "me.com", "mac.com"),
    hosts=("icloud.com", "apple.com", "me.com", "mac.com"),
    # its servers give their names without a domain
    bare_hosts=r"p[0-9]+-(?:icloudmta|mailgateway)[\w-]*",
    edge=r"p[0-9]+-icloudmta-smtpin[\w-]*",
    networks="17.0.0.0/8",
    results_below="field-per-method",
    received_spf="spf.icloud.com",
)
