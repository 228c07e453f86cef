"""What will be aligned with the From domain, judged from what is set up in DNS before anything is sent."""

from __future__ import annotations

from todoku.auth.setup import DomainSetup
from todoku.causes.circumstances import is_within
from todoku.causes.consumer_from import CONSUMER_DOMAINS, CONSUMER_FROM
from todoku.causes.dmarc_record import DNS_FAILED, record_exhibits, record_values
from todoku.causes.easy_dkim import EASY_DKIM
from todoku.causes.mail_from import CUSTOM_MAIL_FROM
from todoku.causes.selector_records import selectors_finding
from todoku.causes.setup_mail_from import mail_from_finding
from todoku.causes.signatures import as_notes
from todoku.causes.strict_alignment import STRICT_DKIM, STRICT_SPF
from todoku.verdict import Finding, Note, Reason, Text, Value

WILL_ALIGN = Reason(
    "will-align",
    Text(
        "Mail from {from_domain} will be aligned by what is set up: {aligned}.",
        "{from_domain} から送るメールは、設定済みの{aligned}でFromのドメインと一致します。",
    ),
)
NOTHING_ALIGNS = Reason(
    "nothing-will-align",
    Text(
        "Nothing that is set up in DNS will be aligned with {from_domain}: mail from SES would be authenticated as amazonses.com "
        "alone, and DMARC fails.",
        "DNSの設定では、{from_domain} と一致する認証がありません。SESから送るメールはamazonses.comとしてしか認証されず、DMARCに失敗します。",
    ),
    fixes=(EASY_DKIM, CUSTOM_MAIL_FROM),
    case="F01",
)


class Prospect:
    """The domains that will be authenticated, each with whether it will be aligned with From."""

    def __init__(self, setup: DomainSetup) -> None:
        """Read it from the setup; without a DMARC record the organization decides."""
        self.setup = setup
        dmarc = setup.dmarc
        no_record = dmarc.treewalk.status not in ("found", "temperror")
        self.by_spf = dmarc.treewalk.spf_aligned or (no_record and dmarc.spf_passed and self._own(dmarc.spf_domain))
        flags = dmarc.treewalk.dkim_aligned
        pairs = zip(setup.selectors, flags, dmarc.dkim_passed, strict=True)
        self.signers = tuple(
            dict.fromkeys(
                key.domain
                for key, aligned, passed in pairs
                if aligned or (no_record and passed and self._own(key.domain))
            )
        )

    def _own(self, domain: str) -> bool:
        return is_within(domain, self.setup.organization)

    @property
    def values(self) -> dict[str, Value]:
        """The domains side by side."""
        dmarc = self.setup.dmarc
        aligned = [f"SPF ({dmarc.spf_domain})"] if self.by_spf else []
        aligned += [f"DKIM ({name})" for name in self.signers]
        return {
            **record_values(dmarc),
            "spf_domain": dmarc.spf_domain or "amazonses.com",
            "dkim_domains": ", ".join(dict.fromkeys(dmarc.dkim_domains)) or "amazonses.com",
            "aligned": ", ".join(aligned),
        }


def prospect_finding(setup: DomainSetup) -> Finding:
    """Whether anything will be aligned; that nothing was found proves it only where everything was named and looked at."""
    seen = Prospect(setup)
    values, exhibits = seen.values, record_exhibits(setup.dmarc)
    if setup.name in CONSUMER_DOMAINS:
        return Finding("fail", CONSUMER_FROM, values, exhibits)
    if seen.by_spf or seen.signers:
        return Finding("pass", WILL_ALIGN, values, exhibits)
    dmarc = setup.dmarc
    if dmarc.treewalk.status == "temperror":
        return Finding("unknown", DNS_FAILED, values, exhibits, missing="could-not-look")
    senders, keys = mail_from_finding(setup), selectors_finding(setup)
    for said in (senders, keys):
        if said.missing == "could-not-look":
            return said
    strict = [reason for reason, is_strict in _strictness(setup) if is_strict]
    if strict:
        return Finding("fail", strict[0], values, exhibits, tuple(Note(reason, values) for reason in strict[1:]))
    if keys.result != "fail":
        return keys if keys.missing else senders
    return Finding("fail", NOTHING_ALIGNS, values, exhibits, (*as_notes(keys), *as_notes(senders)))


def both_finding(setup: DomainSetup) -> Finding | None:
    """Whether the second method will be aligned too; what was not found under a usual name is told, not held against anybody."""
    seen = Prospect(setup)
    if not (seen.by_spf or seen.signers):
        return None
    values, exhibits = seen.values, record_exhibits(setup.dmarc)
    for reason, is_strict in _strictness(setup):
        if is_strict:
            return Finding("fail", reason, values, exhibits)
    if seen.by_spf and seen.signers:
        return Finding("pass", WILL_ALIGN, values, exhibits)
    other = selectors_finding(setup) if seen.by_spf else mail_from_finding(setup)
    if other.result in ("fail", "warn"):
        return Finding("fail", other.reason, {**values, **other.values}, (*exhibits, *other.exhibits), other.notes)
    notes = () if other.result == "pass" else as_notes(other)  # one that works for another organization
    return Finding("pass", WILL_ALIGN, values, exhibits, notes)


def _strictness(setup: DomainSetup) -> tuple[tuple[Reason, bool], ...]:
    """Which strictness keeps apart what belongs together."""
    dmarc = setup.dmarc
    strict_spf = dmarc.relaxed_spf and not dmarc.treewalk.spf_aligned and dmarc.record is not None
    flags = zip(dmarc.relaxed_dkim, dmarc.treewalk.dkim_aligned, strict=True)
    strict_dkim = dmarc.record is not None and any(relaxed and not aligned for relaxed, aligned in flags)
    return ((STRICT_DKIM, strict_dkim), (STRICT_SPF, strict_spf))
