"""Who sends as us, and which of it fails."""

from __future__ import annotations

from msgspec import UNSET

from todoku.report.answers.document import Answers
from todoku.report.answers.pages.about import FIRST, LAST, MESSAGES, NAMES, PASSING, network_note, titled
from todoku.report.answers.table import Page, column, share, table
from todoku.report.words import counted
from todoku.words.verdict import Text

ADDRESSES = column("addresses", "IP数", lambda one: one.addresses, "number", wide=True)
TREATED = (
    column("quarantined", "隔離", lambda one: one.quarantined, "number", wide=True),
    column("rejected", "拒否", lambda one: one.rejected, "number", wide=True),
)
UNVERIFIED = column("unverified", "未確認", lambda one: one.unverified, "number", wide=True)
SENT = (
    *(*NAMES, MESSAGES, PASSING),
    column("DKIM", "DKIM", lambda one: share(one.dkim, one.messages), "share", wide=True),
    column("SPF", "SPF", lambda one: share(one.spf, one.messages), "share", wide=True),
    *(UNVERIFIED, *TREATED, FIRST, LAST),
)
FAILING = (
    *(*NAMES, MESSAGES, ADDRESSES, *TREATED),
    UNVERIFIED,
    column("excepted", "例外扱い", lambda one: one.overridden, "number", wide=True),
    *(FIRST, LAST),
)


def sources(answers: Answers, limit: int) -> Page:
    """Every stream."""
    found = () if answers.sources is UNSET else answers.sources
    title = titled(answers, Text("Sources", "送信元"))
    listed = Text("Who sends, the largest first", "送信元(メール数の多い順)")
    return Page(title=title, tables=(table(listed, SENT, found, limit),), notes=network_note(found))


def unaligned(answers: Answers, limit: int) -> Page:
    """The streams of mail that fails."""
    found = () if answers.unaligned is UNSET else answers.unaligned
    title = titled(answers, Text("Mail that fails DMARC", "DMARC不合格のメール"))
    if not found:
        return Page(title=title, said=(Text("All mail passes.", "すべてのメールが合格しています。"),))
    number = sum(one.messages for one in found)
    said = Text(
        f"{counted(number, 'message')} from {counted(len(found), 'source')} {'has' if number == 1 else 'have'} neither SPF nor DKIM "
        "that passes and is aligned.",
        f"{len(found):,}か所の送信元からの{number:,}通は、SPFとDKIMのどちらも「合格かつアライメント一致」になっていません。",
    )
    listed = Text("Where it comes from", "送信元の内訳")
    return Page(title=title, said=(said,), tables=(table(listed, FAILING, found, limit),), notes=network_note(found))
