"""Which account and region ``ses:...`` names, and whose credentials are taken: from files and variables, nobody is asked."""

from __future__ import annotations

import os
import subprocess
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import ClassVar
from urllib.parse import parse_qs

import pytest

from todoku.net.aws.errors import Failure
from todoku.net.aws.ses_subject import SesSubject, is_ses_subject, ses_regions, ses_subject
from todoku.net.aws.session import Accounts
from todoku.words.errors import UsageError

ROLE = "arn:aws:iam::123456789012:role/mail/check@work"
SECRET = "wJalrXUtnFEMIexampleK7MDENGexamplefiCYEXA"
CONFIG = f"""
[default]
region = eu-west-1
[profile staging]
region = us-west-2
aws_access_key_id = AKIAIOSFODNN7EXAMPLE
aws_secret_access_key = {SECRET}
[profile me@work]
[profile us-east-1]
[profile signed-out]
sso_session = s
sso_account_id = 123456789012
sso_role_name = r
[sso-session s]
sso_start_url = https://example.invalid/start
sso_region = us-east-1
[profile broken]
credential_process = false
"""


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine with some profiles, no other credentials and no metadata service."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    (tmp_path / "config").write_text(CONFIG)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    return tmp_path


@pytest.mark.parametrize(
    ("text", "subject"),
    [
        ("ses:", ("", "eu-west-1")),
        ("ses:ap-northeast-1", ("", "ap-northeast-1")),
        ("ses:us-gov-west-1", ("", "us-gov-west-1")),
        ("ses:@us-east-2", ("", "us-east-2")),
        ("ses:staging@ap-northeast-1", ("staging", "ap-northeast-1")),
        ("ses:staging@", ("staging", "us-west-2")),
        ("ses:me@work@us-east-1", ("me@work", "us-east-1")),
        ("ses:us-east-1", ("", "us-east-1")),  # a region before a profile of that name
        ("ses:us-east-1@us-east-2", ("us-east-1", "us-east-2")),
        (f"ses:{ROLE}@us-east-1", (ROLE, "us-east-1")),
        (f"ses:{ROLE}@", (ROLE, "eu-west-1")),
        ("ses:arn:aws:iam::123456789012:role/check", ("arn:aws:iam::123456789012:role/check", "eu-west-1")),
    ],
)
def test_a_subject(text, subject):
    assert is_ses_subject(text)
    assert ses_subject(text) == SesSubject(*subject)


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("ses:ap-northeast-9", "Did you mean ap-northeast-"),
        ("ses:tokyo", "there is no SES in a region 'tokyo'"),
        ("ses:staging", "ses:staging@REGION"),
        ("ses:stagin@us-east-1", "Did you mean staging?"),
        ("ses:nobody@us-east-1", "there is no AWS profile 'nobody'."),
        ("ses:arn:aws:iam::12:role/x@us-east-1", "is not the ARN of a role"),
        ("ses:arn:aws:iam::123456789012:user/x@us-east-1", "is not the ARN of a role"),
        ("ses:us-iso-east-1", "there is no SES in a region"),
    ],
)
def test_a_slip_is_told_in_one_line(text, word):
    with pytest.raises(UsageError) as slip:
        ses_subject(text)
    assert word in slip.value.text.en
    assert "\n" not in slip.value.text.en + slip.value.text.ja


def test_a_domain_is_no_account():
    assert not is_ses_subject("ses.example.com")


def test_the_environment_says_the_region(monkeypatch):
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-2")
    assert ses_subject("ses:").region == "us-east-2"
    monkeypatch.setenv("AWS_REGION", "ap-northeast-1")
    assert ses_subject("ses:").region == "ap-northeast-1"
    assert ses_subject("ses:us-east-1").region == "us-east-1"


def test_no_region_anywhere(home):
    (home / "config").write_text("[profile other]\n")
    for text in ("ses:", "ses:other@"):
        with pytest.raises(UsageError, match="no region is set"):
            ses_subject(text)
        assert ses_subject(text, otherwise="us-east-1").region == "us-east-1"


def test_a_profile_of_the_environment_that_is_not_there(monkeypatch):
    monkeypatch.setenv("AWS_PROFILE", "stagin")
    with pytest.raises(UsageError, match=r"no AWS profile 'stagin'\. Did you mean staging"):
        ses_subject("ses:")
    with pytest.raises(UsageError, match="no AWS profile 'stagin'"):
        Accounts().open("")


def test_a_configuration_that_cannot_be_read(home):
    (home / "config").write_text("[default\n")
    with pytest.raises(UsageError, match="configuration cannot be read"):
        ses_subject("ses:")
    with pytest.raises(UsageError):
        Accounts().open("")


