"""What will be aligned with the From domain, judged from what is set up in DNS, and in SES where it was asked, before anything is sent."""

from __future__ import annotations

import msgspec

from todoku.account.identity import SesIdentity
from todoku.auth.setup import DomainSetup
from todoku.causes.circumstances import is_within
from todoku.causes.dkim.easy_dkim import EASY_DKIM
from todoku.causes.dkim.ses_signing import signing_finding, signs_as
from todoku.causes.dkim.signatures import as_notes
from todoku.causes.dmarc.consumer_from import CONSUMER_DOMAINS, CONSUMER_FROM
from todoku.causes.dmarc.methods_differ import METHODS_DIFFER, differing_values
from todoku.causes.dmarc.record import DNS_FAILED, record_exhibits, record_values
from todoku.causes.dmarc.strict_alignment import STRICT_DKIM, STRICT_SPF
from todoku.causes.mail_from.custom import CUSTOM_MAIL_FROM
from todoku.causes.mail_from.ses_sender import sender_finding, sends_as
from todoku.causes.narrower_identity import NARROWER, hidden, narrower_values
from todoku.causes.ses_identity import dkim_exhibit, mail_from_exhibit, not_read
from todoku.causes.spf.open_record import aligned_trees, with_openness
from todoku.words.verdict import Exhibit, Finding, Missing, Note, Reason, Text, Value

