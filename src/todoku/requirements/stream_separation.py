"""Marketing and transactional mail go out from separate domains or addresses. One message cannot show it."""

from __future__ import annotations

from todoku.pages import SES_GUIDE, google_help
from todoku.receivers import clause
from todoku.verdict import Reason, Requirement, SesDefault, Text

ELSEWHERE = Reason(
    "stream-separation-elsewhere",
    Text(
        "One message cannot show this. List the From addresses, domains and configuration sets that your marketing mail and "
        "your transactional mail use: they should have none in common.",
        "1通のメールからは判定できません。販促・メルマガと取引・通知メールが使うFromアドレス、ドメイン、設定セットを書き出し、"
        "重なりがないことを確認してください。",
    ),
)
RULE = Text(
    "Marketing and transactional mail go out from separate domains or addresses.",
    "販促・メルマガと取引・通知メールを、別のドメインまたはアドレスから送ること。",
)

REQUIREMENT = Requirement(
    id="stream-separation",
    title=Text("Separate streams of mail", "送信ストリームの分離"),
    clauses=(
        clause("gmail", "bulk", "should", RULE),
        clause("yahoo", "bulk", "should", RULE),
        clause("icloud", "bulk", "must", RULE),
    ),
    ses_default=SesDefault(
        met=None,
        text=Text(
            "Yours: SES sends each message from the identity that you name. An identity and a configuration set for each stream keep them apart.",
            "送信者が行うことです。SESは指定された検証済みIDから送ります。ストリームごとに検証済みIDと設定セットを分けてください。",
        ),
        source=f"{SES_GUIDE}using-configuration-sets.html",
    ),
    witnesses=(),
    elsewhere=ELSEWHERE,
    setup_page=google_help("a/answer/81126"),
)
