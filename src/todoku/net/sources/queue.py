"""Events of SES from a queue of SQS: ``sqs://NAME``, or ``sqs://sqs.REGION.amazonaws.com/ACCOUNT/NAME``.

They come as SNS notifications, whose signature is checked, or as EventBridge events, which nobody signs: those count only
where ``[ingest] topics`` names ``aws.ses``, and are then as true as the queue's own policy makes them. What is neither
stays in the queue, whose dead-letter queue takes it in the end. A message is deleted once it is safe; one that comes
again, because that took longer than the queue waits, counts once.

Between two looks it can listen: SQS keeps a request waiting until a message comes. That message is then hidden, and given first
when the queue is looked into.

It trusts SQS, and reads of a message no more than its envelope. It touches the queue: messages are hidden while they are
taken, and deleted.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from itertools import chain, islice
from typing import Any

import msgspec

from todoku.intake.source import Item, SourceAway
from todoku.net.sources.aws_service import Service, whole
from todoku.net.sources.certificates import Certificates
from todoku.net.sources.long_poll import LongPoll
from todoku.net.sources.sns import Envelope, Forged, signed_message
from todoku.words.errors import UsageError
from todoku.words.verdict import Text

SCHEME = "sqs"
EVENT_BRIDGE = "aws.ses"  # the ``source`` of SES's events there
HIDDEN_SECONDS = 300
LOOK_SECONDS = 1  # SQS then asks all its servers, and not some
LISTEN_SECONDS = 20  # SQS keeps no request waiting longer
MOST = 50_000  # messages of one look: a busy queue is never empty, and what was taken is to be read
MOST_UNREACHED = 3  # certificates of one look: each is waited for
AT_ONCE = 10  # SQS takes no more

_URL = re.compile(r"sqs\.(?P<region>[a-z0-9-]+)\.amazonaws\.com(?:\.cn)?/[0-9]{12}/[A-Za-z0-9_.-]{1,80}")
_NAME = re.compile(r"[A-Za-z0-9_.-]{1,80}")


class _Bridged(msgspec.Struct):
    source: str
    detail: msgspec.Raw


class _Line:
    """One queue, as one thread asks it."""

    def __init__(self, queue: str, region: str, name: str, *, waits: int) -> None:
        """``queue``: a URL, or a name, whose URL is asked for first; ``waits``: for how many seconds SQS waits for a message."""
        self._queue = queue
        self._waits = waits
        self._service = Service("sqs", region, name, waits=waits)

    def receive(self) -> Sequence[Mapping[str, Any]]:
        """Some messages, hidden from now on; none if none came. Raises ``SourceAway``, ``UsageError``."""
        reply = self._service.ask(
            "receive_message",
            whole,
            QueueUrl=self._url(),
            MaxNumberOfMessages=AT_ONCE,
            VisibilityTimeout=HIDDEN_SECONDS,
            WaitTimeSeconds=self._waits,
        )
        return reply.get("Messages") or ()

    def delete(self, handles: Sequence[str]) -> None:
        """Delete messages, no more than ``AT_ONCE``. Raises ``SourceAway``, ``UsageError``."""
        entries = [{"Id": str(number), "ReceiptHandle": handle} for number, handle in enumerate(handles)]
        self._service.ask("delete_message_batch", whole, QueueUrl=self._url(), Entries=entries)

    def _url(self) -> str:
        if "://" not in self._queue:
            self._queue = str(self._service.ask("get_queue_url", whole, QueueName=self._queue)["QueueUrl"])
        return self._queue


class Queue:
    """One queue."""

    def __init__(self, address: str, topics: Collection[str], certificates: Certificates) -> None:
        """Ask nothing yet. Raises ``UsageError`` where the address is none."""
        self.name = address
        place = address.partition("://")[2]
        url = _URL.fullmatch(place)
        if url is None and _NAME.fullmatch(place) is None:
            raise UsageError(
                Text(
                    "a queue is named sqs://NAME or sqs://sqs.REGION.amazonaws.com/ACCOUNT/NAME",
                    "キューは sqs://NAME または sqs://sqs.REGION.amazonaws.com/ACCOUNT/NAME の形で指定してください",
                )
            )
        queue, region = (place, "") if url is None else (f"https://{place}", url["region"])
        self._line = _Line(queue, region, self.name, waits=LOOK_SECONDS)
        self._poll = LongPoll(_Line(queue, region, self.name, waits=LISTEN_SECONDS).receive)
        self._heard: list[Mapping[str, Any]] = []
        self._topics = topics
        self._certificates = certificates
        self._left: list[Text] = []

    def items(self) -> Iterator[Item]:
        """Every event that can be trusted, until the queue is empty. Raises ``SourceAway``, ``UsageError``; where a certificate cannot
        be had, at the end: the message may name a host that is none, and the others are not to wait for it.
        """
        self._left = []
        unreached: list[SourceAway] = []
        with suppress(SourceAway, UsageError):  # the next call tells whether it still is
            self._heard += self._poll.brought()
        heard, self._heard = self._heard, []
        for message in islice(chain(heard, self._messages()), MOST):
            try:
                octets = self._trusted(message["Body"])
            except SourceAway as away:
                unreached.append(away)
                if len(unreached) == MOST_UNREACHED:
                    break
                continue
            except Forged as forged:
                about = f"{self.name} {message['MessageId']}"
                self._left.append(Text(f"{about}: {forged.text.en}", f"{about}: {forged.text.ja}"))
                continue
            name = f"{self.name} {message['MessageId']}"
            yield Item(message["ReceiptHandle"], octets, authentic=True, name=name)
        if unreached:
            raise unreached[0]

    def acknowledge(self, ids: Sequence[str]) -> None:
        """Delete these messages. One that SQS cannot delete comes again, and counts once. Raises ``SourceAway``."""
        handles = iter(ids)
        while some := list(islice(handles, AT_ONCE)):
            self._line.delete(some)

    def skipped(self) -> Sequence[Text]:
        """Messages that nobody has signed for us; they stay in the queue."""
        return self._left

    def listen(self) -> int:
        """A file descriptor that becomes readable when a message came, or listening failed."""
        return self._poll.begin()

    def has_some(self) -> bool:
        """Whether a message was heard that can be trusted; the others show themselves in the queue again later. Raises ``SourceAway``,
        ``UsageError``.
        """
        self._heard += self._poll.brought()
        self._heard = [one for one in self._heard if self._is_trusted(one)]
        return bool(self._heard)

    def close(self) -> None:
        """Listen no more."""
        self._poll.end()

    def _messages(self) -> Iterator[Mapping[str, Any]]:
        while messages := self._line.receive():
            yield from messages

    def _is_trusted(self, message: Mapping[str, Any]) -> bool:
        try:
            self._trusted(message["Body"])
        except (Forged, SourceAway):
            return False
        return True

    def _trusted(self, body: str) -> bytes:
        """The event, as far as it is vouched for. Raises ``Forged``, ``SourceAway``."""
        try:
            return signed_message(msgspec.json.decode(body, type=Envelope), self._topics, self._certificates.fetch)
        except (msgspec.MsgspecError, UnicodeError, RecursionError):
            return self._bridged(body)

    def _bridged(self, body: str) -> bytes:
        try:
            event = msgspec.json.decode(body, type=_Bridged)
        except (msgspec.MsgspecError, UnicodeError, RecursionError):
            raise Forged(
                "it bears no signature of SNS (raw message delivery must be off)",
                "SNSの署名がありません(raw message deliveryを無効にしてください)",
            ) from None
        if event.source != EVENT_BRIDGE or EVENT_BRIDGE not in self._topics:
            raise Forged(
                f"events of EventBridge count only where [ingest] topics names {EVENT_BRIDGE}",
                f"EventBridgeのイベントは、[ingest] topics に {EVENT_BRIDGE} がある場合だけ数えます",
            )
        return bytes(event.detail)
