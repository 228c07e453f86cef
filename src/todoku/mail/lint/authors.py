"""The author addresses as a defect list: what ``mail/address.py`` found odd, and addresses no receiver gives out."""

from __future__ import annotations

import re
from collections.abc import Iterator

from todoku.mail.address import Author
from todoku.mail.lint.defect import Defect, defect, printable
from todoku.mail.lint.header import dotted
from todoku.mail.message import Message

# RFC 5322 section 3.2.3: the dot-atom that mailboxes are made of everywhere.
_DOT_ATOM = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]++")

# The names that mail/address.py gives. None: another rule here finds the same, with more to say.
_TAGS = {
    "from-missing": None,
    "from-repeated": None,
    "from-8bit": None,
    "from-name-space": None,
    "from-name-folded": None,
    "from-limit": None,
    "from-several-addresses": "from-several-addresses",
    "from-empty": "from-empty",
    "from-group": "group-from",
    "from-syntax": "from-syntax",
    "from-obsolete": "from-syntax",
    "from-route": "from-route",
    "from-encoded-address": "encoded-word-misplaced",
    "from-control-character": "from-control-character",
    "domain-invalid": "domain-invalid",
    "domain-literal": "domain-invalid",
    "domain-mixed-script": "domain-mixed-script",
}


def author_defects(message: Message, author: Author) -> Iterator[Defect]:
    """The defects of the From field's addresses."""
    for found, offset in author.defects:
        tag = _TAGS[found]
        if tag is not None:
            yield defect(tag, message.raw, offset, _values(tag, author))
    field = message.first("from")
    if field is None:
        return
    for address in author.addresses:
        if not address.local.isascii():
            # RFC 6532 allows it, yet hardly any receiver gives out or takes such a mailbox.
            yield defect("utf8-address", message.raw, field.offset, {"address": printable(address.local)})
        elif address.local and not _DOT_ATOM.fullmatch(address.local):
            whole = printable(f"{address.local}@{address.domain}")
            yield defect("address-exotic", message.raw, field.offset, {"address": whole})
    yield from dotted(message, field)


def _values(tag: str, author: Author) -> dict[str, str]:
    if tag in ("domain-invalid", "domain-mixed-script"):
        unusable = [one.written_domain for one in author.addresses if not one.domain]
        return {"domain": printable(", ".join(unusable or [one.written_domain for one in author.addresses]))}
    return {"name": "from"} if tag == "encoded-word-misplaced" else {}
