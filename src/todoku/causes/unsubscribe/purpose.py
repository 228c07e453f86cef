"""Unsubscribing is asked for in marketing and subscribed mail only: what the kind of a message means for a verdict."""

from __future__ import annotations

import msgspec

from todoku.words.verdict import Finding, Note, Reason, Terms, Text

TRANSACTIONAL = Reason(
    "transactional-mail",
    Text(
        "Not asked of transactional mail, such as a receipt or a password reset.",
        "領収書やパスワード再設定などの取引・通知メールは対象外です。",
    ),
)
PURPOSE_UNSTATED = Reason(
    "purpose-unstated",
    Text(
        "This is needed if the message is marketing or subscribed mail, and it is not met. Say which kind it is with --mail "
        "marketing or --mail transactional.",
        "販促・メルマガであれば必要な要件ですが、満たされていません。--mail marketing または --mail transactional でメールの種類を指定してください。",
    ),
)


def by_purpose(finding: Finding, terms: Terms) -> Finding:
    """The finding as it stands for mail of this purpose: off for transactional mail, a warning where nothing says."""
    if terms.purpose == "transactional":
        return Finding("notapplicable", TRANSACTIONAL)
    if terms.purpose == "unstated" and finding.result == "fail":
        lacking = Note(finding.reason, finding.values, finding.exhibits)
        return msgspec.structs.replace(finding, result="warn", reason=PURPOSE_UNSTATED, notes=(lacking, *finding.notes))
    return finding
