"""The TLS-RPT record of a domain: where reports on TLS failures go. RFC 8460 section 3.

    tlsrpt-record = tlsrpt-version 1*(field-delim tlsrpt-field) [field-delim]
    tlsrpt-rua    = %s"rua=" tlsrpt-uri *(*WSP "," *WSP tlsrpt-uri)

It concerns mail *to* the domain.
"""

from __future__ import annotations

import re

from todoku.auth.ask import Ask, ask
from todoku.auth.lone_record import FIELD, LoneRecord, lone_record

VERSION = re.compile(r"v=TLSRPTv1[ \t]*(?:;|\Z)")
# RFC 3986 2 without the characters that must be encoded here: "!", "," and ";"
_URI = r"(?:mailto|https):(?:[A-Za-z0-9._~:/?#\[\]@$&'()*+=-]|%[0-9A-Fa-f]{2})+"
_RUA = rf"rua={_URI}(?:[ \t]*,[ \t]*{_URI})*"
RECORD = re.compile(rf"v=TLSRPTv1(?:[ \t]*;[ \t]*(?:{_RUA}|(?!rua=){FIELD}))+[ \t]*(?:;[ \t]*)?")


def tls_rpt(domain: str) -> Ask[LoneRecord]:
    """The TLS-RPT record of ``domain``."""
    return lone_record((yield from ask(f"_smtp._tls.{domain}", "TXT")), VERSION, defect)


def defect(record: str) -> str:
    """What makes the record invalid, in a few words, or ""."""
    if VERSION.match(record) is None:
        return "v=TLSRPTv1 is not first"
    names = [part.strip(" \t").partition("=")[0] for part in record.split(";")[1:]]
    if "rua" not in names:
        return "rua= is missing"
    return "" if RECORD.fullmatch(record) else "not a list of name=value, or rua= is not mailto: or https:"
