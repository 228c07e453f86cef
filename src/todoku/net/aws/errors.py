"""What an error of AWS says: whether something is not there, is not allowed, or could not be looked at. Never a secret.

The codes are those of SES's API v2, STS and EC2 as botocore's models have them. What AWS writes is shown in part only:
an error about a signature may quote the request that was signed, with its session token.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from importlib import import_module
from typing import Any, NamedTuple

from todoku.account.permissions import action_of
from todoku.auth.ask import Call, ReplyStatus
from todoku.words.errors import UsageError
from todoku.words.verdict import Text

ON_BY_DEFAULT = frozenset(
    (
        *("us-east-1", "us-east-2", "us-west-1", "us-west-2", "ca-central-1", "sa-east-1", "ap-south-1"),
        *("ap-northeast-1", "ap-northeast-2", "ap-northeast-3", "ap-southeast-1", "ap-southeast-2"),
        *("eu-central-1", "eu-north-1", "eu-west-1", "eu-west-2", "eu-west-3"),
    )
)
"""The regions that no account has to switch on: those of before 2019-03-20; every later one is off at first."""

_KEY_ID = re.compile(r"\b(?:AKIA|ASIA)[A-Z0-9]{8,}([A-Z0-9]{4})\b")
_SECRET = re.compile(r"[A-Za-z0-9+/=]{40,}")  # a secret access key has 40 characters, a session token hundreds
_MOST_SAID = 300

_CODES: dict[str, ReplyStatus] = {
    "NotFoundException": "absent",
    "AccessDenied": "denied",
    "AccessDeniedException": "denied",
    "UnauthorizedOperation": "denied",
    "AuthorizationErrorException": "denied",
    "OptInRequired": "denied",
    "Throttling": "throttled",
    "ThrottlingException": "throttled",
    "ThrottledException": "throttled",
    "TooManyRequestsException": "throttled",
    "RequestLimitExceeded": "throttled",
    "LimitExceededException": "throttled",
}
CREDENTIAL_CODES = frozenset(
    (
        *("ExpiredToken", "ExpiredTokenException", "RequestExpired", "InvalidClientTokenId", "AuthFailure"),
        *("UnrecognizedClientException", "SignatureDoesNotMatch", "InvalidSignatureException", "IncompleteSignature"),
        *("MissingAuthenticationTokenException", "MissingAuthenticationToken", "NotAuthorized"),
        *("NoCredentialsError", "PartialCredentialsError", "CredentialRetrievalError", "NoAuthTokenError"),
        *("SSOTokenLoadError", "UnauthorizedSSOTokenError", "TokenRetrievalError"),
        *("LoginTokenLoadError", "LoginRefreshRequired", "LoginAuthorizationCodeError", "LoginInsufficientPermissions"),
    )
)
"""By these AWS refuses the credentials themselves, or boto3 has none: no other call will fare better."""

_NO_BOTO3 = Text(
    'Reading an AWS account needs one more library: pip install "todoku[aws]" (in a clone: pip install ".[aws]")',
    'AWSアカウントを読み取るには追加のライブラリが必要です: pip install "todoku[aws]"(クローンからは pip install ".[aws]")',
)


class Failure(NamedTuple):
    """Why AWS did not answer: what becomes a ``Reply``. ``passing``: it may answer when asked again."""

    status: ReplyStatus
    code: str
    message: str
    passing: bool = False

    @property
    def detail(self) -> str:
        """The error's code and what was said, in one line."""
        return f"{self.code}: {self.message}" if self.message else self.code


def library(name: str) -> Any:  # noqa: ANN401 -- boto3 has no types
    """boto3 or botocore. Raises ``UsageError`` where it is not installed."""
    try:
        return import_module(name)
    except ModuleNotFoundError:
        raise UsageError(_NO_BOTO3) from None


