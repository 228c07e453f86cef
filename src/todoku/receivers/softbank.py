"""SoftBank, with Y!mobile: what it asks of mail to its mobile addresses, and what follows where that is not met."""

from __future__ import annotations

from typing import Final

from todoku.words.receiver_facts import JAPAN_READ, NO_THRESHOLD, ReceiverFacts
from todoku.words.verdict import Consequence, Text

PAGE: Final = "https://www.softbank.jp/mobile/info/personal/news/support/20240213a/"

REFUSES = Consequence(
    "policy",
    Text(
        "SoftBank refuses spoofed mail of domains with DMARC, unless the recipient switched that off.",
        "ソフトバンクは、DMARCを設定したドメインのなりすましメールを拒否します(受信者が機能をオフにしている場合を除く)。",
    ),
    source=PAGE,
)

PAGE_OF_2008: Final = "http://megalodon.jp/ref/2008-0911-1438-33/creation.mb.softbank.jp/mail/mail_attention.html"

ASKS = Consequence(
    "reject",
    Text(
        "SoftBank refused such mail by a page of 2008; what it does today was not read.",
        "2008年の説明では、ソフトバンクはこのようなメールを拒否していました。現在の扱いは確認していません。",
    ),
    source=PAGE_OF_2008,
    certain="reported",
)

REPORTED = Consequence(
    "policy",
    Text(
        "SoftBank's spoofing filter is reported to refuse such mail; SoftBank itself does not say so.",
        "ソフトバンクの「なりすましメールの拒否」で拒否されるとの報告がありますが、ソフトバンク自身の説明はありません。",
    ),
    source="https://note.com/sendmagic/n/n2c8b608b866e",
    certain="reported",
)

UNKNOWN_DOMAIN = Consequence(
    "reject",
    Text(
        "SoftBank is reported to refuse such mail{codes}.",
        "ソフトバンクはこのようなメールを拒否すると報告されています{codes}。",
    ),
    codes=("553",),
    source="https://note.com/sendmagic/n/n5afbf98aeb25",
    certain="reported",
)

BLOCKS = Consequence(
    "defer",
    Text(
        "SoftBank may take mail to many unknown addresses for spam and restrict the sender.",
        "ソフトバンクは、宛先不明のアドレスが大量に含まれる送信を迷惑メールと判断し、送信を制御することがあります。",
    ),
    source="https://www.softbank.jp/mobile/support/antispam/wrestle/",
    certain="undated",
)

FACTS = ReceiverFacts(
    key="softbank",
    name="SoftBank",
    place=7,
    group="japan",
    since=None,
    page=PAGE,
    must=REFUSES,
    should=ASKS,
    headline=None,
    bulk=NO_THRESHOLD,
    read_on=JAPAN_READ,
    mailboxes=("softbank.ne.jp", "i.softbank.jp", "vodafone.ne.jp", "disney.ne.jp", "ymobile.ne.jp"),
    refusals_hide_filters=True,
)
