"""The share of delivered mail that people report as spam: below 0.30%, best below 0.10%.

No message shows it, and SES does not either: Gmail sends it no complaints. Yahoo counts over the mail delivered to the
inbox, so its figure is not to be compared with the rate of SES or of a feedback loop.
"""

from __future__ import annotations

from todoku.account.sending import Recommendation, SesAccount
from todoku.causes.circumstances import unseen
from todoku.causes.missing_reasons import NO_STORE
from todoku.causes.witnesses.aws import recommended
from todoku.causes.witnesses.google import google_witness
from todoku.causes.witnesses.ses_rates import COMPLAINTS
from todoku.causes.witnesses.spam_rate import ADVICE, LIMIT, spam_rate_finding
from todoku.feedback.traffic import Traffic
from todoku.receivers import clause, gmail, yahoo
from todoku.words.pages import google_help
from todoku.words.verdict import (
    Clause,
    Exhibit,
    Finding,
    Missing,
    Reason,
    Requirement,
    SesDefault,
    Terms,
    Text,
    Witness,
)

ELSEWHERE = Reason(
    "spam-rate-elsewhere",
    Text(
        "No message shows this. Gmail's figure is in Postmaster Tools (SES cannot show it: Gmail sends SES no complaints), "
        "Yahoo's in its Sender Hub.",
        "メールからは判定できません。GmailはPostmaster Tools、YahooはSender Hubで確認してください。"
        "Gmailは苦情をSESに通知しないため、SESの苦情率には現れません。",
    ),
    case="F27",
)
ENFORCEMENT = Reason(
    "ses-enforcement",
    Text(
        "AWS has the account under {enforcement} in {region}: too many bounces or complaints by its own count. Stop the stream that "
        "causes them, clean its list, and answer the case that AWS opened.",
        "AWSは、独自の集計でバウンスまたは苦情が多すぎるとして、{region} でこのアカウントを {enforcement} にしています。原因となっている配信を止めて"
        "リストを整理し、AWSが作成したサポートケースに回答してください。",
    ),
    case="F28",
)
HEALTHY = ("", "HEALTHY")


def decide_provider(
    _clause: Clause, account: SesAccount, recommendations: tuple[Recommendation, ...] | Missing
) -> Finding | None:
    """AWS's word on complaints, where it has one. That AWS has none does not show the receiver's figure."""
    if account.enforcement not in HEALTHY:
        values = {"enforcement": account.enforcement, "region": account.region}
        exhibit = Exhibit("api", f"GetAccount ({account.region})", f"EnforcementStatus = {account.enforcement}")
        return Finding("fail", ENFORCEMENT, values, (exhibit,))
    return (
        unseen(recommendations) if isinstance(recommendations, Missing) else recommended("COMPLAINT", recommendations)
    )


POSTMASTER_TOOLS = "postmaster-tools"
"""The variant of a clause whose receiver tells its figure in Postmaster Tools."""


def decide_receiver(clause: Clause, traffic: Traffic | Missing, terms: Terms) -> Finding | None:
    """Gmail's own figure for its own clauses; None where no store was asked for it."""
    if clause.variant != POSTMASTER_TOOLS or traffic == NO_STORE:
        return None
    if isinstance(traffic, Missing):
        return Finding("unknown", traffic.reason, traffic.values, missing=traffic.kind)
    limit = ADVICE if clause.aspect == "advice" else LIMIT
    return spam_rate_finding(traffic, terms.as_of, limit)


REQUIREMENT = Requirement(
    id="spam-rate",
    title=Text("User-reported spam rate", "迷惑メール率"),
    google_row="USER_REPORTED_SPAM_RATE",
    clauses=(
        clause(
            "gmail",
            "all",
            "must",
            Text("Keep the rate of spam reports below 0.30%.", "迷惑メール率を0.30%未満に保つこと。"),
            codes=("421 4.7.28",),
            variant=POSTMASTER_TOOLS,
            consequence=gmail.SPAM_RATE,
        ),
        clause(
            "gmail",
            "all",
            "should",
            Text("Preferably below 0.10%.", "できれば0.10%未満に保つこと。"),
            aspect="advice",
            variant=POSTMASTER_TOOLS,
            consequence=gmail.COUNTS_REPORTS,
        ),
        clause(
            "yahoo",
            "all",
            "must",
            Text(
                "Keep the rate of spam reports below 0.3%, counted over mail delivered to the inbox.",
                "受信トレイに届いたメールに対する迷惑メール率を0.3%未満に保つこと。",
            ),
            seen_codes=("421 4.7.0",),
            consequence=yahoo.DEFERS_COMPLAINTS,
        ),
    ),
    ses_default=SesDefault(
        met=None,
        text=Text(
            "It depends on what you send and to whom. SES has limits of its own: at 0.1% complaints it reviews an account, "
            "at 0.5% it may pause it.",
            "送る内容と相手によって決まります。SESには独自の基準があり、苦情率0.1%で審査、0.5%で送信停止の対象になります。",
        ),
        source="https://docs.aws.amazon.com/ses/latest/dg/reputationdashboardmessages.html",
    ),
    witnesses=(
        Witness("receiver", decide_receiver),
        google_witness("USER_REPORTED_SPAM_RATE"),
        Witness("provider", decide_provider),
        COMPLAINTS,
    ),
    elsewhere=ELSEWHERE,
    setup_page=google_help("mail/answer/14668346"),
)
