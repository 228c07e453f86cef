"""Authentication-Results as each receiver writes it, as an attacker would like it read, and as RFC 8601 writes it."""

from __future__ import annotations

import base64
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from todoku.mail.authres import (
    MethodResult,
    format_authentication_results,
    parse_authentication_results,
    parse_received_spf,
)

SES_PATH = "01010170a1b2c3d4-0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9-000000"
SES_KEY = "gdwg2y3kokkkj5a55z2ilkup5wp5hhxx"


def result(method, value, comment="", reason="", written="", **properties):
    named = {name.replace("__", ".").replace("_", "-"): text for name, text in properties.items()}
    return MethodResult(method=method, result=value, comment=comment, reason=reason, properties=named, written=written)


FORMS = {
    "1 Gmail, SES default with gmail.com in From": (
        (
            f"mx.google.com; dkim=pass header.i=@amazonses.com header.s={SES_KEY} header.b=FxxfSHRK; spf=pass (google.com: domain "
            f"of {SES_PATH}@us-west-2.amazonses.com designates 54.240.27.116 as permitted sender) "
            f"smtp.mailfrom={SES_PATH}@us-west-2.amazonses.com; dmarc=fail (p=NONE sp=QUARANTINE dis=NONE) header.from=gmail.com"
        ),
        "mx.google.com",
        [
            result("dkim", "pass", header__i="@amazonses.com", header__s=SES_KEY, header__b="FxxfSHRK"),
            result(
                "spf",
                "pass",
                f"google.com: domain of {SES_PATH}@us-west-2.amazonses.com designates 54.240.27.116 as permitted sender",
                smtp__mailfrom=f"{SES_PATH}@us-west-2.amazonses.com",
            ),
            result("dmarc", "fail", "p=NONE sp=QUARANTINE dis=NONE", header__from="gmail.com"),
        ],
    ),
    "2 Gmail, Easy DKIM, no DMARC record": (
        (
            f"mx.google.com;\r\n       dkim=pass header.i=@example.com header.s={SES_KEY} header.b=NS2CrZSs;\r\n       "
            'dkim=pass header.i=@amazonses.com header.s=224i4yxa5dv7c2xz3womw6peuasteono header.b="bl/cCYK+";\r\n       '
            "spf=pass (google.com: domain of a@amazonses.com designates 54.240.37.140 as permitted sender) "
            "smtp.mailfrom=a@amazonses.com"
        ),
        "mx.google.com",
        [
            result("dkim", "pass", header__i="@example.com", header__s=SES_KEY, header__b="NS2CrZSs"),
            result(
                "dkim",
                "pass",
                header__i="@amazonses.com",
                header__s="224i4yxa5dv7c2xz3womw6peuasteono",
                header__b="bl/cCYK+",
            ),
            result(
                "spf",
                "pass",
                "google.com: domain of a@amazonses.com designates 54.240.37.140 as permitted sender",
                smtp__mailfrom="a@amazonses.com",
            ),
        ],
    ),
    "3 Gmail with ARC": (
        (
            "i=3; gmr-mx.google.com; dkim=pass header.i=@example.com header.s=selector2 header.b=ijGMk+Wg; arc=pass (i=1 spf=pass "
            "spfdomain=example.com dkim=pass dkdomain=example.com dmarc=pass fromdomain=example.com); spf=pass (google.com: domain "
            "of prvs=3115c6337e=name@example.com designates 192.0.2.1 as permitted sender) "
            'smtp.mailfrom="prvs=3115c6337e=name@example.com"; dmarc=pass (p=REJECT sp=REJECT dis=NONE) header.from=example.com'
        ),
        "gmr-mx.google.com",
        [
            result("dkim", "pass", header__i="@example.com", header__s="selector2", header__b="ijGMk+Wg"),
            result(
                "arc",
                "pass",
                "i=1 spf=pass spfdomain=example.com dkim=pass dkdomain=example.com dmarc=pass fromdomain=example.com",
            ),
            result(
                "spf",
                "pass",
                "google.com: domain of prvs=3115c6337e=name@example.com designates 192.0.2.1 as permitted sender",
                smtp__mailfrom="prvs=3115c6337e=name@example.com",
            ),
            result("dmarc", "pass", "p=REJECT sp=REJECT dis=NONE", header__from="example.com"),
        ],
    ),
    "4 Outlook, SES default": (
        (
            "spf=pass (sender IP is 23.251.234.4) smtp.mailfrom=ap-northeast-1.amazonses.com; dkim=pass (signature was verified) "
            "header.d=amazonses.com;dmarc=fail action=none header.from=sample-kuriyama.com;compauth=fail reason=001"
        ),
        None,
        [
            result("spf", "pass", "sender IP is 23.251.234.4", smtp__mailfrom="ap-northeast-1.amazonses.com"),
            result("dkim", "pass", "signature was verified", header__d="amazonses.com"),
            result("dmarc", "fail", action="none", header__from="sample-kuriyama.com"),
            result("compauth", "fail", reason="001"),
        ],
    ),
    "5 Outlook, no signature": (
        (
            "spf=none (sender IP is 192.0.2.1) smtp.mailfrom=example.com; dkim=none (message not signed) header.d=none;dmarc=none "
            "action=none header.from=example.com;compauth=fail reason=001"
        ),
        None,
        [
            result("spf", "none", "sender IP is 192.0.2.1", smtp__mailfrom="example.com"),
            result("dkim", "none", "message not signed", header__d="none"),
            result("dmarc", "none", action="none", header__from="example.com"),
            result("compauth", "fail", reason="001"),
        ],
    ),
    "6 Exchange Online, the recipient's domain in result position": (
        (
            "spf=softfail (sender IP is 148.163.150.14) smtp.mailfrom=gmail.com; example.com; dkim=pass (signature was verified) "
            "header.d=gmail.com;example.com; dmarc=pass action=none header.from=gmail.com;compauth=pass reason=100"
        ),
        None,
        [
            result("spf", "softfail", "sender IP is 148.163.150.14", smtp__mailfrom="gmail.com"),
            result("dkim", "pass", "signature was verified", header__d="gmail.com"),
            result("dmarc", "pass", action="none", header__from="gmail.com"),
            result("compauth", "pass", reason="100"),
        ],
    ),
    "7 Yahoo": (
        (
            "atlas101.aol.mail.bf1.yahoo.com; dkim=pass header.i=@icloud.com header.s=1a1hai; spf=pass smtp.mailfrom=icloud.com; "
            "dmarc=pass(p=QUARANTINE,sp=QUARANTINE) header.from=icloud.com;"
        ),
        "atlas101.aol.mail.bf1.yahoo.com",
        [
            result("dkim", "pass", header__i="@icloud.com", header__s="1a1hai"),
            result("spf", "pass", smtp__mailfrom="icloud.com"),
            result("dmarc", "pass", "p=QUARANTINE,sp=QUARANTINE", header__from="icloud.com"),
        ],
    ),
    "7 Yahoo, unknown": (
        (
            "atlas116.free.mail.bf1.yahoo.com;\r\n dkim=unknown;\r\n spf=softfail smtp.mailfrom=example.com "
            "arc_overridden_status=NOT_OVERRIDDEN;\r\n dmarc=unknown header.from=example.com arc_overridden_status=NOT_OVERRIDDEN;"
        ),
        "atlas116.free.mail.bf1.yahoo.com",
        [
            result("dkim", "unknown"),
            MethodResult(
                method="spf",
                result="softfail",
                properties={"smtp.mailfrom": "example.com", "arc_overridden_status": "NOT_OVERRIDDEN"},
            ),
            MethodResult(
                method="dmarc",
                result="unknown",
                properties={"header.from": "example.com", "arc_overridden_status": "NOT_OVERRIDDEN"},
            ),
        ],
    ),
    "7 Yahoo, a key that it cannot use": (
        (
            "atlas220.free.mail.bf1.yahoo.com;\r\n dkim=perm_fail header.i=@example.net header.s=2023a;\r\n dkim=pass "
            "header.i=@example.net header.s=2023b;\r\n spf=pass smtp.mailfrom=example.net;\r\n dmarc=pass(p=REJECT) "
            "header.from=example.net;\r\n"
        ),
        "atlas220.free.mail.bf1.yahoo.com",
        [
            result("dkim", "permerror", written="perm_fail", header__i="@example.net", header__s="2023a"),
            result("dkim", "pass", header__i="@example.net", header__s="2023b"),
            result("spf", "pass", smtp__mailfrom="example.net"),
            result("dmarc", "pass", "p=REJECT", header__from="example.net"),
        ],
    ),
    "7 Yahoo, its own words": (
        (
            "atlas122.free.mail.gq1.yahoo.com; dkim=dkim_pass header.i=@news.example.com header.s=@example2; spf=pass "
            "smtp.mailfrom=news.example.com; dmarc=success(p=REJECT) header.from=news.example.com;"
        ),
        "atlas122.free.mail.gq1.yahoo.com",
        [
            result("dkim", "pass", written="dkim_pass", header__i="@news.example.com", header__s="@example2"),
            result("spf", "pass", smtp__mailfrom="news.example.com"),
            result("dmarc", "pass", "p=REJECT", written="success", header__from="news.example.com"),
        ],
    ),
    "3 Gmail behind a gateway of the recipient's": (
        (
            "i=2; mx.google.com;\r\n       gateway.spf=pass (google.com: domain gapps.example.com configured 192.0.2.1 as internal "
            "address) smtp.mailfrom=a@example.com smtp.remote-ip=192.0.2.1 policy.d=gapps.example.com"
        ),
        "mx.google.com",
        [
            result(
                "gateway.spf",
                "pass",
                "google.com: domain gapps.example.com configured 192.0.2.1 as internal address",
                smtp__mailfrom="a@example.com",
                smtp__remote_ip="192.0.2.1",
                policy__d="gapps.example.com",
            )
        ],
    ),
    "RFC 8601 B.7": (
        (
            "foo.example.net (foobar) 1 (baz);\r\n dkim (Because I like it) / 1 (One yay) = (wait for it) fail\r\n policy (A dot "
            "can go here) . (like that) expired\r\n (this surprised me) = (as I wasn't expecting it) 1362471462"
        ),
        "foo.example.net",
        [
            result(
                "dkim",
                "fail",
                "A dot can go here like that this surprised me as I wasn't expecting it",
                policy__expired="1362471462",
            )
        ],
    ),
    "8 iCloud, BIMI": (
        'bimi.icloud.com; bimi=skipped reason="insufficient dmarc"',
        "bimi.icloud.com",
        [result("bimi", "skipped", reason="insufficient dmarc")],
    ),
    "8 iCloud, DMARC": (
        "dmarc.icloud.com; dmarc=pass header.from=gmail.com",
        "dmarc.icloud.com",
        [result("dmarc", "pass", header__from="gmail.com")],
    ),
    "8 iCloud, DKIM": (
        "dkim-verifier.icloud.com;\r\n\tdkim=pass (2048-bit key) header.d=gmail.com header.i=@gmail.com header.b=HYnahEVt",
        "dkim-verifier.icloud.com",
        [
            result(
                "dkim",
                "pass",
                "2048-bit key",
                header__d="gmail.com",
                header__i="@gmail.com",
                header__b="HYnahEVt",
            )
        ],
    ),
    "8 iCloud, SPF": (
        (
            "spf.icloud.com; spf=pass (spf.icloud.com: domain of a@gmail.com designates 192.0.2.1 as permitted sender) "
            "smtp.mailfrom=a@gmail.com"
        ),
        "spf.icloud.com",
        [
            result(
                "spf",
                "pass",
                "spf.icloud.com: domain of a@gmail.com designates 192.0.2.1 as permitted sender",
                smtp__mailfrom="a@gmail.com",
            )
        ],
    ),
    "9 Fastmail": (
        (
            "x-csa=none; x-me-sender=none; x-ptr=pass smtp.helo=mail.example.com policy.ptr=mail.example.com; bimi=skipped (DMARC "
            "Policy is not at enforcement); arc=none (no signatures found); dkim=pass (2048-bit rsa key sha256) "
            "header.d=example.com header.i=@example.com header.b=Abc123+/ header.a=rsa-sha256 header.s=s1 x-bits=2048; iprev=pass "
            "smtp.remote-ip=192.0.2.1 (mail.example.com)"
        ),
        None,
        [
            result("x-csa", "none"),
            result("x-me-sender", "none"),
            result("x-ptr", "pass", smtp__helo="mail.example.com", policy__ptr="mail.example.com"),
            result("bimi", "skipped", "DMARC Policy is not at enforcement"),
            result("arc", "none", "no signatures found"),
            result(
                "dkim",
                "pass",
                "2048-bit rsa key sha256",
                header__d="example.com",
                header__i="@example.com",
                header__b="Abc123+/",
                header__a="rsa-sha256",
                header__s="s1",
                x_bits="2048",
            ),
            MethodResult(
                method="iprev", result="pass", properties={"smtp.remote-ip": "192.0.2.1"}, comment="mail.example.com"
            ),
        ],
    ),
    "10 OpenDKIM": (
        (
            "smtp.subspace.kernel.org; dkim=pass (1024-bit key) header.d=example.net header.i=@example.net "
            'header.b="Ic/D8Hm8"; dkim=fail reason="signature verification failed" (1024-bit key) header.d=amazonses.com'
        ),
        "smtp.subspace.kernel.org",
        [
            result(
                "dkim",
                "pass",
                "1024-bit key",
                header__d="example.net",
                header__i="@example.net",
                header__b="Ic/D8Hm8",
            ),
            result("dkim", "fail", "1024-bit key", "signature verification failed", header__d="amazonses.com"),
        ],
    ),
    "11 two results without a space": (
        (
            "dkim=pass (signature was verified) header.d=dropbox.com;dkim=pass (signature was verified) "
            "header.d=amazonses.com;dmarc=pass action=none"
        ),
        None,
        [
            result("dkim", "pass", "signature was verified", header__d="dropbox.com"),
            result("dkim", "pass", "signature was verified", header__d="amazonses.com"),
            result("dmarc", "pass", action="none"),
        ],
    ),
    "11 quarantine": ("dmarc=fail action=quarantine", None, [result("dmarc", "fail", action="quarantine")]),
    "12 Coremail, folded inside a value": (
        (
            "mx19; spf=pass smtp.mail=0101016ffeb63bb7-a63b\n\t8f9e-0a1b-000000@us-west-2.amazonses.com; dkim=\n\tpass "
            "header.i=@amazonses.com"
        ),
        "mx19",
        [
            result("spf", "pass", smtp__mail="0101016ffeb63bb7-a63b8f9e-0a1b-000000@us-west-2.amazonses.com"),
            result("dkim", "pass", header__i="@amazonses.com"),
        ],
    ),
    "Microsoft 365's ARC": (
        (
            "i=1; mx.microsoft.com 1; spf=none; dmarc=none action=none header.from=example.com; dkim=none (message not signed); "
            "arc=none"
        ),
        "mx.microsoft.com",
        [
            result("spf", "none"),
            result("dmarc", "none", action="none", header__from="example.com"),
            result("dkim", "none", "message not signed"),
            result("arc", "none"),
        ],
    ),
    "SES's inbound mail": (
        (
            "amazonses.com; spf=pass (spfCheck: domain of example.com designates 192.0.2.1 as permitted sender) "
            "client-ip=192.0.2.1; envelope-from=a@example.com; helo=localhost; dkim=pass header.i=@example.com; dmarc=pass "
            "header.from=example.com;"
        ),
        "amazonses.com",
        [
            result(
                "spf",
                "pass",
                "spfCheck: domain of example.com designates 192.0.2.1 as permitted sender",
                client_ip="192.0.2.1",
                envelope_from="a@example.com",
                helo="localhost",
            ),
            result("dkim", "pass", header__i="@example.com"),
            result("dmarc", "pass", header__from="example.com"),
        ],
    ),
    "old Yahoo": (
        "mta1007.mail.sp2.yahoo.com from=example.com; domainkeys=neutral (no sig); from=example.com; dkim=neutral (no sig)",
        "mta1007.mail.sp2.yahoo.com",
        [
            MethodResult(method="domainkeys", result="neutral", comment="no sig", properties={"from": "example.com"}),
            result("dkim", "neutral", "no sig"),
        ],
    ),
}


