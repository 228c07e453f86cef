"""Recording a look and looking again from the record: the same version gives the same verdicts, another says what differs."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Literal

import msgspec

from todoku import __version__
from todoku.api import Settings, check, check_domain
from todoku.errors import UsageError
from todoku.judge import Report
from todoku.net.bundle import Bundle, read_bundle, write_bundle
from todoku.net.drive import Recorded, Transcript
from todoku.receivers import RULES_READ
from todoku.report.document import ReportDocument, VerdictPart
from todoku.report.json import document
from todoku.verdict import Text


class Record(msgspec.Struct, frozen=True, kw_only=True):
    """What a bundle's options hold: by which version, under which name and how it was looked at."""

    version: str
    name: str
    settings: Settings
    kind: Literal["message", "domain"] = "message"  # a domain's bundle holds an empty message


class Difference(msgspec.Struct, frozen=True):
    """A verdict that is not as it was recorded; "" where there was or is none."""

    requirement: str
    receiver: str
    before: str
    after: str


def keep(path: Path, report: Report, settings: Settings, message: bytes) -> None:
    """Write the bundle of a look: its message (empty where a domain was looked at), how it was looked at, every answer, and the report."""
    settled = msgspec.structs.replace(settings, as_of=report.terms.as_of)
    subject = report.evidence.subject
    kind: Literal["message", "domain"] = "domain" if subject.kind == "domain" else "message"
    record = Record(version=__version__, name=subject.name, settings=settled, kind=kind)
    write_bundle(
        path,
        Bundle(
            message=message,
            options=msgspec.to_builtins(record),
            transcript=report.transcript,
            report=msgspec.json.encode(document(report)),
            rules=RULES_READ.isoformat(),
        ),
    )


def look_again(path: Path) -> tuple[Report, tuple[Difference, ...], str]:
    """The report judged again from a bundle, how it differs from the recorded one, and the version that recorded it.

    Raises ``UsageError`` where the file is no bundle.
    """
    bundle = read_bundle(path)
    try:
        record = msgspec.convert(bundle.options, Record)
        recorded = msgspec.json.decode(bundle.report, type=ReportDocument)
    except (msgspec.ValidationError, msgspec.DecodeError):
        raise UsageError(
            Text(
                f"{path}: this bundle was written by a version that this one cannot read",
                f"{path}: このバージョンでは読めない形式の記録です",
            )
        ) from None
    source = Recorded(Transcript(bundle.transcript))
    if record.kind == "domain":
        report = check_domain(record.name, resolver=source, settings=record.settings)
    else:
        report = check(bundle.message, resolver=source, name=record.name, settings=record.settings)
    return report, tuple(_differences(recorded.verdicts, document(report).verdicts)), record.version


def _differences(before: Iterable[VerdictPart], after: Iterable[VerdictPart]) -> Iterable[Difference]:
    then = {(one.requirement, one.receiver): f"{one.result} ({one.reason})" for one in before}
    now = {(one.requirement, one.receiver): f"{one.result} ({one.reason})" for one in after}
    for key in dict.fromkeys((*then, *now)):
        if then.get(key, "") != now.get(key, ""):
            yield Difference(key[0], key[1], then.get(key, ""), now.get(key, ""))
