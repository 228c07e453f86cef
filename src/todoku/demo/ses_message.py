"""How SES writes a message: the fields that it builds, the fields that it overwrites, its signatures, its envelope."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from email.header import Header
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from todoku.auth.dkim.sign import sign
from todoku.demo.ses_error import bad_request
from todoku.demo.ses_keys import token
from todoku.demo.ses_names import message_id_domain, sending_address
from todoku.demo.ses_state import Parameters, Sent
from todoku.mail.message import scan

MAX_HEADERS = 15  # ses/latest/dg/quotas.html
MAX_VALUE, MAX_FIELD = 995, 996  # APIReference-V2/API_MessageHeader.html
AMAZON_SELECTOR = token("amazonses.com")
AMAZON_KEY = f"{AMAZON_SELECTOR}._domainkey.amazonses.com"

# no page says: the fields that SES's signatures covered in messages; only its own covers Feedback-ID
SIGNED = (
    *("reply-to", "from", "to", "cc", "subject", "mime-version", "content-type", "content-transfer-encoding"),
    *("list-unsubscribe", "list-unsubscribe-post", "date", "message-id"),
)
# ses/latest/dg/header-fields.html: overwritten; the X-SES fields tell SES something and go no further
DROPPED = frozenset(("date", "message-id", "bcc", "return-path"))
REPEATABLE = frozenset(("received", "comments", "keywords", "authentication-results", "received-spf"))

_NAME = re.compile(r"[!-9;-~]{1,126}")
_BREAK = re.compile(r"[\r\n\0]")


def compose(
    *,
    author: str,
    destination: Parameters,
    reply_to: Sequence[str],
    content: Parameters,
) -> bytes:
    """The message that SES builds of Simple content: fields, a text, an HTML text or both, and what is attached."""
    lines = [("From", author)]
    lines += [("Reply-To", ", ".join(reply_to))] if reply_to else []
    lines += [(name, ", ".join(destination[key])) for name, key in _RECIPIENTS if destination.get(key)]
    lines.append(("Subject", _encoded(content["Subject"]["Data"])))
    lines += _extra_fields(content.get("Headers", ()))
    for name, value in lines:
        if _BREAK.search(value.replace("\r\n ", "")) or not value.isascii():
            raise bad_request(f"{name} contains characters that must be encoded or are not allowed.")
    head = "".join(f"{name}: {value}\r\n" for name, value in lines)
    return head.encode("ascii") + _mime(content)


_RECIPIENTS = (("To", "ToAddresses"), ("Cc", "CcAddresses"))


def _encoded(subject: str) -> str:
    if subject.isascii():
        return subject
    return Header(subject, "utf-8", maxlinelen=76, header_name="Subject").encode(linesep="\r\n")


def _extra_fields(headers: Sequence[Parameters]) -> list[tuple[str, str]]:
    if len(headers) > MAX_HEADERS:
        raise bad_request(f"A message has up to {MAX_HEADERS} headers.")
    given = [(header["Name"], header["Value"]) for header in headers]
    for name, value in given:
        if not _NAME.fullmatch(name) or len(value) > MAX_VALUE or len(name) + len(value) > MAX_FIELD:
            raise bad_request(f"The header {name} is not valid.")
        if name.lower() in ("from", "to", "cc", "bcc", "subject", "reply-to", *DROPPED):
            raise bad_request(f"The header {name} cannot be given here.")
    return given


def _mime(content: Parameters) -> bytes:
    """The MIME fields, the empty line and the body. Its boundary comes from what is in it, so that a run can be repeated."""
    body, message = content["Body"], EmailMessage(policy=SMTP)
    text, html = (body.get(part, {}).get("Data") for part in ("Text", "Html"))
    if text is None and html is None:
        raise bad_request("The message has neither a text nor an HTML body.")
    if text is not None:
        message.set_content(text, cte=_transfer_encoding(text))
    if html is not None and text is None:
        message.set_content(html, subtype="html", cte=_transfer_encoding(html))
    elif html is not None:
        message.add_alternative(html, subtype="html", cte=_transfer_encoding(html))
    for attachment in content.get("Attachments", ()):
        kind, _, subtype = attachment.get("ContentType", "application/octet-stream").partition("/")
        message.add_attachment(
            attachment["RawContent"], maintype=kind, subtype=subtype, filename=attachment["FileName"]
        )
    for depth, part in enumerate(message.walk()):
        if part.is_multipart():
            part.set_boundary(f"--=_Part_{depth}_{hashlib.sha256(repr(content).encode()).hexdigest()[:16]}")
    return message.as_bytes()


def _transfer_encoding(text: str) -> str:
    # no page says: the encodings that SES chose in messages
    return "7bit" if text.isascii() and max(map(len, text.splitlines()), default=0) < 76 else "quoted-printable"


def read_raw(data: bytes) -> tuple[bytes, dict[str, str]]:
    """A raw message without the fields that SES overwrites or keeps, CRLF everywhere; all of its single fields' values."""
    message = scan(re.sub(rb"\r?\n", b"\r\n", data))
    names = [field.name for field in message.fields]
    for name in names:
        if names.count(name) > 1 and name not in REPEATABLE and not name.startswith(("resent-", "x-ses-")):
            # no page says which error; seen as "Duplicate header 'Content-Type'"
            raise bad_request(f"Duplicate header '{message.all(name)[0].written_name}'.")
    if "from" not in names:
        raise bad_request("Missing required header 'From'.")
    kept = [field for field in message.fields if field.name not in DROPPED and not field.name.startswith("x-ses-")]
    values = {field.name: field.value for field in message.fields}
    return b"".join(field.raw + b"\r\n" for field in kept) + b"\r\n" + message.body, values


