"""``todoku plan`` as a user meets it, against a whole SES on the loopback address and a zone file: exit codes, files, slips."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import boto3
import jsonschema
import msgspec
import pytest

from todoku import Zone
from todoku.cli.main import main
from todoku.demo.ses_server import SesServer
from todoku.demo.ses_world import World
from todoku.plan.document import written
from todoku.plan.step import Plan

ACCOUNT = "123456789012"
TOKYO = "ap-northeast-1"
ZONE = """\
$ORIGIN example.com.
$TTL 3600
@ IN SOA ns.example.com. hostmaster.example.com. 1 7200 900 1209600 300
@ IN NS ns.example.com.
ns IN A 192.0.2.53
"""
SES = (
    f"$ORIGIN amazonses.com.\n@ 3600 IN SOA ns hostmaster 1 7200 900 1209600 300\n"
    f'@ 3600 IN TXT "v=spf1 ip4:23.251.224.0/19 -all"\nfeedback-smtp.{TOKYO} 3600 IN A 192.0.2.25\n'
)


class Outcome(NamedTuple):
    code: int
    out: str
    err: str


Todoku = Callable[..., Outcome]


@pytest.fixture
def todoku(monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]) -> Todoku:
    """Run the command in this process: arguments in, exit code and both streams out."""
    monkeypatch.setenv("TODOKU_LANG", "en")

    def run(*arguments: str | Path) -> Outcome:
        monkeypatch.setattr(sys, "argv", ["todoku", *map(str, arguments)])
        with pytest.raises(SystemExit) as stop:
            main()
        sys.stdout.flush()
        captured = capfdbinary.readouterr()
        return Outcome(int(stop.value.code or 0), captured.out.decode(), captured.err.decode())

    return run


@pytest.fixture
def ses(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[SesServer]:
    """An account that may send, in an environment in which boto3 asks it alone, in Tokyo unless told otherwise."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    world = World(clock=lambda: datetime(2026, 11, 24, tzinfo=UTC), answers=Zone.from_dict({}))
    world.region(ACCOUNT, TOKYO).production = True
    with SesServer(world, secret="secret-that-nobody-may-read") as running:
        monkeypatch.setenv("AWS_ENDPOINT_URL", running.url)
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", ACCOUNT)
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", running.secret)
        monkeypatch.setenv("AWS_REGION", TOKYO)
        monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
        monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
        yield running


@pytest.fixture
def dns(tmp_path: Path) -> tuple[str, ...]:
    """The DNS from files: the domain's zone, and what there is of SES."""
    (tmp_path / "example.zone").write_text(ZONE)
    (tmp_path / "ses.zone").write_text(SES)
    return ("--dns", f"zone:{tmp_path / 'ses.zone'}", "--dns", f"zone:{tmp_path / 'example.zone'}")


def steps(path: Path) -> list[str]:
    return [step["id"] for step in json.loads(path.read_text())["plan"]["steps"]]


def test_a_plan_from_nothing(todoku, ses, dns, tmp_path):
    path = tmp_path / "plan.json"
    outcome = todoku("plan", "example.com", "-o", path, *dns)
    assert outcome.code == 0
    assert outcome.out.startswith("todoku plan  example.com\n10 steps;")
    assert f"todoku apply {path}" in outcome.err
    assert steps(path)[:2] == ["create-identity", "dkim-1"]
    assert {call.operation for call in ses.calls} == {"GetAccount", "GetEmailIdentity"}


def test_the_document_fits_the_schema_and_holds_nothing_secret(todoku, ses, dns, tmp_path):
    path = tmp_path / "plan.json"
    todoku("plan", "example.com", "-o", path, "--rua", "d@example.com", "--require-tls", *dns)
    schema = todoku("schema", "plan")
    assert schema.code == 0
    jsonschema.validate(json.loads(path.read_text()), json.loads(schema.out))
    assert "secret" not in path.read_text()


def test_the_subject_may_be_the_account(todoku, ses, dns, tmp_path):
    by_domain, by_account, by_region = (tmp_path / name for name in ("a.json", "b.json", "c.json"))
    todoku("plan", "example.com", "--ses", f"ses:{TOKYO}", "-o", by_domain, *dns)
    todoku("plan", f"ses:{TOKYO}", "--identity", "EXAMPLE.com.", "-o", by_account, *dns)
    todoku("plan", "example.com", "--region", TOKYO, "-o", by_region, *dns)
    assert steps(by_domain) == steps(by_account) == steps(by_region)
    assert json.loads(by_account.read_text())["plan"]["domain"] == "example.com"


