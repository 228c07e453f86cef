"""Whole header stacks as they stand in a mailbox: where the message crossed the border, and what may be believed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from todoku.mail.border import is_public, receiver_of, related
from todoku.mail.envelope import Envelope
from todoku.mail.message import scan
from todoku.mail.route import trace

PATH = "0106018d7c6bc3e2-0f5e4a3b-6a1d-4c7b-9b1f-1a2b3c4d5e6f-000000"
SES = "e234-4.smtp-out.ap-northeast-1.amazonses.com"
DATE = "Mon, 05 Feb 2024 17:00:12 -0800 (PST)"

# What SES hands over: everything from here down stands below the border hop.
SENT = f"""\
DKIM-Signature: v=1; a=rsa-sha256; q=dns/txt; c=relaxed/simple;
\ts=zh4gjftm6etwoq6afzugpky45synznly; d=sample-kuriyama.com; t=1707181210;
\th=From:To:Subject:MIME-Version:Content-Type:Message-ID:Date; bh=aaaa; b=bbbb
DKIM-Signature: v=1; a=rsa-sha256; q=dns/txt; c=relaxed/simple;
\ts=suwteswkahkjx5z3rgaujjw4zqymtlt2; d=amazonses.com; t=1707181210;
\th=From:To:Subject:MIME-Version:Content-Type:Message-ID:Date:Feedback-ID; bh=aaaa; b=cccc
From: info@sample-kuriyama.com
To: kuri@gmail.com
Subject: hello
Message-ID: <{PATH}@ap-northeast-1.amazonses.com>
Date: Tue, 6 Feb 2024 01:00:10 +0000
Feedback-ID: 1.ap-northeast-1.abcdef=:AmazonSES
X-SES-Outgoing: 2024.02.06-23.251.234.4
"""

GMAIL_RESULTS = f"""mx.google.com;
       dkim=pass header.i=@sample-kuriyama.com header.s=zh4gjftm6etwoq6afzugpky45synznly header.b=bbbb;
       dkim=pass header.i=@amazonses.com header.s=suwteswkahkjx5z3rgaujjw4zqymtlt2 header.b=cccc;
       spf=pass (google.com: domain of {PATH}@ap-northeast-1.amazonses.com designates 23.251.234.4 as permitted sender) smtp.mailfrom={PATH}@ap-northeast-1.amazonses.com;
       dmarc=pass (p=NONE sp=NONE dis=NONE) header.from=sample-kuriyama.com"""
GMAIL_INSIDE = f"""\
Delivered-To: kuri@gmail.com
Received: by 2002:a05:7110:8a4:b0:1a2:b3c4:d5e6 with SMTP id q4csp812345geh;
        {DATE}
X-Google-Smtp-Source: AGHT+IFabcdefghijklmnop
X-Received: by 2002:a05:6a20:d38c:b0:19c:a1b2:c3d4 with SMTP id x12-20020a056a20.1.1707181212345;
        {DATE}
"""
GMAIL_ARC = f"""\
ARC-Seal: i=1; a=rsa-sha256; t=1707181212; cv=none;
        d=google.com; s=arc-20160816;
        b=AAAA
ARC-Message-Signature: i=1; a=rsa-sha256; c=relaxed/relaxed; d=google.com; s=arc-20160816;
        h=feedback-id:date:message-id:subject:to:from:dkim-signature;
        bh=aaaa; b=BBBB
ARC-Authentication-Results: i=1; {GMAIL_RESULTS}
"""
GMAIL_BORDER = f"""\
Return-Path: <{PATH}@ap-northeast-1.amazonses.com>
Received: from {SES} ({SES}. [23.251.234.4])
        by mx.google.com with ESMTPS id d2e1a72fcca58-20020aa79dc2000000b006ddf01
        for <kuri@gmail.com>
        (version=TLS1_3 cipher=TLS_AES_128_GCM_SHA256 bits=128/128);
        {DATE}
"""
GMAIL_SPF = f"""\
Received-SPF: pass (google.com: domain of {PATH}@ap-northeast-1.amazonses.com designates 23.251.234.4 as permitted sender) client-ip=23.251.234.4;
"""
GMAIL_BELOW = f"""\
{GMAIL_SPF}Authentication-Results: {GMAIL_RESULTS}
"""
GMAIL = GMAIL_INSIDE + GMAIL_ARC + GMAIL_BORDER + GMAIL_BELOW + SENT

MICROSOFT_TLS = "(version=TLS1_2,\n cipher=TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384)"
OUTLOOK_RESULTS = """spf=pass (sender IP is 23.251.234.4)
 smtp.mailfrom=ap-northeast-1.amazonses.com; dkim=pass (signature was verified)
 header.d=amazonses.com;dmarc=fail action=none
 header.from=sample-kuriyama.com;compauth=fail reason=001"""
OUTLOOK_INSIDE = f"""\
Received: from TYAPR01MB1234.jpnprd01.prod.outlook.com (::1) by
 TYCPR01MB5678.jpnprd01.prod.outlook.com with HTTPS; Tue, 6 Feb 2024 01:00:15 +0000
