"""A Received field that the sender wrote below the real ones: whatever its client is called, no server's form lets it count.

A table of names, addresses, servers and places; in none of them is the forged hop the envelope, and nothing passes.
"""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import product

import pytest

import todoku
from todoku.mail.message import scan
from todoku.mail.route import trace

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
DATE = "Tue, 24 Nov 2026 01:00:00 +0000"
VICTIM, VICTIM_IP = "victim.example", "203.0.113.10"
ZONE = todoku.Zone.from_dict(
    {
        VICTIM: [("TXT", f"v=spf1 ip4:{VICTIM_IP} -all"), ("MX", (10, f"out.{VICTIM}"))],
        f"out.{VICTIM}": [("A", VICTIM_IP)],
        "10.113.0.203.in-addr.arpa": [("PTR", f"out.{VICTIM}")],
        f"_dmarc.{VICTIM}": [("TXT", "v=DMARC1; p=reject")],
    }
)

# The client's reverse name, and the host that takes its mail: one domain above both, and two owners.
NAMES = {
    "customer of an ISP": ("p66.dynamic.isp.example", "mx.isp.example"),
    "name below the host's": ("x.mx.isp.example", "mx.isp.example"),
    "the host's own": ("mx.isp.example", "mx.isp.example"),
    "EC2": ("ec2-198-51-100-66.compute-1.amazonaws.com", "ec2-203-0-113-1.compute-1.amazonaws.com"),
    "VPS": ("li66-1.members.linode.com", "li99-2.members.linode.com"),
    "dynamic DNS": ("evil.duckdns.org", "mine.duckdns.org"),
    "prefecture": ("evil.aichi.jp", "mail.aichi.jp"),
    "co.jp": ("mx.evil.co.jp", "mx.good.co.jp"),
    "localhost": ("localhost", "mx.isp.example"),
    "Google's": ("mail-sor-f41.google.com", "mx.isp.example"),
    "Microsoft's": ("x.outbound.protection.outlook.com", "mx.isp.example"),
    "a host without a domain": ("mailhost", "mailhost"),
    "none": ("unknown", "mx.isp.example"),
}
ADDRESSES = (
    "198.51.100.66", "10.0.0.1", "172.17.0.1", "192.168.65.1", "127.0.0.1", "100.64.0.9", "169.254.1.1",
    "2001:db8::66", "::1", "fd00::1", "fe80::1",
)  # fmt: skip
SERVERS = {
    "Postfix": "from {name} ({name} [{ip}]) by {by} (Postfix) with ESMTP id 1 for <u@isp.example>",
    "Postfix with TLS": "from {name} ({name} [{ip}]) (using TLSv1.3 with cipher X (256/256 bits)) by {by} (Postfix) with ESMTPS id 1",
    "Exim": "from {name} ([{ip}] helo={name}) by {by} with esmtps (TLS1.3) tls X (Exim 4.96) (envelope-from <a@b.example>) id 1",
    "Exim without a name": "from [{ip}] (helo={name}) by {by} with esmtp (Exim 4.96) id 1",
    "Sendmail": "from {name} ({name} [{ip}]) by {by} (8.17.1/8.17.1) with ESMTP id 1",
    "Sendmail, forged": "from {name} ({name} [{ip}] (may be forged)) by {by} (8.17.1/8.17.1) with ESMTP id 1",
    "qmail": "from {name} (HELO {name}) ({ip}) by {by} with SMTP",
    "Exchange": "from {name} ({ip}) by {by} (10.0.0.5) with Microsoft SMTP Server id 15.1",
    "Haraka": "from {name} ({name} [{ip}]) by {by} (Haraka/3.0.3) with ESMTP id 1",
    "OpenSMTPD": "from {name} ({name} [{ip}]) by {by} (OpenSMTPD) with ESMTPS id 1 (TLSv1.3:X:256:NO)",
    "IronPort": "from {name} ([{ip}]) by {by} with ESMTP/TLS/ECDHE-RSA-AES256-GCM-SHA384",
    "address only": "from [{ip}] by {by} with SMTP",
    "no address": "from {name} by {by} with SMTP",
}
ABOVE = {
    "at the top": [],
    "below the last step": ["from {by} by {by} with LMTP id 1 for <u@isp.example>"],
    "below qmail's queue": ["(qmail 28454 invoked from network)"],
}
LOCAL = (
    "by {by} (Postfix, from userid 1000) id 1",
    "(qmail 28454 invoked by uid 89)",
    "from root by {by} with local (Exim 4.96) id 1",
    "(from root@localhost) by {by} (8.17.1/8.17.1/Submit) id 1",
)
FORGED = (
    f"from out.{VICTIM} (out.{VICTIM} [{VICTIM_IP}]) by {{by}} (Postfix) with ESMTPS id 2",
    f"from out.{VICTIM} (out.{VICTIM} [{VICTIM_IP}]) by {{name}} (Postfix) with ESMTPS id 2",
    f"from out.{VICTIM} (out.{VICTIM}. [{VICTIM_IP}]) by mx.google.com with ESMTPS id 2",
    f"from out.{VICTIM} ({VICTIM_IP}) by X.mail.protection.outlook.com (10.1.1.1) with Microsoft SMTP Server id 2",
    f"from out.{VICTIM} ([{VICTIM_IP}] helo=out.{VICTIM}) by {{by}} with esmtps (Exim 4.96) id 2",
)


