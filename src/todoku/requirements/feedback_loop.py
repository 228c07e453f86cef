"""Complaints come back to the sender: Yahoo's and Microsoft's loops by enrolment, Gmail's by a Feedback-ID field.

A message shows one thing only: whether a signature of the sender's own covers Feedback-ID. SES's own Feedback-ID is signed
by amazonses.com alone, and whether Gmail then shows its figures to the sender cannot be told from outside: unknown, not
a fault.
"""

from __future__ import annotations

import re
from datetime import date

from todoku.auth.dkim.verify import DkimResult
from todoku.auth.dmarc import DmarcResult
from todoku.causes.circumstances import Circumstances, is_within, organization
from todoku.causes.dkim.damage import explain
from todoku.causes.exhibits import header_exhibit
from todoku.causes.unsent import added_by_ses, is_unsent
from todoku.mail.address import Author
from todoku.mail.message import Message
from todoku.mail.ses import SesStamp
from todoku.receivers import clause, gmail, outlook
from todoku.words.change import Change, Instruction
from todoku.words.pages import google_help
from todoku.words.verdict import (
    Finding,
    Fix,
    Missing,
    Note,
    Reason,
    Requirement,
    SesDefault,
    Text,
    Witness,
)


def tag_campaigns(ses: SesStamp) -> tuple[Change, ...]:
    """SES fills the first two parts of its Feedback-ID from two message tags, which are empty here."""
    if not ses.sent_by_ses or not re.match(r"(?:::)?1\.", ses.feedback_id):
        return ()
    return (
        Instruction(
            Text(
                "Send these two message tags with each message (EmailTags in SESv2's SendEmail, the field below in raw mail). SES puts "
                "their values into the first two parts of its Feedback-ID, and Postmaster Tools tells complaints apart by them. Name a "
                "campaign or a stream, never a recipient.",
                "次の2つのメッセージタグを付けて送信してください(SESv2のSendEmailではEmailTags、Raw形式では次のヘッダー)。"
                "値がSESのFeedback-IDの先頭2項目に入り、Postmaster Toolsで苦情を見分けられます。キャンペーン名や配信の種類を入れ、受信者を特定できる値は入れないでください。",
            ),
            ("X-SES-MESSAGE-TAGS: ses:feedback-id-a=CAMPAIGN, ses:feedback-id-b=STREAM",),
        ),
    )


FEEDBACK_TAGS = Fix(
    "feedback-id-tags",
    Text("Tell campaigns apart by SES's Feedback-ID", "SESのFeedback-IDでキャンペーンを見分ける"),
    tag_campaigns,
)
"""AWS, "Amazon SES now supports custom values in the Feedback-ID header", June 2024."""

SIGNED = Reason(
    "feedback-id-signed",
    Text(
        "The message carries a Feedback-ID, and the passing signature of {signer} covers it.",
        "Feedback-IDヘッダーがあり、{signer} の有効な署名の対象になっています。",
    ),
)
THIRD_PARTY = Reason(
    "feedback-id-third-party",
    Text(
        "Feedback-ID is signed by {signer} alone, not by the From domain: Gmail's figures for it may not show under your domain.",
        "Feedback-IDに署名しているのは {signer} だけで、ヘッダーFromのドメインの署名ではありません。"
        "Gmailのフィードバックループの数値が自社ドメインに表示されないことがあります。",
    ),
    fixes=(FEEDBACK_TAGS,),
    case="F27",
)
ABSENT = Reason(
    "feedback-id-absent",
    Text(
        "The message has no Feedback-ID field, so Gmail cannot tell complaints about one campaign from another's.",
        "Feedback-IDヘッダーがないため、Gmailの苦情をキャンペーンごとに見分けられません。",
    ),
)
ELSEWHERE = Reason(
    "feedback-loop-elsewhere",
    Text(
        "No message shows an enrolment. Yahoo: enrol each signing domain (d=) in Sender Hub. Microsoft: JMRP, for dedicated "
        "addresses. Gmail: the feedback loop page of Postmaster Tools.",
        "登録状況はメールからは判定できません。YahooはSender Hubで署名ドメイン(d=)ごとに登録します。MicrosoftはJMRP(専用IPアドレスのみ)、"
        "GmailはPostmaster Toolsのフィードバックループのページで確認してください。",
    ),
)