ARC-Seal: i=1; a=rsa-sha256; s=arcselector9901; d=microsoft.com; cv=none; b=AAAA
ARC-Message-Signature: i=1; a=rsa-sha256; c=relaxed/relaxed; d=microsoft.com; s=arcselector9901; h=From:Date; bh=aaaa; b=BBBB
ARC-Authentication-Results: i=1; mx.microsoft.com 1; spf=pass (sender ip is
 23.251.234.4) smtp.rcpttodomain=outlook.com smtp.mailfrom=ap-northeast-1.amazonses.com; dmarc=fail action=none
 header.from=sample-kuriyama.com; dkim=pass (signature was verified) header.d=amazonses.com; arc=none (0)
Received: from TYCPR01CA0001.jpnprd01.prod.outlook.com (2603:1096:400:10::11) by
 TYAPR01MB1234.jpnprd01.prod.outlook.com (2603:1096:404:8::21) with Microsoft SMTP
 Server {MICROSOFT_TLS} id 15.20.7249.36; Tue, 6 Feb 2024 01:00:14 +0000
Received: from TYZAPC01FT021.eop-APC01.prod.protection.outlook.com
 (2603:1096:400:10:cafe::8c) by TYCPR01CA0001.outlook.office365.com
 (2603:1096:400:10::11) with Microsoft SMTP Server {MICROSOFT_TLS} id 15.20.7249.36 via Frontend
 Transport; Tue, 6 Feb 2024 01:00:14 +0000
Authentication-Results: {OUTLOOK_RESULTS}
Received-SPF: Pass (protection.outlook.com: domain of
 ap-northeast-1.amazonses.com designates 23.251.234.4 as permitted sender)
 receiver=protection.outlook.com; client-ip=23.251.234.4; helo={SES}; pr=C
"""
OUTLOOK_BORDER = f"""\
Received: from {SES}
 (23.251.234.4) by TYZAPC01FT021.mail.protection.outlook.com (10.118.152.173) with
 Microsoft SMTP Server {MICROSOFT_TLS} id 15.20.7249.25 via Frontend Transport; Tue, 6 Feb 2024 01:00:13
 +0000
X-IncomingTopHeaderMarker: OriginalChecksum:AB;UpperCasedChecksum:CD;SizeAsReceived:3210;Count:14
"""
OUTLOOK_END = f"""\
X-IncomingHeaderCount: 14
Return-Path: {PATH}@ap-northeast-1.amazonses.com
X-MS-Exchange-Organization-SCL: 5
"""
OUTLOOK = OUTLOOK_INSIDE + OUTLOOK_BORDER + SENT + OUTLOOK_END

YAHOO_RESULTS = "atlas116.free.mail.bf1.yahoo.com;\n dkim=pass header.i=@amazonses.com header.s=suw;\n spf=pass smtp.mailfrom=ap-northeast-1.amazonses.com;\n dmarc=pass(p=NONE) header.from=sample-kuriyama.com;"
YAHOO = f"""\
Received: from 10.197.40.73
 by atlas116.free.mail.bf1.yahoo.com pod-id NONE with HTTPS; Tue, 6 Feb 2024 01:00:15 +0000
