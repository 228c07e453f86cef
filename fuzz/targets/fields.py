"""The values of header fields, each read by itself, and an SMTP reply."""

from __future__ import annotations

from datetime import timedelta

from targets.registry import inflated, target
from todoku.feedback.bounce import diagnose
from todoku.mail.addr_spec import is_valid_addr_spec
from todoku.mail.address import MAX_ADDRESSES, parse_author, parse_mailboxes
from todoku.mail.authres import (
    MethodResult,
    format_authentication_results,
    parse_authentication_results,
    parse_received_spf,
)
from todoku.mail.charset import guessed
from todoku.mail.content_type import parse_content_type, parse_disposition, parse_token
from todoku.mail.dates import parse_date
from todoku.mail.domain_name import ascii_domain, is_domain_name, is_mixed_script
from todoku.mail.encoded_word import decode_words
from todoku.mail.host_address import host_address
from todoku.mail.message import scan
from todoku.mail.received import parse_received
from todoku.mail.tags import listed, parse_tags, squeeze
from todoku.mail.unsubscribe import MAX_URIS
from todoku.mail.unsubscribe import unsubscribe as offered


@target(
    "mail.address", "mail.tokens", "mail.addr_spec", "mail.domain_name",
    words=b'a@b.example <a@b.example> @ < > ( ) " \\ , ; : . [192.0.2.1] [ ] =?utf-8?q?a=40b?= xn--r8jz45g xn-- Group: '
    b"@r.example: \xe4\xbe\x8b.example \xd0\xb0.example \xef\xbc\xa0 a..b -a.b a_b \r\n \t \0 \xc2\xad",
    phrases=(b"{{1001*a@b,}}", b"{{300*(", b"}}", b"\r\nFrom: ", b"\r\n From : ", b"From\r\n : a@b\r\n", b"{{70*a", b"{{300*a."),
    cut=rb"[,;:<>@()\"]", seeds="from reply-to sender to", longest=200,
)  # fmt: skip
def address(data: bytes) -> None:
    """The author: one domain only where there is exactly one, and nothing in it that is no domain name."""
    data = inflated(data, few=100)
    found, _ = parse_mailboxes(data)
    assert len(found) <= MAX_ADDRESSES
    author = parse_author(scan((b"" if b"From" in data[:6] else b"From: ") + data + b"\r\n\r\n"))
    if author.domain:
        assert set(author.domains) == {author.domain}
        assert author.domain == author.domain.lower()
        assert is_domain_name(author.domain)
    text = data.decode("utf-8", "replace")
    domain = ascii_domain(text)
    assert domain is None or is_domain_name(domain)
    is_mixed_script(text)
    if is_valid_addr_spec(text):
        assert "@" in text


@target(
    "mail.encoded_word", "mail.charset",
    words=b"=? ?= ?q? ?b? =?utf-8?q? =?iso-2022-jp?B? =?shift_jis?b? =?windows-1252?Q? =?utf-8*ja?q? =E3=81 =82 _ GyRCJCIbKEI= w6k= "
    b"=?utf-7?q? =?utf-16?b? =?x-none?q? =?idna?q? =?iso-2022-jp-3?b? =?gb2312?b? =?big5?b? =?euc-kr?b? =?ks_c_5601-1987?b? +AGE-",
    phrases=(b"?= =?", b"?=\r\n =?", b"{{500*=?utf-8?q?a?= }}", b"}}"), cut=rb"(?<=\?=)|\?", seeds="subject from",
)  # fmt: skip
def words(data: bytes) -> None:
    """Encoded words: text, whatever stands there; without ``=?`` what is written."""
    text = inflated(data).decode("latin-1")
    shown = decode_words(text)
    assert "=?" in text or shown == text
    shown.encode("utf-8", "surrogatepass")
    assert guessed(data) in ("utf-8", "euc-jp", "shift_jis", "")


