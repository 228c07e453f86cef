"""What the demo's SES knows of one account in one region, and of the world around it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec
from msgspec.structs import replace

from todoku.demo.ses_error import SesError, bad_request, not_found
from todoku.demo.ses_identity import Dkim, Identity, looked_at
from todoku.demo.ses_keys import BITS, Keys
from todoku.demo.ses_names import dkim_zone
from todoku.mail.envelope import Envelope
from todoku.net.drivers import Source

Parameters = Mapping[str, Any]
"""What a request says or a reply holds, as botocore's model names and types it."""
Reply = dict[str, Any]

MAX_PAGE = 1000
MAX_IDENTITIES = 10_000  # ses/latest/dg/quotas.html
ROTATION = timedelta(days=1)  # no page says how long a change of key length takes


class Sent(msgspec.Struct, frozen=True, kw_only=True):
    """A message as SES handed it to the receivers, with the envelope that they saw."""

    message_id: str
    account: str
    region: str
    raw: bytes
    envelope: Envelope
    recipients: tuple[str, ...]
    suppressed: tuple[str, ...] = ()  # recipients to whom it was not sent
    configuration_set: str = ""
    tls_required: bool = False
    at: datetime


class Surroundings(msgspec.Struct, kw_only=True):
    """What all accounts share: the clock, the DNS, the keys, the post."""

    clock: Callable[[], datetime]
    answers: Source
    verify_after: timedelta
    hosted_zones: Mapping[str, str]
    keys: Keys
    sent: list[Sent]
    regions: dict[tuple[str, str], Region]
    orders: int = 0  # messages that SES was asked to send


class Region(msgspec.Struct, kw_only=True):
    """The state of an account in a region. A test may set what only AWS or time could: limits, metrics, addresses."""

    account: str
    name: str
    world: Surroundings

    identities: dict[str, Identity] = {}
    generations: dict[str, int] = {}  # how often a domain was made, so that it gets new tokens each time
    configuration_sets: dict[str, Reply] = {}
    event_destinations: dict[str, dict[str, Reply]] = {}
    templates: dict[str, Reply] = {}
    contact_lists: dict[str, Reply] = {}
    tenants: dict[str, Reply] = {}
    tenant_resources: dict[str, list[str]] = {}
    endpoints: dict[str, Reply] = {}
    pools: dict[str, str] = {}  # name -> STANDARD or MANAGED
    dedicated_ips: dict[str, Reply] = {}
    suppressed: dict[str, Reply] = {}
    recommendations: list[Reply] = []
    metrics: Callable[[Parameters], Mapping[datetime, int]] = lambda _query: {}  # what VDM says to one query

    production: bool = True
    sending: bool = True
    suspended: bool = False
    enforcement: str = "HEALTHY"
    max_24_hours: float = 50_000.0
    max_rate: float = 14.0
    suppressed_reasons: list[str] = msgspec.field(default_factory=lambda: ["BOUNCE", "COMPLAINT"])
    validation: Reply = {}
    details: Reply = {}
    vdm: Reply = msgspec.field(default_factory=lambda: {"VdmEnabled": "DISABLED"})

    @property
    def now(self) -> datetime:
        """The time by the world's clock."""
        return self.world.clock()

    @property
    def zone(self) -> str:
        """The zone of this region's Easy DKIM keys."""
        return self.world.hosted_zones.get(self.name) or dkim_zone(self.name)

    def look(self) -> None:
        """Let SES look at the DNS of every identity for which it is time."""
        world = self.world
        for name, identity in self.identities.items():
            before = self._rotated(self._replica_checked(identity))
            self.identities[name] = looked_at(before, self.name, self.now, world.answers, world.verify_after)

    def _rotated(self, identity: Identity) -> Identity:
        """A new key length takes effect with the next key: at the next token, a day later."""
        dkim = identity.dkim
        if dkim.length_set_at is None or dkim.current_length == dkim.next_length:
            return identity
        if self.now - dkim.length_set_at < ROTATION:
            return identity
        active = (dkim.active + 1) % len(dkim.tokens)
        self.world.keys.renew(f"{dkim.tokens[active]}.{dkim.zone}", BITS[dkim.next_length])
        rotated = replace(dkim, active=active, current_length=dkim.next_length, generated_at=self.now)
        return replace(identity, dkim=rotated)

    def _replica_checked(self, identity: Identity) -> Identity:
        """A replica of Deterministic Easy DKIM takes tokens and zone from its parent, as long as there is one."""
        parent = parent_region(identity.dkim)
        if not parent:
            return identity
        original = self._elsewhere(parent, identity.name)
        error = replication_error(parent, self.name, original)
        if error or original is None:
            return replace(identity, dkim=replace(identity.dkim, tokens=(), error=error))
        dkim = replace(identity.dkim, tokens=original.dkim.tokens, zone=original.dkim.zone)
        return replace(identity, dkim=dkim)

    def _elsewhere(self, region: str, name: str) -> Identity | None:
        other = self.world.regions.get((self.account, region))
        return None if other is None else other.identities.get(name)

    def identity(self, name: str) -> Identity:
        """The identity of that name. Raises ``NotFoundException``."""
        found = self.identities.get(canonical(name))
        if found is None:
            raise not_found(f"Email identity {name} does not exist.")
        return found

    def domain_of(self, domain: str) -> Identity | None:
        """The domain identity that speaks for a domain: its own, else that of the nearest parent."""
        # ses/latest/dg/creating-identities.html: a subdomain takes the settings of its parent until it has its own
        name = domain
        while name:
            found = self.identities.get(name)
            if found is not None:
                return found
            name = name.partition(".")[2]
        return None

    def sender(self, address: str) -> Identity | None:
        """The verified identity whose settings a From address gets: the address, else its domain, else a parent."""
        # DKIM-problems.md of awsdocs/amazon-ses-developer-guide: an address that was verified by itself uses settings of its own
        local, _, domain = address.rpartition("@")
        names = [f"{local}@{domain.lower()}"]
        labels = domain.lower().split(".")
        names += [".".join(labels[start:]) for start in range(len(labels) - 1)]
        candidates = [self.identities[name] for name in names if name in self.identities]
        return next((each for each in candidates if may_send(each)), None)

    def configuration_set(self, name: str) -> Reply:
        """The configuration set of that name. Raises ``NotFoundException``."""
        found = self.configuration_sets.get(name)
        if found is None:
            raise not_found(f"Configuration set <{name}> does not exist.")
        return found

    def arn(self, kind: str, name: str) -> str:
        """The resource's name: ``arn:aws:ses:eu-west-1:123456789012:identity/example.com``."""
        partition = "aws-us-gov" if self.name.startswith("us-gov-") else "aws"
        return f"arn:{partition}:ses:{self.name}:{self.account}:{kind}/{name}"


