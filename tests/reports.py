"""What the tests of reports share: a report of any kind with what a test wants changed, and what it may be packed in."""

from __future__ import annotations

import base64
import gzip
import io
import json
import zipfile

RECORD = """<record><row><source_ip>192.0.2.1</source_ip><count>3</count><policy_evaluated><disposition>none</disposition>\
<dkim>pass</dkim><spf>fail</spf></policy_evaluated></row><identifiers><header_from>example.com</header_from></identifiers>\
<auth_results><dkim><domain>example.com</domain><selector>s1</selector><result>pass</result></dkim>\
<spf><domain>bounce.example.com</domain><scope>mfrom</scope><result>softfail</result></spf></auth_results></record>"""

REPORT = f"""<?xml version="1.0" encoding="UTF-8"?>
<feedback xmlns="urn:ietf:params:xml:ns:dmarc-2.0"><version>1.0</version><report_metadata><org_name>receiver.example</org_name>
<email>dmarc@receiver.example</email><report_id>r1@receiver.example</report_id>
<date_range><begin>1764000000</begin><end>1764086399</end></date_range></report_metadata>
<policy_published><domain>example.com</domain><adkim>r</adkim><aspf>s</aspf><p>quarantine</p><sp>none</sp><np>reject</np>\
<testing>n</testing><discovery_method>treewalk</discovery_method></policy_published>
{RECORD}
</feedback>
"""


def xml(*changes: tuple[str, str], report: str = REPORT) -> bytes:
    """The report with each (before, after) changed; before must be there."""
    for before, after in changes:
        assert before in report, before
        report = report.replace(before, after)
    return report.encode()


def zipped(*members: tuple[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A zip archive of the members, each a name and what it holds."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", method) as writer:
        for name, octets in members:
            writer.writestr(name, octets)
    return archive.getvalue()


def mail(
    *parts: tuple[str, bytes], encoding: str = "base64", content_type: str = "multipart/mixed", line_end: str = "\r\n"
) -> bytes:
    """A message with a text and these attachments, each a media type and what it holds."""
    head = ["From: dmarc@receiver.example", "To: reports@example.com", "Subject: Report domain: example.com"]
    lines = [*head, "MIME-Version: 1.0", f'Content-Type: {content_type}; boundary="b"', "", "--b", "", "See attached."]
    for kind, octets in parts:
        text = base64.encodebytes(octets).decode() if encoding == "base64" else octets.decode("latin-1")
        lines += ["--b", f"Content-Type: {kind}", f"Content-Transfer-Encoding: {encoding}", "", *text.splitlines()]
    return (line_end.join([*lines, "--b--", ""])).encode("latin-1")


GZIPPED = gzip.compress(REPORT.encode(), mtime=0)

TLS = {
    "organization-name": "Receiver",
    "date-range": {"start-datetime": "2026-11-23T00:00:00Z", "end-datetime": "2026-11-23T23:59:59Z"},
    "contact-info": "tls@receiver.example",
    "report-id": "t1",
    "policies": [
        {
            "policy": {
                "policy-type": "sts",
                "policy-string": ["version: STSv1", "mode: enforce"],
                "policy-domain": "example.com",
                "mx-host": ["*.mail.example.com"],
            },
            "summary": {"total-successful-session-count": 12, "total-failure-session-count": 3},
            "failure-details": [
                {"result-type": "certificate-expired", "sending-mta-ip": "192.0.2.9", "failed-session-count": 3}
            ],
        }
    ],
}


def tls(**changes: object) -> bytes:
    """The TLS report with these members, whose names have _ for -, changed at its top."""
    return json.dumps({**TLS, **{name.replace("_", "-"): value for name, value in changes.items()}}).encode()
