"""What an account may send in one region, and through what: quota, sandbox, configuration sets, addresses of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from todoku.auth.ask import Reply

ACCOUNT_FIELDS = (
    "EnforcementStatus",
    "ProductionAccessEnabled",
    "SendQuota",
    "SendingEnabled",
    "SuppressionAttributes",
    "VdmAttributes",
)
"""What of ``GetAccount``'s reply is kept: not ``Details``, which holds contact addresses."""
SET_FIELDS = ("DeliveryOptions", "SendingOptions", "SuppressionOptions", "ReputationOptions", "TrackingOptions", "Tags")

BULK = 4_000
"""Messages in one day from which we take a sender for a bulk sender. Gmail's own line is "close to 5,000" to its users."""


class Quota(msgspec.Struct, frozen=True, kw_only=True):
    """How much may be sent and was sent. ``per_day`` -1: without a limit."""

    per_day: float = 0.0
    per_second: float = 0.0
    sent: float = 0.0  # in the last 24 hours


class SesAccount(msgspec.Struct, frozen=True, kw_only=True):
    """An account in one region. ``enforcement`` is AWS's own word: ``HEALTHY``, ``PROBATION``, ``SHUTDOWN``."""

    number: str  # twelve digits, or "" where it could not be had
    region: str
    production: bool = False
    enforcement: str = ""
    sending: bool = True
    quota: Quota = Quota()
    suppressed: tuple[str, ...] = ()  # "BOUNCE", "COMPLAINT"
    vdm: bool = False

    @property
    def may_be_small(self) -> bool:
        """Whether the account could not send bulk mail in a day even if it wanted to: the sandbox's quota is 200."""
        return 0 <= self.quota.per_day < BULK


class ConfigurationSet(msgspec.Struct, frozen=True, kw_only=True):
    """A configuration set. ``delivery`` is the API's own object, sent back as it was read when a part of it changes."""

    name: str
    require_tls: bool = False
    pool: str = ""
    sending: bool = True
    suppressed: tuple[str, ...] | None = None  # None: what the account says
    delivery: Mapping[str, Any] = {}


class DedicatedIp(msgspec.Struct, frozen=True, kw_only=True):
    """An address that only this account sends from."""

    address: str
    pool: str = ""


class Recommendation(msgspec.Struct, frozen=True, kw_only=True):
    """What AWS itself advises: ``kind`` DKIM, DMARC, SPF, BIMI, COMPLAINT, BOUNCE, FEEDBACK_3P, IP_LISTING."""

    resource: str  # an ARN
    kind: str
    impact: str
    text: str

    @property
    def identity(self) -> str:
        """The identity that it is about, or ""."""
        return self.resource.partition(":identity/")[2]


class Listing(msgspec.Struct, frozen=True, kw_only=True):
    """All that lies around the identities of one region. A list that could not be had stands in ``failed``, not as empty."""

    dedicated: tuple[DedicatedIp, ...] = ()
    contact_lists: tuple[str, ...] = ()
    recommendations: tuple[Recommendation, ...] = ()
    failed: tuple[Reply, ...] = ()


def read_account(number: str, region: str, reply: Mapping[str, Any]) -> SesAccount:
    """The account from the fields of ``GetAccount``'s reply."""
    quota = reply.get("SendQuota") or {}
    vdm = reply.get("VdmAttributes") or {}
    return SesAccount(
        number=number,
        region=region,
        production=bool(reply.get("ProductionAccessEnabled")),
        enforcement=reply.get("EnforcementStatus") or "",
        sending=bool(reply.get("SendingEnabled", True)),
        quota=Quota(
            per_day=float(quota.get("Max24HourSend") or 0.0),
            per_second=float(quota.get("MaxSendRate") or 0.0),
            sent=float(quota.get("SentLast24Hours") or 0.0),
        ),
        suppressed=tuple((reply.get("SuppressionAttributes") or {}).get("SuppressedReasons") or ()),
        vdm=vdm.get("VdmEnabled") == "ENABLED",
    )


def read_configuration_set(name: str, reply: Mapping[str, Any]) -> ConfigurationSet:
    """A configuration set from the fields of ``GetConfigurationSet``'s reply."""
    delivery = reply.get("DeliveryOptions") or {}
    suppressed = (reply.get("SuppressionOptions") or {}).get("SuppressedReasons")
    return ConfigurationSet(
        name=name,
        require_tls=delivery.get("TlsPolicy") == "REQUIRE",
        pool=delivery.get("SendingPoolName") or "",
        sending=bool((reply.get("SendingOptions") or {}).get("SendingEnabled", True)),
        suppressed=None if suppressed is None else tuple(suppressed),
        delivery=delivery,
    )


def read_dedicated(entries: Sequence[Mapping[str, Any]]) -> tuple[DedicatedIp, ...]:
    """The addresses in ``GetDedicatedIps``' reply."""
    return tuple(DedicatedIp(address=one["Ip"], pool=one.get("PoolName") or "") for one in entries)


def read_recommendations(entries: Sequence[Mapping[str, Any]]) -> tuple[Recommendation, ...]:
    """The open ones in ``ListRecommendations``' reply."""
    return tuple(
        Recommendation(
            resource=one.get("ResourceArn") or "",
            kind=one.get("Type") or "",
            impact=one.get("Impact") or "",
            text=one.get("Description") or "",
        )
        for one in entries
        if one.get("Status") == "OPEN"
    )
