"""One bounded call of Google's API: a value of the type that was asked for, or why there is none. Never an exception for that.

What passes (too many requests, an error of the server's, no answer, a reply that is not what it should be) is asked again,
later each time, as long as the patience for the whole look lasts. No text of ours holds what a token endpoint or an error page
said: they may quote the request.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from contextlib import closing
from random import Random
from time import monotonic, sleep
from typing import TYPE_CHECKING, Any, Literal, Protocol, TypeVar

import msgspec
from google.auth.exceptions import GoogleAuthError, RefreshError, TransportError
from requests.exceptions import RequestException
from urllib3.exceptions import HTTPError

from todoku import __version__

if TYPE_CHECKING:
    from requests import Response

ENDPOINT = "https://gmailpostmastertools.googleapis.com"
MAX_REPLY = 4 * 2**20  # octets
CHUNK = 64 * 1024
LONGEST_WAIT = 60.0  # seconds between two tries, unless the server asks for more

Cause = Literal["throttled", "unreachable", "garbled", "denied", "ended", "absent", "exists", "refused", "limit"]
"""``ended``: the consent or the key is not valid any more, so that a person must act; ``garbled``: a reply that is none;
``absent`` and ``exists`` are knowledge; ``limit``: a bound of ours."""

PASSING = frozenset(("throttled", "unreachable", "garbled"))

_STATUS: dict[int, Cause] = {401: "denied", 403: "denied", 404: "absent", 409: "exists", 429: "throttled"}
_RPC: dict[int, Cause] = {
    5: "absent",
    6: "exists",
    7: "denied",
    8: "throttled",
    16: "denied",
    2: "unreachable",
    4: "unreachable",
    10: "unreachable",
    13: "unreachable",
    14: "unreachable",
}
"""What google.rpc.Code means for us; all others are ``refused``."""
_WORD = re.compile(r"[A-Z][A-Z_]{2,60}")

T = TypeVar("T")


class Session(Protocol):
    """What we use of google-auth's ``AuthorizedSession``: requests' own call, with an access token in its header."""

    def request(self, method: str, url: str, **given: Any) -> Response:  # noqa: ANN401 -- as requests has it
        """The response; it raises what requests and google-auth raise."""


class Refusal(msgspec.Struct, frozen=True):
    """Why there is no value. ``detail`` is for people, in the API's own words of one kind: ``HTTP 403 SERVICE_DISABLED``."""

    cause: Cause
    detail: str
    wait: float = 0.0  # seconds, as the server asks

    @property
    def passing(self) -> bool:
        """Whether it may go well when asked again."""
        return self.cause in PASSING


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """Seconds for one call, and for all that is waited in vain; tries of one call; who tells the time, waits, and draws lots.

    The patience ends before a writer's lease does (``store/lease.py``): the look is then put into the store by whoever began it.
    """

    seconds: float = 30.0
    patience: float = 75.0
    tries: int = 5
    clock: Callable[[], float] = monotonic
    sleep: Callable[[float], object] = sleep
    chance: Random = msgspec.field(default_factory=Random)


