"""The shapes of AWS's replies, as far as they are read: what stands in a file is held against them before it is believed.

A client of AWS builds its replies by the API's own model; a reply that was kept in a file may have been changed by anyone.
The names are AWS's (ses/latest/APIReference-V2, STS and Account Management API references). A field may be left out where the
API may leave it out; what is not read is not looked at.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, NotRequired, TypedDict

import msgspec

from todoku.auth.ask import Reply


class _CallerIdentity(TypedDict, total=False):
    Account: str


class _Region(TypedDict):
    RegionName: str


class _Regions(TypedDict, total=False):
    Regions: list[_Region]


class _SendQuota(TypedDict, total=False):
    Max24HourSend: float
    MaxSendRate: float
    SentLast24Hours: float


class _Suppression(TypedDict, total=False):
    SuppressedReasons: list[str]


class _Vdm(TypedDict, total=False):
    VdmEnabled: str


class _Account(TypedDict, total=False):
    EnforcementStatus: str
    ProductionAccessEnabled: bool
    SendQuota: _SendQuota
    SendingEnabled: bool
    SuppressionAttributes: _Suppression
    VdmAttributes: _Vdm


class _ListedIdentity(TypedDict):
    IdentityName: str


class _ListedIdentities(TypedDict, total=False):
    EmailIdentities: list[_ListedIdentity]


class _DedicatedIp(TypedDict):
    Ip: str
    PoolName: NotRequired[str]


class _DedicatedIps(TypedDict, total=False):
    DedicatedIps: list[_DedicatedIp]


class _ContactList(TypedDict):
    ContactListName: str


class _ContactLists(TypedDict, total=False):
    ContactLists: list[_ContactList]


class _Recommendation(TypedDict, total=False):
    ResourceArn: str
    Type: str
    Impact: str
    Description: str
    Status: str


class _Recommendations(TypedDict, total=False):
    Recommendations: list[_Recommendation]


class _SuppressedDestination(TypedDict, total=False):
    EmailAddress: str
    Reason: str


class _SuppressedDestinations(TypedDict, total=False):
    SuppressedDestinationSummaries: list[_SuppressedDestination]


class _TenantResource(TypedDict, total=False):
    ResourceArn: str


class _TenantResources(TypedDict, total=False):
    TenantResources: list[_TenantResource]


class _VerificationInfo(TypedDict, total=False):
    ErrorType: str


class _Dkim(TypedDict, total=False):
    SigningEnabled: bool
    Status: str
    Tokens: list[str]
    SigningHostedZone: str
    SigningAttributesOrigin: str
    CurrentSigningKeyLength: str
    NextSigningKeyLength: str


class _MailFrom(TypedDict, total=False):
    MailFromDomain: str
    MailFromDomainStatus: str
    BehaviorOnMxFailure: str


class _Tag(TypedDict):
    Key: str
    Value: str


class _Identity(TypedDict, total=False):
    IdentityType: str
    VerifiedForSendingStatus: bool
    VerificationStatus: str
    VerificationInfo: _VerificationInfo
    DkimAttributes: _Dkim
    MailFromAttributes: _MailFrom
    ConfigurationSetName: str
    FeedbackForwardingStatus: bool
    Policies: dict[str, str]
    Tags: list[_Tag]


class _Delivery(TypedDict, total=False):
    TlsPolicy: str
    SendingPoolName: str


class _Sending(TypedDict, total=False):
    SendingEnabled: bool


class _ConfigurationSet(TypedDict, total=False):
    DeliveryOptions: _Delivery
    SendingOptions: _Sending
    SuppressionOptions: _Suppression


_SHAPES: Final[Mapping[tuple[str, str], type[Any]]] = {
    ("sts", "GetCallerIdentity"): _CallerIdentity,
    ("account", "ListRegions"): _Regions,
    ("sesv2", "GetAccount"): _Account,
    ("sesv2", "ListEmailIdentities"): _ListedIdentities,
    ("sesv2", "GetDedicatedIps"): _DedicatedIps,
    ("sesv2", "ListContactLists"): _ContactLists,
    ("sesv2", "ListRecommendations"): _Recommendations,
    ("sesv2", "ListSuppressedDestinations"): _SuppressedDestinations,
    ("sesv2", "ListTenantResources"): _TenantResources,
    ("sesv2", "GetEmailIdentity"): _Identity,
    ("sesv2", "GetConfigurationSet"): _ConfigurationSet,
}
"""By service and operation. The metrics of CloudWatch and SES are not here: ``account/metric_data.py`` reads them by what each is."""


def check_shape(reply: Reply) -> None:
    """Raises ``ValueError`` where the reply is not what its operation gives."""
    shape = _SHAPES.get((reply.call.service, reply.call.operation))
    if shape is not None and not reply.failed:
        msgspec.convert(reply.value, shape)
