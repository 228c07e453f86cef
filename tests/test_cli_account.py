"""``todoku check ses:``: what a user sees of an account, from the command line to the exit code."""

from __future__ import annotations

import csv
import io
import json
import os
import pty
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import boto3
import jsonschema
import pytest

from todoku.demo.ses_server import SesServer
from todoku.demo.ses_world import World
from todoku.net.dns.zone import Zone

TOKYO, OREGON = "ap-northeast-1", "us-west-2"
ACCOUNT, OTHER = "123456789012", "999988887777"
ROLE = f"arn:aws:iam::{OTHER}:role/todoku"
DNS = """
amazonses.com. TXT "v=spf1 ip4:199.255.192.0/22 -all"
a.example. A 192.0.2.1
a.example. MX 10 mx.a.example.
mx.a.example. A 192.0.2.2
b.example. A 192.0.2.3
_dmarc.a.example. TXT "v=DMARC1; p=none"
"""
CONTACT = "owner@contact.example"


@pytest.fixture
def server() -> Iterator[SesServer]:
    """An account with three identities in Tokyo, one of them in Oregon too, and a stranger's account without any."""
    world = World(clock=lambda: datetime(2026, 11, 24, tzinfo=UTC), answers=Zone.from_text(DNS))
    with SesServer(world) as running:
        for name, tags in (("a.example", {"team": "mail"}), ("b.example", {}), ("info@b.example", {})):
            listed = [{"Key": key, "Value": value} for key, value in tags.items()]
            call(running, "create_email_identity", EmailIdentity=name, Tags=listed)
        world.region(ACCOUNT, TOKYO).details = {"AdditionalContactEmailAddresses": [CONTACT], "MailType": "MARKETING"}
        running.calls.clear()
        yield running


def call(server: SesServer, operation: str, region: str = TOKYO, **parameters: object) -> None:
    client = boto3.client(
        "sesv2",
        endpoint_url=server.url,
        region_name=region,
        aws_access_key_id=ACCOUNT,
        aws_secret_access_key=server.secret,
    )
    getattr(client, operation)(**parameters)


@pytest.fixture
def zone(tmp_path: Path) -> str:
    (tmp_path / "dns.zone").write_text(DNS)
    return f"zone:{tmp_path / 'dns.zone'}"


def environment(server: SesServer, **more: str) -> dict[str, str]:
    return {
        "PATH": os.environ["PATH"],
        "LANG": "C.UTF-8",
        "AWS_ENDPOINT_URL": server.url,
        "AWS_ACCESS_KEY_ID": ACCOUNT,
        "AWS_SECRET_ACCESS_KEY": server.secret,
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        **more,
    }


def run(server: SesServer, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "todoku", *arguments]
    env = environment(server, **more)
    return subprocess.run(
        command, check=False, env=env, capture_output=True, encoding="utf-8", stdin=subprocess.DEVNULL
    )


def words(text: str) -> str:
    return " ".join(text.split())


def test_an_account_is_a_table_causes_and_fixes(server: SesServer, zone: str) -> None:
    done = run(server, "check", f"ses:{TOKYO}", "--dns", zone)
    assert (done.returncode, done.stderr) == (1, "")
    assert done.stdout.startswith(f"todoku  ses:{TOKYO}\n")
    said = words(done.stdout)
    for part in (
        "3 of 3 identities fail",
        f"Account {ACCOUNT}",
        "Access production",
        "50,000 a day, 14 a second; 0 sent in the last 24 hours",
        "3 (2 domains, 1 address)",
        "a.example domain pending",
        "info@b.example address",
        "DMARC record 2 identities: ",
        f"todoku check ses:{TOKYO} --identity NAME",
        "calls read the account and changed nothing",
    ):
        assert part in said
    asked = {one.operation for one in server.calls}
    assert asked
    assert all(operation.startswith(("Get", "List")) for operation in asked)


def test_it_speaks_japanese(server: SesServer, zone: str) -> None:
    done = run(server, "check", f"ses:{TOKYO}", "--dns", zone, "--lang", "ja")
    assert done.returncode == 1
    for part in ("検証済みID 3件中3件に不適合", "本稼働", "確認中", "判定の詳細", "対処方法"):
        assert part in done.stdout