class Api:
    """Calls with one user's or service account's credentials. It is used by one thread at a time."""

    def __init__(self, session: Session, endpoint: str = ENDPOINT, limits: Limits | None = None) -> None:
        """Ask nothing yet."""
        self._session = session
        self._endpoint = endpoint.rstrip("/")
        self._limits = limits or Limits()
        self._patience = self._limits.patience
        self._closed: Refusal | None = None

    def get(self, path: str, kind: type[T], **parameters: str | int) -> T | Refusal:
        """What is read at a path (``v2/domains``)."""
        return self._asked("GET", path, kind, {name: value for name, value in parameters.items() if value != ""}, None)

    def post(self, path: str, kind: type[T], body: Mapping[str, Any]) -> T | Refusal:
        """What an operation gives. All that are called may be done twice."""
        return self._asked("POST", path, kind, {}, body)

    def pause(self, attempt: int, wait: float = 0.0) -> bool:
        """Wait after the ``attempt``-th failure, twice as long each time; False where the patience does not last so long."""
        longest = min(LONGEST_WAIT, 2.0**attempt)
        seconds = max(wait, longest * (0.5 + self._limits.chance.random() / 2))
        if seconds > self._patience:
            return False
        self._patience -= seconds
        self._limits.sleep(seconds)
        return True

    @property
    def tries(self) -> int:
        """How often one thing is asked."""
        return self._limits.tries

    def _asked(
        self, method: str, path: str, kind: type[T], parameters: Mapping[str, str | int], body: Mapping[str, Any] | None
    ) -> T | Refusal:
        if self._closed is not None:
            return self._closed
        for attempt in range(self._limits.tries):
            started = self._limits.clock()
            found = self._once(method, path, parameters, body)
            value = _decoded(found, kind) if isinstance(found, bytes) else found
            if not isinstance(value, Refusal):
                return value
            self._patience -= self._limits.clock() - started
            if value.cause == "ended" or self._patience <= 0:
                self._closed = value  # no other call will fare better, or there is no time for one
            if not value.passing or attempt + 1 == self._limits.tries or not self.pause(attempt, value.wait):
                return value
        raise AssertionError("a call is tried at least once")

    def _once(
        self, method: str, path: str, parameters: Mapping[str, str | int], body: Mapping[str, Any] | None
    ) -> bytes | Refusal:
        started = self._limits.clock()
        try:
            response = self._session.request(
                method,
                f"{self._endpoint}/{path}",
                params=parameters,
                json=body,
                headers={"Accept-Encoding": "identity", "User-Agent": f"todoku/{__version__}"},
                timeout=self._limits.seconds,
                allow_redirects=False,
                stream=True,
            )
            with closing(response):
                octets = self._whole(response, started)
        except RefreshError as error:
            return _no_token(error)
        except (TransportError, RequestException, HTTPError) as error:
            return Refusal("unreachable", type(error).__name__)
        except GoogleAuthError as error:
            return Refusal("denied", type(error).__name__)
        if isinstance(octets, Refusal) or response.status_code == 200:
            return octets
        return _refused(response, octets)

    def _whole(self, response: Response, started: float) -> bytes | Refusal:
        octets = bytearray()
        while some := response.raw.read1(CHUNK, decode_content=False):  # what has come: `read` would wait for all of it
            octets += some
            if len(octets) > MAX_REPLY:
                return Refusal("limit", f"a reply of more than {MAX_REPLY:,} octets")
            if self._limits.clock() - started > self._limits.seconds:  # it comes by drops
                return Refusal("unreachable", "ReadTimeout")
        return bytes(octets)


class _Detail(msgspec.Struct):
    reason: str = ""


class _Told(msgspec.Struct):
    code: int = 0
    status: str = ""
    details: list[_Detail] = []


class _Error(msgspec.Struct):
    error: _Told


def of_code(code: int) -> Refusal:
    """What a google.rpc.Code in a reply of several says."""
    return Refusal(_RPC.get(code, "refused"), f"google.rpc.Code {code}")


def _decoded(octets: bytes, kind: type[T]) -> T | Refusal:
    try:
        return msgspec.json.decode(octets, type=kind)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return Refusal("garbled", "the reply is not the JSON that was to come")


def _refused(response: Response, octets: bytes) -> Refusal:
    status = response.status_code
    told = _decoded(octets, _Error)
    words = [] if isinstance(told, Refusal) else [told.error.status, *(one.reason for one in told.error.details)]
    detail = " ".join([f"HTTP {status}", *dict.fromkeys(word for word in words if _WORD.fullmatch(word))])
    if status in _STATUS:
        return Refusal(_STATUS[status], detail, _retry_after(response))
    if status >= 500:
        return Refusal("unreachable", detail, _retry_after(response))
    return Refusal("refused" if status >= 400 else "garbled", detail)


def _retry_after(response: Response) -> float:
    """RFC 9110 section 10.2.3, in seconds; a date is left, the wait of our own does."""
    told = response.headers.get("Retry-After", "").strip()
    return float(told) if told.isascii() and told.isdigit() and len(told) < 6 else 0.0


def _no_token(error: RefreshError) -> Refusal:
    """The token endpoint gives none. Of its words only one is looked for: the others may quote the request."""
    if "invalid_grant" in str(error):  # RFC 6749 5.2
        return Refusal("ended", "invalid_grant")
    if error.retryable:
        return Refusal("unreachable", "RefreshError")
    return Refusal("ended", "invalid_client" if "invalid_client" in str(error) else "RefreshError")
