"""A hop as each server writes it, and as a client would like it read."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from todoku.mail.message import scan
from todoku.mail.received import parse_received

SES = "e234-4.smtp-out.ap-northeast-1.amazonses.com"
DATE = "Tue, 06 Feb 2024 10:00:12 +0900"

# name: (value, {what is said}); used, version and cipher are those of TLS
FORMS = {
    "Gmail": (
        f"from {SES} ({SES}. [23.251.234.4])        by mx.google.com with ESMTPS id d2e1a72fcca58-6ddf01        for "
        "<kuri@gmail.com>        (version=TLS1_3 cipher=TLS_AES_128_GCM_SHA256 bits=128/128);        " + DATE,
        {
            "helo": SES,
            "client_name": SES,
            "ip": "23.251.234.4",
            "by": "mx.google.com",
            "protocol": "ESMTPS",
            "id": "d2e1a72fcca58-6ddf01",
            "for_address": "kuri@gmail.com",
            "used": True,
            "version": "1.3",
            "cipher": "TLS_AES_128_GCM_SHA256",
        },
    ),
    "Gmail without reverse name": (
        f"from mail.example.com ([192.0.2.1]) by mx.google.com with ESMTP id x1; {DATE}",
        {"helo": "mail.example.com", "client_name": "", "ip": "192.0.2.1", "used": False, "version": ""},
    ),
    "Gmail, HELO made harmless": (
        (
            f"from ?10.0.1.6? (host.example.net. [192.0.2.1]) by mx.google.com with ESMTPS id x1 (version=TLSv1/SSLv3 "
            f"cipher=RC4-MD5); {DATE}"
        ),
        {
            "helo": "?10.0.1.6?",
            "client_name": "host.example.net",
            "ip": "192.0.2.1",
            "version": "1.0",
            "cipher": "RC4-MD5",
        },
    ),
    "Gmail inside": (
        f"by 2002:a05:7110:8a4:b0:1a2:b3c4:d5e6 with SMTP id q4csp812345geh; {DATE}",
        {
            "helo": "",
            "ip": "",
            "by": "2002:a05:7110:8a4:b0:1a2:b3c4:d5e6",
            "protocol": "SMTP",
            "id": "q4csp812345geh",
            "used": None,
        },
    ),
    "Microsoft": (
        f"from {SES} (23.251.234.4) by TYAPR01MB4321.mail.protection.outlook.com (10.13.157.29) with Microsoft SMTP Server "
        "(version=TLS1_2, cipher=TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384) id 15.20.7249.25 via Frontend Transport; "
        + DATE,
        {
            "helo": SES,
            "client_name": "",
            "ip": "23.251.234.4",
            "by": "TYAPR01MB4321.mail.protection.outlook.com",
            "protocol": "Microsoft SMTP Server",
            "id": "15.20.7249.25",
            "used": True,
            "version": "1.2",
            "cipher": "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
        },
    ),
    "Microsoft in clear text": (
        (
            "from mail.example.com (192.0.2.1) by X.mail.protection.outlook.com (10.13.157.29) with Microsoft SMTP Server id "
            f"15.20.7249.25 via Frontend Transport; {DATE}"
        ),
        {"ip": "192.0.2.1", "used": False, "version": ""},
    ),
    "Microsoft inside": (
        (
            "from TYCPR01CA0001.jpnprd01.prod.outlook.com (2603:1096:400:10::11) by TYAPR01MB1234.jpnprd01.prod.outlook.com "
            "(2603:1096:404:8::21) with Microsoft SMTP Server (version=TLS1_2, cipher=TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384) id "
            f"15.20.7249.36; {DATE}"
        ),
        {"ip": "2603:1096:400:10::11", "by": "TYAPR01MB1234.jpnprd01.prod.outlook.com", "version": "1.2"},
    ),
    "Microsoft's mailbox": (
        (
            f"from A.prod.outlook.com ([fe80::b9c3:9bff:541d:f383]) by A.prod.outlook.com ([fe80::b9c3:9bff:541d:f383%9]) with mapi "
            f"id 15.20.3239.020; {DATE}"
        ),
        {"ip": "fe80::b9c3:9bff:541d:f383", "protocol": "mapi", "used": None},
    ),
    "Microsoft SMTPSVC": (
        (
            "from mail.example.com ([192.0.2.1]) by SNT004-MC5F9.hotmail.com over TLS secured channel with Microsoft "
            f"SMTPSVC(7.5.7601.23143); {DATE}"
        ),
        {"ip": "192.0.2.1", "by": "SNT004-MC5F9.hotmail.com", "used": True, "version": ""},
    ),
    "Postfix": (
        (
            "from helo.example.com (host.example.com [192.0.2.1]) (using TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 (256/256 bits) "
            "key-exchange X25519 server-signature RSA-PSS (2048 bits) server-digest SHA256) (No client certificate requested) by "
            f"mx.example.net (Postfix) with ESMTPS id 4TTx for <a@example.net>; {DATE}"
        ),
        {
            "helo": "helo.example.com",
            "client_name": "host.example.com",
            "ip": "192.0.2.1",
            "by": "mx.example.net",
            "protocol": "ESMTPS",
            "id": "4TTx",
            "for_address": "a@example.net",
            "used": True,
            "version": "1.3",
            "cipher": "TLS_AES_256_GCM_SHA384",
        },
    ),
    "Postfix, no reverse name, IPv6": (
        f"from helo.example.com (unknown [IPv6:2001:DB8::1]) by mx.example.net (Postfix) with ESMTP id 4TTx; {DATE}",
        {"client_name": "", "ip": "2001:db8::1", "protocol": "ESMTP", "used": False},
    ),
    "Postfix, a literal as HELO": (
        f"from [203.0.113.9] (unknown [192.0.2.1]) by mx.example.net (Postfix) with ESMTPSA id 4TTx; {DATE}",
        {"helo": "[203.0.113.9]", "ip": "192.0.2.1", "used": True, "version": ""},
    ),
    "Exim": (
        (
            "from host.example.com ([192.0.2.1] helo=helo.example.com) by mx.example.net with esmtps (TLS1.3) tls "
            f"TLS_AES_256_GCM_SHA384 (Exim 4.96) (envelope-from <a@example.com>) id 1rX2Yz-0001 for b@example.net; {DATE}"
        ),
        {
            "helo": "helo.example.com",
            "client_name": "host.example.com",
            "ip": "192.0.2.1",
            "protocol": "esmtps",
            "id": "1rX2Yz-0001",
            "for_address": "b@example.net",
            "used": True,
            "version": "1.3",
            "cipher": "TLS_AES_256_GCM_SHA384",
        },
    ),
    "Exim, HELO is the reverse name": (
        f"from host.example.com ([192.0.2.1]:39047) by mx.example.net with esmtp (Exim 4.96) id 1r; {DATE}",
        {"helo": "host.example.com", "client_name": "host.example.com", "ip": "192.0.2.1", "used": False},
    ),
    "Exim, no reverse name": (
        (
            "from [192.0.2.1] (port=5555 helo=[203.0.113.9]) by mx.example.net with esmtpsa "
            f"(TLSv1.2:ECDHE-RSA-AES256-GCM-SHA384:256) (Exim 4.92) id 1r; {DATE}"
        ),
        {
            "helo": "[203.0.113.9]",
            "client_name": "",
            "ip": "192.0.2.1",
            "version": "1.2",
            "cipher": "ECDHE-RSA-AES256-GCM-SHA384",
        },
    ),
    "qmail": (
        "from unknown (HELO helo.example.com) (user@192.0.2.1 with login) by mx.example.net with SMTP; 6 Feb 2024 01:00:12 -0000",
        {"helo": "helo.example.com", "client_name": "", "ip": "192.0.2.1", "protocol": "SMTP", "used": None},
    ),
    "qmail with reverse name": (
        "from host.example.com (HELO [203.0.113.9]) (192.0.2.1) by mx.example.net with SMTP; 6 Feb 2024 01:00:12 -0000",
        {"helo": "[203.0.113.9]", "client_name": "host.example.com", "ip": "192.0.2.1"},
    ),
    "Yahoo": (
        f"from 23.251.234.4 (EHLO {SES}) by 10.217.151.74 with SMTPs (version=TLS1_3 cipher=TLS_AES_128_GCM_SHA256); {DATE}",
        {
            "helo": SES,
            "client_name": "",
            "ip": "23.251.234.4",
            "by": "10.217.151.74",
            "protocol": "SMTPs",
            "used": True,
            "version": "1.3",
        },
    ),
    "Yahoo in clear text": (
        f"from 192.0.2.1 (EHLO mail.example.com) by 10.217.151.74 with SMTP; {DATE}",
        {"ip": "192.0.2.1", "used": False},
    ),
    "Yahoo inside": (
        f"from 10.197.40.73 by atlas116.free.mail.bf1.yahoo.com pod-id NONE with HTTPS; {DATE}",
        {"ip": "10.197.40.73", "by": "atlas116.free.mail.bf1.yahoo.com", "protocol": "HTTPS", "used": None},
    ),
    "iCloud": (
        (
            f"from {SES} ({SES} [23.251.234.4]) by p00-icloudmta-smtpin-us-west-3a-60-percent-5 (Postfix) with ESMTPS id 8B1B6180 for "
            f"<kuri@icloud.com>; {DATE}"
        ),
        {"ip": "23.251.234.4", "by": "p00-icloudmta-smtpin-us-west-3a-60-percent-5", "used": True, "version": ""},
    ),
    "SES's inbound mail": (
        (
            f"from {SES} ({SES} [23.251.234.4]) by inbound-smtp.us-east-1.amazonaws.com with SMTP id k3v9 for info@example.com; "
            f"{DATE}"
        ),
        {
            "ip": "23.251.234.4",
            "by": "inbound-smtp.us-east-1.amazonaws.com",
            "for_address": "info@example.com",
            "used": None,
        },
    ),
    "Sendmail": (
        (
            "from helo.example.com (user@host.example.com [192.0.2.1]) by mx.example.net (8.17.1/8.17.1) with ESMTPS id 416A "
            f"(version=TLSv1.2 cipher=ECDHE-RSA-AES256-GCM-SHA384 bits=256 verify=NO) for <b@example.net>; {DATE}"
        ),
        {
            "helo": "helo.example.com",
            "client_name": "host.example.com",
            "ip": "192.0.2.1",
            "version": "1.2",
            "cipher": "ECDHE-RSA-AES256-GCM-SHA384",
        },
    ),
    "Sendmail doubts the reverse name": (
        (
            f"from helo.example.com (host.example.com [192.0.2.1] (may be forged)) by mx.example.net (8.17.1/8.17.1) with ESMTP id 4; "
            f"{DATE}"
        ),
        {"client_name": "", "ip": "192.0.2.1", "used": False},
    ),
    "Coremail": (
        f"from a11-80.smtp-out.amazonses.com (unknown [54.240.11.80]) by mx19 (Coremail) with SMTP id K8CowAAXj; {DATE}",
        {"helo": "a11-80.smtp-out.amazonses.com", "ip": "54.240.11.80", "by": "mx19", "used": None},
    ),
    "Zimbra": (
        f"from mail.example.com (LHLO mail.example.com) (192.0.2.1) by mail.example.com with LMTP; {DATE}",
        {"helo": "mail.example.com", "ip": "192.0.2.1", "protocol": "LMTP", "used": None},
    ),
    "IronPort": (
        f"from mail.example.com ([192.0.2.1]) by mx.example.net with ESMTP/TLS/ECDHE-RSA-AES128-GCM-SHA256; {DATE}",
        {"used": True, "version": "", "cipher": "ECDHE-RSA-AES128-GCM-SHA256"},
    ),
    "an application to SES": (
        f"from app.example.com ([192.0.2.1]) by email-smtp.ap-northeast-1.amazonaws.com with ESMTPSA id x; {DATE}",
        {"by": "email-smtp.ap-northeast-1.amazonaws.com", "protocol": "ESMTPSA", "used": True},
    ),
}


@pytest.mark.parametrize(("value", "said"), FORMS.values(), ids=FORMS)
def test_what_servers_write(value, said):
    hop = parse_received(value, offset=5)
    for name, expected in said.items():
        source = hop.tls if name in ("used", "version", "cipher") else hop
        assert getattr(source, name) == expected, name
    assert hop.date == datetime(2024, 2, 6, 1, 0, 12, tzinfo=UTC)
    assert hop.offset == 5
    assert hop.raw == value


def test_tls_names_its_words():
    hop = parse_received(FORMS["Gmail"][0])
    assert hop.tls.evidence == "with ESMTPS (version=TLS1_3 cipher=TLS_AES_128_GCM_SHA256 bits=128/128)"
    assert parse_received(FORMS["Gmail without reverse name"][0]).tls.evidence == "with ESMTP"


@pytest.mark.parametrize(
    ("words", "version"),
    [
        ("version=TLS1_3", "1.3"),
        ("version=TLSv1.2", "1.2"),
        ("using TLSv1.1 with cipher x", "1.1"),
        ("TLSv1", "1.0"),
        ("version=SSLv3", "SSLv3"),
        ("TLS", ""),
        ("TLS1.3:TLS_AES_256_GCM_SHA384:256", "1.3"),
    ],
)
def test_tls_versions(words, version):
    tls = parse_received(f"from a (b [192.0.2.1]) ({words}) by c with SMTP; {DATE}").tls
    assert (tls.used, tls.version) == (True, version)


@pytest.mark.parametrize(
    "value",
    [
        # The client's own words: a HELO name that looks like an address, like TLS, like the next clause.
        "from a[203.0.113.9] (unknown [192.0.2.1]) by mx.example.net with SMTP; ",
        "from a (x [203.0.113.9]) (unknown [192.0.2.1]) by mx.example.net with SMTP; ",
        "from (HELO [203.0.113.9]) (192.0.2.1) by mx.example.net with SMTP; ",
        "from version=TLS1_3 ([192.0.2.1] helo=TLS1.3) by mx.example.net with SMTP; ",
        "from TLS1.3.example.com (TLS1.3.example.com [192.0.2.1]) by mx.example.net with SMTP; ",
        "from x (HELO TLSv1.3) (192.0.2.1) by mx.example.net with SMTP; ",
    ],
)
def test_what_the_client_says_is_not_taken_for_what_the_server_saw(value):
    hop = parse_received(value + DATE)
    assert hop.ip == "192.0.2.1"
    assert hop.by == "mx.example.net"
    assert hop.tls.used is None


@pytest.mark.parametrize(
    "value",
    [
        # A HELO name that holds a comment, half of one, or a clause.
        "from x(mail.example.net[10.0.0.1]) (unknown [192.0.2.1]) by mx.example.net with SMTP; ",
        "from x (y [10.0.0.1]) (authenticated.example.com [192.0.2.1]) by mx.example.net with SMTP; ",
        "from x ([10.0.0.1] helo=y) ([192.0.2.1]) by mx.example.net with SMTP; ",
        "from x by mx.example.com ( (unknown [192.0.2.1]) by mx.example.net with SMTP; ",
        "from x) (unknown [192.0.2.1]) by mx.example.net with SMTP; ",
        "from x by mx.example.com (unknown [192.0.2.1]) by mx.example.net with SMTP; ",
        "from x from y (unknown [192.0.2.1]) by mx.example.net with SMTP; ",
        "from x with IMAP (unknown [192.0.2.1]) by mx.example.net with SMTP; ",
        "from x id y (unknown [192.0.2.1]) by mx.example.net; ",
        # an ident server's answer
        "from x ([10.0.0.1]@host.example.com [192.0.2.1]) by mx.example.net (8.17.1/8.17.1) with SMTP; ",
        "from host ([192.0.2.1] helo=x ident=a [10.0.0.1]) by mx.example.net with esmtp (Exim 4.96) id 1; ",
        # ... of a server that writes the address first
        "from 192.0.2.1 (EHLO x) (y [10.0.0.1]) by mx.example.net with SMTP; ",
        "from [192.0.2.1] (port=5555 helo=x) (y [10.0.0.1]) by mx.example.net with esmtp (Exim 4.96) id 1; ",
        # ... whose other half stands in the envelope's sender
        'from x by a.example ( ([192.0.2.1]) by mx.example.net with esmtp (Exim 4.9) (envelope-from <")"@example.com>) id 1; ',
    ],
)
def test_a_field_in_which_the_client_may_speak_for_the_server_is_not_clear(value):
    assert not parse_received(value + DATE).is_clear


@pytest.mark.parametrize("name", FORMS)
def test_what_servers_write_is_clear(name):
    hop = parse_received(FORMS[name][0])
    assert hop.is_clear
    assert hop.is_seen is (name not in ("Gmail inside", "Yahoo inside"))


def test_the_name_is_of_the_comment_that_has_the_address():
    for value in (
        "from mail.example.net (HELO y) (mx.example.com [192.0.2.1]) by mx.example.net with SMTP",
        "from mail.example.net (x helo=y) (mx.example.com [192.0.2.1]) by mx.example.net with SMTP",
    ):
        assert parse_received(f"{value}; {DATE}").client_name == "mx.example.com"


@pytest.mark.parametrize(
    "value",
    [
        # what an ident server answers, a certificate's name, a user's name
        "from host (x@10.0.0.1:@192.0.2.1) by mx.example.net with SMTP; ",
        "from x ([192.0.2.1] ident=[10.0.0.1]) by mx.example.net with esmtp (Exim 4.96); ",
        'from x (unknown [192.0.2.1]) (Client CN "a [10.0.0.1]", Issuer "b" (verified OK)) by mx.example.net (Postfix) with SMTP; ',
        "from x (unknown [192.0.2.1]) (Authenticated sender: a [10.0.0.1]) by mx.example.net (Postfix) with SMTP; ",
    ],
)
def test_the_address_is_not_the_clients_word(value):
    hop = parse_received(value + DATE)
    assert (hop.ip, hop.is_clear, hop.is_seen) == ("192.0.2.1", True, True)


def test_an_address_as_helo_name_was_not_seen():
    hop = parse_received(f"from 192.0.2.1 by mx.example.net with SMTP; {DATE}")
    assert (hop.ip, hop.is_seen) == ("192.0.2.1", False)


def test_what_a_quoted_local_part_holds_is_no_clause_and_no_comment():
    for value in (
        'from x ([192.0.2.1]) by mx.example.net with smtp (Exim 4.9) (envelope-from <"x) (TLS1.3"@example.com>) id 1',
        'from x ([192.0.2.1]) by mx.example.net (envelope-sender <"x) with IMAP (TLS1.3"@example.com>) id 1',
        'from x ([192.0.2.1]) by mx.example.net id 1 for <"a with IMAP (TLS1.3) by b"@example.net>',
    ):
        hop = parse_received(f"{value}; {DATE}")
        assert (hop.by, hop.is_clear, hop.tls.version) == ("mx.example.net", True, "")
        assert hop.protocol in ("", "smtp")


def test_a_second_with_clause_is_one_more_word():
    hop = parse_received(f"from x (y [192.0.2.1]) by relay.example.net with ESMTP with STARTTLS id 1; {DATE}")
    assert (hop.protocol, hop.is_clear) == ("ESMTP", True)


@pytest.mark.parametrize(
    ("written", "ip"),
    [
        ("[192.0.2.1]", "192.0.2.1"),
        ("[IPv6:2001:db8:0:0::1]", "2001:db8::1"),
        ("[::ffff:192.0.2.1]", "192.0.2.1"),
        ("[192.0.2.300]", ""),
        ("[192.0.2.01]", ""),
        ("[xxx.xxx.xxx.xxx]", ""),
        ("[::1%lo]", "::1"),
    ],
)
def test_addresses(written, ip):
    assert parse_received(f"from a (b {written}) by c with SMTP; {DATE}").ip == ip


@pytest.mark.parametrize(
    "value",
    [
        "",
        ";",
        "from",
        "by",
        "from ;",
        "from a (",
        "from a (b (c",
        ")",
        "(qmail 28454 invoked by uid 48); x",
        "from by with id for;",
    ],
)
def test_fragments(value):
    hop = parse_received(value)
    assert hop.ip == ""
    assert hop.date is None


def test_every_received_field_of_the_mime_suite(suites):
    count = 0
    for path in sorted((suites / "mime").rglob("*.eml")):
        raw = path.read_bytes()
        raw = raw if b"\r\n" in raw else raw.replace(b"\n", b"\r\n")
        for field in scan(raw).all("received"):
            hop = parse_received(field.value)
            count += 1
            assert hop.ip or "[" not in hop.client_name
            assert hop.date is not None or ";" not in field.value, field.value
    assert count > 100


WORDS = st.sampled_from(
    [
        "from",
        "by",
        "with",
        "id",
        "for",
        "(",
        ")",
        "[",
        "]",
        ";",
        " ",
        "192.0.2.1",
        "helo=",
        "HELO ",
        "TLS",
        "1.3",
        "\\",
        "\x00",
        '"',
        "é",
        "Exim",
    ]
)


@given(st.lists(WORDS, max_size=60).map("".join) | st.text(max_size=120))
def test_never_raises(value):
    hop = parse_received(value)
    assert hop.raw == value
