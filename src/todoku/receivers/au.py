"""au (KDDI): what its filters look at, and what follows."""

from __future__ import annotations

from typing import Final

from todoku.words.receiver_facts import JAPAN_READ, NO_THRESHOLD, ReceiverFacts
from todoku.words.verdict import Consequence, Text

PAGE: Final = "https://www.au.com/mobile/service/mail/attention/spf-record/"

FILTER_BEGINS = Text(
    "au's junk filter begins to check DKIM and DMARC", "auの迷惑メールおまかせ規制がDKIMとDMARCの確認を始めました"
)

FILTERS = Consequence(
    "policy",
    Text(
        "au may keep this from recipients whose filter refuses spoofed mail.",
        "auで、なりすまし規制を設定している受信者には届かないことがあります。",
    ),
    source=PAGE,
    certain="undated",
)

ASKS = FILTERS

JUNK_FILTER = Consequence(
    "policy",
    Text(
        "au's junk filter, on by default, takes DKIM and DMARC into account; au does not say what becomes of the message.",
        "auの「迷惑メールおまかせ規制」(初期設定はオン)がDKIMとDMARCを判定に使います。その後の扱いは示されていません。",
    ),
    source="https://www.au.com/information/topic/mobile/2023-024/",
)

HIGH = Consequence(
    "policy",
    Text(
        "Recipients who set au's spoofing filter to high do not get the message; au sends no bounce, as others report.",
        "auのなりすまし規制を「高」にしている受信者には届きません。バウンスも返らないと報告されています。",
    ),
    source="https://mfilter.ezweb.ne.jp/jsp/md/help_detail.jsp?target=03206.html&org_action=/jsp/md/detail/detail_setting.jsp"
    "&version=&direct=1&ezmf_msg=end",
    certain="undated",
)

SLOWS = Consequence(
    "defer",
    Text(
        "au is reported to slow down or block the sender.",
        "auは送信元からの受信を遅らせたり止めたりすると報告されています。",
    ),
    source="https://www.hde.co.jp/mmta/",
    certain="reported",
)

FACTS = ReceiverFacts(
    key="au",
    name="au",
    place=6,
    group="japan",
    since=None,
    page=PAGE,
    must=FILTERS,
    should=ASKS,
    headline=None,
    bulk=NO_THRESHOLD,
    read_on=JAPAN_READ,
    certain="undated",
    mailboxes=("au.com", "ezweb.ne.jp", "uqmobile.jp"),
    refusals_hide_filters=True,
)
