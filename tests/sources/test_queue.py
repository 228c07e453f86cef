"""Events of SES from a queue, as moto plays SQS: signed, counted once, deleted when they are safe."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
import trustme

pytest.importorskip("moto", reason='moto not found: pip install "todoku[demo]"')

import boto3
from botocore.exceptions import ClientError
from moto import mock_aws

from mint_reports import five_times
from sns_signer import PAGE, TOPIC, CertificateHost, Signer, certificate, event
from store_bench import Bench, Given
from todoku.intake.parse import SCHEMAS
from todoku.intake.receive import Taken, take
from todoku.intake.source import Item, SourceAway
from todoku.net.aws.session import Accounts
from todoku.net.sources import aws_service, queue
from todoku.net.sources.certificates import Certificates
from todoku.net.sources.named import source_named
from todoku.net.sources.queue import Queue
from todoku.net.sources.tls_context import tls
from todoku.settings.config import IngestSection
from todoku.store.read import Reader
from todoku.store.upkeep import check
from todoku.words.errors import UsageError

SIGNER, STRANGER = Signer(), Signer()
ADDRESS = "sqs://ses-events"


@pytest.fixture
def sqs(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    for name, value in {
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_DEFAULT_REGION": "eu-west-1",
        "AWS_REGION": "eu-west-1",
    }.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(queue, "LOOK_SECONDS", 0)
    monkeypatch.setattr(aws_service, "FIRST_PAUSE", 0.0)
    with mock_aws():
        client = boto3.client("sqs")
        client.create_queue(QueueName="ses-events")
        yield client


@pytest.fixture
def source(sqs: Any, ca: trustme.CA, ca_file: Path, tmp_path: Path) -> Iterator[Queue]:
    trusted = tls(str(ca_file))
    with CertificateHost(tmp_path, ca, {PAGE: certificate(SIGNER.key)}) as host:
        fetched = Certificates(trusted, httpx2.HTTPTransport(verify=trusted, uds=str(host.socket)))
        yield Queue(ADDRESS, (TOPIC,), fetched)


def send(sqs: Any, *bodies: Any) -> None:
    url = sqs.get_queue_url(QueueName="ses-events")["QueueUrl"]
    for body in bodies:
        sqs.send_message(QueueUrl=url, MessageBody=body if isinstance(body, str) else json.dumps(body))


def left(sqs: Any) -> int:
    """How many messages the queue holds, hidden ones too."""
    url = sqs.get_queue_url(QueueName="ses-events")["QueueUrl"]
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    told = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"]
    return sum(int(told[name]) for name in names)


def emptied(bench: Bench, source: Queue) -> Taken:
    return sum(take(bench.store, source, bench.clock), Taken())


def rows(bench: Bench, what: str) -> list[tuple[Any, ...]]:
    with Reader(bench.store, SCHEMAS) as reader:
        return reader.connection.execute(f"SELECT {what} FROM event ORDER BY ALL").fetchall()


def test_events_are_rows_of_recipients_domains(bench: Bench, sqs: Any, source: Queue) -> None:
    send(sqs, SIGNER.envelope(event(1, "one@example.net", "two@example.org")), SIGNER.envelope(event(2), version="2"))
    assert emptied(bench, source) == Taken(new=2)
    assert bench.process().reports == 2
    assert rows(bench, "message_id, kind, recipient_domain, status, diagnostic_code") == [
        ("m1", "bounce", "example.net", "5.1.1", "smtp; 550 5.1.1 <@example.net> unknown"),
        ("m1", "bounce", "example.org", "5.1.1", "smtp; 550 5.1.1 <@example.org> unknown"),
        ("m2", "bounce", "example.net", "5.1.1", "smtp; 550 5.1.1 <@example.net> unknown"),
    ]
    assert bench.status().reports == {"event": 2}
    assert left(sqs) == 0
    assert list(check(bench.store)) == []


def test_each_event_five_times_counts_once(bench: Bench, sqs: Any, source: Queue) -> None:
    """L11: SQS delivers at least once, and SES publishes at least once: then another envelope is round the same event."""
    many = five_times([event(number).encode() for number in range(20)], seed=5)
    send(sqs, *(SIGNER.envelope(one.decode(), MessageId=f"{number}") for number, one in enumerate(many)))
    again = json.loads(event(3))
    send(sqs, SIGNER.envelope(json.dumps(dict(reversed(again.items())))))  # the same told in other octets
    assert emptied(bench, source) == Taken(new=21, known=80)
    done = bench.process()
    assert (done.reports, done.known, done.quarantined) == (20, 1, 0)
    assert len(rows(bench, "*")) == 20


def test_who_names_a_host_that_is_none_holds_up_no_event(bench: Bench, sqs: Any, source: Queue) -> None:
    """Anybody's message may name the certificate of a region that there is not."""
    nowhere = f"https://sns.zz-nowhere-1.amazonaws.com/{PAGE}"
    send(sqs, STRANGER.envelope(event(9), SigningCertURL=nowhere), *(SIGNER.envelope(event(one)) for one in range(3)))
    with pytest.raises(SourceAway, match="nowhere"):
        emptied(bench, source)
    assert bench.process().reports == 3
    assert left(sqs) == 1
    send(sqs, *(STRANGER.envelope(event(one), SigningCertURL=nowhere) for one in range(9)))
    with pytest.raises(SourceAway, match="nowhere"):
        emptied(bench, source)