@pytest.mark.parametrize(("value", "authserv_id", "results"), FORMS.values(), ids=FORMS)
def test_what_receivers_write(value, authserv_id, results):
    found = parse_authentication_results(value, offset=7)
    assert found.authserv_id == authserv_id
    assert found.results == tuple(results)
    assert found.offset == 7


@pytest.mark.parametrize(
    ("value", "instance", "version"), [(FORMS["3 Gmail with ARC"][0], 3, ""), ("i=1; mx 1; spf=none", 1, "1")]
)
def test_instance_and_version(value, instance, version):
    found = parse_authentication_results(value)
    assert (found.instance, found.version) == (instance, version)


@pytest.mark.parametrize(
    "word",
    ["unknown", "bestguesspass", "skipped", "softpass", "temperror", "permerror", "policy", "declined"],
)
def test_result_words_beyond_the_rfc(word):
    assert parse_authentication_results(f"mx; spf={word} (x)").results[0].result == word


@pytest.mark.parametrize("action", ["none", "oreject", "pct.quarantine", "pct.reject", "permerror", "temperror"])
def test_actions_of_microsoft(action):
    (found,) = parse_authentication_results(f"dmarc=fail action={action} header.from=example.com").results
    assert found.properties == {"action": action, "header.from": "example.com"}


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("mx; DKIM=Pass Header.D=Example.COM", ("dkim", "pass", {"header.d": "Example.COM"})),
        ("mx; dkim/1=pass header.d=a", ("dkim", "pass", {"header.d": "a"})),
        ("mx; dkim (x) = (y) pass header.d = a", ("dkim", "pass", {"header.d": "a"})),
        ("mx;dkim=pass(c)header.d=a", ("dkim", "pass", {"header.d": "a"})),
        ("mx; dkim=pass header.d=(c)a", ("dkim", "pass", {"header.d": "a"})),
        ('mx; dkim=pass header.b="a\\"b"', ("dkim", "pass", {"header.b": 'a"b'})),
        ("(c) mx (d) 1 (e); dkim=pass header.d=a", ("dkim", "pass", {"header.d": "a"})),
        ('"mx"; dkim=pass header.d=a', ("dkim", "pass", {"header.d": "a"})),
        ("mx; none; dkim=pass header.d=a;;;", ("dkim", "pass", {"header.d": "a"})),
        ("mx; dkim=pass header.d=a header.d=b", ("dkim", "pass", {"header.d": "a"})),
        ('mx; spf=pass smtp.mailfrom="a b"@example.com', ("spf", "pass", {"smtp.mailfrom": '"a b"@example.com'})),
    ],
)
def test_spelling(value, expected):
    (found,) = parse_authentication_results(value).results
    assert (found.method, found.result, dict(found.properties)) == expected


