"""Who the demo's AWS answers: nobody but a program that signs with the demo's own key, whatever else reaches its port."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlencode

import flask
import pytest
from botocore.auth import SigV4Auth, SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.exceptions import ClientError
from moto.backends import list_of_moto_modules
from moto.core import utils as moto_core

from demo.ses_lab import ACCOUNT, REGION, Lab, client_of
from todoku.demo.ses_server import MOTO, SesServer
from todoku.demo.ses_signature import MAX_BODY

SERVICES = sorted({*list_of_moto_modules(), "ses", "account", "monitoring", "moto_api"})
OURS = {"ses", "account", *MOTO}
FORM = "application/x-www-form-urlencoded"
# what ran a command in the demo's user's name, when moto answered for CloudFormation
TEMPLATE = 'Resources:\n  a: !!python/object/apply:os.system ["touch {path}"]\n'
BROWSERS = (
    {"Origin": "https://attacker.example"},
    {"Origin": "null"},
    {"Sec_Fetch_Site": "cross-site"},
    {"Sec_Fetch_Mode": "navigate"},
    {"Host": "attacker.example"},
    {"Host": "localhost:80"},
)
Asked = tuple[int, bytes]


@pytest.fixture(scope="module")
def only_server() -> Iterator[SesServer]:
    with SesServer(Lab().world) as running:
        yield running


@pytest.fixture
def seen(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The requests that moto's code gets to see."""
    urls: list[str] = []
    asked = moto_core.convert_to_flask_response.__call__

    def noted(self, *given, **more):
        urls.append(flask.request.url)
        return asked(self, *given, **more)

    monkeypatch.setattr(moto_core.convert_to_flask_response, "__call__", noted)
    return urls


def send(server: SesServer, request: AWSRequest) -> Asked:
    """Status and body of the reply to exactly this request."""
    host, _, port = server.url.removeprefix("http://").partition(":")
    target = request.url.removeprefix(server.url)
    fields = {"Host": f"{host}:{port}", **dict(request.headers.items()), "Connection": "close"}
    fields.setdefault("Content-Length", str(len(request.data or b"")))
    head = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
    with socket.create_connection((host, int(port)), timeout=5) as sock:
        sock.sendall(f"{request.method} {target} HTTP/1.1\r\n{head}\r\n".encode("latin-1") + (request.data or b""))
        reply = b"".join(iter(lambda: sock.recv(65_536), b""))
    head, _, body = reply.partition(b"\r\n\r\n")
    return int(head.split(b" ", 2)[1]), body


def request_of(
    server: SesServer,
    service: str,
    *,
    method: str = "POST",
    path: str = "/",
    body: bytes = b"",
    secret: str | None = None,
    **fields: str,
) -> AWSRequest:
    """A request as botocore signs it, with the demo's key where no other is given."""
    host = server.url.removeprefix("http://")
    headers = {"Host": host, **{name.replace("_", "-"): value for name, value in fields.items()}}
    request = AWSRequest(method=method, url=f"{server.url}{path}", headers=headers, data=body)
    request.headers["X-Amz-Date"] = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
    SigV4Auth(Credentials(ACCOUNT, secret or server.secret), service, REGION).add_auth(request)
    return request


def refused(server: SesServer, request: AWSRequest) -> bool:
    return send(server, request)[0] == 403


@pytest.mark.parametrize("service", SERVICES)
class TestEveryService:
    """All that moto knows, and what the demo answers itself."""

    @pytest.fixture
    def server(self, only_server: SesServer) -> SesServer:
        return only_server

    def test_another_user_has_no_key(self, server, seen, service):
        bodies = (b"", b"Action=DescribeRegions&Version=2016-11-15", b"{}")
        for body in bodies:
            assert refused(server, request_of(server, service, body=body, secret="guessed"))
            bare = AWSRequest(method="POST", url=f"{server.url}/", data=body)
            bare.headers["X-Amz-Target"] = f"{service}.ListThings"
            assert refused(server, bare)
        assert (seen, server.calls) == ([], [])

    def test_a_key_in_the_query_is_none(self, server, seen, service):
        for secret in ("guessed", server.secret):
            request = AWSRequest(method="GET", url=f"{server.url}/?Action=ListThings")
            SigV4QueryAuth(Credentials(ACCOUNT, secret), service, REGION).add_auth(request)
            assert refused(server, request)
        assert (seen, server.calls) == ([], [])

    def test_a_browser_is_refused_even_with_the_key(self, server, seen, service):
        for fields in BROWSERS:
            assert refused(server, request_of(server, service, path="/v2/email/account", **fields))
        assert (seen, server.calls) == ([], [])

    def test_a_preflight_is_refused(self, server, seen, service):
        preflight = {"Origin": "https://attacker.example", "Access-Control-Request-Method": "POST"}
        assert refused(server, AWSRequest(method="OPTIONS", url=f"{server.url}/", headers=preflight))
        assert (seen, server.calls) == ([], [])

    def test_only_what_the_demo_needs_is_answered_at_all(self, server, seen, service):
        if service not in OURS:
            assert refused(server, request_of(server, service, body=b"Action=DescribeRegions", Content_Type=FORM))
            assert (seen, server.calls) == ([], [])