def canonical(name: str) -> str:
    """An identity's name with its domain in lower case; an address keeps the case of its local part."""
    # ses/latest/dg/creating-identities.html: domains without regard to case, addresses with it
    local, at, domain = name.rpartition("@")
    return f"{local}{at}{domain.lower()}"


def may_send(identity: Identity) -> bool:
    """Whether mail may be sent from the identity."""
    # TEMPORARY_FAILURE: SES goes on sending, unsigned, while it looks again for the records
    return identity.verification in ("SUCCESS", "TEMPORARY_FAILURE")


def parent_region(dkim: Dkim) -> str:
    """The region from which Deterministic Easy DKIM takes its tokens: ``AWS_SES_EU_WEST_1`` is ``eu-west-1``."""
    return dkim.origin.removeprefix("AWS_SES").lstrip("_").lower().replace("_", "-") if dkim.easy else ""


def replication_error(parent: str, here: str, original: Identity | None) -> str:
    """Why a replica cannot follow its parent: APIReference-V2/API_VerificationInfo.html."""
    if parent == here:
        return "REPLICATION_PRIMARY_INVALID_REGION"
    if original is None or original.is_address:
        return "REPLICATION_PRIMARY_NOT_FOUND"
    if not original.dkim.easy:
        return "REPLICATION_PRIMARY_BYO_DKIM_NOT_SUPPORTED"
    return "REPLICATION_REPLICA_AS_PRIMARY_NOT_SUPPORTED" if original.dkim.origin != "AWS_SES" else ""


def page(items: Sequence[Any], parameters: Parameters, key: str, size: int = MAX_PAGE) -> Reply:
    """The part of ``items`` that was asked for, and the token of the next part where there is one."""
    token = parameters.get("NextToken") or "0"
    if not token.isdecimal() or not token.isascii() or int(token) > len(items):
        raise SesError("BadRequestException", "The specified NextToken is invalid.")
    start, length = int(token), parameters.get("PageSize") or size
    if length < 0:
        raise bad_request("PageSize must not be negative.")
    reply: Reply = {key: list(items[start : start + length])}
    return {**reply, "NextToken": str(start + length)} if start + length < len(items) else reply


def filtered(items: Sequence[Reply], parameters: Parameters, keys: Mapping[str, str]) -> list[Reply]:
    """The items that the request's filter lets through; ``keys`` says which field a filter key looks at."""
    wanted = parameters.get("Filter", {})
    strange = wanted.keys() - keys.keys()
    if strange:
        raise bad_request(f"Unknown filter: {', '.join(sorted(strange))}.")
    return [
        each for each in items if all(_lets_through(key, value, each.get(keys[key])) for key, value in wanted.items())
    ]


def _lets_through(key: str, wanted: str, held: str | None) -> bool:
    """Whether a field has the value, or for a key of that name holds it somewhere."""
    return wanted in (held or "") if key.endswith("_CONTAINS") else wanted == held


def tags_of(parameters: Parameters) -> dict[str, str]:
    """The tags of a request as a dict."""
    return {tag["Key"]: tag["Value"] for tag in parameters.get("Tags", ())}


def tag_list(tags: Mapping[str, str]) -> list[Reply]:
    """Tags as the API lists them."""
    return [{"Key": key, "Value": value} for key, value in tags.items()]
