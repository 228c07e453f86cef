"""``todoku check`` with a store: Gmail's figures and Google's verdicts stand in the report, the record, and what is judged again."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import boto3
import pytest

from google_lab import Place, real_yesterday
from todoku.demo.ses_server import SesServer
from todoku.demo.ses_world import World
from todoku.feedback.compliance import REGISTRATION, Compliance, Standing
from todoku.feedback.traffic import Day, Series
from todoku.net.dns.zone import Zone
from todoku.store import days, standings
from todoku.store.store import Places, Store

ZONE = """
example.com. 300 IN SOA ns.example.com. admin.example.com. 1 3600 600 86400 300
example.com. IN A 192.0.2.1
example.com. IN MX 10 mx.example.com.
_dmarc.example.com. IN TXT "v=DMARC1; p=none; rua=mailto:dmarc@example.com"
example.net. 300 IN SOA ns.example.net. admin.example.net. 1 3600 600 86400 300
example.net. IN A 192.0.2.1
amazonses.com. IN TXT "v=spf1 ip4:192.0.2.0/24 -all"
"""


@pytest.fixture
def stored(tmp_path: Path) -> Callable[..., Path]:
    """Fills the store of the working folder."""

    def fill(*rates: float | None, domain: str = "example.com", rows: tuple[Standing, ...] = ()) -> Path:
        told = tuple(
            Day(day=real_yesterday() - timedelta(days=ago), state="no-data" if rate is None else "number", value=rate)
            for ago, rate in enumerate(rates)
        )
        with Store(Places(folder=tmp_path / "todoku-store")).prepare() as store, store.database.write() as connection:
            days.put(connection, Series(source="postmaster", about=domain, metric="spam-rate", days=told), 1)
            standings.put(connection, Compliance(domain=domain, rows=rows), datetime(2026, 11, 20, tzinfo=UTC))
        (tmp_path / "zone").write_text(ZONE)
        return tmp_path / "todoku-store"

    return fill


@pytest.fixture
def check(place: Place) -> Callable[..., dict[tuple[str, str], tuple[str, str]]]:
    """The verdicts of a check of some subjects, Gmail's: result and reason by subject and requirement."""

    def look(*arguments: str) -> dict[tuple[str, str], tuple[str, str]]:
        code, out, err = run(place, "check", *arguments, "--dns", "zone:zone", "--format", "json")
        assert code in (0, 1, 3), err
        document = json.loads(out)
        return {
            (report["subject"]["name"], one["requirement"]): (one["result"], one["reason"])
            for report in document.get("reports", [document])
            for one in report["verdicts"]
            if one["receiver"] == "gmail"
        }

    return look


def run(place: Place, *arguments: str) -> tuple[int, str, str]:
    process = place.start_any(*arguments)
    out, err = process.communicate(timeout=60)
    place.said += out + err
    return process.returncode, out, err


def test_without_a_store_nothing_changes(check, stored, tmp_path: Path) -> None:
    stored(0.0).rename(tmp_path / "elsewhere")
    assert check("example.com")["example.com", "spam-rate"] == ("unknown", "spam-rate-elsewhere")


@pytest.mark.parametrize("named", [(), ("--store", "todoku-store")], ids=["that is there", "that is named"])
def test_a_store_is_asked(check, stored, named: tuple[str, ...]) -> None:
    stored(
        0.004,
        0.0,
        rows=(Standing(row=REGISTRATION, state="NOT_REGISTERED"), Standing(row="DMARC_POLICY", state="NEEDS_WORK")),
    )
    said = check("example.com", *named)
    assert said["example.com", "spam-rate"] == ("fail", "spam-rate-over-limit")
    assert said["example.com", "dmarc-record"] == ("warn", "receiver-still-disagrees")


def test_several_domains_beside_each_other(check, stored) -> None:
    stored(0.0)
    stored(0.2, domain="example.net")
    said = check("example.com", "example.net")
    assert said["example.com", "spam-rate"] == ("pass", "spam-rate-low")
    assert said["example.net", "spam-rate"] == ("fail", "spam-rate-over-limit")