@target(
    "mail.authres",
    words=b'; = ( ) " \\ . @ / none pass fail reason= spf= dkim= dmarc= arc= iprev= auth= header.i= header.d= smtp.mailfrom= '
    b"smtp.remote-ip= policy.iprev= action= compauth= mx.example.com 1 i=1; client-ip= envelope-from= receiver= identity= "
    b'Pass SoftFail "a\\"b"@c (p=none dis=none) x=y',
    phrases=(b"mx.google.com; ", b"i=1; mx.example.net 1; none", b"(google.com: domain of a@b designates 192.0.2.1)",
             b"(sender IP is 192.0.2.1)", b"dkim=pass header.i=@a.example", b"{{300*(", b"{{300*; a=b}}", b"}}", b'(a "b)" c)',
             b"x=y\r\n z"),
    cut=rb"[;=\s()]", seeds="authentication-results arc-authentication-results received-spf",
)  # fmt: skip
def authres(data: bytes) -> None:
    """Results of receivers; what is written again reads the same."""
    text = inflated(data).decode("latin-1")
    parse_received_spf(text)
    found = parse_authentication_results(text)
    for result in found.results:
        assert result.method == result.method.lower()
        assert not set(result.result) & set(' \t";()=')
    assert all(found.of(result.method) for result in found.results[:5])
    again = parse_authentication_results(format_authentication_results("mx.example.com", found.results))
    assert list(map(_written, again.results)) == list(map(_written, found.results))


def _written(result: MethodResult) -> tuple[str, str, str, dict[str, str]]:
    """What is written of a result, control characters as the blanks that stand for them."""
    properties = {name: _plain(value) for name, value in result.properties.items()}
    return result.method, result.result, _plain(result.reason), properties


def _plain(value: str) -> str:
    return "".join(" " if character < " " or character == "\x7f" else character for character in value)


@target(
    "mail.received",
    words=b"from by with via id for ; ( ) [ ] ESMTPS ESMTPSA UTF8SMTPS HTTPS HTTPREST (envelope-from (helo= HELO EHLO ident (Postfix, (using TLSv1.3 "
    b"with cipher version=TLS1_3 cipher=TLS_AES_128_GCM_SHA256 bits=256/256); [192.0.2.1] [IPv6:2001:db8::1] 192.0.2.1:25 unknown "
    b"(unverified) <a@b.example> +0000 TLSv1.2 tls=1.2 cv/dv=tls/tls localhost (EHLO a.example) (192.0.2.1) ::1 [::ffff:192.0.2.1] esmtp",
    phrases=(b"; Tue, 24 Nov 2026 01:00:02 +0000", b"from a.example (b.example [192.0.2.1])", b"Microsoft SMTP Server",
             b"via Frontend Transport", b"(Exim 4.96) (envelope-from <a@b>)", b"by 2002:a05:1:: with SMTP", b"{{300*(", b"}}",
             b"(No client certificate requested)", b"(qmail 123 invoked by uid 1)", b"from unknown (HELO a) (b@192.0.2.1)"),
    cut=rb"[;()\s]", seeds="received x-received",
)  # fmt: skip
def received(data: bytes) -> None:
    """One Received field: an address is one, the rest is text of the field."""
    text = inflated(data).decode("latin-1")
    hop = parse_received(text, offset=7)
    assert hop.offset == 7
    assert not hop.ip or host_address(hop.ip) is not None
    host_address(text)


@target(
    "mail.dates",
    words=b"Tue, 24 Nov 2026 01:00:02 +0000 -0000 GMT EST Z A 26 126 1899 9999 :60 :61 (comment) ( ) 2026-11-24T01:00:02Z +09:00 +9960 "
    b"31 30 29 Feb Sept. November 99 .123 , ; AM",
    phrases=(b"Tue Nov 24 01:00:02 2026", b"Tue, 24 Nov 2026 ", b"Tue Nov 24 01:00:02 PST 2026 -0800", b"24-Nov-26 1:00 "),
    cut=rb"[\s:,-]", seeds="date resent-date",
)  # fmt: skip
def date(data: bytes) -> None:
    """A date: a moment that every zone can tell, or none."""
    moment = parse_date(data.decode("latin-1"))
    if moment is not None:
        assert 1900 <= moment.year < 9999
        assert moment.utcoffset() is not None
        assert abs(moment.utcoffset() or timedelta()) < timedelta(days=1)
        moment.timestamp()


