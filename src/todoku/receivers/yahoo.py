"""Yahoo, with AOL: its sender best practices, what follows where they are not met, and its servers."""

from __future__ import annotations

from datetime import date
from typing import Final

from todoku.words.receiver_facts import ReceiverFacts
from todoku.words.verdict import Consequence, Text

PAGE: Final = "https://senders.yahooinc.com/best-practices/"
FAQ: Final = "https://senders.yahooinc.com/faqs/"
CODES: Final = "https://senders.yahooinc.com/smtp-error-codes/"

POLICY_ERRORS = Text(
    "Yahoo names null MX, oversized headers, Date out of range and undecodable headers as reasons to reject",
    "Yahooが、null MX・大きすぎるヘッダー・範囲外のDate・デコードできないヘッダーを拒否の理由に挙げました",
)

REJECTS = Consequence(
    "reject",
    Text(
        "Yahoo may reject this{codes} or file it as spam.",
        "Yahooは、このメールを拒否するか{codes}、迷惑メールに振り分けることがあります。",
    ),
    source=FAQ,
)

REJECTS_FOR_POLICY = Consequence(
    "reject",
    Text(
        "Yahoo may reject or defer this{codes}.",
        "Yahooは、このメールを拒否または一時的に拒否することがあります{codes}。",
    ),
    source=CODES,
)

DEFERS_COMPLAINTS = Consequence(
    "reject",
    Text(
        "Yahoo may defer mail from a domain with many complaints{codes}, reject it or file it as spam.",
        "Yahooは、苦情の多いドメインのメールを一時的に拒否するか{codes}、拒否または迷惑メールに振り分けることがあります。",
    ),
    source=FAQ,
)

OWN_POLICY = Consequence(
    "policy",
    Text(
        "Yahoo does what your own DMARC policy asks for: p=reject is rejected{codes}.",
        "Yahooは自社のDMARCポリシーに従います。p=rejectなら拒否します{codes}。",
    ),
    source=FAQ,
)

ADVISES = Consequence(
    "advice",
    Text(
        "Yahoo recommends this and names no consequence.",
        "Yahooの推奨事項で、どう扱うかは示されていません。",
    ),
    source=PAGE,
)

FACTS = ReceiverFacts(
    key="yahoo",
    name="Yahoo",
    place=2,
    asked_by_default=True,
    letter="Y",
    since=date(2024, 2, 1),
    page=PAGE,
    must=REJECTS,
    should=ADVISES,
    headline=Text("Yahoo's sender requirements begin", "Yahooの送信者要件が始まりました"),
    bulk=Text(
        "Bulk: Yahoo names no number; it counts by authenticated or From domain.",
        "一括送信者: Yahooは通数を示していません。認証ドメインまたはFromドメインごとに数えます。",
    ),
    mailboxes=("yahoo.com", "ymail.com", "rocketmail.com", "aol.com", "aim.com", "verizon.net", "yahoo.co.uk"),
    hosts=("yahoo.com", "aol.com", "yahoodns.net"),
    fields_on_top=("x-ymailisg", "x-apparently-to"),
    reporters={"yahoo.com": ("yahooinc.com",)},  # writes from dmarc.yahoo.com and names dmarchelp@yahooinc.com
)
