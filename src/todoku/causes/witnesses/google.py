"""What Google says of a domain in Postmaster Tools: the receiver's own verdict on its own requirement.

It is drawn from the mail of the last days, so that it lags behind the DNS by one day to seven.
"""

from __future__ import annotations

from todoku.causes.circumstances import unseen
from todoku.feedback.compliance import Compliance, Standing
from todoku.words.verdict import Clause, Exhibit, Finding, Missing, Note, Reason, Text, Values, Witness

GOOGLE_CONTENT = Reason(
    "google-compliant",
    Text(
        "Google's Postmaster Tools say of {domain}: {row} is compliant (read on {read}).",
        "GoogleのPostmaster Toolsは、{domain} の {row} を「準拠」としています({read} に取得)。",
    ),
)
GOOGLE_NEEDS_WORK = Reason(
    "google-needs-work",
    Text(
        "Google's Postmaster Tools say of {domain}: {row} needs work (seen since {since}, last on {read}). After a repair it takes "
        "up to seven days until they say otherwise.",
        "GoogleのPostmaster Toolsは、{domain} の {row} を「要改善」としています(初回の確認 {since}、最終の確認 {read})。修正してから表示が"
        "変わるまで、最長で7日ほどかかります。",
    ),
)
SHOWN_LATER = (GOOGLE_CONTENT, GOOGLE_NEEDS_WORK)
"""What Google says in days gone by, not of a message that has just arrived."""
WHY = {
    "NO_UNSUB_GENERAL": Reason(
        "google-no-unsubscribe",
        Text(
            "Google: most of the messages have no one-click unsubscribe.",
            "Googleの説明: 大部分のメールがワンクリック登録解除に対応していません。",
        ),
    ),
    "NO_UNSUB_SPAM_REPORTS": Reason(
        "google-no-unsubscribe-in-spam",
        Text(
            "Google: most of the messages that people report as spam have no one-click unsubscribe.",
            "Googleの説明: 迷惑メールとして報告されたメールの大部分が、ワンクリック登録解除に対応していません。",
        ),
    ),
    "NO_UNSUB_PROMO_SPAM_REPORTS": Reason(
        "google-no-unsubscribe-in-promotions",
        Text(
            "Google: most of the promotional messages that people report as spam have no one-click unsubscribe.",
            "Googleの説明: 迷惑メールとして報告されたプロモーションメールの大部分が、ワンクリック登録解除に対応していません。",
        ),
    ),
    "NOT_HONORING": Reason(
        "google-unsubscribe-not-honoured",
        Text(
            "Google: requests to unsubscribe are not honoured.",
            "Googleの説明: 登録解除の依頼が反映されていません。",
        ),
    ),
    "NOT_HONORING_TOO_FEW_CAMPAIGNS": Reason(
        "google-too-few-campaigns",
        Text(
            "Google: requests to unsubscribe are not honoured. Google tells campaigns apart by their identifiers, and finds too few: give each "
            "list one of its own.",
            "Googleの説明: 登録解除の依頼が反映されていません。配信の種類を区別する識別子が少なすぎるため、リストごとに分けてください。",
        ),
    ),
    "NOT_HONORING_TOO_MANY_CAMPAIGNS": Reason(
        "google-too-many-campaigns",
        Text(
            "Google: requests to unsubscribe are not honoured. Google tells campaigns apart by their identifiers, and finds too many: keep to one "
            "for each list.",
            "Googleの説明: 登録解除の依頼が反映されていません。配信の種類を区別する識別子が多すぎるため、リストごとに1つにまとめてください。",
        ),
    ),
}
"""Google's reasons of the two verdicts on unsubscribing."""


def google_witness(row: str) -> Witness:
    """Google as a witness of the requirement that one row of Postmaster Tools is about: ``SPF``, ``DNS_RECORDS`` and the like."""

    def decide(clause: Clause, compliance: Compliance | Missing) -> Finding | None:
        if clause.receiver != "gmail" or clause.aspect:
            return None
        if isinstance(compliance, Missing):
            return unseen(compliance) if compliance.kind == "could-not-look" else None
        standing = compliance.row(row)
        return None if standing is None else said(compliance.domain, standing)

    return Witness("receiver", decide)


def said(domain: str, standing: Standing) -> Finding | None:
    """Google's word on one row; None where it is a word that we do not know."""
    values = values_of(domain, standing)
    exhibits = (exhibit_of(domain, standing),)
    if standing.state == "COMPLIANT":
        return Finding("pass", GOOGLE_CONTENT, values, exhibits)
    if standing.state == "NEEDS_WORK":
        why = WHY.get(standing.reason)
        return Finding("fail", GOOGLE_NEEDS_WORK, values, exhibits, (Note(why),) if why else ())
    return None


def values_of(domain: str, standing: Standing) -> Values:
    """What the sentences on a row are filled with."""
    since, read = standing.since, standing.read
    days = {"since": since.date().isoformat() if since else "-", "read": read.date().isoformat() if read else "-"}
    return {"domain": domain, "row": standing.row, **days}


def exhibit_of(domain: str, standing: Standing) -> Exhibit:
    """The row as Google gave it."""
    reason = f" ({standing.reason})" if standing.reason else ""
    return Exhibit("api", f"Postmaster Tools, {domain}", f"{standing.row} = {standing.state}{reason}")
