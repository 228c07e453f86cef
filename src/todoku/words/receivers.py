"""The receivers: their names, where their rules are written, since when these bind, and who is bulk for them.

Gmail, Yahoo, Outlook.com and iCloud are judged unless others are named. Japan's are judged where a message is addressed to
one of their mailboxes, or where they are named. Their rules were read in stored copies of their pages, never on the live
ones, and none of them has a threshold for bulk senders.

Rules are told in our own words; each is linked to the page it was read on. ``clause()`` fills in what all clauses of a
receiver share, so that a requirement's file shows only what is its own.
"""

from __future__ import annotations

from datetime import date

import msgspec

from todoku.words import consequences as follows
from todoku.words.verdict import Certainty, Clause, Consequence, Level, Receiver, Text, Volume

RULES_READ = date(2026, 7, 2)
"""The day on which the receivers' pages were last read."""
JAPAN_READ = date(2026, 11, 24)
"""The day on which the stored copies of the pages of Japan's receivers were read."""
MICROSOFT_SEEN = date(2024, 1, 31)
"""The first day on which Microsoft's postmaster pages were seen with the rules that stand there; they are older."""


class ReceiverFacts(msgspec.Struct, frozen=True, kw_only=True):
    """What all rules of a receiver share.

    ``since`` is the day from which they bind (None: the receiver does not say), ``page`` where they are written, ``must`` and
    ``should`` what follows if one of that level is not met, where a clause does not say another; ``read_on`` is when the page
    was read, and ``certain`` how sure what it says is. ``headline`` is what ``todoku rules diff`` says of the first day.
    ``bulk`` tells who sends in bulk to it. ``mailboxes`` are the domains of its users' addresses, names below them included.
    """

    name: str
    since: date | None
    page: str
    must: Consequence
    should: Consequence
    headline: Text | None
    bulk: Text
    read_on: date = RULES_READ
    certain: Certainty = "own-text"
    mailboxes: tuple[str, ...] = ()


DOCOMO_WARNING = date(2025, 1, 1)
"""The month in which docomo's app first showed its warning, as the press tells; planned it was for October 2024."""
DOCOMO_BEGINS = Text(
    "docomo begins to warn above mail that does not pass DMARC", "ドコモがDMARCに失敗したメールへの警告表示を始めました"
)
YAHOO_POLICY_ERRORS = Text(
    "Yahoo names null MX, oversized headers, Date out of range and undecodable headers as reasons to reject",
    "Yahooが、null MX・大きすぎるヘッダー・範囲外のDate・デコードできないヘッダーを拒否の理由に挙げました",
)
AU_BEGINS = Text(
    "au's junk filter begins to check DKIM and DMARC", "auの迷惑メールおまかせ規制がDKIMとDMARCの確認を始めました"
)
NO_THRESHOLD = Text(
    "No threshold: its rules hold for every sender.", "通数の基準はありません。すべての送信者が対象です。"
)

