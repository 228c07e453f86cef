"""Listening to a queue, as moto's server plays SQS: a message wakes, one request waits at a time, and nobody waits for its end."""

from __future__ import annotations

import json
import select
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pytest

pytest.importorskip("moto", reason='moto not found: pip install "todoku[demo]"')

import boto3
from moto.server import ThreadedMotoServer

from sns_signer import event
from todoku.cli.stop import Stop
from todoku.intake.source import SourceAway, Waking
from todoku.net.sources import listening, long_poll, queue
from todoku.net.sources.listening import Listener
from todoku.net.sources.long_poll import LongPoll
from todoku.net.sources.named import source_named
from todoku.net.sources.queue import Queue
from todoku.settings.config import IngestSection
from todoku.words.verdict import Text

LONG = 100.0  # seconds: what is tested comes long before
AWAY = SourceAway(Text("away", "away"))


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    running = ThreadedMotoServer("127.0.0.1", port=0, verbose=False)
    running.start()
    host, port = running.get_host_and_port()
    yield f"http://{host}:{port}"
    running.stop()


@pytest.fixture
def sqs(server: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    for name, value in {
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_REGION": "us-east-1",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ENDPOINT_URL_SQS": server,
    }.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(queue, "LOOK_SECONDS", 0)
    monkeypatch.setattr(queue, "LISTEN_SECONDS", 2)
    client = boto3.client("sqs")
    client.create_queue(QueueName="ses-events")
    yield client
    client.delete_queue(QueueUrl=url(client))
    client.close()


@pytest.fixture
def source(sqs: Any) -> Iterator[Queue]:
    made = source_named("sqs://ses-events", IngestSection(topics=("aws.ses",)))
    assert isinstance(made, Queue)
    assert isinstance(made, Waking)
    yield made
    made.close()
    for one in threading.enumerate():
        if one.name == "long poll":
            one.join()


@pytest.fixture
def stop() -> Iterator[Stop]:
    stop = Stop()
    yield stop
    stop.close()


def url(sqs: Any) -> str:
    return str(sqs.get_queue_url(QueueName="ses-events")["QueueUrl"])


def send(sqs: Any, number: int, source: str = "aws.ses") -> None:
    sqs.send_message(QueueUrl=url(sqs), MessageBody=json.dumps({"source": source, "detail": json.loads(event(number))}))


def later(do: Callable[..., object], *given: object) -> None:
    threading.Timer(0.5, do, given).start()


def readable(place: int) -> bool:
    return bool(select.select([place], [], [], LONG)[0])


class TestQueue:
    @pytest.fixture(autouse=True)
    def nobody_looks_by_himself(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(listening, "FIRST", 10 * LONG)

    def test_each_message_wakes(self, sqs: Any, source: Queue, stop: Stop) -> None:
        listener = Listener([source])
        for number in range(2):
            assert listener.wait(0, stop.fileno()) == []
            later(send, sqs, number)
            assert listener.wait(LONG, stop.fileno()) == [source]
            items = list(source.items())
            assert [json.loads(item.octets) for item in items] == [json.loads(event(number))]
            source.acknowledge([item.id for item in items])
            listener.again()
        assert list(source.items()) == []

    def test_what_nobody_vouches_for_wakes_nobody(self, sqs: Any, source: Queue) -> None:
        send(sqs, 1, source="somebody")
        assert readable(source.listen())
        assert not source.has_some()
        names = ["ApproximateNumberOfMessagesNotVisible"]
        told = sqs.get_queue_attributes(QueueUrl=url(sqs), AttributeNames=names)["Attributes"]
        assert told == {names[0]: "1"}

    def test_what_was_heard_is_given_after_the_end(self, sqs: Any, source: Queue) -> None:
        """A round begins: it opens each source anew."""
        place = source.listen()
        send(sqs, 1)
        assert readable(place)
        source.close()
        assert len(list(source.items())) == 1

    def test_queue_that_is_gone_is_told_and_heard_when_it_is_there_again(
        self, sqs: Any, source: Queue, stop: Stop, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        sqs.delete_queue(QueueUrl=url(sqs))
        assert readable(source.listen())
        with pytest.raises(SourceAway, match="sqs://ses-events"):
            source.has_some()
        sqs.create_queue(QueueName="ses-events")
        listener = Listener([source])
        assert listener.wait(0, stop.fileno()) == []
        later(send, sqs, 1)
        assert listener.wait(LONG, stop.fileno()) == [source]

    def test_a_stop_is_heard_while_all_is_silent(self, source: Queue, stop: Stop) -> None:
        listener = Listener([source])
        assert listener.wait(0, stop.fileno()) == []
        later(stop.ask)
        assert not listener.wait(10 * LONG, stop.fileno())


class Asked:
    """A question whose answers are given one after the other; each waits until the test says so."""

    def __init__(self, *answers: Sequence[int] | SourceAway) -> None:
        self.answers = list(answers)
        self.open = self.most = self.times = 0
        self.waits, self.may_go = threading.Semaphore(0), threading.Semaphore(0)

    def __call__(self) -> Sequence[int]:
        self.open, self.times = self.open + 1, self.times + 1
        self.most = max(self.most, self.open)
        self.waits.release()
        assert self.may_go.acquire(timeout=LONG)
        self.open -= 1
        answer = self.answers.pop(0)
        if isinstance(answer, SourceAway):
            raise answer
        return answer


class TestLongPoll:
    @pytest.fixture(autouse=True)
    def each_answer_took_its_time(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(long_poll, "EARLY", 0.0)

    def test_one_question_is_open_at_a_time(self) -> None:
        asked = Asked((), (), (1, 2))
        poll = LongPoll(asked)
        for _ in range(3):
            poll.begin()
            poll.end()
        place = poll.begin()
        for _ in range(3):
            asked.may_go.release()
        assert readable(place)
        assert poll.brought() == [1, 2]
        assert poll.brought() == []
        assert not select.select([place], [], [], 0)[0]
        assert (asked.most, asked.times) == (1, 3)
        poll.end()

    def test_what_comes_after_the_end_is_kept_and_the_question_not_asked_again(self) -> None:
        asked = Asked((7,))
        poll = LongPoll(asked)
        poll.begin()
        assert asked.waits.acquire(timeout=LONG)
        poll.end()
        asked.may_go.release()
        for one in threading.enumerate():
            if one.name == "long poll":
                one.join()
        assert readable(poll.begin())
        assert poll.brought() == [7]
        poll.end()
        assert asked.times == 1

    def test_a_failure_is_told_once_and_asked_no_further_before_somebody_begins_anew(self) -> None:
        asked = Asked(AWAY, (1,))
        poll = LongPoll(asked)
        asked.may_go.release()
        assert readable(poll.begin())
        with pytest.raises(SourceAway):
            poll.brought()
        assert poll.brought() == []
        assert asked.times == 1
        asked.may_go.release()
        assert readable(poll.begin())
        assert poll.brought() == [1]
        poll.end()

    def test_a_server_that_does_not_wait_is_not_asked_without_a_pause(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(long_poll, "EARLY", LONG)
        asked = Asked(())
        poll = LongPoll(asked)
        asked.may_go.release()
        assert readable(poll.begin())
        assert poll.brought() == []
        assert asked.times == 1
        poll.end()

    def test_an_open_question_holds_up_no_end_of_the_process(self) -> None:
        program = (
            "import time; from todoku.net.sources.long_poll import LongPoll; LongPoll(lambda: time.sleep(3600)).begin()"
        )
        assert subprocess.run([sys.executable, "-c", program], check=False, timeout=LONG).returncode == 0
