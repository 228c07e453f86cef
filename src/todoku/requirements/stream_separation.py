"""Marketing and transactional mail are told apart by what they are sent from. One message cannot show it."""

from __future__ import annotations

from datetime import date

from todoku.receivers import clause
from todoku.words.pages import SES_GUIDE, google_help
from todoku.words.verdict import Reason, Requirement, SesDefault, Text

ELSEWHERE = Reason(
    "stream-separation-elsewhere",
    Text(
        "This can't be determined from one message. List what your marketing mail and your transactional mail are sent from: IP "
        "addresses (dedicated pools), From addresses, DKIM domains and configuration sets. They should have none in common.",
        "1通のメールからは判定できません。販促・メルマガと取引・通知メールそれぞれの送信元(IPアドレスまたは専用プール、Fromアドレス、"
        "DKIMドメイン、設定セット)を書き出し、重なりがないことを確認してください。",
    ),
)
SUBSCRIPTIONS = "https://support.google.com/a/answer/15263077"

REQUIREMENT = Requirement(
    id="stream-separation",
    title=Text("Separate streams of mail", "送信ストリームの分離"),
    clauses=(
        clause(
            "gmail",
            "all",
            "should",
            Text(
                "Send each kind of mail from an IP address and a From address of its own.",
                "メールの種類ごとに、送信元IPアドレスとFromアドレスを分けること。",
            ),
        ),
        clause(
            "gmail",
            "all",
            "should",
            Text(
                "Tell each subscription list apart by a readable List-Id or by a From address of its own.",
                "配信リストごとに、読み取れるList-IdかFromアドレスを分けること。",
            ),
            since=date(2025, 1, 24),
            since_seen=True,
            source=SUBSCRIPTIONS,
            aspect="lists",
            certain="undated",
        ),
        clause(
            "yahoo",
            "all",
            "should",
            Text(
                "Send each kind of mail from an IP address or a DKIM domain of its own.",
                "メールの種類ごとに、送信元IPアドレスかDKIMドメインを分けること。",
            ),
        ),
        clause(
            "icloud",
            "bulk",
            "must",
            Text("Keep marketing and transactional mail apart.", "販促・メルマガと取引・通知メールを分けて送ること。"),
        ),
        clause(
            "icloud",
            "bulk",
            "must",
            Text(
                "Send bulk mail from consistent IP addresses and domains.",
                "一括メールの送信元IPアドレスとドメインを一定にすること。",
            ),
            aspect="consistent-source",
        ),
        clause(
            "icloud",
            "bulk",
            "must",
            Text(
                "The From name and address are consistent and identify your brand.",
                "Fromの表示名とアドレスを一定にし、自社のものと分かるようにすること。",
            ),
            aspect="consistent-from",
        ),
    ),
    ses_default=SesDefault(
        met=None,
        text=Text(
            "Your responsibility: SES sends each message from the identity that you name. An identity and a configuration set for each stream keep them apart.",
            "送信者が行うことです。SESは指定された検証済みIDから送ります。ストリームごとに検証済みIDと設定セットを分けてください。",
        ),
        source=f"{SES_GUIDE}using-configuration-sets.html",
    ),
    witnesses=(),
    elsewhere=ELSEWHERE,
    setup_page=google_help("a/answer/81126"),
)