def stamped(raw: bytes, *, message_id: str, region: str, account: str, now: datetime, tags: Mapping[str, str]) -> bytes:
    """The message with the fields that SES adds at the end of its header."""
    head, _, body = raw.partition(b"\r\n\r\n")
    digest = hashlib.sha256(f"{account}/{region}".encode()).hexdigest()[:44]
    # no page says: two fields of the customer's own, filled by message tags
    own = ":".join(tags.get(f"ses:feedback-id-{letter}", "") for letter in "ab")
    added = (
        f"Message-ID: <{message_id}@{message_id_domain(region)}>\r\n"
        f"Date: {format_datetime(now)}\r\n"
        f"Feedback-ID: {own}:1.{region}.{digest}=:AmazonSES\r\n"
        f"X-SES-Outgoing: {now:%Y.%m.%d}-{sending_address(region)}"
    )
    return b"\r\n".join((head, added.encode("ascii"))) + b"\r\n\r\n" + body


def signature(raw: bytes, *, domain: str, selector: str, private_key: bytes, now: datetime) -> bytes:
    """A DKIM-Signature field as SES writes it."""
    # ses/latest/dg/send-email-authentication-dkim.html: RSA with SHA-256
    names = SIGNED if domain != "amazonses.com" else (*SIGNED, "feedback-id")
    message = scan(raw, headers_only=True)
    return sign(
        raw,
        domain=domain,
        selector=selector,
        private_key=private_key,
        headers=[name for name in names if message.first(name) is not None],
        canonicalization="relaxed/simple",
        timestamp=int(now.timestamp()),
    )


def delivered(sent: Sent, *, by: str = "mx.google.com") -> bytes:
    """The message as a receiver stored it: with its Return-Path, and the Received field of its server."""
    envelope, recipient = sent.envelope, sent.recipients[0]
    host = envelope.helo
    return (
        f"Return-Path: <{envelope.mail_from}>\r\n"
        f"Received: from {host} ({host}. [{envelope.ip}])\r\n"
        f"        by {by} with ESMTPS id {sent.message_id[:16]}\r\n"
        f"        for <{recipient}>\r\n"
        f"        (version=TLS1_3 cipher=TLS_AES_128_GCM_SHA256 bits=128/128);\r\n"
        f"        {format_datetime(sent.at)}\r\n"
    ).encode() + sent.raw