def test_one_identity_is_reported_like_a_domain(server: SesServer, zone: str) -> None:
    done = run(server, "check", f"ses:{TOKYO}", "--identity", "A.*", "--dns", zone)
    said = words(done.stdout)
    assert done.stdout.startswith(f"todoku  ses:{TOKYO} a.example\n")
    for part in (
        "1 (1 domain, 0 addresses), of 3",
        "Verified no (PENDING, HOST_NOT_FOUND)",
        "What the domain publishes",
        "Gmail Yahoo Outlook.com iCloud",
        "Cannot be told from an SES account alone",
    ):
        assert part in said


@pytest.mark.parametrize(
    ("filters", "left"),
    [
        (("--identity", "[ab].example"), {"a.example", "b.example"}),
        (("--identity", "b.example", "--identity", "info@*"), {"b.example", "info@b.example"}),
        (("--tag", "team=mail"), {"a.example"}),
        (("--tenant", "shop"), {"b.example"}),
    ],
)
def test_filters(server: SesServer, zone: str, filters: tuple[str, ...], left: set[str]) -> None:
    call(server, "create_tenant", TenantName="shop")
    arn = f"arn:aws:ses:{TOKYO}:{ACCOUNT}:identity/b.example"
    call(server, "create_tenant_resource_association", TenantName="shop", ResourceArn=arn)
    report = json.loads(run(server, "check", f"ses:{TOKYO}", *filters, "--dns", zone, "--json").stdout)
    assert {one["identity"] for one in report["identities"]} == left
    assert {one["about"]["identity"] for one in report["verdicts"]} == left


@pytest.mark.parametrize(
    ("subject", "filters", "says"),
    [
        (f"ses:{OREGON}", (), "There are no identities in us-west-2: there is nothing to check."),
        (f"ses:{TOKYO}", ("--identity", "c.example"), "No identity in ap-northeast-1 matches c.example (there are 3)"),
        (f"ses:{TOKYO}", ("--tag", "team=x"), "No identity in ap-northeast-1 matches team=x (there are 3)"),
    ],
)
def test_nothing_to_check_is_one_clear_line_and_exit_3(
    server: SesServer, zone: str, subject: str, filters: tuple[str, ...], says: str
) -> None:
    done = run(server, "check", subject, *filters, "--dns", zone)
    assert (done.returncode, done.stderr) == (3, "")
    assert says in words(done.stdout)
    assert len(done.stdout.splitlines()) <= 4


@pytest.mark.parametrize(
    ("lang", "says"),
    [
        ("en", "there is no tenant 'nosuch' in ap-northeast-1"),
        ("ja", "ap-northeast-1 に 'nosuch' というテナントはありません"),
    ],
    ids=["en", "ja"],
)
def test_a_tenant_that_is_none(server: SesServer, zone: str, lang: str, says: str) -> None:
    done = run(server, "check", f"ses:{TOKYO}", "--tenant", "nosuch", "--dns", zone, "--lang", lang)
    assert (done.returncode, done.stdout, done.stderr) == (2, "", f"todoku: {says}\n")


def test_a_tenant_of_one_region_only(server: SesServer, zone: str) -> None:
    call(server, "create_email_identity", OREGON, EmailIdentity="c.example")
    call(server, "create_tenant", OREGON, TenantName="shop")
    arn = f"arn:aws:ses:{OREGON}:{ACCOUNT}:identity/c.example"
    call(server, "create_tenant_resource_association", OREGON, TenantName="shop", ResourceArn=arn)
    done = run(server, "check", f"ses:{TOKYO}", "--all-regions", "--tenant", "shop", "--dns", zone, "--json")
    verdicts = [one for report in json.loads(done.stdout)["reports"] for one in report["verdicts"]]
    assert {one["about"]["identity"] for one in verdicts} == {"c.example"}


@pytest.mark.parametrize(
    ("form", "says"), [("json", '"verdicts": [],'), ("html", "There are no identities"), ("markdown", "no identities")]
)
def test_nothing_to_check_in_every_form(server: SesServer, zone: str, form: str, says: str) -> None:
    done = run(server, "check", f"ses:{OREGON}", "--dns", zone, "--format", form)
    assert (done.returncode, says in done.stdout) == (3, True)


