"""The server: who calls, what else answers there, and what goes wrong on demand."""

from __future__ import annotations

import json
import socket
import threading
import time
import urllib.error
import urllib.request
from datetime import UTC, datetime

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.exceptions import ClientError, ConnectionClosedError, ReadTimeoutError

from demo.ses_lab import ACCOUNT, REGION, Lab, client_of
from todoku.demo.ses_server import Call, SesServer

OTHER = "444455556666"


class TestCaller:
    def test_access_key_and_region_choose_the_state(self, lab, server):
        client_of(server).create_email_identity(EmailIdentity="example.com")
        for key, region in ((OTHER, REGION), (ACCOUNT, "eu-west-1")):
            client = client_of(server, key=key, region=region)
            with pytest.raises(client.exceptions.NotFoundException):
                client.get_email_identity(EmailIdentity="example.com")
        assert server.calls == [
            Call(ACCOUNT, REGION, "CreateEmailIdentity"),
            Call(OTHER, REGION, "GetEmailIdentity"),
            Call(ACCOUNT, "eu-west-1", "GetEmailIdentity"),
        ]

    def test_access_keys_by_name(self, lab):
        with SesServer(lab.world, accounts={"AKIAEXAMPLE": OTHER}) as server:
            client_of(server, key="AKIAEXAMPLE").get_account()
            assert server.calls[-1].account == OTHER
            assert client_of(server, "sts", key="AKIAEXAMPLE").get_caller_identity()["Account"] == OTHER

    def test_assumed_role(self, server):
        role = f"arn:aws:iam::{OTHER}:role/mail"
        assumed = client_of(server, "sts").assume_role(RoleArn=role, RoleSessionName="check")["Credentials"]
        client_of(server, key=assumed["AccessKeyId"], secret=assumed["SecretAccessKey"]).get_account()
        assert server.calls[-1].account == OTHER


class TestRestOfAws:
    def test_sts(self, server):
        assert client_of(server, "sts").get_caller_identity()["Account"] == ACCOUNT

    def test_regions_of_the_account(self, lab):
        with SesServer(lab.world, turned_on=["af-south-1"]) as server:
            client = client_of(server, "account", region="us-east-1")
            on = client.list_regions(RegionOptStatusContains=["ENABLED"])["Regions"]
            assert on == [{"RegionName": "af-south-1", "RegionOptStatus": "ENABLED"}]
            seen, token = [], {}
            for _ in range(2):
                said = client.list_regions(MaxResults=20, **token)
                seen += said["Regions"]
                token = {"NextToken": said.get("NextToken", "")}
            status = {each["RegionName"]: each["RegionOptStatus"] for each in seen}
            assert (token, len(status)) == ({"NextToken": ""}, len(seen))
            assert (status["eu-west-1"], status["me-south-1"]) == ("ENABLED_BY_DEFAULT", "DISABLED")

    def test_route_53(self, server):
        client = client_of(server, "route53")
        zone = client.create_hosted_zone(Name="example.com.", CallerReference="once")["HostedZone"]["Id"]
        record = {"Name": "a.example.com.", "Type": "A", "TTL": 60, "ResourceRecords": [{"Value": "192.0.2.1"}]}
        changes = {"Changes": [{"Action": "CREATE", "ResourceRecordSet": record}]}
        client.change_resource_record_sets(HostedZoneId=zone, ChangeBatch=changes)
        listed = client.list_resource_record_sets(HostedZoneId=zone)["ResourceRecordSets"]
        assert record in listed
        client.change_resource_record_sets(
            HostedZoneId=zone, ChangeBatch={"Changes": [{"Action": "DELETE", "ResourceRecordSet": record}]}
        )
        client.delete_hosted_zone(Id=zone)

    @pytest.mark.parametrize(
        ("service", "operation"), [("s3", "list_buckets"), ("ses", "list_identities"), ("ec2", "describe_regions")]
    )
    def test_nothing_else(self, server, service, operation):
        with pytest.raises(ClientError):
            getattr(client_of(server, service), operation)()