def test_what_ses_made_is_filled_in_and_the_id_stays(todoku, ses, dns, tmp_path):
    path, later = tmp_path / "plan.json", tmp_path / "later.json"
    todoku("plan", "example.com", "--rua", "d@example.com", "-o", path, *dns)
    reply = boto3.Session().client("sesv2", region_name=TOKYO).create_email_identity(EmailIdentity="example.com")
    tokens = reply["DkimAttributes"]["Tokens"]
    outcome = todoku("plan", "--refresh", path, "-o", later, *dns)
    before, after = (json.loads(one.read_text())["plan"] for one in (path, later))
    assert outcome.code == 0
    assert steps(later) == [step for step in steps(path) if step != "create-identity"]
    assert after["id"] == before["id"]
    assert after["options"] == before["options"]
    names = [step["action"]["before"]["name"] for step in after["steps"] if step["action"]["type"] == "record-set"]
    assert names[:3] == [f"{token}._domainkey.example.com" for token in tokens]
    assert "TOKEN1" in todoku("plan", "example.net", *dns).out
    assert "TOKEN1" not in outcome.out


def test_what_is_in_the_way_exits_with_1(todoku, ses, dns, tmp_path):
    (tmp_path / "example.zone").write_text(ZONE + '_dmarc IN TXT "v=DMARC1, p=none"\n')
    path = tmp_path / "plan.json"
    outcome = todoku("plan", "example.com", "-o", path, *dns)
    assert outcome.code == 1
    assert "dmarc-there" in outcome.out
    assert "todoku apply" not in outcome.err


def test_what_could_not_be_looked_at_exits_with_3_and_replaces_no_plan(todoku, ses, dns, tmp_path):
    path = tmp_path / "plan.json"
    todoku("plan", "example.com", "-o", path, *dns)
    before = path.read_text()
    ses.inject("GetEmailIdentity", "AccessDeniedException", times=None)
    outcome = todoku("plan", "--refresh", path, "-o", path, *dns)
    assert outcome.code == 3
    assert "GetEmailIdentity" in outcome.out
    assert "was not written" in outcome.err
    assert path.read_text() == before


@pytest.mark.parametrize(
    ("forged", "said"),
    [
        ({"options": {"mail_from": "mail.example.com. 0 IN TXT a\nwww"}}, "is not a name below example.com"),
        ({"options": {"mail_from": "mail.example.net"}}, "is not a name below example.com"),
        ({"options": {"rua": "a@example.com; p=none"}}, "is not an address"),
        ({"domain": "co.jp"}, "not a domain"),
        ({"domain": "gmail.com"}, "only the provider"),
    ],
)
def test_what_a_forged_plan_asks_for_meets_the_checks_of_the_command_line(todoku, ses, dns, tmp_path, forged, said):
    path = tmp_path / "plan.json"
    plan = Plan(id="a", made="", account="", profile="", region=TOKYO, domain="example.com")
    path.write_bytes(written(msgspec.structs.replace(plan, **forged), "0"))
    outcome = todoku("plan", "--refresh", path, *dns)
    assert (outcome.code, outcome.out) == (2, "")
    assert said in outcome.err
    assert len(outcome.err.splitlines()) == 1


def test_nothing_is_left_to_do(todoku, ses, dns, tmp_path):
    client = boto3.Session().client("sesv2", region_name=TOKYO)
    reply = client.create_email_identity(EmailIdentity="example.com")
    attributes = reply["DkimAttributes"]
    client.put_email_identity_mail_from_attributes(EmailIdentity="example.com", MailFromDomain="mail.example.com")
    zone = ZONE + '_dmarc IN TXT "v=DMARC1; p=none"\nmail IN TXT "v=spf1 include:amazonses.com ~all"\n'
    zone += f"mail IN MX 10 feedback-smtp.{TOKYO}.amazonses.com.\n"
    for token in attributes["Tokens"]:
        zone += f"{token}._domainkey IN CNAME {token}.{attributes['SigningHostedZone']}.\n"
    (tmp_path / "example.zone").write_text(zone)
    ses.world.answers = Zone.from_text(zone)
    outcome = todoku("plan", "example.com", *dns)
    assert (outcome.code, outcome.out.splitlines()[1]) == (0, "Nothing is left to do.")


