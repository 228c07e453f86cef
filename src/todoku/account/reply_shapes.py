"""The shapes of AWS's replies, as far as they are read: what stands in a file is held against them before it is believed.

A client of AWS builds its replies by the API's own model; a reply that was kept in a file may have been changed by anyone.
The names are AWS's (ses/latest/APIReference-V2, STS and Account Management API references). A field may be left out where the
API may leave it out; what is not read is not looked at. Names and numbers that go into records, files and commands have the
characters that AWS gives them: a line end or a bidirectional mark in one is nobody's setting.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Final, NotRequired, TypedDict

import msgspec

from todoku.auth.ask import Reply

_Number = Annotated[str, msgspec.Meta(pattern=r"\A[0-9]{12}\Z")]
_DomainName = Annotated[str, msgspec.Meta(pattern=r"\A[A-Za-z0-9_.-]{0,254}\Z")]
_SetName = Annotated[str, msgspec.Meta(pattern=r"\A[A-Za-z0-9_-]{0,64}\Z")]
_RegionName = Annotated[str, msgspec.Meta(pattern=r"\A[a-z0-9-]{1,32}\Z")]
_IdentityName = Annotated[
    str, msgspec.Meta(pattern=r"\A[^\x00-\x20\x7f-\xa0\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]{1,320}\Z")
]


class _CallerIdentity(TypedDict, total=False):
    Account: _Number


class _Region(TypedDict):
    RegionName: _RegionName


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
    IdentityName: _IdentityName


class _ListedIdentities(TypedDict, total=False):
    EmailIdentities: list[_ListedIdentity]


class _DedicatedIp(TypedDict):
    Ip: str
    PoolName: NotRequired[_SetName]


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
    Tokens: list[_DomainName]
    SigningHostedZone: _DomainName
    SigningAttributesOrigin: str
    CurrentSigningKeyLength: str
    NextSigningKeyLength: str


class _MailFrom(TypedDict, total=False):
    MailFromDomain: _DomainName
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
    ConfigurationSetName: _SetName
    FeedbackForwardingStatus: bool
    Policies: dict[str, str]
    Tags: list[_Tag]


class _Delivery(TypedDict, total=False):
    TlsPolicy: str
    SendingPoolName: _SetName


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
