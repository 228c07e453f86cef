"""@nifty: what it calls mandatory, and what follows where that is not met."""

from __future__ import annotations

from typing import Final

from todoku.words.receiver_facts import JAPAN_READ, NO_THRESHOLD, ReceiverFacts
from todoku.words.verdict import Consequence, Text

PAGE: Final = "https://mail.nifty.com/cs/mail-faq/detail/3s6akkq58l_k"

RESTRICTS = Consequence(
    "spam",
    Text(
        "@nifty calls this mandatory. Above mail that does not pass DMARC it shows a warning in webmail; it may file such mail as "
        "junk or refuse it.",
        "@niftyが必須としている設定です。DMARCに成功していないメールは、Webメールで警告が表示され、迷惑メールフォルダーへの振り分けや"
        "受信拒否の対象になることがあります。",
    ),
    source=PAGE,
    certain="undated",
)

ADDRESS = Consequence(
    "policy",
    Text(
        "@nifty restricts mail from addresses that fail this; how was not read.",
        "@niftyは、条件を満たさないIPアドレスからの受信を制限します(制限の内容は確認していません)。",
    ),
    source=PAGE,
    certain="undated",
)

POLICY = Consequence(
    "policy",
    Text("@nifty applies your own policy.", "@niftyは、送信元のDMARCポリシーに従って制限します。"),
    source="https://mail.nifty.com/cs/mail-faq/detail/210401000076",
    certain="undated",
)

FACTS = ReceiverFacts(
    key="nifty",
    name="@nifty",
    place=9,
    group="japan",
    since=None,
    page=PAGE,
    must=RESTRICTS,
    should=RESTRICTS,
    headline=None,
    bulk=NO_THRESHOLD,
    read_on=JAPAN_READ,
    certain="undated",
    mailboxes=("nifty.com", "nifty.ne.jp"),
)