@pytest.mark.parametrize(
    "value", ["", " ", ";", "none", "mx", "mx;", "mx; none", "example.com;", "i=1;", "i=1; mx; none", "()"]
)
def test_no_results(value):
    assert parse_authentication_results(value).results == ()


@pytest.mark.parametrize(
    ("value", "authserv_id"),
    [("", None), (";dkim=none", None), ("mx", "mx"), ("mx; none", "mx"), ("i=2; dkim=none", None), ("(x) mx;", "mx")],
)
def test_authserv_id(value, authserv_id):
    assert parse_authentication_results(value).authserv_id == authserv_id


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("temp_fail", "temperror"),
        ("permfail", "permerror"),
        ("tempfail", "temperror"),
        ("hardfail", "fail"),
        ("dkim_pass", "pass"),
    ],
)
def test_a_word_for_which_the_rfc_has_another(word, expected):
    (found,) = parse_authentication_results(f"mx; dkim={word} header.d=a").results
    assert (found.result, found.written) == (expected, word)


def test_a_word_that_nobody_knows_is_read_as_it_stands() -> None:
    (found,) = parse_authentication_results("mx; dkim=dkim_dkim_pass header.d=a").results
    assert (found.result, found.written) == ("dkim_dkim_pass", "")


@pytest.mark.parametrize("word", ["neutral.", "-", "a@b", '"fail"'])
def test_a_result_that_cannot_be_read_keeps_its_properties_from_the_result_before(word):
    (found,) = parse_authentication_results(f"mx; dkim=pass header.d=a; dkim={word} (c) header.i=b header.s=c").results
    assert found == result("dkim", "pass", header__d="a")


