"""Changes of an SES account: the calls of a plan, and the reads that go with them. It makes no call that no plan has.

A call that AWS is too busy for is made again. One whose answer is lost is not: whoever asked looks at what stands.
Credentials stay inside boto3 (``aws.py``), and what AWS says against a call is shown without anything secret.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Any

import msgspec

from todoku.auth.ask import Call, Reply
from todoku.net.aws.errors import Failure, failure_of
from todoku.net.aws.rate_limit import Pace, Timing
from todoku.net.aws.ses import Clients, SesApi
from todoku.net.aws.session import Accounts
from todoku.net.drivers import CallSource
from todoku.net.writers.ses_settings import read_call
from todoku.plan.trace import is_known
from todoku.words.change import SesCall

TRIES = 8  # of one call that AWS is too busy for
BUSY = frozenset({"ConcurrentModificationException"})
"""Another change of the same thing is under way."""
FULL = "LimitExceededException"
"""There may be no more of them, however long one waits."""


class Sent(msgspec.Struct, frozen=True):
    """What SES answered to a message that it took."""

    message_id: str


class SesWriter:
    """SES in one region, with the credentials of one profile."""

    def __init__(
        self,
        profile: str,
        region: str,
        *,
        clients: Clients | None = None,
        api: CallSource | None = None,
        timing: Timing | None = None,
    ) -> None:
        """``api`` is what reads; ``timing`` is for tests."""
        self._profile, self._region = profile, region
        self._clients = clients or Accounts()
        self._timing = timing or Timing()
        self.api = api or SesApi(timing=timing, clients=self._clients)
        self._pace = Pace(self._timing)

    def number(self) -> Reply:
        """Whose account it is. Raises ``UsageError`` where there are no credentials."""
        return self._reply(Call("sts", self._profile, self._region, "GetCallerIdentity", (), ("Account",)))

    def read(self, call: SesCall) -> Reply:
        """What a read of the plan shows."""
        return self._reply(read_call(call, self._profile))

    def _reply(self, call: Call) -> Reply:
        (reply,) = self.api.replies((call,))
        return reply

    def write(self, call: SesCall) -> Mapping[str, Any] | Failure:
        """SES's reply to a call of the plan, or why it was not done. ``unreachable``: it may have been done."""
        if not is_known(call):
            return Failure("refused", "UnknownOperation", f"no plan has the call {call.operation[:80]!r}")
        return self._made(call.operation, call.parameters)

    def send(self, author: str, recipient: str, subject: str, text: str) -> Sent | Failure:
        """Send one plain message to one person."""
        body = {"Text": {"Data": text, "Charset": "UTF-8"}}
        message = {"Simple": {"Subject": {"Data": subject, "Charset": "UTF-8"}, "Body": body}}
        given = {"FromEmailAddress": author, "Destination": {"ToAddresses": [recipient]}, "Content": message}
        reply = self._made("SendEmail", given)
        return reply if isinstance(reply, Failure) else Sent(str(reply.get("MessageId", "")))

    def _made(self, operation: str, parameters: Mapping[str, Any]) -> Mapping[str, Any] | Failure:
        refused = self._clients.open(self._profile)
        if refused is not None:
            return refused
        client = self._clients.client("sesv2", self._profile, self._region)
        method = getattr(client, import_module("botocore").xform_name(operation))
        call = Call("sesv2", self._profile, self._region, operation)
        attempt = 0
        while True:
            self._pace.wait()
            reply = _answered(method, parameters, call)
            if not isinstance(reply, Failure):
                self._pace.let_through()
                return reply
            attempt += 1
            if attempt == TRIES or reply.code == FULL or not (reply.status == "throttled" or reply.code in BUSY):
                return reply
            self._pace.hold(attempt, throttled=True)


def _answered(method: Any, parameters: Mapping[str, Any], call: Call) -> Mapping[str, Any] | Failure:  # noqa: ANN401 -- boto3's
    exceptions, parsers = import_module("botocore.exceptions"), import_module("botocore.parsers")
    try:
        reply: Mapping[str, Any] = method(**parameters)
    except (exceptions.ClientError, exceptions.BotoCoreError, parsers.ResponseParserError) as error:
        return failure_of(error, call)
    return reply
