"""What records say verbatim: most say the same as another one, but for their address and their count.

libxml2 reads every octet nevertheless, and it alone says what is XML, how it is nested and which records there are. But
where octets are plain tags and text and nothing else, the same octets mean the same, in another report too. So what stands
behind a record's count is read from its elements once, and known by its octets from then on.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

MAX_KNOWN = 2_000  # of these are remembered ...
MAX_OCTETS = 4 * 1024  # ... that are no longer

Verbatim = tuple[bytes, ...]
"""A record's address, its count, and all that stands behind them."""
Values = tuple[object, ...]

RECORD = re.compile(
    rb"\s*+<record>\s*+<row>\s*+<source_ip>([0-9A-Fa-f.:]++)</source_ip>\s*+<count>([0-9]++)</count>(.*+)", re.DOTALL
)
_NO_ELEMENT = re.compile(rb"<[!?]")  # a comment, CDATA, an instruction: any tag may stand in them as text
_NAMESPACE = re.compile(rb"xmlns\s*=")  # a namespace above the records, which their extensions would be of
_CONTEXT = re.compile(rb"<[^>]*[:=]")  # a prefix or an attribute, as xmlns is: what it means is not said here alone


class Octets:
    """The octets of each record, cut out beside the parser. Where that is not certain, from there on there are none."""

    def __init__(self) -> None:
        """Begin with a document."""
        self.head = b""
        self._waiting = b""
        self._is_head = self._is_certain = True

    def of(self, given: bytes, number: int) -> Sequence[Verbatim]:
        """Those of the next ``number`` records, which have ended in what was given so far; none where it is not certain."""
        if not self._is_certain:
            return ()
        self._waiting += given
        self._is_certain = _is_plain(self._waiting)
        if number and self._is_head:
            self._leave_head()
        found = self._cut(number)
        self._is_certain &= len(found) == number
        return found if self._is_certain else ()

    def _leave_head(self) -> None:
        self.head, begin, behind = self._waiting.partition(b"<record>")
        self._waiting = begin + behind
        self._is_head = False
        self._is_certain &= b"record" not in self.head and not _NAMESPACE.search(self.head)

    def _cut(self, number: int) -> list[Verbatim]:
        """A record begins where its predecessor has ended, and holds nothing else of its name: so it ends with that end tag."""
        *ended, self._waiting = self._waiting.split(b"</record>", number)
        found = [match.groups() for octets in ended if (match := RECORD.fullmatch(octets))]
        return [one for one in found if one[2] in KNOWN or b"record" not in one[2]]


def _is_plain(octets: bytes) -> bool:
    start = octets.find(b"?>") + 2 if octets.startswith(b"<?xml ") else 0
    rare = octets.find(b"!", start) >= 0 or octets.find(b"?", start) >= 0  # a tenth of the time that two octets take
    return not (rare and _NO_ELEMENT.search(octets, start))


class Known(dict[bytes, Values]):
    """What octets of records come to, whatever report they stand in."""

    def keep(self, octets: bytes, values: Values) -> None:
        """Remember it, if these octets mean the same everywhere. They came from ``Octets``."""
        if len(octets) > MAX_OCTETS or ((b":" in octets or b"=" in octets) and _CONTEXT.search(octets)):
            return
        if len(self) >= MAX_KNOWN:
            self.clear()
        self[octets] = values


KNOWN = Known()