@pytest.mark.parametrize("form", ["markdown", "request", "zone", "terraform", "cloudformation", "awscli"])
@pytest.mark.parametrize("language", ["en", "ja"])
def test_every_form_in_both_languages(todoku, ses, dns, form, language):
    outcome = todoku("plan", "example.com", "--render", form, "--lang", language, *dns)
    assert (outcome.code, outcome.err) == (0, "")
    assert "example.com" in outcome.out


def test_a_mail_from_domain_that_is_set_stays_and_that_is_said(todoku, ses, dns):
    client = boto3.Session().client("sesv2", region_name=TOKYO)
    client.create_email_identity(EmailIdentity="example.com")
    client.put_email_identity_mail_from_attributes(EmailIdentity="example.com", MailFromDomain="mail.example.com")
    outcome = todoku("plan", "example.com", "--mail-from", "bounce.example.com", *dns)
    assert outcome.code == 0
    assert "mail.example.com is set already" in outcome.err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "name one domain"),
        (("ses:ap-northeast-1",), "name one domain"),
        (("example.com", "--identity", "example.org"), "name one domain"),
        (("example.com", "--ses", "ses:", "--region", TOKYO), "said twice"),
        (("example.com", "--ses", "prod"), "write ses:REGION"),
        (("example.com", "--ses", "ses:prod@ap-northeast-1"), "no AWS profile 'prod'"),
        (("example.com", "--region", "tokyo"), "no SES in a region 'tokyo'"),
        (("co.jp",), "not a domain"),
        (("info@example.com",), "is an address: name a domain, todoku plan example.com"),
        (("GMail.com",), "gmail.com is a mailbox provider's"),
        (("example.com", "--mail-from", "example.com"), "not a name below example.com"),
        (("example.com", "--mail-from", "mail.example.org"), "not a name below example.com"),
        (("example.com", "--rua", "example.com"), "not an address"),
        (("example.com", "--rua", "a@example.com,b@example.com"), "not an address"),
        (("example.com", "--rua", "a;b@example.com"), "not an address"),
        (("example.com", "--rua", "a!10m@example.com"), "not an address"),
        (("example.com", "--render", "bind"), "--render cannot be 'bind'"),
        (("--refresh", "nothing.json"), "there is no file nothing.json"),
        (("example.com", "--refresh", "plan.json"), "asks what the plan asked"),
        (("--refresh", "plan.json", "--require-tls"), "asks what the plan asked"),
    ],
)
def test_a_slip_is_one_line_and_nothing_is_asked(todoku, ses, dns, arguments, said):
    outcome = todoku("plan", *arguments, *dns)
    assert (outcome.code, outcome.out) == (2, "")
    assert said in outcome.err
    assert outcome.err.count("\n") == 1
    assert ses.calls == []


def test_another_account_makes_no_plan_anew(todoku, ses, dns, tmp_path, monkeypatch):
    path = tmp_path / "plan.json"
    todoku("plan", "example.com", "-o", path, *dns)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "999988887777")
    outcome = todoku("plan", "--refresh", path, *dns)
    assert outcome.code == 2
    assert "999988887777" in outcome.err


@pytest.mark.parametrize("place", ["none/plan.json", "plan.zone/plan.json", "folder"])
def test_a_plan_that_cannot_be_written_is_not_made(todoku, ses, dns, tmp_path, place):
    (tmp_path / "plan.zone").write_text("")
    (tmp_path / "folder").mkdir()
    outcome = todoku("plan", "example.com", "-o", tmp_path / place, *dns)
    assert (outcome.code, outcome.out) == (2, "")
    assert outcome.err.startswith(f"todoku: cannot write {tmp_path / place}: ")
    assert outcome.err.count("\n") == 1
    assert ses.calls == []


def test_the_plan_alone_on_standard_output(todoku, ses, dns, tmp_path):
    outcome = todoku("plan", "example.com", "-o", "-", *dns)
    assert (outcome.code, outcome.err) == (0, "")
    assert json.loads(outcome.out)["plan"]["domain"] == "example.com"


def test_no_plan_is_waited_for(todoku, ses, dns, tmp_path):
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "pipe", Path("/dev/zero")):
        for command in (("plan", "--refresh", path), ("apply", path), ("undo", path)):
            outcome = todoku(*command, *dns)
            assert (outcome.code, outcome.out) == (2, "")
            assert outcome.err == f"todoku: cannot read '{path}': it is no ordinary file\n"