def test_a_record_is_judged_again_without_the_store(check, stored, place: Place) -> None:
    folder = stored(0.004, rows=(Standing(row="DMARC_POLICY", state="NEEDS_WORK"),))
    check("example.com", "--record", "proof.zip")
    folder.rename(folder.with_name("gone"))
    code, out, err = run(place, "replay", "proof.zip", "--lang", "en")
    assert (code, err) == (1, "the verdicts are those of the record\n")
    assert "Gmail users reported 0.4% of the mail" in out


def test_a_store_that_is_named_and_not_there(place: Place, stored) -> None:
    stored(0.0)
    code, out, err = run(place, "check", "example.com", "--store", "nowhere", "--dns", "zone:zone")
    assert (code, out) == (2, "")
    assert "there is no store in nowhere" in err


def test_a_store_that_cannot_be_read_is_told_and_the_rest_judged(check, stored) -> None:
    (stored(0.0) / "state.sqlite").write_bytes(b"no database at all, and long enough to be one" * 100)
    said = check("example.com")
    assert said["example.com", "spam-rate"] == ("unknown", "store-not-read")
    assert said["example.com", "dmarc-record"] == ("unknown", "store-not-read")  # Google's word on it might be another


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", ["Gmail users reported 0.4%", "needs work"]),
        ("ja", ["Gmailの利用者がメールの0.4%", "「要改善」"]),
    ],
)
def test_a_person_reads_it_in_both_languages(place: Place, stored, language: str, words: list[str]) -> None:
    stored(0.004, rows=(Standing(row="HONOR_UNSUBSCRIBE", state="NEEDS_WORK", reason="NOT_HONORING"),))
    _, out, _ = run(place, "check", "example.com", "--dns", "zone:zone", "--lang", language)
    shown = "".join(out.split())
    for one in words:
        assert "".join(one.split()) in shown


@contextmanager
def account(place: Place) -> Iterator[None]:
    """An account whose one identity is a subdomain, and the credentials for it."""
    world = World(clock=lambda: datetime.now(UTC), answers=Zone.from_text(ZONE))
    with SesServer(world) as ses:
        place.environment |= {
            "AWS_ENDPOINT_URL": ses.url,
            "AWS_ACCESS_KEY_ID": "123456789012",
            "AWS_SECRET_ACCESS_KEY": ses.secret,
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        }
        client = boto3.client(
            "sesv2",
            endpoint_url=ses.url,
            region_name="ap-northeast-1",
            aws_access_key_id="123456789012",
            aws_secret_access_key=ses.secret,
        )
        client.create_email_identity(EmailIdentity="news.example.com")
        yield


def test_an_account_is_judged_with_the_store_and_again_from_the_record(place: Place, stored, tmp_path: Path) -> None:
    folder = stored(0.004, rows=(Standing(row=REGISTRATION, state="VERIFIED", reason="OWNER"),))
    with account(place):
        looked = ("check", "ses:ap-northeast-1", "--dns", "zone:zone", "--format", "json", "--record", "account.zip")
        code, out, err = run(place, *looked)
    assert code == 1, err
    said = {one["requirement"]: one["reason"] for one in json.loads(out)["verdicts"] if one["receiver"] == "gmail"}
    assert said["spam-rate"] == "spam-rate-over-limit"  # of the domain above, which Google's figures are about
    folder.rename(folder.with_name("gone"))
    code, _, err = run(place, "replay", "account.zip", "--lang", "en")
    assert (code, err) == (1, "the verdicts are those of the record\n")


def test_an_account_tells_that_the_store_could_not_be_read(place: Place, stored) -> None:
    (stored(0.0) / "state.sqlite").write_bytes(b"no database at all, and long enough to be one" * 100)
    with account(place):
        _, out, _ = run(place, "check", "ses:ap-northeast-1", "--dns", "zone:zone", "--lang", "en")
    assert "The store could not be read" in " ".join(out.split())
