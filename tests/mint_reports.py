"""Aggregate reports made for tests: each has a number, and tells of as many messages as that number says."""

from __future__ import annotations

import base64
import gzip
import io
import random
import zipfile

DAY = 86_400
BEGIN = 1_700_000_000 // DAY * DAY


def aggregate(
    number: int, *, count: int = 1, records: int = 2, domain: str = "example.com", begin: int | None = None
) -> bytes:
    """Report ``number``: its records count ``count`` messages each."""
    first = BEGIN + number % 90 * DAY if begin is None else begin
    rows = "".join(
        f"<record><row><source_ip>192.0.2.{one + 1}</source_ip><count>{count}</count><policy_evaluated>"
        "<disposition>none</disposition><dkim>pass</dkim><spf>fail</spf></policy_evaluated></row>"
        f"<identifiers><header_from>{domain}</header_from></identifiers><auth_results><spf><domain>{domain}</domain>"
        "<result>fail</result></spf></auth_results></record>"
        for one in range(records)
    )
    return (
        '<?xml version="1.0"?><feedback><report_metadata><org_name>receiver.example</org_name><email>a@receiver.example</email>'
        f"<report_id>r{number}</report_id><date_range><begin>{first}</begin><end>{first + DAY - 1}</end></date_range>"
        f"</report_metadata><policy_published><domain>{domain}</domain><p>none</p></policy_published>{rows}</feedback>"
    ).encode()


def zipped(*members: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for number, octets in enumerate(members):
            archive.writestr(zipfile.ZipInfo(f"{number}.xml"), octets, zipfile.ZIP_DEFLATED)
    return file.getvalue()


def mailed(octets: bytes, number: int = 0) -> bytes:
    """A message with the report attached, as receivers send it."""
    attached = base64.encodebytes(gzip.compress(octets, mtime=0)).replace(b"\n", b"\r\n")
    return (
        f"From: dmarc@receiver.example\r\nSubject: Report {number}\r\nMIME-Version: 1.0\r\n".encode()
        + b"Content-Type: application/gzip\r\nContent-Transfer-Encoding: base64\r\n\r\n"
        + attached
    )


def wrapped(number: int, octets: bytes) -> bytes:
    """The report in one of the wrappings, which the number decides."""
    match number % 4:
        case 0:
            return octets
        case 1:
            return gzip.compress(octets, mtime=0)
        case 2:
            return zipped(octets)
    return mailed(octets, number)


def five_times(octets: list[bytes], seed: int) -> list[bytes]:
    """Each of them five times, in some order."""
    many = octets * 5
    random.Random(seed).shuffle(many)
    return many
