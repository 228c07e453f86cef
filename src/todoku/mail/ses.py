"""What Amazon SES stamps on a message: its region, Feedback-ID, MAIL FROM and second signature. Rulebook section 3.

Any header field can be written by anybody. So a message counts as SES's only where two independent things say so, one of
which a stranger cannot easily write into a header: the client that handed it over, the domain of MAIL FROM, or the
signature of amazonses.com (whether that signature verifies is for ``auth/dkim`` to say).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Literal, NamedTuple

import msgspec

from todoku.mail.envelope import Envelope
from todoku.mail.message import Field, Message
from todoku.mail.received import Received, parse_received

MAX_RECEIVED = 30  # fields that are looked at; a message with more hops is in a loop
MAX_SIGNATURES_READ = 10  # their tags; SES leaves two

# Seen: every region but us-east-1 stands in SES's host names (eu-north-1, us-gov-west-1).
_REGION = r"[a-z]{2,4}(?:-[a-z]+){1,3}-[0-9]"
_HOST = re.compile(rf"[a-z][0-9]+-[0-9]+\.smtp-out\.(?:({_REGION})\.)?amazonses\.com", re.IGNORECASE)
_DOMAIN = re.compile(rf"(?:({_REGION}|email)\.)?amazonses\.com", re.IGNORECASE)
_MESSAGE_ID = re.compile(rf"<[^@<>\s]+@(?:({_REGION}|email)\.)?amazonses\.com>", re.IGNORECASE)
# "1.us-west-2.hash=:AmazonSES" until 2024, "::1.us-west-2.hash=:AmazonSES" since, the first two parts filled by tags.
_FEEDBACK_ID = re.compile(rf"(?:[^:\s]*:[^:\s]*:)?1\.({_REGION})\.[^:\s]+:AmazonSES")
_OUTGOING = re.compile(r"[0-9]{4}\.[0-9]{2}\.[0-9]{2}-([0-9A-Fa-f.:]+)")  # X-SES-Outgoing: date-address
_EASY_DKIM = re.compile(r"[a-z2-7]{32}")
_DOMAIN_TAG = re.compile(r"(?:;|\A)[ \t]*d[ \t]*=[ \t]*([^;]*)")  # RFC 6376 3.5
_SELECTOR_TAG = re.compile(r"(?:;|\A)[ \t]*s[ \t]*=[ \t]*([^;]*)")

Sign = tuple[str, str, int]
"""A header field as evidence: its name as written, its value, its offset."""


class SesStamp(msgspec.Struct, frozen=True, kw_only=True):
    """What shows that SES sent the message, and how it is set up. ``sent_by_ses`` False leaves the rest empty."""

    sent_by_ses: bool
    region: str = ""  # "ap-northeast-1"
    mail_from: Literal["", "default", "custom"] = ""  # default: <region>.amazonses.com or amazonses.com
    own_signature: str = ""  # d= of the customer's signature: Easy DKIM or BYODKIM; "" where only amazonses.com signed
    own_selector: str = ""
    easy_dkim: bool = False  # the selector has the form of an Easy DKIM token
    feedback_id: str = ""
    signs: tuple[Sign, ...] = ()  # that show it


class _Signer(NamedTuple):
    """A signature with its d=, lower-case, and its s=; "" where it names none."""

    field: Field
    domain: str
    selector: str


class _Marks(msgspec.Struct, frozen=True, kw_only=True):
    """The fields that speak of SES, each None where it is absent or says something else."""

    border: Received | None  # the Received field of the client that handed the message over, where that is an SES host
    earlier: Received | None  # a Received field in which another server took the message from SES
    return_path: Field | None  # MAIL FROM at amazonses.com
    signature: Field | None  # of amazonses.com
    outgoing: Field | None  # X-SES-Outgoing with the client's address
    message_id: Field | None
    feedback_id: Field | None


def is_ses_host(name: str) -> bool:
    """Whether a host name is one from which SES sends mail: ``a8-50.smtp-out.amazonses.com``."""
    return _HOST.fullmatch(name) is not None


def is_easy_selector(selector: str) -> bool:
    """Whether a selector has the form of an Easy DKIM token, which SES makes up."""
    return _EASY_DKIM.fullmatch(selector) is not None


def ses_stamp(message: Message, envelope: Envelope | None) -> SesStamp:
    """What SES left on the message."""
    signatures = [_signer(field) for field in message.all("dkim-signature")[:MAX_SIGNATURES_READ]]
    marks = _marks(message, envelope, signatures)
    helo = (envelope.helo or "") if envelope is not None else ""
    if not _sent_by_ses(marks, envelope, helo):
        return SesStamp(sent_by_ses=False)
    own = _own_signature(signatures, marks)
    mail_from = _sender_mail_from(marks, envelope, helo, own)
    feedback = marks.feedback_id
    return SesStamp(
        sent_by_ses=True,
        region=_region(marks, helo, mail_from),
        mail_from="" if not mail_from else "default" if _DOMAIN.fullmatch(mail_from) else "custom",
        own_signature=own.domain if own is not None else "",
        own_selector=own.selector if own is not None else "",
        easy_dkim=own is not None and is_easy_selector(own.selector),
        feedback_id=feedback.value if feedback is not None else "",
        signs=_signs(marks),
    )


def _signer(field: Field) -> _Signer:
    """Who made a signature, as its d= and s= say: nothing else of it is asked for here."""
    value = field.value
    domain, selector = _DOMAIN_TAG.search(value), _SELECTOR_TAG.search(value)
    return _Signer(field, domain[1].rstrip().lower() if domain else "", selector[1].rstrip() if selector else "")


def _marks(message: Message, envelope: Envelope | None, signatures: list[_Signer]) -> _Marks:
    ip = (envelope.ip or "") if envelope is not None else ""
    default = envelope is not None and _DOMAIN.fullmatch(envelope.mail_from_domain) is not None
    hops = [
        parse_received(field.value, offset=field.offset)
        for field in message.all("received")[:MAX_RECEIVED]
        if b"amazonses.com" in field.raw.lower()
    ]
    hops = [hop for hop in hops if is_ses_host(hop.client_name or hop.helo)]
    outgoing = message.first("x-ses-outgoing")
    address = None if outgoing is None else _OUTGOING.fullmatch(outgoing.value)
    return _Marks(
        border=next((hop for hop in hops if ip and hop.ip == ip), None),
        earlier=next((hop for hop in hops if hop.ip != ip), None),
        return_path=message.first("return-path") if default else None,
        signature=next((one.field for one in signatures if one.domain == "amazonses.com"), None),
        outgoing=outgoing if address is not None and address[1] == ip else None,
        message_id=_matching(message.first("message-id"), _MESSAGE_ID),
        feedback_id=_matching(message.first("feedback-id"), _FEEDBACK_ID),
    )


def _matching(field: Field | None, pattern: re.Pattern[str]) -> Field | None:
    return field if field is not None and pattern.fullmatch(field.value) else None


def _sent_by_ses(marks: _Marks, envelope: Envelope | None, helo: str) -> bool:
    """Whether two independent things say that SES sent it."""
    stamped = marks.outgoing is not None or marks.message_id is not None or marks.feedback_id is not None
    signed = marks.signature is not None
    if envelope is None:  # never delivered, as in a copy that SES made
        return signed and stamped
    default = _DOMAIN.fullmatch(envelope.mail_from_domain) is not None
    if is_ses_host(helo) and (envelope.source != "received" or marks.border is not None):
        return default or signed or stamped
    return signed and (default or marks.earlier is not None)


def _sender_mail_from(marks: _Marks, envelope: Envelope | None, helo: str, own: _Signer | None) -> str:
    """The domain of MAIL FROM as SES gave it; "" where the envelope is a forwarder's, who may have put in one of his own."""
    domain = envelope.mail_from_domain if envelope is not None else ""
    if marks.border is not None or is_ses_host(helo) or _DOMAIN.fullmatch(domain):
        return domain
    signer = own.domain if own is not None else ""
    is_own = bool(signer) and (domain == signer or domain.endswith(f".{signer}") or signer.endswith(f".{domain}"))
    return domain if is_own else ""