def test_regions_are_those_of_every_partition():
    assert {"us-east-1", "us-gov-west-1", "eusc-de-east-1"} <= set(ses_regions())
    assert "ap-east-1" not in ses_regions()  # Hong Kong has no SES


# Credentials


def test_a_profiles_credentials():
    accounts = Accounts()
    assert accounts.open("staging") is None
    client = accounts.client("sesv2", "staging", "")
    assert client.meta.region_name == "us-west-2"
    assert client is accounts.client("sesv2", "staging", "")
    assert client.meta.config.retries["total_max_attempts"] == 1
    assert SECRET not in repr(accounts)


def test_no_credentials_at_all():
    with pytest.raises(UsageError, match="no AWS credentials were found"):
        Accounts().open("")
    with pytest.raises(UsageError, match="no AWS credentials were found"):
        Accounts().open(ROLE)


@pytest.mark.parametrize(
    ("profile", "word"),
    [
        ("signed-out", "aws sso login --profile signed-out"),
        ("broken", "CredentialRetrievalError"),
        ("gone", "no AWS profile"),
    ],
)
def test_credentials_that_cannot_be_had(profile, word):
    with pytest.raises(UsageError) as slip:
        Accounts().open(profile)
    assert word in slip.value.text.en
    assert word in slip.value.text.ja or profile == "gone"


def test_a_role_that_sts_cannot_be_reached_for(monkeypatch):
    monkeypatch.setenv("AWS_PROFILE", "staging")
    monkeypatch.setenv("AWS_ENDPOINT_URL_STS", "http://127.0.0.1:1")
    failure = Accounts().open(ROLE)
    assert isinstance(failure, Failure)
    assert (failure.status, failure.code) == ("unreachable", "EndpointConnectionError")


class Sts(BaseHTTPRequestHandler):
    """An STS that refuses every role, and notes what was asked."""

    asked: ClassVar[list[dict[str, list[str]]]] = []

    def do_POST(self) -> None:
        self.asked.append(parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode()))
        body = b"<ErrorResponse><Error><Code>AccessDenied</Code><Message>not you</Message></Error></ErrorResponse>"
        self.send_response(403)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments: object) -> None:
        pass


def test_a_role_that_is_refused(monkeypatch):
    monkeypatch.setenv("AWS_PROFILE", "staging")
    monkeypatch.setenv("TODOKU_EXTERNAL_ID", "id-of-the-customer")
    with HTTPServer(("127.0.0.1", 0), Sts) as server:
        Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        monkeypatch.setenv("AWS_ENDPOINT_URL_STS", f"http://127.0.0.1:{server.server_port}")
        accounts = Accounts()
        failure = accounts.open(ROLE)
        assert accounts.open(ROLE) is failure
        server.shutdown()
    assert isinstance(failure, Failure)
    assert failure.status == "denied"
    assert failure.detail == "AccessDenied: not you; missing permission: sts:AssumeRole"
    (asked,) = Sts.asked
    assert asked["RoleArn"] == [ROLE]
    assert asked["ExternalId"] == ["id-of-the-customer"]
    assert asked["RoleSessionName"] == ["todoku"]


def test_an_endpoint_that_is_no_url(monkeypatch):
    monkeypatch.setenv("AWS_ENDPOINT_URL_SESV2", "not a url")
    with pytest.raises(UsageError, match="boto3 cannot be used as it is set up"):
        Accounts().client("sesv2", "staging", "us-east-1")


# Without the library


def test_without_boto3_one_line_says_how_to_install_it():
    script = (
        "import sys; sys.modules['boto3'] = sys.modules['botocore'] = None\n"
        "from todoku.words.errors import UsageError\n"
        "from todoku.net.aws.ses import SesApi\n"
        "from todoku.net.aws.ses_subject import ses_subject\n"
        "for look in (lambda: ses_subject('ses:us-east-1'), lambda: SesApi()._clients.open('')):\n"
        "    try: look()\n"
        "    except UsageError as error: print(error.text.en)\n"
    )
    said = subprocess.run(
        [sys.executable, "-c", script], check=True, capture_output=True, text=True
    ).stdout.splitlines()
    assert len(said) == 2
    assert all('pip install "todoku[aws]"' in line for line in said)


def test_boto3_is_loaded_only_when_an_account_is_asked_for():
    script = "import sys, todoku.net.aws.ses, todoku.net.aws.ses_subject; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True).stdout.split()
    assert {"boto3", "botocore"}.isdisjoint(loaded)
