"""Reports from a bucket, as moto plays S3: listed in pages, fetched once, and only what was read is moved or deleted."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

pytest.importorskip("moto", reason='moto not found: pip install "todoku[demo]"')

import boto3
from botocore.exceptions import ClientError
from moto import mock_aws

from mint_reports import aggregate, mailed, wrapped
from store_bench import Bench
from todoku.intake import receive as taking
from todoku.intake.receive import Taken, take
from todoku.intake.source import SourceAway
from todoku.net.aws.session import Accounts
from todoku.net.sources import aws_service, bucket
from todoku.net.sources.bucket import Bucket
from todoku.net.sources.named import source_named
from todoku.settings.config import IngestSection
from todoku.words.errors import UsageError

WAYS = ("seen", "tag", "move:done", "delete")


@pytest.fixture
def s3(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    for name, value in {
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_REGION": "us-east-1",
    }.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(aws_service, "FIRST_PAUSE", 0.0)
    with mock_aws():
        client = boto3.client("s3")
        client.create_bucket(Bucket="reports")
        yield client


def put(s3: Any, *octets: bytes, prefix: str = "mail/") -> None:
    for number, each in enumerate(octets):
        s3.put_object(Bucket="reports", Key=f"{prefix}{number:04}", Body=each)


def keys(s3: Any, prefix: str = "") -> list[str]:
    return [one["Key"] for one in s3.list_objects_v2(Bucket="reports", Prefix=prefix).get("Contents", ())]


def opened(way: str = "seen", address: str = "s3://reports/mail/") -> Bucket:
    source = source_named(address, IngestSection(acknowledge=way))
    assert isinstance(source, Bucket)
    return source


def emptied(bench: Bench, source: Bucket) -> Taken:
    return sum(take(bench.store, source, bench.clock), Taken())


@pytest.mark.parametrize("way", WAYS)
def test_objects_are_taken_once(bench: Bench, s3: Any, way: str) -> None:
    reports = [wrapped(number, aggregate(number, count=number + 1)) for number in range(30)]
    put(s3, *reports)
    put(s3, b"of somebody else", prefix="other/")
    assert emptied(bench, opened(way)) == Taken(new=30)
    assert emptied(bench, opened(way)) == Taken()
    assert bench.process().reports == 30
    assert len(keys(s3, "mail/")) == (30 if way in ("seen", "tag") else 0)
    assert len(keys(s3, "done/")) == (30 if way == "move:done" else 0)
    assert keys(s3, "other/") == ["other/0000"]


def test_other_tags_stay(bench: Bench, s3: Any) -> None:
    s3.put_object(Bucket="reports", Key="mail/a", Body=aggregate(1), Tagging="team=mail")
    emptied(bench, opened("tag"))
    tags = s3.get_object_tagging(Bucket="reports", Key="mail/a")["TagSet"]
    assert sorted((one["Key"], one["Value"]) for one in tags) == [("team", "mail"), ("todoku", "taken")]


def test_object_that_was_written_anew_meanwhile_gets_no_tag(s3: Any) -> None:
    put(s3, aggregate(1), aggregate(2))
    source = opened("tag")
    items = list(source.items())
    s3.put_object(Bucket="reports", Key="mail/0000", Body=aggregate(3))
    source.acknowledge([item.id for item in items])
    tagged = [s3.get_object_tagging(Bucket="reports", Key=key)["TagSet"] for key in keys(s3, "mail/")]
    assert tagged == [[], [bucket.TAG]]


def test_listing_goes_on_page_by_page_and_fetches_nothing_twice(
    bench: Bench, s3: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(s3, *(aggregate(number) for number in range(25)))
    source = opened()
    asked: list[tuple[str, dict[str, Any]]] = []
    real = source._service.ask

    def watched(method: str, take: Any, **parameters: Any) -> Any:
        asked.append((method, parameters))
        return real(method, take, **parameters, **({"MaxKeys": 10} if method == "list_objects_v2" else {}))

    monkeypatch.setattr(source._service, "ask", watched)
    assert emptied(bench, source) == Taken(new=25)
    s3.put_object(Bucket="reports", Key="mail/0003", Body=aggregate(100))  # written anew
    asked.clear()
    assert emptied(bench, source) == Taken(new=1)
    assert [method for method, _ in asked] == ["list_objects_v2", "get_object", "list_objects_v2", "list_objects_v2"]


@pytest.mark.parametrize("way", ["move:done", "delete"])
def test_object_that_was_written_anew_meanwhile_stays(s3: Any, way: str) -> None:
    put(s3, aggregate(1), aggregate(2))
    source = opened(way)
    items = list(source.items())
    s3.put_object(Bucket="reports", Key="mail/0000", Body=aggregate(3))
    source.acknowledge([item.id for item in items])
    assert keys(s3, "mail/") == ["mail/0000"]


@pytest.mark.parametrize("address", ["s3://reports/p", "s3://reports/p/"])
def test_moved_objects_stay_as_many_as_they_were(bench: Bench, s3: Any, address: str) -> None:
    """A key is no path: p/a, p//a and pa are three."""
    names = [name for name in ("p/a", "p//a", "p///a", "pa") if name.startswith(address.removeprefix("s3://reports/"))]
    for number, name in enumerate(names):
        s3.put_object(Bucket="reports", Key=name, Body=aggregate(number))
    assert emptied(bench, opened("move:done", address=address)) == Taken(new=len(names))
    assert len(keys(s3, "done/")) == len(names)
    assert keys(s3, "p") == []