def no_credentials() -> Text:
    """That there are none, and what to do."""
    return Text(
        "no AWS credentials were found. Set AWS_PROFILE, sign in with `aws configure sso`, or name a profile, as in ses:PROFILE@REGION",
        "AWSの認証情報が見つかりません。AWS_PROFILEを設定するか、`aws configure sso` でサインインするか、ses:PROFILE@REGION のように"
        "プロファイルを指定してください",
    )


def credentials_lost(error: Exception, account: str) -> Text:
    """Why credentials that are set up cannot be had, in one line."""
    name = type(error).__name__
    profile = f" --profile {account}" if account and not account.startswith("arn:") else ""
    if any(word in name for word in ("SSO", "Login", "Token")):
        command = f"aws {'login' if 'Login' in name else 'sso login'}{profile}"
        return Text(
            f"the AWS sign-in has ended ({name}): run `{command}`, then try again",
            f"AWSのサインインの有効期限が切れています({name})。`{command}` を実行してからやり直してください",
        )
    if name in ("NoCredentialsError", "NoAuthTokenError"):
        return no_credentials()
    return Text(
        f"the AWS credentials cannot be had: {name}. `aws sts get-caller-identity{profile}` shows what is wrong",
        f"AWSの認証情報を取得できません({name})。`aws sts get-caller-identity{profile}` で原因を確認できます",
    )


def failure_of(error: Exception, call: Call) -> Failure:
    """What an error of boto3's says of a call, without anything secret."""
    exceptions = library("botocore.exceptions")
    name = type(error).__name__
    if isinstance(error, exceptions.ClientError):
        return _refused(error.response, error.operation_name, call)
    if name in CREDENTIAL_CODES:
        return Failure("denied", name, credentials_lost(error, call.account).en)
    if isinstance(error, exceptions.ParamValidationError):
        return Failure("refused", name, scrubbed(str(error).replace("\n", " ")))
    where = f"{call.service} in {call.region}" if call.region else call.service
    lasting = exceptions.EndpointProviderError, exceptions.UnknownEndpointError, exceptions.InvalidRegionError
    return Failure("unreachable", name, f"{where} gave no answer", passing=not isinstance(error, lasting))


def _refused(response: Mapping[str, Any], operation: str, call: Call) -> Failure:
    code = scrubbed(str(response.get("Error", {}).get("Code", "")))
    message = scrubbed(str(response.get("Error", {}).get("Message", "")))
    status = int(response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))
    known = _CODES.get(code)
    if code == "OptInRequired":
        return Failure(
            "denied", code, f"{call.region} is off in this account, or the account is not signed up for {call.service}"
        )
    if code in CREDENTIAL_CODES:
        return Failure("denied", code, _of_credentials(code, call))
    if known == "throttled" or status == 429:
        return Failure("throttled", code, message, passing=True)
    if known is None and status >= 500:
        return Failure("unreachable", code, message, passing=True)
    if operation != call.operation:  # boto3 asked for credentials before it could make the call
        return Failure("denied", code, f"{operation} gave no credentials: {message}")
    if known == "denied" or (known is None and status == 403):
        return Failure("denied", code, f"{message.rstrip('.')}; missing permission: {action_of(call)}")
    return Failure(known or "refused", code, message)


def _of_credentials(code: str, call: Call) -> str:
    """Our own words: AWS's may quote the request that was signed."""
    if "Expired" in code:
        return "the credentials have expired: sign in again"
    if call.region and call.region not in ON_BY_DEFAULT and "SignatureDoesNotMatch" not in code:
        return f"AWS does not accept the credentials in {call.region}: the region may be off in this account"
    return "AWS does not accept the credentials"


def scrubbed(message: str) -> str:
    """The first line of what AWS says, short, without keys: of an access key id the last four characters stay."""
    line = next((line.strip() for line in message.splitlines() if line.strip()), "")
    if "<" in line:  # a page of some proxy's, not AWS's words
        return ""
    return _SECRET.sub("…", _KEY_ID.sub(r"…\1", line))[:_MOST_SAID]
