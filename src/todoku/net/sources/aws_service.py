"""One service of AWS as a source asks it: a passing failure is tried again, and what remains is told in one line."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, TypeVar

from todoku.auth.ask import Call
from todoku.intake.source import SourceAway
from todoku.net.aws.errors import Failure, failure_of, library
from todoku.net.aws.session import Accounts, pace
from todoku.words.verdict import Text

ATTEMPTS = 4
FIRST_PAUSE = 0.5  # seconds; doubled each time

T = TypeVar("T")


class Refusal(SourceAway):
    """What AWS says no to; ``code`` is its own word for why."""

    def __init__(self, text: Text, code: str) -> None:
        """Keep both languages."""
        super().__init__(text)
        self.code = code


def whole(reply: Any) -> Any:  # noqa: ANN401 -- boto3 has no types
    """The reply as it is."""
    return reply


class Service:
    """A client, made when it is first asked; its credentials come from boto3's ordinary chain. ``name`` is what is told.

    ``waits``: for how many seconds the service may be asked to wait before it answers.
    """

    def __init__(self, service: str, region: str, name: str, *, waits: int = 0) -> None:
        """Connect to nothing yet."""
        self._service = service
        self._region = region
        self._name = name
        self._waits = waits
        self._accounts = Accounts()

    def ask(self, method: str, take: Callable[[Any], T], **parameters: Any) -> T:  # noqa: ANN401 -- the API's own
        """What ``take`` makes of the reply. Raises ``Refusal``, and ``UsageError`` where there are no credentials."""
        refused = self._accounts.open("")
        if refused is not None:
            raise self._refusal(refused)
        client = self._accounts.client(self._service, "", self._region, pace(self._waits))
        exceptions = library("botocore.exceptions")
        call = Call(self._service, "", client.meta.region_name, client.meta.method_to_api_mapping[method])
        for attempt in range(1, ATTEMPTS + 1):
            try:
                return take(getattr(client, method)(**parameters))
            except (exceptions.BotoCoreError, exceptions.ClientError) as error:
                failure = failure_of(error, call)
            if not failure.passing or attempt == ATTEMPTS:
                break
            time.sleep(FIRST_PAUSE * 2 ** (attempt - 1))
        raise self._refusal(failure)

    def _refusal(self, failure: Failure) -> Refusal:
        told = f"{self._name}: {failure.detail}"
        return Refusal(Text(told, told), failure.code)
