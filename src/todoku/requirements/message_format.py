"""The message is built as RFC 5322 and MIME have it: every defect that ``mail/lint`` finds, with its byte offset.

Errors fail, advice is a note. A few rules are Yahoo's alone, and are notes for everybody else. A limit of ours that was hit
is ``unknown``: beyond it nobody looked.
"""

from __future__ import annotations

from datetime import date
from typing import Literal

from todoku.auth.dkim.verify import DkimResult
from todoku.auth.domain import MailDomain
from todoku.causes.circumstances import unseen
from todoku.causes.dmarc.consumer_from import CONSUMER_DOMAINS
from todoku.causes.exhibits import computed, dns_exhibit
from todoku.causes.format import body, header
from todoku.causes.identity_cache import remembered
from todoku.causes.missing_reasons import UNSHOWN
from todoku.causes.unsent import added_by_ses, is_unsent
from todoku.causes.witnesses.google import google_witness
from todoku.mail.address import parse_mailboxes
from todoku.mail.domain_name import is_mixed_script
from todoku.mail.envelope import Envelope
from todoku.mail.lint import Defect
from todoku.mail.lint.defect import printable
from todoku.mail.message import Message
from todoku.receivers import clause, docomo, outlook, softbank, yahoo
from todoku.words.change import Change, Instruction
from todoku.words.pages import SES_GUIDE, ses_guide
from todoku.words.verdict import (
    Exhibit,
    Finding,
    Fix,
    Missing,
    Note,
    Reason,
    Requirement,
    SesDefault,
    Text,
    Values,
    Witness,
)

REASONS = {
    value.tag: value for module in (header, body) for value in vars(module).values() if isinstance(value, Reason)
}
"""The reason for each tag of ``mail/lint``: it bears the same tag."""

YAHOO_POLICY = frozenset({"field-too-long", "date-range", "encoded-word-invalid"})
YAHOO_EXOTIC = frozenset({"address-exotic"})
BESIDE_THE_RFCS = {"mixed-script": {"domain-mixed-script"}, "policy": YAHOO_POLICY, "exotic-address": YAHOO_EXOTIC}
"""What a receiver asks for besides the RFCs, by the aspect of its clause, and the defects that go against it."""
ADDED_BY_SES = {"missing-date": "Date", "missing-message-id": "Message-ID"}
NAMED = {
    "line-length": frozenset({"line-too-long"}),
    "from-and-message-id": frozenset({"missing-from", "from-empty", "missing-message-id"}),
}
"""The defects that a receiver names, where it does not ask for the standards as a whole: by the clause's aspect."""
OUR_LIMITS = frozenset({"header-too-large", "too-many-fields", "message-too-large", "mime-limit"})
AGAINST_NO_RFC = OUR_LIMITS | YAHOO_POLICY | YAHOO_EXOTIC


def take_mail(author_domain: MailDomain) -> tuple[Change, ...]:
    """A null MX at the From domain says that nobody can answer: either it goes, or another domain stands in From."""
    name = author_domain.name
    if name in CONSUMER_DOMAINS:
        return ()
    return (
        Instruction(
            Text(
                f"Replace the null MX record of {name} (“0 .”) by one that leads to a server which takes its mail, or send from "
                "a domain that takes mail.",
                f"{name} のnull MXレコード(「0 .」)を、受信できるメールサーバーのMXレコードに置き換えるか、メールを受信できるドメインから送ってください。",
            )
        ),
    )


TAKE_MAIL = Fix(
    "from-takes-mail", Text("Let the From domain take mail", "Fromのドメインで受信できるようにする"), take_mail
)

