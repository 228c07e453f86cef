"""Reads of an AWS account: who answers the ``Call`` of an engine. It reads and never changes anything.

Each account and region has its own pace (``pace.py``) and its own thread, so that sixteen regions take no longer than
one. Listings are read to their last page, within bounds. What AWS refuses, and what could not be reached, is a reply
that says so; credentials that cannot be had at all are the operator's slip, a ``UsageError``.

With a file (``calls.Kept``) each reply is written down as it comes, so that a look that is killed goes on where it was.
The file is only believed where the credentials are of the same AWS account as before. An interrupt ends the look at once:
nobody waits for a call that is under way, which only reads.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from importlib import import_module
from queue import SimpleQueue
from threading import Event, Thread
from typing import Any, NamedTuple, Protocol

from todoku.account.reply_shapes import check_shape
from todoku.account.suppression import without_address
from todoku.auth.ask import Call, Reply, ReplyStatus
from todoku.net.aws.calls import Kept
from todoku.net.aws.errors import CREDENTIAL_CODES, Failure, failure_of
from todoku.net.aws.rate_limit import Pace, Timing
from todoku.net.aws.ses_subject import ses_regions
from todoku.net.aws.session import Accounts

MAX_ENTRIES = 100_000  # of one listing
MAX_PAGES = 1_000  # of one listing: SES gives 100 entries or more on a page that is not the last
PAGE_SIZES = {
    "ListEmailIdentities": 1000,
    "ListRecommendations": 100,
    "ListSuppressedDestinations": 1000,
}  # the most that their pages in the API reference allow
FEWER_ENTRIES = {"ListSuppressedDestinations": 10_000}  # it is only counted, and each page takes a second
CUT_DOWN: Mapping[str, Callable[[Mapping[str, Any]], dict[str, Any]]] = {"ListSuppressedDestinations": without_address}
"""What is kept of each entry of a listing that tells of people: neither a report nor a recording may hold more."""
MAX_REGIONS = 8  # read side by side
TRIES: dict[ReplyStatus, int] = {"throttled": 6, "unreachable": 3}  # for one page
GIVE_UP = 3  # calls in a row that could not be had: the rest of the region is not tried


class Progress(NamedTuple):
    """How far it is: replies that are there, of calls that were asked for up to now, and the call that was answered last."""

    done: int
    total: int
    call: Call


class Clients(Protocol):
    """Whoever opens accounts and has clients for them: ``aws.Accounts``."""

    def open(self, account: str) -> Failure | None:
        """None where the account's credentials are at hand, or why AWS refuses them."""

    def client(self, service: str, account: str, region: str) -> Any:  # noqa: ANN401 -- boto3 has no types
        """A client of boto3's."""


