"""Rows in a bucket: answers are those of a folder, however many files there are, and what is missing is named."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("moto", reason='moto not found: pip install "todoku[demo]"')

import boto3
from moto.server import ThreadedMotoServer

from ledger import ledger
from mint_reports import BEGIN, aggregate
from store_bench import Bench
from todoku.cli.reports import command
from todoku.feedback.answers import Scope
from todoku.intake.parse import SCHEMAS
from todoku.store.away import Away
from todoku.store.questions.complaints import complaints
from todoku.store.questions.passing import passing
from todoku.store.questions.reporters import reporters
from todoku.store.questions.sources import sources
from todoku.store.questions.tls import tls
from todoku.store.questions.unaligned import unaligned
from todoku.store.questions.whatif import whatif
from todoku.store.read import Reader
from todoku.store.upkeep import MANY, check, compact, sweep

ROWS = "s3://rows/todoku/here"
MANY_REPORTS = tuple(aggregate(number, count=number + 1, records=6, begin=BEGIN) for number in range(3 * MANY))


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """The address of an S3 that others wrote."""
    running = ThreadedMotoServer("127.0.0.1", port=0, verbose=False)
    running.start()
    host, port = running.get_host_and_port()
    yield f"http://{host}:{port}"
    running.stop()


@pytest.fixture
def s3(server: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A client of it, with an empty bucket."""
    for name, value in {
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_REGION": "us-east-1",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ENDPOINT_URL_S3": server,
    }.items():
        monkeypatch.setenv(name, value)
    client = boto3.client("s3")
    client.create_bucket(Bucket="rows")
    yield client
    for one in keys(client):
        client.delete_object(Bucket="rows", Key=one)
    client.delete_bucket(Bucket="rows")


@pytest.fixture
def bucket(s3: Any, another: Callable[..., Bench]) -> Bench:
    """A store whose rows are in it."""
    return another("in-bucket", rows=ROWS)


def keys(s3: Any) -> list[str]:
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket="rows")
    return [one["Key"] for page in pages for one in page.get("Contents", ())]


def answers(bench: Bench) -> list[object]:
    """What every question that reads rows tells."""
    with Reader(bench.store, SCHEMAS) as reader:
        everything = [ask(reader, Scope()) for ask in (sources, unaligned, reporters, tls, complaints)]
        return [*everything, passing(reader, Scope(), "day"), whatif(reader, Scope(), "reject", "reject")]


def compacted(bench: Bench) -> int:
    lease = bench.lease()
    number = compact(bench.store, lease, bench.clock)
    lease.release(bench.store.database)
    return number


def test_answers_are_those_of_a_folder(bucket: Bench, bench: Bench, s3: Any) -> None:
    octets = ledger(8).octets
    for start in range(0, len(octets), 40):
        bucket.ingest(*octets[start : start + 40])
        bench.ingest(*octets[start : start + 40])
    assert len(keys(s3)) > 3
    assert all(key.startswith("todoku/here/") for key in keys(s3))
    assert not bucket.places.folder.joinpath("rows").exists()
    assert answers(bucket) == answers(bench)
    assert bucket.every_row() == bench.every_row()
    assert list(check(bucket.store)) == []


def test_many_files_become_few_and_say_the_same(bucket: Bench, another: Callable[..., Bench], s3: Any) -> None:
    for one in MANY_REPORTS:
        bucket.ingest(one)
    assert bucket.status().files == 3
    assert len(keys(s3)) == 3 + len(MANY_REPORTS)
    at_once = another("at-once")
    at_once.ingest(*MANY_REPORTS)
    assert bucket.every_row() == at_once.every_row()
    assert compacted(bucket) == 3
    assert bucket.every_row() == at_once.every_row()
    assert list(check(bucket.store)) == []


def test_what_was_replaced_goes_a_day_later(bucket: Bench, s3: Any) -> None:
    for one in MANY_REPORTS[:3]:
        bucket.ingest(one)
    old = set(keys(s3))
    compacted(bucket)
    assert set(keys(s3)) > old
    bucket.now = bucket.now.replace(day=bucket.now.day + 2)
    lease = bucket.lease()
    assert sweep(bucket.store, lease, bucket.clock) == 3
    assert old.isdisjoint(keys(s3))
    assert bucket.totals().reports == 3


def test_a_file_that_vanishes_while_it_is_asked(bucket: Bench, s3: Any) -> None:
    """Who began to ask before: nothing less is told as if it were all."""
    bucket.ingest(*MANY_REPORTS[:3])
    bucket.ingest(*MANY_REPORTS[3:6])
    with Reader(bucket.store, SCHEMAS) as reader:
        assert sources(reader, Scope())
        s3.delete_object(Bucket="rows", Key=keys(s3)[-1])
        with pytest.raises(Away, match="the rows cannot be read"):
            sources(reader, Scope())


@pytest.mark.parametrize("damage", ["gone", "empty", "cut", "something-else"])
def test_damage_is_told_in_one_line(
    bucket: Bench,
    s3: Any,
    damage: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    bucket.ingest(*MANY_REPORTS[:3])
    (key,) = keys(s3)
    octets = s3.get_object(Bucket="rows", Key=key)["Body"].read()
    if damage == "gone":
        s3.delete_object(Bucket="rows", Key=key)
    else:
        body = {"empty": b"", "cut": octets[:-100], "something-else": b"hello"}[damage]
        s3.put_object(Bucket="rows", Key=key, Body=body)
    monkeypatch.setenv("TODOKU_STORE_ROWS", ROWS)
    words = ["sources", "--store", str(bucket.places.folder), "--lang", "en"]
    assert command.main(words, "reports", standalone_mode=False) == 3
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.startswith("todoku: the rows cannot be read: ")
    assert told.err.count("\n") == 1
    assert {"rows-missing" if damage == "gone" else "rows-changed"} <= {fault.tag for fault in check(bucket.store)}


def test_nothing_is_lost_while_the_bucket_is_away(bucket: Bench, s3: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """L4: reports that were taken wait, and are read when it is back."""
    bucket.take(*MANY_REPORTS[:3])
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{closed.getsockname()[1]}"
    with monkeypatch.context() as away:
        away.setenv("AWS_ENDPOINT_URL_S3", address)
        away.setattr(bucket.store.files, "_bucket", None)
        with pytest.raises(Away):
            bucket.process()
    bucket.store.files._bucket = None
    bucket.now = bucket.now.replace(day=bucket.now.day + 1)
    assert bucket.process().reports == 3
    assert bucket.totals().reports == 3
    assert list(check(bucket.store)) == []
