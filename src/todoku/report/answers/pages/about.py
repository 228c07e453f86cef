"""What all pages share: which mail of which days is meant, and what a stream of mail is called."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from msgspec import UNSET

from todoku.feedback.answers import Affected, Bounces, Complaints, Failures, Outcomes, Stream, TlsSessions
from todoku.report.answers.document import Answers
from todoku.report.answers.table import Told, column, share
from todoku.words.verdict import Text

FIRST = column("first", "初回", lambda one: one.first, "day", wide=True)
LAST = column("last", "最終", lambda one: one.last, "day")
MESSAGES = column("messages", "メール数", lambda one: one.messages, "number")
PASSING = column("passes", "合格率", lambda one: share(one.passing, one.messages), "share")

NAMES: tuple[Told, ...] = (
    column("SPF domain", "SPFのドメイン", lambda one: one.spf_domain),
    column("DKIM domain", "DKIMのドメイン", lambda one: one.dkim_domain),
    column("network", "ネットワーク", lambda one: one.network, "whole"),
)
"""What names a stream; the network only where neither SPF nor DKIM passed, so that no domain vouches for it."""

NETWORK_NOTE = Text(
    "A network is shown where neither SPF nor DKIM passed: the domains are then only claimed.",
    "SPFもDKIMも合格しなかったものは、ドメインが名乗りにすぎないため、送信元のネットワークも示しています。",
)


def network_note(streams: Iterable[Stream | Affected]) -> tuple[Text, ...]:
    """What a network means, where one is shown."""
    return (NETWORK_NOTE,) if any(one.network for one in streams) else ()


def titled(answers: Answers, what: Text) -> Text:
    """What is told, about which domain, of which days."""
    about = answers.domain
    en = f"{what.en} of {about}" if about else what.en
    ja = f"{about} の{what.ja}" if about else what.ja
    days = period(answers)
    return Text(f"{en}, {days.en}" if days.en else en, f"{ja}({days.ja})" if days.ja else ja)


def period(answers: Answers) -> Text:
    """The days of what there is to tell."""
    days = _days(answers)
    if days is None:
        return Text("", "")
    first, last = days
    if first == last:
        return Text(f"{first} (UTC)", f"{first}、UTC")
    return Text(f"{first} to {last} (UTC)", f"{first}〜{last}、UTC")


def _days(answers: Answers) -> tuple[date, date] | None:
    """The first and the last day: of aggregate reports, or of the rows where no aggregate report was asked."""
    if answers.extent is not None:
        return answers.extent.first, answers.extent.last
    rows: list[TlsSessions | Bounces | Outcomes | Complaints | Failures] = []
    for part in (answers.tls, answers.bounces, answers.outcomes, answers.complaints, answers.failures):
        rows += () if part is UNSET else part
    return (min(one.first for one in rows), max(one.last for one in rows)) if rows else None


def named(stream: Stream | Affected) -> Text:
    """A stream in a sentence."""
    if stream.network:
        return Text(f"the network {stream.network}", f"ネットワーク {stream.network}")
    domains = " / ".join(dict.fromkeys(name for name in (stream.dkim_domain, stream.spf_domain) if name))
    return Text(domains, domains)
