"""Whether others could deliver to us over TLS."""

from __future__ import annotations

from msgspec import UNSET

from todoku.feedback.answers import TlsSessions
from todoku.report.answers.document import Answers
from todoku.report.answers.pages.about import FIRST, LAST, titled
from todoku.report.answers.table import Cell, Page, column, share, share_text, table
from todoku.report.words import counted
from todoku.words.verdict import Text

SUCCEEDED = Text("succeeded", "成功")


def _result(one: TlsSessions) -> Cell:
    return one.result_type or SUCCEEDED


COLUMNS = (
    column("domain", "ドメイン", lambda one: one.domain),
    column("policy", "ポリシー", lambda one: one.policy_type, wide=True),
    column("result", "結果", _result),
    column("server", "サーバー", lambda one: one.mx),
    column("sessions", "セッション数", lambda one: one.sessions, "number"),
    *(FIRST, LAST),
)


def page(answers: Answers, limit: int) -> Page:
    """The sessions."""
    found = () if answers.tls is UNSET else answers.tls
    title = titled(answers, Text("TLS of incoming mail", "受信メールのTLS"))
    if not found:
        nothing = Text("No SMTP TLS report has come.", "SMTP TLSレポートは届いていません。")
        return Page(title=title, said=(nothing,))
    whole = sum(one.sessions for one in found)
    failed = sum(one.sessions for one in found if one.result_type)
    rate = share_text(share(failed, whole))
    said = Text(
        f"{failed:,} of {counted(whole, 'session')} failed ({rate}).",
        f"{whole:,}セッションのうち{failed:,}件が失敗しました({rate})。",
    )
    listed = Text("Sessions of servers that delivered to you", "配送してきたサーバーのセッション")
    return Page(title=title, said=(said,), tables=(table(listed, COLUMNS, found, limit),))
