"""A report of every kind and wrapping, made here: reading them loads all code that reading any report needs."""

from __future__ import annotations

import base64
import gzip
import io
import zipfile

from todoku.auth.ask import Answer, Question

AGGREGATE = b"""<?xml version="1.0" encoding="UTF-8"?>
<feedback xmlns="urn:ietf:params:xml:ns:dmarc-2.0"><report_metadata><org_name>Example</org_name><email>dmarc@example.net</email>
<report_id>1</report_id><date_range><begin>0</begin><end>86399</end></date_range></report_metadata>
<policy_published><domain>xn--r8jz45g.example</domain><p>none</p></policy_published>
<record><row><source_ip>2001:db8::1</source_ip><count>1</count><policy_evaluated><disposition>none</disposition><dkim>pass</dkim>
<spf>fail</spf></policy_evaluated></row><identifiers><header_from>xn--r8jz45g.example</header_from></identifiers><auth_results>
<dkim><domain>example.com</domain><selector>a</selector><result>pass</result></dkim>
<spf><domain>example.com</domain><scope>mfrom</scope><result>fail</result></spf></auth_results></record></feedback>
"""

TLS = b"""{"organization-name":"Example","date-range":{"start-datetime":"1970-01-01T00:00:00Z","end-datetime":"1970-01-01T23:59:59Z"},
"contact-info":"tls@example.net","report-id":"1","policies":[{"policy":{"policy-type":"sts","policy-string":["version: STSv1"],
"policy-domain":"example.com","mx-host":["mx.example.com"]},"summary":{"total-successful-session-count":1,
"total-failure-session-count":1},"failure-details":[{"result-type":"certificate-expired","sending-mta-ip":"192.0.2.1",
"receiving-ip":"2001:db8::1","receiving-mx-hostname":"mx.example.com","failed-session-count":1}]}]}"""
COMPLAINT = b"""From: complaints@example.net\r
Subject: Complaint\r
MIME-Version: 1.0\r
Content-Type: multipart/report; report-type=feedback-report; boundary="b"\r
\r
--b\r
Content-Type: text/plain\r
\r
A complaint.\r
--b\r
Content-Type: message/feedback-report\r
\r
Feedback-Type: abuse\r
User-Agent: Example/1\r
Version: 1\r
Arrival-Date: Thu, 1 Jan 1970 00:00:00 +0000\r
Reported-Domain: example.com\r
Source-IP: 192.0.2.1\r
Authentication-Results: mx.example.net; dkim=pass header.d=example.com\r
\r
--b\r
Content-Type: message/rfc822\r
\r
From: =?utf-8?q?Sender?= <sender@example.com>\r
To: someone@example.net\r
Message-ID: <1@example.com>\r
\r
Text\r
--b--\r
"""
EVENT = b"""{"eventType":"Bounce","bounce":{"bounceType":"Permanent","bounceSubType":"General","bouncedRecipients":[{"emailAddress":
"someone@example.net","action":"failed","status":"5.1.1","diagnosticCode":"smtp; 550 5.1.1 user unknown"}],
"timestamp":"1970-01-01T00:00:00.000Z","feedbackId":"1","reportingMTA":"dns; a.example.net"},"mail":{"timestamp":
"1970-01-01T00:00:00.000Z","source":"sender@example.com","sourceArn":"arn:aws:ses:eu-west-1:111122223333:identity/example.com",
"sendingAccountId":"111122223333","messageId":"1","destination":["someone@example.net"],"tags":{"ses:configuration-set":["a"]}}}"""


SIGNED = (
    b"DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=example.net; s=a;\r\n"
    b" h=from:subject; bh=X4vSVJUhrzrLs7V/Ujp0Xwgv39DG9uNlJaMigeuj1UA=;\r\n"
    b" b=PgMuG9Y+LscZN5DgV3cAoKaApVFauP7iICnXbjJNmmkaYwniF1X38qJ2hx3fFRHSnfmXcM\r\n"
    b" YpF2AWaAIn71NUE9MJj5jjiX8jPXTuv8mIMF4F3e+lxqeQ/FZu/L5c1lQskFtNG0W3D42ulc\r\n"
    b" R0wD6zM+XdVrbbKf5cgnTOXwORD3keAZTku2jHsr0mOwSQU5i4ysSfqOXJ9ByX5e4gcWMEGY\r\n"
    b" Pwef2R4WgvnE83YNLBR8tDmTONokp/EU79Wpu43odbrCzQlJ+NVPRrT6k9g05knj6P9+x34B\r\n"
    b" jkb0e/tGY/SRqFq+oV+d1XGUQ4FiNRWz66WMteV1svi9OKXr/ljzsqFw==\r\n"
    b"From: dmarc@example.net\r\nSubject: Report\r\n\r\nReport\r\n"
)
"""Mail that its author signed, and the record of the key."""
KEY = Answer(
    Question("a._domainkey.example.net", "TXT"),
    (
        (
            "v=DKIM1; p="
            "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAlXyFknkJ+Dr3Ke5ufeBHLn4LJFcFSuo72NwEi1k4w7qYP/mIUxVQjW0JbK8otRKxOQ"
            "Tl+dRjd+CNuqymmKplEcDazTL5sEJH1CMzgPkT/Sem+9ISK70x6MHtZEVYkMPx6wYbGM0rSSn4TrHMVdfqlEQTkSdIfxxiYUXfj00avdWcm2B3"
            "ADzqPSA/HjvD2osC9gz2pSqDc6MOWQpRfWcicTCBVZqIkw7K7Hbj2q+I5uaMPzJ3Sfp6VdMirujINNr3JlEn6ieM7aEaEEvjEkaWTHpNmtSxNZ"
            "WvUT9MrHdhYca/wWZCeyCwuHhzOsG/8uLY++I7c9yMbSIaS+2t5MKWqwIDAQAB"
        ),
    ),
)


def _zipped(octets: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("report.xml", octets)
    return file.getvalue()


def _mailed(octets: bytes) -> bytes:
    return (
        b"From: dmarc@example.net\r\nSubject: =?utf-8?q?Report?=\r\nMIME-Version: 1.0\r\n"
        b'Content-Type: multipart/mixed; boundary="b"\r\n\r\n--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nReport\r\n'
        b"--b\r\nContent-Type: application/gzip\r\nContent-Transfer-Encoding: base64\r\n\r\n"
        + base64.encodebytes(octets).replace(b"\n", b"\r\n")
        + b"--b--\r\n"
    )


SAMPLES = (
    AGGREGATE,
    b"\xff\xfe" + AGGREGATE.decode().replace("UTF-8", "UTF-16").encode("utf-16-le"),
    _zipped(AGGREGATE),
    _mailed(gzip.compress(AGGREGATE)),
    TLS,
    _zipped(TLS),
    COMPLAINT,
    b"no report",
)
