"""What receivers send back: aggregate reports in whatever they come in, TLS reports, complaints, events of SES."""

from __future__ import annotations

import base64
import gzip
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile

import msgspec

from targets.registry import inflated, lowered, target
from todoku.feedback import failure, inflate, ses_event, tlsrpt, values
from todoku.feedback.aggregate import parse, read, shape, tree
from todoku.feedback.aggregate.unwrapped import aggregate_reports
from todoku.feedback.aggregate.write import format_report
from todoku.feedback.refusal import SPARSE, Refusal, Refused
from todoku.feedback.wrapping import Limits, unwrap
from todoku.words.errors import ReportRefused

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
LIMITS = Limits(packed=8_000, unpacked=30_000, members=20)  # small ones, which small inputs reach

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
    """A report, wrapped as its first octet says: its numbers are some, its names harmless, and what is wrong is told.

    What is written again reads the same; and behind an ``s``, what comes a few octets at a time reads as if at once.
    """
    kind, xml = data[:1], inflated(data[1:], 200_000, 20_000)
    for raw in (data, WRAPPINGS.get(kind, bytes)(xml)):
        for document in unwrap(raw, LIMITS):
            assert isinstance(document, Refused) or len(document.content()) <= LIMITS.unpacked
        try:
            with lowered(inflate, MAX_GZIP_MEMBERS=3):
                found = aggregate_reports(raw, now=NOW, limits=LIMITS)
        except ReportRefused as refused:
            assert refused.text.ja
            continue
        assert any(report.policy.domain for report in found)
        for report in found:
            assert report.refused is None or report.refused.text.ja
            assert report.metadata.begin <= report.metadata.end
            assert all(record.count >= 0 and record.source_ip for record in report.records)
            if report.refused is None:
                assert parse([format_report(report)]) == msgspec.structs.replace(report, name="")
    if kind == b"s":
        with (
            lowered(tree, PROLOG=200, STRETCH=1_500),
            lowered(read, BATCH=2, MAX_RECORDS=4),
            lowered(shape, MAX_SHAPES=1),
        ):
            whole, in_stretches = (parse(pieces, now=NOW) for pieces in ([xml], _in_pieces(xml)))
        if in_stretches.refused is None or in_stretches.refused.reason is not SPARSE:
            assert whole.records == in_stretches.records
            assert (whole.refused is None) == (in_stretches.refused is None)


@target(
    "feedback.values",
    words=b"192.0.2.1 2001:db8::1 ::ffff:192.0.2.1 fe80::1%a 0 1 -1 +1 1e9 0x1 1000000000000 1000000000001 pass FAIL hardfail unknown 1795000000 "
    b"4102444799 4102444800 1795086400 2026-11-24T01:00:00Z 2026-11-24 2026-W48-2 24:00 +23:59 9999-12-31 a.example "
    b"\xe4\xbe\x8b.example xn-- \xef\xbc\x91 \xe2\x80\xa8 \xc4\xb0 \xc2\xa0 \0",
    phrases=(b"\n", b" ", b"{{254*a}}", b"{{1001*a}}", b"}}", b"{{400*9}}"), cut=rb"[\n.: -]", seeds="values", longest=120,
)  # fmt: skip
def report_value(data: bytes) -> None:
    """One value as each kind: what it is read as reads the same again; the second line is another one, where two belong together."""
    first, _, second = (line for line in (inflated(data, few=2_000).decode("utf-8", "replace") + "\n").partition("\n"))
    for read_value in (
        values.text,
        values.shown,
        values.domain,
        values.label,
        values.address,
        values.word(("pass", "fail")),
    ):
        with suppress(Refusal):
            once = read_value(first)
            assert read_value(once) == once or (read_value is values.domain and len(first) > values.MAX_NAME)  # cut
            assert not any(character in once for character in "\n\x00\u2028")
    known = values.Memo(values.count)
    with lowered(values, MAX_KNOWN=1):
        for written in (first, second, None):
            with suppress(Refusal):
                assert 0 <= known[written] <= values.MAX_COUNT
    for period in (values.period, values.period_of_dates):
        with suppress(Refusal):
            begin, end = period(first, second.strip("\n"), NOW)
            assert 0 <= begin <= end <= NOW.timestamp() + values.AHEAD.total_seconds()
    assert (values.instant(first) or 0) <= values.MAX_TIME