WELL_FORMED = Reason(
    "well-formed",
    Text(
        "The message is well formed: nothing in its header, lines or parts breaks a rule.",
        "メールの形式は正しく、ヘッダー・行・パートに規則違反はありません。",
    ),
)
NOTHING_NAMED = Reason(
    "format-as-named",
    Text(
        "The message has none of the defects that this receiver names.",
        "この受信側が挙げている形式の問題はありません。",
    ),
)
FROM_NULL_MX = Reason(
    "from-null-mx",
    Text(
        "The From domain {domain} has a null MX record: it says that it takes no mail, and Yahoo refuses such senders.",
        "Fromのドメイン {domain} はnull MXレコードで「メールを受信しない」と宣言しており、Yahooはこのような送信者を拒否します。",
    ),
    fixes=(TAKE_MAIL,),
)
FROM_MX_UNSEEN = Reason(
    "from-mx-dns-failed",
    Text(
        "The message is well formed, but DNS gave no answer about the MX records of {domain}. Try again later.",
        "メールの形式は正しいですが、{domain} のMXレコードについてDNSから応答がありませんでした。時間をおいて再実行してください。",
    ),
)
MIXED_ELSEWHERE = Reason(
    "mixed-script-beside-from",
    Text(
        "The domain {domain} ({field}) mixes scripts or imitates Latin letters in another one, as lookalikes do. Gmail asks the same of "
        "it as of the domain in From.",
        "{field} のドメイン {domain} に、異なる文字体系の混在、または英字に似せた文字があります。Gmailは、Fromのドメインと同じ基準を"
        "このドメインにも求めています。",
    ),
)
BODY_UNSEEN = Reason(
    "format-body-unseen",
    Text(
        "Only the header was saved. Nothing in it breaks a rule; the lines and parts of the body were not seen.",
        "ヘッダーだけが保存されています。ヘッダーに規則違反はありませんが、本文は確認できません。",
    ),
)
ELSEWHERE = Reason(
    "message-format-elsewhere",
    Text("Only a message shows this.", "メールから確認できます。"),
)


def decide(
    aspect: str,
    message: Message,
    defects: tuple[Defect, ...],
    author_domain: MailDomain | Missing,
    dkim: tuple[DkimResult, ...] | Missing,
    envelope: Envelope | Missing = UNSHOWN,
) -> Finding | None:
    """The worst defect that a receiver may refuse decides; all others are notes."""
    if aspect in BESIDE_THE_RFCS:
        said = _beside_the_rfcs(aspect, message, defects, author_domain)
        return _mixed_elsewhere(message, dkim, envelope) if said is None and aspect == "mixed-script" else said
    if (named := NAMED.get(aspect)) is not None:
        defects = tuple(one for one in defects if one.tag in named or one.tag in OUR_LIMITS)
    pending = tuple(one for one in defects if one.tag in ADDED_BY_SES) if is_unsent(dkim) else ()
    groups = _groups(tuple([one for one in defects if one not in pending]) if pending else defects)
    notes = _notes(groups, message)
    if refused := [group for group in groups if _refuses(group[0])]:
        return _said("fail", min(refused, key=_rank), message, notes)
    if beyond := [group for group in groups if group[0].tag in OUR_LIMITS]:
        return _said("unknown", beyond[0], message, notes)
    if pending:
        return added_by_ses(", ".join(ADDED_BY_SES[one.tag] for one in pending), notes)
    if message.headers_only:
        return Finding("unknown", BODY_UNSEEN, notes=notes, missing="not-asked")
    return Finding("pass", WELL_FORMED if named is None else NOTHING_NAMED, notes=notes)


def _beside_the_rfcs(
    aspect: str, message: Message, defects: tuple[Defect, ...], author_domain: MailDomain | Missing
) -> Finding | None:
    """What a receiver asks for besides the RFCs; None where the message keeps it."""
    tags = BESIDE_THE_RFCS[aspect]
    against = tuple(one for one in defects if one.tag in tags)
    if against:
        return _said("fail", _groups(against)[0], message)
    return _by_mx(author_domain) if aspect == "policy" else None


def _mixed_elsewhere(
    message: Message, dkim: tuple[DkimResult, ...] | Missing, envelope: Envelope | Missing
) -> Finding | None:
    """The other domains that Gmail names beside that of From: Sender, Reply-To, MAIL FROM and the one that authenticates."""
    domains = [("DKIM d=", one.domain) for one in (() if isinstance(dkim, Missing) else dkim)]
    domains += [] if isinstance(envelope, Missing) else [("MAIL FROM", envelope.mail_from_domain)]
    for name in ("sender", "reply-to"):
        if (field := message.first(name)) is not None:
            mailboxes = parse_mailboxes(field.body)[0]
            domains += [(field.written_name.strip(), one.domain or one.written_domain) for one in mailboxes]
    for where, domain in domains:
        if is_mixed_script(domain):
            values: Values = {"field": where, "domain": printable(domain)}
            return Finding("fail", MIXED_ELSEWHERE, values, (computed(where, printable(domain)),))
    return None


