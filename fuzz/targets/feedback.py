"""What receivers send back: aggregate reports, in whatever they come in."""

from __future__ import annotations

import base64
import gzip
from datetime import UTC, datetime
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile

from targets.registry import inflated, target
from todoku.errors import ReportRefused
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
            assert all(record.count > 0 and record.source_ip for record in report.records)


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