@pytest.mark.parametrize("name", ["smtp.mailfrom", "header.from", "policy.d", "arc_overridden_status", "client-ip"])
def test_a_property_at_the_beginning_of_a_segment_belongs_to_the_result_before(name):
    (found,) = parse_authentication_results(f"mx; spf=pass; {name}=a").results
    assert found.properties == {name: "a"}


def encoded(text, length=45, form="B"):
    octets = text.encode()
    pieces = [octets[at : at + length] for at in range(0, len(octets), length)]
    if form == "Q":
        return "\r\n\t".join(f"=?utf-8?Q?{''.join(f'={octet:02X}' for octet in piece)}?=" for piece in pieces)
    return "\r\n\t".join(f"=?utf-8?B?{base64.b64encode(piece).decode()}?=" for piece in pieces)


@pytest.mark.parametrize("form", ["B", "Q"])
def test_a_value_that_outlook_encodes_as_a_whole(form):
    """It does so where From has an internationalized domain."""
    plain = FORMS["4 Outlook, SES default"][0].replace("sample-kuriyama.com", "例え.jp")
    found = parse_authentication_results(" " + encoded(plain, form=form))
    assert found == parse_authentication_results(plain)
    assert found.results[2].properties["header.from"] == "例え.jp"


@pytest.mark.parametrize(
    "value",
    [
        f"mx; spf=fail smtp.mailfrom={encoded('a; dkim=pass')}",
        f"{encoded('a; dkim=pass')}@evil.example; spf=fail",
        encoded(encoded("mx; dkim=pass")),
        "=?utf-8?B?!!!!?=",
        "=?no-such-charset?Q?mx;_dkim=3Dpass?=",
    ],
)
def test_encoded_words_of_a_sender_stay_encoded(value):
    assert "dkim" not in [found.method for found in parse_authentication_results(value).results]


