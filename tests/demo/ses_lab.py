"""A world of SES whose clock and DNS a test moves, alone or behind HTTP."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import boto3
from botocore.config import Config

from todoku import Zone
from todoku.demo.ses_server import SesServer
from todoku.demo.ses_world import World

ACCOUNT, REGION = "111122223333", "ap-northeast-1"
EXAMPLE = {"example.com": [("SOA", "ns1.example.com. hostmaster.example.com. 7 1 1 1 1"), ("A", "192.0.2.1")]}


class Lab:
    """A world with a clock to move and records to publish."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
        self.records = dict(EXAMPLE)
        self.world = World(clock=lambda: self.now, answers=Zone.from_dict(self.records))

    def __call__(self, operation: str, *, region: str = REGION, account: str = ACCOUNT, **parameters: object) -> dict:
        return self.world.call(account, region, operation, parameters)

    def pass_time(self, **length: float) -> None:
        self.now += timedelta(**length)

    def publish(self, records: dict) -> None:
        self.records |= records
        self.world.answers = Zone.from_dict(self.records)

    def withdraw(self, *names: str) -> None:
        for name in names:
            del self.records[name]
        self.publish({})

    def domain(self, name: str = "example.com", *, region: str = REGION, **more: object) -> dict:
        """A verified domain identity: what CreateEmailIdentity said of it, once its records are published."""
        made = self("CreateEmailIdentity", EmailIdentity=name, region=region, **more)
        self.publish(cnames(name, made["DkimAttributes"]))
        assert self("GetEmailIdentity", EmailIdentity=name, region=region)["VerificationStatus"] == "SUCCESS"
        return made

    def address(self, name: str) -> None:
        self("CreateEmailIdentity", EmailIdentity=name)
        self.world.verify_address(ACCOUNT, REGION, name)

    def dkim(self, name: str = "example.com", **more: object) -> dict:
        return self("GetEmailIdentity", EmailIdentity=name, **more)["DkimAttributes"]

    def error_type(self, name: str = "example.com", **more: object) -> str:
        return self("GetEmailIdentity", EmailIdentity=name, **more)["VerificationInfo"].get("ErrorType", "")

    def mail_from(self, name: str = "example.com") -> str:
        return self("GetEmailIdentity", EmailIdentity=name)["MailFromAttributes"]["MailFromDomainStatus"]

    def set_mail_from(self, name: str = "example.com", **more: object) -> None:
        self("PutEmailIdentityMailFromAttributes", EmailIdentity=name, MailFromDomain="mail.example.com", **more)

    def send(self, author: str = "news@example.com", to: tuple[str, ...] = ("user@gmail.com",), **more: object) -> str:
        content = {"Simple": {"Subject": {"Data": "News"}, "Body": {"Text": {"Data": "Hello.\n"}}}}
        given = {"FromEmailAddress": author, "Destination": {"ToAddresses": list(to)}, "Content": content, **more}
        return self("SendEmail", **given)["MessageId"]


def cnames(domain: str, dkim: dict) -> dict:
    """The records that Easy DKIM asks for."""
    zone = dkim["SigningHostedZone"]
    return {f"{token}._domainkey.{domain}": [("CNAME", f"{token}.{zone}")] for token in dkim["Tokens"]}


def mx(*hosts: str) -> dict:
    return {"mail.example.com": [("MX", f"10 {host}") for host in hosts]}


FEEDBACK = f"feedback-smtp.{REGION}.amazonses.com"


def client_of(
    server: SesServer,
    service: str = "sesv2",
    *,
    region: str = REGION,
    key: str = ACCOUNT,
    secret: str = "",
    **config: object,
):
    settings = Config(retries={"total_max_attempts": 1}, connect_timeout=5, read_timeout=60, **config)
    return boto3.client(
        service,
        endpoint_url=server.url,
        region_name=region,
        aws_access_key_id=key,
        aws_secret_access_key=secret or server.secret,
        config=settings,
    )
