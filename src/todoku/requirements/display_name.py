"""The From name is the sender's own, and the Subject does not pretend to go on with a talk that never was.

Gmail names what people are fooled with: the recipient's own name, a count of messages, "Re:" out of nowhere, an address
that is not the sender's, urgency, emoji, and what the message is about in place of who sent it (81126, since April 2025). A name is taken as a reader sees it, not by its code points.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from datetime import date

from todoku.causes.exhibits import header_exhibit
from todoku.causes.missing_reasons import NO_AUTHOR
from todoku.mail.address import Address, Author, parse_mailboxes
from todoku.mail.charset import to_text
from todoku.mail.encoded_word import decode_words
from todoku.mail.message import Message
from todoku.receivers import clause, gmail
from todoku.words.change import Change, Instruction
from todoku.words.pages import google_help
from todoku.words.verdict import (
    Clause,
    Finding,
    Fix,
    Note,
    Reason,
    Requirement,
    SesDefault,
    Text,
    Values,
    Witness,
)

MAX_NAME = 1_000  # characters of a name or Subject that are looked at
MAX_RECIPIENTS = 100

_REPLY = re.compile(r"\s*(?:re|fwd?|aw|wg|返信|転送)\s*(?:\[\d{1,3}\])?\s*[::]", re.IGNORECASE)
_COUNT = re.compile(r"[((\[]\s*\d{1,3}\s*[))\]]\s*\Z|\A\s*[((\[]\s*\d{1,3}\s*[))\]]")
_ADDRESS = re.compile(r"[\w.+-]{1,64}@([\w-]{1,63}(?:\.[\w-]{1,63}){1,8})")
_TURNS = re.compile(
    "[\u202a-\u202e\u2066-\u2069]"
)  # embeddings, overrides and isolates of Unicode's bidirectional algorithm
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Cn", "Mn"})  # categories of characters that take no place of their own
_BLANKS = "\u115f\u1160\u3164\uffa0"  # Hangul fillers, letters by their category
_DOTS = str.maketrans("\u3002\uff61", "..")  # RFC 3490 3.1: a dot of a domain name; programs link it
_URGENT = re.compile(
    r"\b(?:urgent(?:ly)?|last chance|final (?:notice|warning|reminder|call)|act (?:now|fast|today)|action required|hurry|"
    r"immediate(?:ly| action| attention)|expir(?:es|ing) (?:today|soon|now)|limited time|don.t miss|asap)\b"
    r"|至急|緊急|大至急|【重要】|最終(?:警告|通知|案内|のご案内)|今すぐ|本日限り|本日まで|期間限定|ラストチャンス|お急ぎ",
    re.IGNORECASE,
)
_OFFER = re.compile(
    r"[0-9]{1,3} ?%|[$€£¥] ?[0-9]|[0-9]円|\b(?:for free|free shipping)\b|半額|割引|送料無料", re.IGNORECASE
)
MIN_SUBJECT = 12  # characters of a Subject that a name repeats: of a shorter one it may do so by chance
_NO_PICTURES = "©®〒"  # symbols that stand in names of firms and in addresses
_GMAIL = ("gmail.com", "googlemail.com")


def name_yourself(author: Author) -> tuple[Change, ...]:
    """The name stands in the sender's own call or template."""
    address = next((f"{one.local}@{one.domain}" for one in author.addresses if one.domain), "")
    return (
        Instruction(
            Text(
                f"Put before the From address {address} the name of your organization or service and nothing else: FromEmailAddress "
                "in SESv2's SendEmail, the From field of a raw message.",
                f"Fromのアドレス {address} の表示名には、自社またはサービスの名前だけを書いてください(SESv2では SendEmail の "
                "FromEmailAddress、Raw形式では Fromヘッダー)。",
            )
        ),
    )


def write_new_subject() -> tuple[Change, ...]:
    """The Subject of a message that answers nothing."""
    return (
        Instruction(
            Text(
                "Take “Re:” or “Fwd:” out of the Subject of mail that starts a conversation. A real answer carries In-Reply-To and "
                "References with the Message-ID that it answers.",
                "新しく送るメールの件名から「Re:」「Fwd:」「返信:」「転送:」などを外してください。実際の返信であれば、元のメールのMessage-IDを"
                "In-Reply-ToとReferencesに入れます。",
            )
        ),
    )


NAME_YOURSELF = Fix(
    "own-display-name", Text("Give your own name in From", "Fromの表示名を自社の名前にする"), name_yourself
)
NEW_SUBJECT = Fix("plain-subject", Text("Write a Subject without Re:", "件名からRe:を外す"), write_new_subject)

