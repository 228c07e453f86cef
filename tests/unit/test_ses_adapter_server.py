"""The adapter against a whole SES over HTTP: what it meets on the wire, roles, and a large account that is killed on its way."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from random import Random

import boto3
import msgspec
import pytest

from todoku.account.suppression import read_suppression_list
from todoku.auth.ask import Call
from todoku.demo.ses_server import SesServer
from todoku.demo.ses_world import World
from todoku.net.aws import ses
from todoku.net.aws import session as aws
from todoku.net.aws.calls import Kept
from todoku.net.aws.rate_limit import Timing
from todoku.net.aws.ses import Progress, SesApi
from todoku.net.dns.zone import Zone
from todoku.words.errors import UsageError

ACCOUNT = "123456789012"
TOKYO = "ap-northeast-1"
SECRET = "wJalrXUtnFEMIexampleK7MDENGexamplefiCYEXA"
LISTING = Call("sesv2", "", TOKYO, "ListEmailIdentities", (), ("EmailIdentities",), paged=True)


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[SesServer]:
    """SES on the loopback address, and an environment in which boto3 asks it alone."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    world = World(clock=lambda: datetime(2026, 11, 24, tzinfo=UTC), answers=Zone.from_dict({}))
    with SesServer(world, secret=SECRET) as running:
        monkeypatch.setenv("AWS_ENDPOINT_URL", running.url)
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", ACCOUNT)
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET)
        monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
        monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
        yield running


def fast() -> Timing:
    """A pace for tests: no call waits, no failure holds up."""
    return Timing(rate=1e6, burst=10**6, sleep=lambda _: None, chance=Random(7))


def identity(name: str, region: str = TOKYO, account: str = "") -> Call:
    fields = ("IdentityType", "DkimAttributes", "MailFromAttributes")
    return Call("sesv2", account, region, "GetEmailIdentity", (("EmailIdentity", name),), fields)


def create(*names: str, region: str = TOKYO) -> None:
    client = boto3.Session().client("sesv2", region_name=region)
    for name in names:
        client.create_email_identity(EmailIdentity=name)


def test_an_identity(server):
    create("example.com")
    there, gone, listing = SesApi(timing=fast()).replies([identity("example.com"), identity("gone.example"), LISTING])
    assert there.value["IdentityType"] == "DOMAIN"
    assert len(there.value["DkimAttributes"]["Tokens"]) == 3
    assert set(there.value) <= set(there.call.fields)
    assert (gone.status, gone.failed) == ("absent", False)
    assert [one["IdentityName"] for one in listing.value["EmailIdentities"]] == ["example.com"]


def test_a_reply_that_is_not_what_aws_gives_is_none(server, monkeypatch):
    create("example.com")
    page = {"DkimAttributes": {"Tokens": ["a._domainkey IN TXT x\nevil"]}, "MailFromAttributes": {}}
    monkeypatch.setattr(SesApi, "_page", lambda *_given: page)
    (reply,) = SesApi(timing=fast()).replies([identity("example.com")])
    assert (reply.status, reply.value) == ("unreachable", {})
    assert "DkimAttributes.Tokens" in reply.detail
    assert "evil" not in reply.detail


def test_regions_are_apart(server):
    create("example.com")
    here, there = SesApi(timing=fast()).replies([identity("example.com"), identity("example.com", "us-east-1")])
    assert (here.status, there.status) == ("ok", "absent")


def test_who_is_asked(server):
    call = Call("sts", "", TOKYO, "GetCallerIdentity", (), ("Account",))
    assert SesApi(timing=fast()).replies([call])[0].value == {"Account": ACCOUNT}


def test_which_regions_are_on(server):
    on = (("RegionOptStatusContains", ("ENABLED", "ENABLED_BY_DEFAULT")),)
    (reply,) = SesApi(timing=fast()).replies([Call("account", "", TOKYO, "ListRegions", on, ("Regions",), paged=True)])
    assert TOKYO in [region["RegionName"] for region in reply.value["Regions"]]
    assert {region["RegionOptStatus"] for region in reply.value["Regions"]} <= {"ENABLED", "ENABLED_BY_DEFAULT"}


@pytest.mark.parametrize(
    ("fault", "status"),
    [
        ("AccessDeniedException", "denied"),
        ("TooManyRequestsException", "throttled"),
        ("ServiceUnavailable", "unreachable"),
        ("cut", "unreachable"),
        ("half", "unreachable"),
        ("html", "unreachable"),
        ("hang", "unreachable"),
    ],
)
def test_what_does_not_pass_is_could_not_look(server, monkeypatch, fault, status):
    monkeypatch.setattr(aws, "READ_SECONDS", 0.3)
    create("example.com")
    server.inject("GetEmailIdentity", fault, times=None)
    (reply,) = SesApi(timing=fast()).replies([identity("example.com")])
    assert (reply.status, reply.failed, dict(reply.value)) == (status, True, {})
    assert "<" not in reply.detail
    assert ("ses:GetEmailIdentity" in reply.detail) is (status == "denied")


