"""The door to AWS: clients with the credentials of an account, which stay inside boto3: nothing here puts one into a text.

Credentials come from boto3's ordinary chain, a profile or a role. An operator's slip (no credentials, an unknown
profile) is a ``UsageError``; what AWS itself refuses is a ``Failure``, which becomes a reply. boto3 costs 0.3 s at
start-up, so it is loaded when an account is asked for.
"""

from __future__ import annotations

import os
from threading import Lock
from typing import Any

import msgspec

from todoku import __version__
from todoku.auth.ask import Call
from todoku.net.aws.bounded import bound_replies
from todoku.net.aws.errors import Failure, credentials_lost, failure_of, library, no_credentials, scrubbed
from todoku.net.aws.ses_subject import ROLE, no_profile
from todoku.words.errors import UsageError
from todoku.words.verdict import Text

EXTERNAL_ID = "TODOKU_EXTERNAL_ID"
"""The environment variable with the external id that a role may ask for."""

CONNECT_SECONDS, READ_SECONDS = 5, 20

_HOME = {"aws": "us-east-1", "aws-us-gov": "us-gov-west-1", "aws-cn": "cn-north-1", "aws-eusc": "eusc-de-east-1"}


class Accounts:
    """Clients of AWS's APIs, one for each service, account and region. May be used by several threads."""

    def __init__(self) -> None:
        """Start with none."""
        self._lock = Lock()  # boto3's sessions are no thread's friends
        self._sessions: dict[str, Any] = {}
        self._clients: dict[tuple[str, str, str], Any] = {}
        self._opened: dict[str, Failure | None] = {}

    def open(self, account: str) -> Failure | None:
        """None where the account's credentials are at hand, or why AWS refuses the role. Raises ``UsageError`` without any."""
        if account not in self._opened:
            self._opened[account] = self._open(account)
        return self._opened[account]

    def client(self, service: str, account: str, region: str, config: Any = None) -> Any:  # noqa: ANN401 -- boto3 has no types
        """The client; region "" is the ordinary one of the account, or of its partition. ``config`` is botocore's; without one
        nothing is repeated. Raises ``UsageError`` where boto3 is set up wrongly.
        """
        key = (service, account, region)
        with self._lock:
            if key not in self._clients:
                self._clients[key] = self._new_client(service, account, region or self._home(account), config or pace())
            return self._clients[key]

    def _new_client(self, service: str, account: str, region: str, config: Any) -> Any:  # noqa: ANN401 -- boto3 has no types
        try:
            client = self._session(account).client(service, region_name=region, config=config)
        except (ValueError, library("botocore.exceptions").BotoCoreError) as error:  # an endpoint that is no URL, say
            said = scrubbed(str(error))
            raise UsageError(
                Text(f"boto3 cannot be used as it is set up: {said}", f"boto3の設定に誤りがあります: {said}")
            ) from None
        client.meta.events.register("before-parse", check_whole)
        bound_replies(client)
        return client

    def _open(self, account: str) -> Failure | None:
        exceptions = library("botocore.exceptions")
        try:
            with self._lock:
                credentials = self._session(account).get_credentials()
            if credentials is None:
                raise UsageError(no_credentials())
            credentials.get_frozen_credentials()
        except exceptions.ProfileNotFound:
            raise no_profile(account or os.environ.get("AWS_PROFILE", "")) from None
        except (
            exceptions.ClientError,
            exceptions.ConnectionError,
            exceptions.HTTPClientError,
        ) as error:  # of a role, which STS is asked for
            return failure_of(error, Call("sts", account, "", "AssumeRole"))
        except exceptions.BotoCoreError as error:
            raise UsageError(credentials_lost(error, account)) from None
        return None

    def _session(self, account: str) -> Any:  # noqa: ANN401 -- boto3 has no types
        if account not in self._sessions:
            self._sessions[account] = self._made(account)
        return self._sessions[account]

    def _made(self, account: str) -> Any:  # noqa: ANN401 -- boto3 has no types
        boto3 = library("boto3")
        if not account.startswith("arn:"):
            return boto3.Session(profile_name=account or None)
        return boto3.Session(botocore_session=self._assumed(account, self._session("")))

    def _assumed(self, role: str, caller: Any) -> Any:  # noqa: ANN401 -- boto3 has no types
        """A session with the role's credentials, which are fetched when they are needed and renewed before they end."""
        credentials = library("botocore.credentials")
        source = caller.get_credentials()
        if source is None:
            raise UsageError(no_credentials())
        region = caller.region_name or self._home(role)

        def sts(service: str, **given: Any) -> Any:  # noqa: ANN401 -- as botocore calls it
            client = caller.client(service, region_name=region, config=pace(), **given)
            bound_replies(client)
            return client

        external_id = os.environ.get(EXTERNAL_ID)
        fetcher = credentials.AssumeRoleCredentialFetcher(
            sts,
            source,
            role,
            extra_args={"RoleSessionName": "todoku", **({"ExternalId": external_id} if external_id else {})},
        )
        session = library("botocore.session").Session()
        session._credentials = credentials.DeferredRefreshableCredentials(  # noqa: SLF001 -- botocore's own way to lend a session credentials
            refresh_using=fetcher.fetch_credentials, method="assume-role"
        )
        return session

    def _home(self, account: str) -> str:
        """The region to ask where any will do."""
        role = ROLE.fullmatch(account)
        own = "" if role else os.environ.get("AWS_REGION") or self._session(account).region_name
        return own or _HOME.get(role[1] if role else "aws", "us-east-1")


def check_whole(operation_model: Any, response_dict: Any, **_more: Any) -> None:  # noqa: ANN401 -- as botocore calls it
    """Refuse a reply that is no JSON object: botocore reads half of one, or a page of a proxy's, as a reply without fields.

    That would say of whatever is asked for that it is not set up.
    """
    shape = operation_model.output_shape
    if "json" not in operation_model.service_model.resolved_protocol or response_dict["status_code"] >= 300:
        return
    if shape is not None and shape.members and not _is_object(response_dict["body"]):
        raise library("botocore.parsers").ResponseParserError("the reply is no JSON object")


def _is_object(body: bytes) -> bool:
    try:
        return isinstance(msgspec.json.decode(body), dict)
    except (ValueError, RecursionError):
        return False


def pace(waits: int = 0) -> Any:  # noqa: ANN401 -- boto3 has no types
    """Botocore's settings, without retries of its own: the pace is ours. ``waits``: seconds that the service is asked to wait."""
    return library("botocore.config").Config(
        connect_timeout=CONNECT_SECONDS,
        read_timeout=READ_SECONDS + waits,
        retries={"total_max_attempts": 1},
        user_agent_extra=f"todoku/{__version__}",
    )