class TestMoto:
    def test_it_sees_what_is_signed_for_it(self, server, seen):
        client_of(server, "sts").get_caller_identity()
        assert len(seen) == 1

    def test_a_template_runs_nothing(self, server, seen, tmp_path):
        made = tmp_path / "made"
        given = {"Action": "GetTemplateSummary", "TemplateBody": TEMPLATE.format(path=made), "Version": "2010-05-15"}
        body = urlencode(given).encode()
        for service in ("cloudformation", *MOTO):
            send(server, request_of(server, service, body=body, Content_Type=f"{FORM}; charset=utf-8"))
        assert not made.exists()

    @pytest.mark.parametrize(
        "path", ["/moto-api/recorder/start-recording", "/moto-api/reset", "/moto-api/", "/latest/meta-data/"]
    )
    def test_its_own_pages_are_not_there(self, server, seen, path):
        for service in ("moto_api", "s3", "ses"):
            assert refused(server, request_of(server, service, path=path))
        assert refused(server, AWSRequest(method="POST", url=f"{server.url}{path}", data=b""))
        for service in ("sts", "monitoring"):  # they answer there as everywhere
            send(server, request_of(server, service, path=path))
        assert not [url for url in seen if "moto-api" in url]

    def test_a_service_that_is_not_there_is_told_as_aws_tells_it(self, server):
        with pytest.raises(ClientError) as failed:
            client_of(server, "s3").list_buckets()
        assert failed.value.response["Error"]["Code"] == "AccessDeniedException"


class TestSignature:
    def test_it_covers_the_whole_request(self, server):
        good = request_of(server, "ses", method="GET", path="/v2/email/account")
        assert send(server, good)[0] == 200
        changes = {"method": "PUT", "url": f"{server.url}/v2/email/identities", "data": b"{}"}
        for name, value in changes.items():
            request = request_of(server, "ses", method="GET", path="/v2/email/account")
            setattr(request, name, value)
            assert refused(server, request)
        request = request_of(server, "ses", method="GET", path="/v2/email/account", X_Amz_Thing="a")
        request.headers.replace_header("X-Amz-Thing", "b")
        assert refused(server, request)

    def test_a_body_that_is_said_to_be_unsigned_is_refused(self, server):
        fields = {"X_Amz_Content_SHA256": "UNSIGNED-PAYLOAD"}
        assert refused(server, request_of(server, "ses", method="GET", path="/v2/email/account", **fields))

    @pytest.mark.parametrize(
        "kind", [FORM, "text/plain", "multipart/form-data; boundary=a", "Text/Plain;charset=utf-8"]
    )
    def test_a_form_is_refused_where_the_service_takes_none(self, server, kind):
        for service in OURS - {"sts"}:
            assert refused(server, request_of(server, service, path="/v2/email/identities", Content_Type=kind))

    def test_each_server_has_a_key_of_its_own(self, lab, server):
        with SesServer(lab.world) as other:
            assert len({server.secret, other.secret}) == 2
            assert refused(server, request_of(server, "ses", path="/v2/email/account", secret=other.secret))

    def test_the_key_of_a_role_is_its_own(self, server):
        role = "arn:aws:iam::444455556666:role/mail"
        lent = client_of(server, "sts").assume_role(RoleArn=role, RoleSessionName="check")["Credentials"]
        key = lent["AccessKeyId"]
        with pytest.raises(ClientError, match="SignatureDoesNotMatch"):
            client_of(server, key=key, secret=server.secret).get_account()
        assert client_of(server, key=key, secret=lent["SecretAccessKey"]).get_account()["SendingEnabled"] is True

    @pytest.mark.parametrize(
        "fields",
        [{"Content_Length": str(MAX_BODY + 1)}, {"Content_Length": "-1"}, {"Transfer_Encoding": "chunked"}],
        ids=str,
    )
    def test_a_body_without_bounds_is_not_waited_for(self, server, fields):
        assert refused(server, request_of(server, "ses", path="/v2/email/identities", **fields))


def test_the_demo_gives_its_key_to_nobody_else(tmp_path: Path) -> None:
    """The environment of the command holds the key; another command on the same machine has only the address."""
    program = (
        "import json, os, urllib.request, urllib.error\n"
        "try: urllib.request.urlopen(os.environ['AWS_ENDPOINT_URL'] + '/v2/email/account')\n"
        "except urllib.error.HTTPError as error: print(json.dumps([error.code, os.environ['AWS_SECRET_ACCESS_KEY']]))\n"
    )
    todoku = Path(sys.executable).parent / "todoku"
    said: Iterator[str] = (
        subprocess.run(
            [todoku, "demo", "--", sys.executable, "-c", program],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for _ in range(2)
    )
    (first_code, first), (second_code, second) = map(json.loads, said)
    assert (first_code, second_code) == (403, 403)
    assert first != second
