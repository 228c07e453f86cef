"""``include:amazonses.com`` at the From domain's apex: it does nothing for SES mail, and lets every SES customer pass."""

from __future__ import annotations

from todoku.auth.ask import Answer
from todoku.auth.spf import SpfResult, is_spf
from todoku.causes.consumer_from import CONSUMER_DOMAINS
from todoku.causes.exhibits import dns_exhibit
from todoku.change import Change, DnsRecord
from todoku.verdict import Fix, Missing, Note, Reason, Text

INCLUDE = "include:amazonses.com"


def apex_record(apex: Answer | Missing) -> str:
    """The SPF record at the apex that includes SES, or ""."""
    records = () if isinstance(apex, Missing) else apex.records
    spf = (record for record in records if is_spf(record))
    return next((record for record in spf if INCLUDE in record.lower().split()), "")


def drop_include(from_apex_txt: Answer) -> tuple[Change, ...]:
    """The apex record without the include. SES never sends with the apex as MAIL FROM: that must be a subdomain."""
    record = apex_record(from_apex_txt)
    if not record or from_apex_txt.question.name in CONSUMER_DOMAINS:
        return ()
    kept = " ".join(term for term in record.split() if term.lower() != INCLUDE)
    return (DnsRecord(from_apex_txt.question.name, "TXT", kept, replaces=record),)


APEX_WITHOUT_INCLUDE = Fix(
    "apex-without-include",
    Text(
        "Take include:amazonses.com out of the From domain's own record",
        "Fromドメインのレコードからinclude:amazonses.comを外す",
    ),
    drop_include,
)

APEX_INCLUDE = Reason(
    "apex-include",
    Text(
        "The SPF record of {apex} includes amazonses.com, but SES mail is not judged by it: SPF looks at MAIL FROM ({domain}). "
        "All it does is to let every SES customer pass SPF as {apex}.",
        "{apex} のSPFレコードに include:amazonses.com がありますが、SESのメールはMAIL FROM({domain})で判定されるため効果はありません。"
        "それどころか、他のSES利用者も {apex} としてSPFに成功できます。",
    ),
    fixes=(APEX_WITHOUT_INCLUDE,),
    case="F17",
)


def apex_note(apex: Answer | Missing, spf: SpfResult | Missing) -> tuple[Note, ...]:
    """The note, where the apex record includes SES and SPF did not look at that record."""
    return () if isinstance(spf, Missing) else vain_include(apex, spf.domain)


def vain_include(apex: Answer | Missing, mail_from: str) -> tuple[Note, ...]:
    """The note, where the apex record includes SES and mail of SES is judged by that of another domain."""
    if isinstance(apex, Missing) or apex.question.name == mail_from or not apex_record(apex):
        return ()
    return (Note(APEX_INCLUDE, {"apex": apex.question.name, "domain": mail_from}, (dns_exhibit(apex),)),)
