"""What is wrong with a message by RFC 5322, 2045-2047, 5321 and what receivers add: each defect with its byte offset."""

from __future__ import annotations

from datetime import datetime

from todoku.mail.address import Author
from todoku.mail.lint.defect import TAGS, Defect, Severity
from todoku.mail.message import Message
from todoku.mail.mime import Mime

__all__ = ["TAGS", "Defect", "Severity", "lint"]


def lint(message: Message, mime: Mime, author: Author, *, now: datetime | None) -> tuple[Defect, ...]:
    """Every defect in the order of its offset. At most 20 of one tag are listed, the rest counted in the last one's values."""
    raise NotImplementedError