def message(hops: list[str], by: str) -> bytes:
    received = "".join(f"Received: {hop}; {DATE}\r\n" for hop in hops)
    forged_results = (
        f"Received-SPF: pass client-ip={VICTIM_IP}; envelope-from=a@{VICTIM}\r\n"
        f"Authentication-Results: {by}; spf=pass smtp.mailfrom={VICTIM}; dmarc=pass header.from={VICTIM}\r\n"
    )
    fields = f"From: a@{VICTIM}\r\nTo: u@isp.example\r\nDate: {DATE}\r\nMessage-ID: <1@{VICTIM}>\r\nSubject: x\r\n"
    return f"Return-Path: <a@{VICTIM}>\r\n{received}{forged_results}{fields}\r\nx\r\n".encode()


def believed(raw: bytes) -> bool:
    """Whether the forged hop stands for the session."""
    route = trace(scan(raw))
    return VICTIM_IP in [one.ip for one in (route.envelope, route.original) if one is not None]


@pytest.mark.parametrize("server", SERVERS)
@pytest.mark.parametrize("names", NAMES)
def test_the_sender_s_own_field_is_not_believed(names, server):
    name, by = NAMES[names]
    words = {"name": name, "by": by}
    for ip, above, forged in product(ADDRESSES, ABOVE.values(), FORGED):
        hops = [*above, SERVERS[server].replace("{ip}", ip), forged]
        raw = message([hop.format(**words) for hop in hops], by)
        assert not believed(raw), (ip, hops)


@pytest.mark.parametrize("local", LOCAL)
def test_what_a_user_of_the_host_wrote_is_not_believed(local):
    for (name, by), forged in product(NAMES.values(), FORGED):
        raw = message([hop.format(name=name, by=by) for hop in (local, forged)], by)
        assert not believed(raw), (local, forged)


FOUR = {
    "Gmail": "from {name} ({name}. [{ip}]) by mx.google.com with ESMTPS id x for <u@gmail.com>",
    "Outlook.com": "from {name} ({ip}) by X.mail.protection.outlook.com (10.1.1.1) with Microsoft SMTP Server (version=TLS1_2, cipher=X) id 1 via Frontend Transport",
    "Exchange Online": "from {name} ({ip}) by A.prod.exchangelabs.com (2603:10b6:1::2) with Microsoft SMTP Server id 1 via Frontend Transport",
    "Yahoo": "from {ip} (EHLO {name}) by 10.217.151.74 with SMTPs (version=TLS1_3 cipher=X)",
    "iCloud": "from {name} ({name} [{ip}]) by p00-icloudmta-smtpin-us-1 (Postfix) with ESMTPS id 1",
}
# Servers that anyone can hire, the last ones in networks of Microsoft's and Google's own.
HIRED = ("198.51.100.66", "2001:db8::66", "2603:1030:402:8::5", "2603:1020:201:10::f", "34.85.0.66", "2600:1901::66")
OF_THE_FOUR = (
    "mail-sor-f41.google.com", "x.prod.outlook.com", "x.prod.exchangelabs.com", "x.outbound.protection.outlook.com",
    "sonic1.consmr.mail.ir2.yahoo.com", "mr85p00im.me.com", "p00-icloudmta-smtpin-us-1",
)  # fmt: skip


@pytest.mark.parametrize("server", FOUR)
def test_a_name_of_the_four_s_own_is_not_believed(server):
    for ip, name, forged in product(HIRED, OF_THE_FOUR, FORGED):
        hops = [FOUR[server].format(name=name, ip=ip), forged.format(by="mx.google.com", name=name)]
        assert not believed(message(hops, "mx.google.com")), hops


