"""A request to unsubscribe is honoured within two days. Only your own mailing records can show it."""

from __future__ import annotations

from todoku.causes.japanese_law import LAW_UNSUBSCRIBE
from todoku.causes.witnesses.google import google_witness
from todoku.receivers import clause, gmail
from todoku.words.pages import SES_GUIDE, ses_guide
from todoku.words.verdict import Reason, Requirement, SesDefault, Text

ELSEWHERE = Reason(
    "honor-unsubscribe-elsewhere",
    Text(
        "No message shows this. Compare the time of each request with your last mail to that address; Postmaster Tools shows "
        "Gmail's own view of it.",
        "メールからは判定できません。登録解除の依頼を受けた時刻と、その宛先への最後の送信時刻を照らし合わせてください。"
        "Gmail側の判定はPostmaster Toolsで確認できます。",
    ),
)

REQUIREMENT = Requirement(
    id="honor-unsubscribe",
    title=Text("Unsubscribe requests honoured", "登録解除の速やかな反映"),
    google_row="HONOR_UNSUBSCRIBE",
    clauses=(
        clause(
            "gmail",
            "bulk",
            "should",
            Text(
                "Honour a request to unsubscribe within 48 hours.",
                "登録解除の依頼を48時間以内に反映すること。",
            ),
            source=gmail.FAQ,
            consequence=gmail.NO_SUPPORT,
        ),
        clause(
            "yahoo",
            "bulk",
            "must",
            Text("Honour a request to unsubscribe within 2 days.", "登録解除の依頼を2日以内に反映すること。"),
        ),
        clause(
            "icloud",
            "bulk",
            "should",
            Text("Honour a request to unsubscribe as soon as you can.", "登録解除の依頼をできるだけ早く反映すること。"),
        ),
    ),
    ses_default=SesDefault(
        met=None,
        text=Text(
            "SES's list management opts the person out at once; your own unsubscribe page is yours to keep prompt.",
            "SESのリスト管理を使えば即座に反映されます。独自の配信停止ページの場合は、ご自身で反映する必要があります。",
        ),
        source=f"{SES_GUIDE}sending-email-subscription-management.html",
    ),
    witnesses=(google_witness("HONOR_UNSUBSCRIBE"),),
    elsewhere=ELSEWHERE,
    setup_page=ses_guide("sending-email-subscription-management"),
    law=LAW_UNSUBSCRIBE,
)
