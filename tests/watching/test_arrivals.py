"""``todoku watch`` between its rounds: what arrives is taken at once, from a real IMAP server and from moto's queue."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

from imap_server import PASSWORD, Dovecot
from mint_reports import aggregate, mailed
from sns_signer import event
from todoku.cli.stored import clock
from todoku.store.status import status
from todoku.store.store import Places, Store

MAIL = [mailed(aggregate(number), number) for number in range(3)]


class Watch:
    """A watch of one source whose next round is a week away."""

    def __init__(self, folder: Path, ingest: str, secrets: Mapping[str, str]) -> None:
        self.folder = folder
        (folder / "todoku.toml").write_text(f"[ingest]\n{ingest}\n[watch]\nminutes = 10080\n")
        environment = {"PATH": os.defpath, "LANG": "C.UTF-8", "HOME": str(folder), **secrets}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "todoku", "watch"],
            cwd=folder,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout is not None
        assert self.process.stdout.readline().startswith("Open: ")

    def reports(self) -> int:
        with Store(Places(folder=self.folder / "todoku-store")) as store:
            return status(store, clock()).parsed

    def close(self) -> None:
        self.process.kill()
        self.process.communicate()

    def end(self) -> tuple[int, str]:
        self.process.send_signal(signal.SIGTERM)
        out, err = self.process.communicate(timeout=60)
        return self.process.returncode, out + err


Begin = Callable[[str, Mapping[str, str]], Watch]


@pytest.fixture
def begin(tmp_path: Path) -> Iterator[Begin]:
    begun: list[Watch] = []

    def begin(ingest: str, secrets: Mapping[str, str]) -> Watch:
        begun.append(Watch(tmp_path, ingest, secrets))
        return begun[-1]

    yield begin
    for one in begun:
        one.close()


@pytest.fixture
def watch(begin: Begin, dovecot: Dovecot, ca_file: Path) -> Callable[[], Watch]:
    """Of a mailbox."""
    ingest = f'sources = ["imaps://dmarc@127.0.0.1:{dovecot.port}/INBOX"]\nca_file = "{ca_file}"'
    return lambda: begin(ingest, {"TODOKU_INGEST_PASSWORD": PASSWORD})


def eventually(holds: Callable[[], bool]) -> None:
    for _ in range(600):
        if holds():
            return
        time.sleep(0.1)
    pytest.fail("it has not come to pass")


def test_mail_is_taken_as_it_arrives_and_a_stop_ends_the_listening(
    watch: Callable[[], Watch], dovecot: Dovecot
) -> None:
    dovecot.deliver(MAIL[0])
    begun = watch()
    assert begun.reports() == 1
    for number in (1, 2):
        dovecot.deliver(MAIL[number])
        eventually(lambda number=number: begun.reports() == number + 1)
    assert begun.end() == (0, "")


def test_a_server_that_goes_and_comes_again_is_listened_to_again(watch: Callable[[], Watch], dovecot: Dovecot) -> None:
    begun = watch()
    dovecot.stop()
    dovecot.start()
    dovecot.deliver(MAIL[0])
    eventually(lambda: begun.reports() == 1)
    assert begun.end() == (0, "")


@pytest.fixture
def queues() -> Iterator[str]:
    """The address of an SQS that others wrote."""
    moto = pytest.importorskip("moto.server", reason='moto not found: pip install "todoku[demo]"')
    server = moto.ThreadedMotoServer("127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


def test_an_event_in_a_queue_is_taken_as_it_arrives_and_a_stop_ends_the_listening(
    begin: Begin, queues: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    secrets = {
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_REGION": "us-east-1",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ENDPOINT_URL_SQS": queues,
    }
    for name, value in secrets.items():
        monkeypatch.setenv(name, value)
    sqs = pytest.importorskip("boto3", reason='boto3 not found: pip install "todoku[ses]"').client("sqs")
    url = sqs.create_queue(QueueName="ses-events")["QueueUrl"]
    begun = begin('sources = ["sqs://ses-events"]\ntopics = ["aws.ses"]', secrets)
    for number in range(2):
        sqs.send_message(
            QueueUrl=url, MessageBody=json.dumps({"source": "aws.ses", "detail": json.loads(event(number))})
        )
        eventually(lambda number=number: begun.reports() == number + 1)
    assert begun.end() == (0, "")
    sqs.close()