@pytest.mark.parametrize(("fail_on", "code"), [("never", 0), ("unknown", 1), ("warn", 3)])
def test_nothing_to_check_and_what_counts(server: SesServer, zone: str, fail_on: str, code: int) -> None:
    assert run(server, "check", f"ses:{OREGON}", "--dns", zone, "--fail-on", fail_on).returncode == code


def test_what_may_not_be_listed_names_its_permission_and_is_exit_3(server: SesServer, zone: str) -> None:
    server.inject("ListEmailIdentities", "AccessDeniedException", times=None)
    done = run(server, "check", f"ses:{TOKYO}", "--dns", zone)
    assert (done.returncode, done.stderr) == (3, "")
    assert "the IAM permission ses:ListEmailIdentities is missing" in words(done.stdout)


def test_a_table_for_a_spreadsheet(server: SesServer, zone: str) -> None:
    server.inject("GetAccount", "AccessDeniedException", times=None)
    arguments = ("check", f"ses:{TOKYO}", "--dns", zone, "--lang", "en")
    whole = json.loads(run(server, *arguments, "--json").stdout)
    done = run(server, *arguments, "--format", "csv")
    unread, *lines = csv.DictReader(io.StringIO(done.stdout, newline=""))
    assert (unread["result"], unread["missing"], unread["requirement"]) == ("unknown", "could-not-look", "")
    assert "ses:GetAccount" in unread["text"]
    assert [
        (line["identity"], line["requirement"], line["receiver"], line["result"], line["text"]) for line in lines
    ] == [
        (one["about"]["identity"], one["requirement"], one["receiver"], one["result"], one["text"]["en"])
        for one in whole["verdicts"]
    ]
    assert {(line["subject"], line["region"]) for line in lines} == {(f"ses:{TOKYO}", TOKYO)}


def test_what_may_not_be_read_is_told_once_and_the_rest_goes_on(server: SesServer, zone: str) -> None:
    server.inject("GetEmailIdentity", "AccessDeniedException", times=1)
    server.inject("GetAccount", "AccessDeniedException", times=None)
    done = run(server, "check", f"ses:{TOKYO}", "--dns", zone, "--json")
    report = json.loads(done.stdout)
    unread = {one["operation"]: one["permission"] for one in report["account"]["unread"]}
    assert unread == {"GetAccount": "ses:GetAccount", "GetEmailIdentity": "ses:GetEmailIdentity"}
    assert report["account"]["account"] is None
    assert sorted(one["said"] is None for one in report["identities"]) == [False, False, True]
    assert done.returncode == 1
    head = run(server, "check", f"ses:{TOKYO}", "--dns", zone).stdout.partition("\n\nWhat was found")[0]
    assert words(head).count("the IAM permission ses:GetAccount is missing") == 1


def test_credentials_that_are_refused_are_no_missing_permission(server: SesServer, zone: str) -> None:
    server.inject("*", "UnrecognizedClientException", times=None)
    done = run(server, "check", "ses:ap-southeast-3", "--dns", zone)
    assert done.returncode == 3
    assert "the region may be off in this account" in words(done.stdout)
    assert "permission" not in done.stdout


def test_all_regions_are_read_together_and_compared(server: SesServer, zone: str) -> None:
    call(server, "create_email_identity", region=OREGON, EmailIdentity="a.example")
    done = run(server, "check", "ses:", "--all-regions", "--dns", zone, "--json")
    reports = json.loads(done.stdout)["reports"]
    by_region = {report["subject"]["name"]: report for report in reports}
    assert (done.returncode, done.stderr) == (1, "")
    assert len(reports) > 15
    assert "ses:af-south-1" not in by_region  # it is off
    assert [len(report["identities"]) for report in reports[:3]] == [3, 1, 0]
    assert {one["about"]["region"] for one in by_region[f"ses:{OREGON}"]["verdicts"]} == {OREGON}
    text = run(server, "check", "ses:", "--all-regions", "--dns", zone).stdout
    assert "Other regions were not read" not in words(text)
    assert text.count("=" * 80) == 2  # between those that have something to tell
    assert text.count("There are no identities in") == len(reports) - 2