def _refuses(defect: Defect) -> bool:
    """Whether any receiver may refuse a message for this defect. A limit of ours is nobody's reason to refuse."""
    return defect.tag not in AGAINST_NO_RFC and defect.severity == "error"


def _rank(group: tuple[Defect, ...]) -> int:
    """A field that stands twice comes first, for it explains others (two From fields are several authors); else the order."""
    return 0 if group[0].tag == "duplicate-field" else 1


def _by_mx(author_domain: MailDomain | Missing) -> Finding | None:
    """Yahoo's own: a From domain with a null MX is refused (RFC 7505). None: there is nothing against its MX."""
    if isinstance(author_domain, Missing):
        return None if author_domain.kind == "not-asked" else unseen(author_domain)
    values: Values = {"domain": author_domain.name}
    exhibits = (dns_exhibit(author_domain.mx),)
    if author_domain.null_mx:
        return Finding("fail", FROM_NULL_MX, values, exhibits)
    if author_domain.mx.failed:
        return Finding("unknown", FROM_MX_UNSEEN, values, exhibits, missing="could-not-look")
    return None


@remembered
def _groups(defects: tuple[Defect, ...]) -> tuple[tuple[Defect, ...], ...]:
    """The defects that are said together: those of one tag and one field name, in the order of their first."""
    groups: dict[tuple[str, object], list[Defect]] = {}
    for one in defects:
        groups.setdefault((one.tag, one.values.get("name")), []).append(one)
    return tuple(map(tuple, groups.values()))


def _said(
    result: Literal["fail", "unknown"], group: tuple[Defect, ...], message: Message, notes: tuple[Note, ...] = ()
) -> Finding:
    """The finding that a group of defects decides; the other groups stay its notes."""
    own = _note(group, message)
    others = tuple(note for note in notes if (note.reason, note.values) != (own.reason, own.values))
    missing: Literal["could-not-look"] | None = "could-not-look" if result == "unknown" else None
    return Finding(result, own.reason, own.values, own.exhibits, others, missing)


@remembered
def _notes(groups: tuple[tuple[Defect, ...], ...], message: Message) -> tuple[Note, ...]:
    """Each group in words."""
    return tuple([_note(group, message) for group in groups])


def _note(group: tuple[Defect, ...], message: Message) -> Note:
    """A group of defects in words, with every place where it stands."""
    first = group[0]
    values = dict(first.values)
    if "name" in values:
        field = message.first(str(values["name"]))
        values["name"] = field.written_name.strip() if field else values["name"]
    return Note(REASONS[first.tag], values, tuple(_exhibit(one, message) for one in group))


def _exhibit(defect: Defect, message: Message) -> Exhibit:
    in_body = message.body_start is not None and defect.offset >= message.body_start
    name = str(defect.values.get("name", defect.tag))
    return Exhibit("body" if in_body else "header", name, defect.extract, defect.offset)


RULE = Text(
    "The message complies with RFC 5322: one From with one address, a Message-ID, no repeated single-instance header, no "
    "malformed fields, lines or encodings.",
    "メールがRFC 5322に従っていること(Fromはアドレス1つ、Message-IDあり、重複したヘッダーや、形式の誤ったヘッダー・行・エンコードがないこと)。",
)
BOTH_RFCS = Text("The message complies with RFC 5321 and RFC 5322.", "メールがRFC 5321とRFC 5322に従っていること。")
POLICY = Text(
    "The From domain has no null MX, no field is too big, Date is near the present, and every field can be decoded.",
    "Fromのドメインがnull MXでなく、ヘッダーが長すぎず、Dateが現在に近く、すべてのヘッダーをデコードできること。",
)
EXOTIC = Text(
    "No address holds exotic or forbidden characters, such as , $ % ? { } < >.",
    "アドレスに特殊文字や使えない文字(, $ % ? { } < > など)を含めないこと。",
)

