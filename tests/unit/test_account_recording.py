"""An account is looked at once over HTTP, recorded, and judged again from the record alone."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import boto3
import msgspec
import pytest

from todoku import __version__
from todoku.account.read import Wanted
from todoku.api import Settings
from todoku.cli.recording import differences, keep_accounts, open_record
from todoku.demo.ses_server import SesServer
from todoku.demo.ses_world import World
from todoku.evidence.account import gather_account
from todoku.judging.account_report import AccountReport, report_account
from todoku.net.aws.rate_limit import Timing
from todoku.net.aws.ses import SesApi
from todoku.net.bundle import Bundle, write_bundle
from todoku.net.dns.zone import Zone
from todoku.net.drivers import CallSource, Source, Transcript, recording_look, run_look
from todoku.net.suffix_list import bundled_suffixes
from todoku.receivers import ASKED_BY_DEFAULT
from todoku.words.errors import UsageError
from todoku.words.verdict import Terms

NOW = datetime(2026, 11, 24, tzinfo=UTC)
SECRET = "wJalrXUtnFEMIexampleK7MDENGexamplefiCYEXA"
TERMS = Terms(as_of=date(2026, 11, 24), receivers=ASKED_BY_DEFAULT)
WANTED = Wanted(profile="", region="ap-northeast-1", identities=("*.example", "*@*"))
ZONE = Zone.from_dict(
    {
        "amazonses.com": [("TXT", "v=spf1 ip4:199.255.192.0/22 -all")],
        "a.example": [("A", "192.0.2.1")],
        "b.example": [("A", "192.0.2.2")],
        "_dmarc.a.example": [("TXT", "v=DMARC1; p=none")],
    }
)


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[SesServer]:
    with SesServer(World(clock=lambda: NOW, answers=ZONE), secret=SECRET) as server:
        monkeypatch.setenv("AWS_ENDPOINT_URL", server.url)
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", "123456789012")
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET)
        client = boto3.Session().client("sesv2", region_name=WANTED.region)
        for name in ("a.example", "b.example", "info@c.example"):
            client.create_email_identity(EmailIdentity=name)
        yield server


def look(dns: Source, api: CallSource) -> AccountReport:
    transcript = Transcript()
    engine = recording_look(gather_account(WANTED, now=NOW, suffixes=bundled_suffixes()), transcript)
    evidence = run_look(engine, dns, api)
    return report_account(
        evidence, TERMS, name="ses:ap-northeast-1", at=NOW, answers=transcript, replies=transcript.replies
    )


def test_an_account_is_judged_again_without_a_network(aws, tmp_path: Path, monkeypatch):
    report = look(ZONE, SesApi(timing=Timing(rate=1e6, burst=10**6)))
    assert len(report.identities) == 3
    assert len(report.replies) >= 8
    keep_accounts(tmp_path / "account.zip", [report], Settings(now=NOW))
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    opened = open_record(tmp_path / "account.zip")
    assert (opened.record.kind, opened.record.name, opened.record.wanted) == (
        "account",
        "ses:ap-northeast-1",
        (WANTED,),
    )
    again = look(opened.source, opened.source)
    assert again.replies == report.replies
    assert again.answers == report.answers
    assert differences(opened.judged, again.verdicts) == ()
    assert again == report


def test_a_difference_says_which_identity_it_is_about(aws, tmp_path: Path):
    report = look(ZONE, SesApi(timing=Timing(rate=1e6, burst=10**6)))
    keep_accounts(tmp_path / "account.zip", [report], Settings(now=NOW))
    opened = open_record(tmp_path / "account.zip")
    first, *rest = report.verdicts
    assert first.result != "warn"
    changed = msgspec.structs.replace(first, result="warn")
    (one,) = differences(opened.judged, (changed, *rest))
    assert one.about == " ".join(first.about or ())
    assert (one.requirement, one.receiver) == (first.requirement, first.receiver)
    assert one.before.startswith(first.result)
    assert one.after == f"warn ({first.reason.tag})"
    (gone,) = differences(opened.judged, rest)
    assert (gone.about, gone.after) == (one.about, "")


def test_what_the_record_lacks_could_not_be_looked_at(aws, tmp_path: Path):
    report = look(ZONE, SesApi(timing=Timing(rate=1e6, burst=10**6)))
    without = tuple(
        reply for reply in report.replies if dict(reply.call.parameters).get("EmailIdentity") != "b.example"
    )
    keep_accounts(tmp_path / "account.zip", [msgspec.structs.replace(report, replies=without)], Settings(now=NOW))
    opened = open_record(tmp_path / "account.zip")
    changed = {one.about for one in differences(opened.judged, look(opened.source, opened.source).verdicts)}
    assert changed == {"b.example ap-northeast-1"}
    assert {one.after for one in differences(opened.judged, ())} == {""}


def test_no_credential_is_in_the_bundle(aws, tmp_path: Path):
    keep_accounts(
        tmp_path / "account.zip", [look(ZONE, SesApi(timing=Timing(rate=1e6, burst=10**6)))], Settings(now=NOW)
    )
    with zipfile.ZipFile(tmp_path / "account.zip") as file:
        contents = b"".join(file.read(name) for name in file.namelist())
    assert b"a.example" in contents
    assert SECRET.encode() not in contents


@pytest.mark.parametrize(
    ("now", "is_one"),
    [
        ("2026-11-24T09:00:00Z", True),
        ("2026-11-24T09:00:00+09:00", True),
        (None, True),
        ("2026-11-24T09:00:00", False),
        ("0001-01-01T00:00:00+23:59", False),
        ("9999-12-31T23:59:59-23:59", False),
    ],
)
def test_the_moment_of_a_look_is_one(tmp_path: Path, now: str | None, is_one: bool) -> None:
    options = {"version": __version__, "name": "x", "settings": {"now": now}}
    write_bundle(tmp_path / "x.zip", Bundle(message=b"", options=options, transcript=(), report=b"{}"))
    if is_one:
        assert open_record(tmp_path / "x.zip").record.name == "x"
        return
    with pytest.raises(UsageError, match="cannot read"):
        open_record(tmp_path / "x.zip")
