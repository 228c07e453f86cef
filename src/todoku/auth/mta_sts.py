"""The MTA-STS record of a domain: that its mail servers are to be reached over TLS. RFC 8461 section 3.1.

    sts-text-record = sts-version 1*(sts-field-delim sts-field) [sts-field-delim]
    sts-id          = %s"id=" 1*32(ALPHA / DIGIT)

It concerns mail *to* the domain. The policy itself lies on a web server and is not fetched.
"""

from __future__ import annotations

import re

from todoku.auth.ask import Ask, ask
from todoku.auth.lone_record import FIELD, LoneRecord, lone_record

VERSION = re.compile(r"v=STSv1[ \t]*(?:;|\Z)")
RECORD = re.compile(rf"v=STSv1(?:[ \t]*;[ \t]*{FIELD})+(?:[ \t]*;[ \t]*)?")
ID = re.compile(r"[A-Za-z0-9]{1,32}")


def mta_sts(domain: str) -> Ask[LoneRecord]:
    """The MTA-STS record of ``domain``."""
    return lone_record((yield from ask(f"_mta-sts.{domain}", "TXT")), VERSION, defect)


def defect(record: str) -> str:
    """What makes the record invalid, in a few words, or ""."""
    if VERSION.match(record) is None:
        return "v=STSv1 is not first"
    if RECORD.fullmatch(record) is None:
        return "not a list of name=value" if ";" in record.removesuffix(";") else "id= is missing"
    ids = [field.partition("=")[2] for part in record.split(";")[1:] if (field := part.strip(" \t")).startswith("id=")]
    if not ids:
        return "id= is missing"
    return "" if ID.fullmatch(ids[0]) else "id= is not 1 to 32 letters and digits"
