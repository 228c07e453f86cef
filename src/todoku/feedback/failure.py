"""Reports about one message: complaints, and failures of authentication. RFC 5965, RFC 6591, RFC 9991.

A complaint is what a receiver's user said by the "spam" button (Yahoo's complaint feedback loop); a failure report shows
one message that did not pass. Both quote a message that somebody got, so no more of it is kept than tells what was sent
and how: domains, never whole addresses, unless the caller asks for them to suppress a recipient.
"""

from __future__ import annotations

import msgspec

from todoku.feedback import values
from todoku.feedback.feedback_types import (
    AUTH_FAILURES,
    DELIVERIES,
    FEEDBACK_TYPES,
    AuthFailure,
    Delivery,
    FeedbackType,
)
from todoku.feedback.other_forms import MAX_HEADER as MAX_QUOTED
from todoku.feedback.other_forms import Form, other_form
from todoku.feedback.refusal import NOT_FEEDBACK, NOT_XML, Refusal, Refused
from todoku.mail.address import parse_author
from todoku.mail.authres import AuthenticationResults, parse_authentication_results
from todoku.mail.dates import parse_date
from todoku.mail.host_address import host_address
from todoku.mail.message import Field, Message, scan
from todoku.mail.mime import Mime, Part, decoded, mime_tree
from todoku.mail.saved import read_saved
from todoku.mail.tags import parse_tags
from todoku.words.errors import NotAMessage

MAX_REPORT = 64 * 1024  # octets of message/feedback-report
MAX_REPEATED = 100  # fields of one name
MAX_INCIDENTS = values.MAX_COUNT

_TYPE, _FAILURE, _DELIVERY = values.word(FEEDBACK_TYPES), values.word(AUTH_FAILURES), values.word(DELIVERIES)
_QUOTED = frozenset(
    {"message/rfc822", "message/global", "text/rfc822-headers", "message/rfc822-headers", "message/global-headers"}
)


class QuotedMessage(msgspec.Struct, frozen=True, kw_only=True):
    """What is kept of the message that the report is about. ``dkim`` are (d=, s=) of its signatures."""

    from_domain: str = ""
    message_id: str = ""
    feedback_id: str = ""
    list_id: str = ""
    date: int | None = None  # seconds of UTC
    dkim: tuple[tuple[str, str], ...] = ()
    recipients: tuple[str, ...] = ()  # domains of To; addresses where they were asked for


class FeedbackReport(msgspec.Struct, frozen=True, kw_only=True):
    """One report. Where ``refused`` says why, it holds nothing else. Names are those of the fields of RFC 5965 and 6591.

    ``original_mail_from``, ``original_rcpt_to`` and ``dkim_identity`` hold domains, or addresses where they were asked for.
    """

    feedback_type: FeedbackType = "other"
    user_agent: str = ""
    version: str = ""
    arrival_date: int | None = None  # seconds of UTC
    source_ip: str = ""
    reporting_mta: str = ""
    incidents: int = 1
    original_envelope_id: str = ""
    original_mail_from: str = ""
    original_rcpt_to: tuple[str, ...] = ()
    reported_domain: tuple[str, ...] = ()
    authentication_results: tuple[AuthenticationResults, ...] = ()
    auth_failure: AuthFailure = ""
    delivery_result: Delivery = ""
    identity_alignment: tuple[str, ...] = ()  # RFC 9991 4: of "spf", "dkim" and "none"
    dkim_domain: str = ""
    dkim_identity: str = ""
    dkim_selector: str = ""
    quoted: QuotedMessage | None = None
    refused: Refused | None = None


def parse(octets: bytes, *, addresses: bool = False) -> FeedbackReport:
    """The report that a message is. Never raises: ``refused`` says why there is none. ``addresses``: keep whole ones."""
    try:
        message = read_saved(octets).message
    except NotAMessage:
        return FeedbackReport(refused=Refusal(NOT_XML).refused)
    form = _form(message, mime_tree(message))
    fields = None if form is None else _header(form.fields)
    if form is None or fields is None or fields.first("feedback-type") is None:  # RFC 5965 3.1: it must be there
        return FeedbackReport(refused=Refusal(NOT_FEEDBACK).refused)
    quoted = _quoted(form.quoted, addresses=addresses) if form.quoted else None
    return _report(fields, quoted, addresses=addresses)


def is_report(message: Message, mime: Mime) -> bool:
    """Whether a message is a report about another one: its parts hold no further reports then."""
    return _report_part(mime) is not None or other_form(message, mime) is not None


def _report_part(mime: Mime) -> Part | None:
    return next((one for one in mime.parts if one.content_type == "message/feedback-report"), None)  # RFC 5965 2 d


def _form(message: Message, mime: Mime) -> Form | None:
    part = _report_part(mime)
    if part is None:
        return other_form(message, mime)
    behind = mime.parts[mime.parts.index(part) + 1 :]
    quoted = next((one for one in behind if one.content_type in _QUOTED), None)  # RFC 5965 2 e
    return Form(
        decoded(message, part, MAX_REPORT),
        b"" if quoted is None else _until_empty_line(decoded(message, quoted, MAX_QUOTED)),
    )