OWN = Reason(
    "display-name-own",
    Text(
        "The From name “{name}” shows nothing that Gmail advises against.",
        "Fromの表示名「{name}」に、Gmailが避けるよう求めている点はありません。",
    ),
)
NONE = Reason(
    "display-name-none",
    Text(
        "From has no display name, only the address.",
        "Fromに表示名はなく、アドレスだけです。",
    ),
)
RECIPIENT = Reason(
    "display-name-recipient",
    Text(
        "The From name “{name}” is the recipient's, not the sender's.",
        "Fromの表示名「{name}」が、送信者ではなく受信者の名前です。",
    ),
    fixes=(NAME_YOURSELF,),
)
COUNT = Reason(
    "display-name-count",
    Text(
        "The From name “{name}” contains a count, as if it were a conversation of several messages.",
        "Fromの表示名「{name}」に件数があり、複数のメールからなる会話のように見えます。",
    ),
    fixes=(NAME_YOURSELF,),
)
REPLY = Reason(
    "display-name-reply",
    Text(
        "The From name “{name}” begins like a reply or a forwarded message.",
        "Fromの表示名「{name}」が、返信や転送のような書き出しです。",
    ),
    fixes=(NAME_YOURSELF,),
)
GMAIL_ADDRESS = Reason(
    "display-name-gmail",
    Text(
        "The From name “{name}” shows the address {shown}, as if the message came from Gmail.",
        "Fromの表示名「{name}」に {shown} があり、Gmailから届いたように見えます。",
    ),
    fixes=(NAME_YOURSELF,),
)
OTHER_ADDRESS = Reason(
    "display-name-address",
    Text(
        "The From name “{name}” shows the address {shown}, but the message is from {address}.",
        "Fromの表示名「{name}」に {shown} がありますが、実際の差出人は {address} です。",
    ),
    fixes=(NAME_YOURSELF,),
)
DIRECTION = Reason(
    "display-name-direction",
    Text(
        "The From name “{name}” holds characters that turn the direction of writing: what is shown is not what is written.",
        "Fromの表示名「{name}」に、文字の並ぶ向きを変える制御文字があります。表示される文字列と実際の文字列が異なります。",
    ),
    fixes=(NAME_YOURSELF,),
)
URGENT = Reason(
    "display-name-urgent",
    Text(
        "The From name “{name}” presses the reader to act ({shown}) instead of naming the sender.",
        "Fromの表示名「{name}」が、送信者の名前ではなく行動を急がせる文言({shown})になっています。",
    ),
    fixes=(NAME_YOURSELF,),
)
PICTURE = Reason(
    "display-name-emoji",
    Text(
        "The From name “{name}” contains an emoji or another picture ({shown}); a tick looks like a mark of verification.",
        "Fromの表示名「{name}」に絵文字や記号({shown})があります。チェックマークは認証済みの印のように見えます。",
    ),
    fixes=(NAME_YOURSELF,),
)
CONTENT = Reason(
    "display-name-content",
    Text(
        "The From name “{name}” tells what the message is about ({shown}) instead of naming the sender.",
        "Fromの表示名「{name}」が、送信者の名前ではなくメールの内容({shown})になっています。",
    ),
    fixes=(NAME_YOURSELF,),
)
FAKE_REPLY = Reason(
    "subject-fake-reply",
    Text(
        "The Subject “{subject}” begins like a reply, but the message has neither In-Reply-To nor References.",
        "件名「{subject}」は返信や転送のような書き出しですが、In-Reply-ToもReferencesもありません。",
    ),
    fixes=(NEW_SUBJECT,),
)
ELSEWHERE = Reason(
    "display-name-elsewhere", Text("Only a message shows its From name.", "Fromの表示名はメールから確認できます。")
)


def decide(_clause: Clause, message: Message, author: Author) -> Finding:
    """The first thing that fools a reader decides; the rest are notes."""
    if not author.addresses:
        return Finding("unknown", NO_AUTHOR, missing="not-asked")
    sender = author.addresses[0]
    values = {"name": sender.display_name[:MAX_NAME], "address": f"{sender.local}@{sender.domain}"}
    problems = tuple(_problems(message, sender, values))
    if not problems:
        return Finding("pass", OWN if sender.display_name else NONE, values)
    first, *others = problems
    exhibits = tuple(header_exhibit(message.all(name)[0]) for name in ("from", "to", "subject") if message.all(name))
    return Finding("fail", first.reason, first.values, exhibits, notes=tuple(others))


