"""Which messages failed authentication, as failure reports (ruf, RFC 9991) tell."""

from __future__ import annotations

from msgspec import UNSET

from todoku.feedback.feedback_types import AUTH_FAILURES, DELIVERIES
from todoku.report.answers.document import Answers
from todoku.report.answers.pages.about import FIRST, LAST, titled
from todoku.report.answers.table import Page, column, table
from todoku.words.verdict import Text

COLUMNS = (
    column("domain", "ドメイン", lambda one: one.domain),
    column("source", "送信元", lambda one: one.source_ip, "whole"),
    column("what failed", "失敗した認証", lambda one: AUTH_FAILURES.get(one.auth_failure, one.auth_failure)),
    column("DKIM domain", "DKIMのドメイン", lambda one: one.dkim_domain, wide=True),
    column("selector", "セレクター", lambda one: one.dkim_selector, wide=True),
    column("delivery", "配信結果", lambda one: DELIVERIES.get(one.delivery_result, one.delivery_result)),
    column("messages", "メール数", lambda one: one.incidents, "number"),
    *(FIRST, LAST),
)
# https://support.google.com/a/answer/10032169: Gmail does not support ruf. Microsoft 365 sends no failure reports:
# https://learn.microsoft.com/en-us/defender-office-365/email-authentication-dmarc-configure
FEW = Text(
    "Few receivers send failure reports, Gmail and Microsoft none. What fails in all, aggregate reports tell: "
    "todoku reports unaligned.",
    "失敗レポートを送信する受信側は一部だけで、GmailとMicrosoftは送信しません。不合格の全体は集約レポートから分かります"
    "(todoku reports unaligned)。",
)
PEOPLE = Text(
    "Addresses of people are not shown: rows hold their domains alone. The reports themselves lie in the folder raw of the store.",
    "個人のメールアドレスは表示しません(行にはドメインだけを保存しています)。届いたレポートそのものは、ストアの raw フォルダーにあります。",
)


def page(answers: Answers, limit: int) -> Page:
    """The failures."""
    found = () if answers.failures is UNSET else answers.failures
    title = titled(answers, Text("Failure reports", "失敗レポート"))
    if not found:
        return Page(
            title=title, said=(Text("No failure report has come.", "失敗レポートは届いていません。"),), notes=(FEW,)
        )
    listed = Text("The most frequent first", "件数の多い順")
    return Page(title=title, tables=(table(listed, COLUMNS, found, limit),), notes=(FEW, PEOPLE))
