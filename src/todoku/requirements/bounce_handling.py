"""Addresses that bounce are not written to again. Only the sending account can show it."""

from __future__ import annotations

from todoku.pages import SES_GUIDE, ses_guide
from todoku.receivers import clause
from todoku.verdict import Reason, Requirement, SesDefault, Text

ELSEWHERE = Reason(
    "bounce-handling-elsewhere",
    Text(
        "No message shows this. See whether SES's account suppression list holds bounces (GetAccount: SuppressionAttributes), "
        "and whether your own list drops them too.",
        "メールからは判定できません。SESのアカウントレベルのサプレッションリストがバウンスを対象にしているか"
        "(GetAccount の SuppressionAttributes)、自社の配信リストからも除いているかを確認してください。",
    ),
)
RULE = Text("Addresses that bounce are removed from your lists.", "バウンスした宛先を配信リストから除くこと。")

REQUIREMENT = Requirement(
    id="bounce-handling",
    title=Text("Bounced addresses dropped", "バウンスした宛先の除外"),
    clauses=(
        clause("outlook", "all", "must", RULE),
        clause("yahoo", "all", "should", RULE),
        clause("icloud", "bulk", "must", RULE),
    ),
    ses_default=SesDefault(
        met=True,
        text=Text(
            "Accounts made since 2019-11-25 keep a suppression list of bounces and complaints; older ones switch it on with "
            "PutAccountSuppressionAttributes (SuppressedReasons BOUNCE, COMPLAINT).",
            "2019年11月25日以降のアカウントでは、バウンスと苦情のサプレッションリストが既定で有効です。それ以前のアカウントでは "
            "PutAccountSuppressionAttributes(SuppressedReasons に BOUNCE と COMPLAINT)で有効にします。",
        ),
        source=f"{SES_GUIDE}sending-email-suppression-list.html",
    ),
    witnesses=(),
    elsewhere=ELSEWHERE,
    setup_page=ses_guide("sending-email-suppression-list"),
)
