"""Rows of the other kinds of reports: SMTP TLS reports, one for each policy; complaints and failure reports, one for each;
events of SES, one for each recipient.

None holds an address of a person: recipients and senders are kept as their domains. Columns are added at the end,
never renamed or dropped. The rows of aggregate reports are ``feedback/rows.py``'s; ``vouched_by`` is as there, and is filled in by
whoever knows it.
"""

from __future__ import annotations

import pyarrow as pa

from todoku.feedback.failure import FeedbackReport
from todoku.feedback.ses_event import Recipient, SesEvent
from todoku.feedback.tlsrpt import TlsReport

_FAILURE = {
    "result_type": pa.string(),
    "count": pa.int64(),
    "sending_mta_ip": pa.string(),
    "receiving_ip": pa.string(),
    "receiving_mx_hostname": pa.string(),
    "failure_reason_code": pa.string(),
}

TLS = pa.schema(
    [
        ("report_key", pa.string()),
        ("organization_name", pa.string()),
        ("contact_info", pa.string()),
        ("report_id", pa.string()),
        ("begin", pa.int64()),  # seconds of UTC
        ("end", pa.int64()),
        ("policy_type", pa.string()),
        ("policy_domain", pa.string()),
        ("successful", pa.int64()),  # sessions
        ("failed", pa.int64()),
        ("failures", pa.list_(pa.struct(_FAILURE))),
        ("vouched_by", pa.string()),
    ]
)
"""RFC 8460 section 4.4."""

FEEDBACK = pa.schema(
    [
        ("report_key", pa.string()),
        ("feedback_type", pa.string()),
        ("at", pa.int64()),  # seconds of UTC: when the message arrived that it is about, else when the report did
        ("user_agent", pa.string()),
        ("reporting_mta", pa.string()),
        ("incidents", pa.int64()),
        ("source_ip", pa.string()),
        ("reported_domain", pa.list_(pa.string())),
        ("auth_failure", pa.string()),
        ("delivery_result", pa.string()),
        ("dkim_domain", pa.string()),
        ("dkim_selector", pa.string()),
        ("from_domain", pa.string()),
        ("message_id", pa.string()),
        ("feedback_id", pa.string()),
        ("vouched_by", pa.string()),
    ]
)
"""RFC 5965 section 3, RFC 6591 section 3; the three before the last are of the message that is quoted."""

_OF_EVENT = (
    *(
        "kind",
        "message_id",
        "type",
        "subtype",
        "reason",
        "from_domain",
        "mail_from_domain",
        "identity",
        "region",
        "account",
    ),
    *("configuration_set", "feedback_id", "reporting_mta", "remote_ip"),
)

EVENT = pa.schema(
    [
        ("report_key", pa.string()),
        ("at", pa.int64()),  # seconds of UTC
        ("sent_at", pa.int64()),
        ("recipient", pa.int64()),  # which of the event, from 0
        ("recipient_domain", pa.string()),
        ("status", pa.string()),  # RFC 3463
        ("diagnostic_code", pa.string()),
        ("diagnosis", pa.string()),  # what the receiver's reply means: a tag of ``feedback/bounce.py``
        *((name, pa.string()) for name in _OF_EVENT),
        ("tags", pa.list_(pa.string())),  # name=value
    ]
)
"""What SES tells: ``type`` and ``subtype`` are its own words. An event without recipients has one row, whose domain is ""."""


def tls_rows(report: TlsReport, version: str) -> pa.RecordBatch:
    """The policies of a TLS report."""
    return pa.RecordBatch.from_pylist(
        [
            {
                "report_key": version,
                "organization_name": report.organization_name,
                "contact_info": report.contact_info,
                "report_id": report.report_id,
                "begin": report.begin,
                "end": report.end,
                "policy_type": policy.type,
                "policy_domain": policy.domain,
                "successful": policy.successful,
                "failed": policy.failed,
                "failures": [{name: getattr(failure, name) for name in _FAILURE} for failure in policy.failures],
            }
            for policy in report.policies
        ],
        schema=TLS,
    )


def feedback_row(report: FeedbackReport, version: str, at: int) -> pa.RecordBatch:
    """The one row of a complaint or a failure report."""
    quoted = report.quoted
    row = {name: getattr(report, name) for name in FEEDBACK.names if name in report.__struct_fields__}
    row |= {"report_key": version, "at": at, "reported_domain": list(report.reported_domain)}
    if quoted is not None:
        row |= {name: getattr(quoted, name) for name in ("from_domain", "message_id", "feedback_id")}
    return pa.RecordBatch.from_pylist([row], schema=FEEDBACK)


def event_rows(event: SesEvent, version: str, at: int) -> pa.RecordBatch:
    """A row for each recipient: a bounce counts once for each."""
    shared = {name: getattr(event, name) for name in _OF_EVENT}
    shared |= {"report_key": version, "at": at, "sent_at": event.sent_at, "tags": list(event.tags)}
    return pa.RecordBatch.from_pylist(
        [
            {
                **shared,
                "recipient": number,
                "recipient_domain": recipient.domain,
                "status": recipient.status,
                "diagnostic_code": recipient.diagnostic_code,
                "diagnosis": recipient.diagnosis.tag if recipient.diagnosis is not None else "",
            }
            for number, recipient in enumerate(event.recipients or (Recipient(domain=""),))
        ],
        schema=EVENT,
    )
