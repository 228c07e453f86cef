"""A visible link in the body by which a person can unsubscribe."""

from __future__ import annotations

from todoku.causes.exhibits import header_exhibit
from todoku.causes.japanese_law import LAW_UNSUBSCRIBE
from todoku.causes.unsubscribe.purpose import by_purpose
from todoku.mail.links import BodyLinks
from todoku.mail.message import Message
from todoku.receivers import clause, gmail, outlook
from todoku.words.change import Change, Instruction
from todoku.words.pages import SES_GUIDE, ses_guide
from todoku.words.verdict import (
    Clause,
    Exhibit,
    Finding,
    Fix,
    Reason,
    Requirement,
    SesDefault,
    Terms,
    Text,
    Witness,
)


def add_link() -> tuple[Change, ...]:
    """The link stands in the sender's own template."""
    return (
        Instruction(
            Text(
                "Put a plainly visible link with words such as “Unsubscribe” into the body, in both the text and the HTML part. "
                "With ListManagementOptions in SendEmail, write {{amazonSESUnsubscribeUrl}} where its address belongs (at most "
                "twice a message) and SES fills it in.",
                "本文のテキストパートとHTMLパートの両方に、「配信停止」などと書いた見つけやすいリンクを入れてください。SendEmail の "
                "ListManagementOptions を使う場合は、URLの位置に {{amazonSESUnsubscribeUrl}} と書くとSESが置き換えます"
                "(1通につき2か所まで)。",
            )
        ),
    )


ADD_LINK = Fix("add-unsubscribe-link", Text("Add a link to the body", "本文に配信停止リンクを入れる"), add_link)

FOUND = Reason(
    "unsubscribe-link-found",
    Text(
        "The body has a link to unsubscribe: {link}",
        "本文に配信停止リンクがあります: {link}",
    ),
)
NOT_FOUND = Reason(
    "unsubscribe-link-not-found",
    Text(
        "No link in the body looks like one to unsubscribe, by its words or by its address.",
        "本文のリンクに、文言やURLから配信停止用と分かるものがありません。",
    ),
    fixes=(ADD_LINK,),
)
IN_HEADER = Reason(
    "unsubscribe-in-header",
    Text(
        "The body has no link to unsubscribe, but List-Unsubscribe offers a way.",
        "本文に配信停止リンクはありませんが、List-Unsubscribeヘッダーで登録解除できます。",
    ),
)
NO_TEXT = Reason(
    "unsubscribe-link-no-text",
    Text(
        "The body has no readable text part to look for a link in.",
        "本文に読み取れるテキストがなく、リンクを探せません。",
    ),
)
ELSEWHERE = Reason(
    "unsubscribe-link-elsewhere",
    Text("Only the body of a message shows this.", "メールの本文から確認できます。"),
)


EASY_TO_FIND = "easy-to-find"
"""The variant of a clause that asks for a way that is easy to find, wherever it stands."""


def decide(clause: Clause, links: BodyLinks, message: Message, terms: Terms) -> Finding:
    """What a bounded search of the body found. Of a clause that asks for a way that is easy to find it may stand elsewhere."""
    if links.unsubscribe:
        shown = links.words if links.unsubscribe in links.words else f"{links.words} {links.unsubscribe}".strip()
        exhibit = Exhibit("body", "link", shown, links.offset, mark=links.unsubscribe)
        values = {"link": links.unsubscribe, "words": links.words}
        return by_purpose(Finding("pass", FOUND, values, (exhibit,)), terms)
    if not links.searched:
        return by_purpose(Finding("unknown", NO_TEXT, missing="not-asked"), terms)
    said = by_purpose(Finding("fail", NOT_FOUND), terms)
    if clause.variant != EASY_TO_FIND or said.result != "fail":
        return said
    field = message.first("list-unsubscribe")
    if clause.level == "must" and field is not None:
        return Finding("pass", IN_HEADER, exhibits=(header_exhibit(field),))
    return Finding("warn", NOT_FOUND)


RULE = Text(
    "Marketing and subscribed mail has a clearly visible link to unsubscribe in its body.",
    "販促・メルマガの本文に、はっきり見える配信停止リンクがあること。",
)

REQUIREMENT = Requirement(
    id="unsubscribe-link",
    title=Text("Unsubscribe link in the body", "本文の配信停止リンク"),
    clauses=(
        clause("gmail", "bulk", "must", RULE, consequence=gmail.FILES_AS_SPAM),
        clause("yahoo", "bulk", "must", RULE),
        clause(
            "outlook",
            "all",
            "must",
            Text(
                "The way to unsubscribe is clearly documented and easy to find and use.",
                "登録解除の方法が明示され、簡単に見つけて使えること。",
            ),
            since=outlook.SEEN,
            since_seen=True,
            source=outlook.POLICIES,
            variant=EASY_TO_FIND,
            consequence=outlook.NO_SUPPORT,
        ),
        clause("outlook", "bulk", "should", RULE, aspect="in-body", variant=EASY_TO_FIND),
        clause(
            "icloud",
            "bulk",
            "must",
            Text(
                "A link in the mail lets the recipient unsubscribe immediately.",
                "メール内のリンクから、すぐに登録解除できること。",
            ),
        ),
    ),
    ses_default=SesDefault(
        met=False,
        text=Text(
            "The body is yours. List management fills in the address where you write {{amazonSESUnsubscribeUrl}}.",
            "本文は送信者が用意します。リスト管理を使うと、{{amazonSESUnsubscribeUrl}} と書いた位置にURLが入ります。",
        ),
        source=f"{SES_GUIDE}sending-email-subscription-management.html",
    ),
    witnesses=(Witness("message", decide),),
    elsewhere=ELSEWHERE,
    setup_page=ses_guide("sending-email-subscription-management"),
    law=LAW_UNSUBSCRIBE,
)