IN_MESSAGE = "in-message"
"""The variant of a clause whose loop is a field of the message."""


def decide(
    variant: str,
    message: Message,
    author: Author,
    dkim: tuple[DkimResult, ...] | Missing,
    dmarc: DmarcResult | Missing,
    around: Circumstances,
) -> Finding:
    """Who signed Feedback-ID, where that is the loop; enrolments elsewhere leave no trace in a message."""
    if variant != IN_MESSAGE:
        return Finding("unknown", ELSEWHERE, missing="not-asked")
    field = message.first("feedback-id")
    if field is None:
        return added_by_ses("Feedback-ID") if is_unsent(dkim) else Finding("fail", ABSENT)
    exhibits = (header_exhibit(field),)
    verified = () if isinstance(dkim, Missing) else dkim
    signers = [one.domain for one in verified if one.result == "pass" and "feedback-id" in one.signed]
    own = [domain for domain in signers if is_within(domain, organization(author, dmarc))]
    if own:
        return Finding("pass", SIGNED, {"signer": own[0]}, exhibits)
    for one in verified:
        if (
            one.result == "temperror"
            and "feedback-id" in one.signed
            and is_within(one.domain, organization(author, dmarc))
        ):
            return explain(one, around)
    notes = (Note(THIRD_PARTY, {"signer": signers[0]}, exhibits),) if signers else ()
    return Finding("unknown", ELSEWHERE, exhibits=exhibits, notes=notes, missing="not-asked")


REQUIREMENT = Requirement(
    id="feedback-loop",
    title=Text("Feedback loops", "フィードバックループ"),
    clauses=(
        clause(
            "gmail",
            "bulk",
            "should",
            Text(
                "Mail carries a Feedback-ID that tells your campaigns apart, signed by your domain.",
                "キャンペーンを見分けられるFeedback-IDヘッダーを付け、自社ドメインで署名すること。",
            ),
            since=date(2023, 12, 28),
            since_seen=True,
            source=gmail.LOOP,
            variant=IN_MESSAGE,
            consequence=gmail.OFFERS_LOOP,
        ),
        clause(
            "yahoo",
            "bulk",
            "should",
            Text(
                "Each signing domain is enrolled in Yahoo's complaint feedback loop.",
                "署名ドメインごとに、Yahooの苦情フィードバックループに登録すること。",
            ),
            since=date(2023, 11, 18),
            since_seen=True,
        ),
        clause(
            "outlook",
            "all",
            "should",
            Text(
                "Your addresses are enrolled in Microsoft's junk mail reporting program (JMRP).",
                "送信元IPアドレスを、Microsoftの迷惑メール報告プログラム(JMRP)に登録すること。",
            ),
            since=outlook.SEEN,
            since_seen=True,
            source=outlook.POLICIES,
            consequence=outlook.OFFERS_LOOP,
        ),
    ),
    ses_default=SesDefault(
        met=None,
        text=Text(
            "SES passes on the complaints that receivers send it (Gmail sends none); AWS does not list which receivers do. Enrol "
            "your own d= yourself. SES's Feedback-ID has been seen signed by amazonses.com only.",
            "受信側から届いた苦情はSESが通知します(Gmailからは届きません)。どの受信側から届くかをAWSは公開していません。自社のd=は"
            "ご自身で登録してください。SESが付けるFeedback-IDは、amazonses.comの署名の対象にしかならないことを確認しています。",
        ),
        source="https://docs.aws.amazon.com/ses/latest/dg/monitor-sending-using-event-publishing.html",
    ),
    witnesses=(Witness("message", decide),),
    elsewhere=ELSEWHERE,
    setup_page=google_help("a/answer/6254652"),
)