def test_regions_that_cannot_be_listed_are_told_of_and_are_exit_3_at_least(server: SesServer, zone: str) -> None:
    server.inject("ListRegions", "AccessDeniedException", times=None)
    done = run(server, "check", "ses:", "--all-regions", "--identity", "none.example", "--dns", zone)
    assert done.returncode == 3
    assert "account:ListRegions" in done.stderr
    assert done.stderr.count("\n") == 1


def test_several_accounts_in_the_order_of_the_file(server: SesServer, zone: str, tmp_path: Path) -> None:
    subjects = tmp_path / "subjects"
    subjects.write_text(f"# ours\nses:{OREGON}\nses:{ROLE}@{TOKYO}\nses:{TOKYO}\na.example\n")
    done = run(server, "check", "--subjects", str(subjects), "--dns", zone, "--json", AWS_REGION=TOKYO)
    reports = json.loads(done.stdout)["reports"]
    names = [report["subject"]["name"] for report in reports]
    assert names == [f"ses:{OREGON}", f"ses:{ROLE}@{TOKYO}", f"ses:{TOKYO}", "a.example"]
    assert [report["account"]["account"]["number"] for report in reports[:3]] == [ACCOUNT, OTHER, ACCOUNT]
    assert (done.returncode, done.stderr) == (1, "")


def test_json_is_what_its_schema_says_and_tells_no_contact(server: SesServer, zone: str) -> None:
    schema = json.loads(run(server, "schema", "report").stdout)
    done = run(server, "check", f"ses:{TOKYO}", "--dns", zone, "--json")
    report = json.loads(done.stdout)
    jsonschema.validate(report, schema)
    assert list(report) == list(schema["$defs"]["ReportDocument"]["properties"])
    assert report["subject"]["kind"] == "account"
    assert report["account"]["listed"] == 3
    assert set(report["authentication"].values()) == {None}
    assert {one["operation"] for one in report["calls"]} >= {"GetAccount", "ListEmailIdentities", "GetEmailIdentity"}
    fixes = {(fix["id"], fix["about"]["identity"]) for fix in report["fixes"]}
    for verdict in report["verdicts"]:
        assert {(one, verdict["about"]["identity"]) for one in verdict["fix"]} <= fixes
    assert CONTACT not in done.stdout


def test_an_account_that_cannot_send_much_is_a_small_sender(server: SesServer, zone: str) -> None:
    region = server.world.region(ACCOUNT, TOKYO)
    region.production, region.max_24_hours = False, 200.0
    said = run(server, "check", f"ses:{TOKYO}", "--dns", zone)
    assert "small sender" in said.stdout
    assert "sandbox" in said.stdout
    arguments = ("check", f"ses:{TOKYO}", "--dns", zone, "--json")
    small = json.loads(run(server, *arguments).stdout)
    bulk = json.loads(run(server, *arguments, "--volume", "bulk").stdout)
    assert [report["account"]["judged_as"] for report in (small, bulk)] == ["small", "bulk"]
    assert {one["reason"] for one in small["verdicts"]} - {one["reason"] for one in bulk["verdicts"]} == {
        "small-sender"
    }


def test_record_and_replay(server: SesServer, zone: str, tmp_path: Path) -> None:
    call(server, "create_email_identity", region=OREGON, EmailIdentity="a.example")
    bundle = str(tmp_path / "account.zip")
    arguments = ("ses:", "--all-regions", "--dns", zone, "--json")
    first = run(server, "check", *arguments, "--record", bundle)
    nowhere = {"AWS_ENDPOINT_URL": "http://127.0.0.1:1"}
    again = run(server, "check", bundle, "--json", **nowhere)
    replayed = run(server, "replay", bundle, "--format", "json", **nowhere)
    for done in (again, replayed):
        assert done.returncode == first.returncode == 1
        for mine, theirs in zip(json.loads(done.stdout)["reports"], json.loads(first.stdout)["reports"], strict=True):
            assert mine["verdicts"] == theirs["verdicts"]
            assert mine["account"] == theirs["account"]
    assert replayed.stderr == "the verdicts are those of the record\n"