# What a sender can choose: MAIL FROM, HELO, the domains in comments. ``dkim=pass`` must never come of it.
INJECTIONS = [
    "mx; spf=fail (domain of a;dkim=pass@evil.example) smtp.mailfrom=x; dkim=fail",
    'mx; spf=fail smtp.mailfrom="a;dkim=pass"@evil.example; dkim=fail',
    'mx; spf=fail smtp.mailfrom="a;dkim=pass@evil.example"; dkim=fail',
    'mx; spf=fail smtp.mailfrom="a\\";dkim=pass;\\""@evil.example; dkim=fail',
    'mx; spf=fail smtp.mailfrom=a."b;dkim=pass"@evil.example; dkim=fail',
    "mx; spf=fail smtp.mailfrom=a\\;dkim=pass@evil.example; dkim=fail",
    'mx; spf=fail (domain of "a); dkim=pass (b"@evil.example fails) smtp.mailfrom="a); dkim=pass (b"@evil.example',
    'mx; spf=fail (domain of "a\\"); dkim=pass (b"@evil.example fails)',
    'mx; spf=fail (domain of a"b@evil) smtp.mailfrom="); dkim=pass ("@evil.example',
    'mx; spf=fail (x") ; smtp.helo="); dkim=pass',
    "mx; spf=fail (domain of a\\); dkim=pass (b@evil.example)",
    "mx; spf=fail smtp.mailfrom=a\r\n dkim=pass@evil.example",
    "mx; spf=fail smtp.mailfrom=a\tdkim=pass",
    'mx; spf=fail reason="; dkim=pass"',
    'mx; spf=fail smtp.mailfrom="a; dkim=pass',
    "mx; spf=fail (a; dkim=pass",
    "mx; spf=fail ((a); dkim=pass",
    "mx; spf=fail " + "(" * 10_000 + "a" + ")" * 9_999 + "; dkim=pass",
    "mx; dkim\x00=pass",
    "mx; dkim=pass\x00",
    "mx; dkim=pa\x00ss",
    'mx; dkim="pass"',
    'mx; dkim="pass" header.d=a',
    "mx; dkim=pass.example.com",
    "mx; dkim=pass@example.com",
    "mx; helo=dkim=pass",
    "mx; x dkim=pass",
    "mx dkim=pass; spf=none",
    "mx; dkim=(pass)",
    "mx; (dkim=pass)",
    "mx; header.d=dkim=pass",
]