def _until_empty_line(octets: bytes) -> bytes:
    return octets.replace(b"\r\n", b"\n").split(b"\n\n", 1)[0]


def _header(octets: bytes) -> Message:
    """A block of header fields, whatever its lines end in and with the empty lines that some writers put above it."""
    lines = octets.lstrip(b" \t\r\n").replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
    return scan(lines + b"\r\n", headers_only=True)


def _report(fields: Message, quoted: QuotedMessage | None, *, addresses: bool) -> FeedbackReport:
    arrival = fields.first("arrival-date") or fields.first("received-date")  # RFC 5965 3.2
    known: dict[str, object] = {
        "feedback_type": _TYPE(_value(fields, "feedback-type")) or "other",
        "auth_failure": _FAILURE(_value(fields, "auth-failure")),  # RFC 6591 3.1
        "delivery_result": _DELIVERY(_value(fields, "delivery-result")),
    }
    return FeedbackReport(
        user_agent=_value(fields, "user-agent"),
        version=_value(fields, "version"),
        arrival_date=None if arrival is None else _seconds(arrival),
        source_ip=_source_ip(_value(fields, "source-ip")),
        reporting_mta=_value(fields, "reporting-mta").rpartition(";")[2].strip(),
        incidents=_incidents(_value(fields, "incidents")),
        original_envelope_id=_value(fields, "original-envelope-id"),
        original_mail_from=_party(_value(fields, "original-mail-from"), addresses=addresses),
        original_rcpt_to=_parties(fields.all("original-rcpt-to"), addresses=addresses),
        reported_domain=tuple(values.domain(field.value) for field in fields.all("reported-domain")[:MAX_REPEATED]),
        authentication_results=tuple(
            _results(field, addresses=addresses) for field in fields.all("authentication-results")[:MAX_REPEATED]
        ),
        identity_alignment=tuple(
            word.strip().lower() for word in _value(fields, "identity-alignment").split(",") if word.strip()
        ),
        dkim_domain=values.domain(_value(fields, "dkim-domain")),
        dkim_identity=_party(_value(fields, "dkim-identity"), addresses=addresses),
        dkim_selector=values.label(_value(fields, "dkim-selector")),
        quoted=quoted,
        **known,  # type: ignore[arg-type]  # words of the Literals
    )


def _quoted(octets: bytes, *, addresses: bool) -> QuotedMessage:
    """What is kept of the header of the message that the report is about."""
    header = _header(octets)
    signatures = [parse_tags(field.value) for field in header.all("dkim-signature")[:MAX_REPEATED]]
    date = header.first("date")
    return QuotedMessage(
        from_domain=parse_author(header).domain,
        message_id=_value(header, "message-id"),
        feedback_id=_value(header, "feedback-id"),
        list_id=_value(header, "list-id"),
        date=None if date is None else _seconds(date),
        dkim=tuple((values.domain(tags.get("d")), values.label(tags.get("s"))) for tags in signatures),
        recipients=_parties(header.all("to"), addresses=addresses),
    )


def _results(field: Field, *, addresses: bool) -> AuthenticationResults:
    """The results; a MAIL FROM among them may hold the recipient's address too (VERP)."""
    found = parse_authentication_results(field.value)
    if addresses or "@" not in field.value:
        return found
    results = (
        msgspec.structs.replace(
            one,
            properties={name: _domain_part(value) for name, value in one.properties.items()},
            comment="" if "@" in one.comment else one.comment,
            reason="" if "@" in one.reason else one.reason,
        )
        for one in found.results
    )
    return msgspec.structs.replace(found, results=tuple(results))


def _domain_part(written: str) -> str:
    _, at, domain = written.rpartition("@")
    return at + domain


def _value(fields: Message, name: str) -> str:
    field = fields.first(name)
    return "" if field is None else values.text(field.value)


def _seconds(field: Field) -> int | None:
    moment = parse_date(field.value)
    return None if moment is None else int(moment.timestamp())


def _source_ip(written: str) -> str:
    """OpenDMARC writes the host's name behind the address."""
    address = host_address(written.partition(" ")[0].strip("[]"))
    return "" if address is None else str(address)


def _incidents(written: str) -> int:
    """How many messages it stands for, one where that is not said sensibly: RFC 5965 section 3.2."""
    if not (written.isascii() and written.isdigit() and len(written) <= 20):
        return 1
    return min(int(written), MAX_INCIDENTS)


def _parties(fields: tuple[Field, ...], *, addresses: bool) -> tuple[str, ...]:
    found = (_party(one, addresses=addresses) for field in fields[:MAX_REPEATED] for one in _listed(field))
    return tuple(dict.fromkeys(one for one in found if one))


def _listed(field: Field) -> list[str]:
    return [one for one in values.text(field.value).split(",") if "@" in one]


def _party(written: str, *, addresses: bool) -> str:
    """The domain of an address; or the address, where it was asked for."""
    address = written.rpartition("<")[2].partition(">")[0].strip() if "<" in written else written.strip()
    local, at, domain = address.rpartition("@")
    if not at:
        return ""
    return f"{local}@{values.domain(domain)}" if addresses else values.domain(domain)
