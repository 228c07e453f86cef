"""The four receivers: their names, where their rules are written, since when these bind, and who is bulk for them.

Rules are told in our own words; each is linked to the page it was read on. ``clause()`` fills in what all clauses of a
receiver share, so that a requirement's file shows only what is its own.
"""

from __future__ import annotations

from datetime import date

from todoku.verdict import Clause, Level, Receiver, Text, Volume

RULES_READ = date(2026, 7, 2)
"""The day on which the receivers' pages were last read."""

NAMES: dict[Receiver, str] = {"gmail": "Gmail", "yahoo": "Yahoo", "outlook": "Outlook.com", "icloud": "iCloud"}

SINCE: dict[Receiver, date] = {
    "gmail": date(2024, 2, 1),
    "yahoo": date(2024, 2, 1),
    "outlook": date(2025, 5, 5),
    "icloud": date(2025, 2, 25),
}
"""The day from which a receiver's rules bind, where a clause does not say another."""

PAGES: dict[Receiver, str] = {
    "gmail": "https://support.google.com/a/answer/81126",
    "yahoo": "https://senders.yahooinc.com/best-practices/",
    "outlook": "https://techcommunity.microsoft.com/blog/microsoftdefenderforoffice365blog/strengthening-email-ecosystem-outlook%E2%80%99s-new-requirements-for-high%E2%80%90volume-senders/4399730",
    "icloud": "https://support.apple.com/en-us/102322",
}

HEADLINES: dict[Receiver, Text] = {
    "gmail": Text("Gmail's sender requirements begin", "Gmailの送信者要件が始まりました"),
    "yahoo": Text("Yahoo's sender requirements begin", "Yahooの送信者要件が始まりました"),
    "outlook": Text(
        "Outlook.com's requirements for high-volume senders begin", "Outlook.comの一括送信者向け要件が始まりました"
    ),
    "icloud": Text("Apple publishes iCloud Mail's requirements", "AppleがiCloudメールの要件を公開しました"),
}
"""What ``todoku rules diff`` says of the day in ``SINCE``."""

BULK: dict[Receiver, Text] = {
    "gmail": Text(
        "Bulk: close to 5,000 or more messages to personal Gmail accounts in 24 hours, all subdomains of one primary "
        "domain together. Once bulk, always bulk.",
        "一括送信者: 24時間に個人のGmailアカウントへ約5,000通以上(同じプライマリドメインのサブドメインは合算)。一度該当すると恒久的に扱われます。",
    ),
    "yahoo": Text(
        "Bulk: Yahoo names no number; it counts by authenticated or From domain.",
        "一括送信者: Yahooは通数を示していません。認証ドメインまたはFromドメインごとに数えます。",
    ),
    "outlook": Text(
        "Bulk: more than 5,000 messages a day from one domain to Outlook.com accounts.",
        "一括送信者: 1つのドメインからOutlook.comのアカウントへ1日5,000通を超える場合。",
    ),
    "icloud": Text("Bulk: Apple names no number.", "一括送信者: Appleは通数を示していません。"),
}


def clause(  # noqa: PLR0913 -- a clause has that many parts; all but four have a default
    receiver: Receiver,
    volume: Volume,
    level: Level,
    text: Text,
    *,
    since: date | None = None,
    until: date | None = None,
    source: str = "",
    aspect: str = "",
    codes: tuple[str, ...] = (),
    headline: Text | None = None,
) -> Clause:
    """A clause with its receiver's page, first day and reading day filled in where the rule does not have its own."""
    return Clause(
        receiver=receiver,
        volume=volume,
        level=level,
        text=text,
        since=since or SINCE[receiver],
        until=until,
        source=source or PAGES[receiver],
        read_on=RULES_READ,
        aspect=aspect,
        codes=codes,
        headline=headline or (HEADLINES[receiver] if since is None else None),
    )