Return-Path: <{PATH}@ap-northeast-1.amazonses.com>
X-Originating-Ip: [23.251.234.4]
Received-SPF: pass (domain of ap-northeast-1.amazonses.com designates 23.251.234.4 as permitted sender)
Authentication-Results: {YAHOO_RESULTS}
X-Apparently-To: kuri@yahoo.com; Tue, 6 Feb 2024 01:00:15 +0000
X-YMailISG: DuCbV2wWLDsvPaZnyQA5VXOpXLNkyDRhCwk1eNh0zmUfpssx
Received: from 23.251.234.4 (EHLO {SES})
 by 10.217.151.74 with SMTPs
 (version=TLS1_3 cipher=TLS_AES_128_GCM_SHA256);
 Tue, 06 Feb 2024 01:00:13 +0000
{SENT}"""

ICLOUD_STAMPS = f"""\
X-ICL-SCORE: 3.333033230041
Authentication-Results: bimi.icloud.com; bimi=skipped reason="insufficient dmarc"
X-ARC-Info: policy=fail; arc=none
Authentication-Results: arc.icloud.com; arc=none
Authentication-Results: dmarc.icloud.com; dmarc=pass header.from=sample-kuriyama.com
X-DMARC-Policy: v=DMARC1; p=none
Authentication-Results: dkim-verifier.icloud.com;
\tdkim=pass (2048-bit key) header.d=sample-kuriyama.com header.i=@sample-kuriyama.com header.b=bbbb
Authentication-Results: spf.icloud.com; spf=pass (spf.icloud.com: domain of {PATH}@ap-northeast-1.amazonses.com designates 23.251.234.4 as permitted sender) smtp.mailfrom={PATH}@ap-northeast-1.amazonses.com
Received-SPF: pass (spf.icloud.com: domain of {PATH}@ap-northeast-1.amazonses.com designates 23.251.234.4 as permitted sender) receiver=spf.icloud.com; client-ip=23.251.234.4; helo={SES}; envelope-from={PATH}@ap-northeast-1.amazonses.com
"""
ICLOUD_BORDER = f"""\
Return-Path: <{PATH}@ap-northeast-1.amazonses.com>
Received: from p00-icloudmta-smtpin-us-west-3a-60-percent-5 by p140-mailgateway-smtp-abc (mailgateway 2422B27)
\twith SMTP id 2b6b2aa5
\tfor <kuri@icloud.com>; Tue, 6 Feb 2024 01:00:15 GMT
X-Apple-MoveToFolder: INBOX
Received: from {SES} ({SES} [23.251.234.4])
\tby p00-icloudmta-smtpin-us-west-3a-60-percent-5 (Postfix) with ESMTPS id 8B1B6180013E
\tfor <kuri@icloud.com>; Tue, 6 Feb 2024 01:00:13 +0000 (UTC)
"""
ICLOUD = ICLOUD_BORDER + ICLOUD_STAMPS + SENT

POSTFIX = f"""\
Return-Path: <{PATH}@ap-northeast-1.amazonses.com>
Delivered-To: kuri@example.net
Received: from mx1.example.net
\tby mailbox.example.net with LMTP
\tid 1 (envelope-from <{PATH}@ap-northeast-1.amazonses.com>)
\tfor <kuri@example.net>; Tue, 6 Feb 2024 01:00:15 +0000
Authentication-Results: mx1.example.net; spf=pass smtp.mailfrom=ap-northeast-1.amazonses.com
Received: from {SES} ({SES} [23.251.234.4])
\tby mx1.example.net (Postfix) with ESMTPS id 3
\tfor <kuri@example.net>; Tue, 6 Feb 2024 01:00:13 +0000 (UTC)
{SENT}"""


def route(text, **options):
    return trace(scan((text + "\nbody\n").replace("\n", "\r\n").encode()), **options)


def ids(results):
    return [result.authserv_id for result in results]


WHOLE = {
    "gmail": (GMAIL, "gmail", 1, ["mx.google.com"], (1,)),
    "outlook": (OUTLOOK, "outlook", 3, [None], (1,)),
    "yahoo": (YAHOO, "yahoo", 1, ["atlas116.free.mail.bf1.yahoo.com"], ()),
    "icloud": (
        ICLOUD,
        "icloud",
        1,
        ["bimi.icloud.com", "arc.icloud.com", "dmarc.icloud.com", "dkim-verifier.icloud.com", "spf.icloud.com"],
        (),
    ),
    "another": (POSTFIX, None, 1, ["mx1.example.net"], ()),
}


@pytest.mark.parametrize(("text", "receiver", "border", "trusted", "own_sets"), WHOLE.values(), ids=WHOLE)
def test_direct_mail(text, receiver, border, trusted, own_sets):
    found = route(text)
    assert (found.receiver, found.border) == (receiver, border)
    assert (ids(found.trusted), found.trusted_by) == (trusted, "border")
    assert found.untrusted == ()
    assert found.own_arc_instances == own_sets
    assert (found.forwarded, found.mailing_list, found.forward_signs) == (False, False, ())
    assert found.envelope is not None
    assert (found.envelope.ip, found.envelope.helo) == ("23.251.234.4", SES)
    assert found.envelope.mail_from == f"{PATH}@ap-northeast-1.amazonses.com"
    assert found.envelope.source == "received"
    assert found.envelope.tls is found.hops[border].tls
    assert found.envelope.tls.used is True


def test_another_receiver_is_named():
    assert route(POSTFIX).receiver_name == "mx1.example.net"


def test_never_sent():
    found = route(SENT)
    assert (found.border, found.envelope, found.receiver, found.receiver_name) == (None, None, None, "")
    assert not found.forwarded


def test_the_null_reverse_path():
    bounce = GMAIL.replace(f"Return-Path: <{PATH}@ap-northeast-1.amazonses.com>", "Return-Path: <>")
    found = route(bounce.replace(f"smtp.mailfrom={PATH}@ap-northeast-1.amazonses.com", f"smtp.helo={SES}"))
    assert found.envelope is not None
    assert found.envelope.mail_from == ""


@pytest.mark.parametrize(
    ("written", "mail_from"),
    [
        ("<@a,@b:u@example.com>", "u@example.com"),
        ("u@example.com (comment)", "u@example.com"),
        ("<u@example.com> x", "u@example.com"),
    ],
)
def test_spellings_of_return_path(written, mail_from):
    text = YAHOO.replace("smtp.mailfrom=ap-northeast-1.amazonses.com", "smtp.mailfrom=example.com")
    found = route(text.replace(f"<{PATH}@ap-northeast-1.amazonses.com>", written))
    assert found.envelope is not None
    assert found.envelope.mail_from == mail_from


# Authentication-Results


def test_gmails_field_above_its_border_hop():
    found = route(GMAIL_INSIDE + f"Authentication-Results: {GMAIL_RESULTS}\n" + GMAIL_BORDER + SENT)
    assert ids(found.trusted) == ["mx.google.com"]


def test_gmails_field_below_without_its_arc_set():
    found = route(GMAIL_INSIDE + GMAIL_BORDER + GMAIL_BELOW + SENT)
    assert ids(found.trusted) == ["mx.google.com"]


FORGED = (
    "Authentication-Results: mx.google.com; dkim=pass header.d=victim.example; dmarc=pass header.from=victim.example\n"
)


@pytest.mark.parametrize(
    "text",
    [
        GMAIL_INSIDE + GMAIL_ARC + GMAIL_BORDER + GMAIL_BELOW + FORGED + SENT,
        GMAIL_INSIDE + GMAIL_ARC + GMAIL_BORDER + FORGED + SENT,
        GMAIL_INSIDE + GMAIL_ARC + GMAIL_BORDER + GMAIL_SPF + FORGED + SENT,
        GMAIL_INSIDE + GMAIL_BORDER + FORGED + SENT,
        GMAIL_INSIDE
        + GMAIL_BORDER
        + GMAIL_SPF.replace("client-ip=23.251.234.4", "client-ip=192.0.2.1")
        + FORGED
        + SENT,
        GMAIL_INSIDE + GMAIL_BORDER + GMAIL_SPF.replace("google.com:", "evil.example:") + FORGED + SENT,
        GMAIL_INSIDE + GMAIL_BORDER + GMAIL_SPF + "X-Other: x\n" + FORGED + SENT,
        GMAIL_INSIDE + GMAIL_BORDER + SENT + FORGED,
        OUTLOOK_INSIDE + OUTLOOK_BORDER + FORGED.replace("mx.google.com; ", "") + SENT + OUTLOOK_END,
        YAHOO + FORGED.replace("mx.google.com", "atlas1.mail.yahoo.com"),
        ICLOUD_BORDER + FORGED.replace("mx.google.com", "dmarc.icloud.com") + SENT,
        ICLOUD + FORGED.replace("mx.google.com", "dmarc.icloud.com"),
        ICLOUD_BORDER + ICLOUD_STAMPS + FORGED.replace("mx.google.com", "x.icloud.com") + SENT,
        ICLOUD_BORDER + ICLOUD_STAMPS.replace("client-ip=23.251", "client-ip=23.252") + SENT + FORGED,
        POSTFIX + FORGED.replace("mx.google.com", "mx1.example.net"),
    ],
)
def test_forged_results_are_not_believed(text):
    found = route(text)
    assert "victim.example" not in str(found.trusted)


def test_what_gmail_says_in_its_arc_set_is_believed_where_its_field_was_forged():
    found = route(GMAIL_INSIDE + GMAIL_ARC + GMAIL_BORDER + GMAIL_SPF + FORGED + SENT)
    assert [result.instance for result in found.trusted] == [1]
    assert ids(found.untrusted) == ["mx.google.com"]


def test_a_second_field_of_icloud_is_not_icloud_s():
    stamps = ICLOUD_STAMPS.replace("Received-SPF", FORGED.replace("mx.google.com", "dmarc.icloud.com") + "Received-SPF")
    assert "victim.example" not in str(route(ICLOUD_BORDER + stamps + SENT).trusted)


@pytest.mark.parametrize("trust", ["mx.example.org", "MX.Example.ORG"])
def test_trust_by_option(trust):
    found = route("Authentication-Results: mx.example.org; spf=pass\n" + GMAIL + FORGED, trust=trust)
    assert (ids(found.trusted), found.trusted_by) == (["mx.example.org"], "option")
    assert len(found.untrusted) == 2


def test_trust_by_option_below_the_border_takes_the_topmost_field_alone():
    own = "Authentication-Results: mx1.example.net; spf=pass\n"
    text = POSTFIX.replace(
        "Authentication-Results: mx1.example.net; spf=pass smtp.mailfrom=ap-northeast-1.amazonses.com\n", ""
    )
    assert len(route(text + own + own, trust="mx1.example.net").trusted) == 1
    assert route(text + FORGED + own, trust="mx1.example.net").trusted == ()


@pytest.mark.parametrize("trust", ["none", "NONE", "other.example"])
def test_trust_nobody(trust):
    found = route(GMAIL, trust=trust)
    assert (found.trusted, found.trusted_by) == ((), "")
    assert ids(found.untrusted) == ["mx.google.com"]
    assert found.envelope is not None


def test_trust_in_a_message_without_received():
    text = "Authentication-Results: mx.example.org; spf=pass\n" + FORGED + SENT
    assert ids(route(text, trust="mx.example.org").trusted) == ["mx.example.org"]
    assert route(text, trust="mx.google.com").trusted == ()
    assert route(text).trusted == ()


# The border


FORGED_BORDER = f"""\
Authentication-Results: mx.google.com; dkim=pass header.d=victim.example
Received: from a8-50.smtp-out.amazonses.com (a8-50.smtp-out.amazonses.com. [54.240.8.50]) by mx.google.com with ESMTPS id x; {DATE}
"""


@pytest.mark.parametrize(
    ("top", "ip"),
    [
        # forged below a real border hop
        (GMAIL_BORDER, "23.251.234.4"),
        # a HELO name of the receiver's own
        (
            (
                "Received: from x.prod.outlook.com (192.0.2.66) by T.mail.protection.outlook.com (10.1.1.1) with Microsoft SMTP "
                f"Server id 15.20; {DATE}\n"
            ),
            "192.0.2.66",
        ),
        # a reverse name of the receiver's own
        (
            (
                "Received: from mail-sor-f41.google.com (mail-sor-f41.google.com. [192.0.2.66]) by mx.google.com with ESMTPS id x; "
                f"{DATE}\n"
            ),
            "192.0.2.66",
        ),
        # a HELO name of another receiver's own
        (
            (
                "Received: from mx1.example.net (unknown [192.0.2.66]) by mailbox.example.net (Postfix) with ESMTP id x; "
                f"{DATE}\n"
            ),
            "192.0.2.66",
        ),
    ],
)
def test_a_forged_border_hop_below_the_real_one(top, ip):
    found = route(top + FORGED_BORDER + SENT)
    assert found.border == 0
    assert found.envelope is not None
    assert found.envelope.ip == ip
    assert found.trusted == ()


HERE = "by mx.example.net"
BELOW = (
    f"Received: from b.example (b.example [203.0.113.10]) by mailbox.example.net (Postfix) with ESMTPS id X; {DATE}\n"
)


@pytest.mark.parametrize(
    "top",
    [
        # a reverse name of qmail, of a server unknown: anyone may own it
        f"from mailbox.example.net (HELO x) (192.0.2.66) {HERE} with SMTP",
        f"from x (mailbox.example.net [192.0.2.66]) {HERE} (Haraka/3.0.3) with ESMTP",
        # a comment, a clause in the HELO name
        f"from x(mailbox.example.net[10.0.0.1]) (unknown [192.0.2.66]) {HERE} with SMTP",
        f"from x with IMAP (unknown [192.0.2.66]) {HERE} with SMTP",
        f"from x {HERE} (Postfix) with LMTP (unknown [192.0.2.66]) {HERE} with SMTP",
        # no address but what may be the HELO name
        f"from mailbox.example.net {HERE} with SMTP",
        f"from 10.0.0.1 {HERE} with SMTP",
        f"from [203.0.113.10] {HERE} with SMTP",
    ],
)
def test_where_the_client_may_speak_for_the_server_there_is_no_border_hop(top):
    found = route(f"Return-Path: <u@b.example>\nReceived: {top}; {DATE}\n{BELOW}{SENT}")
    assert (found.border, found.envelope, found.unclear) == (None, None, 0)
    assert found.trusted == ()


@pytest.mark.parametrize(
    "top",
    [
        f"from mailbox.example.net {HERE} with LMTP id 1 (envelope-from <a@b.example>)",
        "from mx.example.net ([unix socket]) by mx.example.net (Cyrus v2.2.12) with LMTPA",
        "(qmail 28454 invoked from network)",
    ],
)
def test_hops_inside_another_receiver(top):
    below = BELOW.replace("mailbox.example.net", "mx.example.net") if "Cyrus" in top else BELOW
    found = route(f"Received: {top}; {DATE}\n{below}{SENT}")
    assert found.envelope is not None
    assert (found.border, found.envelope.ip) == (1, "203.0.113.10")


@pytest.mark.parametrize(
    "top",
    [
        # a private address: the server's own, or the NAT before it
        f"from [10.0.0.1] (helo=x) {HERE} with esmtp (Exim 4.96) id 1",
        f"from localhost (localhost [127.0.0.1]) {HERE} (Postfix) with ESMTP id 1",
        # a name beside the server's own: its own host, or another customer of its provider
        f"from mailbox.example.net ([192.0.2.9] helo=x) {HERE} with esmtp (Exim 4.96) id 1",
        f"from x (mailbox.example.net [192.0.2.9]) {HERE} (8.17.1/8.17.1) with ESMTP id 1",
        # a program or a user on the host itself
        f"from root {HERE} with local-generated (Exim 4.92) id 1",
        "by mx.example.net (Postfix, from userid 1000) id 1",
        "(qmail 28454 invoked by uid 89)",
        f"from app {HERE} with HTTP",
    ],
)
def test_a_client_that_may_be_the_servers_own_leaves_it_open(top):
    found = route(f"Return-Path: <u@b.example>\nReceived: {top}; {DATE}\n{BELOW}{SENT}")
    assert (found.border, found.envelope, found.unclear) == (None, None, 0)
    named = route(
        f"Return-Path: <u@b.example>\nReceived: {top}; {DATE}\n{BELOW}{SENT}",
        given=Envelope(ip="203.0.113.10", source="options"),
    )
    assert named.border == 1
    assert named.envelope is not None
    assert (named.envelope.helo, named.envelope.mail_from) == ("b.example", "u@b.example")


@pytest.mark.parametrize(
    ("given", "border"),
    [
        (Envelope(ip="23.251.234.4"), None),
        (Envelope(ip="23.251.234.4", source="options"), 1),
        (Envelope(ip="192.0.2.66", source="options"), None),
        (Envelope(mail_from="a@example.com", source="options"), 1),
    ],
    ids=["session", "the-same", "another", "without-address"],
)
def test_in_a_session_nothing_was_written_by_the_receiver(given, border):
    found = route(GMAIL, given=given)
    assert found.border == border
    assert bool(found.trusted) == (border is not None)


@pytest.mark.parametrize(
    "top",
    [
        # under a different receiver
        f"Received: from relay.example.net (relay.example.net [10.0.0.5]) by mailbox.example.net (Postfix) with ESMTP id x; {DATE}\n",
        f"Received: from A.prod.outlook.com (::1) by B.prod.outlook.com with HTTPS; {DATE}\n",
        # handed in by a user of the receiver
        (
            f"Received: by 2002:a05:6a20:1 with SMTP id x; {DATE}\n"
            f"Received: from 1234 named unknown by gmailapi.google.com with HTTPREST; {DATE}\n"
        ),
        f"Received: from [10.0.0.1] (x. [192.0.2.66]) by smtp.gmail.com with ESMTPSA id x; {DATE}\n",
        "Received: from B.prod.outlook.com ([fe80::1]) by B.prod.outlook.com ([fe80::1%4]) with mapi id 15.20; "
        + DATE
        + "\n",
        f"Received: from app ([192.0.2.66]) by email-smtp.ap-northeast-1.amazonaws.com with ESMTPSA id x; {DATE}\n",
    ],
)
def test_no_border_hop(top):
    found = route(top + FORGED_BORDER + SENT)
    assert found.border is None
    assert found.envelope is None
    assert found.trusted == ()


GMAIL_TO_GMAIL = f"""\
Received: by 2002:a05:7110:1 with SMTP id a; {DATE}
Received: from mail-sor-f41.google.com (mail-sor-f41.google.com. [209.85.220.41]) by mx.google.com with SMTPS id b; {DATE}
"""


def test_mail_from_one_user_of_a_receiver_to_another():
    found = route(
        GMAIL_TO_GMAIL
        + f"Received: from 1 named unknown by gmailapi.google.com with HTTPREST; {DATE}\n"
        + FORGED_BORDER
    )
    assert found.border == 1
    assert found.trusted == ()


def test_mail_from_a_user_who_hands_it_in_by_smtp():
    outbound = (
        "Received: from TY2-obe.outbound.protection.outlook.com (40.92.73.62) by T.mail.protection.outlook.com (10.1.1.1) with "
        f"Microsoft SMTP Server (version=TLS1_2, cipher=X) id 1; {DATE}\n"
        f"Received: from laptop (192.0.2.66) by A.prod.outlook.com (2603:1096::1) with Microsoft SMTP Server id 2; {DATE}\n"
    )
    found = route(outbound + FORGED_BORDER)
    assert found.border == 0


def test_forwarded_inside_a_receiver():
    found = route("X-Forwarded-To: kuri@gmail.com\n" + GMAIL_TO_GMAIL + GMAIL_BORDER + GMAIL_BELOW + SENT)
    assert (found.border, found.origin) == (1, 2)
    assert found.forwarded
    assert found.envelope is not None
    assert (found.envelope.ip, found.envelope.helo) == ("209.85.220.41", "mail-sor-f41.google.com")
    assert found.original is not None
    assert (found.original.ip, found.original.helo) == ("23.251.234.4", SES)
    assert found.original.mail_from == f"{PATH}@ap-northeast-1.amazonses.com"


def test_a_copy_fetched_by_the_users_own_program():
    fetched = f"Received: from imap.gmail.com [142.250.1.1] by laptop.example.org with IMAP (fetchmail-6.4); {DATE}\n"
    found = route(fetched + GMAIL)
    assert (found.receiver, found.border) == ("gmail", 2)


def test_a_yahoo_copy_without_its_innermost_hop():
    text = YAHOO.partition("Return-Path")[1] + YAHOO.partition("Return-Path")[2]
    found = route(text)
    assert (found.receiver, found.border) == ("yahoo", 0)
    assert route(text.replace("X-Apparently-To", "X-A").replace("X-YMailISG", "X-B")).receiver is None


# MAIL FROM


def test_outlooks_own_return_path_is_told_from_a_senders():
    found = route(OUTLOOK_INSIDE + OUTLOOK_BORDER + "Return-Path: <x@victim.example>\n" + SENT + OUTLOOK_END)
    assert found.envelope is not None
    assert found.envelope.mail_from_domain == "ap-northeast-1.amazonses.com"


def test_a_senders_return_path_that_agrees_with_nothing_is_no_envelope():
    found = route(OUTLOOK_INSIDE + OUTLOOK_BORDER + "Return-Path: <x@victim.example>\n" + SENT)
    assert found.envelope is not None
    assert found.envelope.mail_from == "@ap-northeast-1.amazonses.com"


EXCHANGE = f"Received: from x (192.0.2.66) by EX01.example.net (10.0.0.5) with Microsoft SMTP Server id 15.1; {DATE}\n"
OWN_END = "Return-Path: real@example.org\nX-MS-Exchange-Organization-AuthSource: EX01.example.net\n"


@pytest.mark.parametrize(
    ("text", "mail_from"),
    [
        (EXCHANGE + SENT + OWN_END, "real@example.org"),
        (EXCHANGE + "Return-Path: <x@victim.example>\n" + SENT + OWN_END, "real@example.org"),
        (EXCHANGE + "Return-Path: <x@victim.example>\n" + SENT, None),
        (EXCHANGE + SENT + "Return-Path: <x@victim.example>\n", None),
        (EXCHANGE.replace("Microsoft SMTP Server", "SMTP") + SENT + OWN_END, None),
        (GMAIL_BORDER.partition("\n")[2] + "Return-Path: <x@victim.example>\n" + SENT, None),
    ],
)
def test_a_return_path_below_the_border_hop(text, mail_from):
    found = route(text)
    assert found.envelope is not None
    assert found.envelope.mail_from == mail_from


def test_mail_from_by_the_receivers_spf_result_alone():
    found = route(OUTLOOK_INSIDE + OUTLOOK_BORDER + SENT)
    assert found.envelope is not None
    assert found.envelope.mail_from == "@ap-northeast-1.amazonses.com"


def test_no_mail_from():
    found = route(GMAIL_BORDER.partition("\n")[2] + SENT)
    assert found.envelope is not None
    assert found.envelope.mail_from is None


# Forwarding


def names(found):
    return [name for name, _, _ in found.forward_signs]


@pytest.mark.parametrize(
    "below",
    [
        # what the sender's own side does
        f"Received: from app.example.com ([192.0.2.9]) by email-smtp.ap-northeast-1.amazonaws.com with ESMTPSA id x for <kuri@gmail.com>; {DATE}\n",
        f"Received: from localhost (localhost [127.0.0.1]) by app.example.com (Postfix) with ESMTP id x for <root@app.example.com>; {DATE}\n",
        "X-Forwarded-For: 203.0.113.9\n",
        "List-Id: news <news.example.com>\nList-Unsubscribe: <https://example.com/u>\n",
        "List-Id: news <news.example.com>\nList-Post: NO\n",
    ],
)
def test_no_forwarding(below):
    found = route(GMAIL + below)
    assert found.forward_signs == ()
    assert not found.forwarded
    assert not found.mailing_list


FOREIGN_SEAL = "ARC-Seal: i=1; a=rsa-sha256; t=1; cv=none; d=forwarder.example; s=s; b=x\n"
HANDED_ON = f"""\
Received: from {SES} ({SES} [23.251.234.4]) by mx.forwarder.example (Postfix) with ESMTPS id x
\tfor <kuri@forwarder.example>; {DATE}
"""
FORWARDER = GMAIL_BORDER.replace(
    f"{SES} ({SES}. [23.251.234.4])", "out.forwarder.example (out.forwarder.example. [192.0.2.8])"
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (GMAIL + "X-Forwarded-To: kuri@gmail.com\n", ["X-Forwarded-To"]),
        (GMAIL + "X-Forwarded-For: a@example.com kuri@gmail.com\n", ["X-Forwarded-For"]),
        (GMAIL + "Resent-From: a@example.com\nResent-To: kuri@gmail.com\n", ["Resent-From", "Resent-To"]),
        (GMAIL + "Delivered-To: a@example.com\n", ["Delivered-To"]),
        (GMAIL + FOREIGN_SEAL, ["ARC-Seal"]),
        (GMAIL + GMAIL_ARC, ["ARC-Seal"]),
        (FORWARDER + HANDED_ON + SENT, ["Received"]),
        (FORWARDER + HANDED_ON.replace(SES, "mail.example.com") + SENT, ["Received"]),
        (GMAIL.replace(f"<{PATH}@ap", "<SRS0=ab=cd=example.com=u@ap"), ["Return-Path"]),
    ],
)
def test_forwarding(text, expected):
    found = route(text)
    assert found.forwarded
    assert names(found) == expected
    assert not found.mailing_list
    for name, _, offset in found.forward_signs:
        assert (text + "\nbody\n").replace("\n", "\r\n")[offset:].startswith(name)


def test_the_same_mailbox_twice_is_no_forwarding():
    assert not route(GMAIL + "Delivered-To: kuri@googlemail.com\n").forwarded


def test_a_seal_of_the_receivers_name_below_its_border_is_not_its_own():
    found = route(GMAIL_INSIDE + GMAIL_BORDER + GMAIL_BELOW + GMAIL_ARC + SENT)
    assert found.own_arc_instances == ()
    assert names(found) == ["ARC-Seal"]


@pytest.mark.parametrize(
    ("below", "expected"),
    [
        ("List-Id: <l.example.com>\nList-Post: <mailto:l@example.com>\n", ["List-Id", "List-Post"]),
        ("X-Mailman-Version: 2.1.39\nX-BeenThere: l@example.com\n", ["X-Mailman-Version", "X-BeenThere"]),
        ("List-Id: <l.example.com>\nX-Forwarded-To: kuri@gmail.com\n", ["List-Id", "X-Forwarded-To"]),
    ],
)
def test_mailing_lists(below, expected):
    found = route(GMAIL + below)
    assert found.mailing_list
    assert names(found) == expected


# The parts


@pytest.mark.parametrize(
    ("host", "receiver"),
    [
        ("mx.google.com", "gmail"),
        ("GMR-MX.Google.Com", "gmail"),
        ("X.mail.protection.outlook.com", "outlook"),
        ("atlas1.yahoo.com", "yahoo"),
        ("mtain.mx.aol.com", "yahoo"),
        ("spf.icloud.com", "icloud"),
        ("st43p00im.me.com", "icloud"),
        ("p00-icloudmta-smtpin-us-west-3a", "icloud"),
        ("google.com.evil.example", None),
        ("notgoogle.com", None),
        ("icloudmta", None),
        ("", None),
    ],
)
def test_receiver_of(host, receiver):
    assert receiver_of(host) == receiver


@pytest.mark.parametrize(
    ("ip", "public"),
    [
        ("23.251.234.4", True),
        ("192.0.2.1", True),
        ("2001:db8::1", True),
        ("10.1.2.3", False),
        ("172.31.0.1", False),
        ("172.32.0.1", True),
        ("192.168.0.1", False),
        ("127.0.0.1", False),
        ("169.254.1.1", False),
        ("100.64.0.1", False),
        ("224.0.0.1", False),
        ("::1", False),
        ("fe80::1", False),
        ("fd00::1", False),
        ("2002:a05:1::", False),
        ("", False),
    ],
)
def test_is_public(ip, public):
    assert is_public(ip) is public


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ("mx1.example.net", "MX1.example.net", True),
        ("mx1.example.net", "mailbox.example.net", True),
        ("mx1.example.net", "a.b.example.net", True),
        ("example.net", "mx1.example.net", True),
        ("mx.example.net", "mx.example.com", False),
        ("a.com", "b.com", False),
        ("a.co.jp", "b.co.jp", False),
        ("mx.a.co.jp", "mx2.a.co.jp", True),
        ("", "", False),
        ("net", "example.net", False),
    ],
)
def test_related(first, second, expected):
    assert related(first, second) is expected
    assert related(second, first) is expected


LINES = st.sampled_from(
    [
        *GMAIL.splitlines(),
        *OUTLOOK.splitlines(),
        *YAHOO.splitlines(),
        *ICLOUD.splitlines(),
        "Received: from",
        "ARC-Seal: i=99999",
        "Return-Path: <",
    ]
)


@given(st.lists(LINES, max_size=40).map("\n".join), st.sampled_from([None, "none", "mx.google.com"]))
def test_never_raises(text, trust):
    found = route(text, trust=trust)
    assert (found.border is None) == (found.envelope is None)