def test_forged_event_stays_in_the_queue(bench: Bench, sqs: Any, source: Queue) -> None:
    bridged = {"source": "aws.ses", "detail-type": "Email Bounced", "detail": json.loads(event(2))}
    send(sqs, STRANGER.envelope(event(1)), event(1), bridged, "no JSON", "[" * 50_000, '{"Type": 7}')
    assert emptied(bench, source) == Taken()
    assert left(sqs) == 6
    assert len(source.skipped()) == 6
    assert {one.en.rpartition(": ")[2][:30] for one in source.skipped()} == {
        "its signature is not that of S",
        "it bears no signature of SNS (",
        "events of EventBridge count on",
    }


def test_events_of_eventbridge_count_where_that_is_wanted(bench: Bench, sqs: Any, source: Queue) -> None:
    source._topics = (TOPIC, "aws.ses")
    told = {"source": "aws.ses", "detail-type": "Email Bounced", "detail": json.loads(event(1)), "Message": event(666)}
    send(sqs, told, {**told, "source": "other"})
    assert emptied(bench, source) == Taken(new=1)
    bench.process()
    assert rows(bench, "message_id") == [("m1",)]
    assert left(sqs) == 1


def test_same_octets_by_mail_first_do_not_take_the_events_place(bench: Bench, sqs: Any, source: Queue) -> None:
    """Who knows an event could send it to the mailbox of reports, so that the true one would be known already."""
    bench.ingest(event(1).encode())
    assert bench.status().quarantined == 1
    send(sqs, SIGNER.envelope(event(1)))
    assert emptied(bench, source) == Taken(new=1)
    assert bench.process().reports == 1
    assert len(rows(bench, "*")) == 1


def test_octets_that_nobody_vouched_for_are_no_event(bench: Bench) -> None:
    bench.take(event(1).encode())
    bench.process()
    assert rows(bench, "*") == []


def test_lost_database_is_made_anew_with_its_events(
    bench: Bench, another: Callable[..., Bench], sqs: Any, source: Queue
) -> None:
    """L5: whether an event was signed is in the name of its file."""
    send(sqs, *(SIGNER.envelope(event(number)) for number in range(5)))
    emptied(bench, source)
    bench.ingest(event(9).encode())
    before = rows(bench, "*")
    bench.store.database.close()
    for path in bench.places.folder.glob("state.sqlite*"):
        path.unlink()
    anew = another("store")
    from todoku.intake.rebuild import rebuild  # noqa: PLC0415

    lease = anew.lease()
    assert sum(one.reports for one in rebuild(anew.store, lease, anew.worker, anew.clock)) == 5
    assert rows(anew, "*") == before


def test_message_that_comes_again_before_it_was_deleted_counts_once(bench: Bench, sqs: Any, source: Queue) -> None:
    """Taking took longer than the queue hides a message."""
    send(sqs, *(SIGNER.envelope(event(number)) for number in range(12)))
    items = list(source.items())
    assert list(source.items()) == []  # hidden
    list(take(bench.store, Vouched(items), bench.clock))
    url = sqs.get_queue_url(QueueName="ses-events")["QueueUrl"]
    for item in items:
        sqs.change_message_visibility(QueueUrl=url, ReceiptHandle=item.id, VisibilityTimeout=0)
    assert emptied(bench, source) == Taken(known=12)
    assert left(sqs) == 0
    assert bench.process().reports == 12


