"""An aggregate report as the XML of RFC 9990 appendix A: for samples, and to hold the reader against."""

from __future__ import annotations

import re

from lxml import etree
from lxml.etree import _Element as Element

from todoku.feedback.aggregate.report import AggregateReport, Extension, PolicyPublished, Record, ReportMetadata

NAMESPACE = "urn:ietf:params:xml:ns:dmarc-2.0"  # RFC 9990 6.1
_NOT_XML = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # XML 1.0 2.2
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*")
_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[!-;=?-\[\]_a-z~]+")


def format_report(report: AggregateReport) -> bytes:
    """The report as XML in UTF-8. What is "" is left out; characters that XML cannot hold become U+FFFD."""
    feedback = etree.Element(f"{{{NAMESPACE}}}feedback", nsmap={None: NAMESPACE})
    _leaf(feedback, "version", report.version)
    _metadata(_child(feedback, "report_metadata"), report.metadata)
    _policy(_child(feedback, "policy_published"), report.policy)
    if report.extensions:
        _extensions(_child(feedback, "extension"), report.extensions)
    for record in report.records:
        _record(_child(feedback, "record"), record)
    return etree.tostring(feedback, encoding="utf-8", xml_declaration=True)


def _child(parent: Element, name: str) -> Element:
    return etree.SubElement(parent, f"{{{NAMESPACE}}}{name}")


def _leaf(parent: Element, name: str, text: str | int | None) -> None:
    if text not in ("", None):
        _child(parent, name).text = _NOT_XML.sub("\ufffd", str(text))


def _metadata(parent: Element, metadata: ReportMetadata) -> None:
    """RFC 9990 section 3.1.1.3."""
    for name in ("org_name", "email", "extra_contact_info", "report_id"):
        _leaf(parent, name, getattr(metadata, name))
    dates = _child(parent, "date_range")
    _leaf(dates, "begin", metadata.begin)
    _leaf(dates, "end", metadata.end)
    for error in metadata.errors:
        _leaf(parent, "error", error)
    _leaf(parent, "generator", metadata.generator)


def _policy(parent: Element, policy: PolicyPublished) -> None:
    """RFC 9990 section 3.1.1.5, and ``pct`` of RFC 7489."""
    for name in ("domain", "discovery_method", "p", "sp", "np", "fo", "adkim", "aspf", "testing", "pct"):
        _leaf(parent, name, getattr(policy, name))


def _extensions(parent: Element, extensions: tuple[Extension, ...]) -> None:
    """RFC 9990 section 5: an element in the namespace that defines it; as drafts had it where that makes no XML name."""
    for extension in extensions:
        if _NAME.fullmatch(extension.name) and _URI.fullmatch(extension.definition):
            etree.SubElement(parent, f"{{{extension.definition}}}{extension.name}")
        else:
            child = _child(parent, "extension")
            child.set("name", _NOT_XML.sub("\ufffd", extension.name))
            child.set("definition", _NOT_XML.sub("\ufffd", extension.definition))


def _record(parent: Element, record: Record) -> None:
    """RFC 9990 section 3.1.1.7."""
    row = _child(parent, "row")
    _leaf(row, "source_ip", record.source_ip)
    _leaf(row, "count", record.count)
    evaluated = _child(row, "policy_evaluated")
    for name in ("disposition", "dkim", "spf"):
        _leaf(evaluated, name, getattr(record, name))
    for reason in record.reasons:
        child = _child(evaluated, "reason")
        _leaf(child, "type", reason.type)
        _leaf(child, "comment", reason.comment)
    identifiers = _child(parent, "identifiers")
    for name in ("header_from", "envelope_from", "envelope_to"):
        _leaf(identifiers, name, getattr(record, name))
    results = _child(parent, "auth_results")
    for signature in record.auth_dkim:
        child = _child(results, "dkim")
        for name in ("domain", "selector", "result", "human_result"):
            _leaf(child, name, getattr(signature, name))
    for sender in record.auth_spf:
        child = _child(results, "spf")
        for name in ("domain", "scope", "result", "human_result"):
            _leaf(child, name, getattr(sender, name))
    _extensions(parent, record.extensions)