WILL_ALIGN = Reason(
    "will-align",
    Text(
        "Mail from {from_domain} will be aligned by what is set up: {aligned}.",
        "{from_domain} から送るメールは、設定済みの{aligned}でアライメントが取れます。",
    ),
)
NOTHING_ALIGNS = Reason(
    "nothing-will-align",
    Text(
        "Nothing that is set up will be aligned with {from_domain}: mail from SES would be authenticated as amazonses.com alone, and "
        "DMARC fails.",
        "{from_domain} とアライメントが取れる認証が設定されていません。SESから送るメールはamazonses.comとしてしか認証されず、DMARCに失敗します。",
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
        tree = dmarc.treewalk
        no_record = tree.status not in ("found", "temperror")
        self.by_spf = tree.spf_aligned or (no_record and dmarc.spf_passed and self._own(dmarc.spf_domain))
        pairs = zip(setup.selectors, tree.dkim_aligned, dmarc.dkim_passed, strict=True)
        self.signers = tuple(
            dict.fromkeys(
                key.domain
                for key, aligned, passed in pairs
                if aligned or (no_record and passed and self._own(key.domain))
            )
        )
        told = setup.said
        sends, signs = (True, True) if told is None else (told.uses_mail_from, told.signs)
        dark_senders = sends and (bool(setup.mail_from_unseen) or any(one.failed for one in setup.mail_from))
        dark_keys = signs and any(key.failed for key in setup.selectors)
        by_spf_names = tree.spf_undecided or dmarc.spf_domain in dmarc.undetermined
        by_key_names = any(
            (undecided or (key.domain in dmarc.undetermined and not related))
            and not key.resting  # that one is not in use
            for key, undecided, related in zip(setup.selectors, tree.dkim_undecided, dmarc.dkim_related, strict=True)
        )
        self.spf_undecided = not self.by_spf and (dark_senders or by_spf_names)
        self.dkim_undecided = not self.signers and (dark_keys or by_key_names)

    def _own(self, domain: str) -> bool:
        return is_within(domain, self.setup.organization)

    @property
    def is_related(self) -> bool:
        """Whether the suffix list puts a name that will be aligned into From's organization."""
        return any(map(self._own, (*((self.setup.dmarc.spf_domain,) if self.by_spf else ()), *self.signers)))

    @property
    def values(self) -> dict[str, Value]:
        """The domains side by side."""
        dmarc, senders = self.setup.dmarc, sends_as(self.setup)
        aligned = [f"SPF ({dmarc.spf_domain})"] if self.by_spf else []
        aligned += [f"DKIM ({name})" for name in self.signers]
        return {
            **record_values(dmarc),
            "spf_domain": dmarc.spf_domain if dmarc.spf_domain in senders else senders[0],
            "dkim_domains": ", ".join(signs_as(self.setup)),
            "aligned": ", ".join(aligned),
        }


def prospect_finding(
    setup: DomainSetup, identity: SesIdentity | Missing, wider: SesIdentity | Missing | None
) -> Finding:
    """Whether anything will be aligned, and not by a record that anyone is aligned by."""
    said = plain_prospect(setup, identity, wider)
    return with_openness(said, aligned_trees(setup.spf_trees, setup.dmarc))


def plain_prospect(setup: DomainSetup, identity: SesIdentity | Missing, wider: SesIdentity | Missing | None) -> Finding:
    """Whether anything will be aligned, by whatever record; that nothing was found proves it only where everything was named and looked at."""
    seen = Prospect(setup)
    values, exhibits = seen.values, (*record_exhibits(setup.dmarc), *_said(identity))
    if setup.name in CONSUMER_DOMAINS:
        return Finding("fail", CONSUMER_FROM, values, exhibits)
    if (shut := not_read(identity)) is not None:
        return shut
    if seen.by_spf or seen.signers:
        if setup.dmarc.record is not None and not seen.is_related:
            return Finding("warn", METHODS_DIFFER, {**values, **differing_values(setup.dmarc)}, exhibits)
        return Finding("pass", WILL_ALIGN, values, exhibits)
    senders, keys = sender_finding(setup, identity, wider), signing_finding(setup, identity, wider)
    if seen.spf_undecided or seen.dkim_undecided or setup.dmarc.treewalk.status == "temperror":
        return _dark(setup, *((senders,) if seen.spf_undecided else ()), *((keys,) if seen.dkim_undecided else ()))
    strict = [reason for reason, is_strict in _strictness(setup) if is_strict]
    if strict:
        return Finding("fail", strict[0], values, exhibits, tuple(Note(reason, values) for reason in strict[1:]))
    causes = (*_causes(keys), *_causes(senders))
    if isinstance(identity, SesIdentity):
        return _nothing_aligns(identity, wider, values, exhibits, causes)
    if keys.result != "fail":
        return keys if keys.missing else senders
    return Finding("fail", NOTHING_ALIGNS, values, exhibits, causes)


def _nothing_aligns(
    identity: SesIdentity,
    wider: SesIdentity | Missing | None,
    values: dict[str, Value],
    exhibits: tuple[Exhibit, ...],
    causes: tuple[Note, ...],
) -> Finding:
    """What SES says leaves no doubt. Where a wider identity is better set up, it is the narrower one that is in the way."""
    if isinstance(wider, SesIdentity) and hidden(identity, wider):
        others = tuple(note for note in causes if note.reason is not NARROWER)
        named = {**values, **narrower_values(identity, wider)}
        return Finding("fail", NARROWER, named, (*exhibits, *_said(wider)), others)
    return Finding("fail", NOTHING_ALIGNS, values, exhibits, causes)


def both_finding(
    setup: DomainSetup, identity: SesIdentity | Missing, wider: SesIdentity | Missing | None
) -> Finding | None:
    """Whether the second method will be aligned too; what was not found under a usual name is told, not held against anybody."""
    seen = Prospect(setup)
    if not_read(identity) or not (seen.by_spf or seen.signers):
        return None
    values, exhibits = seen.values, record_exhibits(setup.dmarc)
    for reason, is_strict in _strictness(setup):
        if is_strict:
            return Finding("fail", reason, values, exhibits)
    if seen.by_spf and seen.signers:
        return Finding("pass", WILL_ALIGN, values, exhibits)
    other = signing_finding(setup, identity, wider) if seen.by_spf else sender_finding(setup, identity, wider)
    if seen.spf_undecided or seen.dkim_undecided:
        return _dark(setup, other)
    causes = _causes(other)
    if other.result in ("fail", "warn") or (causes and isinstance(identity, SesIdentity)):
        first = causes[0]
        return Finding("fail", first.reason, {**values, **first.values}, (*exhibits, *other.exhibits), causes[1:])
    notes = () if other.result == "pass" else as_notes(other)  # one that works for another organization
    return Finding("pass", WILL_ALIGN, values, exhibits, notes)


def _causes(said: Finding) -> tuple[Note, ...]:
    """Why the domain itself is not authenticated by one of the two: of what passes as SES alone, what is beside it.

    What DNS did not answer comes last: SES does not use it, or it would have been left undecided.
    """
    if said.missing == "could-not-look":
        return (*said.notes, *as_notes(msgspec.structs.replace(said, notes=())))
    return said.notes if said.result == "pass" else as_notes(said)


def _dark(setup: DomainSetup, *said: Finding) -> Finding:
    """What could not be looked at: a MAIL FROM domain or a key, by its own words, or else the DMARC record and what is above it."""
    own = next((one for one in said if one.missing == "could-not-look"), None)
    values, exhibits = record_values(setup.dmarc), record_exhibits(setup.dmarc)
    return own or Finding("unknown", DNS_FAILED, values, exhibits, missing="could-not-look")


def _said(identity: SesIdentity | Missing) -> tuple[Exhibit, ...]:
    return () if isinstance(identity, Missing) else (dkim_exhibit(identity), mail_from_exhibit(identity))


def _strictness(setup: DomainSetup) -> tuple[tuple[Reason, bool], ...]:
    """Which strictness keeps apart what belongs together."""
    dmarc = setup.dmarc
    strict_spf = dmarc.relaxed_spf and not dmarc.treewalk.spf_aligned and dmarc.record is not None
    flags = zip(dmarc.relaxed_dkim, dmarc.treewalk.dkim_aligned, strict=True)
    strict_dkim = dmarc.record is not None and any(relaxed and not aligned for relaxed, aligned in flags)
    return ((STRICT_DKIM, strict_dkim), (STRICT_SPF, strict_spf))