def test_a_look_goes_on_where_it_was(server: SesServer, zone: str, tmp_path: Path) -> None:
    kept = tmp_path / "look.jsonl"
    arguments = ("check", f"ses:{TOKYO}", "--dns", zone, "--resume", str(kept), "--json")
    first = run(server, *arguments)
    assert kept.stat().st_mode & 0o777 == 0o600
    server.calls.clear()
    second = run(server, *arguments)
    assert server.calls == []
    assert json.loads(second.stdout)["verdicts"] == json.loads(first.stdout)["verdicts"]


def test_ctrl_c_keeps_what_is_there_and_says_how_to_go_on(server: SesServer, zone: str, tmp_path: Path) -> None:
    kept = tmp_path / "look.jsonl"
    arguments = ["check", f"ses:{TOKYO}", "--dns", zone, "--resume", str(kept), "--json"]
    server.inject("GetEmailIdentity", 0.0)
    server.inject("GetEmailIdentity", 8.0, times=None)  # seconds: more than the signal takes on a busy machine
    command = [sys.executable, "-m", "todoku", *arguments]
    with subprocess.Popen(
        command, env=environment(server), stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8"
    ) as running:
        while not kept.exists() or "GetEmailIdentity" not in kept.read_text():
            assert running.poll() is None
            time.sleep(0.02)
        running.send_signal(signal.SIGINT)
        out, told = running.communicate(timeout=60)
    assert (running.returncode, out) == (130, "")
    assert told.strip("\n").endswith("the same command goes on from there")
    assert told.strip("\n").count("\n") == 0
    server.clear()
    server.calls.clear()
    assert run(server, *arguments).returncode == 1
    asked = [one.operation for one in server.calls]
    assert 0 < asked.count("GetEmailIdentity") < 3
    assert "ListEmailIdentities" not in asked


def test_ctrl_c_with_nothing_kept_says_how_to_keep_it(server: SesServer, zone: str) -> None:
    server.inject("ListEmailIdentities", 8.0, times=None)
    command = [sys.executable, "-m", "todoku", "check", f"ses:{TOKYO}", "--dns", zone]
    with subprocess.Popen(
        command, env=environment(server), stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8"
    ) as running:
        while not server.calls:
            assert running.poll() is None
            time.sleep(0.02)
        running.send_signal(signal.SIGINT)
        out, told = running.communicate(timeout=60)
    assert (running.returncode, out) == (130, "")
    assert told.strip("\n").endswith("with --resume FILE a look goes on where it was")
    assert told.strip("\n").count("\n") == 0


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["ses:"], "no region is set"),
        (["ses:ap-northeast-9"], "ap-northeast-1"),
        (["ses:nobody@ap-northeast-1"], "no AWS profile 'nobody'"),
        ([f"ses:{TOKYO}", "--tag", "team"], "KEY=VALUE"),
        (["a.example", "--identity", "a.example"], "--identity is about an SES account"),
        (["a.example", "--all-regions"], "--all-regions is about an SES account"),
        ([f"ses:{TOKYO}", "a.example", "--record", "x.zip"], "give one SUBJECT"),
        ([f"ses:{TOKYO}", "--resume", "/dev/null/x"], "Not a directory"),
    ],
)
def test_slips(server: SesServer, zone: str, arguments: list[str], says: str) -> None:
    done = run(server, "check", *arguments, "--dns", zone)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert says in done.stderr
    assert server.calls == []


def test_a_bar_on_a_terminal_and_none_in_a_pipe(server: SesServer, zone: str) -> None:
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "todoku", "check", f"ses:{TOKYO}", "--dns", zone]
    with subprocess.Popen(
        command, env=environment(server), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=theirs
    ) as running:
        os.close(theirs)
        drawn = read_all(ours)
        assert running.wait() == 1
    assert "SES [####" in drawn
    assert "] 10/10  ap-northeast-1 GetEmailIdentity" in drawn
    assert drawn.endswith("\r\x1b[K")


def read_all(terminal: int) -> str:
    said = b""
    while select.select([terminal], [], [], 30)[0]:
        try:
            octets = os.read(terminal, 65536)
        except OSError:  # the other end is closed
            break
        if not octets:
            break
        said += octets
    os.close(terminal)
    return said.decode()
