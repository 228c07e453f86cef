"""Raw octets as what the store keeps of them. No I/O, no clock: it runs where there is neither key nor network."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from hashlib import sha256

import msgspec
import pyarrow as pa

from todoku.feedback import failure, ses_event, tlsrpt
from todoku.feedback.aggregate import Columns, Head, report_key, stream
from todoku.feedback.refusal import Refusal, Refused
from todoku.feedback.rows import SCHEMA, Part, batch
from todoku.feedback.wrapping import Document, unwrap
from todoku.intake.budget import Budget, no_clock
from todoku.intake.gathered import LARGE, Gathered
from todoku.intake.rows import EVENT, FEEDBACK, TLS, event_rows, feedback_row, tls_rows
from todoku.intake.verify import Request, Signed
from todoku.store.raw import moment
from todoku.words.verdict import Values

__all__ = ["KIND", "SCHEMAS", "Found", "Parsed", "Reading", "Request", "Trouble", "read", "version_of"]

KIND = "report-kind"
"""The reason of a document that is no kind of report that is stored yet."""


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """A report that was read whole. ``version`` tells it from another that bears the same ``key`` and says something else.

    ``contact`` is the address at which the reporter can be reached, "" where it names none. ``messages`` is how many messages an
    aggregate report tells of. Its rows stand in the ``Reading``.
    """

    kind: str
    key: str
    version: str
    org: str
    report_id: str
    domain: str
    begin: int
    end: int
    contact: str = ""
    messages: int = 0


class Trouble(msgspec.Struct, frozen=True):
    """What could not be read: the tag of the reason, and what its text tells."""

    reason: str
    values: Values = {}


class Parsed(msgspec.Struct, frozen=True):
    """Everything in some raw octets: each report in them is whole or a trouble."""

    found: tuple[Found, ...] = ()
    troubles: tuple[Trouble, ...] = ()


class Reading(msgspec.Struct, frozen=True):
    """What is in some requests, in their order, and the rows of all reports that were found: a stream of Arrow for each kind.

    A report that was found twice has its rows once. ``signed``: of mail whose signers were asked for.
    """

    parsed: tuple[Parsed, ...]
    rows: dict[str, bytes]
    signed: tuple[Signed, ...] = ()


def read(requests: Sequence[Request], spent: Callable[[], float] = no_clock) -> Reading:
    """Everything in the requests. ``spent``: seconds of the processor so far, by which each request is bounded."""
    rows = Gathered()
    parsed = tuple(_parsed(request, rows, Budget(len(request.octets), spent)) for request in requests)
    return Reading(parsed, rows.streams())


def _parsed(request: Request, rows: Gathered, budget: Budget) -> Parsed:
    now = moment(request.received)
    found: list[Found] = []
    troubles: list[Trouble] = []
    documents = unwrap(request.octets) if not request.authentic else ()
    events = _events(request.octets, now, rows) if request.authentic else ()
    for one in (*events, *(_read(document, now, rows, budget) for document in documents)):
        if isinstance(one, Found):
            found.append(one)
        else:
            troubles.append(one)
    return Parsed(tuple(found), tuple(troubles))


def _refused(refused: Refused) -> Trouble:
    return Trouble(refused.tag, refused.values)


def _read(document: Document | Refused, now: datetime, rows: Gathered, budget: Budget) -> Found | Trouble:
    if isinstance(document, Refused):
        return _refused(document)
    reader = READERS.get(document.kind)
    if reader is None:
        return Trouble(KIND, {"kind": document.kind})
    try:
        budget.take()
        return reader(document, now, rows, budget)
    except Refusal as refusal:
        return _refused(refusal.refused)


def _aggregate(document: Document, now: datetime, rows: Gathered, budget: Budget) -> Found | Trouble:
    """A DMARC aggregate report: its rows are kept only when the stream has ended without ``Refused``."""
    head: Head | None = None
    version = key = ""
    parts: list[Part | pa.RecordBatch] = []
    messages = 0
    digest = _digest(document.pieces())
    for part in stream(document.pieces(), now=now):
        if isinstance(part, Refused):
            return _refused(part)
        if isinstance(part, Head):
            head = part
            key = report_key(head.metadata, head.policy)
            version = version_of("aggregate", key, digest)
        elif head is not None:
            budget.take(len(part.count))
            made = (head, part, version)
            parts.append(batch([made]) if len(part.count) > LARGE else made)
            messages += _messages(part)
    if head is None:
        raise AssertionError("a stream without Refused begins with a Head")
    rows.add_aggregate(version, parts)
    return Found(
        kind="aggregate",
        key=key,
        version=version,
        org=head.metadata.org_name,
        report_id=head.metadata.report_id,
        domain=head.policy.domain,
        begin=head.metadata.begin,
        end=head.metadata.end,
        contact=head.metadata.email,
        messages=messages,
    )


def _messages(columns: Columns) -> int:
    return sum(columns.count)


def _digest(pieces: Iterable[bytes]) -> bytes:
    digest = sha256()
    for piece in pieces:
        digest.update(piece)
    return digest.digest()


def version_of(kind: str, key: str, digest: bytes) -> str:
    """What tells this report from every other, 32 hexadecimal digits."""
    return sha256(b"\0".join((kind.encode(), key.encode(), digest))).hexdigest()[:32]


def _tls(document: Document, now: datetime, rows: Gathered, budget: Budget) -> Found | Trouble:
    """An SMTP TLS report; another JSON document is none, and is set aside: whether an event of SES is true is not known here."""
    octets = document.content()
    if b'"date-range"' not in octets:  # RFC 8460 4.4: it must be there
        return Trouble(KIND, {"kind": document.kind})
    report = tlsrpt.parse([octets], now=now)
    if report.refused is not None:
        return _refused(report.refused)
    budget.take(sum(1 + len(policy.failures) for policy in report.policies))
    domain = next((policy.domain for policy in report.policies if policy.domain), "")
    about = (report.organization_name, report.report_id, str(report.begin), str(report.end), domain)
    key = _digest([chr(0).join(about).encode()]).hex()[:32]
    version = version_of("tls", key, _digest([octets]))
    rows.add("tls", version, tls_rows(report, version))
    return Found(
        kind="tls",
        key=key,
        version=version,
        org=report.organization_name,
        report_id=report.report_id,
        domain=domain,
        begin=report.begin,
        end=report.end,
        contact=report.contact_info,
    )


def _feedback(document: Document, now: datetime, rows: Gathered, _budget: Budget) -> Found | Trouble:
    """A complaint, or a failure report: it has no name, so that the same octets alone are the same one."""
    octets = document.content()
    report = failure.parse(octets)
    if report.refused is not None:
        return _refused(report.refused)
    key = _digest([octets]).hex()[:32]
    version = version_of("feedback", key, b"")
    received = int(now.timestamp())
    arrived = report.arrival_date
    at = arrived if arrived is not None and 0 <= arrived <= received else received
    quoted = report.quoted.from_domain if report.quoted is not None else ""
    rows.add("feedback", version, feedback_row(report, version, at))
    return Found(
        kind="feedback",
        key=key,
        version=version,
        org=report.reporting_mta or report.user_agent,
        report_id="",
        domain=next(iter(report.reported_domain), "") or report.dkim_domain or quoted,
        begin=at,
        end=at,
    )


def _events(raw: bytes, now: datetime, rows: Gathered) -> Iterator[Found | Trouble]:
    """What SES told of messages. An event is the same as another of the same message, kind, time and recipients."""
    received = int(now.timestamp())
    for event in ses_event.parse(raw, addresses=True):
        if isinstance(event, Refused):
            yield _refused(event)
            continue
        about = (event.message_id, event.kind, str(event.at), *sorted(one.address for one in event.recipients))
        key = _digest([chr(0).join(about).encode()]).hex()[:32]
        version = version_of("event", key, b"")
        at = event.at if event.at is not None and 0 <= event.at <= received else received
        rows.add("event", version, event_rows(ses_event.without_addresses(event), version, at))
        yield Found(
            kind="event",
            key=key,
            version=version,
            org="Amazon SES",
            report_id=event.message_id,
            domain=event.identity or event.from_domain or event.mail_from_domain,
            begin=at,
            end=at,
        )


READERS: dict[str, Callable[[Document, datetime, Gathered, Budget], Found | Trouble]] = {
    "xml": _aggregate,
    "json": _tls,
    "mail": _feedback,
}
SCHEMAS = {"aggregate": SCHEMA, "event": EVENT, "feedback": FEEDBACK, "tls": TLS}
"""The columns of each kind of row."""
