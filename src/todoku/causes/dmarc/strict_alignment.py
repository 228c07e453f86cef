"""``aspf=s`` or ``adkim=s`` in your own DMARC record asks for the very same domain, which SPF has only where From is at the MAIL FROM domain.

MAIL FROM has to be a subdomain of the identity, and a parent identity signs for its subdomains with its own d=.
"""

from __future__ import annotations

from todoku.auth.dmarc import DmarcResult
from todoku.causes.dmarc.consumer_from import CONSUMER_DOMAINS
from todoku.causes.dmarc.tag_edit import with_tag
from todoku.words.change import Change, DnsRecord
from todoku.words.verdict import Fix, Reason, Text


def relax(dmarc: DmarcResult) -> tuple[Change, ...]:
    """The DMARC record with relaxed alignment of what passes and is kept apart by it; the other one stays as strict as it is."""
    record = dmarc.record
    if record is None or "s" not in (record.aspf, record.adkim) or record.domain in CONSUMER_DOMAINS:
        return ()
    relaxed = record.text
    if record.aspf == "s" and dmarc.relaxed_spf:
        relaxed = with_tag(relaxed, "aspf", "r")
    if record.adkim == "s" and any(dmarc.relaxed_dkim):
        relaxed = with_tag(relaxed, "adkim", "r")
    if relaxed == record.text:
        return ()
    return (DnsRecord(f"_dmarc.{record.domain}", "TXT", relaxed, replaces=record.text),)


RELAXED_ALIGNMENT = Fix(
    "relaxed-alignment",
    Text("Ask for relaxed alignment", "アライメントをrelaxed(緩和)にする"),
    relax,
)

STRICT_SPF = Reason(
    "strict-spf",
    Text(
        "SPF is about {spf_domain}, but your DMARC record says aspf=s and asks for {from_domain} itself. SES sends with a subdomain in "
        "MAIL FROM, so that under aspf=s SPF is aligned only for mail whose From is at that subdomain.",
        "SPFの判定対象は {spf_domain} ですが、DMARCレコードのaspf=s(厳格)は {from_domain} との完全一致を求めています。"
        "SESのMAIL FROMはサブドメインになるため、aspf=sのままでは、ヘッダーFromがそのサブドメインのメールでしかSPFのアライメントが取れません。",
    ),
    fixes=(RELAXED_ALIGNMENT,),
    case="F22",
)
STRICT_DKIM = Reason(
    "strict-dkim",
    Text(
        "DKIM signs as {dkim_domains}, but your DMARC record says adkim=s and asks for {from_domain} itself. Relax it, or "
        "make {from_domain} an SES identity of its own.",
        "DKIM署名のドメインは {dkim_domains} ですが、DMARCレコードのadkim=s(厳格)は {from_domain} との完全一致を求めています。"
        "relaxed(緩和)にするか、{from_domain} をSESの検証済みIDとして別に登録してください。",
    ),
    fixes=(RELAXED_ALIGNMENT,),
    case="F22",
)
