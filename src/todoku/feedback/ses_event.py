"""What SES tells about messages that it sent: bounces, complaints, deliveries and the rest, in every shape that it comes.

The event is one JSON document, and it comes bare (SNS with raw delivery, Kinesis, Firehose), in an SNS notification, in a
Lambda function's or SQS's list of those, or as an EventBridge event. Whether it is true, that is whether SNS signed it, is
decided before it comes here. Recipients are kept as their domains, never whole, unless the caller asks for them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any, Literal

import msgspec

from todoku.feedback import values
from todoku.feedback.bounce import BounceDiagnosis, diagnose
from todoku.feedback.refusal import MALFORMED, NOT_AN_EVENT, TOO_LARGE, Refusal, Refused

MAX_JSON = 10 * 1024 * 1024  # octets; SNS and EventBridge carry 256 KiB
MAX_RECIPIENTS = 100  # of one event: SES sends to 50 at once
MAX_TAGS = 50  # of one message, as SES takes them

Kind = Literal[
    "bounce",
    "complaint",
    "delivery",
    "send",
    "reject",
    "open",
    "click",
    "rendering-failure",
    "delivery-delay",
    "subscription",
]


class Recipient(msgspec.Struct, frozen=True, kw_only=True):
    """One recipient: ``domain`` of the address. ``diagnosis`` is what ``diagnostic_code``, the receiver's reply, means."""

    domain: str
    address: str = ""  # only where it was asked for
    status: str = ""  # RFC 3463
    action: str = ""
    diagnostic_code: str = ""
    diagnosis: BounceDiagnosis | None = None


class SesEvent(msgspec.Struct, frozen=True, kw_only=True):
    """One event. Times are seconds of UTC: ``at`` that of the event, ``sent_at`` that of the message.

    ``type`` and ``subtype`` are SES's own words: of a bounce (``Permanent``, ``General``), a complaint's feedback type, a
    delay's type. ``reason`` is why SES rejected or could not render.
    """

    kind: Kind
    message_id: str = ""
    at: int | None = None
    sent_at: int | None = None
    type: str = ""
    subtype: str = ""
    reason: str = ""
    recipients: tuple[Recipient, ...] = ()
    from_domain: str = ""  # of From; of MAIL FROM where SES tells no header
    mail_from_domain: str = ""
    identity: str = ""  # the identity that it was sent with, from its ARN; an address as its domain
    region: str = ""
    account: str = ""
    configuration_set: str = ""
    tags: tuple[
        str, ...
    ] = ()  # the sender's own message tags, ``name=value``; SES's, which begin with ses:, are fields above
    feedback_id: str = ""
    reporting_mta: str = ""
    remote_ip: str = ""
    user_agent: str = ""


# What is on the wire. Members that are not listed are passed over.


class _Person(msgspec.Struct, rename="camel"):
    email_address: str = ""
    status: str | None = None
    action: str | None = None
    diagnostic_code: str | None = None


class _Body(msgspec.Struct, rename="camel"):
    """The part of an event that bears the event's name: what each kind has, together."""

    timestamp: str | None = None
    bounce_type: str | None = None
    bounce_sub_type: str | None = None
    bounced_recipients: list[_Person] = []
    complained_recipients: list[_Person] = []
    delayed_recipients: list[_Person] = []
    recipients: list[str] = []
    complaint_feedback_type: str | None = None
    complaint_sub_type: str | None = None
    delay_type: str | None = None
    feedback_id: str | None = None
    user_agent: str | None = None
    reporting_mta: str | None = msgspec.field(name="reportingMTA", default=None)
    remote_mta_ip: str | None = None
    reason: str | None = None
    error_message: str | None = None


class _CommonHeaders(msgspec.Struct):
    from_: list[str] = msgspec.field(name="from", default=[])


class _Mail(msgspec.Struct, rename="camel"):
    message_id: str = ""
    timestamp: str | None = None
    source: str | None = None
    source_arn: str | None = None
    sending_account_id: str | None = None
    destination: list[str] = []
    common_headers: _CommonHeaders | None = None
    tags: dict[str, list[str]] = {}


