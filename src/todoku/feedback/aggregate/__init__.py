"""DMARC aggregate reports: RFC 9990, RFC 7489 appendix C."""

from todoku.feedback.aggregate.head import Head
from todoku.feedback.aggregate.read import Columns, parse, stream
from todoku.feedback.aggregate.report import (
    AggregateReport,
    DkimAuth,
    Extension,
    OverrideReason,
    PolicyPublished,
    Record,
    ReportMetadata,
    SpfAuth,
    report_key,
)

__all__ = [
    "AggregateReport",
    "Columns",
    "DkimAuth",
    "Extension",
    "Head",
    "OverrideReason",
    "PolicyPublished",
    "Record",
    "ReportMetadata",
    "SpfAuth",
    "parse",
    "report_key",
    "stream",
]
