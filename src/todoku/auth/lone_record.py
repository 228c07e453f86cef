"""A TXT record that begins with a version and counts only where it is the only one of its kind at its name.

MTA-STS (RFC 8461 section 3.1), TLS-RPT (RFC 8460 section 3) and BIMI look for their records in this one way.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Literal

import msgspec

from todoku.auth.ask import Answer

FIELD = r"[A-Za-z0-9][A-Za-z0-9_.-]{0,31}=[!-:<>-~]+"
"""An extension field of MTA-STS and TLS-RPT: a name, then a value without ``=`` and ``;``."""


class LoneRecord(msgspec.Struct, frozen=True, kw_only=True):
    """What stands at the name. ``detail`` says what is wrong with a record that is ``invalid``."""

    name: str
    status: Literal["none", "found", "several", "invalid", "dns-failed"]
    record: str = ""
    detail: str = ""
    answer: Answer


def lone_record(answer: Answer, version: re.Pattern[str], defect: Callable[[str], str]) -> LoneRecord:
    """The one record of this ``version`` in an answer; ``defect`` says what is wrong with a record, or ""."""
    name = answer.question.name
    if answer.failed:
        return LoneRecord(name=name, status="dns-failed", detail=answer.status, answer=answer)
    records = [record for record in answer.records if version.match(record)]
    if not records:
        return LoneRecord(name=name, status="none", answer=answer)
    if len(records) > 1:
        return LoneRecord(name=name, status="several", record=records[0], detail=str(len(records)), answer=answer)
    wrong = defect(records[0])
    return LoneRecord(name=name, status="invalid" if wrong else "found", record=records[0], detail=wrong, answer=answer)
