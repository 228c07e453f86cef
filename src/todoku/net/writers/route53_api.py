"""Amazon Route 53's API, as far as writing records needs it: what it holds, what it is told, and why it will not.

Credentials are those of boto3's ordinary chain and stay inside boto3; botocore repeats what Route 53 is too busy for.
What fails is a ``Failed`` in words, never an exception. boto3 is loaded when a client is made.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from todoku import __version__
from todoku.auth.ask import Call
from todoku.net.aws.errors import CREDENTIAL_CODES, credentials_lost, failure_of, library, scrubbed
from todoku.net.aws.session import Accounts
from todoku.net.writers.dns_writer import Refusal, RefusalStatus
from todoku.net.writers.route53_text import name_of
from todoku.words.errors import UsageError
from todoku.words.verdict import Text

ATTEMPTS = 6  # of each request, with botocore's back-off between them: an account may ask five times a second
MAX_PAGES = 1_000  # of one list, of a hundred zones or three hundred sets each: ours
CONNECT_SECONDS, READ_SECONDS = 5, 20

_BUSY = frozenset({"PriorRequestNotComplete", "Throttling", "ThrottlingException"})

RecordSets = list[Mapping[str, Any]]
"""Sets as Route 53 has them: botocore's ``ResourceRecordSet``."""


class HostedZone(NamedTuple):
    """A public hosted zone."""

    id: str
    apex: str


class Failed(NamedTuple):
    """A request that was not done. ``repeated``: botocore had sent it more than once."""

    refusal: Refusal
    code: str
    repeated: bool = False


def route53_client(profile: str = "", *, attempts: int = ATTEMPTS) -> Any:  # noqa: ANN401 -- boto3 has no types
    """A client with the credentials of ``profile``: a name, a role's ARN, or "" for the ordinary chain.

    Raises ``UsageError`` without boto3, and for an unknown profile.
    """
    exceptions = library("botocore.exceptions")
    config = library("botocore.config").Config(
        connect_timeout=CONNECT_SECONDS,
        read_timeout=READ_SECONDS,
        retries={"mode": "standard", "total_max_attempts": attempts},
        user_agent_extra=f"todoku/{__version__}",
    )
    try:
        return Accounts().client("route53", profile, "", config)
    except exceptions.BotoCoreError as error:
        raise UsageError(credentials_lost(error, profile)) from None


class Route53Api:
    """What a client of boto3's says, its errors as results."""

    def __init__(self, client: Any) -> None:  # noqa: ANN401 -- boto3 has no types
        """Ask by ``client``."""
        self._client = client

    def public_zones(self) -> list[HostedZone] | Failed:
        """Every public hosted zone of the account; private ones are for a VPC and not for the world."""
        zones: list[HostedZone] = []
        marker: dict[str, str] = {}
        for _ in range(MAX_PAGES):
            page = self._said("ListHostedZones", self._client.list_hosted_zones, needs=("HostedZones",), **marker)
            if isinstance(page, Failed):
                return page
            zones += [_zone(each) for each in page["HostedZones"] if not _is_private(each)]
            if not page.get("IsTruncated") or "NextMarker" not in page:
                return zones
            marker = {"Marker": page["NextMarker"]}
        return _endless()

    def public_zone(self, zone_id: str) -> HostedZone | Failed:
        """The public hosted zone with this id."""
        reply = self._said("GetHostedZone", self._client.get_hosted_zone, needs=("HostedZone",), Id=zone_id)
        if isinstance(reply, Failed):
            return reply
        if _is_private(reply["HostedZone"]):
            en, ja = f"the hosted zone {zone_id} is private", f"ホストゾーン {zone_id} はプライベートです"
            return Failed(Refusal("refused", Text(en, ja)), "")
        return _zone(reply["HostedZone"])

    def servers(self, zone: HostedZone) -> frozenset[str] | Failed:
        """The names of the servers that have the zone: those that Route 53 gave it, and those that the zone itself names."""
        reply = self._said("GetHostedZone", self._client.get_hosted_zone, Id=zone.id)
        if isinstance(reply, Failed):
            return reply
        sets = self.sets(zone, zone.apex)
        if isinstance(sets, Failed):
            return sets
        given = reply.get("DelegationSet", {}).get("NameServers", [])
        named = [each["Value"] for one in sets if one["Type"] == "NS" for each in one.get("ResourceRecords", [])]
        return frozenset(map(name_of, (*given, *named)))

    def sets(self, zone: HostedZone, name: str) -> RecordSets | Failed:
        """Every set at the name: a zone is listed in order, from a name on."""
        sets: RecordSets = []
        start = {"StartRecordName": name}
        for _ in range(MAX_PAGES):
            list_sets, needs = self._client.list_resource_record_sets, ("ResourceRecordSets",)
            page = self._said("ListResourceRecordSets", list_sets, needs=needs, HostedZoneId=zone.id, **start)
            if isinstance(page, Failed):
                return page
            here = [each for each in page["ResourceRecordSets"] if name_of(each["Name"]) == name]
            sets += here
            if not page.get("IsTruncated") or len(here) < len(page["ResourceRecordSets"]):
                return sets
            fields = ("RecordName", "RecordType", "RecordIdentifier")
            start = {f"Start{field}": page[f"Next{field}"] for field in fields if f"Next{field}" in page}
        return _endless()

    def changed(self, zone: HostedZone, changes: Sequence[Mapping[str, Any]]) -> str | Failed:
        """The id of the change that Route 53 made of a batch, which stands or falls whole."""
        change = self._client.change_resource_record_sets
        batch = {"Changes": changes}
        reply = self._said(
            "ChangeResourceRecordSets", change, needs=("ChangeInfo",), HostedZoneId=zone.id, ChangeBatch=batch
        )
        return reply if isinstance(reply, Failed) else str(reply["ChangeInfo"]["Id"])

    def settled(self, change_id: str) -> bool | Failed:
        """Whether every name server has the change."""
        reply = self._said("GetChange", self._client.get_change, needs=("ChangeInfo",), Id=change_id)
        return reply if isinstance(reply, Failed) else reply["ChangeInfo"]["Status"] == "INSYNC"

    def _said(
        self,
        operation: str,
        method: Callable[..., Mapping[str, Any]],
        *,
        needs: Sequence[str] = (),
        **parameters: Any,  # noqa: ANN401 -- as botocore has it
    ) -> Any:  # noqa: ANN401 -- as above
        """The reply of an operation, with the fields that it ``needs``, or ``Failed``: a proxy's page is no reply."""
        exceptions, parsers = library("botocore.exceptions"), library("botocore.parsers")
        try:
            reply = method(**parameters)
        except (exceptions.ClientError, exceptions.BotoCoreError) as error:
            return _failed(error, operation)
        except parsers.ResponseParserError:
            return _unreadable()
        return reply if all(field in reply for field in needs) else _unreadable()