def _problems(message: Message, sender: Address, values: dict[str, str]) -> Iterator[Note]:
    name = values["name"]
    if name:
        if _TURNS.search(name):
            yield Note(DIRECTION, values)
        name = _as_seen(name)
        shown = _ADDRESS.search(name.translate(_DOTS)) if "@" in name else None
        if shown is not None and shown[1].lower() in _GMAIL:
            yield Note(GMAIL_ADDRESS, {**values, "shown": shown[0]})
        elif shown is not None and shown[0].lower() != values["address"].lower():
            yield Note(OTHER_ADDRESS, {**values, "shown": shown[0]})
        if _is_recipient(name, message, sender):
            yield Note(RECIPIENT, values)
        if _REPLY.match(name):
            yield Note(REPLY, values)
        if _COUNT.search(name):
            yield Note(COUNT, values)
        if urgent := _URGENT.search(name):
            yield Note(URGENT, {**values, "shown": urgent[0]})
        if picture := next(filter(_is_picture, name), ""):
            yield Note(PICTURE, {**values, "shown": picture})
        if content := _content(name, _as_seen(_subject(message))):
            yield Note(CONTENT, {**values, "shown": content})
    subject = _subject(message)
    if _REPLY.match(_as_seen(subject)) and not message.all("in-reply-to") and not message.all("references"):
        said: Values = {"subject": subject}
        yield Note(FAKE_REPLY, said)


def _is_picture(character: str) -> bool:
    """Whether it is a pictograph: a symbol of no script, of no currency and of no calculation."""
    return not character.isascii() and unicodedata.category(character) == "So" and character not in _NO_PICTURES


def _content(name: str, subject: str) -> str:
    """What a name tells of the message: its Subject, or what is offered; "" where it tells nothing."""
    whole = subject.strip()
    if len(whole) >= MIN_SUBJECT and whole.casefold() in name.casefold():
        return whole
    offer = _OFFER.search(name)
    return offer[0] if offer else ""


def _as_seen(text: str) -> str:
    """The text by its shapes: full-width letters as the others, without characters that nobody sees."""
    if text.isascii() and text.isprintable():
        return text
    shapes = unicodedata.normalize("NFKC", text)
    return "".join(one for one in shapes if unicodedata.category(one) not in _UNSEEN and one not in _BLANKS)


def _is_recipient(name: str, message: Message, sender: Address) -> bool:
    """Whether the name is that of a recipient outside the sender's own domain, or the part before the @ of the address."""
    wanted = name.strip().casefold()
    field = message.first("to")
    if field is None or (wanted.isascii() and "=?" not in field.value and wanted not in field.value.casefold()):
        return False
    return any(
        wanted in (one.display_name.strip().casefold(), one.local.casefold())
        for one in parse_mailboxes(field.body)[0][:MAX_RECIPIENTS]
        if one.domain != sender.domain
    )


def _subject(message: Message) -> str:
    field = message.first("subject")
    written = "" if field is None else field.value[:MAX_NAME]
    return decode_words(written if written.isascii() else to_text(written.encode("latin-1"), "utf-8"))


HEADLINE = Text(
    "Gmail advises on From names and Subjects that mislead",
    "Gmailが誤解を招く表示名と件名についての助言を公開しました",
)

REQUIREMENT = Requirement(
    id="display-name",
    title=Text("Honest From name and Subject", "誤解を招かない表示名と件名"),
    clauses=(
        clause(
            "gmail",
            "all",
            "should",
            Text(
                "The From name is the sender's own and the Subject is no false reply: no recipient's name, no count, no address "
                "at gmail.com, nothing that looks like a reply, no urgency, no emoji, no content of the message.",
                "Fromの表示名を送信者自身のものとし、件名を返信に見せかけないこと(受信者の名前、件数、gmail.comのアドレス、返信のような書き出し、"
                "急がせる文言、絵文字、メールの内容を使わない)。",
            ),
            since=date(2025, 4, 19),
            since_seen=True,
            headline=HEADLINE,
            consequence=gmail.MAY_NOT_HELP,
        ),
    ),
    ses_default=SesDefault(
        met=None,
        text=Text(
            "Your responsibility: SES sends the From name and Subject that you give it.",
            "送信者が決めます。SESは指定された表示名と件名をそのまま送ります。",
        ),
        source="https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_SendEmail.html",
    ),
    witnesses=(Witness("message", decide),),
    elsewhere=ELSEWHERE,
    setup_page=google_help("a/answer/81126"),
)
