"""Mail goes only to people who asked for it. Nothing outside the sender's own records can show it."""

from __future__ import annotations

from todoku.causes.japanese_law import LAW_CONSENT
from todoku.receivers import clause, gmail, yahoo_japan
from todoku.words.pages import google_help
from todoku.words.verdict import Reason, Requirement, SesDefault, Text

ELSEWHERE = Reason(
    "consent-elsewhere",
    Text(
        "Nothing can show this from outside. Keep, for each address, when and how its owner signed up and confirmed.",
        "外部から確認する方法はありません。宛先ごとに、いつ、どのように登録と確認が行われたかを記録しておいてください。",
    ),
)
RULE = Text("Mail goes only to people who asked for it.", "受信を希望した人だけに送ること。")
CONFIRMED = Text(
    "Have people confirm their address before you send them subscription mail (double opt-in).",
    "購読メールを送る前に、本人にアドレスを確認してもらうこと(ダブルオプトイン)。",
)

REQUIREMENT = Requirement(
    id="consent",
    title=Text("Recipients' consent", "受信者の同意"),
    clauses=(
        clause("gmail", "all", "should", RULE, consequence=gmail.COUNTS_REPORTS),
        clause(
            "gmail",
            "all",
            "should",
            CONFIRMED,
            aspect="double",
        ),
        clause(
            "gmail",
            "all",
            "should",
            Text(
                "Consider unsubscribing people who do not open or read your mail.",
                "メールを開封していない受信者の登録解除を検討すること。",
            ),
            aspect="inactive",
        ),
        clause("yahoo", "all", "should", RULE),
        clause("yahoo", "all", "should", CONFIRMED, aspect="double"),
        clause(
            "yahoo",
            "all",
            "should",
            Text(
                "Watch for inactive recipients, and consider asking them from time to time whether they still want your mail.",
                "反応のない受信者に注意し、引き続き受信を希望するかを定期的に確認することを検討すること。",
            ),
            aspect="inactive",
        ),
        clause("outlook", "bulk", "should", RULE),
        clause("icloud", "bulk", "must", RULE),
        clause(
            "icloud",
            "bulk",
            "must",
            Text(
                "Periodically remove inactive subscribers from your list.",
                "反応のない購読者を定期的に配信リストから除くこと。",
            ),
            aspect="inactive",
        ),
        clause(
            "icloud",
            "bulk",
            "must",
            Text(
                "Never reactivate an address that is on your unsubscribe or suppression list.",
                "登録解除リストやサプレッションリストにあるアドレスへの送信を再開しないこと。",
            ),
            aspect="reactivated",
        ),
        clause(
            "yahoo-japan",
            "all",
            "should",
            Text(
                "Mail goes only to people who agreed to it, with the content that they agreed to.",
                "許諾を得た相手に、許諾された内容で送ること。",
            ),
            consequence=yahoo_japan.FOLDER,
            source=yahoo_japan.FOLDER.source,
            certain="reported",
        ),
    ),
    ses_default=SesDefault(
        met=None,
        text=Text(
            "Your responsibility: SES does not collect consent.",
            "送信者が行うことです。SESは受信者の同意を確認しません。",
        ),
        source="https://docs.aws.amazon.com/ses/latest/dg/tips-and-best-practices.html",
    ),
    witnesses=(),
    elsewhere=ELSEWHERE,
    setup_page=google_help("a/answer/81126"),
    law=LAW_CONSENT,
)
