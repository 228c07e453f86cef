"""What the receiver's own word on DMARC says of a message, where DNS did not let us see the record."""

from __future__ import annotations

from todoku.auth.dmarc import ReceiverDmarc
from todoku.causes.witnesses.receiver_results import ReceiverResults
from todoku.words.verdict import Finding, Reason, Text, Value

PASSED_THERE = Reason(
    "dmarc-passed-at-receiver",
    Text(
        "DMARC passes for {from_domain}: SPF or DKIM authenticates it.",
        "{from_domain} のDMARCは成功しています(SPFまたはDKIMのアライメントが取れています)。",
    ),
)
FAILED_THERE = Reason(
    "dmarc-failed-at-receiver",
    Text(
        "DMARC fails for {from_domain}: neither SPF nor DKIM authenticates it.",
        "{from_domain} のDMARCは失敗しています(SPF、DKIMのどちらもアライメントが取れていません)。",
    ),
)
RECORD_THERE = Reason(
    "dmarc-record-at-receiver",
    Text(
        "{from_domain} had a DMARC record when the message arrived (dmarc={written}).",
        "到着時、{from_domain} にはDMARCレコードがありました(dmarc={written})。",
    ),
)
NO_RECORD_THERE = Reason(
    "no-dmarc-record-at-receiver",
    Text(
        "{from_domain} had no DMARC record when the message arrived (dmarc={written}). To see what it has now, run “todoku check "
        "{from_domain}”.",
        "到着時、{from_domain} にDMARCレコードはありませんでした(dmarc={written})。現在の設定は todoku check {from_domain} で確認できます。",
    ),
)
POLICY_UNTOUCHED = Reason(
    "dmarc-policy-kept-at-receiver",
    Text(
        "The DMARC policy of {from_domain} asked for nothing against this message (dmarc={written}, action {action}).",
        "{from_domain} のDMARCポリシーは、このメールの拒否や隔離を求めていません(dmarc={written}、処理: {action})。",
    ),
)
POLICY_VIOLATED = Reason(
    "dmarc-policy-violated-at-receiver",
    Text(
        "DMARC fails for {from_domain}, and its policy asks to quarantine or reject such mail (action {action}).",
        "{from_domain} のDMARCは失敗しており、ポリシーは隔離または拒否を求めています(処理: {action})。",
    ),
)

NO_RECORD = frozenset({"none", "bestguesspass"})
FOLLOWS = frozenset({"", "not-comparable", "strict"})
"""Differences with which DMARC's result is one of alignment, and none of ARC or of the receiver's own policy."""


def dmarc_word(reported: ReceiverResults) -> Finding | None:
    """Whether the From domain is aligned; None where the receiver's result does not tell."""
    said = reported.dmarc
    if said is None or said.difference not in FOLLOWS or said.written not in ("pass", "fail"):
        return None
    if said.written == "pass":
        return Finding("pass", PASSED_THERE, _values(said))
    return Finding("fail", FAILED_THERE, _values(said))


def record_word(reported: ReceiverResults) -> Finding | None:
    """Whether the From domain had a record: without one DMARC neither passes nor fails."""
    said = reported.dmarc
    if said is not None and said.written in ("pass", "fail"):
        return Finding("pass", RECORD_THERE, _values(said))
    if said is not None and said.written in NO_RECORD:
        return Finding("fail", NO_RECORD_THERE, _values(said))
    return None


def policy_word(reported: ReceiverResults) -> Finding | None:
    """Whether the From domain's policy was turned against the message."""
    said = reported.dmarc
    if said is None:
        return None
    if said.written in NO_RECORD or said.written == "pass":
        return Finding("pass", POLICY_UNTOUCHED, _values(said))
    if said.written == "fail" and (said.handling is not None or said.policy in ("quarantine", "reject")):
        return Finding("fail", POLICY_VIOLATED, _values(said))
    if said.written == "fail" and said.disposition == "none":
        return Finding("pass", POLICY_UNTOUCHED, _values(said))
    return None


def _values(said: ReceiverDmarc) -> dict[str, Value]:
    return {"from_domain": said.author_domain, "written": said.written, "action": said.disposition or "none"}
