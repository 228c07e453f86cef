"""Reports and events: whole ones, and each thing that one is refused for."""

from __future__ import annotations

import json
from collections.abc import Iterator

import msgspec
from targets.feedback import ARF, HEAD, TLS, WRAPPINGS

ROW = (
    b"<record><row><source_ip>192.0.2.1</source_ip><count>2</count><policy_evaluated><disposition>none</disposition>"
    b"<dkim>pass</dkim><spf>fail</spf><reason><type>other</type><comment>x</comment></reason></policy_evaluated></row>"
    b"<identifiers><header_from>example.com</header_from></identifiers><auth_results><dkim><domain>example.com</domain>"
    b"<selector>s</selector><result>pass</result></dkim><spf><domain>a.example</domain><result>fail</result></spf>"
    b"</auth_results></record>"
)


_EXTENSION = b"<extension><a:x xmlns:a='urn:x'/><extension name='y' definition='urn:y'/></extension>"


def aggregates() -> Iterator[bytes]:
    """Aggregate reports: plain, and in every wrapping; each thing that one is refused for; and what old ones had."""
    whole = b"<?xml version='1.0'?><feedback>" + HEAD + ROW + ROW + b"</feedback>"
    for kind in (b"", *WRAPPINGS):
        yield kind + whole
    yield b"z" + whole + b"\0" + whole
    yield b"z" + whole + b"\0" + whole[:300] + b"\0<html>\0" + whole
    yield from (wrap(whole) for kind, wrap in WRAPPINGS.items() if kind not in b"sS")
    for before, after in _CHANGES:
        yield whole.replace(before, after)
        yield b"s" + whole.replace(before, after)
    yield from (wrap(whole)[:-30] for kind, wrap in WRAPPINGS.items() if kind in b"gzm")
    yield b"m--b\r\n\r\n" + whole + b"\r\n--b\r\n\r\nx\r\n--b--\r\n"
    yield b"m--b\r\n\r\n" + b"x" * 30 + b"\r\n--b\r\n\r\n" + whole + b"\r\n--b--\r\n"
    yield b"m--b\r\n\r\n" + b"<feedback>          \r\n--b\r\n\r\n" * 22
    yield b"m{{1001*--b\r\n\r\n}}"
    yield ARF % (b"Feedback-Type: abuse", b"From: a@b.example\r\n\r\n")
    yield b"z" + b"\0" * 30
    yield b"PK\5\6" + bytes(18)
    yield from (
        b"g{{9000*a}}",
        b"g{{9000*<feedback>}}",
        b"g{{40000*a}}",
        b"{{9000*a}}",
        b"s<feedback",
        b"s<feedback>" + HEAD + b"</feedback>",
    )
    yield b"g" + whole + b"<!--{{9000*a}}-->"
    yield b"z" + whole + b"<!--{{9000*a}}-->"
    yield b"s<feedback>" + HEAD + b"{{900*<a></a>}}" + ROW + b"</feedback>"
    yield b"s" + whole + b"\xe3"
    yield (
        b"<feedback>" + HEAD + ROW.replace(b"</auth_results>", b"{{20*<dkim><domain>a</domain></dkim>}}</auth_results>")
    )
    yield b"s<?xml version='1.0'?><feedback>" + HEAD + ROW * 5 + b"</feedback>"
    yield from (whole.decode().encode(charset) for charset in ("utf-16-le", "utf-16-be"))
    yield WRAPPINGS[b"g"](b"<feedback>") * 5
    yield WRAPPINGS[b"g"](whole)[:40] + b"x" * 40
    yield from _broken_archives(WRAPPINGS[b"z"](whole))