def test_object_that_is_gone_meanwhile_is_no_trouble(s3: Any) -> None:
    put(s3, aggregate(1), aggregate(2))
    source = opened("move:done")
    listed = next(source._pages())
    s3.delete_object(Bucket="reports", Key="mail/0000")
    assert source._fetched(listed[0]) is None
    source.acknowledge([one.id for one in listed])
    assert keys(s3) == ["done/0001"]


def test_what_is_no_report_is_passed_over(s3: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bucket, "MAX_ITEM", 5_000)
    put(s3, b"x" * 5_001, b"y" * 5_000)
    for key in ("mail/", "mail/AMAZON_SES_SETUP_NOTIFICATION"):
        s3.put_object(Bucket="reports", Key=key, Body=b"" if key.endswith("/") else b"Subject: x\r\n\r\n")
    s3.put_object(Bucket="reports", Key="mail/frozen", Body=b"z", StorageClass="GLACIER")
    source = opened()
    assert [item.octets for item in source.items()] == [b"y" * 5_000]
    assert [one.en for one in source.skipped()] == [
        "s3://reports/mail/0000: larger than 50 MiB, which no report is",
        "s3://reports/mail/frozen: in an archive (S3 Glacier), and has to be restored first",
    ]


@pytest.mark.parametrize("for_good", [False, True], ids=["once", "for-good"])
@pytest.mark.parametrize("way", WAYS)
def test_each_call_of_s3_failing_loses_nothing(
    another: Callable[..., Bench], s3: Any, monkeypatch: pytest.MonkeyPatch, way: str, *, for_good: bool
) -> None:
    """L21: the n-th call fails, for each n; then S3 works again."""
    monkeypatch.setattr(taking, "BATCH", 2)
    monkeypatch.setattr(bucket, "THREADS", 1)
    failing = Failing(s3, for_good=for_good)
    monkeypatch.setattr(Accounts, "client", lambda self, *where: failing)
    reports = [mailed(aggregate(number, count=number + 1), number) for number in range(4)]
    for number in range(1, 200):
        for key in keys(s3):
            s3.delete_object(Bucket="reports", Key=key)
        put(s3, *reports)
        bench = another(f"store-{number}")
        failing.calls, failing.fails_at = 0, number
        failed = False
        try:
            emptied(bench, opened(way))
        except SourceAway:
            failed = True
        made, failing.fails_at = failing.calls, 0
        emptied(bench, opened(way))
        bench.process()
        assert bench.totals() == (8, 20, 4)
        assert emptied(bench, opened(way)) == Taken()
        if not failed:
            assert made < number
            break
    assert number > 5


class Failing:
    """A client whose n-th call is refused, and, where it is meant for good, every one after it."""

    def __init__(self, client: Any, *, for_good: bool) -> None:
        self.client, self.meta, self.for_good = client, client.meta, for_good
        self.calls = self.fails_at = 0

    def __getattr__(self, name: str) -> Any:
        def called(**parameters: Any) -> Any:
            self.calls += 1
            if self.fails_at and (self.calls == self.fails_at or (self.for_good and self.calls > self.fails_at)):
                raise ClientError({"Error": {"Code": "AccessDenied", "Message": "no"}}, name)
            return getattr(self.client, name)(**parameters)

        return called


@pytest.mark.parametrize("address", ["s3://", "s3://A/x", "s3:///x", "s3://ab\n", "s3://reports?x"])
def test_address_that_is_none_is_told(address: str) -> None:
    with pytest.raises(UsageError, match="s3://BUCKET/PREFIX"):
        opened(address=address)


@pytest.mark.parametrize(
    ("address", "place"),
    [
        ("s3://reports/mail/", "mail/done"),
        ("s3://reports", "done"),
        ("s3://reports/mail/dmarc", "mail"),  # each would be moved to where it is, and deleted there
    ],
)
def test_place_that_would_be_found_again_is_refused(address: str, place: str) -> None:
    with pytest.raises(UsageError, match="found again"):
        opened(f"move:{place}", address=address)


def test_bucket_that_is_not_there_is_told(s3: Any) -> None:
    with pytest.raises(SourceAway, match="s3://nowhere: NoSuchBucket"):
        list(opened(address="s3://nowhere").items())


def test_nobody_to_ask_is_told(monkeypatch: pytest.MonkeyPatch, s3: Any) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", "http://127.0.0.1:1")
    with pytest.raises(SourceAway):
        list(opened().items())


def test_without_a_memory_everything_is_given_again(s3: Any) -> None:
    put(s3, aggregate(1))
    source = opened()
    for _ in range(2):
        (item,) = source.items()
        source.acknowledge([item.id])