@pytest.mark.parametrize("value", INJECTIONS, ids=[value[:60] for value in INJECTIONS])
def test_what_senders_choose_never_becomes_a_result(value):
    assert ("dkim", "pass") not in [
        (found.method, found.result) for found in parse_authentication_results(value).results
    ]


@pytest.mark.parametrize(
    "value",
    [
        'mx; spf=fail (domain of "a); dkim=pass (b"@evil.example fails) smtp.mailfrom="a); dkim=pass (b"@evil.example; dmarc=fail',
        "mx; spf=fail (a \\( b (c (d)) e) smtp.helo=x; dmarc=fail",
        'mx; spf=fail smtp.mailfrom="a;b"@evil.example; dmarc=fail',
        "mx; spf=fail (" + "(" * 5_000 + ")" * 5_000 + "); dmarc=fail",
        'mx; spf=fail (5" pipe); dmarc=fail',
    ],
)
def test_what_follows_the_senders_words_is_still_read(value):
    assert [found.method for found in parse_authentication_results(value).results] == ["spf", "dmarc"]


def test_a_word_before_a_comment_takes_nothing_with_it():
    (found,) = parse_authentication_results("mx; spf=pass x (c) smtp.helo=a").results
    assert found.properties == {"smtp.helo": "a"}
    assert found.comment == "c"