class Vouched(Given):
    """These items; acknowledging them is forgotten."""

    def __init__(self, items: list[Item]) -> None:
        super().__init__([])
        self.given = items

    def items(self) -> Iterator[Item]:
        yield from self.given

    def acknowledge(self, ids: object) -> None:
        return


@pytest.mark.parametrize("for_good", [False, True], ids=["once", "for-good"])
def test_each_call_of_sqs_failing_loses_nothing(
    another: Callable[..., Bench], sqs: Any, source: Queue, monkeypatch: pytest.MonkeyPatch, *, for_good: bool
) -> None:
    """L21: the n-th call fails, for each n; then SQS works again."""
    real = Accounts.client
    calls = [0]
    fails_at = 0

    class Failing:
        def __init__(self, client: Any) -> None:
            self.client, self.meta = client, client.meta

        def __getattr__(self, name: str) -> Any:
            def called(**parameters: Any) -> Any:
                calls[0] += 1
                if fails_at and (calls[0] == fails_at or (for_good and calls[0] > fails_at)):
                    raise ClientError({"Error": {"Code": "AccessDenied", "Message": "no"}}, "X")
                return getattr(self.client, name)(**parameters)

            return called

    monkeypatch.setattr(Accounts, "client", lambda self, *where: Failing(real(self, *where)))
    for number in range(1, 100):
        bench = another(f"store-{number}")
        send(sqs, *(SIGNER.envelope(event(one)) for one in range(12)))
        source._line._queue = "ses-events"  # its URL is asked for anew
        calls[0], fails_at = 0, number
        try:
            emptied(bench, source)
            failed = False
        except SourceAway:
            failed = True
        made, fails_at = calls[0], 0
        sqs.purge_queue(QueueUrl=sqs.get_queue_url(QueueName="ses-events")["QueueUrl"]) if not failed else _show_all(
            sqs
        )
        emptied(bench, source)
        bench.process()
        assert len(rows(bench, "*")) == 12
        assert left(sqs) == 0
        if not failed:
            assert made < number
            break
    assert number > 4


def _show_all(sqs: Any) -> None:
    from moto.sqs.models import sqs_backends  # noqa: PLC0415

    for one in sqs_backends["123456789012"]["eu-west-1"].queues["ses-events"]._messages:
        one.change_visibility(0)


def test_busy_queue_ends_somewhere(sqs: Any, source: Queue, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queue, "MOST", 15)
    send(sqs, *(SIGNER.envelope(event(number)) for number in range(40)))
    assert len(list(source.items())) == 15


@pytest.mark.parametrize(("failures", "told"), [(aws_service.ATTEMPTS - 1, ""), (aws_service.ATTEMPTS, "slower")])
def test_passing_failure_is_tried_again(
    sqs: Any, source: Queue, monkeypatch: pytest.MonkeyPatch, failures: int, told: str
) -> None:
    real = sqs.get_queue_url
    errors = [ClientError({"Error": {"Code": "ThrottlingException", "Message": "slower"}}, "GetQueueUrl")] * failures

    def throttled(**parameters: Any) -> Any:
        if errors:
            raise errors.pop()
        return real(**parameters)

    monkeypatch.setattr(sqs, "get_queue_url", throttled)
    monkeypatch.setattr(Accounts, "client", lambda self, *where: sqs)
    if told:
        with pytest.raises(SourceAway, match=told):
            list(source.items())
    else:
        assert list(source.items()) == []
    assert errors == []


@pytest.mark.parametrize(
    "address", ["sqs://", "sqs://a/b", "sqs://sqs.eu-west-1.amazonaws.com/1/x", "sqs://x@y", "sqs://a b"]
)
def test_address_that_is_none_is_told(address: str) -> None:
    with pytest.raises(UsageError, match="sqs://NAME"):
        source_named(address, IngestSection())


def test_queue_that_is_not_there_is_told(sqs: Any) -> None:
    with pytest.raises(SourceAway, match="sqs://nowhere"):
        list(source_named("sqs://nowhere", IngestSection(topics=(TOPIC,))).items())


def test_queue_may_be_named_by_its_url(sqs: Any) -> None:
    send(sqs, "x")
    found = source_named("sqs://sqs.eu-west-1.amazonaws.com/123456789012/ses-events", IngestSection())
    assert list(found.items()) == []
    assert len(found.skipped()) == 1
