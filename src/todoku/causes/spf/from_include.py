"""``include:amazonses.com`` in the From domain's own SPF record: no receiver of the four looks there, Japanese carriers do.

NTT docomo checks SPF by the domain in From (docomo.ne.jp/service/docomo_mail/smtp_notice, section 3), so that no fix takes the
include out. SES itself keeps other customers from sending with a domain that they have not verified.
"""

from __future__ import annotations

from todoku.auth.ask import Answer
from todoku.auth.spf import SpfResult, is_spf
from todoku.causes.exhibits import dns_exhibit
from todoku.words.verdict import Missing, Note, Reason, Text

INCLUDE = "include:amazonses.com"


def apex_record(apex: Answer | Missing) -> str:
    """The SPF record at the apex that includes SES, or ""."""
    records = () if isinstance(apex, Missing) else apex.records
    spf = (record for record in records if is_spf(record))
    return next((record for record in spf if INCLUDE in record.lower().split()), "")


APEX_INCLUDE = Reason(
    "apex-include",
    Text(
        "The SPF record of {apex} includes amazonses.com. Gmail, Yahoo, Outlook.com and iCloud do not look there: they check SPF "
        "of SES mail by MAIL FROM ({domain}). NTT docomo checks the domain in From as well, and au and SoftBank may, depending on "
        "the recipient's filter. Keep it if you write to Japanese mobile carriers; otherwise it costs one of the ten DNS lookups, "
        "and SES lets other customers use {apex} as a sender only if they have verified it.",
        "{apex} のSPFレコードに include:amazonses.com があります。Gmail・Yahoo・Outlook.com・iCloudは、SESのメールのSPFをMAIL FROM({domain})で"
        "判定するため、このレコードを参照しません。一方、ドコモはヘッダーFromのドメインでもSPFを確認し、au・ソフトバンクでも受信者の設定によっては"
        "確認されます。携帯キャリア宛に送る場合は残してください。送らない場合も、上限10回のDNSルックアップを1回使うだけです。"
        "なお、{apex} を検証していない他のSES利用者は、{apex} を送信元に使えません。",
    ),
    case="F17",
)


def apex_note(apex: Answer | Missing, spf: SpfResult | Missing) -> tuple[Note, ...]:
    """The note, where the apex record includes SES and SPF did not look at that record."""
    return () if isinstance(spf, Missing) else include_note(apex, spf.domain)


def include_note(apex: Answer | Missing, mail_from: str) -> tuple[Note, ...]:
    """The note, where the apex record includes SES and mail of SES is judged by that of another domain."""
    if isinstance(apex, Missing) or apex.question.name == mail_from or not apex_record(apex):
        return ()
    return (Note(APEX_INCLUDE, {"apex": apex.question.name, "domain": mail_from}, (dns_exhibit(apex),)),)
