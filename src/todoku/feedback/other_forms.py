"""Reports about one message that are not in the form of RFC 5965, put into that form: the fields of a report and the quoted header.

- **Outlook.com** (Junk Mail Reporting Program, until it went over to RFC 5965): the message that a user called junk is attached, and
  ``X-HmXmrOriginalRecipient`` in its header names that user.
- **Exim** tells the owner of a domain in plain text of a message that failed DMARC, and quotes its header below.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from todoku.mail.message import Message
from todoku.mail.mime import Mime, decoded

MAX_HEADER = 128 * 1024  # octets of the quoted message's header
MAX_TEXT = 16 * 1024  # octets of Exim's text, the quoted header not counted

_RECIPIENT = re.compile(rb"^X-HmXmrOriginalRecipient[ \t]*+:[ \t]*+([^\r\n]*+)", re.IGNORECASE | re.MULTILINE)
_HEADER_END = re.compile(rb"\n\r?\n")
_COMPLAINT_ABOUT = re.compile(rb"complaint about message from ([0-9A-Fa-f.:]{2,45})", re.IGNORECASE)
_EXIM = b"A message claiming to be from you has failed the published DMARC policy"
_EXIM_QUOTES = re.compile(rb"^------ This is a copy of the headers[^\n]*+\n\s*+", re.MULTILINE)
_EXIM_LINE = re.compile(rb"^ {1,4}([A-Za-z ]{1,30}): ([^\r\n]{1,200})", re.MULTILINE)


class Form(NamedTuple):
    """Octets of ``message/feedback-report``, and of the header of the message that they are about."""

    fields: bytes
    quoted: bytes


def other_form(message: Message, mime: Mime) -> Form | None:
    """The report that a message is in a form of its own; None where it is none."""
    return _of_outlook(message, mime) or _of_exim(message, mime)


def _of_outlook(message: Message, mime: Mime) -> Form | None:
    for part in mime.parts:
        if not part.is_message:
            continue
        header = _HEADER_END.split(decoded(message, part, MAX_HEADER), maxsplit=1)[0]
        if recipient := _RECIPIENT.search(header):
            subject = message.first("subject")
            about = _COMPLAINT_ABOUT.search(subject.body) if subject is not None else None
            fields = [b"Feedback-Type: abuse", b"User-Agent: Outlook.com JMRP", b"Original-Rcpt-To: " + recipient[1]]
            fields += [b"Source-IP: " + about[1]] if about else []
            return Form(b"\r\n".join(fields), header)
    return None


def _of_exim(message: Message, mime: Mime) -> Form | None:
    part = next((one for one in mime.parts if not one.is_multipart), None)
    if part is None or part.content_type != "text/plain":
        return None
    text = decoded(message, part, MAX_TEXT + MAX_HEADER)
    quotes = _EXIM_QUOTES.search(text, 0, MAX_TEXT) if text.lstrip().startswith(_EXIM) else None
    if quotes is None:
        return None
    told = {name.strip().lower(): value.strip() for name, value in _EXIM_LINE.findall(text, 0, quotes.start())}
    aligned = [name for name in (b"spf", b"dkim") if told.get(name + b" alignment", b"").lower() == b"yes"]
    fields = [
        b"Feedback-Type: auth-failure",
        b"Auth-Failure: dmarc",
        b"User-Agent: Exim",
        b"Reported-Domain: " + told.get(b"sender domain", b""),
        b"Source-IP: " + told.get(b"sender ip address", b""),
        b"Arrival-Date: " + told.get(b"received date", b""),
        b"Identity-Alignment: " + (b", ".join(aligned) or b"none"),
        b"Delivery-Result: " + _result(told.get(b"dmarc results", b"").lower()),
    ]
    return Form(b"\r\n".join(fields), text[quotes.end() :])


def _result(told: bytes) -> bytes:
    """What became of the message, in the words of RFC 6591 section 3.2.2."""
    return next((word for said, word in _RESULTS if said in told), b"other")


_RESULTS = ((b"accept", b"delivered"), (b"quarantine", b"policy"), (b"reject", b"reject"))