def _broken_archives(whole: bytes) -> Iterator[bytes]:
    """A zip archive whose numbers are wrong: APPNOTE.TXT 4.3.7, 4.3.12, 4.3.16."""
    entry, end = whole.rindex(b"PK\1\2"), whole.rindex(b"PK\5\6")
    for at, value in (
        *((0, 1), (6, 1), (8, 9)),  # of the local header: magic, flags, method
        *(
            (entry, 1),
            (entry + 8, 1),
            (entry + 10, 9),
            (entry + 16, 1),
            (entry + 20, 1),
            (entry + 42, 255),
            (entry + 43, 255),
        ),
        *((end + 8, 99), (end + 10, 99), (end + 12, 1), (end + 16, 255), (end + 17, 255)),
    ):
        yield whole[:at] + bytes((value,)) + whole[at + 1 :]
    yield whole[:entry] + whole[entry + 40 :]
    yield whole[:-5]


_CHANGES: tuple[tuple[bytes, bytes], ...] = (
    (b"<feedback>", b'<feedback xmlns="urn:ietf:params:xml:ns:dmarc-2.0"><version>1.0</version>'),
    (b"<?xml version='1.0'?>", b"<?xml version='1.0' encoding='iso-2022-jp'?><!-- a --><?b c?>"),
    (b"<?xml version='1.0'?>", b"<?xml version='1.0' encoding='x-none'?>"),
    (b"<?xml version='1.0'?>", b"<?xml version='1.0' encoding='utf-16'?>"),
    (b"<?xml version='1.0'?>", b"<!DOCTYPE a [<!ENTITY b 'c'>]>"),
    (b"<?xml version='1.0'?><feedback>", b"<schema><feedback>"),
    (b"<feedback>", b"<feedback><a>"),
    (b"<record>", b"<a><record>"),
    (b"</record><record>", b"</record><a><record>"),
    (b"<feedback>", b"<feed>"),
    (b"</feedback>", b""),
    (b"</record><record>", _EXTENSION + b"<b:c xmlns:b='urn:b'><row/></b:c></record>" + _EXTENSION + b"<record>"),
    (b"</feedback>", _EXTENSION + b"</feedback>"),
    (b"<record>", _EXTENSION + b"<record>"),
    (b"</record>", b"</record>x&#0;"),
    (b"<count>2</count>", b"<count>2</count><count>3</count>"),
    (b"<count>2</count>", b"<count>-2</count>"),
    (b"<count>2</count>", b"<count>two</count>"),
    (b"<count>2</count>", b"<count>9999999999999</count>"),
    (b"<count>2</count>", b""),
    (b"<count>2</count>", b"<a:count xmlns:a='urn:a'>9</a:count><count>2<b/></count>"),
    (b"192.0.2.1", b"2001:DB8::1"),
    (b"192.0.2.1", b"fe80::1%a"),
    (b"192.0.2.1", b" "),
    (
        b"<p>none</p>",
        b"<p>quarantine</p><sp>REJECT</sp><pct>50</pct><fo>1</fo><testing>y</testing><adkim>s</adkim><np>x</np>",
    ),
    (b"<domain>example.com</domain>", b"<domain>a b</domain>"),
    (b"<domain>example.com</domain>", b""),
    (b"</date_range>", b"</date_range><error>x</error><error>y</error><generator>z</generator>"),
    (b"1795086400", b"1795086400000"),
    (b"1795086400", b"1895086400"),
    (b"1795000000", b"x"),
    (b"<policy_published>", b"<policy_published/><policy_published>"),
    (b"<report_metadata>", b"<report_meta>"),
    (b"<result>pass</result>", b"<result>hardfail</result><human_result>" + " é".encode() + b"</human_result>"),
    (b"<header_from>example.com", b"<header_from>{{600*a}}"),
    (b"<dkim>pass</dkim>", b"<dkim>pass</dkim>{{250*<x/>}}"),
)


def tls_reports() -> Iterator[bytes]:
    text = msgspec.json.encode(TLS)
    yield text
    yield msgspec.json.encode({**TLS, "policies": []})
    yield msgspec.json.encode(
        {**TLS, "contact-info": "x", "date-range": {"start-datetime": "x", "end-datetime": "2026-11-24"}}
    )
    for before, after in (
        (b'"mx-host":"m.example"', b'"mx-host":["a","b"]'),
        (b"192.0.2.1", b"2001:db8::1"),
        (b"192.0.2.1", b"x"),
        (b':1,"total', b':-1,"total'),
        (b':1,"total', b':9999999999999,"total'),
        (b"2026-11-23T00:00:00Z", b"2026-11-23"),
        (b"2026-11-23T23", b"2036-11-23T23"),
        (b"a.example", "例.example".encode()),
        (b"}]}]}", b"}]}"),
        (b"version: STSv1", b"a\\u0000\\u2028{{1100*b}}"),
    ):
        yield text.replace(before, after)
    yield from (b"{{3000*x}}", b'{"a":{{1500*[}}')