def test_comments_are_joined_and_unescaped():
    (found,) = parse_authentication_results("mx; spf=pass (one) smtp.helo=a (t\\(w\\)o (nested)) ()").results
    assert found.comment == "one t(w)o (nested)"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (
            "pass (google.com: domain of a@example.com designates 192.0.2.1 as permitted sender) client-ip=192.0.2.1;",
            ("pass", {"client-ip": "192.0.2.1"}),
        ),
        (
            (
                "Pass (protection.outlook.com: domain of example.com designates 192.0.2.1 as permitted sender) "
                "receiver=protection.outlook.com; client-ip=192.0.2.1; helo=mail.example.com; pr=C"
            ),
            (
                "pass",
                {
                    "receiver": "protection.outlook.com",
                    "client-ip": "192.0.2.1",
                    "helo": "mail.example.com",
                    "pr": "C",
                },
            ),
        ),
        (
            'pass (x) receiver=spf.icloud.com; client-ip=2001:db8::1; envelope-from="SRS0=Z8=5h=example.com=a@example.net"',
            (
                "pass",
                {
                    "receiver": "spf.icloud.com",
                    "client-ip": "2001:db8::1",
                    "envelope-from": "SRS0=Z8=5h=example.com=a@example.net",
                },
            ),
        ),
        ("softfail client-ip=192.0.2.1 helo=pass", ("softfail", {"client-ip": "192.0.2.1", "helo": "pass"})),
        ("SoftFail (x", ("softfail", {})),
        ('"pass"', ("", {})),
        ("", ("", {})),
    ],
)
def test_received_spf(value, expected):
    found = parse_received_spf(value)
    assert (found.result, dict(found.properties)) == expected


