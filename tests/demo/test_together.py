"""SES with a name server or with Route 53: an account is set up from nothing, and the proof is a message."""

from __future__ import annotations

import base64
from datetime import UTC, datetime

import dns.query
import dns.rcode
import dns.tsig
import dns.update

import todoku
from demo.ses_lab import client_of
from todoku.demo.hosted_zones import HostedZones
from todoku.demo.nameserver import NameServer
from todoku.demo.ses_message import delivered
from todoku.demo.ses_server import SesServer
from todoku.demo.ses_world import World

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
KEY = dns.tsig.Key("todoku", base64.b64encode(b"k" * 32).decode(), "hmac-sha256")


def test_from_nothing_to_a_message_that_passes():
    world = World(clock=lambda: NOW, answers=todoku.Zone.from_dict({}))
    with NameServer(keys={"example.com": KEY}, published=world.published) as dns_server, SesServer(world) as server:
        dns_server.add_amazon()
        dns_server.add_zone("example.com", '_dmarc TXT "v=DMARC1; p=reject"\n')
        dns_server.add_zone(".")
        world.answers = dns_server
        client = client_of(server)
        mail = {
            "FromEmailAddress": "news@example.com",
            "Destination": {"ToAddresses": ["user@gmail.com"]},
            "Content": {"Simple": {"Subject": {"Data": "s"}, "Body": {"Text": {"Data": "t\n"}}}},
        }
        made = client.create_email_identity(EmailIdentity="example.com")["DkimAttributes"]
        client.put_email_identity_mail_from_attributes(EmailIdentity="example.com", MailFromDomain="mail.example.com")
        publish(dns_server, made)
        shown = client.get_email_identity(EmailIdentity="example.com")
        assert (shown["DkimAttributes"]["Status"], shown["MailFromAttributes"]["MailFromDomainStatus"]) == (
            "SUCCESS",
            "SUCCESS",
        )
        client.send_email(**mail)
        judged = todoku.authenticate(delivered(world.sent[0]), resolver=todoku.Resolver(dns_server.address), now=NOW)
        assert (judged.spf.result, judged.dmarc.result, judged.iprev.result) == ("pass", "pass", "pass")
        assert [(each.result, each.domain) for each in judged.dkim] == [
            ("pass", "example.com"),
            ("pass", "amazonses.com"),
        ]


def test_ses_sees_what_route_53_holds():
    world = World(clock=lambda: NOW, answers=todoku.Zone.from_dict({}))
    account = "777788889999"
    world.answers = HostedZones(account, world)
    with SesServer(world) as server:
        client, route53 = client_of(server, key=account), client_of(server, "route53", key=account)
        made = client.create_email_identity(EmailIdentity="example.com")["DkimAttributes"]
        client.put_email_identity_mail_from_attributes(EmailIdentity="example.com", MailFromDomain="mail.example.com")
        zone = route53.create_hosted_zone(Name="example.com.", CallerReference="once")["HostedZone"]["Id"]
        records = {f"{token}._domainkey": ("CNAME", f"{token}.{made['SigningHostedZone']}") for token in made["Tokens"]}
        records["mail"] = ("MX", "10 feedback-smtp.ap-northeast-1.amazonses.com")
        changes = [
            {
                "Action": "CREATE",
                "ResourceRecordSet": {
                    "Name": f"{label}.example.com.",
                    "Type": rdtype,
                    "TTL": 300,
                    "ResourceRecords": [{"Value": value}],
                },
            }
            for label, (rdtype, value) in records.items()
        ]
        route53.change_resource_record_sets(HostedZoneId=zone, ChangeBatch={"Changes": changes})
        shown = client.get_email_identity(EmailIdentity="example.com")
        assert shown["DkimAttributes"]["Status"] == "SUCCESS"
        assert shown["MailFromAttributes"]["MailFromDomainStatus"] == "SUCCESS"
        assert shown["VerificationInfo"]["SOARecord"]["SerialNumber"] == 1
        key = todoku.auth.ask.Question(f"{made['Tokens'][0]}._domainkey.example.com", "TXT")
        assert world.answers.answers([key])[0].records[0].startswith("p=MII")
        other = client_of(server, "route53", key="123123123123")
        assert other.list_hosted_zones()["HostedZones"] == []


def publish(server: NameServer, dkim: dict) -> None:
    update = dns.update.UpdateMessage("example.com", keyring=KEY)
    for token in dkim["Tokens"]:
        update.add(f"{token}._domainkey", 300, "CNAME", f"{token}.{dkim['SigningHostedZone']}.")
    update.add("mail", 300, "MX", "10 feedback-smtp.ap-northeast-1.amazonses.com.")
    update.add("mail", 300, "TXT", '"v=spf1 include:amazonses.com ~all"')
    host, _, port = server.address.partition(":")
    assert dns.query.tcp(update, host, port=int(port), timeout=5).rcode() == dns.rcode.NOERROR