class TestFaults:
    @pytest.mark.parametrize(
        ("error", "status"),
        [
            *(("AccessDeniedException", 403), ("TooManyRequestsException", 429), ("ServiceUnavailable", 503)),
            ("ExpiredTokenException", 403),
        ],
    )
    def test_error(self, server, client, error, status):
        server.inject("GetAccount", error)
        with pytest.raises(ClientError) as failed:
            client.get_account()
        assert failed.value.response["Error"]["Code"] == error
        assert failed.value.response["ResponseMetadata"]["HTTPStatusCode"] == status
        assert client.get_account()["SendingEnabled"] is True

    def test_modelled_error_has_its_own_status(self, server, client):
        server.inject("DeleteEmailIdentity", "ConcurrentModificationException")
        with pytest.raises(client.exceptions.ConcurrentModificationException) as failed:
            client.delete_email_identity(EmailIdentity="example.com")
        assert failed.value.response["ResponseMetadata"]["HTTPStatusCode"] == 500

    def test_it_meets_so_many_calls_of_that_operation(self, server, client):
        server.inject("GetAccount", "AccessDeniedException", times=2)
        client.list_email_identities()
        for _ in range(2):
            with pytest.raises(ClientError):
                client.get_account()
        client.get_account()

    def test_every_call_until_it_is_cleared(self, server, client):
        server.inject("*", "AccessDeniedException", times=None)
        for call in (client.get_account, client.list_email_identities, client.get_account):
            with pytest.raises(ClientError):
                call()
        server.clear()
        client.get_account()

    def test_latency_comes_on_top(self, server, client):
        server.inject("GetAccount", 0.05)
        before = time.monotonic()
        assert client.get_account()["SendingEnabled"] is True
        assert time.monotonic() - before >= 0.05

    def test_write_that_is_cut_did_not_happen(self, server, client):
        server.inject("CreateEmailIdentity", "cut")
        with pytest.raises(ConnectionClosedError):
            client.create_email_identity(EmailIdentity="example.com")
        client.create_email_identity(EmailIdentity="example.com")

    def test_web_page(self, server, client):
        server.inject("GetAccount", "html")
        with pytest.raises(ClientError) as failed:
            client.get_account()
        assert failed.value.response["ResponseMetadata"]["HTTPStatusCode"] == 502

    def test_half_a_body(self, server):
        server.inject("GetAccount", "half")
        head, _, content = signed(server, "GET", "/v2/email/account").partition(b"\r\n\r\n")
        length = int(head.partition(b"Content-Length: ")[2].split()[0])
        assert len(content) == length // 2
        assert content.startswith(b'{"DedicatedIpAutoWarmupEnabled":')

    def test_write_whose_answer_is_lost_did_happen(self, server, client):
        server.inject("CreateEmailIdentity", "lost")
        with pytest.raises(ConnectionClosedError):
            client.create_email_identity(EmailIdentity="example.com")
        with pytest.raises(client.exceptions.AlreadyExistsException):
            client.create_email_identity(EmailIdentity="example.com")

    def test_hanging_call_is_let_go_when_the_server_stops(self, lab):
        failures = []

        def call() -> None:
            try:
                client.get_account()
            except (ConnectionClosedError, ReadTimeoutError) as error:
                failures.append(type(error))

        with SesServer(lab.world) as server:
            server.inject("GetAccount", "hang")
            client = client_of(server)
            waiting = threading.Thread(target=call)
            waiting.start()
            for _ in range(500):
                if server.calls:
                    break
                time.sleep(0.01)
        waiting.join(5)
        assert failures == [ConnectionClosedError]


def signed(server: SesServer, method: str, path: str, body: bytes = b"", service: str = "ses") -> bytes:
    """The whole reply to a request that no client of ours would write."""
    host, _, port = server.url.removeprefix("http://").partition(":")
    at = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
    fields = {"Host": f"{host}:{port}", "X-Amz-Date": at, "Content-Length": str(len(body))}
    request = AWSRequest(method=method, url=f"{server.url}{path}", headers=fields, data=body)
    SigV4Auth(Credentials(ACCOUNT, server.secret), service, REGION).add_auth(request)
    head = "".join(f"{name}: {value}\r\n" for name, value in request.headers.items())
    with socket.create_connection((host, int(port)), timeout=5) as sock:
        sock.sendall(f"{method} {path} HTTP/1.1\r\n{head}Connection: close\r\n\r\n".encode("latin-1") + body)
        parts = []
        while part := sock.recv(65_536):
            parts.append(part)
    return b"".join(parts)


class TestStrangeRequests:
    @pytest.mark.parametrize(
        ("method", "path", "body", "status"),
        [
            ("GET", "/v2/email/nothing", b"", 404),
            ("DELETE", "/v2/email/account", b"", 404),
            ("GET", "/v2/email/export-jobs/1", b"", 404),  # modelled, and not the demo's
            ("POST", "/v2/email/identities", b"{", 400),
            ("POST", "/v2/email/identities", b"[]", 400),
            ("POST", "/v2/email/identities", b"\xff", 400),
            ("POST", "/v2/email/identities", b'{"EmailIdentity": 1}', 400),
            ("POST", "/v2/email/identities", b'{"EmailIdentity": null}', 400),
            ("POST", "/v2/email/identities", b'{"EmailIdentity": "example.com", "Kind": "x"}', 400),
            ("POST", "/v2/email/outbound-emails", b'{"Content": {"Raw": {"Data": "*"}}}', 400),
            ("POST", "/v2/email/metrics/batch", b'{"Queries": [{"Id": "a", "StartDate": "then"}]}', 400),
            ("POST", "/v2/email/metrics/batch", b'{"Queries": [{"Id": "a", "StartDate": 1e300}]}', 400),
            ("GET", "/v2/email/contact-lists?PageSize=many", b"", 400),
            ("GET", "/v2/email/contact-lists?PageSize=" + "9" * 5000, b"", 400),
            ("GET", "/v2/email/identities/%ff%00", b"", 404),
        ],
    )
    def test_it_is_answered(self, server, method, path, body, status):
        reply = signed(server, method, path, body)
        head, _, content = reply.partition(b"\r\n\r\n")
        assert head.split(b" ", 2)[1] == str(status).encode()
        assert json.loads(content).keys() == {"message"}

    def test_unsigned_request_is_refused(self, server):
        with pytest.raises(urllib.error.HTTPError) as failed, urllib.request.urlopen(f"{server.url}/v2/email/account"):
            pass
        failed.value.close()
        assert server.calls == []

    def test_identity_with_a_slash(self, server, client):
        with pytest.raises(client.exceptions.NotFoundException, match=r"a/b@example\.com"):
            client.get_email_identity(EmailIdentity="a/b@example.com")


def test_two_servers_side_by_side(server):
    other = Lab()
    with SesServer(other.world) as second:
        client_of(server).create_email_identity(EmailIdentity="example.com")
        assert client_of(second).list_email_identities()["EmailIdentities"] == []
        assert server.url != second.url
    assert client_of(server).list_email_identities()["EmailIdentities"][0]["IdentityName"] == "example.com"