class SesApi:
    """A source of replies for ``sesv2``, ``cloudwatch``, ``sts`` and ``account``. It is used by one thread at a time."""

    def __init__(
        self,
        progress: Callable[[Progress], object] | None = None,
        kept: Kept | None = None,
        *,
        timing: Timing | None = None,
        clients: Clients | None = None,
    ) -> None:
        """``progress`` is called after each reply, in the caller's thread. ``timing`` is for tests."""
        self._stopped = Event()
        self._timing = timing or Timing(sleep=self._stopped.wait)
        self._clients = clients or Accounts()
        self._kept = kept
        self._progress = progress
        self._paces: dict[tuple[str, str], Pace] = {}
        self._owners: dict[str, str] = {}
        self._done = self._total = 0

    def replies(self, calls: Sequence[Call]) -> Sequence[Reply]:
        """The replies in the calls' order. Raises ``UsageError`` where there are no credentials for an account."""
        asked = tuple(dict.fromkeys(calls))
        self._total += len(asked)
        replies: dict[Call, Reply] = {}
        for reply in (*self._known(asked), *self._of_closed_accounts(asked)):
            self._arrived(replies, reply)
        by_region: dict[tuple[str, str], list[Call]] = {}
        for call in asked:
            if call not in replies:
                by_region.setdefault((call.account, call.region), []).append(call)
        if by_region:
            self._read(by_region, replies)
        return [replies[call] for call in calls]

    def _known(self, calls: Sequence[Call]) -> Iterator[Reply]:
        """What was kept from a look before. Who somebody is, is asked anew."""
        if self._kept is None or not len(self._kept):
            return
        for call in calls:
            if call.service != "sts" and (reply := self._kept.get(call, self._owner(call.account, call.region))):
                yield reply

    def _of_closed_accounts(self, calls: Sequence[Call]) -> Iterator[Reply]:
        """The replies for accounts whose role AWS refuses."""
        refused = {account: self._clients.open(account) for account in {call.account for call in calls}}
        for call in calls:
            if (failure := refused[call.account]) is not None:
                yield _failed(call, failure)

    def _owner(self, account: str, region: str) -> str:
        """The number of the AWS account, or "" where STS does not say."""
        if account not in self._owners:
            call = Call("sts", account, region, "GetCallerIdentity", fields=("Account",))
            reply = self._reply(call) if self._clients.open(account) is None else Reply(call, status="denied")
            self._owners[account] = str(reply.value.get("Account", ""))
        return self._owners[account]

    def _arrived(self, replies: dict[Call, Reply], reply: Reply) -> None:
        replies[reply.call] = reply
        self._done += 1
        if self._progress is not None:
            self._progress(Progress(self._done, self._total, reply.call))

    def _read(self, by_region: Mapping[tuple[str, str], Sequence[Call]], replies: dict[Call, Reply]) -> None:
        """Read regions side by side; each reply is kept before the next one is waited for."""
        arrived: SimpleQueue[Reply | BaseException | None] = SimpleQueue()
        owners = {
            account: self._owner(account, region) if self._kept is not None else "" for account, region in by_region
        }
        for key in by_region:
            self._paces.setdefault(key, Pace(self._timing))
        waiting = deque(by_region.values())
        for _ in range(min(MAX_REGIONS, len(by_region))):
            # As daemons, since the interpreter waits for other threads before it ends, those of a ThreadPoolExecutor included.
            Thread(target=self._read_regions, args=(waiting, arrived.put), name="ses", daemon=True).start()
        open_regions = len(by_region)
        try:
            while open_regions:
                reply = _next(arrived)
                if reply is None:
                    open_regions -= 1
                    continue
                if self._kept is not None:
                    self._kept.add(reply, owners[reply.call.account])
                self._arrived(replies, reply)
        except BaseException:  # an interrupt too: whoever waits for his turn is to stop waiting
            self._stopped.set()
            raise

    def _read_regions(
        self, waiting: deque[Sequence[Call]], put: Callable[[Reply | BaseException | None], None]
    ) -> None:
        """Put the replies of one region after the other, and None behind each; or what was raised, for the caller's thread."""
        try:
            while True:
                try:
                    calls = waiting.popleft()
                except IndexError:  # another thread took the last one
                    return
                self._read_region(calls, put)
                put(None)
        except BaseException as error:  # noqa: BLE001 -- as said
            put(error)

    def _read_region(self, calls: Sequence[Call], put: Callable[[Reply], None]) -> None:
        """Put the reply of each call, one after the other."""
        in_a_row = 0
        for index, call in enumerate(calls):
            if self._stopped.is_set():
                return
            reply = self._reply(call)
            put(reply)
            in_a_row = in_a_row + 1 if reply.status in ("throttled", "unreachable") else 0
            if in_a_row == GIVE_UP or reply.detail.partition(":")[0] in CREDENTIAL_CODES:
                for rest in calls[index + 1 :]:
                    put(Reply(rest, status=reply.status, detail=f"{reply.detail} (not asked again)"))
                return

    def _reply(self, call: Call) -> Reply:
        """The reply to one call, all pages of it."""
        if call.service == "sesv2" and call.region not in ses_regions():
            return Reply(call, status="absent", detail=f"SES is not offered in {call.region}")
        client = self._clients.client(call.service, call.account, call.region)
        parameters = _parameters(client, call)
        value: dict[str, Any] = {}
        tokens: set[str] = set()
        for _ in range(MAX_PAGES):
            page = self._page(client, call, parameters)
            if isinstance(page, Failure):
                return _failed(call, page)
            _join(value, _cut_down(page, call), call.fields)
            token = page.get("NextToken") if call.paged else None
            if not token:
                return _checked(Reply(call, value))
            if token in tokens or _longest(value) >= FEWER_ENTRIES.get(call.operation, MAX_ENTRIES + 1):
                break
            tokens.add(token)
            parameters["NextToken"] = token
        return Reply(call, status="limit", detail=f"the listing goes on after {_longest(value):,} entries: not read on")

    def _page(self, client: Any, call: Call, parameters: Mapping[str, Any]) -> Mapping[str, Any] | Failure:  # noqa: ANN401 -- boto3's
        """One page; asked again where that may help."""
        pace = self._paces.setdefault((call.account, call.region), Pace(self._timing))
        operation = getattr(client, import_module("botocore").xform_name(call.operation))
        attempt = 0
        while True:
            if call.service == "sesv2":
                pace.wait()
            page = _asked(operation, call, parameters)
            if not isinstance(page, Failure):
                pace.let_through()
                return page
            attempt += 1
            if not page.passing or attempt >= TRIES[page.status] or self._stopped.is_set():
                return page
            pace.hold(attempt, throttled=page.status == "throttled")