def _in_pieces(octets: bytes) -> Iterator[bytes]:
    return (octets[at : at + 90] for at in range(0, len(octets), 90))


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
    b"s": bytes,
    b"g": _gzipped,
    b"G": lambda octets: _gzipped(_gzipped(_gzipped(_gzipped(octets)))),
    b"z": _zipped,
    b"Z": lambda octets: _gzipped(_zipped(octets)),
    b"b": base64.encodebytes,
    b"m": _mailed,
    b"u": lambda octets: octets.decode("latin-1").encode("utf-16"),
}


@target(
    "feedback.tlsrpt",
    words=b'{ } [ ] , : " null true 0 -1 1e9 "organization-name": "date-range": "start-datetime": "end-datetime": "contact-info": '
    b'"report-id": "policies": "policy": "policy-type": "policy-string": "policy-domain": "mx-host": "summary": "failure-details": '
    b'"total-successful-session-count": "total-failure-session-count": "result-type": "failed-session-count": "sending-mta-ip": '
    b'"sts" "tlsa" "no-policy-found" "2026-11-23T00:00:00Z" "2026-11-23" "192.0.2.1" \\u0000 \\ud800',
    phrases=(b"{{400*[", b'{{400*{"policies":', b"}}", b"9" * 30), cut=rb"[,:{}\[\]]", seeds="tls", longest=700,
)  # fmt: skip
def tls_report(data: bytes) -> None:
    """A TLS report: its counts are some, its period goes forwards, and a refused one holds nothing."""
    with lowered(tlsrpt, MAX_JSON=2_000):
        found = tlsrpt.parse([inflated(data, few=2_000)], now=NOW)
    assert found.refused is None or (found == tlsrpt.TlsReport(refused=found.refused) and found.refused.text.ja)
    assert found.begin <= found.end
    for policy in found.policies:
        assert min(policy.successful, policy.failed, *(one.count for one in policy.failures), 0) == 0
    msgspec.json.encode(found.policies)


@target(
    "feedback.failure",
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
    quoted_to = () if found.quoted is None else found.quoted.recipients
    assert not any(
        "@" in one for one in (*found.original_rcpt_to, *quoted_to, found.original_mail_from, found.dkim_identity)
    )
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
    "feedback.ses_event",
    words=b'{ } [ ] , : " null "eventType": "notificationType": "mail": "bounce": "complaint": "delivery": "send": "reject": "failure": '
    b'"deliveryDelay": "subscription": "Bounce" "Complaint" "DeliveryDelay" "Rendering Failure" "messageId": "timestamp": "source": '
    b'"sourceArn": "destination": "bouncedRecipients": "emailAddress": "diagnosticCode": "status": "Message": "Sns": "detail": '
    b'"Records": "body": "Type": "SubscriptionConfirmation" "2026-11-24T01:00:00.000Z" "a@b.example" "550 5.7.26 gsmtp" \\"',
    phrases=(b'{{400*{"detail":', b"}}", b"\n", b"arn:aws:ses:eu-west-1:123456789012:identity/a@b.example"),
    cut=rb"[,:{}\[\]]|\n", seeds="events", longest=700,
)  # fmt: skip
def event(data: bytes) -> None:
    """Events of SES: each is one or refused, and no recipient's whole address is kept that nobody asked for."""
    with lowered(ses_event, MAX_JSON=2_000):
        events = ses_event.parse(inflated(data, few=2_000))
    for found in events:
        if isinstance(found, ses_event.SesEvent):
            assert all(not one.address and "@" not in one.domain for one in found.recipients)
            msgspec.json.encode(found)
        else:
            assert found.text.ja
    ses_event.parse(data, addresses=True)
