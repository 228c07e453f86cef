"""The evidence of an SES account in one region: what SES says of each identity, and what DNS says of the same names.

SES has one status for three CNAMEs and looks at a MAIL FROM domain's MX alone. So every record is looked up by itself, with
the names that SES gave: selectors, zone and MAIL FROM domain are then known and need not be guessed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

import msgspec

from todoku.account.identity import SesIdentity
from todoku.account.permissions import action_of
from todoku.account.read import AccountReading, IdentityReading, Wanted, read
from todoku.account.sending import ConfigurationSet, Recommendation, SesAccount
from todoku.auth.ask import Allowance, Ask, Look, Reply, all_of, dns, limited, together
from todoku.auth.iprev import IprevResult, iprev
from todoku.auth.setup import DomainSetup, domain_setup
from todoku.auth.suffixes import Suffixes
from todoku.causes import missing_reasons
from todoku.causes.missing_reasons import NO_ACCOUNT, SES_CLOSED, SES_DENIED, SET_GONE
from todoku.causes.unreliable_dns import darkness
from todoku.evidence.domain import MAX_QUESTIONS, domain_facts
from todoku.evidence.facts import Evidence, Subject
from todoku.evidence.traffic import SERVICE, store_closed
from todoku.words.verdict import Missing

AT_ONCE = 50
"""Identities whose DNS is looked up side by side."""


class AccountEvidence(msgspec.Struct, frozen=True, kw_only=True):
    """What was read of an account in one region, and the evidence of each identity, in the order of their names."""

    reading: AccountReading
    identities: tuple[Evidence, ...]


def gather_account(wanted: Wanted, *, now: datetime | None, suffixes: Suffixes) -> Look[AccountEvidence]:
    """The evidence of one account in one region. It reads, and changes nothing."""
    reading = yield from read(wanted, None if now is None else now.astimezone(UTC).date())
    addresses = yield from dns(together(*(iprev(one.address) for one in reading.listing.dedicated)))
    own = {result.ip: result for result in addresses}
    said = {one.name: one.said for one in (*reading.identities, *reading.wider)}
    evidence: list[Evidence] = []
    ordered = sorted(reading.identities, key=lambda one: (one.name.rpartition("@")[2], one.name))
    for start in range(0, len(ordered), AT_ONCE):
        chunk = ordered[start : start + AT_ONCE]
        evidence += yield from all_of([_identity(reading, one, _wider(one, said), own, now, suffixes) for one in chunk])
    return AccountEvidence(reading=reading, identities=tuple(evidence))


def compared_by_region(read_together: Sequence[AccountEvidence]) -> tuple[AccountEvidence, ...]:
    """What was read of one account in all its regions, each identity with the other regions in which it is verified.

    Where it is in none that could be read, and one could not be, that stays unknown.
    """
    verified: dict[str, list[str]] = {}
    for one in read_together:
        for each in one.identities:
            if isinstance(each.identity, SesIdentity) and each.identity.verified:
                verified.setdefault(each.subject.name, []).append(each.identity.region)
    return tuple(_with_regions(one, read_together, verified) for one in read_together)


def _with_regions(
    one: AccountEvidence, read_together: Sequence[AccountEvidence], verified: Mapping[str, Sequence[str]]
) -> AccountEvidence:
    here = one.reading.wanted.region
    others = [other for other in read_together if other is not one]
    identities = []
    for each in one.identities:
        name = each.subject.name
        regions = tuple(region for region in verified.get(name, ()) if region != here)
        unread = not regions and any(_is_closed(other, name) for other in others)
        identities.append(msgspec.structs.replace(each, elsewhere=None if unread else regions))
    return msgspec.structs.replace(one, identities=tuple(identities))


def _is_closed(region: AccountEvidence, name: str) -> bool:
    """Whether SES did not let it be read if the identity is there."""
    listed = region.reading.listed
    return isinstance(listed, Reply) or any(
        one.subject.name == name and isinstance(one.identity, Missing) for one in region.identities
    )


def _wider(one: IdentityReading, said: Mapping[str, SesIdentity | Reply]) -> SesIdentity | Missing | None:
    """The identity by whose settings mail would go if this one were not there; None where there is none."""
    found = said.get(one.broader[0]) if one.broader else None  # None too: it was deleted since it was listed
    return closed(found) if isinstance(found, Reply) else found


def _identity(
    reading: AccountReading,
    one: IdentityReading,
    wider: SesIdentity | Missing | None,
    own: dict[str, IprevResult],
    now: datetime | None,
    suffixes: Suffixes,
) -> Look[Evidence]:
    """The evidence of one identity: that of its domain, and what SES says of it."""
    said = one.said
    domain = one.name.rpartition("@")[2].lower()
    setup = yield from dns(limited(_setup(domain, one, wider, suffixes), Allowance(MAX_QUESTIONS)))
    dark = yield from dns(darkness(setup.answers))
    facts = domain_facts(domain, now, setup, dark, region=reading.wanted.region)
    configuration = _configuration_set(reading, said)
    return msgspec.structs.replace(
        facts,
        subject=Subject(kind="account", name=one.name),
        identity=said if isinstance(said, SesIdentity) else closed(said),
        account=reading.account if isinstance(reading.account, SesAccount) else closed(reading.account),
        configuration_set=configuration,
        addresses=_addresses(reading, configuration, own),
        broader=one.broader,
        wider=wider,
        recommendations=_recommendations(reading, one.name),
        reputation=closed(reading.reputation)
        if isinstance(reading.reputation, Reply)
        else reading.reputation or NO_ACCOUNT,
    )


def _setup(
    domain: str, one: IdentityReading, wider: SesIdentity | Missing | None, suffixes: Suffixes
) -> Ask[DomainSetup]:
    """The engine that looks at DNS, with the names that SES gave. An address is signed with the keys of its domain's identity."""
    said = one.said
    if isinstance(said, Reply):
        return domain_setup(domain, selectors=(), suffixes=suffixes)
    signer = one.broader[0].lower() if said.kind == "address" and wider is not None else ""
    return domain_setup(
        domain,
        selectors=said.dkim.tokens,
        mail_from_domains=(said.mail_from.domain,) if said.mail_from.domain else (),
        suffixes=suffixes,
        said=msgspec.structs.replace(said.said, signer=signer),
    )


