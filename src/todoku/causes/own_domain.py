"""Gmail asks for SPF and DKIM "for your domain"; what it enforces is that they pass, for whichever domain.

A message that SES authenticates as amazonses.com alone is let through today and does not meet what is written (Email sender
guidelines, support.google.com/mail/answer/81126): a warning, which says both.
"""

from __future__ import annotations

import msgspec

from todoku.causes.circumstances import is_amazon
from todoku.causes.dkim.damage import DNS_FAILED, NOT_EVALUATED
from todoku.causes.dkim.signatures import PASSED
from todoku.causes.dkim.signatures import PASSED_AS_SES as DKIM_AS_SES
from todoku.causes.mail_from.custom import CUSTOM_MAIL_FROM
from todoku.causes.mail_from.ses_sender import AS_SES
from todoku.causes.spf.record import PASSED_AS_SES as SPF_AS_SES
from todoku.words.verdict import Finding, Note, Reason, Text

SPF_OF_OWN_DOMAIN = Reason(
    "gmail-spf-of-your-domain",
    Text(
        "Gmail's guidelines ask for SPF for your domain. Gmail accepts a pass of any domain today, that of amazonses.com too; a custom "
        "MAIL FROM domain meets the wording as well.",
        "Gmailのガイドラインは、自社ドメインでのSPFを求めています。現在の判定では amazonses.com を含むどのドメインの認証成功でも受け付けられますが、"
        "カスタム MAIL FROM ドメインを設定すれば文言どおりに対応できます。",
    ),
    fixes=(CUSTOM_MAIL_FROM,),
)
DKIM_OF_OWN_DOMAIN = Reason(
    "gmail-dkim-of-your-domain",
    Text(
        "Gmail's guidelines ask for DKIM for your domain. Gmail accepts a pass of any domain today, that of amazonses.com too; Easy DKIM "
        "meets the wording as well.",
        "Gmailのガイドラインは、自社ドメインでのDKIMを求めています。現在の判定では amazonses.com を含むどのドメインの認証成功でも受け付けられますが、"
        "Easy DKIMを設定すれば文言どおりに対応できます。",
    ),
)
OWN_DOMAIN = "own-domain"
"""The variant of a clause that asks for a method to pass for the sender's own domain."""
BY_REASON = {SPF_AS_SES.tag: SPF_OF_OWN_DOMAIN, AS_SES.tag: SPF_OF_OWN_DOMAIN, DKIM_AS_SES.tag: DKIM_OF_OWN_DOMAIN}


def by_wording(said: Finding, variant: str, *methods: Finding) -> Finding:
    """What was said; of a clause that asks for the sender's own domain, with a warning where one of the methods, else it, passes in the name of SES alone."""
    passing = [one for one in methods or (said,) if one.result == "pass" and one.reason.tag in BY_REASON]
    if variant != OWN_DOMAIN or said.result != "pass":
        return said
    if not passing:
        return next((dark for one in methods or (said,) if (dark := _undecided(one)) is not None), said)
    reasons = [BY_REASON[one.reason.tag] for one in passing]
    first = said.reason if said in passing else reasons.pop(0)
    return msgspec.structs.replace(said, result="warn", reason=first, notes=(*map(Note, reasons), *said.notes))


def _undecided(said: Finding) -> Finding | None:
    """Why it is not known whether DKIM passes in another name than that of SES: one more signature may verify."""
    if said.reason is not PASSED or not all(map(is_amazon, str(said.values["domains"]).split(", "))):
        return None
    dark = next(note for note in said.notes if note.reason in (DNS_FAILED, NOT_EVALUATED))
    return Finding("unknown", dark.reason, dark.values, dark.exhibits, said.notes, missing="could-not-look")