def _unreadable() -> Failed:
    return Failed(
        Refusal(
            "unreachable",
            Text("what answered for Route 53 cannot be read", "Route 53からの応答を解釈できません"),
        ),
        "",
    )


def _endless() -> Failed:
    told = Text(f"Route 53 lists more than {MAX_PAGES:,} pages", f"Route 53の一覧が{MAX_PAGES:,}ページを超えています")
    return Failed(Refusal("refused", told), "")


def _zone(hosted: Mapping[str, Any]) -> HostedZone:
    return HostedZone(str(hosted["Id"]).removeprefix("/hostedzone/"), name_of(hosted["Name"]))


def _is_private(hosted: Mapping[str, Any]) -> bool:
    return bool(hosted.get("Config", {}).get("PrivateZone"))


def _failed(error: Exception, operation: str) -> Failed:
    failure = failure_of(error, Call("route53", "", "", operation))
    response = getattr(error, "response", None) or {}  # an error of the connection has one that is None
    status: RefusalStatus = "refused"
    if failure.code in _BUSY:
        status = "throttled"
    elif failure.status in ("denied", "throttled", "unreachable"):
        status = failure.status
    said = scrubbed(str(response.get("Error", {}).get("Message", "")))
    repeated = bool(response.get("ResponseMetadata", {}).get("RetryAttempts"))
    return Failed(Refusal(status, _words(status, error, failure.code, operation, said)), failure.code, repeated)


def _words(status: RefusalStatus, error: Exception, code: str, operation: str, said: str) -> Text:
    """Why, in one line of our own, so that nothing of the signed request can be in it."""
    if status == "throttled":
        return Text(f"Route 53 is too busy ({code})", f"Route 53が混み合っています({code})")
    if status == "unreachable":
        return Text(f"Route 53 cannot be reached ({code})", f"Route 53に接続できません({code})")
    if status == "refused":
        return Text(f"Route 53 does not take this ({code}: {said})", f"Route 53に受け付けられません({code}: {said})")
    if "Expired" in code:
        return Text(
            f"the AWS credentials have expired: sign in again ({code})",
            f"AWSの認証情報の有効期限が切れています。サインインし直してください({code})",
        )
    if code in CREDENTIAL_CODES:
        return Text(f"AWS does not accept the credentials ({code})", f"AWSの認証情報が受け付けられません({code})")
    if not isinstance(error, library("botocore.exceptions").ClientError):
        return credentials_lost(error, "")
    return Text(
        f"these AWS credentials may not do this: route53:{operation} is missing ({code})",
        f"AWSの権限 route53:{operation} がありません({code})",
    )