def closed(reply: Reply) -> Missing:
    """Why something of SES could not be read: with the permission that it takes, where that is what is missing. Or of the store."""
    if reply.call.service == SERVICE:
        return store_closed(reply)
    operation, region, action = reply.call.operation, reply.call.region, action_of(reply.call)
    if reply.status == "denied" and action in reply.detail:  # or else the credentials are refused, or the region is off
        return missing_reasons.could_not_look(SES_DENIED, operation=operation, region=region, action=action)
    return missing_reasons.could_not_look(
        SES_CLOSED, operation=operation, region=region, detail=reply.detail or reply.status
    )


def _configuration_set(reading: AccountReading, said: SesIdentity | Reply) -> ConfigurationSet | Missing | None:
    if isinstance(said, Reply):
        return closed(said)
    if not said.configuration_set:
        return None
    found = reading.configuration_set(said.configuration_set)
    if isinstance(found, Reply) and found.status == "absent":
        return missing_reasons.could_not_look(SET_GONE, name=said.configuration_set, region=said.region)
    return closed(found) if isinstance(found, Reply) else found


def _addresses(
    reading: AccountReading, configuration: ConfigurationSet | Missing | None, own: dict[str, IprevResult]
) -> tuple[IprevResult, ...] | Missing:
    """The account's own addresses that the identity sends from: those of its configuration set's pool, else of the default pool."""
    refused = _failed(reading, "GetDedicatedIps")
    if refused is not None:
        return refused
    if isinstance(configuration, Missing):
        return configuration
    pool = configuration.pool if configuration is not None and configuration.pool else "ses-default-dedicated-pool"
    return tuple(own[one.address] for one in reading.listing.dedicated if one.pool == pool)


def _failed(reading: AccountReading, operation: str) -> Missing | None:
    """Why a listing could not be had, or None where it was."""
    refused = (reply for reply in reading.listing.failed if reply.call.operation == operation)
    return next((closed(reply) for reply in refused), None)


def _recommendations(reading: AccountReading, name: str) -> tuple[Recommendation, ...] | Missing:
    failed = next((reply for reply in reading.listing.failed if reply.call.operation == "ListRecommendations"), None)
    if failed is not None and failed.status != "refused":  # where SES does not take the call, it recommends nothing
        return closed(failed)
    return tuple(one for one in reading.listing.recommendations if one.identity.lower() == name.lower())