REQUIREMENT = Requirement(
    id="message-format",
    title=Text("Message format (RFC 5322)", "メールの形式(RFC 5322)"),
    google_row="MESSAGE_FORMATTING",
    clauses=(
        clause("gmail", "all", "must", RULE, codes=("554 5.6.0", "552 5.3.4", "421 4.7.28", "550 5.7.1")),
        clause(
            "gmail",
            "all",
            "should",
            Text(
                "No internationalised domain mixes scripts (UTS #39), be it in From, Sender, Reply-To, MAIL FROM or a signature.",
                "From、Sender、Reply-To、MAIL FROM、DKIM署名の国際化ドメイン名に、異なる文字体系を混在させないこと(UTS #39)。",
            ),
            aspect="mixed-script",
        ),
        clause("yahoo", "all", "must", BOTH_RFCS),
        clause(
            "yahoo",
            "all",
            "must",
            POLICY,
            since=date(2025, 4, 11),
            since_seen=True,
            source=yahoo.CODES,
            aspect="policy",
            codes=("550", "554"),
            headline=yahoo.POLICY_ERRORS,
            consequence=yahoo.REJECTS_FOR_POLICY,
        ),
        clause(
            "yahoo",
            "all",
            "must",
            EXOTIC,
            since=date(2026, 2, 15),
            since_seen=True,
            source=yahoo.CODES,
            aspect="exotic-address",
            codes=("550", "554"),
            headline=Text(
                "Yahoo names exotic characters in an address as a reason to reject",
                "Yahooが、アドレスの特殊文字を拒否の理由に挙げました",
            ),
            consequence=yahoo.REJECTS_FOR_POLICY,
        ),
        clause(
            "outlook",
            "all",
            "must",
            Text(
                "The message complies with the IETF's standards for mail, RFC 2821 and RFC 2822 (today RFC 5321 and RFC 5322) among "
                "them.",
                "メールが、RFC 2821・RFC 2822(現在はRFC 5321・RFC 5322)をはじめとするIETFの標準に従っていること。",
            ),
            since=outlook.SEEN,
            since_seen=True,
            source=outlook.POLICIES,
            seen_codes=("550 5.7.512", "550 5.6.11"),
            consequence=outlook.DELIVERS_MALFORMED,
        ),
        clause("icloud", "bulk", "must", BOTH_RFCS),
        clause(
            "docomo",
            "all",
            "must",
            Text(
                "No line is longer than 1,000 bytes with its line end.", "1行は改行を含めて1,000バイト以内であること。"
            ),
            aspect="line-length",
            seen_codes=("500",),
            consequence=docomo.LINES,
            source=docomo.LINES.source,
            certain="reported",
        ),
        clause(
            "softbank",
            "all",
            "must",
            Text("From and Message-ID are not empty.", "FromとMessage-IDが空でないこと。"),
            aspect="from-and-message-id",
            since=date(2008, 9, 11),  # the copy's day: its "from 2005-01-05" is of the recipients in a session
            since_seen=True,
            consequence=softbank.ASKS,
            source=softbank.ASKS.source,
            certain="reported",
        ),
    ),
    ses_default=SesDefault(
        met=None,
        text=Text(
            "Met when SES builds the message (Content.Simple, Content.Template). What you hand over raw or by SMTP is yours to get "
            "right; SES then writes only Date and Message-ID, and refuses some duplicate fields.",
            "SESがメールを組み立てる場合(Content.Simple、Content.Template)は満たされます。RawやSMTPの場合は送信者が組み立てます"
            "(SESはDateとMessage-IDを書き、一部のヘッダーの重複を拒否します)。",
        ),
        source=f"{SES_GUIDE}send-email-concepts-email-format.html",
    ),
    witnesses=(Witness("message", decide), google_witness("MESSAGE_FORMATTING")),
    elsewhere=ELSEWHERE,
    setup_page=ses_guide("send-email-raw"),
)