class _Event(msgspec.Struct, rename="camel"):
    mail: _Mail
    event_type: str | None = None
    notification_type: str | None = None
    bounce: _Body | None = None
    complaint: _Body | None = None
    delivery: _Body | None = None
    send: _Body | None = None
    reject: _Body | None = None
    opened: _Body | None = msgspec.field(name="open", default=None)
    click: _Body | None = None
    failure: _Body | None = None
    delivery_delay: _Body | None = None
    subscription: _Body | None = None


class _Wrapped(msgspec.Struct):
    """What an event may be wrapped in: SNS (``Message``), EventBridge (``detail``), Lambda and SQS (``Records``)."""

    Type: str | None = None
    Message: str | None = None
    Sns: msgspec.Raw = msgspec.Raw()
    detail: msgspec.Raw = msgspec.Raw()
    body: str | None = None
    Records: list[msgspec.Raw] | None = None


# SES's name of each kind, without blanks and in lower case -> ours, and the member that holds it.
_KINDS: dict[str, tuple[Kind, str]] = {
    "bounce": ("bounce", "bounce"),
    "complaint": ("complaint", "complaint"),
    "delivery": ("delivery", "delivery"),
    "send": ("send", "send"),
    "reject": ("reject", "reject"),
    "open": ("open", "opened"),
    "click": ("click", "click"),
    "renderingfailure": ("rendering-failure", "failure"),
    "deliverydelay": ("delivery-delay", "delivery_delay"),
    "subscription": ("subscription", "subscription"),
}
_EVENT, _WRAPPED = msgspec.json.Decoder(_Event), msgspec.json.Decoder(_Wrapped)
MAX_WRAPS = 4  # Records, SQS's body, SNS, the event


def parse(octets: bytes, *, addresses: bool = False) -> tuple[SesEvent | Refused, ...]:
    """The events in a document, or in one document on each line, in order. Never raises. ``addresses``: keep whole ones.

    None of it where SNS only tells that a subscription works or is to be confirmed.
    """
    if len(octets) > MAX_JSON:
        return (Refusal(TOO_LARGE, limit=MAX_JSON).refused,)
    found: list[SesEvent | Refused] = []
    for document in _documents(octets):
        try:
            events = map(_event, _unwrapped(document, 0))
            found.extend(events if addresses else map(without_addresses, events))
        except Refusal as refusal:
            found.append(refusal.refused)
    return tuple(found)


def without_addresses(event: SesEvent) -> SesEvent:
    """The event with the domains of its recipients alone. A receiver's reply names the recipient as often as not."""
    return msgspec.structs.replace(event, recipients=tuple(map(_without_address, event.recipients)))


def _without_address(recipient: Recipient) -> Recipient:
    domain = recipient.address.strip("<> ").rpartition("@")[2]
    reply = recipient.diagnostic_code
    if domain:  # in capitals or with a part that the receiver left out, it is still somebody's
        reply = re.sub(
            rf"[^\s<>\"'(),;:]{{1,320}}@{re.escape(domain)}", lambda _: f"@{domain}", reply, flags=re.IGNORECASE
        )
    return msgspec.structs.replace(recipient, address="", diagnostic_code=reply)


def _documents(octets: bytes) -> list[bytes]:
    text = octets.decode("utf-8-sig", "replace").encode()
    lines = [line for line in text.splitlines() if line.strip()]
    several = len(lines) > 1 and all(line.startswith(b"{") and line.rstrip().endswith(b"}") for line in lines)
    return lines if several else [text]  # Firehose delivers a document on each line


def _unwrapped(document: bytes | str | msgspec.Raw, depth: int) -> Iterator[_Event]:
    """The events in a document. Raises ``Refusal``."""
    if depth > MAX_WRAPS:
        raise Refusal(NOT_AN_EVENT, error="wrapped too often")
    outer = _decoded(_WRAPPED.decode, document)
    inner = [one for one in (outer.Message, outer.Sns, outer.detail, outer.body) if one]
    if outer.Type in ("SubscriptionConfirmation", "UnsubscribeConfirmation"):
        return
    if outer.Records is not None or inner:
        for one in outer.Records or inner[:1]:
            yield from _unwrapped(one, depth + 1)
    elif b'"AmazonSnsSubscriptionSucceeded"' not in _octets(document):
        yield _decoded(_EVENT.decode, document)


