"""What is wrong with a message by RFC 5322, 2045-2047, 5321 and what receivers add: each defect with its byte offset."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

import msgspec

from todoku.mail.address import Author
from todoku.mail.message import Message
from todoku.mail.mime import Mime
from todoku.verdict import Values


class Defect(msgspec.Struct, frozen=True, kw_only=True):
    """One finding: a tag that never changes, where it stands, and what a person needs to see.

    ``severity``: ``error`` = a receiver may refuse it; ``advice`` = legal but known to hurt.
    Tags: duplicate-field (values: name, count), missing-date, missing-from, missing-message-id, message-id-syntax,
    date-syntax, date-range, from-several-addresses, from-syntax, field-syntax (a stray line), space-before-colon,
    leading-blank (BOM or blank before the header), bare-lf, bare-cr, nul, line-too-long (998), header-8bit, iso-2022-jp-raw,
    encoded-word-misplaced (in an address), encoded-word-too-long (75), encoded-word-invalid, field-too-long,
    mime-version-missing, content-type-duplicate, boundary-missing, encoding-8bit-body, utf8-address, domain-invalid,
    domain-mixed-script, group-from, no-body-separator, header-too-large, too-many-fields, mime-limit ...
    """

    tag: str
    offset: int
    severity: Literal["error", "advice"]
    values: Values = {}
    extract: str = ""  # the bytes there, made safe to show, at most 120 characters


def lint(message: Message, mime: Mime, author: Author, *, now: datetime | None) -> tuple[Defect, ...]:
    """Every defect in the order of its offset. At most 20 of one tag are listed, the rest counted in the last one's values."""
    raise NotImplementedError