@pytest.mark.parametrize("fault", ["TooManyRequestsException", "ServiceUnavailable", "cut", "half", "html"])
def test_what_passes_is_asked_again(server, fault):
    create("example.com")
    server.inject("GetEmailIdentity", fault, times=2)
    assert SesApi(timing=fast()).replies([identity("example.com")])[0].status == "ok"


def test_a_role(server, monkeypatch):
    monkeypatch.setenv("AWS_REGION", TOKYO)
    role = "arn:aws:iam::999988887777:role/todoku"
    call = Call("sts", role, TOKYO, "GetCallerIdentity", (), ("Account", "Arn"))
    (reply,) = SesApi(timing=fast()).replies([call])
    assert reply.value["Account"] == "999988887777"
    assert reply.value["Arn"].endswith(":assumed-role/todoku/todoku")
    (absent,) = SesApi(timing=fast()).replies([identity("example.com", account=role)])
    assert absent.status == "absent"
    assert server.calls[-1].account == "999988887777"


def test_a_large_account_that_is_killed_goes_on_and_asks_nothing_twice(server, tmp_path):
    names = [f"d{number:04}.example" for number in range(250)]
    create(*names)
    server.calls.clear()

    def killed(progress: Progress) -> None:
        if progress.done == 100:
            raise KeyboardInterrupt

    with Kept(tmp_path / "kept") as kept, pytest.raises(KeyboardInterrupt):
        SesApi(killed, kept, timing=fast()).replies([identity(name) for name in names])
    with Kept(tmp_path / "kept") as kept:
        assert 100 <= len(kept) < 250
        before = len(kept)
        told: list[Progress] = []
        replies = SesApi(told.append, kept, timing=fast()).replies([identity(name) for name in names])
    assert {reply.status for reply in replies} == {"ok"}
    assert [dict(reply.call.parameters)["EmailIdentity"] for reply in replies] == names
    assert told[-1][:2] == (250, 250)
    asked = sum(call.operation == "GetEmailIdentity" for call in server.calls)
    assert asked <= 250 + 250 - before - 100 + 2  # what was under way when it was killed


def test_no_secret_leaves_boto3(server, tmp_path, capsys):
    server.inject("GetEmailIdentity", "AccessDeniedException", times=None)
    with Kept(tmp_path / "kept") as kept:
        api = SesApi(kept=kept, timing=fast())
        replies = api.replies([identity("example.com"), LISTING])
    said = capsys.readouterr()
    written = (tmp_path / "kept").read_text()
    for text in (repr(replies), repr(api), repr(vars(api)), written, said.out, said.err):
        assert SECRET not in text


def test_no_credentials(server, monkeypatch):
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    with pytest.raises(UsageError, match="no AWS credentials were found"):
        SesApi(timing=fast()).replies([identity("example.com")])


SUPPRESSED = "ListSuppressedDestinations"
ON_THE_LIST = ["taro@docomo.ne.jp", "Hana@EZWEB.ne.jp", "jiro@t.vodafone.ne.jp", "x@example.com", "y@docomo.ne.jp"]
LIST_OF_SUPPRESSED = Call("sesv2", "", TOKYO, SUPPRESSED, (), ("SuppressedDestinationSummaries",), paged=True)


@pytest.mark.usefixtures("server")
def test_no_address_leaves_the_adapter() -> None:
    client = boto3.Session().client("sesv2", region_name=TOKYO)
    for address in ON_THE_LIST:
        client.put_suppressed_destination(EmailAddress=address, Reason="BOUNCE")
    (reply,) = SesApi(timing=fast()).replies([LIST_OF_SUPPRESSED])
    assert read_suppression_list(reply.value["SuppressedDestinationSummaries"]).carriers["docomo"] == 2
    held = json.dumps(msgspec.to_builtins(reply))
    assert not [one for one in ON_THE_LIST if one.partition("@")[0].lower() + "@" in held.lower()]


@pytest.mark.usefixtures("server")
def test_a_list_that_is_too_long_is_not_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(ses.PAGE_SIZES, SUPPRESSED, 2)
    monkeypatch.setitem(ses.FEWER_ENTRIES, SUPPRESSED, 4)
    client = boto3.Session().client("sesv2", region_name=TOKYO)
    for address in ON_THE_LIST[:4]:
        client.put_suppressed_destination(EmailAddress=address, Reason="BOUNCE")
    assert [one.status for one in SesApi(timing=fast()).replies([LIST_OF_SUPPRESSED])] == ["ok"]
    client.put_suppressed_destination(EmailAddress=ON_THE_LIST[4], Reason="BOUNCE")
    (reply,) = SesApi(timing=fast()).replies([LIST_OF_SUPPRESSED])
    assert (reply.status, dict(reply.value)) == ("limit", {})
