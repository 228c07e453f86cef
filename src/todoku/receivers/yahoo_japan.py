"""Yahoo! JAPAN (LY Corporation, a company of its own): what it does with mail that does not authenticate."""

from __future__ import annotations

from typing import Final

from todoku.words.receiver_facts import JAPAN_READ, NO_THRESHOLD, ReceiverFacts
from todoku.words.verdict import Consequence, Text

PAGE: Final = "https://whatsnewmail.yahoo.co.jp/yahoo/20241211a.html"

JUNKS = Consequence(
    "spam",
    Text(
        "Yahoo! JAPAN may take mail that passes none of SPF, DKIM and DMARC for junk, or refuse it.",
        "Yahoo!メールは、SPF・DKIM・DMARCのいずれにも成功していないメールを、迷惑メールと判定するか、拒否することがあります。",
    ),
    source=PAGE,
)

REFUSES = Consequence(
    "policy",
    Text(
        "Yahoo! JAPAN applies your own policy{codes}.",
        "Yahoo!メールは、送信元のDMARCポリシーに従って処理します{codes}。",
    ),
    source="https://mail.yahoo.co.jp/antispam/dmarc.html",
    certain="undated",
)

FOLDER = Consequence(
    "spam",
    Text(
        "Yahoo! JAPAN may file such mail as junk, by an old help page.",
        "以前のヘルプによると、Yahoo!メールはこのようなメールを迷惑メールフォルダーに振り分けることがあります。",
    ),
    source="https://www.yahoo-help.jp/app/answers/detail/a_id/47636",
    certain="reported",
)

FACTS = ReceiverFacts(
    key="yahoo-japan",
    name="Yahoo! JAPAN",
    place=8,
    group="japan",
    since=None,
    page=PAGE,
    must=REFUSES,
    should=JUNKS,
    headline=None,
    bulk=NO_THRESHOLD,
    read_on=JAPAN_READ,
    mailboxes=("yahoo.co.jp", "ymail.ne.jp", "ybb.ne.jp"),
)
