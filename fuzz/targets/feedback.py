"""What receivers send back: aggregate reports in whatever they come in, TLS reports, complaints, events of SES."""

from __future__ import annotations

import base64
import gzip
from datetime import UTC, datetime
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile

import msgspec

from targets.registry import inflated, target
from todoku.errors import ReportRefused
from todoku.feedback import failure, ses_event, tlsrpt
from todoku.feedback.aggregate.unwrapped import aggregate_reports
from todoku.feedback.wrapping import Limits

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
LIMITS = Limits(packed=20_000, unpacked=60_000, members=20)  # small ones, which small inputs reach

_XML = (
    b"<feedback> </feedback> <report_metadata> </report_metadata> <policy_published> </policy_published> <record> </record> <row> </row> "
    b"<identifiers> </identifiers> <auth_results> </auth_results> <policy_evaluated> </policy_evaluated> <dkim> </dkim> <spf> </spf> "
    b"<reason> </reason> <date_range> </date_range> <begin>1 <end>2 <count>1</count> <count>-1</count> <source_ip>192.0.2.1</source_ip> "
    b"<domain>example.com</domain> <header_from>a.example</header_from> <result>pass</result> <scope>mfrom</scope> <p>none</p> <extension> "
    b"<!-- --> <!DOCTYPE &lt; &amp; &#0; &#x41; <![CDATA[ ]]> xmlns= xmlns:a= <a:record> <?xml \xef\xbb\xbf \xff\xfe\x3c\0 <html>"
)
HEAD = (
    b"<report_metadata><org_name>x</org_name><email>a@b</email><report_id>1</report_id><date_range><begin>1795000000</begin>"
    b"<end>1795086400</end></date_range></report_metadata><policy_published><domain>example.com</domain><p>none</p></policy_published>"
)


@target(
    "feedback.wrapping", "feedback.inflate", "feedback.zip_members", "feedback.aggregate", words=_XML,
    phrases=(HEAD, b"<?xml version='1.0' encoding='iso-8859-1'?>", b"PK\3\4", b"PK\1\2", b"PK\5\6", b"\x1f\x8b\x08\0",
             b"Content-Type: application/gzip\r\nContent-Transfer-Encoding: base64\r\n\r\n", b"g{{400*<a>}}", b"}}", b"{{90*<a>"),
    cut=rb"(?=<)|\r\n", seeds="aggregates", longest=2_000,
)  # fmt: skip
def aggregate(data: bytes) -> None:
    """A report, wrapped as its first octets say: its numbers are some, its names harmless, and what is wrong is told."""
    kind, xml = data[:1], inflated(data[1:], 200_000, 20_000)
    for raw in (data, WRAPPINGS.get(kind, bytes)(xml)):
        try:
            found = aggregate_reports(raw, now=NOW, limits=LIMITS)
        except ReportRefused as refused:
            assert refused.text.ja
            continue
        assert any(report.policy.domain for report in found)
        for report in found:
            assert report.refused is None or report.refused.text.ja
            assert report.metadata.begin <= report.metadata.end
            assert all(record.count >= 0 and record.source_ip for record in report.records)


def _gzipped(octets: bytes) -> bytes:
    return gzip.compress(octets, 1, mtime=0)


def _zipped(octets: bytes) -> bytes:
    """A zip with a member for each NUL that stands in between."""
    whole = BytesIO()
    with ZipFile(whole, "w", ZIP_DEFLATED if len(octets) % 2 else ZIP_STORED) as file:
        for number, part in enumerate(octets.split(b"\0")[:120]):
            file.writestr(f"{number}.xml", part)
    return whole.getvalue()


def _mailed(octets: bytes) -> bytes:
    """A message with the report as its only part, or as parts between lines ``--b``."""
    multipart = b"multipart/mixed; boundary=b" if b"--b" in octets else b"application/gzip"
    encoded = octets if b"--b" in octets else base64.encodebytes(_gzipped(octets))
    return b"From: a@b.example\r\nMIME-Version: 1.0\r\nContent-Type: %b\r\nContent-Transfer-Encoding: %b\r\n\r\n%b" % (
        multipart,
        b"7bit" if b"--b" in octets else b"base64",
        encoded,
    )


WRAPPINGS = {
    b"g": _gzipped,
    b"G": lambda octets: _gzipped(_gzipped(_gzipped(_gzipped(octets)))),
    b"z": _zipped,
    b"Z": lambda octets: _gzipped(_zipped(octets)),
    b"b": base64.encodebytes,
    b"m": _mailed,
    b"u": lambda octets: octets.decode("latin-1").encode("utf-16"),
}


