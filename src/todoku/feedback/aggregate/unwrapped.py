"""Aggregate reports from whatever they came in."""

from __future__ import annotations

from datetime import datetime

from todoku.feedback.aggregate.read import parse
from todoku.feedback.aggregate.report import AggregateReport, PolicyPublished, ReportMetadata
from todoku.feedback.refusal import NONE_INSIDE, Refused
from todoku.feedback.wrapping import DEFAULT, Limits, unwrap
from todoku.words.errors import ReportRefused


def aggregate_reports(raw: bytes, *, now: datetime | None = None, limits: Limits = DEFAULT) -> list[AggregateReport]:
    """Every aggregate report in the octets of a file or a message, in order, those that are refused too.

    Raises ``ReportRefused`` where there is none of which at least the head can be read.
    """
    found = []
    for document in unwrap(raw, limits):
        if isinstance(document, Refused):
            found.append(_refused(document))
        elif document.kind == "xml":
            found.append(parse(document.pieces(), now=now, name=document.name))
    if not any(report.policy.domain for report in found):
        why = next((report.refused for report in found if report.refused), Refused(NONE_INSIDE))
        raise ReportRefused(why.text, why.tag)
    return found


def _refused(why: Refused) -> AggregateReport:
    return AggregateReport(metadata=ReportMetadata(), policy=PolicyPublished(), refused=why, name=why.name)
