"""What is wrong with a message by RFC 5322, 2045-2047, 5321 and what receivers add: each defect with its byte offset.

One module for each kind of rule; ``defect.py`` has the tags. A clean message costs some tens of microseconds: each kind
first asks the ``bytes`` type whether there is anything for it at all.
"""

from __future__ import annotations

from datetime import datetime

from todoku.mail.address import Author
from todoku.mail.lint.authors import author_defects
from todoku.mail.lint.dates import date_defects
from todoku.mail.lint.defect import TAGS, Defect, Severity, limited
from todoku.mail.lint.header import header_defects
from todoku.mail.lint.lines import line_defects
from todoku.mail.lint.octets import octet_defects
from todoku.mail.lint.parts import part_defects
from todoku.mail.lint.words import word_defects
from todoku.mail.message import Message
from todoku.mail.mime import Mime

__all__ = ["TAGS", "Defect", "Severity", "lint"]


def lint(message: Message, mime: Mime, author: Author, *, now: datetime | None) -> tuple[Defect, ...]:
    """Every defect in the order of its offset. At most 20 of one tag are listed, the rest counted in the last one's values."""
    found = {
        (one.tag, one.offset): one
        for rules in (
            header_defects(message),
            date_defects(message, now),
            octet_defects(message),
            word_defects(message),
            author_defects(message, author),
            line_defects(message),
            part_defects(message, mime),
        )
        for one in rules
    }
    return limited(found.values())
