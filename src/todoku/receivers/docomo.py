"""NTT docomo: what it asks of mail to docomo.ne.jp, and what follows where that is not met."""

from __future__ import annotations

from datetime import date
from typing import Final

from todoku.words.receiver_facts import JAPAN_READ, NO_THRESHOLD, ReceiverFacts
from todoku.words.verdict import Consequence, Text

PAGE: Final = "https://www.docomo.ne.jp/service/docomo_mail/smtp_notice/"

WARNING_BEGINS = Text(
    "docomo begins to warn above mail that does not pass DMARC", "ドコモがDMARCに失敗したメールへの警告表示を始めました"
)

WARNING_SHOWN = date(2025, 1, 1)
"""The month in which docomo's app first showed its warning, as the press tells; planned it was for October 2024."""

WARNS = Consequence(
    "warning",
    Text(
        "docomo shows a warning above the message, and it may not arrive.",
        "ドコモは、メールの上部に警告を表示します。届かないこともあります。",
    ),
    source=PAGE,
    certain="undated",
)

ASKS = Consequence(
    "advice",
    Text(
        "docomo asks for this; its page says no more than that mail may not arrive.",
        "ドコモが求めている設定です。ドコモの説明は、届かないことがあるというものにとどまります。",
    ),
    source=PAGE,
    certain="undated",
)

SPOOFING = Consequence(
    "policy",
    Text(
        "Recipients who chose to refuse all spoofed mail at docomo do not get it; for others docomo states no consequence.",
        "ドコモでなりすましメールをすべて拒否する設定にした受信者には届きません。それ以外の受信者への扱いは示されていません。",
    ),
    source="https://www.docomo.ne.jp/service/imode_mail/notice/sender_id/",
    certain="undated",
)

POLICY = Consequence(
    "policy",
    Text(
        "docomo applies your own policy: reject refuses the message, quarantine puts it into the junk folder.",
        "ドコモは送信元のポリシーどおりに処理します。rejectなら拒否し、quarantineなら迷惑メールフォルダーに入れます。",
    ),
    source="https://news.biglobe.ne.jp/it/0213/mnn_250213_2169408279.html",
    certain="reported",
)

BLOCKS = Consequence(
    "defer",
    Text(
        "docomo takes no mail for a time from a network that sends to many unknown addresses; on shared SES addresses that is "
        "other senders' mail too.",
        "ドコモは、宛先不明のアドレスに大量に送信したネットワークからの受信を一時的に止めます。SESの共有IPアドレスでは、ほかの送信者にも影響します。",
    ),
    source="https://www.docomo.ne.jp/service/imode_mail/notice/mass_send/",
    certain="undated",
)

LINES = Consequence(
    "reject",
    Text("docomo refuses the message{codes}.", "ドコモはこのメールを拒否します{codes}。"),
    codes=("500",),
    source="https://www.nttdocomo.co.jp/service/imode_mail/notice/",
    certain="reported",
)

FACTS = ReceiverFacts(
    key="docomo",
    name="docomo",
    place=5,
    group="japan",
    since=None,
    page=PAGE,
    must=WARNS,
    should=ASKS,
    headline=None,
    bulk=NO_THRESHOLD,
    read_on=JAPAN_READ,
    certain="undated",
    mailboxes=("docomo.ne.jp",),
    refusals_hide_filters=True,
)