@target(
    "mail.content_type",
    words=b"text/plain text/html multipart/mixed ; = \" \\ ( ) boundary= charset= boundary*0= boundary*1*= boundary*= charset*=utf-8'ja' %E3%81 "
    b"'' name*2= / attachment inline",
    phrases=(b'; boundary="a b"', b"\r\n ", b"{{300*(", b"}}", b"{{300*;a=b}}", b"{{40*boundary*0=a;}}"),
    cut=rb"[;=\s()]", seeds="content-type content-disposition content-transfer-encoding",
)  # fmt: skip
def content_type(data: bytes) -> None:
    """A media type and a disposition with their parameters: lower-case names, one value each."""
    body = inflated(data)
    kind, disposition = parse_content_type(body), parse_disposition(body)
    assert kind.value == kind.value.lower()
    assert not kind.value or "/" in kind.value
    assert all(name == name.lower() for name in (*kind.parameters, *disposition.parameters))
    parse_token(body)


@target(
    "mail.tags",
    words=b"v=DKIM1 v=DMARC1 p= a= b= ; = \t \r\n \0 \x7f _a= 1= a-b= \xe9=", phrases=(b"; ", b" = ", b"{{300*a=b;}}", b"}}"),
    cut=rb"[;=]", seeds="dkim-signature arc-seal TXT",
)  # fmt: skip
def tags(data: bytes) -> None:
    """Tag lists: no name twice, nothing lost without a word, and what is written again reads the same."""
    found = parse_tags(inflated(data).decode("latin-1"))
    assert all(name.strip() == name and value.strip(" \t\r\n") == value for name, value in found.values.items())
    text = "".join(found.values.values())
    assert found.problem or all(character in "\t\r\n" or " " <= character != "\x7f" for character in text)
    assert not found.problem or found.repeated or found.malformed or not found.values
    again = parse_tags("; ".join(f"{name}={value}" for name, value in found.values.items()))
    assert again.values == found.values
    for name, value in found.values.items():
        assert name in found
        assert found.get(name) == value
        assert not set(squeeze(value)) & set(" \t\r\n")
        assert ":".join(listed(value)).count(":") == value.count(":")


@target(
    "mail.unsubscribe",
    words=b"< > , ( ) \\ https://a.example/ http://a.example mailto:a@b.example <https://a.example/u> <mailto:a@b> =?utf-8?q?<https://a>?= "
    b"List-Unsubscribe=One-Click list-unsubscribe=one-click {{60*<https://a/>,}} //",
    phrases=(b"\0", b"\0List-Unsubscribe=One-Click", b"\r\nList-Unsubscribe: <mailto:a@b>", b"\r\nPrecedence: bulk", b"\r\nList-Id: x",
             b"\r\nList-Unsubscribe-Post: x", b"\r\n ", b"{{300*(", b"}}"),
    cut=rb"[,<>()\0]", seeds="list-unsubscribe",
)  # fmt: skip
def unsubscribe(data: bytes) -> None:
    """List-Unsubscribe and List-Unsubscribe-Post: what is said to be an https URI is one."""
    first, zero, second = inflated(data).partition(b"\0")
    offer = b"List-Unsubscribe: " + first + b"\r\n" if first else b""
    post = b"List-Unsubscribe-Post: " + second + b"\r\n" if zero else b""
    found = offered(scan(offer + post + b"\r\n"))
    assert len(found.uris) <= MAX_URIS
    assert not found.https or found.https.lower().startswith("https://")
    assert not found.one_click or (found.https and found.post)


@target(
    "feedback.bounce",
    words=b"550 421 5.7.26 4.7.28 #5.1.1 gsmtp google.com outlook yahoo icloud [TSS04] [PH01] [CS01] [HME1] S3150 Spf= Dkim= DMARC= Pass Fail "
    b"5.7.515 5.7.1 4.7.0 SPF DKIM DMARC said: response: smtp; unauthenticated TLS spam rate PTR list-unsubscribe RFC 5322 S3140",
    phrases=(b"550-5.7.26 ", b"\r\n550 5.7.26 ", b"our system has detected", b"sending domain x does not meet", b"does not have a PTR record",
             b"Spf= Fail , Dkim= Pass , DMARC= Fail", b"{{900*550 5.7.26 }}", b"}}", b"not RFC 5322 compliant", b"is suspicious"),
    cut=rb"[\s,]",
)  # fmt: skip
def bounce(data: bytes) -> None:
    """An SMTP reply: what it means, in two languages, and codes that stand in it."""
    text = inflated(data).decode("utf-8", "replace")
    found = diagnose(text)
    assert found.text.en
    assert found.text.ja
    assert found.basic in text
    assert found.enhanced in text