@target(
    "feedback.tlsrpt", "feedback.values",
    words=b'{ } [ ] , : " null true 0 -1 1e9 "organization-name": "date-range": "start-datetime": "end-datetime": "contact-info": '
    b'"report-id": "policies": "policy": "policy-type": "policy-string": "policy-domain": "mx-host": "summary": "failure-details": '
    b'"total-successful-session-count": "total-failure-session-count": "result-type": "failed-session-count": "sending-mta-ip": '
    b'"sts" "tlsa" "no-policy-found" "2026-11-23T00:00:00Z" "2026-11-23" "192.0.2.1" \\u0000 \\ud800',
    phrases=(b"{{400*[", b'{{400*{"policies":', b"}}", b"9" * 30), cut=rb"[,:{}\[\]]", seeds="tls", longest=700,
)  # fmt: skip
def tls_report(data: bytes) -> None:
    """A TLS report: its counts are some, its period goes forwards, and a refused one holds nothing."""
    found = tlsrpt.parse([data], now=NOW)
    assert found.refused is None or (found == tlsrpt.TlsReport(refused=found.refused) and found.refused.text.ja)
    assert found.begin <= found.end
    for policy in found.policies:
        assert min(policy.successful, policy.failed, *(one.count for one in policy.failures), 0) == 0
    msgspec.json.encode(found.policies)


@target(
    "feedback.failure", "feedback.values",
    words=b"Feedback-Type: abuse auth-failure User-Agent: Version: Original-Mail-From: Original-Rcpt-To: Arrival-Date: Received-Date: "
    b"Source-IP: 192.0.2.1 Incidents: Reported-Domain: Authentication-Results: Auth-Failure: dmarc bodyhash Delivery-Result: "
    b"Identity-Alignment: DKIM-Domain: DKIM-Identity: DKIM-Selector: DKIM-Signature: From: To: Date: <a@b.example> @ < > , ;",
    phrases=(b"\0", b"\r\n", b"\r\n ", b"\r\n\r\n", b"{{110*To: a@b\r\n}}", b"}}"), cut=rb"\r?\n|[:;,\0]", seeds="feedback", longest=700,
)  # fmt: skip
def feedback(data: bytes) -> None:
    """A complaint or failure report, the quoted message behind a NUL: no whole address is kept that nobody asked for."""
    report, _, quoted = inflated(data).partition(b"\0")
    raw = ARF % (report, quoted)
    found = failure.parse(raw)
    assert found.incidents >= 0
    assert all("@" not in one.partition("@")[0] for one in found.original_rcpt_to)
    assert found.original_mail_from.count("@") <= found.original_mail_from.strip("@").count("@") + 1
    msgspec.json.encode(found)
    failure.parse(raw, addresses=True)
    failure.parse(data)


TLS = {
    "organization-name": "x",
    "date-range": {"start-datetime": "2026-11-23T00:00:00Z", "end-datetime": "2026-11-23T23:59:59Z"},
    "report-id": "1",
    "policies": [
        {
            "policy": {
                "policy-type": "sts",
                "policy-string": ["version: STSv1"],
                "policy-domain": "a.example",
                "mx-host": "m.example",
            },
            "summary": {"total-successful-session-count": 1, "total-failure-session-count": 2},
            "failure-details": [
                {"result-type": "certificate-expired", "failed-session-count": 2, "sending-mta-ip": "192.0.2.1"}
            ],
        }
    ],
}
ARF = (
    b'From: a@b.example\r\nContent-Type: multipart/report; boundary="=_b"\r\n\r\n--=_b\r\nContent-Type: message/feedback-report\r\n\r\n'
    b"%b\r\n--=_b\r\nContent-Type: message/rfc822\r\n\r\n%b\r\n--=_b--\r\n"
)


@target(
    "feedback.ses_event", "feedback.values",
    words=b'{ } [ ] , : " null "eventType": "notificationType": "mail": "bounce": "complaint": "delivery": "send": "reject": "failure": '
    b'"deliveryDelay": "subscription": "Bounce" "Complaint" "DeliveryDelay" "Rendering Failure" "messageId": "timestamp": "source": '
    b'"sourceArn": "destination": "bouncedRecipients": "emailAddress": "diagnosticCode": "status": "Message": "Sns": "detail": '
    b'"Records": "body": "Type": "SubscriptionConfirmation" "2026-11-24T01:00:00.000Z" "a@b.example" "550 5.7.26 gsmtp" \\"',
    phrases=(b'{{400*{"detail":', b"}}", b"\n", b"arn:aws:ses:eu-west-1:123456789012:identity/a@b.example"),
    cut=rb"[,:{}\[\]]|\n", seeds="events", longest=700,
)  # fmt: skip
def event(data: bytes) -> None:
    """Events of SES: each is one or refused, and no recipient's whole address is kept that nobody asked for."""
    for found in ses_event.parse(inflated(data)):
        if isinstance(found, ses_event.SesEvent):
            assert all(not one.address and "@" not in one.domain for one in found.recipients)
            msgspec.json.encode(found)
        else:
            assert found.text.ja
    ses_event.parse(data, addresses=True)