def values() -> Iterator[bytes]:
    yield from (
        b"1795000000\n1795086400",
        b"1795000000\n1995086400",
        b"2026-11-23T00:00:00Z\n2026-11-24",
        b"2036-11-23\n2036-11-24",
    )
    yield from (
        b"192.0.2.1",
        b"2001:DB8::1",
        b"fe80::1%1",
        b" 192.0.2.1 ",
        b"12\n13",
        b"-1",
        b"9999999999999",
        b"x",
        b"",
        b"hardfail",
    )
    yield "例.example\u2028".encode()


def feedback() -> Iterator[bytes]:
    """Complaints and failure reports as the target of that name has them: the quoted message behind a NUL."""
    for kind in (b"abuse", b"auth-failure", b"fraud", b"x"):
        yield b"Feedback-Type: %b\r\n%b\0%b" % (kind, _FEEDBACK, _QUOTED)
    yield b"Feedback-Type: abuse\r\nSource-IP: 192.0.2.1 (x)\r\nIncidents: many\r\nOriginal-Mail-From: x"
    yield b"x"


_FEEDBACK = (
    b"User-Agent: x\r\nVersion: 1\r\nOriginal-Rcpt-To: <a@b.example>\r\nSource-IP: 192.0.2.1\r\nIncidents: 2\r\nAuth-Failure: dmarc\r\n"
    b"Authentication-Results: mx.example; spf=pass smtp.mailfrom=a@b.example\r\nArrival-Date: Tue, 24 Nov 2026 01:00:02 +0000\r\n"
)


_QUOTED = b"From: a@b.example\r\nTo: c@d.example\r\nDKIM-Signature: v=1; d=b.example; s=s\r\nDate: Tue, 24 Nov 2026 01:00:02 +0000\r\n\r\nx"


def events() -> Iterator[bytes]:
    mail = {
        "messageId": "1", "timestamp": "2026-11-24T01:00:00.000Z", "source": "a@b.example", "destination": ["c@d.example"],
        "sourceArn": "arn:aws:ses:eu-west-1:123456789012:identity/b.example",
    }  # fmt: skip
    people = [
        {"emailAddress": "c@d.example", "status": "5.7.26", "diagnosticCode": "smtp; 550 5.7.26 c@d.example gsmtp"}
    ]
    for kind, member, body in (
        ("Bounce", "bounce", {"bounceType": "Permanent", "bouncedRecipients": people}),
        ("Complaint", "complaint", {"complainedRecipients": people, "userAgent": "x"}),
        ("DeliveryDelay", "deliveryDelay", {"delayedRecipients": people, "delayType": "General"}),
        ("Send", "send", {}),
    ):
        one = {"eventType": kind, "mail": mail, member: body}
        text = json.dumps(one)
        wrapped = (
            {"Type": "Notification", "Message": text},
            {"detail": one},
            {"Records": [{"body": text}, {"Sns": {"Message": text}}]},
        )
        yield from (text.encode(), *map(msgspec.json.encode, wrapped), f"{text}\n{text}".encode())
        yield text.encode().replace(b"2026-11-24T01", b"2026-13-24T01").replace(b"@d.example", b"@d_.ex ample")
    yield b'{"eventType":"Bounce","mail":{}}'
    yield b'{"Type":"SubscriptionConfirmation","Message":"x"}'
    yield b'{"Type":"Notification","Message":"x"}'
    yield from (b"[1]", b"{{3000*x}}", b'{"a":{{1500*[}}', b'{"detail":' * 9 + b"1" + b"}" * 9)
    yield b'{"eventType":"Bonce","mail":{}}'