def _own_signature(signatures: list[_Signer], marks: _Marks) -> _Signer | None:
    """The customer's signature: the one with an Easy DKIM selector, else the topmost that is not SES's own.

    Whoever handed the message on writes above the hop at which SES handed it over, so that his signature is not the customer's.
    """
    own = [one for one in signatures if one.domain not in ("", "amazonses.com")]
    hop = marks.border or marks.earlier
    if hop is not None and marks.signature is not None and marks.signature.offset > hop.offset:
        own = [one for one in own if one.field.offset > hop.offset]
    easy = [one for one in own if is_easy_selector(one.selector)]
    return next(iter(easy or own), None)


def _region(marks: _Marks, helo: str, mail_from: str) -> str:
    """The region by the sending host, else MAIL FROM, Message-ID, Feedback-ID. us-east-1 is what stands for none."""
    found = next((match for match in _naming_it(marks, helo, mail_from) if match is not None), None)
    if found is None:
        return ""
    region = (found[1] or "").lower()
    return "us-east-1" if region in ("", "email") else region


def _naming_it(marks: _Marks, helo: str, mail_from: str) -> Iterator[re.Match[str] | None]:
    """What may name the region, what tells most surely first."""
    yield _HOST.fullmatch(helo)
    if (hop := marks.border or marks.earlier) is not None:
        yield _HOST.fullmatch(hop.client_name or hop.helo)
    yield _DOMAIN.fullmatch(mail_from)
    if marks.message_id is not None:
        yield _MESSAGE_ID.fullmatch(marks.message_id.value)
    if marks.feedback_id is not None:
        yield _FEEDBACK_ID.fullmatch(marks.feedback_id.value)


def _signs(marks: _Marks) -> tuple[Sign, ...]:
    hops = [("Received", hop.raw, hop.offset) for hop in (marks.border, marks.earlier) if hop is not None]
    fields = (marks.return_path, marks.signature, marks.outgoing, marks.message_id, marks.feedback_id)
    shown = [(field.written_name.strip(), field.value, field.offset) for field in fields if field is not None]
    return tuple(sorted([*hops, *shown], key=lambda entry: entry[2]))
