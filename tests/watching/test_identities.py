"""An SES account whose identities come and go, watched by the command; and what is known of them from look to look."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import boto3
import pytest

from todoku.demo.ses_server import SesServer
from todoku.demo.ses_world import World
from todoku.net.dns.zone import Zone
from todoku.store.snapshots import open_alarms
from todoku.store.store import Places, Store
from todoku.watching.alarm import Advanced, advance
from todoku.watching.identities import Roll, look_at

ACCOUNT, REGION = "123456789012", "eu-west-1"
DNS = """
amazonses.com. TXT "v=spf1 ip4:198.51.100.0/24 -all"
a.example. 300 IN SOA ns.a.example. admin.a.example. 1 3600 600 86400 300
a.example. MX 10 mx.a.example.
mx.a.example. A 192.0.2.2
b.example. 300 IN SOA ns.b.example. admin.b.example. 1 3600 600 86400 300
b.example. A 192.0.2.3
"""
START = datetime(2026, 11, 24, 6, tzinfo=UTC)
NAMES = ("a.example", "b.example")
GONE = "b.example (123456789012 eu-west-1)"
ROLL = Roll(ACCOUNT, REGION)


@pytest.fixture
def server() -> Iterator[SesServer]:
    with SesServer(World(clock=lambda: START, answers=Zone.from_text(DNS))) as running:
        yield running


@pytest.fixture
def ses(server: SesServer) -> Callable[..., None]:
    def call(operation: str, *names: str, account: str = ACCOUNT, **given: object) -> None:
        client = boto3.client(
            "sesv2",
            endpoint_url=server.url,
            region_name=REGION,
            aws_access_key_id=account,
            aws_secret_access_key=server.secret,
        )
        for name in names:
            getattr(client, operation)(EmailIdentity=name, **given)

    return call


@pytest.fixture
def once(server: SesServer, tmp_path: Path) -> Callable[..., tuple[int, str, str]]:
    def run(*subjects: str, account: str = ACCOUNT) -> tuple[int, str, str]:
        named = ", ".join(f'"{one}"' for one in subjects or (f"ses:{REGION}",))
        (tmp_path / "zone").write_text(DNS)
        (tmp_path / "todoku.toml").write_text(f'[watch]\nsubjects = [{named}]\ndns = ["zone:zone"]\n')
        environment = {
            "PATH": os.defpath,
            "LANG": "C.UTF-8",
            "HOME": str(tmp_path),
            "AWS_ENDPOINT_URL": server.url,
            "AWS_ACCESS_KEY_ID": account,
            "AWS_SECRET_ACCESS_KEY": server.secret,
        }
        done = subprocess.run(
            [sys.executable, "-m", "todoku", "watch", "--once"],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert "Traceback" not in done.stderr
        return done.returncode, done.stdout, done.stderr

    return run


@pytest.fixture
def alarms(tmp_path: Path) -> Callable[[str], set[str]]:
    """The tags of the alarms that are open on somebody."""

    def tags(about: str) -> set[str]:
        with Store(Places(folder=tmp_path / "todoku-store")) as store, store.database.read() as connection:
            found = open_alarms(connection)
        return {alarm.tag for alarm in found for one in alarm.members if one.which.about == about}

    return tags


def test_an_identity_that_vanishes_is_told_and_all_else_of_it_ends(ses, once, alarms) -> None:
    ses("create_email_identity", *NAMES)
    once()
    assert len(alarms(GONE)) > 1
    ses("delete_email_identity", "b.example")
    code, out, _ = once()
    assert (code, out.count("[ses-identity-gone]")) == (1, 1)
    assert alarms(GONE) == {"ses-identity-gone"}
    assert "[ses-identity-gone]" not in once()[1]
    ses("create_email_identity", "b.example")
    assert [line.split(":")[0] for line in once()[1].splitlines() if "[ses-identity-gone]" in line] == ["[todoku] Over"]


def test_a_listing_that_is_refused_says_nothing_of_identities(ses, once, server: SesServer) -> None:
    ses("create_email_identity", *NAMES)
    once()
    server.inject("ListEmailIdentities", "AccessDeniedException", times=None)
    _, out, err = once()
    assert "ses-identity-gone" not in out
    assert "could not look: ses:eu-west-1: ListEmailIdentities: AccessDeniedException" in err


def test_an_account_without_identities_is_nothing_that_was_looked_at(once) -> None:
    code, _, err = once()
    assert code == 3
    assert "could not look: ses:eu-west-1: there are no identities in eu-west-1" in err


def test_alarms_of_a_domain_that_is_watched_no_more_end_beside_an_account(ses, once, alarms) -> None:
    ses("create_email_identity", "a.example")
    once("b.example", f"ses:{REGION}")
    assert alarms("b.example")
    _, out, _ = once()
    assert "Told now: 0." in out
    assert not alarms("b.example")
    assert alarms(f"a.example ({ACCOUNT} {REGION})")
    once("b.example")
    assert not alarms(f"a.example ({ACCOUNT} {REGION})")


def test_two_accounts_may_have_the_same_identity_in_one_region(
    ses, once, alarms, server: SesServer, tmp_path: Path
) -> None:
    accounts = {"one": "111111111111", "two": "222222222222"}
    keys = f"aws_secret_access_key = {server.secret}\naws_access_key_id"
    (tmp_path / ".aws").mkdir()
    (tmp_path / ".aws" / "credentials").write_text(
        "".join(f"[{name}]\n{keys} = {number}\n" for name, number in accounts.items())
    )
    subjects = [f"ses:{name}@{REGION}" for name in accounts]
    abouts = [f"b.example ({number} {REGION})" for number in accounts.values()]
    for number in accounts.values():
        ses("create_email_identity", *NAMES, account=number)
    once(*subjects)
    assert all("ses-setting-changed" not in alarms(about) for about in abouts)
    ses("put_email_identity_feedback_attributes", "b.example", account=accounts["two"], EmailForwardingEnabled=False)
    assert once(*subjects)[1].count("[ses-setting-changed]") == 1
    assert "[ses-setting-changed]" not in once(*subjects)[1]
    assert ["ses-setting-changed" in alarms(about) for about in abouts] == [False, True]
    ses("delete_email_identity", "b.example", account=accounts["one"])
    assert f"– {abouts[0]} [ses-identity-gone]" in once(*subjects)[1]
    assert ["ses-identity-gone" in alarms(about) for about in abouts] == [True, False]


def test_another_account_under_the_same_name_has_lost_nobody(ses, once, alarms) -> None:
    """``ses:REGION`` is whichever account the credentials are of."""
    ses("create_email_identity", *NAMES)
    once()
    ses("create_email_identity", "a.example", account="222222222222")
    assert "[ses-identity-gone]" not in once(account="222222222222")[1]
    assert alarms(f"a.example (222222222222 {REGION})")
    assert not alarms(f"a.example ({ACCOUNT} {REGION})")


def test_after_three_days_it_was_meant_and_nobody_is_told() -> None:
    first = look_at(NAMES, ROLL, START)
    assert first.seen.signals == ()
    gone = look_at(["a.example"], first.roll, START)
    fired = advance((), gone.seen.signals, gone.seen.looked, START)
    assert [(one.step, one.level, one.abouts) for one in fired.notices] == [("fired", "fail", (GONE,))]
    almost = START + timedelta(days=3, seconds=-1)
    still = look_at(["a.example"], gone.roll, almost)
    assert advance(fired.alarms, still.seen.signals, still.seen.looked, almost) == Advanced(alarms=fired.alarms)
    later = START + timedelta(days=3)
    over = look_at(["a.example"], still.roll, later)
    assert advance(fired.alarms, over.seen.signals, over.seen.looked, later) == Advanced()
    assert over.roll == Roll(ACCOUNT, REGION, ("a.example",))
