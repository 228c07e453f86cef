"""What Amazon SES stamps on a message: its region, Feedback-ID, MAIL FROM and second signature. Rulebook section 3."""

from __future__ import annotations

from typing import Literal

import msgspec

from todoku.mail.envelope import Envelope
from todoku.mail.message import Message


class SesStamp(msgspec.Struct, frozen=True, kw_only=True):
    """What shows that SES sent the message, and how it is set up. ``sent_by_ses`` False leaves the rest empty."""

    sent_by_ses: bool
    region: str = ""  # "ap-northeast-1"
    mail_from: Literal["", "default", "custom"] = ""  # default: <region>.amazonses.com or amazonses.com
    own_signature: str = ""  # d= of the customer's signature: Easy DKIM or BYODKIM; "" where only amazonses.com signed
    own_selector: str = ""
    easy_dkim: bool = False  # the selector has the form of an Easy DKIM token
    feedback_id: str = ""
    signs: tuple[tuple[str, str, int], ...] = ()  # (header name, value, offset) that show it


def ses_stamp(message: Message, envelope: Envelope | None) -> SesStamp:
    """What SES left on the message."""
    raise NotImplementedError