def test_format():
    results = [
        result("dkim", "pass", "2048-bit key", header__d="example.com", header__b="Ic/D8Hm8"),
        result("spf", "fail", reason="not permitted", smtp__mailfrom="a@example.com"),
    ]
    assert format_authentication_results("mx.example.com", results) == (
        'mx.example.com; dkim=pass (2048-bit key) header.d=example.com header.b="Ic/D8Hm8"; '
        'spf=fail reason="not permitted" smtp.mailfrom=a@example.com'
    )
    assert format_authentication_results("mx.example.com", []) == "mx.example.com; none"


def test_format_lets_no_line_end_out():
    written = format_authentication_results(
        "a\r\nb", [result("spf", "pass", "c\r\nd", "e\nf", smtp__helo="g\r\nh\x00")]
    )
    assert not set("\r\n\x00") & set(written)


KEYWORDS = st.from_regex(r"[a-z0-9]([a-z0-9-]{0,8}[a-z0-9])?", fullmatch=True)
METHODS = KEYWORDS.filter(
    lambda name: name not in ("action", "client-ip", "from", "helo", "i", "identity", "reason", "receiver")
)
WRITABLE = st.text(st.characters(blacklist_categories=["Cc", "Cs"]), max_size=20)
PROPERTIES = st.dictionaries(
    st.tuples(KEYWORDS, KEYWORDS).map(".".join), WRITABLE | st.sampled_from(["@example.com", "a@b.example"]), max_size=3
)
COMMENTS = WRITABLE.map(str.strip)


@given(
    WRITABLE.filter(bool),
    st.lists(
        st.builds(
            MethodResult, method=METHODS, result=KEYWORDS, reason=WRITABLE, properties=PROPERTIES, comment=COMMENTS
        ),
        max_size=4,
    ),
)
def test_what_is_written_is_read_back(authserv_id, results):
    found = parse_authentication_results(format_authentication_results(authserv_id, results))
    assert found.authserv_id == authserv_id
    assert found.results == tuple(results)


ALPHABET = st.sampled_from(
    ["dkim", "=", "pass", ";", " ", "(", ")", '"', "\\", "header.d", "i", "1", "/", "@", ".", "\r\n\t", "\x00", "é"]
)


@given(st.lists(ALPHABET, max_size=60).map("".join) | st.text(string.printable, max_size=120))
def test_never_raises(value):
    found = parse_authentication_results(value)
    assert all(entry.method and entry.result for entry in found.results)
    parse_received_spf(value)


@given(st.lists(ALPHABET, max_size=30).map("".join))
def test_a_quoted_string_or_comment_hides_all(text):
    hidden = text.replace("\\", "").replace('"', "").replace("(", "").replace(")", "")
    for value in (f'mx; spf=fail smtp.mailfrom="{hidden}"@example.com', f"mx; spf=fail ({hidden})"):
        assert [entry.method for entry in parse_authentication_results(value).results] == ["spf"]


def test_a_word_behind_a_reason_belongs_to_no_property():
    found = parse_authentication_results("mx.example; dkim=pass reason=10 more header.d=example.com")
    assert found.results == (
        MethodResult(method="dkim", result="pass", reason="10", properties={"header.d": "example.com"}),
    )
    assert parse_received_spf("pass reason=10 more").result == "pass"