@pytest.mark.parametrize("ip", ["198.51.100.66", "172.17.0.1"])
@pytest.mark.parametrize("server", ["Postfix", "Exim", "Sendmail", "qmail"])
@pytest.mark.parametrize("names", ["customer of an ISP", "EC2", "dynamic DNS", "localhost"])
def test_nothing_passes(names, server, ip):
    name, by = NAMES[names]
    hops = [hop.format(name=name, by=by, ip=ip) for hop in (SERVERS[server], FORGED[0])]
    report = todoku.check(message(hops, by), resolver=ZONE, now=NOW)
    judged = {one.requirement: one.result for one in report.verdicts if one.result == "pass"}
    assert not judged.keys() & {"spf", "dkim", "spf-or-dkim", "spf-and-dkim", "dmarc-alignment", "reverse-dns"}


@pytest.mark.parametrize("ip", ["127.0.0.1", "172.17.0.1"])
def test_the_address_that_the_user_names_ends_the_doubt(ip):
    name, by = NAMES["none"]
    raw = message([hop.format(name=name, by=by, ip=ip) for hop in (SERVERS["Postfix"], FORGED[0])], by)
    report = todoku.check(raw, todoku.Envelope(ip=VICTIM_IP, source="options"), resolver=ZONE, now=NOW)
    assert {one.result for one in report.verdicts if one.requirement == "spf"} == {"pass"}


EDGE = "by X.mail.protection.outlook.com (10.1.1.1) with Microsoft SMTP Server (version=TLS1_3, cipher=X) id 1 via Frontend Transport"
FROM_A_TENANT = f"Received: from EUR05.outbound.protection.outlook.com (40.107.22.1) {EDGE}; {DATE}"
ITS_RESULTS = (
    "Authentication-Results: spf=pass (sender IP is 40.107.22.1) smtp.mailfrom=evil.example; dkim=none header.d=none; "
    f"dmarc=fail action=none header.from={VICTIM}"
)


def arc_set(instance: int, cv: str, ip: str, domain: str, signer: str = "microsoft.com") -> list[str]:
    return [
        f"ARC-Seal: i={instance}; a=rsa-sha256; s=arcselector10001; d={signer}; cv={cv}; b=AAAA",
        f"ARC-Authentication-Results: i={instance}; mx.microsoft.com 1; spf=pass (sender ip is {ip}) smtp.mailfrom={domain}",
    ]


VOUCHED = arc_set(2, "pass", "40.107.22.1", "evil.example")
CHAINS = {
    "none": ([], []),
    "broken": (arc_set(2, "fail", "40.107.22.1", "evil.example"), arc_set(1, "none", VICTIM_IP, VICTIM)),
    "not Microsoft's": (VOUCHED, arc_set(1, "none", VICTIM_IP, VICTIM, "evil.example")),
    "about another client": (VOUCHED, arc_set(1, "none", "198.51.100.66", "evil.example")),
}


def in_a_tenant(own: list[str], chain: list[str], *below: str) -> bytes:
    lines = [
        *own,
        ITS_RESULTS,
        FROM_A_TENANT,
        *chain,
        *below,
        f"From: a@{VICTIM}",
        "To: u@outlook.com",
        f"Date: {DATE}",
    ]
    return "\r\n".join([*lines, f"Message-ID: <1@{VICTIM}>", "Subject: x", "", "x", ""]).encode()


@pytest.mark.parametrize("chain", CHAINS)
def test_a_tenant_that_writes_received_fields_of_its_own_is_not_believed(chain):
    """A mail flow rule takes Microsoft's away."""
    results = f"X-MS-Exchange-Authentication-Results: spf=pass (sender IP is {VICTIM_IP}) smtp.mailfrom={VICTIM}"
    forged = f"Received: from out.{VICTIM} ({VICTIM_IP}) {EDGE}; {DATE}"
    raw = in_a_tenant(*CHAINS[chain], results, f"Return-Path: <a@{VICTIM}>", forged)
    assert not believed(raw)
    report = todoku.check(raw, resolver=ZONE, now=NOW)
    assert "pass" not in {
        one.result for one in report.verdicts if one.requirement in ("spf", "spf-or-dkim", "dmarc-alignment")
    }


def test_a_tenant_cannot_name_another_mail_from():
    results = f"X-MS-Exchange-Authentication-Results: spf=pass (sender IP is 198.51.100.66) smtp.mailfrom={VICTIM}"
    first = f"Received: from evil.example (198.51.100.66) {EDGE}; {DATE}"
    chain = arc_set(1, "none", "198.51.100.66", "evil.example")
    original = trace(scan(in_a_tenant(VOUCHED, chain, results, f"Return-Path: <a@{VICTIM}>", first))).original
    assert original is not None
    assert (original.ip, original.mail_from) == ("198.51.100.66", "@evil.example")