def _octets(document: bytes | str | msgspec.Raw) -> bytes:
    return document.encode("utf-8", "replace") if isinstance(document, str) else bytes(document)


def _decoded(decode: Callable[[Any], Any], document: bytes | str | msgspec.Raw) -> Any:  # noqa: ANN401 -- either wire struct
    try:
        return decode(document)
    except msgspec.ValidationError as error:
        raise Refusal(NOT_AN_EVENT, error=str(error)[:200]) from None
    except msgspec.DecodeError as error:
        raise Refusal(MALFORMED, error=str(error)[:200]) from None
    except RecursionError:
        raise Refusal(MALFORMED, error="nested without end") from None


def _event(event: _Event) -> SesEvent:
    written = event.event_type or event.notification_type or ""
    if (known := _KINDS.get(written.replace(" ", "").lower())) is None:
        raise Refusal(NOT_AN_EVENT, error=values.shown(written) or "eventType")
    kind, member = known
    body: _Body = getattr(event, member) or _Body()
    mail = event.mail
    region, account, identity = _from_arn(mail.source_arn or "")
    author = mail.common_headers.from_[0] if mail.common_headers and mail.common_headers.from_ else mail.source
    return SesEvent(
        kind=kind,
        message_id=values.text(mail.message_id),
        at=values.instant(body.timestamp or mail.timestamp or ""),
        sent_at=values.instant(mail.timestamp or ""),
        type=values.text(body.bounce_type or body.complaint_feedback_type or body.delay_type),
        subtype=values.text(body.bounce_sub_type or body.complaint_sub_type),
        reason=values.text(body.reason or body.error_message),
        recipients=_recipients(body, mail),
        from_domain=_domain(author or ""),
        mail_from_domain=_domain(mail.source or ""),
        identity=identity,
        region=region,
        account=mail.sending_account_id or account,
        configuration_set=values.text(next(iter(mail.tags.get("ses:configuration-set", [])), "")),
        tags=_tags(mail),
        feedback_id=values.text(body.feedback_id),
        reporting_mta=values.text(body.reporting_mta).rpartition(";")[2].strip(),
        remote_ip=values.text(body.remote_mta_ip),
        user_agent=values.text(body.user_agent) if kind == "complaint" else "",
    )


def _tags(mail: _Mail) -> tuple[str, ...]:
    own = (f"{name}={value}" for name, some in mail.tags.items() if not name.startswith("ses:") for value in some)
    return tuple(values.text(tag) for tag in islice(own, MAX_TAGS))


def _recipients(body: _Body, mail: _Mail) -> tuple[Recipient, ...]:
    people = body.bounced_recipients or body.complained_recipients or body.delayed_recipients
    people = people or [_Person(address) for address in body.recipients or mail.destination]
    return tuple(_recipient(person) for person in people[:MAX_RECIPIENTS])


def _recipient(person: _Person) -> Recipient:
    reply = values.text(person.diagnostic_code)
    return Recipient(
        domain=_domain(person.email_address),
        address=values.text(person.email_address),
        status=values.text(person.status),
        action=values.text(person.action),
        diagnostic_code=reply,
        diagnosis=diagnose(reply, _domain(person.email_address)) if reply else None,
    )


def _domain(written: str) -> str:
    return values.domain(written.rpartition("@")[2].rstrip("> ")) if "@" in written else ""


def _from_arn(arn: str) -> tuple[str, str, str]:
    """Region, account and identity of ``arn:aws:ses:us-west-2:888888888888:identity/example.com``."""
    parts = arn.split(":", 5)
    if len(parts) < 6:
        return "", "", ""
    identity = parts[5].partition("/")[2]
    return values.label(parts[3]), values.label(parts[4]), values.domain(identity.rpartition("@")[2])