def _next(arrived: SimpleQueue[Reply | BaseException | None]) -> Reply | None:
    """What came next. Raises what was raised in the thread that it comes from."""
    come = arrived.get()
    if isinstance(come, BaseException):
        raise come
    return come


def _asked(operation: Any, call: Call, parameters: Mapping[str, Any]) -> Mapping[str, Any] | Failure:  # noqa: ANN401 -- boto3's
    exceptions, parsers = import_module("botocore.exceptions"), import_module("botocore.parsers")
    try:
        page: Mapping[str, Any] = operation(**parameters)
    except (exceptions.ClientError, exceptions.BotoCoreError, parsers.ResponseParserError) as error:
        return failure_of(error, call)
    return page


def _checked(reply: Reply) -> Reply:
    """The reply; one that is not what its operation gives is as good as none: nothing of it may reach a record or a file."""
    try:
        check_shape(reply)
    except ValueError as error:
        where = str(error).rpartition("`$")[2].rstrip("`")
        return Reply(reply.call, status="unreachable", detail=f"the reply is not what AWS gives (at ${where})")
    return reply


def _failed(call: Call, failure: Failure) -> Reply:
    return Reply(call, status=failure.status, detail=failure.detail)


def _parameters(client: Any, call: Call) -> dict[str, Any]:  # noqa: ANN401 -- boto3 has no types
    """The parameters as boto3 takes them: where the API's model has a list or an object, a tuple becomes one."""
    shape = client.meta.service_model.operation_model(call.operation).input_shape
    members = {} if shape is None else shape.members
    size = {"PageSize": PAGE_SIZES[call.operation]} if call.paged and call.operation in PAGE_SIZES else {}
    return {**size, **{name: _thawed(value, members.get(name)) for name, value in call.parameters}}


def _thawed(value: Any, shape: Any) -> Any:  # noqa: ANN401 -- as the API's model has it
    match getattr(shape, "type_name", ""):
        case "list":
            return [_thawed(each, shape.member) for each in value]
        case "map":
            return {key: _thawed(each, shape.value) for key, each in value}
        case "structure":
            return {key: _thawed(each, shape.members.get(key)) for key, each in value}
    return value


def _cut_down(page: Mapping[str, Any], call: Call) -> Mapping[str, Any]:
    if (cut := CUT_DOWN.get(call.operation)) is None:
        return page
    return {field: [cut(entry) for entry in page.get(field, ())] for field in call.fields}


def _join(value: dict[str, Any], page: Mapping[str, Any], fields: Sequence[str]) -> None:
    """Take the named fields of a page over: lists are joined, of anything else the first one stays."""
    for field in fields:
        if field not in page or isinstance(page[field], bytes):
            continue
        found = _plain(page[field])
        if isinstance(found, list):
            value.setdefault(field, []).extend(found)
        else:
            value.setdefault(field, found)


def _plain(value: Any) -> Any:  # noqa: ANN401 -- what botocore read
    """A value as JSON has it: times as ISO 8601 in UTC, bytes left out."""
    match value:
        case datetime():
            return value.astimezone(UTC).isoformat()
        case dict():
            return {key: _plain(each) for key, each in value.items() if not isinstance(each, bytes)}
        case list():
            return [_plain(each) for each in value if not isinstance(each, bytes)]
    return value


def _longest(value: Mapping[str, Any]) -> int:
    return max((len(found) for found in value.values() if isinstance(found, list)), default=0)
