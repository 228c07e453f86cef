"""The engine that reads an SES account in one region: a few rounds of calls, none of which changes anything.

First what the account is and what it has; then each identity that was asked for; then the configuration sets that these
really use, and the rates that SES publishes. What an API refuses is kept as its ``Reply``: it is "could not look", never "is not set up".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from fnmatch import fnmatchcase
from typing import TypeVar

import msgspec

from todoku.account.identity import FIELDS as IDENTITY_FIELDS
from todoku.account.identity import SesIdentity, read_identity
from todoku.account.reputation import Reputation, reputation
from todoku.account.sending import (
    ACCOUNT_FIELDS,
    SET_FIELDS,
    ConfigurationSet,
    Listing,
    SesAccount,
    read_account,
    read_configuration_set,
    read_dedicated,
    read_recommendations,
)
from todoku.account.suppression import FIELD as SUPPRESSED
from todoku.account.suppression import SuppressionList, read_suppression_list
from todoku.auth.ask import Call, Look, Reply, all_of, call

T = TypeVar("T")


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """Which account, region and identities. ``profile`` is a profile's name, a role's ARN, or "" for the ordinary chain.

    ``identities`` are shell patterns, of which one has to match (none: all); ``tags`` all have to be there; ``tenant`` is
    a tenant of SES whose resources the identities must be among.
    """

    profile: str
    region: str
    identities: tuple[str, ...] = ()
    tags: tuple[tuple[str, str], ...] = ()
    tenant: str = ""

    def read(self, operation: str, fields: Sequence[str], **parameters: str) -> Look[Reply]:
        """One reply of SES."""
        return call("sesv2", self.profile, self.region, operation, fields, **parameters)

    def listed(self, operation: str, field: str, **parameters: str) -> Look[Reply]:
        """All pages of one listing."""
        (reply,) = yield (
            Call(
                "sesv2", self.profile, self.region, operation, tuple(sorted(parameters.items())), (field,), paged=True
            ),
        )
        assert isinstance(reply, Reply)  # noqa: S101 -- a driver answers a call with a reply
        return reply


class IdentityReading(msgspec.Struct, frozen=True, kw_only=True):
    """An identity by its name, with what SES says of it or why that could not be had.

    ``broader``: the identities that it takes precedence over, the nearest first.
    """

    name: str
    said: SesIdentity | Reply
    broader: tuple[str, ...] = ()


class AccountReading(msgspec.Struct, frozen=True, kw_only=True):
    """All that was read of an account in one region. ``listed`` are the names of its identities (the tenant's, where one was
    named), those that the patterns leave out too: an identity that is left out may still take precedence. ``wider`` are those
    left out that one of ``identities`` takes precedence over. ``reputation`` is None where it was not asked for.
    """

    wanted: Wanted
    account: SesAccount | Reply
    listed: tuple[str, ...] | Reply
    identities: tuple[IdentityReading, ...] = ()
    wider: tuple[IdentityReading, ...] = ()
    sets: tuple[tuple[str, ConfigurationSet | Reply], ...] = ()
    listing: Listing = Listing()
    reputation: Reputation | Reply | None = None
    suppressed: SuppressionList | Reply | None = None

    def configuration_set(self, name: str) -> ConfigurationSet | Reply | None:
        """The configuration set of that name, why it could not be read, or None where it was not asked for."""
        return dict(self.sets).get(name)


def read(wanted: Wanted, today: date | None = None) -> Look[AccountReading]:
    """What SES says of the account, of the identities that are wanted, and of what they send through.

    ``today``: the day of UTC up to which SES's own rates are read; without it they are not.
    """
    caller, account, listed, others, suppressed = yield from _first_round(wanted)
    names = listed if listed.failed else tuple(one["IdentityName"] for one in listed.value.get("EmailIdentities", ()))
    if wanted.tenant and not isinstance(names, Reply):
        names = yield from _of_tenant(wanted, names)
    asked = () if isinstance(names, Reply) else tuple(name for name in names if _matches(name, wanted.identities))
    identities = yield from _identities(wanted, asked, () if isinstance(names, Reply) else names)
    chosen = set(asked)
    kept = tuple(one for one in identities if one.name in chosen and _has_tags(one.said, wanted.tags))
    left = {one.name for one in identities} - {one.name for one in kept}
    sets = yield from _sets(wanted, kept)
    rates = None if today is None else (yield from reputation(wanted.profile, wanted.region, today))
    number = str(caller.value.get("Account", ""))
    return AccountReading(
        wanted=wanted,
        account=account if account.failed else read_account(number, wanted.region, account.value),
        listed=names,
        identities=kept,
        wider=tuple(one for one in identities if one.name in left),
        sets=sets,
        listing=_listing(others),
        reputation=rates,
        suppressed=suppressed if suppressed.failed else read_suppression_list(suppressed.value.get(SUPPRESSED, ())),
    )


def _first_round(wanted: Wanted) -> Look[tuple[Reply, Reply, Reply, tuple[Reply, ...], Reply]]:
    caller, account, listed, *others, suppressed = yield from all_of(
        [
            call("sts", wanted.profile, wanted.region, "GetCallerIdentity", ("Account",)),
            wanted.read("GetAccount", ACCOUNT_FIELDS),
            wanted.listed("ListEmailIdentities", "EmailIdentities"),
            wanted.listed("GetDedicatedIps", "DedicatedIps"),
            wanted.listed("ListContactLists", "ContactLists"),
            wanted.listed("ListRecommendations", "Recommendations"),
            wanted.listed("ListSuppressedDestinations", SUPPRESSED),
        ]
    )
    return caller, account, listed, tuple(others), suppressed


def _matches(name: str, patterns: Sequence[str]) -> bool:
    return not patterns or any(fnmatchcase(name.lower(), pattern.lower()) for pattern in patterns)


def _identities(wanted: Wanted, asked: Sequence[str], listed: Sequence[str]) -> Look[tuple[IdentityReading, ...]]:
    """The identities that were asked for, then those that they take precedence over."""
    by_name = {other.lower(): other for other in listed}
    broader = {name: _broader(name, by_name) for name in asked}
    names = tuple(dict.fromkeys((*asked, *(other for found in broader.values() for other in found))))
    replies = yield from all_of([wanted.read("GetEmailIdentity", IDENTITY_FIELDS, EmailIdentity=one) for one in names])
    return tuple(
        IdentityReading(name=name, said=_identity(name, wanted.region, reply), broader=broader.get(name, ()))
        for name, reply in zip(names, replies, strict=True)
        if reply.status != "absent"  # deleted since it was listed
    )


def _broader(name: str, listed: Mapping[str, str]) -> tuple[str, ...]:
    """Of an address its domain, then as of a domain every parent domain, as far as these are identities."""
    labels = name.rpartition("@")[2].lower().split(".")
    first = 0 if "@" in name else 1
    domains = (".".join(labels[index:]) for index in range(first, len(labels) - 1))
    return tuple(listed[domain] for domain in domains if domain in listed)


def _of_tenant(wanted: Wanted, names: tuple[str, ...]) -> Look[tuple[str, ...] | Reply]:
    """Those of the names that belong to the tenant, or why SES does not say; none where there is no such tenant in the region."""
    reply = yield from wanted.listed("ListTenantResources", "TenantResources", TenantName=wanted.tenant)
    if reply.failed:
        return reply
    arns = {one.get("ResourceArn", "") for one in reply.value.get("TenantResources", ())}
    own = {arn.partition(":identity/")[2] for arn in arns}
    return tuple(name for name in names if name in own)


def _identity(name: str, region: str, reply: Reply) -> SesIdentity | Reply:
    return reply if reply.failed else read_identity(name, region, reply.value)


def _has_tags(said: SesIdentity | Reply, tags: Sequence[tuple[str, str]]) -> bool:
    """Whether it bears every tag; what could not be read is kept, so that it is told."""
    return isinstance(said, Reply) or set(tags) <= set(said.tags)


def _sets(
    wanted: Wanted, identities: Sequence[IdentityReading]
) -> Look[tuple[tuple[str, ConfigurationSet | Reply], ...]]:
    """The configuration sets that the identities have as their default."""
    used = [one.said.configuration_set for one in identities if isinstance(one.said, SesIdentity)]
    names = tuple(dict.fromkeys(filter(None, used)))
    replies = yield from all_of(
        [wanted.read("GetConfigurationSet", SET_FIELDS, ConfigurationSetName=one) for one in names]
    )
    return tuple(
        (name, reply if reply.status != "ok" else read_configuration_set(name, reply.value))
        for name, reply in zip(names, replies, strict=True)
    )


def _listing(replies: Sequence[Reply]) -> Listing:
    dedicated, contacts, recommendations = replies
    return Listing(
        dedicated=read_dedicated(dedicated.value.get("DedicatedIps", ())),
        contact_lists=tuple(one["ContactListName"] for one in contacts.value.get("ContactLists", ())),
        recommendations=read_recommendations(recommendations.value.get("Recommendations", ())),
        failed=tuple(reply for reply in replies if reply.failed),
    )
