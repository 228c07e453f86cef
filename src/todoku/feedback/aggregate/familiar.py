"""A short report in which nothing is new but texts: it is read from its octets, and libxml2 only says whether it is XML.

Receivers report the same of the same senders day after day. Where the tags of a head, and all that each record says behind its
address and count, were read of elements before, they mean the same here (``head.py``, ``verbatim.py``); what is left of the
document is one end tag. So no tree is made, which takes half of the time.
"""

from __future__ import annotations

from typing import NamedTuple

from todoku.feedback.aggregate import head
from todoku.feedback.aggregate.tree import is_well_formed
from todoku.feedback.aggregate.verbatim import KNOWN, RECORD, Values


class Familiar(NamedTuple):
    """What stands above the records, and of each record its address, its count, and the values of the other fields."""

    heading: head.Heading
    records: list[tuple[str, str, Values]]


def familiar(document: bytes) -> Familiar | None:
    """A whole report; None where anything of it is new, or is not as it should be: its elements are to tell."""
    begin = document.find(b"<record>")
    heading = head.known(document[: max(begin, 0)].decode())
    if heading is None:
        return None
    *ended, rest = document[begin:].split(b"</record>")
    found = []
    for octets in ended:
        match = RECORD.fullmatch(octets)
        others = KNOWN.get(match[3]) if match else None
        if match is None or others is None:
            return None
        found.append((match[1].decode(), match[2].decode(), others))
    whole = found and rest.strip() == b"</feedback>" and is_well_formed(document)
    return Familiar(heading, found) if whole else None