FACTS: dict[Receiver, ReceiverFacts] = {
    "gmail": ReceiverFacts(
        name="Gmail",
        since=date(2024, 2, 1),
        page="https://support.google.com/a/answer/81126",
        must=follows.GMAIL_REJECTS,
        should=follows.GMAIL_ADVISES,
        headline=Text("Gmail's sender requirements begin", "Gmailの送信者要件が始まりました"),
        bulk=Text(
            "Bulk: close to 5,000 or more messages to personal Gmail accounts in 24 hours, all subdomains of one primary "
            "domain together. Once bulk, always bulk.",
            "一括送信者: 24時間に個人のGmailアカウントへ約5,000通以上(同じプライマリドメインのサブドメインは合算)。"
            "一度でも該当すると、以後ずっと一括送信者とみなされます。",
        ),
    ),
    "yahoo": ReceiverFacts(
        name="Yahoo",
        since=date(2024, 2, 1),
        page="https://senders.yahooinc.com/best-practices/",
        must=follows.YAHOO_REJECTS,
        should=follows.YAHOO_ADVISES,
        headline=Text("Yahoo's sender requirements begin", "Yahooの送信者要件が始まりました"),
        bulk=Text(
            "Bulk: Yahoo names no number; it counts by authenticated or From domain.",
            "一括送信者: Yahooは通数を示していません。認証ドメインまたはFromドメインごとに数えます。",
        ),
    ),
    "outlook": ReceiverFacts(
        name="Outlook.com",
        since=date(2025, 5, 5),
        page="https://techcommunity.microsoft.com/blog/microsoftdefenderforoffice365blog/strengthening-email-ecosystem-outlook%E2%80%99s-new-requirements-for-high%E2%80%90volume-senders/4399730",
        must=follows.OUTLOOK_REJECTS,
        should=follows.OUTLOOK_ADVISES,
        headline=Text(
            "Outlook.com's requirements for high-volume senders begin", "Outlook.comの一括送信者向け要件が始まりました"
        ),
        bulk=Text(
            "Bulk: more than 5,000 messages a day from one domain to Outlook.com accounts.",
            "一括送信者: 1つのドメインからOutlook.comのアカウントへ1日5,000通を超える場合。",
        ),
    ),
    "icloud": ReceiverFacts(
        name="iCloud",
        since=date(2025, 2, 25),
        page="https://support.apple.com/en-us/102322",
        must=follows.APPLE_REJECTS,
        should=follows.APPLE_ADVISES,
        headline=Text("Apple publishes iCloud Mail's requirements", "AppleがiCloudメールの要件を公開しました"),
        bulk=Text("Bulk: Apple names no number.", "一括送信者: Appleは通数を示していません。"),
    ),
    "docomo": ReceiverFacts(
        name="docomo",
        since=None,
        page="https://www.docomo.ne.jp/service/docomo_mail/smtp_notice/",
        must=follows.DOCOMO_WARNS,
        should=follows.DOCOMO_ASKS,
        headline=None,
        bulk=NO_THRESHOLD,
        read_on=JAPAN_READ,
        certain="undated",
        mailboxes=("docomo.ne.jp",),
    ),
    "au": ReceiverFacts(
        name="au",
        since=None,
        page="https://www.au.com/mobile/service/mail/attention/spf-record/",
        must=follows.AU_FILTERS,
        should=follows.AU_ASKS,
        headline=None,
        bulk=NO_THRESHOLD,
        read_on=JAPAN_READ,
        certain="undated",
        mailboxes=("au.com", "ezweb.ne.jp", "uqmobile.jp"),
    ),
    "softbank": ReceiverFacts(
        name="SoftBank",
        since=None,
        page="https://www.softbank.jp/mobile/info/personal/news/support/20240213a/",
        must=follows.SOFTBANK_REFUSES,
        should=follows.SOFTBANK_ASKS,
        headline=None,
        bulk=NO_THRESHOLD,
        read_on=JAPAN_READ,
        mailboxes=("softbank.ne.jp", "i.softbank.jp", "vodafone.ne.jp", "disney.ne.jp", "ymobile.ne.jp"),
    ),
    "yahoo-japan": ReceiverFacts(
        name="Yahoo! JAPAN",
        since=None,
        page="https://whatsnewmail.yahoo.co.jp/yahoo/20241211a.html",
        must=follows.YAHOO_JAPAN_REFUSES,
        should=follows.YAHOO_JAPAN_JUNKS,
        headline=None,
        bulk=NO_THRESHOLD,
        read_on=JAPAN_READ,
        mailboxes=("yahoo.co.jp", "ymail.ne.jp", "ybb.ne.jp"),
    ),
    "nifty": ReceiverFacts(
        name="@nifty",
        since=None,
        page="https://mail.nifty.com/cs/mail-faq/detail/3s6akkq58l_k",
        must=follows.NIFTY_RESTRICTS,
        should=follows.NIFTY_RESTRICTS,
        headline=None,
        bulk=NO_THRESHOLD,
        read_on=JAPAN_READ,
        certain="undated",
        mailboxes=("nifty.com", "nifty.ne.jp"),
    ),
}

GROUPS: dict[str, tuple[Receiver, ...]] = {"japan": ("docomo", "au", "softbank", "yahoo-japan", "nifty")}
"""Names for several receivers at once, as a user gives them."""

NAMES: dict[Receiver, str] = {receiver: facts.name for receiver, facts in FACTS.items()}

_MAILBOXES = {domain: receiver for receiver, facts in FACTS.items() for domain in facts.mailboxes}


def receiver_of_mailbox(domain: str) -> Receiver | None:
    """Which of Japan's receivers holds the mailboxes at ``domain`` (lower case), or at a name above it."""
    labels = domain.split(".")
    parents = (".".join(labels[at:]) for at in range(len(labels) - 1))
    return next((found for parent in parents if (found := _MAILBOXES.get(parent)) is not None), None)


def clause(  # noqa: PLR0913 -- a clause has that many parts; all but four have a default
    receiver: Receiver,
    volume: Volume,
    level: Level,
    text: Text,
    *,
    since: date | None = None,
    until: date | None = None,
    since_seen: bool = False,
    until_seen: bool = False,
    source: str = "",
    aspect: str = "",
    codes: tuple[str, ...] = (),
    seen_codes: tuple[str, ...] = (),
    headline: Text | None = None,
    consequence: Consequence | None = None,
    certain: Certainty | None = None,
) -> Clause:
    """A clause with its receiver's page, first day, reading day and usual consequence, where the rule does not have its own.

    The consequence takes over ``codes``, unless it names its own, where its text says ``{codes}``.
    """
    facts = FACTS[receiver]
    usual = facts.must if level == "must" else facts.should
    return Clause(
        receiver=receiver,
        volume=volume,
        level=level,
        text=text,
        since=since or facts.since,
        until=until,
        since_seen=since_seen,
        until_seen=until_seen,
        source=source or facts.page,
        read_on=facts.read_on,
        aspect=aspect,
        codes=codes,
        seen_codes=seen_codes,
        headline=headline or (facts.headline if since is None else None),
        consequence=_with_codes(consequence or usual, codes),
        certain=certain or facts.certain,
    )


def _with_codes(consequence: Consequence, codes: tuple[str, ...]) -> Consequence:
    """The consequence with the replies that go with it in its sentence: "Gmail may reject this (550 5.7.26) or …"."""
    text = consequence.text
    if "{codes}" not in text.en:
        return consequence
    codes = consequence.codes or codes
    en, ja = (f" ({', '.join(codes)})", f"({'、'.join(codes)})") if codes else ("", "")
    filled = Text(text.en.replace("{codes}", en), text.ja.replace("{codes}", ja))
    return msgspec.structs.replace(consequence, text=filled, codes=codes)
